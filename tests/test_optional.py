"""optional.py, and every command that needs a package of an extra: one line that says how to get it."""

import sys

import pytest

from lstm_zoo import optional
from lstm_zoo.weights import places


def test_missing_package():
    with pytest.raises(ImportError, match=r"translation needs nonesuch: pip install 'lstm_zoo\[translation\]'"):
        optional.need("nonesuch", "translation")


@pytest.mark.parametrize(
    ("words", "package", "extra"),
    [
        (["serve", "sentiment"], "starlette", "serve"),
        (["serve", "sentiment"], "uvicorn", "serve"),
        (["demo"], "gradio", "demo"),
        (["search", "sentiment"], "keras_tuner", "search"),
        (["export", "sentiment-bilstm.keras", "network.onnx", "--format", "onnx"], "onnx", "onnx"),
        (["predict", "translation-attention.keras", "Ein Hund."], "tensorflow_text", "translation"),
        (["evaluate", "translation-attention.keras", "--data", "pairs.csv"], "sacrebleu", "translation"),
        (["predict", "speech-ctc.keras", "recording.wav"], "soundfile", "speech"),
        (["train", "sentiment/awd", "--data", "texts.csv"], "sentencepiece", "translation"),
        (["train", "text_generation/awd", "--data", "lines.txt"], "sentencepiece", "translation"),
        (["download", "sentiment"], "huggingface_hub", "hf"),
    ],
)
def test_every_command_says_what_is_missing(call, monkeypatch, tmp_path, request, words, package, extra):
    goldens = request.config.rootpath / "tests" / "goldens"
    words = [goldens / word if word.endswith(".keras") else word for word in words]
    (tmp_path / "pairs.csv").write_text("source,target\nEin Hund.,A dog.\n")
    (tmp_path / "texts.csv").write_text("text,label\n" + "good,yes\nbad,no\n" * 5)
    (tmp_path / "lines.txt").write_text("To be, or not to be\n" * 20)
    (tmp_path / "recording.wav").write_bytes(b"RIFF")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, package, None)  # importing it is an ImportError
    if extra == "hf":
        monkeypatch.setenv("LSTM_ZOO_WEIGHTS", "hf://owner/repository")
        monkeypatch.setenv("LSTM_ZOO_CACHE", str(tmp_path / "cache"))
        monkeypatch.setattr(places, "CHECKOUT", tmp_path / "weights")
    error = call(*words, code=2)
    [line] = [line for line in error.splitlines() if line.startswith("Error: ")]
    assert package in line
    assert f"pip install 'lstm_zoo[{extra}]'" in line
    assert "Traceback" not in error
