"""demonstration/page.py: what a browser is sent, what it may send, and what happens when it is gone."""

import html.parser
import itertools
import json
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid

import pytest

import lstm_zoo
from lstm_zoo.demonstration import answers

pytestmark = pytest.mark.usefixtures("served")


class Loaded(html.parser.HTMLParser):
    """Addresses that a browser loads to show a page."""

    def __init__(self, content):
        super().__init__()
        self.addresses = []
        self.feed(content)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if tag in ("script", "img", "iframe", "link"):
            self.addresses += [values[name] for name in ("src", "href") if values.get(name)]


def get(address):
    with urllib.request.urlopen(address, timeout=30) as answer:
        return answer.read().decode()


def post(address, body, kind="application/json"):
    """Status and content of an answer."""
    try:
        with urllib.request.urlopen(
            urllib.request.Request(address, body, {"Content-Type": kind}), timeout=60
        ) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def upload(served, name, content):
    """Status and content of the answer to an uploaded file."""
    head = f'--limit\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'.encode()
    return post(
        f"{served}/gradio_api/upload", head + content + b"\r\n--limit--\r\n", "multipart/form-data; boundary=limit"
    )


def messages(served, config, button, inputs):
    """What the server sends after a click on a button with a text."""
    [number] = [part["id"] for part in config["components"] if part["props"].get("value") == button][:1]
    [event] = [event for event in config["dependencies"] if [number, "click"] in event["targets"] and event["outputs"]]
    session = uuid.uuid4().hex
    body = {"data": inputs, "fn_index": event["id"], "session_hash": session}
    status, content = post(f"{served}/gradio_api/queue/join", json.dumps(body).encode())
    assert status == 200, content
    with urllib.request.urlopen(f"{served}/gradio_api/queue/data?session_hash={session}", timeout=60) as lines:
        for line in lines:
            if line.startswith(b"data:"):
                message = json.loads(line[5:])
                yield message
                if message["msg"] == "process_completed":
                    return


def answer_of(served, config, button, inputs):
    [*_, last] = messages(served, config, button, inputs)
    return last["output"]["data"][0]


def test_nothing_comes_from_elsewhere(served):
    page = get(f"{served}/")
    assert not [address for address in Loaded(page).addresses if "//" in address]
    sheet = get(f"{served}/theme.css")
    assert "system-ui" in sheet
    assert all(address.startswith("data:") for address in re.findall(r"url\([\"']?([^\"')]*)", sheet))
    assert "@import" not in sheet


def test_it_tells_nobody(config):
    assert not config["analytics_enabled"]
    assert not config["footer_links"]
    assert {event["api_visibility"] for event in config["dependencies"]} == {"private"}


def test_every_control_has_a_label(config):
    controls = [
        part["props"]
        for part in config["components"]
        if part["type"] in ("textbox", "radio", "dropdown", "slider", "file", "audio")
    ]
    assert len(controls) > 15
    for control in controls:
        assert control["label"]
        assert control.get("show_label", True) is not False


def test_a_tab_a_task_and_one_inside(config):
    tabs = [part["props"]["label"] for part in config["components"] if part["type"] == "tabitem"]
    assert tabs == ["Label", "Translate", "Transcribe", "Forecast", "Write", "Inside"]


def test_an_answer(served, config):
    assert "negative" in answer_of(served, config, "Label", ["sentiment-attention-imdb", "A dull plot."])


def test_an_error_is_a_sentence(served, config):
    page = answer_of(served, config, "Label", ["sentiment-attention-imdb", "dull " * 200_000])
    assert page == (
        '<p class="error" role="alert">A text of at most 5,000 characters is read here. Received: 1,000,000</p>'
    )


def test_published_files_alone_are_loaded(served, config):
    [*_, last] = messages(served, config, "Label", ["hf://somebody/something", "A dull plot."])
    assert not last["success"]
    assert "not in the list of choices" in last["output"]["error"]


def test_two_uploads_at_once(served, config):
    pages, paths = {}, {}
    for name in ("one", "two"):
        rows = "".join(f"{name},2026-01-{day:02},{day}\n" for day in range(1, 31))
        status, content = upload(served, f"{name}.csv", f"unique_id,ds,y\n{rows}".encode())
        assert status == 200
        [paths[name]] = json.loads(content)

    def ask(name):
        file = {"path": paths[name], "orig_name": f"{name}.csv", "meta": {"_type": "gradio.FileData"}}
        pages[name] = answer_of(served, config, "Forecast", ["forecasting-segment-etth1_h96", file, "", 1])

    threads = [threading.Thread(target=ask, args=[name]) for name in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ">one<" in pages["one"]
    assert ">two<" not in pages["one"]
    assert ">two<" in pages["two"]


def test_a_picture_is_no_table(served, config):
    _, content = upload(served, "load.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    [path] = json.loads(content)
    file = {"path": path, "orig_name": "load.csv", "meta": {"_type": "gradio.FileData"}}
    page = answer_of(served, config, "Forecast", ["forecasting-segment-etth1_h96", file, "", 1])
    assert 'role="alert">load.csv' in page


def test_a_file_that_is_too_large(served):
    status, content = upload(served, "load.csv", b"1" * 2**21)
    assert status == 413, content


def test_a_request_that_is_too_large(served):
    status, content = post(f"{served}/gradio_api/queue/join", b'{"data": ["' + b"1" * 2**21 + b'"]}')
    assert (status, content) == (413, "At most 1114112 bytes are read.")


def test_other_files_of_the_machine_are_not_read(served, config):
    file = {"path": __file__, "orig_name": "load.csv", "meta": {"_type": "gradio.FileData"}}
    [*_, last] = messages(served, config, "Forecast", ["forecasting-segment-etth1_h96", file, "", 1])
    assert not last["success"]
    with pytest.raises(urllib.error.HTTPError):
        get(f"{served}/gradio_api/file={__file__}")


def test_who_has_gone_gets_no_more(served, config, monkeypatch):
    written = itertools.count()

    def endless(*_):
        for number in written:
            time.sleep(0.02)
            yield f"<p>{number}</p>"

    monkeypatch.setattr(answers.lstm_zoo.inference, "stream", endless)
    monkeypatch.setattr(answers, "pipeline", lambda name: None)
    stream = messages(served, config, "Write", ["text_generation-character-shakespeare", "", 0.8, 10, 0])
    assert any(message["msg"] == "process_generating" for message in stream)  # up to the first
    stream.close()  # the connection ends, as that of a browser that is closed
    time.sleep(2)
    before = next(written)
    time.sleep(0.5)
    assert next(written) == before + 1


def test_a_process_serves_and_ends():
    command = [sys.executable, "-m", "lstm_zoo", "demo", "--port", "0"]
    begin = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    line = process.stdout.readline()
    print(f"started after {time.monotonic() - begin:.1f} s")
    assert re.fullmatch(r"Serving http://127\.0\.0\.1:\d+/\n", line), line + process.stderr.read()
    assert "<title>" in get(line.split()[1]) or "gradio" in get(line.split()[1])
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0


def test_a_port_that_is_taken(served, call):
    error = call("demo", "--port", served.rpartition(":")[2], code=2)
    assert error.startswith("Error: ")
    assert "in use" in error


def test_it_is_a_verb():
    assert lstm_zoo.demo.__module__ == "lstm_zoo.demonstration"
