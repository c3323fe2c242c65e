"""Whether recordings are like those that a pipeline learnt from: by their band, their noise, their length and level.

A network answers whatever it hears. All of AN4's recordings have sound up to 8 kHz, those of telephones and MP3 files
of few bits none beyond 4.5 kHz. Of 99 in 100 the loud parts are 33 dB or more above the quiet ones, of the middle one
with noise 20 dB below the voice 27 dB, with noise 10 dB below it 17 dB. Rooms and babble are not told by these numbers.
What training does to recordings does not count. Level matters where a network normalizes as it goes.
"""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from lstm_zoo import networks
from lstm_zoo.tasks.speech.audio import FRAME, RATE
from lstm_zoo.tasks.speech.features import RunningNormalization
from lstm_zoo.tasks.speech.pairs import Example, waveforms
from lstm_zoo.tasks.speech.pauses import ROOM, SILENCE, VOICE, levels_of, pieces

SAMPLE = 1_000  # recordings that are looked at, of more
SECONDS = 120  # of a recording, from its start
BANDS = 16  # of the spectrum, 500 Hz each
WINDOW = 512  # samples of a spectrum: 32 ms
AUDIBLE = 60.0  # dB that a band with sound is below the loudest one, at most
# What is beyond the 98 in 100 of the training by less is like them: kHz, dB, dB; and lengths, times shorter or longer.
BAND, CONTRAST, LEVEL, LENGTH = 1.0, 6.0, 6.0, 2.0
LITTLE = "its answers mean less here; train on recordings of your own"

Profile = dict[str, dict[str, float]]


def measures_of(waveform: np.ndarray) -> dict[str, float] | None:
    """What a recording is like; None of one in which nothing is to be heard.

    Args:
        waveform: float32 (samples,) at 16 kHz.

    Returns:
        Dict: `band`, the frequency in kHz up to which it has sound; `contrast`, by how many dB its loud parts, the 95th
        percentile of the levels of 10 ms, are above its quiet ones, the 3rd; `level`, that of the loud ones in dB of
        full scale; `seconds`, its length, that of the median piece of a long one.

    Example:

    >>> measures_of(np.sin(np.arange(16_000)).astype("float32"))  # 2.5 kHz
    {'band': 3.0, 'contrast': 0.0, 'level': -3.0, 'seconds': 1.0}
    """
    waveform = waveform[: SECONDS * RATE]
    whole = waveform[: len(waveform) // WINDOW * WINDOW]  # what follows is no window of a spectrum
    peak = float(np.abs(whole).max(initial=0.0))
    if len(waveform) < max(FRAME, WINDOW) or peak == 0:
        return None
    levels = levels_of(waveform / peak)
    quiet, loud = np.percentile(levels[levels > SILENCE], (ROOM, VOICE)) if (levels > SILENCE).any() else (0.0, 0.0)
    return {
        "band": _band(waveform),
        "contrast": round(float(loud - quiet), 1),
        "level": round(float(loud + 20 * np.log10(peak)), 1),
        "seconds": round(float(np.median([end - begin for begin, end in pieces(waveform)])) / RATE, 2),
    }


def _band(waveform):
    """The frequency in kHz below which the bands are that have sound."""
    windows = waveform[: len(waveform) // WINDOW * WINDOW].reshape(-1, WINDOW) * np.hanning(WINDOW)
    power = np.square(np.abs(np.fft.rfft(windows)[:, 1:])).mean(0).reshape(BANDS, -1).mean(1)
    has_sound = power > power.max() * 10 ** (-AUDIBLE / 10)
    return float(np.flatnonzero(has_sound)[-1] + 1) * RATE / 2 / BANDS / 1000


def profile(_: keras.Model, training: Sequence[Example], __: Sequence[Example]) -> Profile | None:
    """What training recordings are like: `least` and `most`, the 1st and the 99th percentile, of each of `measures_of`;
    None where nothing is to be heard.

    Example:

    >>> profile(None, [((np.int16(8000 * np.sin(np.arange(16_000))), 16_000), "A", "")], [])["band"]
    {'least': 3.0, 'most': 3.0}
    """
    rows = _measured(waveforms(training[:: max(1, -(-len(training) // SAMPLE))]))
    if not rows:
        return None
    percentiles = {name: np.percentile([row[name] for row in rows], (1, 99)) for name in rows[0]}
    return {name: dict(zip(("least", "most"), edges.round(2).tolist())) for name, edges in percentiles.items()}


def known(pipeline: keras.Model) -> dict[str, Any]:
    """What `unlike` needs of a pipeline: whether it hears how loud a recording is."""
    layers = networks.network_of(pipeline).layers
    return {"hears_level": any(isinstance(layer, RunningNormalization) for layer in layers)}


def unlike(items: Sequence[np.ndarray | Exception], profile: Profile | None, *, hears_level: bool) -> str | None:
    """A sentence with the numbers, and what to do, where recordings are unlike those of a profile, else None.

    One odd recording among others is normal: the median of each measure decides.

    Args:
        items: recordings, float32 (samples,) at 16 kHz; errors in the place of such are passed over.
        profile: what `profile` returned for what the pipeline learnt from; of a file without, None, nothing is said.
        hears_level: see `known`.
    """
    heard = [item for item in items if not isinstance(item, Exception)]
    rows = _measured(heard[:: max(1, -(-len(heard) // SAMPLE))])
    if profile is None or not rows:
        return None
    median = {name: float(np.median([row[name] for row in rows])) for name in rows[0]}
    which = "this recording has" if len(heard) == 1 else "half of these recordings have"
    sentence = _of_bands(median, profile) or _of_noise(median, profile) or _of_lengths(median, profile)
    sentence = sentence or (_of_levels(median, profile) if hears_level else None)
    return sentence and f"{which} {sentence}: {LITTLE}"


def _measured(recordings):
    return [measures for measures in map(measures_of, recordings) if measures is not None]


def _of_bands(median, profile):
    band, least, most = median["band"], profile["band"]["least"], profile["band"]["most"]
    if band <= least - BAND:
        return f"no sound above {band:g} kHz, as on a telephone, those that it learnt from up to {least:g} kHz"
    if band >= most + BAND:
        return f"sound up to {band:g} kHz, those that it learnt from none above {most:g} kHz, as on a telephone"
    return None


def _of_noise(median, profile):
    contrast, least = median["contrast"], profile["contrast"]["least"]
    if contrast >= least - CONTRAST:
        return None
    return f"noise {contrast:.0f} dB below the voice or nearer, those that it learnt from {least:.0f} dB or further"


def _of_lengths(median, profile):
    seconds, least, most = median["seconds"], profile["seconds"]["least"], profile["seconds"]["most"]
    if least / LENGTH <= seconds <= LENGTH * most:
        return None
    than = "less" if seconds < least else "more"
    return f"{seconds:.1f} s or {than}, those that it learnt from {least:.1f} to {most:.1f} s"


def _of_levels(median, profile):
    level, least, most = median["level"], profile["level"]["least"], profile["level"]["most"]
    if least - LEVEL <= level <= most + LEVEL:
        return None
    than = "quieter" if level < least else "louder"
    return f"a voice of {level:.0f} dB or {than}, those that it learnt from of {least:.0f} to {most:.0f} dB"
