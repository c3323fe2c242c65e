"""A card as a page in Markdown, for people: in the folder of a run, on the hub, on a terminal."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from lstm_zoo import registry
from lstm_zoo.calibration import filled
from lstm_zoo.cards.records import few

LISTED = 20  # labels, characters and values that are told one by one


def page(information: dict[str, Any], address: str, curves: str | None = None, reliability: str | None = None) -> str:
    """The page of a card.

    Args:
        information: what `info` returns.
        address: what `load` takes for the pipeline.
        curves: address of the picture of its learning curves. None: there is none.
        reliability: address of the picture of the reliability in `information`. None: there is none, a table tells it.
    """
    task = registry.get_task(information["network"]).of(information)
    sections = {
        f"# {_plain(information['name'])}": _summary(information, task),
        "## Use": _use(address, information, task),
        "## Scores": _scores(information, task),
        "## Calibration": _calibration(information, reliability),
        "## Outside of its data": _out_of_domain(information),
        "## Training": _training(information, curves),
        "## Network": _network(information),
        "## Limits": _plain(information["limits"]) if information["limits"] else _UNKNOWN_LIMITS,
        "## File": _file(information),
    }
    return "\n\n".join(f"{title}\n\n{text}" for title, text in sections.items() if text) + "\n"


_UNKNOWN_LIMITS = (
    "It was trained on the data named above alone. On other data it is worse than its score, by how much "
    "`lstm_zoo.evaluate` tells."
)


def _summary(information, task):
    languages = information["languages"]
    language = f" Languages: {' to '.join(languages)}." if languages else ""
    license = f" Licence: {_plain(information['license'])}." if information["license"] else ""
    network = f"`{information['network']}` of lstm_zoo, LSTMs that just work, in Keras."
    return f"{network} What it answers: {task.summary}.{language}{license}"


def _use(address, information, task):
    dataset = task.datasets.get(information["data"])
    example = (dataset and dataset.example) or task.example
    if dataset is None and task.labels is not None and task.column == "text":  # other labels than those of the example
        example = '"your text here"'
    extras = ",".join(["hf", *([task.extra] if task.extra else [])])
    install = f"After `pip install 'lstm_zoo[{extras}]'`:\n\n" if address.startswith("hf://") else ""
    return f"""{install}```python
import lstm_zoo

pipeline = lstm_zoo.load({json.dumps(address, ensure_ascii=False)})
lstm_zoo.predict(pipeline, {example})
```"""


def _scores(information, task):
    metrics, baselines = information["metrics"] or {}, information["baselines"] or {}
    names = list(dict.fromkeys(name for scores in metrics.values() for name in scores))
    # The baselines are those of the last split, the test split of a published row.
    counts = information["examples"] or {}
    header = [
        "metric",
        *(f"{_plain(name)} ({counts[name]:,})" if name in counts else _plain(name) for name in metrics),
        *(f"{_plain(name)}, {_plain(list(metrics)[-1])}" for name in baselines),
    ]
    rows = [
        [_plain(name), *(s.get(name) for s in metrics.values()), *(s.get(name) for s in baselines.values())]
        for name in names
    ]
    way = information["signature"]
    signature = f"\n\nThe first metric is computed as {_code(way)}." if way else ""
    chance = f"\n\n**{_plain(information['chance'])}**" if information["chance"] else ""
    validated = task.labels is not None and list(metrics) == ["validation"] and "validation" in counts
    sentence = few(counts["validation"]) if validated else None
    doubt = f"\n\n**{sentence}**" if sentence else ""
    return _table(header, rows) + signature + chance + doubt if rows else ""


def _calibration(information, reliability):
    """How often labels hold on validation, by their probability."""
    if not information["reliability"]:
        return ""
    if reliability:
        return f"![Reliability on validation]({reliability})"
    rows = [[f"from {start:.2f}", *row] for start, *row in filled(information["reliability"])]
    return _table(["probability", "count", "mean probability", "share that holds"], rows)


def _out_of_domain(information):
    found = information["out_of_domain"] or {}
    baselines = list(dict.fromkeys(name for scores in found.values() for name in scores["baselines"]))
    rows = [
        [_plain(kind), _plain(metric), value, *(scores["baselines"].get(name, {}).get(metric) for name in baselines)]
        for kind, scores in found.items()
        for metric, value in scores["metrics"].items()
    ]
    return _table(["examples", "metric", "score", *map(_plain, baselines)], rows) if rows else ""


def _training(information, curves):
    terms = _terms(information)
    counts = information["examples"] or {}
    examples = f" ({', '.join(f'{count:,} for {use}' for use, count in counts.items())})" if counts else ""
    lines = [f"Data: {_plain(information['data'])}{examples}{terms}."] if information["data"] else []
    begun, origins = information["begun_from"], []
    while begun:
        data = f", trained on {_plain(begun['data'])}" if begun.get("data") else ""
        digest = f" (SHA-256 {_plain(begun['sha256'][:16])}...)" if begun.get("sha256") else ""
        origins.append(f"began as {_plain(begun['name'])}{digest}{data}{_terms(begun)}")
        begun = begun.get("begun_from")
    lines += [f"It {'; that '.join(origins)}."] if origins else []
    lines += [_plain(information["choice"])] if information["choice"] else []
    if information["command"]:
        fence = _fence(information["command"], 3)
        lines.append(f"{fence}text\n{_printable(information['command'])}\n{fence}")
    if information["commit"]:
        lines.append(f"At commit {_plain(information['commit'])}, with seed {information['seed']}.")
    elif information["seed"] is not None:
        lines.append(f"Seed {information['seed']}.")
    lines += [f"![Learning curves]({curves})"] if curves else []
    return "\n\n".join(lines)


def _terms(record):
    return f", {_plain(record['data_license'])}" if record.get("data_license") else ""


def _network(information):
    told = {name: information[name] for name in _facts(information)} | (information["hyperparameters"] or {})
    values = _table(["hyperparameter", "value"], [[_code(name), _brief(value)] for name, value in told.items()])
    layers = [[_plain(layer["layer"]), layer["type"], layer["parameters"]] for layer in information["layers"] or ()]
    layers = _table(["layer", "type", "parameters"], [*layers, ["**all**", "", information["parameters"]]])
    return f"{values}\n\n{layers}" if told else layers


def _facts(information):
    """Names of what the task tells of the pipeline."""
    names = list(information)
    return names[names.index("layers") + 1 : names.index("hyperparameters")]


def _file(information):
    lines = []
    if information.get("sha256"):
        kept = f", weights in {information['dtype']}" if information["dtype"] else ""
        lines.append(f"{information['bytes'] / 1e6:.1f} MB{kept}. SHA-256: `{information['sha256']}`.")
    if information["versions"]:
        versions = ", ".join(f"{name} {version}" for name, version in information["versions"].items())
        lines.append(f"Made with {_plain(versions)}.")
    return "\n\n".join(lines)


def _table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table in Markdown, columns of numbers to the right."""
    shown = [[_cell(value) for value in row] for row in rows]
    header = [_cell(title) for title in header]
    columns = zip(*rows) if rows else ()
    numbers = [all(value is None or isinstance(value, (int, float)) for value in column) for column in columns]
    align = ["--:" if number else ":--" for number in numbers]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (header, align, *shown))


def _cell(value):
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return _printable(" ".join(str(value).splitlines())).replace("|", "\\|")
    return f"{value:,}" if isinstance(value, int) else f"{value:.4f}" if abs(value) < 5 else f"{value:.2f}"


def _brief(value):
    """A value in a cell: of a long list the first ones and its length; of a dict names with their numbers."""
    if isinstance(value, dict):
        shown = ", ".join(f"{_code(name)} {_cell(part)}" for name, part in list(value.items())[:LISTED]) or "none"
        return f"{shown}, ... ({len(value):,})" if len(value) > LISTED else shown
    if isinstance(value, (list, tuple)):
        shown = ", ".join(map(_code, value[:LISTED])) or "none"
        return f"{shown}, ... ({len(value):,})" if len(value) > LISTED else shown
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return "none" if value is None else _code(value) if isinstance(value, str) else str(value)


def _plain(text):
    """A text that is no markup, nor a line break."""
    return re.sub(r"([\\`<\[])", r"\\\1", _printable(" ".join(str(text).split())))


def _printable(text):
    """A text without what could steer a terminal."""
    return "".join(
        character if character.isprintable() or character == "\n" else "\N{REPLACEMENT CHARACTER}"
        for character in str(text)
    )


def _code(value):
    """A value as code, whatever characters it has."""
    text = _printable(" ".join(str(value).splitlines()))
    fence, space = _fence(text, 1), " " if not text or "`" in (text[0], text[-1]) else ""
    return f"{fence}{space}{text}{space}{fence}"


def _fence(text, shortest):
    """As many backticks as no part of a text has."""
    return "`" * max([shortest, *(len(run) + 1 for run in re.findall("`+", text))])
