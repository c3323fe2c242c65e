"""audio.py: recordings of all kinds."""

import numpy as np
import pytest
import soundfile
from tiny.speech import tones

import lstm_zoo
from lstm_zoo.tasks.speech import audio

RATE = audio.RATE
SHORT = np.zeros(1600, "float32")


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
        np.testing.assert_allclose(audio.recording((both, RATE)), tune(0.1) / 2, atol=1e-7)

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
            ((SHORT, -1), "rate outside"),
            ((np.zeros((2, 2, 2)), RATE), r"Samples are numbers, \(samples,\) or \(samples, channels\)"),
            ((np.zeros((5, 0)), RATE), "at least one channel"),
            ((np.zeros(5, "int64"), RATE), "int64 samples have no full scale"),
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
    with pytest.raises(ValueError, match="A recording or a list of recordings"):
        audio.prepare({"a": 1})


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
