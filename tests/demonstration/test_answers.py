"""demonstration/answers.py: what the tabs answer, with published files and without a browser; and what they refuse."""

import html.parser
import itertools
import re

import numpy as np
import pandas as pd
import pytest
import soundfile

from lstm_zoo.demonstration import answers
from lstm_zoo.demonstration.turns import with_warnings

VOID = {"img", "br"}


class Page(html.parser.HTMLParser):
    """What is in HTML: its text, its pictures, and the tags that are open."""

    def __init__(self, content):
        super().__init__()
        self.text, self.images, self.frames, self.open = "", [], [], []
        self.feed(content)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attributes):
        self.images += [dict(attributes)] if tag == "img" else []
        self.frames += [dict(attributes)] if tag == "iframe" else []
        self.open += [] if tag in VOID else [tag]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += f"{data}\n"


@pytest.fixture
def recording(tmp_path):
    """The path of two seconds of noise."""
    path = tmp_path / "noise.wav"
    soundfile.write(path, 0.1 * np.random.default_rng(0).standard_normal(32_000), 16_000)
    return str(path)


@pytest.fixture
def table(tmp_path):
    """The path of a load by the hour."""
    hours = pd.date_range("2026-01-01", periods=800, freq="h")
    load = 50 + 10 * np.sin(np.arange(800) * 2 * np.pi / 24)
    pd.DataFrame({"ds": hours, "load": load}).to_csv(tmp_path / "load.csv", index=False)
    return str(tmp_path / "load.csv")


def assert_pictures(page, count):
    assert len(page.images) == count
    for image in page.images:
        assert image["alt"].endswith(".")
        assert image["src"].startswith("data:image/png;base64,iVBOR")


class TestLabel:
    @pytest.mark.parametrize("name", ["sentiment-attention-imdb", "sentiment-wide-imdb_sentences"])
    def test_with_the_words_that_decided(self, name):
        text = "A <i>terrible</i> plot & wooden acting, but great fun."
        words = dict(answers.weigh(answers.pipeline(name), text, "negative"))
        assert words["great"] < 0 < words["wooden"]
        page = Page(answers.label(name, text))
        assert "<i>terrible</i>" in page.text
        assert len(re.findall(r"\d\.\d% without “\S+”", page.text)) == 3

    def test_with_the_words_that_were_looked_at(self):
        page = Page(answers.label("sentiment-attention-imdb", "A dull plot."))
        assert re.search(r"It looked most at “\S+” \d+%, ", page.text)

    def test_a_long_text(self):
        page = Page(answers.label("sentiment-wide-imdb_sentences", "A dull plot. " * 100))
        assert "negative" in page.text
        assert "without" not in page.text

    @pytest.mark.parametrize("text", ["?!", "\0", "这部电影", "‮gnihton"])
    def test_of_what_has_no_words_that_it_knows(self, text):
        assert "probability" in Page(answers.label("sentiment-attention-imdb", text)).text


class TestTranslate:
    NAME = "translation-attention-general-de-en"

    def test_with_the_attention(self):
        page = Page(answers.translate(self.NAME, "Ein Hund rennt über die Wiese."))
        assert page.text.startswith("A dog runs across the grass.\n")
        assert_pictures(page, 1)

    def test_a_long_text_is_translated_without_a_picture(self):
        page = Page(answers.translate(self.NAME, "Ein Hund rennt über die Wiese.\n" * 10))
        assert page.text.count("dog") == 10
        assert "at most 60 subwords" in page.text
        assert_pictures(page, 0)


class TestTranscribe:
    @pytest.mark.parametrize("name", ["speech-ctc-an4_all", "speech-keyword-digits"])
    def test_noise(self, name, recording):
        assert "probability" in Page(answers.transcribe(name, recording)).text

    def test_words_have_times(self, recording, monkeypatch):
        words = [{"word": "YES", "start": 0.4, "end": 0.72, "confidence": 0.914}]
        answer = {"text": "YES", "score": -0.1, "alignment": words}
        monkeypatch.setattr(answers.lstm_zoo, "predict", lambda *_, **__: [answer], raising=False)
        page = Page(answers.transcribe("speech-ctc-an4_all", recording))
        assert "YES\n0.4\n0.72\n0.91\n" in page.text
        assert "0.9" in page.text
        assert_pictures(page, 1)

    @pytest.mark.parametrize("name", ["speech-ctc-an4_all", "speech-keyword-digits"])
    def test_what_is_too_short_to_be_heard(self, name, tmp_path):
        soundfile.write(tmp_path / "click.wav", np.zeros(100), 16_000)
        assert "nothing was heard" in answers.transcribe(name, str(tmp_path / "click.wav"))


class TestForecast:
    NAME = "forecasting-segment-etth1_h96"

    def test_with_a_backtest(self, table):
        page = Page(answers.forecast(self.NAME, table, "y=load", 2))
        assert_pictures(page, 1)
        assert "2026-02-03 08:00:00" in page.text
        assert "NLinear" in page.text

    def test_what_is_too_short_for_a_backtest(self, tmp_path):
        (tmp_path / "few.csv").write_text("ds,y\n2026-01-01,1\n2026-01-02,2\n2026-01-03,2\n")
        page = Page(answers.forecast(self.NAME, str(tmp_path / "few.csv"), "", 2))
        assert_pictures(page, 1)
        assert "No backtest: No series is longer than the horizon of 96 steps." in page.text

    def test_what_is_left_out_is_told(self, table):
        frame = pd.read_csv(table).assign(price=1.0)
        frame.to_csv(table, index=False)
        told = with_warnings(answers.forecast, self.NAME, table, " y=load ", 1)
        assert "Columns of load.csv that are left out: price." in Page(told).text


class TestWrite:
    NAME = "text_generation-character-shakespeare"

    def test_part_by_part(self):
        pages = [Page(part).text for part in answers.write(self.NAME, "<i>ROMEO:", 0.8, 40, 1)]
        assert len(pages) > 4
        for before, after in itertools.pairwise(pages):
            assert after.replace("\n", "").startswith(before.replace("\n", ""))
        assert pages[-1].startswith("<i>ROMEO:")
        assert 50 <= len(pages[-1]) < 60

    def test_an_empty_prompt(self):
        *_, last = answers.write(self.NAME, "", 0, 8, 0)
        assert Page(last).text.strip()

    def test_more_than_is_written(self):
        with pytest.raises(ValueError, match="At most 2,048 tokens are written here. Received: 1,000,000"):
            next(answers.write(self.NAME, "ROMEO:", 0.8, 1_000_000, 0))


class TestLookInside:
    @pytest.mark.parametrize("name", ["sentiment-attention-imdb", "text_generation-character-shakespeare"])
    def test_texts(self, name):
        [frame] = Page(answers.look_inside(name, "Not <i>bad</i>.", None, None, "")).frames
        assert name in frame["title"]
        assert frame["sandbox"] == "allow-scripts"
        assert_pictures_of_a_page(frame["srcdoc"])

    def test_recordings_and_series(self, recording, table):
        for name in ("speech-keyword-digits", "forecasting-segment-etth1_h96"):
            [frame] = Page(answers.look_inside(name, "", recording, table, "y=load")).frames
            assert_pictures_of_a_page(frame["srcdoc"])


def assert_pictures_of_a_page(content):
    assert content.startswith("<!doctype html>")
    assert "<img alt=" in content


class TestRefused:
    """What a visitor can do wrong: a ValueError, whose message is a sentence."""

    @pytest.mark.parametrize("function", [answers.label, answers.translate])
    @pytest.mark.parametrize(("text", "message"), [(" \n", "no text to read"), ("a" * 2**20, "Received: 1,048,576")])
    def test_texts(self, function, text, message):
        with pytest.raises(ValueError, match=message):
            function("", text)

    def test_a_text_that_is_too_long_to_look_into(self):
        with pytest.raises(ValueError, match="at most 1,000 characters"):
            answers.look_inside("sentiment-attention-imdb", "a" * 1_001, None, None, "")

    def test_the_name_of_a_file_is_a_text(self):
        assert "probability" in answers.label("sentiment-attention-imdb", __file__)

    @pytest.mark.parametrize(
        ("samples", "message"), [(None, "Record one"), (b"\x89PNG\r\n", "no audio"), (61, "at most 60 s")]
    )
    def test_recordings(self, tmp_path, samples, message):
        path = tmp_path / "recording.flac"
        if isinstance(samples, int):
            soundfile.write(path, np.zeros(samples * 8_000), 8_000)
        elif samples is not None:
            path.write_bytes(samples)
        with pytest.raises(ValueError, match=message):
            answers.transcribe("", None if samples is None else str(path))

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (None, "Upload a CSV file"),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is not UTF-8|no table|PNG"),
            (b"", "empty|no rows|lacks"),
            (b"ds,load\n2026-01-01,1\n", "y"),
            (b"unique_id,ds,y\n" + b"".join(b"%d,%d,1\n" % (row // 3, row) for row in range(60)), "At most 12 series"),
        ],
    )
    def test_tables(self, tmp_path, content, message):
        path = tmp_path / "load.csv"
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(ValueError, match=message):
            answers.forecast("forecasting-segment-etth1_h96", None if content is None else str(path), "", 1)
