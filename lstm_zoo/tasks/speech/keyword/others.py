"""What is none of the words: made from recordings of the words, and cut out of recordings of something else.

A network that has learnt words alone takes a cough for one of them. What is made sounds like the words, by the same
voices and microphones, so that neither tells the network what is none: parts of words, words backwards, several at
once; and there is noise and silence.
"""

from collections.abc import Sequence

import numpy as np

from lstm_zoo.tasks.speech.audio import RATE
from lstm_zoo.tasks.speech.augmentation.noises import EXPONENTS, LOWEST, loudness, shaped
from lstm_zoo.tasks.speech.pairs import Example, in_16_bits, waveforms
from lstm_zoo.tasks.speech.pauses import LEVEL, is_quiet, levels_of

NONE = "[none]"  # the label of what is none of the words
SHARE = 0.5  # made recordings for each one of a word
MIN_SIZE = RATE // 10  # samples of what is made, 0.1 s: filled up with zeros, where it is shorter
FADE = RATE // 200  # samples, 5 ms: where a sound begins or ends at once, a click would tell that it is cut
PARTS = (0.15, 0.4)  # of a word, which do not tell it from all others
VOICES = (3, 6)  # at once, below the last
SECONDS = (0.2, 1.5)  # of noise
LEVELS = (-100.0, -10.0)  # dB of full scale of noise: from exact zeros, which 16 bits make of the faintest, to loud
DYING = 0.5  # of the noises, like a door that falls shut
# Of pieces between pauses: levels of 10 ms of a pause and of a piece; from the longest on a piece is cut into `PART`s.
MIN_PAUSE, MIN_PIECE, MAX_PIECE, PART = 8, 20, 150, 100


def made_others(examples: Sequence[Example]) -> list[Example]:
    """Examples of what is none of the words, made from recordings of the words: half as many, the same every time.

    In turn a word backwards, the end of one and the beginning of another, a short part of one, several at once, and
    noise of any colour and level, down to silence.

    Args:
        examples: as `read` gives them; those that are `[none]` already are left alone.

    Returns:
        List of ((int16 (samples,), 16,000), "[none]", "").

    Raises:
        ValueError: no example of a word.

    Example:

    >>> examples = [((np.ones(16_000, "int16"), 16_000), "yes", "")] * 20
    >>> len(made_others(examples))
    10
    """
    words = [_heard(waveform) for waveform in waveforms([example for example in examples if example[1] != NONE])]
    if not words:
        raise ValueError(f"What is none of the words is made from words. Received: examples of {NONE} alone")
    made = []
    for place in range(num_made(examples)):
        samples = KINDS[place % len(KINDS)](words, np.random.default_rng(place))
        samples = np.pad(_faded(samples), (0, max(0, MIN_SIZE - len(samples))))
        made.append(((in_16_bits(samples), RATE), NONE, ""))
    return made


def num_made(examples: Sequence[Example]) -> int:
    """How many examples `made_others` makes: at least one of each kind."""
    return max(len(KINDS), round(SHARE * sum(label != NONE for _, label, _ in examples)))


def pieces(waveform: np.ndarray) -> list[np.ndarray]:
    """What is said between pauses of 80 ms or longer, in pieces of 0.2 to 1.5 s.

    Args:
        waveform: float32 (samples,) at 16 kHz.

    Example:

    >>> wave = np.sin(np.arange(32_000)).astype("float32")
    >>> wave[8_000:16_000] = 0
    >>> [len(piece) for piece in pieces(wave)]
    [8000, 16000]
    """
    edges = np.flatnonzero(np.diff(~is_quiet(levels_of(waveform)), prepend=False, append=False))
    starts, ends = edges[::2], edges[1::2]
    apart = starts[1:] - ends[:-1] >= MIN_PAUSE
    starts, ends = starts[np.append(True, apart)[: len(starts)]], ends[np.append(apart, True)[: len(ends)]]
    found = []
    for start, end in zip(starts, ends):
        count = -(-(end - start) // PART) if end - start > MAX_PIECE else 1
        found += np.array_split(waveform[start * LEVEL : end * LEVEL], count) if end - start >= MIN_PIECE else []
    return found


def _heard(waveform):
    """A recording without the pauses before and behind what is said."""
    loud = np.flatnonzero(~is_quiet(levels_of(waveform)))
    return waveform[loud[0] * LEVEL : (loud[-1] + 1) * LEVEL] if len(loud) else waveform


def _any(words, random):
    return words[random.integers(len(words))]


def _backwards(words, random):
    return _any(words, random)[::-1]


def _swapped(words, random):
    """The end of one word, and then the beginning of another: the other way round it could be a word again."""
    end, beginning = _any(words, random), _any(words, random)
    return np.concatenate([_faded(end[len(end) // 2 :]), _faded(beginning[: len(beginning) // 2])])


def _part(words, random):
    word = _any(words, random)
    size = int(random.uniform(*PARTS) * len(word))
    return word[:size] if random.random() < 0.5 else word[len(word) - size :]


def _at_once(words, random):
    voices = [_any(words, random) for _ in range(random.integers(*VOICES))]
    size, level = max(map(len, voices)), loudness(voices[0])
    return sum(np.resize(voice, size) * (level / max(loudness(voice), 1e-9)) for voice in voices) / len(voices)


def _noise(_, random):
    size, falling = int(random.uniform(*SECONDS) * RATE), random.uniform(*EXPONENTS) / 2
    noise = shaped(size, lambda hertz: np.maximum(hertz, LOWEST) ** -falling, random)
    if random.random() < DYING:
        noise *= 10 ** np.linspace(0, -random.uniform(1, 3), size)
    return noise * 10 ** (random.uniform(*LEVELS) / 20)


def _faded(samples):
    """Samples that begin and end softly."""
    size = min(FADE, len(samples) // 2)
    ramp = np.linspace(0, 1, size)
    return samples * np.concatenate([ramp, np.ones(len(samples) - 2 * size), ramp[::-1]])


KINDS = (_backwards, _swapped, _part, _at_once, _noise)
