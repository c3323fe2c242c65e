"""Options of `predict`: how a text is searched for, and when its words were said."""

import dataclasses
import os
from collections.abc import Iterable, Mapping

from lstm_zoo.options import option
from lstm_zoo.tasks.speech.cues import FORMATS
from lstm_zoo.tasks.speech.lexicon import Words

OWN, OPENLY = "own", "none"  # the lexicon of the pipeline; none, as a command line has it


@dataclasses.dataclass(frozen=True, kw_only=True)
class SearchOptions:
    """What a network that spells takes beside the recordings."""

    beams: int | None = option(
        None,
        "Search with so many beams; 1: greedy. None: with those of the pipeline, 10, of speech/streaming 1, "
        "with a lexicon 16.",
        minimum=1,
    )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Options(SearchOptions):
    """What a network with CTC takes beside the recordings: it can be held to words, and its steps tell their times."""

    lexicon: Words = option(
        OWN,
        "Words that are written, as speech.with_lexicon takes them: a list, or the path of a file with a word a line. "
        'None, on a command line none: it is spelled openly. "own": as the pipeline does, by its own words if it has '
        "some.",
    )
    hotwords: str | Mapping[str, float] | None = option(
        None, "Words of the lexicon that are expected, and their weights: {'TWO': 2}, on a command line TWO=2,NINE=1.5."
    )
    language_model: str | os.PathLike | Iterable[str] | None = option(
        None,
        "Which words of the lexicon follow one another: the path of an ARPA file, or of texts, a sentence a line; or a "
        "list of these.",
    )
    alignment: bool = option(
        False,
        "Add to each answer `alignment`: when each word was said, in seconds, and how probable it is, a list of "
        "`{'word': 'YES', 'start': 0.4, 'end': 0.7, 'confidence': 0.98}`. `speech.plot` draws it.",
    )
    format: str | None = option(
        None,
        "Add to each answer `subtitles`, the content of a file: srt, vtt, json or txt; a command line prints it alone.",
        choices=FORMATS,
    )
