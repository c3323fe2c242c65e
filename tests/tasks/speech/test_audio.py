"""audio.py: recordings of all kinds."""

import io
import types

import numpy as np
import pytest
import soundfile
import tensorflow as tf
from tiny import pipeline_for
from tiny.speech import tones

import lstm_zoo
from lstm_zoo.tasks.speech import TASK, audio

RATE = audio.RATE
SHORT = np.zeros(1600, "float32")


class Torch:
    """What a tensor of PyTorch lets others do with it: it is no array before it has left its gradient and its GPU."""

    def __init__(self, samples, ready=""):
        self.samples, self.ready = samples, ready

    def detach(self):
        return Torch(self.samples, "detached")

    def cpu(self):
        return Torch(self.samples, self.ready + " on the CPU")

    def __array__(self, dtype=None, copy=None):
        assert self.ready == "detached on the CPU"
        return self.samples


class Decoder:
    """A decoder of torchcodec, which Hugging Face's data sets give."""

    def __init__(self, samples, rate):
        self.samples, self.rate = samples, rate

    def get_all_samples(self):
        return types.SimpleNamespace(data=self.samples, sample_rate=self.rate)


class TestRecording:
    @pytest.mark.parametrize(
        ("suffix", "subtype"),
        [
            ("wav", "PCM_16"),
            ("wav", "PCM_24"),
            ("wav", "FLOAT"),
            ("wav", "PCM_U8"),
            ("flac", "PCM_24"),
            ("ogg", "VORBIS"),
            ("mp3", "MPEG_LAYER_III"),
            ("aiff", "PCM_16"),
        ],
    )
    def test_files_as_they_come(self, tune, tmp_path, suffix, subtype):
        path = tmp_path / f"a.{suffix}"
        soundfile.write(path, tune(0.5, 44_100), 44_100, subtype=subtype)
        samples = audio.recording(path)
        assert samples.dtype == np.float32
        assert len(samples) == pytest.approx(RATE / 2, abs=1200 if suffix == "mp3" else 1)
        assert np.std(samples) == pytest.approx(0.1 / np.sqrt(2), rel=0.1)

    @pytest.mark.parametrize("rate", [8_000, 11_025, 22_050, 48_000, 96_000])
    def test_a_tone_keeps_its_pitch_at_any_rate(self, tune, rate):
        samples = audio.recording((tune(1.0, rate), rate))
        assert np.argmax(np.abs(np.fft.rfft(samples))) == pytest.approx(440, abs=1)

    def test_channels_are_averaged(self, tune):
        both = np.stack([tune(0.1), np.zeros(1600, "float32")], 1)
        for samples in (both, both.T, list(both.T)):
            np.testing.assert_allclose(audio.recording((samples, RATE)), tune(0.1) / 2, atol=1e-7)

    def test_whatever_holds_a_recording(self, tune, tmp_path):
        path, wave = tmp_path / "a.wav", tune(0.1)
        soundfile.write(path, wave, RATE, subtype="FLOAT")
        contents, written = path.read_bytes(), io.BytesIO()
        written.write(contents)  # which leaves it at its end
        tensor = tf.constant(wave)
        with path.open("rb") as file:
            for source in (
                path,
                str(path),
                contents,
                bytearray(contents),
                written,
                written,  # once more
                file,
                (wave, RATE),
                (RATE, wave),
                (np.int64(RATE), wave),
                (tensor[None], tf.constant(RATE)),
                (Torch(wave[None]), RATE),
                (wave.tolist(), float(RATE)),
                {"array": wave, "sampling_rate": RATE, "path": "gone.wav"},
                {"bytes": contents, "path": "gone.wav"},
                {"bytes": None, "path": str(path)},
                Decoder(wave[None], RATE),
            ):
                np.testing.assert_array_equal(audio.recording(source), wave)
                (item,) = audio.prepare(source)
                np.testing.assert_array_equal(item, wave)
                ((samples, rate), *_), _ = TASK.read([(source, "A"), ((wave, RATE), "B")])
                assert (len(samples), rate) == (1600, RATE)

    @pytest.mark.parametrize("name", ["int16", "int32", "uint8", "float64"])
    def test_full_scale_of_every_type(self, tune, name):
        wave, dtype = tune(0.1), np.dtype(name)
        scaled = wave if dtype.kind == "f" else wave * 2.0 ** (8 * dtype.itemsize - 1) + 128 * (dtype.kind == "u")
        np.testing.assert_allclose(audio.recording((scaled.astype(dtype), RATE)), wave, atol=0.02)

    def test_what_is_wrong_is_named(self, tmp_path):
        (tmp_path / "a.wav").write_text("no audio")
        (tmp_path / "empty.wav").write_bytes(b"")
        for name in ("a.wav", "empty.wav"):
            with pytest.raises(ValueError, match=rf"{name} is no audio file that can be read \(WAV, FLAC"):
                audio.recording(tmp_path / name)
        with pytest.raises(ValueError, match="is a folder; the path of an audio file"):
            audio.recording(tmp_path)
        with pytest.raises(FileNotFoundError, match=r"b\.wav does not exist"):
            audio.recording(str(tmp_path / "b.wav"))

    @pytest.mark.parametrize(
        ("source", "message"),
        [
            ((np.array([0.0, np.nan, np.inf]), RATE), "NaN or infinite: 2"),
            ((SHORT, 0), "rate outside of 4000 to 384000"),
            ((SHORT, 16), "samples a second. Received: 16"),
            ((SHORT, float("nan")), "samples a second. Received: nan"),
            ((tf.zeros([1]), tf.constant("a")), "Samples are numbers"),
            ((SHORT, -1), "rate outside"),
            ((np.zeros((2, 2, 2)), RATE), r"Samples are numbers, \(samples,\) or \(samples, channels\)"),
            ((np.zeros((1, 1, 9)), RATE), r"Received: float64 \(1, 1, 9\)"),
            ((np.zeros((50, 0)), RATE), r"1 to 8 channels .* Received: float64 \(50, 0\)"),
            ((np.full(5, 7, "int64"), RATE), "Received: int64 samples from 7 to 7"),
            (([[0.1, 0.2], [0.1]], RATE), "Samples are numbers"),
            ((None, RATE), "Samples are numbers"),
            ((np.zeros(9, complex), RATE), "Received: complex128"),
            ((SHORT, SHORT), r"pair \(samples, rate\) is expected"),
            ((RATE, RATE), r"pair \(samples, rate\) is expected"),
            (("a.wav", RATE), r"pair \(samples, rate\) is expected"),
            ({"array": SHORT}, r"array and sampling_rate.* Received: a dict of array"),
            ({"bytes": None, "path": None}, "a dict of bytes, path"),
            ({"bytes": b"no audio", "path": "x.wav"}, "x.wav is no audio file"),
            (b"no audio", "is no audio file"),
            (io.StringIO("text"), "to be opened as a binary file"),
            ((["a"], RATE), "Samples are numbers"),
            ((SHORT, True), r"pair \(samples, rate\) is expected"),
            (5, r"pair \(samples, rate\) is expected"),
            (None, r"pair \(samples, rate\) is expected"),
        ],
    )
    def test_bad_samples(self, source, message):
        with pytest.raises(ValueError, match=message):
            audio.recording(source)


def test_a_lone_recording_is_a_list_of_one(tune, tmp_path):
    soundfile.write(tmp_path / "a.wav", tune(0.1), RATE)
    for raw in (str(tmp_path / "a.wav"), tmp_path / "a.wav", (tune(0.1), RATE), [tune(0.1), RATE]):
        assert len(audio.prepare(raw)) == 1
    for raw in (5, None, tune(0.1), tf.zeros([1, 9]), np.zeros((2, 9))):
        with pytest.raises(ValueError, match="A recording, with its rate, or a list of recordings"):
            audio.prepare(raw)
    (error,) = audio.prepare({"a": 1})
    assert str(error).endswith("Received: a dict of a")
    paths = np.array([str(tmp_path / "a.wav")] * 2)
    assert len(audio.prepare(paths)) == len(audio.prepare(paths.astype(object))) == 2
    wave = (tune(0.1), RATE)
    assert len(audio.prepare([wave, wave])) == len(audio.prepare((wave, wave))) == 2


@pytest.mark.parametrize("model", ["speech/ctc", "speech/streaming", "speech/attention", "speech/keyword"])
def test_what_is_shorter_than_a_frame_has_no_score(model):
    pipeline, key = pipeline_for(model), "label" if model == "speech/keyword" else "text"
    raw = [(np.full(samples, 0.1), RATE) for samples in (0, 1, 399, 400)] + [(np.zeros((2, 0)), 8_000)]
    *unheard, heard, nothing = lstm_zoo.predict(pipeline, raw)
    for answer in (*unheard, nothing):
        assert answer == {key: None if key == "label" else "", "score": None}
    assert heard["score"] is not None


def test_files_in_memory_are_answered(trained):
    file = io.BytesIO()
    soundfile.write(file, tones("ab"), RATE, format="WAV")
    expected = lstm_zoo.predict(trained("speech/ctc"), file.getvalue())
    for raw in (file, [file], iter([file]), {"bytes": file.getvalue(), "path": None}, (RATE, tones("ab"))):
        (answer,) = lstm_zoo.predict(trained("speech/ctc"), raw)
        assert answer["text"] == expected[0]["text"] == "ab"


def test_one_bad_file_does_not_lose_the_others(trained, tmp_path):
    for number in range(6):
        soundfile.write(tmp_path / f"{number}.wav", tones("ab", seed=number), RATE)
    (tmp_path / "3.wav").write_text("no audio")
    paths = [str(tmp_path / f"{number}.wav") for number in range(7)]
    for model, key in (("speech/ctc", "text"), ("speech/keyword", "label")):
        answers = lstm_zoo.predict(trained(model), paths)
        alone = [lstm_zoo.predict(trained(model), paths[row])[0][key] for row in (0, 1, 2, 4, 5)]
        assert [answer[key] for answer in answers] == [*alone[:3], None, *alone[3:], None]
        assert alone.count("ab") >= 3  # of a network of a few recordings
        assert "3.wav is no audio file" in answers[3]["error"]
        assert "6.wav does not exist" in answers[6]["error"]
        assert "error" not in answers[0]
    with pytest.raises(ValueError, match=r"3\.wav is no audio file"):
        lstm_zoo.predict(trained("speech/ctc"), paths[3])
