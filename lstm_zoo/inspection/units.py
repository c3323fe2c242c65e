"""`units`: which units of the LSTMs of a pipeline have a property of what is read in their cell."""

from __future__ import annotations

import numbers
import pathlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from lstm_zoo import registry
from lstm_zoo.answering import loaded
from lstm_zoo.engines import in_tensorflow
from lstm_zoo.inspection import gates_of, one_item
from lstm_zoo.precision import in_float32
from lstm_zoo.progress import track

if TYPE_CHECKING:
    import keras

    from lstm_zoo.steps import Reading, Steps

MIN_ITEMS = 4  # two that decide the sign of each unit, two that are held out


@in_float32()
def units(
    name: str | pathlib.Path | keras.Model,
    items: Iterable[Any],
    property: Callable[[Any, list[Any]], Iterable[float | bool | None]],
    layer: str | None = None,
    *,
    permutations: int = 100,
    seed: int = 0,
) -> pd.DataFrame:
    """The units of the LSTMs of a pipeline, ranked by how well their cell predicts a property of what is read.

    Half of the items, drawn at random, decide the sign of each unit: whether its cell is high or low where the property
    is. The other half is held out, and gives the score. Among thousands of units some seem to know anything, so the
    same search is made with permuted properties, and the best score in each of these is the control: the properties of
    all items of a half, item behind item in another order, are cut at the lengths of the items, and each part is
    rotated by a random number of steps. What is permuted changes as slowly from step to step as what is not (Harris
    2020, https://doi.org/10.1101/2020.11.29.402719).

    Args:
        name: like that of `predict`.
        items: several, each like that of `inspect`: texts, recordings, series. The cells of all of them are in memory
            at once, 4 bytes a step and unit.
        property: (item as given, what its steps are, as `inspect` names them) -> a number or a bool for each step; None
            or NaN for a step that does not count.
        layer: LSTMs, like that of `inspect`. None: all, if they have the same steps.
        permutations: how many searches with permuted properties there are.
        seed: of the draws.

    Returns:
        DataFrame with a row a unit, the best first: `layer`, `unit`; `sign`, 1 where a high cell goes with a high or
        true property, or -1; the score on the items held out, `auc`, from 0 to 1, if all values are bools, else
        `spearman`, the rank correlation, from -1 to 1, both with that sign; `control`, in all rows the score that the
        best unit surpasses in 5% of the permuted searches; and `p_value`, in how many of them, this one included, the
        best unit is at least as good (Phipson and Smyth 2010, https://doi.org/10.2202/1544-6115.1585).

    Raises:
        ValueError: what `inspect` refuses; fewer than 4 items; LSTMs with different steps; a property that gives
            another number of values than there are steps, something that is no number, or the same everywhere;
            permutations below 1.

    Example:

    >>> def after_not(text, words):
    ...     return [before in ("not", "never") for before in ["", *words[:-1]]]
    >>> reviews = ["This is not bad.", "I did not laugh.", "It is never dull.", "Not a film that I would see again."]
    >>> units("sentiment", reviews, after_not).columns.tolist()
    ['layer', 'unit', 'sign', 'auc', 'control', 'p_value']
    """
    check_arguments(items, property, permutations)
    pipeline = in_tensorflow(loaded(name))
    task, network = registry.records_of(pipeline)
    cells, values, all_bools = {}, [], True
    for number, raw in enumerate(track(items, "reading")):
        try:
            reading = network.read_item(pipeline, one_item(task, pipeline, raw))
            gates = gates_of(pipeline, reading, layer)
        except (ValueError, OSError) as error:
            error.add_note(f"of item {number}, {raw!r:.80}")
            raise
        found, bools = values_of(property, raw, common_steps(reading, list(gates)), number)
        known = ~np.isnan(found)
        values.append(found[known])
        all_bools &= bools
        for lstm, computed in gates.items():
            cells.setdefault(lstm, []).append(computed.cell[known])
    if len(values) < MIN_ITEMS:
        raise ValueError(f"At least {MIN_ITEMS} items are expected: half of them are held out. Received: {len(values)}")

    return ranked(cells, values, all_bools, permutations, seed)


def ranked(
    cells: Mapping[str, Sequence[np.ndarray]],
    values: Sequence[np.ndarray],
    bools: bool,
    permutations: int,
    seed: int,
) -> pd.DataFrame:
    """The table of `units`, from what was read.

    Args:
        cells: name of an LSTM -> (steps, units) of each item.
        values: of the property, (steps,) of each item.
        bools: whether all of them are.
        permutations, seed: see `units`.
    """
    random = np.random.default_rng(seed)
    halves = np.array_split(random.permutation(len(values)), 2)[::-1]  # an odd item is held out
    columns = []
    for half, told in zip(halves, ("that decide the signs", "that are held out")):
        joined, ends = np.concatenate([values[place] for place in half]), np.cumsum([len(values[at]) for at in half])
        check_varies(joined, f"{len(half)} items {told}")
        joined = joined if bools else rankdata(joined)
        searches = [joined, *(permuted(np.split(joined, ends[:-1]), random) for _ in range(permutations))]
        columns.append(np.stack(searches, axis=1))
    tables, best = [], []
    for lstm, parts in cells.items():
        fitted, scores = (
            associations(np.concatenate([parts[place] for place in half]), searches, bools)
            for half, searches in zip(halves, columns)
        )
        signs = np.where(fitted < 0, -1, 1)
        scores *= signs
        table = {"layer": lstm, "unit": np.arange(len(scores)), "sign": signs[:, 0], "score": scores[:, 0]}
        tables.append(pd.DataFrame(table))
        best.append(scores[:, 1:].max(axis=0))
    control = np.max(best, axis=0)
    table = pd.concat(tables).sort_values("score", ascending=False, kind="stable", ignore_index=True)
    table["control"] = np.quantile(control, 0.95)
    table["p_value"] = (1 + (control >= table["score"].to_numpy()[:, None]).sum(axis=1)) / (1 + permutations)
    if bools:
        table[["score", "control"]] = (1 + table[["score", "control"]]) / 2
    return table.rename(columns={"score": "auc" if bools else "spearman"})


def check_arguments(items: Any, property: Any, permutations: Any) -> None:
    """Raise a ValueError for items that are one, a property that is no function, and a number that is none."""
    if isinstance(items, (str, bytes, pathlib.Path, Mapping)) or not isinstance(items, Iterable):
        raise ValueError(f"A list of items is expected, each like that of inspect. Received: {items!r:.80}")
    if not callable(property):
        expected = "property is a function of an item and its steps, which gives a value for each step"
        raise ValueError(f"{expected}. Received: {property!r:.80}")
    if not isinstance(permutations, int) or permutations < 1:
        raise ValueError(f"permutations is a whole number of at least 1. Received: {permutations!r}")


def common_steps(reading: Reading, lstms: Sequence[str]) -> Steps:
    """What the steps of LSTMs are; a ValueError where they differ."""
    kinds = {lstm: reading.steps_of(lstm) for lstm in lstms}
    first = kinds[lstms[0]]
    if any(steps is not first for steps in kinds.values()):
        told = ", ".join(f"{lstm} ({len(steps.names)} {steps.kind})" for lstm, steps in kinds.items())
        raise ValueError(f"A property has one value a step, and these LSTMs have different steps; name a layer: {told}")
    return first


def values_of(
    property: Callable[[Any, list[Any]], Iterable[Any]], raw: Any, steps: Steps, number: int
) -> tuple[np.ndarray, bool]:
    """The property of an item, float64 (steps,), NaN where it has none, and whether all of it are bools."""
    given = property(raw, list(steps.names))
    values = list(given) if isinstance(given, Iterable) and not isinstance(given, str) else [given]
    if len(values) != len(steps.names):
        expected = f"property gives a value for each of the {len(steps.names)} {steps.kind} of item {number}"
        raise ValueError(f"{expected}. Received: {len(values)}, {given!r:.80}")
    values = [np.nan if value is None else value for value in values]
    for value in values:
        if not isinstance(value, (numbers.Real, np.bool_)) or np.isinf(value):
            raise ValueError(f"property gives numbers, bools or None. Received: {value!r:.80} of item {number}")
    array = np.array(values, "float64")
    return array, all(isinstance(value, (bool, np.bool_)) or np.isnan(value) for value in values)


def check_varies(values: np.ndarray, told: str) -> None:
    """Raise a ValueError for a property that is the same everywhere, or nowhere."""
    if len(np.unique(values)) < 2:
        received = f"{values[0]:g} at each of {len(values)} steps" if len(values) else "no value"
        raise ValueError(f"A property of two values or more is expected. Received: {received} of the {told}")


def permuted(parts: Sequence[np.ndarray], random: np.random.Generator) -> np.ndarray:
    """Properties of items, one behind the other, which no longer belong to them, see `units`."""
    ends = np.cumsum([len(part) for part in parts])
    joined = np.concatenate([parts[place] for place in random.permutation(len(parts))])
    cut = np.split(joined, ends[:-1])
    return np.concatenate([np.roll(part, random.integers(max(1, len(part)))) for part in cut])


def associations(cells: np.ndarray, columns: np.ndarray, bools: bool) -> np.ndarray:
    """How units and properties go together: Spearman's correlation or, of bools, 2 * AUC - 1; 0 for a constant cell.

    Args:
        cells: (steps, units).
        columns: (steps, searches), ranks of numbers or 0 and 1, the same in each column in another order.
        bools: whether they are.

    Returns:
        float64 (units, searches), from -1 to 1.
    """
    ranks = rankdata(cells, axis=0)
    ranks -= ranks.mean(axis=0)
    others = columns - columns.mean(axis=0)
    if bools:  # Mann and Whitney 1947: AUC = (mean rank where true - (trues + 1) / 2) / falses
        share = columns[:, 0].mean()
        return ranks.T @ others * (2 / (len(cells) ** 2 * share * (1 - share)))
    norms = np.linalg.norm(ranks, axis=0)
    return ranks.T @ others / np.linalg.norm(others[:, 0]) / np.where(norms, norms, 1)[:, None]
