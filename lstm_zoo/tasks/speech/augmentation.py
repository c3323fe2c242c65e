"""What training does to samples: another speed, another volume, noise; SpecAugment, on frames, is in the networks."""

import numpy as np

from lstm_zoo.optional import need
from lstm_zoo.tasks.speech.audio import RATE

SPEEDS = (0.87, 1.15)  # as in Ko et al. 2015, https://doi.org/10.21437/Interspeech.2015-711, but anything between
NOISE_SHARE = 0.3  # of the recordings, which get white noise
MIN_SNR, MAX_SNR = 10.0, 40.0  # signal over noise in dB
VOLUME = 15.0  # dB up and down


def augmented(samples: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Samples float32 (samples,) at another speed, with noise or without, at another volume.

    Args:
        samples: float32 (samples,) at 16 kHz.
        random: numpy.random.Generator; it alone decides.

    Example:

    >>> augmented(np.ones(16_000, "float32"), np.random.default_rng(0)).shape  # (15262,): faster
    """
    speed = random.uniform(*SPEEDS)  # tempo and pitch, as of another speaker
    if len(samples):
        samples = need("soxr", "speech").resample(samples, RATE * speed, RATE)
    if random.random() < NOISE_SHARE:
        amplitude = np.sqrt(np.mean(np.square(samples))) if len(samples) else 0.0
        noise = amplitude * 10 ** (-random.uniform(MIN_SNR, MAX_SNR) / 20)
        samples = samples + noise * random.standard_normal(len(samples), "float32")
    return (samples * 10 ** (random.uniform(-VOLUME, VOLUME) / 20)).astype("float32")
