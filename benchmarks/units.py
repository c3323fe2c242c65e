"""Which unit does what: cells of published networks that know where a text, a judgement or a day is.

    python -m benchmarks.units [--items 40]

`lstm_zoo.units` searches all LSTMs of a pipeline for the unit whose cell predicts a property of what is read best.
Half of the items decide whether a unit is high or low where the property is; scores are those of the other half: the
area under the ROC curve (0.5 is chance) or, of numbers, Spearman's rank correlation (0 is chance). The control is what
the best unit of the same search reaches in one of twenty searches with permuted properties, p the share of the
permuted searches whose best unit is as good. Items are of the test splits, which no network learnt from:

- 400 characters of Shakespeare's plays, from the beginning of a speech. Names of speakers stand on lines of their own
  and end with a colon; the place in the line and the length of the word so far are counted in characters.
- 150 words of a review with quotation marks or parentheses in them, which `text_generation/awd` reads in subwords.
- 150 words of a review. The sentiment so far is the sum of VADER's ratings (Hutto and Gilbert 2014) of the words read,
  half as many for every ten words that they lie back; the last one is the sign of the rating of the last word that has
  one, from which steps before the first are left out.
- 720 hours of the seven channels of ETTh1, from which a step of the LSTM reads 48: the hour of the day at which the
  step begins, as a clock's hand that is high at noon, or at six.

The picture shows the three units furthest above their control, each over an item that is held out.
"""

import functools
import pathlib
import re

import matplotlib.figure
import numpy as np
import pandas as pd

import lstm_zoo
from benchmarks.measuring import parse, parser, write
from lstm_zoo.inspection import pictures
from lstm_zoo.registry import get_task
from lstm_zoo.steps import Steps

WORDS, CHARACTERS, HOURS = 150, 400, 720  # of an item
HALF_LIFE = 10  # words
FIGURE = pathlib.Path(__file__).parents[1] / "docs" / "benchmarks" / "units.png"
COLUMNS = 110  # characters in a line of the picture


def speeches(count):
    """Passages of the plays that begin with a speech, as far from each other as the test split allows."""
    text = get_task("text_generation").data("test", "tiny_shakespeare")[0]
    begins = [match.end() for match in re.finditer("\n\n", text) if match.end() + CHARACTERS <= len(text)]
    return [text[begin : begin + CHARACTERS] for begin in begins[:: len(begins) // count][:count]]


@functools.cache
def reviews():
    """The beginnings of reviews of the test split."""
    texts = get_task("text_generation/awd").data("test", "imdb_reviews")
    return [" ".join(text.split()[:WORDS]) for text in texts]


def with_both(opening, closing, count):
    """Those of the reviews in which something is opened and closed twice, the first so many."""
    opens = 2 + 2 * (opening == closing)
    return [text for text in reviews() if min(text.count(opening) / opens, text.count(closing) / opens) >= 1][:count]


def days(count):
    """Windows of the channels of ETTh1, which begin at hours drawn at random."""
    random, series = np.random.default_rng(0), get_task("forecasting").data("test", "ett_h1")
    windows = []
    for number in range(count):
        item = series[number % len(series)]
        end = random.integers(item.first, len(item.y))
        part = slice(end - HOURS, end)
        windows.append(pd.DataFrame({"unique_id": item.unique_id, "ds": item.ds[part], "y": item.y[part]}))
    return windows


def speaker(text, _):
    """Whether a character belongs to the name of a speaker; of the last line, which is cut, nobody knows."""
    *lines, rest = text.split("\n")
    known = [line.endswith(":") for line in lines for _ in f"{line}\n"]
    return [None, *known, *(None for _ in rest)]


def place_in_line(text, _):
    """How many characters of its line have been read."""
    return [None, *(number - text.rfind("\n", 0, number + 1) for number in range(len(text)))]


def place_in_word(text, _):
    """How many letters of its word have been read; 0 between words."""
    return [None, *(len(re.search(r"\w*$", text[: number + 1])[0]) for number in range(len(text)))]


def inside(opening, closing, _, subwords):
    """Whether the last mark that was read opened something, quotation marks in turns."""
    is_open, found = False, []
    for subword in subwords:
        for character in subword:
            if character in (opening, closing):
                is_open = not is_open if opening == closing else character == opening
        found.append(is_open)
    return found


@functools.cache
def lexicon():
    """Word -> its rating, from -4 to 4."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    return SentimentIntensityAnalyzer().lexicon


def sentiment_so_far(_, words):
    """The sum of the ratings of the words read, each half as much for every `HALF_LIFE` words that it lies back."""
    found = [0.0]
    for word in words:
        found.append(found[-1] * 0.5 ** (1 / HALF_LIFE) + lexicon().get(word.strip("\u2581").lower(), 0))
    return found[1:]


def last_opinion(_, words):
    """Whether the last word with a rating was a good one; None before the first."""
    found = [None]
    for word in words:
        rating = lexicon().get(word.strip("\u2581").lower(), 0)
        found.append(found[-1] if rating == 0 else rating > 0)
    return found[1:]


def clock(noon, _, times):
    """The height of a clock's hand that goes round once a day and is up at the hour `noon`."""
    return [np.cos(2 * np.pi * (time.hour - noon) / 24) for time in times]


QUOTES, PARENTHESES = '""', "()"
# What is searched for -> pipeline, function of a number that gives so many items, the property.
SEARCHES = {
    "in the name of a speaker": ("text_generation/character", speeches, speaker),
    "place in the line": ("text_generation/character", speeches, place_in_line),
    "length of the word so far": ("text_generation/character", speeches, place_in_word),
    "inside quotation marks": (
        "text_generation/awd",
        functools.partial(with_both, *QUOTES),
        functools.partial(inside, *QUOTES),
    ),
    "inside parentheses": (
        "text_generation/awd",
        functools.partial(with_both, *PARENTHESES),
        functools.partial(inside, *PARENTHESES),
    ),
    "sentiment so far": ("sentiment/awd", lambda count: reviews()[:count], sentiment_so_far),
    "the last opinion was good": ("sentiment/awd", lambda count: reviews()[:count], last_opinion),
    "noon": ("forecasting", days, functools.partial(clock, 12)),
    "six in the evening": ("forecasting", days, functools.partial(clock, 18)),
}
