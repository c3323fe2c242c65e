"""windows.py: what training reads and scoring forecasts."""

import math

import keras
import numpy as np
from tasks.forecasting.series import wave

from lstm_zoo import batching
from lstm_zoo.tasks.forecasting import TASK, frames, scoring, windows


def test_origins():
    def series(steps, first=0):
        return frames.read(np.ones((1, steps)))[0]._replace(first=first)

    rows = windows.origins([series(30), series(10), series(5), series(30, first=28)], lookback=12, horizon=6)
    assert rows.tolist() == [*([0, step] for step in range(12, 25)), [1, 4]]


def test_every_window_is_seen_once_a_pass():
    series = frames.read(np.arange(60.0)[None])
    preprocessing = TASK.adapt(series, lookback=12, horizon=6)
    count = TASK.num_units(series, preprocessing)
    passes = TASK.batches(series, preprocessing, 10, seed=0)
    steps = math.ceil(count / 10)
    seen = [len(inputs["history"]) for inputs, _ in passes.take(2 * steps)]
    assert count == 60 - 6 - 12 + 1
    assert sum(seen) == 2 * count


def test_training_sees_what_the_pipeline_sees(pipeline):
    series = [frames.read(wave()[None])[0]._replace(first=30)]
    network = pipeline.get_layer("seq2seq")
    _, preprocessing = TASK.fine_tune(pipeline, series)
    inputs, targets = next(iter(batching.read_by(network, TASK.batches(series, preprocessing, 4))))
    rows = windows.origins(series, 12, 6)[:4]
    through = scoring.forecast(pipeline, series, rows)
    past = np.stack([wave()[step - 12 : step] for _, step in rows])
    scale = np.sqrt((np.diff(past) ** 2).sum(1) / 11)[:, None, None]
    last = np.array([wave()[step - 1] for _, step in rows])[:, None, None]
    np.testing.assert_allclose(network(inputs) * scale + last, through, rtol=1e-5)
    references = np.stack([wave()[step : step + 6] for _, step in rows])
    np.testing.assert_allclose(targets[..., 0] * scale[..., 0] + last[..., 0], references, rtol=1e-5)
    np.testing.assert_allclose(targets[..., 1], np.broadcast_to(scale[..., 0] / wave()[:30].std(), (4, 6)), rtol=1e-5)


def test_forecasts_do_not_look_into_the_future(pipeline, tmp_path):
    clean, poisoned = wave(), wave()
    poisoned[40:] = 1e6
    series = [frames.read(rows[None])[0]._replace(first=30) for rows in (clean, poisoned)]
    ours, theirs = (scoring.forecast(pipeline, [item], np.array([[0, 34], [0, 40]])) for item in series)
    np.testing.assert_array_equal(ours, theirs)
    # Nor does training: the steps set aside for validation are in none of its windows.
    poisoned = clean.copy()
    poisoned[54:] = 1e6
    parts = [TASK.split([frames.read(rows[None])[0]], horizon=6)[0] for rows in (clean, poisoned)]
    preprocessing = TASK.adapt(parts[0], lookback=12, horizon=6)
    for ours, theirs in zip(*(TASK.batches(part, preprocessing, 8) for part in parts), strict=True):
        keras.tree.map_structure(np.testing.assert_array_equal, ours, theirs)


def test_missing_targets_count_nothing():
    y = wave()
    y[50:53] = np.nan
    series = [frames.read(y[None])[0]._replace(first=50)]
    preprocessing = TASK.adapt(series, lookback=12, horizon=6)
    _, targets = next(iter(TASK.batches(series, preprocessing, 1)))
    assert (targets[0, :, 1] == 0).numpy().tolist() == [True] * 3 + [False] * 3
