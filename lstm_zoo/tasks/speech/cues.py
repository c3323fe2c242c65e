"""Subtitles: the words of a recording in cues, as players show them, by their times."""

import functools
import html
import json
import math
from collections.abc import Sequence
from typing import Any

LINE = 42  # characters of a line; a cue has two at most
MAX_SECONDS, MIN_SECONDS = 7.0, 1.0  # that a cue is shown
PAUSE = 1.0  # seconds without a word, behind which a cue always begins
FORMATS = ("srt", "vtt", "json", "txt")

Word = dict[str, Any]  # of an alignment


def subtitles(answer: dict[str, Any], format: str = "srt") -> str:
    """Subtitles of a recording: cues of at most two lines of 42 characters and 7 s, about, which end at its pauses.

    Args:
        answer: what `lstm_zoo.predict("speech", ["talk.wav"], alignment=True)` gave, its item.
        format: "srt" or "vtt", as players read them; "json", a list of `{"start": 0.4, "end": 2.1, "text": "TWO",
            "words": [...]}`, in seconds, where the words are those of the alignment; "txt", a line a cue.

    Returns:
        The content of a file, a `str`.

    Raises:
        ValueError: an answer without `alignment`; another format.

    Example:

    >>> word = {"word": "TWO", "start": 0.4, "end": 0.72}
    >>> print(subtitles({"alignment": [word]}))
    1
    00:00:00,400 --> 00:00:01,400
    TWO
    """
    if not isinstance(answer, dict) or answer.get("alignment") is None:
        raise ValueError(f"An answer of predict(..., alignment=True) is expected. Received: {answer!r:.160}")
    if format not in FORMATS:
        raise ValueError(f"format is one of {', '.join(FORMATS)}. Received: {format!r}")
    cues = cues_of(answer["alignment"])
    if format == "srt":
        return "\n".join(f"{number}\n{_timed(cue, ',')}" for number, cue in enumerate(cues, 1))
    if format == "vtt":
        escaped = ({**cue, "lines": map(functools.partial(html.escape, quote=False), cue["lines"])} for cue in cues)
        return "\n".join(["WEBVTT\n", *(_timed(cue, ".") for cue in escaped)])
    texts = [" ".join(cue["lines"]) for cue in cues]
    if format == "txt":
        return "".join(f"{text}\n" for text in texts)
    rows = [
        {"start": cue["start"], "end": cue["end"], "text": text, "words": cue["words"]}
        for cue, text in zip(cues, texts)
    ]
    return json.dumps(rows, ensure_ascii=False, indent=1) + "\n"


def cues_of(words: Sequence[Word]) -> list[dict[str, Any]]:
    """The cues of an alignment: `{"start": 0.4, "end": 2.1, "lines": ["TWO FIVE"], "words": [...]}`, in
    seconds.

    A cue has as many words as it can hold; where speech goes on without a pause, it ends at the longest gap in its
    second half. It is shown for a second at least, if none follows.
    """
    words, cues = [part for word in words for part in _parts(word)], []
    while words:
        count = 1
        while count < len(words) and _fits(words[: count + 1]):
            count += 1
        if count < len(words) and _gap(words, count) < PAUSE:
            count = max(range((count + 1) // 2, count + 1), key=lambda count: (_gap(words, count), count))
        shown, words = words[:count], words[count:]
        end = max(shown[-1]["end"], shown[0]["start"] + MIN_SECONDS)
        end = min(end, words[0]["start"]) if words else end
        cues.append({"start": shown[0]["start"], "end": round(end, 2), "lines": _lines(shown), "words": shown})
    return cues


def _parts(word):
    """A word as it is; one that is longer than a line in parts, which share its time."""
    text, seconds = word["word"], word["end"] - word["start"]
    count = math.ceil(len(text) / LINE)
    for number in range(count):
        start, end = (word["start"] + seconds * place / count for place in (number, number + 1))
        part = {"word": text[number * LINE : (number + 1) * LINE], "start": round(start, 2), "end": round(end, 2)}
        yield {**word, **part}


def _gap(words, count):
    """Seconds between so many words and the next."""
    return words[count]["start"] - words[count - 1]["end"]


def _fits(words):
    short = words[-1]["end"] - words[0]["start"] <= MAX_SECONDS and max(map(len, _lines(words))) <= LINE
    return short and all(_gap(words, count) < PAUSE for count in range(1, len(words)))


def _lines(words):
    """One line, or two that are as like as can be."""
    texts = [word["word"] for word in words]
    whole = " ".join(texts)
    if len(whole) <= LINE or len(texts) == 1:
        return [whole]
    halves = ([" ".join(texts[:place]), " ".join(texts[place:])] for place in range(1, len(texts)))
    return min(halves, key=lambda lines: max(map(len, lines)))


def _timed(cue, point):
    lines = "\n".join(cue["lines"])
    return f"{_stamp(cue['start'], point)} --> {_stamp(cue['end'], point)}\n{lines}\n"


def _stamp(seconds, point):
    """Seconds as "00:00:01,400"."""
    minutes, thousandths = divmod(round(1000 * seconds), 60_000)
    whole, rest = divmod(thousandths, 1000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{whole:02}{point}{rest:03}"
