"""A card as a page in Markdown, for people: in the folder of a run, on the hub, on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from lstm_zoo import registry

LISTED = 20  # labels, characters and values that are told one by one


def page(information: dict[str, Any], address: str, curves: str | None = None) -> str:
    """The page of a card.

    Args:
        information: what `info` returns.
        address: what `load` takes for the pipeline.
        curves: address of the picture of its learning curves. None: there is none.
    """
    task = registry.get_task(information["network"])
    sections = {
        f"# {information['name']}": _summary(information, task),
        "## Use": _use(address, task),
        "## Scores": _scores(information),
        "## Training": _training(information, curves),
        "## Network": _network(information),
        "## Limits": information["limits"] or _UNKNOWN_LIMITS,
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
    license = f" Licence: {information['license']}." if information["license"] else ""
    network = f"`{information['network']}` of lstm_zoo, LSTMs that just work, in Keras"
    return f"An LSTM that tells {task.summary}: {network}.{language}{license}"


def _use(address, task):
    install = "After `pip install 'lstm_zoo[hf]'`:\n\n" if address.startswith("hf://") else ""
    return f"""{install}```python
import lstm_zoo

pipeline = lstm_zoo.load("{address}")
lstm_zoo.predict(pipeline, {task.example})
```"""


def _scores(information):
    metrics, baselines = information["metrics"] or {}, information["baselines"] or {}
    names = list(dict.fromkeys(name for scores in metrics.values() for name in scores))
    # The baselines are those of the last split, the test split of a published row.
    header = ["metric", *metrics, *baselines]
    rows = [
        [name, *(s.get(name) for s in metrics.values()), *(s.get(name) for s in baselines.values())] for name in names
    ]
    signature = f"\n\nThe first metric is computed as `{information['signature']}`." if information["signature"] else ""
    return _table(header, rows) + signature if rows else ""


def _training(information, curves):
    terms = f", {information['data_license']}" if information["data_license"] else ""
    counts = information["examples"] or {}
    examples = f" ({', '.join(f'{count:,} for {use}' for use, count in counts.items())})" if counts else ""
    lines = [f"Data: {information['data']}{examples}{terms}."] if information["data"] else []
    begun = information["begun_from"]
    while begun:
        terms = f", {begun['data_license']}" if begun.get("data_license") else ""
        lines.append(f"It began as {begun['name']}, trained on {begun['data']}{terms}.")
        begun = begun.get("begun_from")
    if information["command"]:
        lines.append(f"```text\n{information['command']}\n```")
    if information["commit"]:
        lines.append(f"Commit {information['commit']}, seed {information['seed']}.")
    elif information["seed"] is not None:
        lines.append(f"Seed {information['seed']}.")
    lines += [f"![Learning curves]({curves})"] if curves else []
    return "\n\n".join(lines)


def _network(information):
    told = {name: information[name] for name in _facts(information)} | (information["hyperparameters"] or {})
    values = _table(["hyperparameter", "value"], [[f"`{name}`", _brief(value)] for name, value in told.items()])
    layers = [[layer["layer"], layer["type"], layer["parameters"]] for layer in information["layers"] or ()]
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
        lines.append(
            f"Made with {', '.join(f'{name} {version}' for name, version in information['versions'].items())}."
        )
    return "\n\n".join(lines)


def _table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table in Markdown, columns of numbers to the right."""
    shown = [[_cell(value) for value in row] for row in rows]
    columns = zip(*rows) if rows else ()
    numbers = [all(value is None or isinstance(value, (int, float)) for value in column) for column in columns]
    align = ["--:" if number else ":--" for number in numbers]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (header, align, *shown))


def _cell(value):
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value).replace("|", "\\|").replace("\n", " ")
    return f"{value:,}" if isinstance(value, int) else f"{value:.4f}" if abs(value) < 5 else f"{value:.2f}"


def _brief(value):
    """A value in a cell: of a long list the first ones and its length."""
    if isinstance(value, list):
        shown = ", ".join(f"`{part}`" for part in value[:LISTED])
        return f"{shown}, ... ({len(value):,})" if len(value) > LISTED else shown
    return "" if value is None else f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else value
