"""The page in headless Chromium: every tab with real answers, on a desk and on a phone, by keyboard and for axe.

`pip install playwright axe-playwright-python` and a Chromium, the system's or Playwright's own; without them it skips.
"""

import contextlib
import json
import pathlib
import re
import shutil
import time

import numpy as np
import pandas as pd
import pytest
import soundfile

pytestmark = pytest.mark.slow

TABS = ("Label", "Translate", "Transcribe", "Forecast", "Write", "Inside")
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
# Chromium hears a beep in the place of a microphone, and asks nobody.
MICROPHONE = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
PATIENCE = 60_000  # milliseconds that an answer may take


@pytest.fixture(scope="module")
def chromium():
    """The browser; skips where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="tests in a browser: pip install playwright")
    with playwright.sync_playwright() as running:
        try:
            browser = running.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox", *MICROPHONE]
            )
        except playwright.Error as error:
            pytest.skip(f"tests in a browser: no Chromium can be started: {str(error).splitlines()[0]}")
        yield browser
        browser.close()


@pytest.fixture
def opened(chromium, served):
    """A context with the page in a window of a size, which asks nobody but the server."""

    @contextlib.contextmanager
    def opened(size=DESK, **options):
        context = chromium.new_context(viewport=size, permissions=["microphone"], **options)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(served)
        page.get_by_role("tab", name="Label").wait_for()
        yield page
        context.close()
        assert not [address for address in asked if not address.startswith((served, "data:", "blob:", "about:"))]

    return opened


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A table, a recording, and a picture that is called a table."""
    folder = tmp_path_factory.mktemp("files")
    hours = pd.date_range("2026-01-01", periods=800, freq="h")
    load = 50 + 10 * np.sin(np.arange(800) * 2 * np.pi / 24) + np.random.default_rng(0).normal(size=800)
    pd.DataFrame({"unique_id": "mine", "ds": hours, "y": load}).to_csv(folder / "load.csv", index=False)
    soundfile.write(folder / "noise.wav", 0.1 * np.random.default_rng(0).standard_normal(32_000), 16_000)
    (folder / "picture.csv").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    return folder


def open_tab(page, tab):
    """The panel of a tab."""
    page.get_by_role("tab", name=tab, exact=True).click()
    return page.locator("[role=tabpanel]:visible")


def give(page, tab, files):
    """Open a tab and give it what it needs, where it has no example to begin with."""
    panel = open_tab(page, tab)
    if tab == "Transcribe":
        panel.get_by_role("button", name="Upload file").click()
        panel.locator("input[type=file]").first.set_input_files(files / "noise.wav")
        panel.get_by_role("button", name=re.compile("Play|Pause")).first.wait_for()
    if tab == "Forecast":
        panel.locator("input[type=file]").first.set_input_files(files / "load.csv")
        panel.get_by_label("load.csv").wait_for()
    return panel


def press(panel, button, expected):
    """Press a button, and wait for what is expected in the answer."""
    panel.get_by_role("button", name=button, exact=True).click()
    answer = panel.locator(".answers[aria-live]")
    answer.locator(expected).first.wait_for()
    return answer


EXPECTED = {
    "Label": ".words span",
    "Translate": "img",
    "Transcribe": ".answer",
    "Forecast": "img",
    "Write": "p.text:has-text('ROMEO:')",
    "Inside": "iframe",
}


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("tab", TABS)
def test_answers(opened, files, tab, size):
    with opened(size) as page:
        panel = give(page, tab, files)
        press(panel, "Look inside" if tab == "Inside" else tab, EXPECTED[tab])
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        shots = pathlib.Path("build/demo")
        shots.mkdir(parents=True, exist_ok=True)
        page.wait_for_timeout(500)
        page.screenshot(path=shots / f"{tab}-{size['width']}.png", full_page=True)


def test_a_recording(opened):
    with opened() as page:
        panel = open_tab(page, "Transcribe")
        panel.get_by_role("button", name="Record", exact=True).click()
        page.wait_for_timeout(1500)
        panel.get_by_role("button", name="Stop", exact=True).click()
        panel.get_by_role("button", name=re.compile("Play|Pause")).first.wait_for()
        assert "probability" in press(panel, "Transcribe", ".answer").inner_text()


@pytest.mark.parametrize(("tab", "button"), [("Label", "Label"), ("Translate", "Translate"), ("Inside", "Look inside")])
def test_no_text(opened, tab, button):
    with opened() as page:
        panel = open_tab(page, tab)
        panel.get_by_label("Text").fill("")
        assert press(panel, button, "[role=alert]").inner_text() == "There is no text to read. Type one."


def test_a_text_of_a_megabyte(opened):
    with opened() as page:
        panel = open_tab(page, "Label")
        panel.get_by_label("Text").fill("dull " * 200_000)
        assert "Received: 1,000,000" in press(panel, "Label", "[role=alert]").inner_text()


def test_a_picture_that_is_called_a_table(opened, files):
    with opened() as page:
        panel = open_tab(page, "Forecast")
        panel.locator("input[type=file]").first.set_input_files(files / "picture.csv")
        panel.get_by_label("picture.csv").wait_for()
        told = press(panel, "Forecast", "[role=alert]").inner_text()
        assert told.startswith("picture.csv")
        assert "Traceback" not in page.content()


def test_a_file_that_is_too_large(opened, tmp_path):
    (tmp_path / "large.csv").write_text("ds,y\n" + "2026-01-01,1\n" * 200_000)
    with opened() as page:
        panel = open_tab(page, "Forecast")
        panel.locator("input[type=file]").first.set_input_files(tmp_path / "large.csv")
        page.get_by_text("exceed the maximum allowed size").wait_for()
        assert "Traceback" not in page.content()


def test_the_example_of_a_table(opened):
    with opened() as page:
        panel = open_tab(page, "Forecast")
        panel.get_by_role("button", name="Take an example").click()
        panel.get_by_label("load.csv").wait_for()
        press(panel, "Forecast", "table")


def test_what_is_looked_into_is_what_the_task_reads(opened):
    with opened() as page:
        panel = open_tab(page, "Inside")
        assert panel.get_by_label("Text").is_visible()
        panel.get_by_label("Published file").click()
        page.get_by_role("option", name="forecasting-segment-etth1_h96", exact=True).click()
        panel.get_by_role("button", name="Take an example").click()
        assert not panel.get_by_label("Text").is_visible()
        panel.get_by_label("load.csv").wait_for()
        press(panel, "Look inside", "iframe")


def test_the_unit_of_a_text(opened):
    with opened() as page:
        panel = open_tab(page, "Inside")
        press(panel, "Look inside", "iframe")
        frame = page.frame_locator("iframe")
        word = frame.locator(".text span").first
        before = word.get_attribute("style")
        frame.locator("input[type=range]").first.press("ArrowRight")
        assert frame.locator("output").first.inner_text() == "1"
        assert word.get_attribute("style") != before


def test_a_text_can_be_stopped(opened):
    with opened() as page:
        panel = open_tab(page, "Write")
        panel.get_by_label(re.compile("Tokens at most")).first.fill("2048")
        answer = press(panel, "Write", "p.text")
        panel.get_by_role("button", name="Stop", exact=True).click()
        page.wait_for_timeout(500)
        before = answer.inner_text()
        page.wait_for_timeout(500)
        assert answer.inner_text() == before
        assert len(before) < 2048


def test_a_browser_that_is_closed_while_a_text_is_written(opened):
    with opened() as page:
        panel = open_tab(page, "Write")
        press(panel, "Write", "p.text")
    with opened() as page:
        press(open_tab(page, "Label"), "Label", ".answer")


def test_by_keyboard(opened):
    with opened() as page:
        page.get_by_role("tab", name="Label").focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
        panel = page.locator("[role=tabpanel]:visible")
        for _ in range(30):
            page.keyboard.press("Tab")
            focused = page.evaluate("document.activeElement.innerText")
            if (
                focused
                and focused.strip() in ("Label", "Translate")
                and page.evaluate("document.activeElement.matches('[role=tabpanel] button')")
            ):
                break
        page.keyboard.press("Enter")
        panel.locator(".answers .answer").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("tab", TABS)
def test_axe_finds_nothing_serious(opened, files, tab, scheme):
    axe = pytest.importorskip("axe_playwright_python", reason="pip install axe-playwright-python")
    [script] = pathlib.Path(axe.__file__).parent.glob("**/axe.min.js")
    with opened(color_scheme=scheme) as page:
        panel = give(page, tab, files)
        press(panel, "Look inside" if tab == "Inside" else tab, EXPECTED[tab])
        page.wait_for_timeout(500)
        page.add_script_tag(content=script.read_text(encoding="utf-8"))
        found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
        serious = [
            {"id": rule["id"], "nodes": [node["html"][:200] for node in rule["nodes"]]}
            for rule in found
            if rule["impact"] in ("serious", "critical")
        ]
        assert not serious, json.dumps(serious, indent=1)


def test_ten_sessions_for_a_minute(opened):
    """Each asks again as soon as it has its answer."""
    asked = {
        "Label": ("Text", "Great fun, number"),
        "Translate": ("Text", "Ein Hund rennt über die Wiese."),
        "Write": ("Prompt", "ROMEO:"),
    }
    with contextlib.ExitStack() as stack:
        pages = [stack.enter_context(opened()) for _ in range(10)]
        tabs = [[*asked][number % len(asked)] for number in range(len(pages))]
        panels = [open_tab(page, tab) for page, tab in zip(pages, tabs)]
        for panel in panels[2::3]:
            panel.get_by_label("number input for Tokens at most").fill("20")  # an answer begins before it has its end
        end, rounds = time.monotonic() + 60, 0
        while time.monotonic() < end:
            before = []
            for panel, tab in zip(panels, tabs):
                label, text = asked[tab]
                panel.get_by_label(label, exact=True).fill(f"{text} {rounds}")
                before.append(panel.locator(".answers[aria-live]").inner_html())
                panel.get_by_role("button", name=tab, exact=True).click()
            for page, panel, tab, old in zip(pages, panels, tabs, before):
                answer = panel.locator(".answers[aria-live]")
                page.wait_for_function("([node, old]) => node.innerHTML !== old", arg=[answer.element_handle(), old])
                answer.locator(EXPECTED[tab]).first.wait_for()
                assert not panel.locator("[role=alert]:visible").count()
            rounds += 1
        print(f"{rounds} rounds of ten")
