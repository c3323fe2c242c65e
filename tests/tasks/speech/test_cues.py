"""cues.py: subtitles of words and their times."""

import json

import numpy as np
import pytest
from tiny import pipeline_for
from tiny.speech import tones

import lstm_zoo
from lstm_zoo.tasks import speech
from lstm_zoo.tasks.speech import cues
from lstm_zoo.tasks.speech.audio import RATE


def said(words, gaps=(0.1,)):
    """An alignment of words of 0.3 s, with these gaps between them in turn."""
    alignment, time = [], 0.5
    for number, word in enumerate(words):
        alignment.append({"word": word, "start": round(time, 2), "end": round(time + 0.3, 2)})
        time += 0.3 + gaps[number % len(gaps)]
    return {"alignment": alignment}


def test_formats():
    answer = said(["A&B", "TWO", "THREE"], [0.1, 3601])
    assert speech.subtitles(answer) == (
        "1\n00:00:00,500 --> 00:00:01,500\nA&B TWO\n\n2\n01:00:02,200 --> 01:00:03,200\nTHREE\n"
    )
    assert speech.subtitles(answer, "vtt").startswith("WEBVTT\n\n00:00:00.500 --> 00:00:01.500\nA&amp;B TWO\n\n01:00")
    cue = {"start": 0.5, "end": 1.5, "text": "A&B TWO", "words": answer["alignment"][:2]}
    assert json.loads(speech.subtitles(answer, "json"))[0] == cue
    assert speech.subtitles(answer, "txt") == "A&B TWO\nTHREE\n"
    assert [speech.subtitles({"alignment": []}, format) for format in cues.FORMATS] == ["", "WEBVTT\n", "[]\n", ""]


def test_cues_are_short_and_end_at_pauses():
    words = [f"WORD{number % 7 * 'S'}" for number in range(200)] + ["X" * 100]
    answer = said(words, [0.1, 0.1, 0.4, 0.1, 0.2])
    found = cues.cues_of(answer["alignment"])
    assert " ".join(line for cue in found for line in cue["lines"]).replace("X ", "X") == " ".join(words)
    for cue, after in zip(found, [*found[1:], None]):
        assert len(cue["lines"]) <= 2
        assert max(map(len, cue["lines"])) <= 42
        assert cue["end"] - cue["start"] <= 7.01
        assert after is None or min(cue["start"] + 1, after["start"]) <= cue["end"] <= after["start"]
    starts, gap_before = [cue["start"] for cue in found[:-3]], {}
    for before, word in zip(answer["alignment"], answer["alignment"][1:]):
        gap_before[word["start"]] = word["start"] - before["end"]
    assert np.mean([gap_before[start] > 0.3 for start in starts[1:]]) > 0.9


def test_predict_gives_them():
    pipeline = pipeline_for("speech/ctc")
    first, second = lstm_zoo.predict(pipeline, [(tones("ab"), RATE), "none.wav"], format="vtt")
    assert first["subtitles"].startswith("WEBVTT\n")
    assert "alignment" not in first
    assert second["subtitles"] is None
    (answer,) = lstm_zoo.predict(pipeline, (tones("ab"), RATE), alignment=True)
    assert speech.subtitles(answer, "vtt") == first["subtitles"]


def test_bad_input(call, request):
    for answer in ({"text": "A"}, {"alignment": None}, [{"alignment": []}], "A"):
        with pytest.raises(ValueError, match=r"alignment=True\) is expected. Received: "):
            speech.subtitles(answer)
    for answer in (
        lambda: speech.subtitles(said("A"), "ass"),
        lambda: lstm_zoo.predict(pipeline_for("speech/ctc"), "a", format="ass"),
    ):
        with pytest.raises(ValueError, match="format is one of srt, vtt, json, txt. Received: 'ass'"):
            answer()
    goldens = request.config.rootpath / "tests" / "goldens"
    for golden in ("speech-keyword", "speech-attention", "sentiment-bilstm"):
        printed = " ".join(call("predict", goldens / f"{golden}.keras", "a.wav", "--format", "srt", code=2).split())
        assert "'format' is an option of speech/ctc, speech/streaming." in printed


def test_a_command_line_prints_them_alone(call, request, tmp_path):
    import soundfile

    soundfile.write(tmp_path / "a.wav", tones("ab"), RATE)
    golden = request.config.rootpath / "tests" / "goldens" / "speech-ctc.keras"
    (answer,) = lstm_zoo.predict(golden, str(tmp_path / "a.wav"), alignment=True)
    assert call("predict", golden, tmp_path / "a.wav", "--format", "srt") == speech.subtitles(answer)
    printed = call("predict", golden, tmp_path / "a.wav", "--format", "srt", "--json")
    assert json.loads(printed)[0]["subtitles"] == speech.subtitles(answer)
    several = [tmp_path / "a.wav", tmp_path / "a.wav"]
    assert "one recording. Received: 2" in call("predict", golden, *several, "--format", "srt", code=2)
