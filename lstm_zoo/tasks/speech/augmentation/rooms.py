"""Rooms: what is said, and what comes back from the walls."""

import numpy as np
from scipy import signal

from lstm_zoo.tasks.speech.audio import RATE

SECONDS = (0.1, 0.8)  # in which a sound falls by 60 dB: from a furnished room to a stairwell
DIRECT = (-3.0, 15.0)  # dB, of what comes straight over all that comes back


def room(samples: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Heard in a room: the impulse response is an impulse, then white noise that dies away exponentially (Moorer 1979,
    https://doi.org/10.2307/3680280); such rooms do for training (Ko et al. 2017,
    https://doi.org/10.1109/ICASSP.2017.7953152)."""
    size = int(random.uniform(*SECONDS) * RATE)
    response = random.standard_normal(size, "float32") * 10 ** np.linspace(0, -3, size, dtype="float32")
    response *= 10 ** (-random.uniform(*DIRECT) / 20) / np.sqrt(np.sum(np.square(response)))
    response[0] = 1
    return signal.oaconvolve(samples, response)[: len(samples)]
