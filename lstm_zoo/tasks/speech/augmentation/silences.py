"""Before and behind what is said: pauses, with the noise of the recording, and the exact zeros of gates and editors."""

import numpy as np
from scipy import signal

from lstm_zoo.tasks.speech.audio import FRAME, RATE
from lstm_zoo.tasks.speech.augmentation.noises import loudness, shaped

PAUSE = 0.7  # seconds, the longest before and behind
BACKGROUND = 0.1  # of the frames, the quietest, are taken for the noise of the recording
MIN_DROP = 25.0  # dB of a pause below the recording: one that is cut close to the word has no quiet frame
GATES = (30.0, 50.0)  # dB below the loudest frame, from which on a gate makes silence of it
GATED = 0.5  # of the recordings with zeros


def silence(samples: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Pauses before and behind, which sound like the quietest frames of the recording."""
    frames = _frames(samples)
    frames = frames[np.argsort(_powers(frames), kind="stable")[: max(1, int(BACKGROUND * len(frames)))]]
    amplitudes = np.sqrt(np.mean(np.square(np.abs(np.fft.rfft(frames * signal.windows.hann(FRAME)))), 0))
    before, behind = (random.uniform(0, PAUSE, 2) * RATE).astype(int)
    places = np.fft.rfftfreq(FRAME, 1 / RATE)
    noise = shaped(before + behind + 1, lambda hertz: np.interp(hertz, places, amplitudes), random)
    noise *= min(loudness(frames), loudness(samples) * 10 ** (-MIN_DROP / 20))
    return np.concatenate([noise[:before], samples, noise[before : before + behind]])


def zeros(samples: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Exact zeros before and behind, and perhaps, as of a gate, where it is quiet."""
    before, behind = (random.uniform(0, PAUSE, 2) * RATE).astype(int)
    if random.random() < GATED:
        powers = _powers(_frames(samples))
        heard = powers >= powers.max() * 10 ** (-random.uniform(*GATES) / 10)
        samples = samples * heard[np.minimum(np.arange(len(samples)) // FRAME, len(heard) - 1)]
    return np.pad(samples, (before, behind))


def _frames(samples):
    """Whole frames (frames, samples) of 25 ms, which do not overlap; of less than one frame one, filled up."""
    return np.resize(samples, (max(1, len(samples) // FRAME), FRAME))


def _powers(frames):
    return np.mean(np.square(frames), 1)
