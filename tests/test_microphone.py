"""microphone.py: what a microphone hears is written, with a module in the place of sounddevice."""

import sys
import types

import numpy as np
import pytest
from tiny.speech import tones

import lstm_zoo
from lstm_zoo import microphone

RATE = 48_000  # samples a second of the microphone


class Microphone:
    """A stream of sounddevice that has heard something, behind which somebody presses Ctrl-C."""

    def __init__(self, heard, samplerate, channels, dtype, device):
        assert (samplerate, channels, dtype) == (RATE, 1, "float32")
        self.heard = heard.astype(dtype)[:, None]

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.heard = None

    def read(self, count):
        if not len(self.heard):
            raise KeyboardInterrupt
        part, self.heard = self.heard[:count], self.heard[count:]
        return part, False


@pytest.fixture
def hears(monkeypatch):
    """Has the machine a microphone that hears samples."""

    class PortAudioError(Exception):
        pass

    def query_devices(device, kind):
        if device == 99:
            raise PortAudioError("Error querying device 99")
        if device is not None:
            raise ValueError(f"No {kind} device matching {device!r}")
        return {"name": "USB microphone", "default_samplerate": float(RATE)}

    def put(samples):
        module = types.SimpleNamespace(PortAudioError=PortAudioError, query_devices=query_devices)
        module.InputStream = lambda **options: Microphone(samples, **options)
        monkeypatch.setitem(sys.modules, "sounddevice", module)

    put(np.zeros(0))
    return put


@pytest.fixture
def golden(request):
    return lambda model: request.config.rootpath / "tests" / "goldens" / f"speech-{model}.keras"


def test_text_is_written(call, hears, golden):
    wave = tones("abab", RATE, seed=1)
    hears(wave)
    assert call("listen", golden("streaming")) == lstm_zoo.predict(golden("streaming"), (wave, RATE))[0]["text"] + "\n"


def test_words_are_written(call, hears, golden, monkeypatch):
    pause = 0.002 * np.random.default_rng(0).standard_normal(RATE)
    hears(np.concatenate([pause, tones("a", RATE), pause, pause, tones("ab", RATE)]))
    drawn = []
    monkeypatch.setattr(microphone, "_draw", drawn.append)
    lines = call("listen", golden("keyword"), "--keyword").splitlines()
    labels = lstm_zoo.info(golden("keyword"))["labels"]
    assert [line.split()[0] in labels for line in lines] == [True, True]
    assert any("[####" in text for text in drawn)
    assert min(text.count("#") for text in drawn if "[" in text) < 4


def test_words_are_what_is_louder_than_the_room():
    random = np.random.default_rng(0)
    wave = 0.001 * random.standard_normal(8 * 16_000)
    for begin, end in ((16_000, 24_000), (48_000, 60_000), (119_000, 128_000)):
        wave[begin:end] += 0.1 * random.standard_normal(end - begin)
    wave[90_000:90_300] = 0.5  # a click
    found = list(microphone.words(np.split(wave, 80)))
    assert [len(word) / 16_000 for word in found] == pytest.approx([0.8, 1.05, 0.71], abs=0.05)
    assert list(microphone.words(np.split(0 * wave, 80))) == []
    assert list(microphone.words([])) == []


@pytest.mark.parametrize(
    ("model", "words", "message"),
    [
        ("ctc", [], "A pipeline of speech/streaming is expected, or --keyword. Received: speech/ctc"),
        ("streaming", ["--keyword"], "A pipeline of speech/keyword is expected. Received: speech/streaming"),
        ("streaming", ["--device", "99"], "No microphone (Error querying device 99): `python -m sounddevice` lists"),
        ("streaming", ["--device", "Blue"], "No microphone (No input device matching 'Blue'): "),
    ],
)
def test_bad_input(call, hears, golden, model, words, message):
    printed = call("listen", golden(model), *words, code=2)
    assert printed.startswith(f"Error: {message}")
    assert printed.count("\n") == 1


def test_what_is_not_installed(call, golden, monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    printed = call("listen", golden("streaming"), code=2)
    assert printed == "Error: listen needs sounddevice: pip install 'lstm_zoo[microphone]'\n"

    def missing(*_):
        raise OSError("PortAudio library not found")

    monkeypatch.setattr(microphone, "need", missing)
    with pytest.raises(ImportError, match="listen needs PortAudio, on Debian and Ubuntu: apt install libportaudio2"):
        microphone.listen()
