"""Long recordings cut where nobody speaks: pieces that a pipeline hears one by one, and their text as one again."""

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from lstm_zoo import batching
from lstm_zoo.tasks.speech.audio import RATE

LEVEL = RATE // 100  # samples of which one level is taken: 10 ms
# Levels of a piece. Of the utterances of each of AN4's validation speakers in one recording, 30 to 41 s, `streaming`
# gets 15.9 % of the words wrong in such pieces, 20.4 % in windows of 30 s, about as many in pieces that are as long as
# can be; of single utterances, which it has learnt from, 14.6 %.
MIN_PIECE, MAX_PIECE = 200, 3000
MIN_PAUSE = 30  # levels: stops within words, like that of a T, are shorter than half of it
SILENCE = -95.0  # dB of full scale, below the noise of 16 bits: samples that are all the same
# Room and voice are these percentiles of the levels above it, so that a second of pauses in 30 is enough; a pause is
# below this share of the way from one to the other. Where they are nearer than `MIN_CONTRAST` dB, there is noise alone.
ROOM, VOICE, PAUSE_SHARE, MIN_CONTRAST = 3, 95, 0.3, 6.0


def pieces(waveform: np.ndarray) -> list[tuple[int, int]]:
    """First sample and end of each piece of a recording, which they fill; one piece of at most 30 s.

    A piece of a longer one has 2 to 30 s and ends in the first pause from 2 s on, in the middle of at least 0.3 s that
    are as quiet as it is between words: the threshold goes with the levels of the next 30 s. Where nobody pauses for
    that long, it ends where it is quietest.

    Args:
        waveform: float32 (samples,) at 16 kHz.

    Example:

    >>> wave = np.sin(np.arange(50 * 16_000)).astype("float32")
    >>> wave[20 * 16_000 : 21 * 16_000] = 0
    >>> pieces(wave)
    [(0, 328000), (328000, 800000)]
    """
    ends = _ends(waveform) if len(waveform) > MAX_PIECE * LEVEL else ()
    return list(itertools.pairwise([0, *ends, len(waveform)]))


def levels_of(waveform: np.ndarray) -> np.ndarray:
    """Level of every 10 ms, in dB of full scale, without what is constant in it."""
    blocks = waveform[: len(waveform) // LEVEL * LEVEL].reshape(-1, LEVEL)
    return 10 * np.log10(blocks.var(1) + 1e-10)


def is_quiet(levels: np.ndarray) -> np.ndarray:
    """Which levels are those of pauses, bool (levels,): none in noise that does not change."""
    audible = levels[levels > SILENCE]
    room, voice = np.percentile(audible, (ROOM, VOICE)) if len(audible) else (SILENCE, SILENCE)
    threshold = room + PAUSE_SHARE * (voice - room) if voice - room >= MIN_CONTRAST else SILENCE
    return levels <= threshold


def _ends(waveform):
    """Where the pieces of a recording end, but for the last one."""
    begin = 0
    while begin + 2 * MIN_PIECE * LEVEL < len(waveform):
        rest = waveform[begin:]
        levels = levels_of(rest[: MAX_PIECE * LEVEL])
        last = min(MAX_PIECE, len(rest) // LEVEL - MIN_PIECE)  # so that what is left is no shorter
        edges = np.flatnonzero(np.diff(is_quiet(levels), prepend=False, append=False))
        starts, ends = edges[::2], edges[1::2]
        middles = (starts + ends) // 2
        # The silence that a piece begins with does not end it, or it would be cut to bits.
        right = (starts > 0) & (ends - starts >= MIN_PAUSE) & (middles >= MIN_PIECE) & (middles <= last)
        if right.any():
            size = int(middles[right][0])
        elif len(rest) <= MAX_PIECE * LEVEL:
            return
        else:
            around = np.convolve(levels - levels.max(), np.ones(MIN_PAUSE), "same")[MIN_PIECE:last]
            size = last - 1 - int(around[::-1].argmin())
        begin += size * LEVEL
        yield begin


def run(
    pipeline: keras.Model, items: Sequence[np.ndarray | Exception], encode: Callable, length: Callable[[Any], int]
) -> list[dict[str, Any]]:
    """What `batching.run` gives, of recordings whose pieces are heard one by one.

    Returns:
        List of dicts, one an item: `text`, the texts of the pieces with a space between them; `score`, the sum of
        theirs; and `pieces`, a list of (first sample, end, text).
    """
    spans = [[(0, length(item))] if isinstance(item, Exception) else pieces(item) for item in items]
    parts = [item if len(own) == 1 else item[begin:end] for item, own in zip(items, spans) for begin, end in own]
    outputs = iter(batching.run(pipeline, parts, encode, length))
    return [_joined(own, list(itertools.islice(outputs, len(own)))) for own in spans]


def _joined(spans, outputs):
    texts = [output["text"] for output in outputs]
    heard = [(*span, text.decode("utf-8", "replace")) for span, text in zip(spans, texts)]
    return {
        "text": b" ".join(filter(None, texts)),
        "score": sum(output["score"] for output in outputs),
        "pieces": heard,
    }
