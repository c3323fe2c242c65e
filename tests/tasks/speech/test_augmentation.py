"""augmentation/: what training does to samples."""

import re
import types

import numpy as np
import pytest
from scipy import signal

from lstm_zoo.tasks.speech import TASK
from lstm_zoo.tasks.speech.audio import FRAME, RATE
from lstm_zoo.tasks.speech.augmentation import (
    AUGMENTATIONS,
    augmentation_names,
    augmenter,
    channels,
    noises,
    silences,
    voices,
)
from lstm_zoo.tasks.speech.keyword import TASK as KEYWORD

# In the place of a generator: the most that can be drawn.
MOST = types.SimpleNamespace(uniform=lambda low, high: high)


def power(samples, low, high):
    """Power between two frequencies in Hz."""
    hertz = np.fft.rfftfreq(len(samples), 1 / RATE)
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
    return spectrum[(hertz >= low) & (hertz < high)].sum()


def centre(samples, low, high):
    """Mean frequency between two, in Hz."""
    hertz = np.arange(low, high, 10)
    powers = np.array([power(samples, each, each + 10) for each in hertz])
    return (powers * (hertz + 5)).sum() / powers.sum()


@pytest.fixture(scope="module")
def vowel():
    """A second of harmonics of 150 Hz, with formants at 700 and 1800 Hz."""
    hertz, time = 150 * np.arange(1, 50), np.arange(RATE) / RATE
    heights = np.exp(-(((hertz - 700) / 150) ** 2)) + 0.5 * np.exp(-(((hertz - 1800) / 200) ** 2)) + 1e-4
    return (0.1 * heights @ np.sin(2 * np.pi * hertz[:, None] * time + hertz[:, None] ** 2)).astype("float32")


class TestChain:
    """All of it, or some."""

    def test_the_generator_alone_decides(self, tune):
        augment, wave = augmenter(augmentation_names("all"), [tune(0.5)]), tune(1.0)
        draws = [augment(wave, np.random.default_rng(seed)) for seed in range(10)]
        for seed, draw in enumerate(draws):
            np.testing.assert_array_equal(draw, augment(wave, np.random.default_rng(seed)))
        assert len({draw.tobytes() for draw in draws}) == 10
        assert len(augment(wave[:0], np.random.default_rng(0))) == 0

    @pytest.mark.parametrize("name", AUGMENTATIONS)
    @pytest.mark.parametrize("size", [FRAME, RATE // 2 + 1])
    def test_each_does_something_and_only_speed_takes_time_away(self, name, size, tune):
        _, change = AUGMENTATIONS[name]
        others = [[tune(0.3, pitch=2000)]] if name == "babble" else []
        for seed in range(3):
            for wave in (4 * tune(1.0)[:size], np.zeros(size, "float32")):
                changed = change(wave, np.random.default_rng(seed), *others)
                assert changed.dtype == "float32"
                assert np.isfinite(changed).all()
                assert len(changed) >= (int(size / max(voices.SPEEDS)) if name == "speed" else size)
                assert not wave.any() or changed.tobytes() != wave.tobytes()

    def test_names(self):
        assert augmentation_names("all") == tuple(AUGMENTATIONS)
        assert augmentation_names("none") == augmentation_names([]) == ()
        assert augmentation_names("noise, pitch") == augmentation_names(["noise", "pitch"]) == ("pitch", "noise")
        with pytest.raises(ValueError, match="Unknown augmentation: 'ptich'. Did you mean 'pitch'?"):
            augmentation_names("noise,ptich")
        for bad in (None, True, 3, [3]):
            with pytest.raises(ValueError, match='"all", "none" or a list of names. Received: '):
                augmentation_names(bad)


def test_the_guide_tells_of_all_of_it(request):
    guide = (request.config.rootpath / "docs" / "tasks" / "speech.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `(\w+)` \| ([\d.]+) \|", guide, flags=re.MULTILINE)
    assert told == [(name, str(share)) for name, (share, _) in AUGMENTATIONS.items()]


def test_pitch_moves_a_tone_and_keeps_its_time(tune):
    wave, expected = tune(1.0), 440 * 2 ** (voices.SEMITONES / 12)
    changed = voices.pitch(wave, MOST)
    assert len(changed) == len(wave)
    assert power(changed, expected - 5, expected + 5) > 0.95 * power(changed, 0, RATE / 2)


def test_the_vocal_tract_moves_formants_and_keeps_the_pitch(vowel):
    changed = voices.vocal_tract(vowel, MOST)
    for low, high in ((300, 1250), (1250, 2800)):
        assert 1.05 < centre(changed, low, high) / centre(vowel, low, high) < max(voices.STRETCHES) + 0.02
    harmonics = sum(power(changed, hertz - 10, hertz + 10) for hertz in range(150, 3000, 150))
    assert harmonics > 0.99 * power(changed, 0, RATE / 2)


def test_noise_and_babble_are_below_the_recording(vowel, tune):
    for seed in range(5):
        noise = noises.noise(vowel, np.random.default_rng(seed)) - vowel
        babble = noises.babble(vowel, np.random.default_rng(seed), [tune(0.3, pitch=3000)]) - vowel
        for added, (low, high) in ((noise, noises.SNR), (babble, noises.BABBLE_SNR)):
            assert low - 0.1 < 20 * np.log10(np.std(vowel) / np.std(added)) < high + 0.1
        assert power(babble, 2900, 3100) > 0.9 * power(babble, 0, RATE / 2)


@pytest.mark.parametrize("change", [channels.telephone, channels.g711])
def test_a_telephone_has_nothing_above_4_khz(change):
    white = np.random.default_rng(0).normal(0, 0.1, RATE).astype("float32")
    changed = change(white, np.random.default_rng(0))
    assert power(changed, 4200, 8000) < 1e-6 * power(changed, 500, 3000)
    assert abs(np.argmax(signal.correlate(changed, white)) - (RATE - 1)) < RATE // 100  # late by the filter alone


def test_clipping_cuts_the_loudest(tune):
    changed = channels.clipping(tune(0.1), np.random.default_rng(0))
    assert np.mean(np.abs(changed) == np.abs(changed).max()) > 0.2


@pytest.fixture(scope="module")
def spoken(vowel):
    """A vowel behind half a second of quiet noise, 40 dB below it."""
    return np.concatenate([np.random.default_rng(0).normal(0, 1e-2 * np.std(vowel), RATE // 2), vowel]).astype(
        "float32"
    )


def test_pauses_sound_like_the_quiet_of_the_recording(spoken):
    paused = silences.silence(spoken, np.random.default_rng(0))
    assert np.std(paused[:500]) == pytest.approx(np.std(spoken[:500]), rel=0.3)
    assert spoken.tobytes() in paused.tobytes()


def test_zeros_are_exact_and_a_gate_closes_where_it_is_quiet(spoken, vowel):
    changed = [silences.zeros(spoken, np.random.default_rng(seed)) for seed in range(8)]
    heard = [np.trim_zeros(each) for each in changed]
    assert all(len(each) < len(whole) for each, whole in zip(heard, changed))
    assert {round(2 * len(each) / RATE) for each in heard} == {2, 3}  # with the noise before it, or without
    for each in heard:
        np.testing.assert_array_equal(each[-RATE // 2 :], vowel[-RATE // 2 :])


@pytest.mark.parametrize("task", [TASK, KEYWORD])
def test_none_leaves_recordings_as_they_are(examples, task):
    plain, augmented = (task.adapt(examples, augmentation=each) for each in ("none", "noise"))
    (inputs, *_), (others, *_) = (next(iter(task.batches(examples, each, 8, seed=0))) for each in (plain, augmented))
    held_out, *_ = next(iter(task.batches(examples, plain, 8)))
    np.testing.assert_array_equal(inputs["frames"], held_out["frames"])
    assert not np.array_equal(others["frames"], held_out["frames"])


def test_a_recording_has_to_be_long_enough_when_it_is_fast(examples):
    just = ((np.zeros(FRAME + 159 * 160 // 4 * 4, "int16"), RATE), "ab" * 20, "")
    fits = [TASK.num_units([*examples, just], TASK.adapt(examples, augmentation="none"))]
    with pytest.warns(UserWarning, match="1 of 9 recordings are left out"):
        fits.append(TASK.num_units([*examples, just], TASK.adapt(examples, augmentation="speed")))
    assert fits == [9, 8]
