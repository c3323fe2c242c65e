"""Other voices: how fast somebody speaks, how high, and how long the vocal tract is."""

import numpy as np
from scipy import signal

from lstm_zoo.optional import need
from lstm_zoo.tasks.speech.audio import RATE

SPEEDS = (0.87, 1.15)  # as in Ko et al. 2015, https://doi.org/10.21437/Interspeech.2015-711, but anything between
SEMITONES = 2.0  # up and down; with the speed up to 4.4, a third of an octave
STRETCHES = (0.88, 1.12)  # of formants; 0.9 to 1.1 in Jaitly and Hinton 2013, see `vocal_tract`
CORNER = 4800.0  # Hz, up to which formants move; from there the warp bends back to the end of the spectrum, as there
COSINES = 40  # of an envelope: waves over the spectrum of 400 Hz or more are formants, finer ones harmonics of a voice
MAX_GAIN = 3.0  # logarithm, 26 dB: where nothing is, above the band of a file, there stays next to nothing
QUIET = 1e-6  # amplitude, that of the noise of 16 bits
WINDOW, HOP = 512, 128  # samples of a spectrum, 32 ms, and from one to the next


def speed(samples: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Faster and higher, or slower and lower."""
    return _faster(samples, random.uniform(*SPEEDS))


def pitch(samples: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Higher or lower, in the same time."""
    factor = 2 ** (random.uniform(-SEMITONES, SEMITONES) / 12)
    return stretched(_faster(samples, factor), len(samples))


def stretched(samples: np.ndarray, size: int) -> np.ndarray:
    """So many samples that sound like these, slower or faster: a phase vocoder (Flanagan and Golden 1966,
    https://doi.org/10.1002/j.1538-7305.1966.tb01706.x)."""
    spectra = _spectra(samples)
    places = np.arange(-(-size // HOP) + 1) * (len(samples) / size)
    left = np.minimum(places.astype(int), spectra.shape[1] - 2)
    share = np.minimum(places - left, 1).astype("float32")
    magnitudes = np.abs(spectra)
    magnitudes = (1 - share) * magnitudes[:, left] + share * magnitudes[:, left + 1]
    turns = _directions(spectra[:, 1:] * spectra[:, :-1].conj())[:, left[:-1]]
    phases = np.cumprod(np.concatenate([_directions(spectra[:, :1]), turns], 1), 1)
    return _samples(magnitudes * phases, size)


def vocal_tract(samples: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Formants moved, as by a longer or shorter vocal tract; pitch and time stay.

    The warp is that of Jaitly and Hinton 2013, https://www.cs.toronto.edu/~hinton/absps/perturb.pdf, but of the
    spectrum's envelope alone: warped whole, it would be another pitch once more.
    """
    stretch = random.uniform(*STRETCHES)
    spectra = _spectra(samples)
    bins, last = np.arange(len(spectra)), len(spectra) - 1
    edge = CORNER / (RATE / 2) * last * min(stretch, 1)
    sources = np.interp(bins, [0, edge, last], [0, edge / stretch, last])
    waves, moved = _waves(bins), _waves(sources)
    gains = (moved - waves) @ (waves.T @ np.log(np.abs(spectra) + QUIET))
    return _samples(spectra * np.exp(np.clip(gains, -MAX_GAIN, MAX_GAIN)), len(samples))


def _faster(samples, factor):
    """Samples that are played so many times as fast."""
    return need("soxr", "speech").resample(samples, RATE * factor, RATE)


def _waves(bins):
    """The orthonormal cosines of the discrete cosine transform at bins, or between them: (bins, cosines)."""
    size = WINDOW // 2 + 1
    waves = np.cos(np.pi / size * np.outer(bins + 0.5, np.arange(COSINES))) * np.sqrt(2 / size)
    waves[:, 0] *= np.sqrt(0.5)
    return waves.astype("float32")


def _directions(numbers):
    """Complex numbers of length 1; 1 for 0."""
    lengths = np.abs(numbers)
    return np.divide(numbers, lengths, out=np.ones_like(numbers), where=lengths > 0)


def _spectra(samples):
    """Short-time spectra complex64 (bins, steps)."""
    whole = np.pad(samples, (0, max(0, WINDOW - len(samples))))
    return signal.stft(whole, nperseg=WINDOW, noverlap=WINDOW - HOP)[2]


def _samples(spectra, size):
    """So many samples of short-time spectra."""
    return signal.istft(spectra, nperseg=WINDOW, noverlap=WINDOW - HOP)[1][:size]
