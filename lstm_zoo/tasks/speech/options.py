"""Options of `predict`: how a text is searched for, and when its words were said."""

import dataclasses

from lstm_zoo.options import option
from lstm_zoo.tasks.speech.cues import FORMATS


@dataclasses.dataclass(frozen=True, kw_only=True)
class SearchOptions:
    """What a network that spells takes beside the recordings."""

    beams: int | None = option(
        None,
        "Search with so many beams; 1: greedy. None: with those of the pipeline, 10, of speech/streaming 1.",
        minimum=1,
    )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Options(SearchOptions):
    """What a network with CTC takes beside the recordings: its steps tell the times of what it writes."""

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
