"""From the microphone to the file: volume, overdrive, telephones and codecs."""

import io

import numpy as np
from scipy import signal

from lstm_zoo.optional import need
from lstm_zoo.tasks.speech.audio import RATE

VOLUME = 15.0  # dB up and down
OVERDRIVE = (3.0, 20.0)  # dB, by which the loudest sample is above what is cut off
TELEPHONE_RATE = 8_000  # samples a second
# Hz: the band of a telephone is 300 to 3400 by ITU-T G.712; many recordings of calls have more.
LOW_EDGES, HIGH_EDGES = (50.0, 300.0), (3000.0, 3800.0)
LAWS = ("ULAW", "ALAW")  # of ITU-T G.711: North America and Japan; elsewhere
COMPRESSION = (0.75, 0.97)  # of libsndfile: at 16 kHz about 48 to 12 kbit/s


def level(samples: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Louder or quieter."""
    return samples * 10 ** (random.uniform(-VOLUME, VOLUME) / 20)


def clipping(samples: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Overdriven: what is loudest is cut off."""
    limit = np.max(np.abs(samples)) * 10 ** (-random.uniform(*OVERDRIVE) / 20)
    return np.clip(samples, -limit, limit)


def telephone(samples: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """With the band of a telephone, at 8 kHz."""
    edges = [random.uniform(*LOW_EDGES), random.uniform(*HIGH_EDGES)]
    band = signal.butter(4, edges, "bandpass", fs=TELEPHONE_RATE, output="sos")
    return _at_8_khz(samples, lambda narrow: signal.sosfilt(band, narrow).astype("float32"))


def g711(samples: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Through the codec of telephones, 8 bits at 8 kHz (ITU-T G.711)."""
    law = LAWS[random.integers(len(LAWS))]
    return _at_8_khz(samples, lambda narrow: _through_file(narrow, TELEPHONE_RATE, format="WAV", subtype=law))


def mp3(samples: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Through an MP3 file of a low rate, which may add the codec's delay, up to 0.1 s of it."""
    options = {"bitrate_mode": "CONSTANT", "compression_level": random.uniform(*COMPRESSION)}
    return _through_file(samples, RATE, format="MP3", subtype="MPEG_LAYER_III", **options)


def _at_8_khz(samples, change):
    """As many samples as there were, after a change at 8 kHz."""
    resample = need("soxr", "speech").resample
    wide = resample(change(resample(samples, RATE, TELEPHONE_RATE)), TELEPHONE_RATE, RATE)[: len(samples)]
    return np.pad(wide, (0, len(samples) - len(wide)))


def _through_file(samples, rate, **options):
    """Samples as a file holds them; what is above full scale is as loud again behind it."""
    soundfile, file, scale = need("soundfile", "speech"), io.BytesIO(), max(1, np.max(np.abs(samples)))
    soundfile.write(file, samples / scale, rate, **options)
    file.seek(0)
    return soundfile.read(file, dtype="float32")[0] * scale
