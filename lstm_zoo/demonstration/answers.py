"""What is behind the tabs: functions from what a visitor gives to HTML. Each is what a user of the zoo would write."""

from __future__ import annotations

import functools
import math
import pathlib
import tempfile
import warnings
from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING, Any

import lstm_zoo
from lstm_zoo.demonstration.markup import folded, frame, paragraph, picture, table, weighed_words, wide
from lstm_zoo.optional import need
from lstm_zoo.options import fields_of
from lstm_zoo.reading import read_keywords
from lstm_zoo.registry import records_of

if TYPE_CHECKING:
    import keras
    import numpy as np

MAX_CHARACTERS = 5_000  # of a text
MAX_WEIGHED = 60  # words of a text that are left out, one after the other
MAX_INSIDE = 1_000  # of one that is looked into
MAX_DRAWN = 60  # subwords that an attention is drawn for
MAX_SECONDS = 60  # of a recording
MAX_SERIES, MAX_VALUES = 12, 50_000  # of a table
MAX_WINDOWS = 20  # of a backtest
MAX_STEPS = 24  # of a forecast that are told as numbers
MAX_NEW_TOKENS = 2048


@functools.cache
def pipeline(name: str) -> keras.Model:
    """The pipeline of a published file, loaded once."""
    return lstm_zoo.load(name)


def label(name: str, text: str) -> str:
    """The labels of a text, the words that decided and, of a network with attention, those that it looked at."""
    text, model = checked_text(text), pipeline(name)
    options = {"scores": True, **({"explain": True} if "explain" in options_of(model) else {})}
    [answer] = lstm_zoo.predict(model, [text], **options)
    scores = sorted(answer["scores"].items(), key=lambda pair: -pair[1])
    rows = [(label, f"{score:.1%}") for label, score in scores]
    html = paragraph(answer["label"], "answer") + table("Labels", ["label", "probability"], rows)
    if len(text.split()) <= MAX_WEIGHED:
        words = weigh(model, text, answer["label"])
        best = sorted(words, key=lambda pair: -abs(pair[1]))[:3]
        told = ", ".join(f"{scores[0][1] - effect:.1%} without “{word}”" for word, effect in best)
        html += weighed_words(words)
        html += paragraph(f"Purple words speak for it, orange ones against. Its probability is {told}.")
    if answer.get("words"):
        best = sorted(answer["words"], key=lambda pair: -pair[1])[:5]
        html += paragraph("It looked most at " + ", ".join(f"“{word}” {weight:.0%}" for word, weight in best) + ".")
    return html


def weigh(model: keras.Model, text: str, label: str) -> list[tuple[str, float]]:
    """Words of a text, and how much each speaks for a label: by how much less probable it is without the word."""
    words = text.split()
    texts = [text, *(" ".join(words[:place] + words[place + 1 :]) for place in range(len(words)))]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of texts without a word it would warn again
        whole, *without = (answer["scores"][label] for answer in lstm_zoo.predict(model, texts, scores=True))
    return [(word, whole - rest) for word, rest in zip(words, without)]


def translate(name: str, text: str) -> str:
    """A text in another language, and where the network looked when it wrote it."""
    text, model = checked_text(text), pipeline(name)
    [answer] = lstm_zoo.predict(model, [text], alignment=True)
    html = paragraph(answer["text"], "answer") + paragraph(f"Its score, a log-probability: {answer['score']:.2f}.")
    alignment = answer["alignment"]
    if max(len(alignment["source"]), len(alignment["target"])) > MAX_DRAWN:
        return html + paragraph(f"Where it looked is drawn for texts of at most {MAX_DRAWN} subwords.")
    told = "Heat map of the attention: how much each subword of the translation looked at each of the source."
    return html + picture(told, lambda path: lstm_zoo.translation.plot(answer, path))


def transcribe(name: str, path: str | None) -> str:
    """What a recording says, or which word it is, how sure that is and, where the network tells, when it was said."""
    recording, model = read_recording(path), pipeline(name)
    options = {"alignment": True} if "alignment" in options_of(model) else {}
    [answer] = lstm_zoo.predict(model, [recording], **options)
    text, score = answer.get("text", answer.get("label")), answer["score"]
    html = paragraph((text or "").strip() or "(nothing was heard)", "answer")
    if score is not None and "label" in answer:
        html += paragraph(f"Its probability: {score:.2f}.")
    elif score is not None:
        html += paragraph(f"The probability of the whole text: {math.exp(score):.2g}, its logarithm {score:.2f}.")
    if not answer.get("alignment"):
        return html
    rows = [(word["word"], word["start"], word["end"], f"{word['confidence']:.2f}") for word in answer["alignment"]]
    html += table("When each word was said, in seconds", ["word", "from", "to", "probability"], rows)
    told = f"Spectrum of the recording, with the words {text} where they were said."
    return html + wide(picture(told, lambda path: lstm_zoo.speech.plot(recording, answer, path)), told)


def forecast(name: str, path: str | None, columns: str, windows: float) -> str:
    """How series go on, as a fan chart, and how good forecasts of their past would have been."""
    model = pipeline(name)
    series = read_series(model, path, columns)
    fans = lstm_zoo.predict(model, series)
    told = "Fan chart: the end of each series, and behind it median, mean and intervals of its forecast."
    html = picture(told, lambda path: lstm_zoo.forecasting.plot(series, fans, path))
    try:
        metrics = lstm_zoo.backtest(model, series, windows=int(windows))
        baselines = metrics.pop("baselines")
        rows = [(name, score, *(others.get(name) for others in baselines.values())) for name, score in metrics.items()]
        html += table("Backtest: forecasts of the past", ["metric", "this network", *baselines], rows)
    except ValueError as error:  # too short for a backtest is not too short for a forecast
        html += paragraph(f"No backtest: {error}", "warning")
    steps = fans[["unique_id", "ds", "q0.1", "q0.5", "q0.9"]].groupby("unique_id", sort=False).head(MAX_STEPS)
    told, titles = f"The first {MAX_STEPS} steps of each series", ["series", "time", "10 %", "median", "90 %"]
    return html + folded("The forecast as numbers", table(told, titles, steps.itertuples(index=False)))


def write(name: str, prompt: str, temperature: float, max_new_tokens: float, seed: float) -> Iterator[str]:
    """A prompt and how it goes on, more of it each time."""
    from lstm_zoo.inference import stream

    prompt = checked_text(prompt, may_be_empty=True)
    options = {"temperature": temperature, "max_new_tokens": int(max_new_tokens), "seed": int(seed)}
    if options["max_new_tokens"] > MAX_NEW_TOKENS:
        raise ValueError(f"At most {MAX_NEW_TOKENS:,} tokens are written here. Received: {options['max_new_tokens']:,}")
    written = ""
    for part in stream(pipeline(name), [prompt], **options):
        written += part
        yield f'<p class="text"><b>{escape(prompt)}</b>{escape(written[len(prompt) :])}</p>'


def look_inside(name: str, text: str, recording: str | None, table_path: str | None, columns: str) -> str:
    """A page about the LSTMs of a pipeline while they read what its task reads."""
    model = pipeline(name)
    raw: Any
    if name.startswith("speech"):
        raw = [read_recording(recording)]
    elif name.startswith("forecasting"):
        raw = read_series(model, table_path, columns)
    else:
        raw = [checked_text(text, MAX_INSIDE)]
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "page.html"
        lstm_zoo.inspect(model, raw, html=path)
        return frame(f"Gates and memory of {name}", path.read_text(encoding="utf-8"))


def checked_text(text: str, max_characters: int = MAX_CHARACTERS, *, may_be_empty: bool = False) -> str:
    """A text that a visitor typed; a ValueError for none, or for one that is too long."""
    if len(text) > max_characters:
        raise ValueError(f"A text of at most {max_characters:,} characters is read here. Received: {len(text):,}")
    if not may_be_empty and not text.strip():
        raise ValueError("There is no text to read. Type one.")
    return text


def read_recording(path: str | None) -> tuple[np.ndarray, int]:
    """Samples and rate of what a visitor recorded or uploaded; a ValueError for none, or for one that is too long."""
    from lstm_zoo.tasks.speech import audio

    if path is None:
        raise ValueError("There is no recording. Record one, or upload a file.")
    soundfile = need("soundfile", "speech")
    try:
        seconds = soundfile.info(path).duration  # before it is unpacked: of silence a small file holds days
    except soundfile.LibsndfileError:
        seconds = 0.0  # `recording` tells what is wrong
    if seconds > MAX_SECONDS:
        raise ValueError(f"A recording of at most {MAX_SECONDS} s is read here. Received: {seconds:,.0f} s")
    return audio.recording(path), audio.RATE


def read_series(model: keras.Model, path: str | None, columns: str) -> list[Any]:
    """The series in the table that a visitor uploaded; a ValueError for none, or for too many."""
    if path is None:
        raise ValueError("There is no table. Upload a CSV file, or take the example.")
    series = lstm_zoo.forecasting.read(
        path, **read_keywords(lstm_zoo.forecasting.TASK, model, columns=columns.strip() or None)
    )
    values = sum(len(item.y) for item in series)
    if len(series) > MAX_SERIES or values > MAX_VALUES:
        raise ValueError(
            f"At most {MAX_SERIES} series with {MAX_VALUES:,} values together are read here. "
            f"Received: {len(series):,} with {values:,}"
        )
    return series


def options_of(model: keras.Model) -> dict[str, Any]:
    """The options that `predict` takes for a pipeline."""
    return fields_of(records_of(model)[1].options)
