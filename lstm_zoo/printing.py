"""What the command line shows: answers and scores as tables, texts while they are written, JSON."""

import json
import pathlib
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text


def show_stream(name: str, raw: Any, engine: str | None, **options: Any) -> bool:
    """Print answers while they are written; False where they come as a whole."""
    from lstm_zoo.inference import stream

    parts = stream(name, raw, engine, **options)
    for part in parts or ():
        print(part, end="", flush=True)
    return parts is not None


def show(result: Any, given: dict[str, Any], as_json: bool) -> None:
    """Print what a verb returned: a model's layers, a table of answers or metrics, a path."""
    if result is None:
        return
    from lstm_zoo import outputs  # imports pandas, which `lstm-zoo list` needs not

    if hasattr(result, "summary") and "epochs" in given:  # of a training
        from lstm_zoo.training import folder_of
        from lstm_zoo.weights import archive

        path = str(folder_of(given["name"], given["folder"]) / "pipeline.keras")
        metrics = archive.record_of(result)["metrics"]
        print(json.dumps({"pipeline": path, "metrics": metrics}, ensure_ascii=False) if as_json else path)
    elif hasattr(result, "summary"):
        result.summary()
    elif isinstance(result, (str, pathlib.Path)):
        print(json.dumps(str(result)) if as_json else result)
    elif hasattr(result, "to_csv") and "alpha" in given:
        show_anomalies(result, as_json)
    elif hasattr(result, "to_csv"):
        rows = list(outputs.plain_rows(result)) if as_json else ()
        print(json.dumps(rows, ensure_ascii=False) if as_json else outputs.csv_of(result), end="\n" * as_json)
    elif as_json:
        print(json.dumps(outputs.plain(result), ensure_ascii=False, allow_nan=False))
    elif isinstance(result, dict) and "layers" in result:  # a card
        from rich.markdown import Markdown

        from lstm_zoo.cards.markdown import page

        Console().print(Markdown(page(result, given["name"])))
    elif isinstance(result, dict) and "unit" in given:  # of LSTMs that were looked into
        table = Table("LSTM", "steps", "units", "mean forget", "input", "output gate")
        for lstm, gates in result.items():
            means = (cell(float(gates[name].mean())) for name in ("forget", "input", "output"))
            table.add_row(lstm, *map(str, gates["cell"].shape), *means)
        Console().print(table)
    elif isinstance(result, dict) and ("half_life" in result or "context" in result):
        show_memory(result)
    elif isinstance(result, dict) and "report" in given:
        for name, value in result.items():  # of a search, which showed its trials itself
            print(f"{name} = {value}")
    elif isinstance(result, dict):
        baselines = result.pop("baselines", {})
        table = Table("metric", "pipeline", *baselines)
        for metric, value in result.items():
            others = (cell(scores[metric]) if metric in scores else "" for scores in baselines.values())
            table.add_row(metric, cell(value), *others)
        Console().print(table)
    elif result and "subtitles" in result[0]:
        print(result[0]["subtitles"], end="")
    else:
        show_answers(given["raw"], result)


def show_answers(items: list[str], answers: list[dict[str, Any]]) -> None:
    """Print answers beside what was asked."""
    columns = dict.fromkeys(key for answer in answers for key in answer)
    table = Table("input", *columns)
    for item, answer in zip(items, answers):
        table.add_row(Text(item), *(cell(answer.get(key)) for key in columns))
    Console().print(table)


def show_anomalies(found: Any, as_json: bool) -> None:
    """Print those of the steps that were judged which are anomalies: as JSON whole, as a table what fits 80 columns."""
    from lstm_zoo import outputs

    shown = found[found["anomaly"]].drop(columns="anomaly")
    if as_json:
        print(json.dumps(list(outputs.plain_rows(shown)), ensure_ascii=False))
        return
    titles = ["ds", "y", "median", "score", "p"]
    columns = [Column(title, no_wrap=True) for title in titles]
    table = Table("unique_id", *columns, title=f"Anomalies: {len(shown):,} of {len(found):,} steps", box=box.SIMPLE)
    for row in shown[["unique_id", *titles]].itertuples(index=False):
        table.add_row(*map(cell, row))
    Console().print(table)


def show_memory(found: dict[str, Any]) -> None:
    """Print what `memory` found: the gradient at some distances, the half-lives of each LSTM, the score by context."""
    if "half_life" in found:
        show_remembered(found)
    if "context" in found:
        scores = Table(f"{found['context_kind']} read", found["metric"])
        for count, score in zip(found["context"], found["score"]):
            scores.add_row(str(count), cell(float(score)))
        Console().print(scores)


def show_remembered(found: dict[str, Any]) -> None:
    """Print what `memory` found of items."""
    import numpy as np

    distances = Table("distance", "gradient, of the largest")
    for distance, gradient in zip(found["distance"], found["gradient"]):
        if distance == 0 or abs(distance).bit_count() == 1:  # 1, 2, 4, 8
            distances.add_row(str(distance), cell(float(gradient)))
    half_lives = Table("LSTM", "units", "half-life in steps: median", "10% above", "longest")
    for lstm, values in found["half_life"].items():
        shown = (cell(float(value)) for value in np.quantile(values, (0.5, 0.9, 1)))
        half_lives.add_row(lstm, str(len(values)), *shown)
    Console().print(distances, half_lives)


def score_of(row: dict[str, Any]) -> str:
    """The first metric of a published row on its test split."""
    metric, value = next(iter(row["metrics"]["test"].items()))
    return f"{metric} {cell(value)}"


def cell(value: Any) -> str | Text:
    """A table cell: four digits of a number, two of a large one, `word 0.12` for weighted words, a line a label."""
    if isinstance(value, float):
        return f"{value:.4f}" if abs(value) < 5 else f"{value:.2f}"
    if value is None:
        return ""
    if isinstance(value, dict):  # of labels
        return Text("\n".join(f"{name} {cell(part)}" for name, part in value.items()))
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return Text(", ".join(value))
    if isinstance(value, list):
        parts = [tuple(part.values()) if isinstance(part, dict) else part for part in value]
        return Text("  ".join(" ".join([word, *(f"{number:.2f}" for number in numbers)]) for word, *numbers in parts))
    return Text(str(value))  # a user's text is no markup
