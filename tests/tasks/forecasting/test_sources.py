"""sources.py: the data sets of the task."""

import datetime

import numpy as np
import pandas as pd
import pytest

from lstm_zoo import datasets
from lstm_zoo.contract import SPLITS
from lstm_zoo.datasets import ett, m4
from lstm_zoo.tasks.forecasting import TASK, evaluation, sources, windows


def test_ett_splits(prepared):
    prepared("ett/h1")
    train_part, validation, test = (TASK.data(split) for split in ("train", "validation", "test"))
    assert len(test) == 7
    assert [len(part[0].y) for part in (train_part, validation, test)] == [8640, 11520, 14400]
    assert len(windows.origins(test, 720, 96)) == 7 * (2880 - 96 + 1)
    assert test[0].ds[0].isoformat() == "2016-07-01T00:00:00"
    standardised = train_part[0].y / train_part[0].scale
    assert standardised.std() == pytest.approx(1)


def test_baselines_on_ett(prepared):
    prepared("ett/h1")
    test, train_part = TASK.data("test"), TASK.data("train")
    metrics = evaluation.baseline_metrics(train_part, test, windows.origins(test, 720, 96), 96)
    assert metrics["naive"]["mse"] == pytest.approx(1.295, abs=0.002)  # published: 1.295, NLinear 0.374
    assert metrics["NLinear"]["mse"] < 0.374


def test_m4_splits(prepared):
    prepared("m4/hourly")
    train_part, validation, test = (TASK.data(split, "m4/hourly") for split in ("train", "validation", "test"))
    assert len(test) == 414
    for first, second, third in zip(train_part, validation, test, strict=True):
        assert (len(second.y) - len(first.y), len(third.y) - len(second.y)) == (48, 48)
        assert (second.first, third.first) == (len(first.y), len(second.y))


def test_baselines_on_m4_weekly(prepared):
    prepared("m4/weekly")
    test, train_part = TASK.data("test", "m4/weekly"), TASK.data("train", "m4/weekly")
    metrics = evaluation.baseline_metrics(train_part, test, windows.origins(test, 720, 13), 13)
    assert metrics["naive"] == {"owa": 1, "smape": 9.1613, "mase": 2.7773}  # the competition's Naive2: 9.161 and 2.777


def test_m4_splits_are_those_of_the_frequency(monkeypatch):
    frequency = m4.Frequency(horizon=2, step=pd.DateOffset(days=7), season=3, train=(0, ""), test=(0, ""), limits="")
    example = {"unique_id": "W1", "y": np.array([0.0, 1, 2, 1, 2, 3, 9, 9]), "future": np.array([7.0, 7])}
    monkeypatch.setitem(m4.FREQUENCIES, "weekly", frequency)
    monkeypatch.setattr(datasets, "load", {"m4/weekly": [example]}.get)
    (first,), (second,), (third,) = (sources.load_m4("weekly", split) for split in SPLITS)
    assert [len(part.y) for part in (first, second, third)] == [6, 8, 10]
    assert [part.first for part in (first, second, third)] == [0, 6, 8]
    assert (first.season, first.scale, second.scale) == (3, 1, 1)


def test_ett_splits_are_months_of_any_step(monkeypatch):
    quarter = datetime.timedelta(minutes=15)
    channel = {"unique_id": "OT", "start": "2016-07-01T00:00:00", "y": np.arange(100_000.0)}
    monkeypatch.setitem(ett.FILES, "m1", ett.File(step=quarter, content=(0, ""), limits=""))
    monkeypatch.setattr(datasets, "load", {"ett/m1": [channel]}.get)
    (first,), (second,), (third,) = (sources.load_ett("m1", split) for split in SPLITS)
    assert [len(part.y) for part in (first, second, third)] == [4 * 8640, 4 * 11520, 4 * 14400]
    assert [part.first for part in (first, second, third)] == [0, 4 * 8640, 4 * 11520]
    assert (first.season, first.ds[1].isoformat()) == (96, "2016-07-01T00:15:00")


@pytest.mark.parametrize(("split", "dataset"), [("training", "ett/h1"), ("test", "ett/h2")])
def test_unknown_split_or_data_set(split, dataset):
    with pytest.raises(ValueError, match="Unknown (split: 'training'|data set: 'ett/h2')"):
        TASK.data(split, dataset)
