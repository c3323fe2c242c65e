"""Noise of any colour, and the babble of other recordings."""

from collections.abc import Callable, Sequence

import numpy as np
from scipy import fft

from lstm_zoo.tasks.speech.audio import RATE

SNR = (5.0, 40.0)  # dB, of the recording over the noise
EXPONENTS = (0.0, 2.0)  # with which the power falls as the frequency rises: 0 is white, 1 pink, 2 brown noise
LOWEST = 50.0  # Hz, below which it falls no more: else brown noise would be nothing that can be heard
VOICES = (3, 8)  # of a babble, as in Snyder et al. 2018, https://doi.org/10.1109/ICASSP.2018.8461375, below the last
BABBLE_SNR = (8.0, 30.0)  # dB; closer to the recording it would be unclear whose words are meant


def noise(samples: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Noise of some colour between white and brown is heard too."""
    falling = random.uniform(*EXPONENTS) / 2
    coloured = shaped(len(samples), lambda hertz: np.maximum(hertz, LOWEST) ** -falling, random)
    return mixed(samples, coloured, random.uniform(*SNR))


def babble(samples: np.ndarray, random: np.random.Generator, others: Sequence[np.ndarray]) -> np.ndarray:
    """Others speak in the background.

    Args:
        samples: float32 (samples,).
        random: numpy.random.Generator.
        others: recordings (samples,), at the same rate, of any type.
    """
    voices = np.zeros(len(samples), "float32")
    for _ in range(random.integers(*VOICES)):
        voice = others[random.integers(len(others))]
        voice = np.resize(np.roll(voice, random.integers(len(voice))), len(samples)).astype("float32")
        voices += voice / max(loudness(voice), 1e-9)
    return mixed(samples, voices, random.uniform(*BABBLE_SNR))


def shaped(size: int, amplitude: Callable[[np.ndarray], np.ndarray], random: np.random.Generator) -> np.ndarray:
    """Gaussian noise float32 (size,) whose spectrum has an amplitude by frequency in Hz, of mean square 1."""
    length = fft.next_fast_len(size, real=True)
    spectrum = fft.rfft(random.standard_normal(length, "float32"))
    spectrum *= amplitude(fft.rfftfreq(length, 1 / RATE))
    noise = fft.irfft(spectrum, length)[:size]
    return noise / max(loudness(noise), 1e-9)


def loudness(samples: np.ndarray) -> float:
    """The root of the mean square of samples."""
    return float(np.sqrt(np.mean(np.square(samples))))


def mixed(samples: np.ndarray, noise: np.ndarray, decibels: float) -> np.ndarray:
    """Samples with a noise that is so many dB below them."""
    return samples + noise * (loudness(samples) / max(loudness(noise), 1e-9) * 10 ** (-decibels / 20))
