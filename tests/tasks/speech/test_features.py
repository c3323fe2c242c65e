"""features.py: log-mel frames, normalized and masked."""

import numpy as np
import pytest

from lstm_zoo.tasks.speech import features
from lstm_zoo.tasks.speech.audio import RATE


class TestLogMel:
    def test_against_the_definition(self):
        wave = np.random.default_rng(0).standard_normal(2000).astype("float32")
        frames, lengths = features.LogMel()(wave[None], np.array([2000]))
        assert lengths.numpy().tolist() == [11]  # (2000 - 400) / 160 + 1
        windows = np.stack([wave[start : start + 400] for start in range(0, 1601, 160)])
        shaped = windows - 0.97 * np.concatenate([windows[:, :1], windows[:, :-1]], 1)
        shaped *= 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(400) / 400)
        power = np.abs(np.fft.rfft(shaped, 512)) ** 2
        mel = lambda hertz: 1127 * np.log(1 + hertz / 700)  # noqa: E731
        edges = np.linspace(mel(20), mel(7600), 82)
        at = mel(np.arange(257) * RATE / 512)[:, None]
        rise, fall = (at - edges[:-2]) / (edges[1:-1] - edges[:-2]), (edges[2:] - at) / (edges[2:] - edges[1:-1])
        bank = np.maximum(0, np.minimum(rise, fall))
        bank[0] = 0
        np.testing.assert_allclose(frames[0], np.log(power @ bank + 1e-10), atol=2e-3)

    @pytest.mark.parametrize("samples", [0, 1, 399, 400, 559, 560, 5000])
    def test_frames_lie_whole_within_the_recording(self, samples):
        wave = np.ones((1, samples), "float32")
        frames, lengths = features.LogMel()(wave, np.array([samples]))
        assert lengths[0] == features.num_frames(samples) == max(0, (samples - 400) // 160 + 1)
        padded, again = features.LogMel()(np.pad(wave, ((0, 1), (0, 3000))), np.array([samples, 0]))
        assert again.numpy().tolist() == [lengths[0], 0]
        np.testing.assert_array_equal(padded[0, : lengths[0]], frames[0, : lengths[0]])
        assert not padded[1].numpy().any()


class TestNormalization:
    def test_normalization_takes_the_volume_away(self):
        wave = np.random.default_rng(0).standard_normal(8000).astype("float32") * np.linspace(0.01, 0.1, 8000)
        spoken = [
            features.LogMel()(volume * wave[None].astype("float32"), np.array([8000])) for volume in (0.1, 1.0, 10.0)
        ]
        normal = [features.UtteranceNormalization()(*frames).numpy() for frames in spoken]
        np.testing.assert_allclose(normal[0], normal[1], atol=0.02)
        np.testing.assert_allclose(normal[2], normal[1], atol=0.02)
        assert normal[1].mean() == pytest.approx(0, abs=1e-5)
        assert normal[1].std() == pytest.approx(1, abs=0.02)

    def test_running_normalization_needs_nothing_of_what_is_to_come(self):
        frames = np.random.default_rng(0).standard_normal((1, 50, 80)).astype("float32")
        whole = features.RunningNormalization()(frames, np.array([50])).numpy()
        part = features.RunningNormalization()(frames[:, :20], np.array([20])).numpy()
        np.testing.assert_allclose(part, whole[:, :20], atol=1e-6)
        first = features.run_normalization(frames[:, :20], np.zeros((1, 80), "float32"), 0)
        second = features.run_normalization(frames[:, 20:], np.sum(frames[:, :20], 1), 20)
        np.testing.assert_allclose(np.concatenate([first, second], 1), whole, atol=1e-5)


class TestSpecAugment:
    def test_masks_are_stripes_and_for_training_alone(self):
        layer, frames = features.SpecAugment(27, 40, growth=0, seed=1), np.ones((64, 200, 80), "float32")
        lengths = np.full(64, 200)
        np.testing.assert_array_equal(layer(frames, lengths, training=False), frames)
        masked = layer(frames, lengths, training=True).numpy() == 0
        assert 0.05 < masked.mean() < 0.6
        bands, steps = masked.all(1), masked.all(2)
        np.testing.assert_array_equal(masked, bands[:, None] | steps[:, :, None])
        assert bands.sum(1).max() <= 2 * 27
        assert steps.sum(1).max() <= 2 * 25  # an eighth of 200
        assert len({row.tobytes() for row in masked}) > 60
        with pytest.raises(ValueError, match="at least 0 wide"):
            features.SpecAugment(-1, 0)

    def test_masks_grow(self):
        layer, frames = features.SpecAugment(27, 40, growth=10, seed=1), np.ones((64, 400, 80), "float32")
        shares = [np.mean(layer(frames, np.full(64, 400), training=True) == 0) for _ in range(20)]
        assert shares[0] < 0.25 * shares[10]  # a tenth as wide, rounded up
        assert np.mean(shares[2:5]) < 0.7 * np.mean(shares[10:])
