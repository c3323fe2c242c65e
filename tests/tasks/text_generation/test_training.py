"""`train`, but for what all tasks share."""

import math

import keras
import numpy as np
import pytest

import lstm_zoo
from lstm_zoo import networks
from lstm_zoo.training import checkpoints


def test_a_run_that_goes_on_ends_like_one_that_was_never_stopped(tmp_path, monkeypatch, texts, runs, options_of):
    model = "text_generation/character"
    options = options_of(model, folder=tmp_path / "stopped")

    def killed(self, epoch, logs=None):
        if epoch == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(checkpoints.StopAtNaN, "on_epoch_begin", killed, raising=False)
    with pytest.raises(KeyboardInterrupt):
        lstm_zoo.train(model, texts, texts, **options)
    monkeypatch.undo()
    resumed = lstm_zoo.train(model, texts, texts, resume=True, **options)
    for ours, theirs in zip(runs[model][0].get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("model", ["text_generation/character", "text_generation/awd"])
def test_goes_on_from_weights(model, runs, tmp_path, texts):
    pipeline, folder = runs[model]
    path = str(folder / "pipeline.keras")
    before = lstm_zoo.evaluate(pipeline, texts)["nll"]
    options = {"epochs": 4, "batch_size": 4, "learning_rate": 0.01, "verbose": False, "patience": 9}
    tuned = lstm_zoo.train(model, texts, texts, weights=path, folder=tmp_path, **options)
    assert lstm_zoo.evaluate(tuned, texts)["nll"] < before
    assert lstm_zoo.build(model, weights=path).count_params() == networks.network_of(pipeline).count_params()


def test_training_with_candidates_lowers_the_loss_over_all(tmp_path, texts, options_of):
    options = options_of("text_generation/awd", depth=1, candidates=20, epochs=6, folder=tmp_path)
    lstm_zoo.train("text_generation/awd", texts * 4, texts, **options)
    losses = [float(line.split(",")[-1]) for line in (tmp_path / "history.csv").read_text().splitlines()[1:]]
    assert losses[-1] < 0.9 * losses[0]


@pytest.fixture
def in_16_bits(tmp_path, texts, options_of):
    """Trains a pipeline of subwords in 16 bits."""
    options = options_of("text_generation/awd", depth=1, epochs=1, folder=tmp_path, mixed_precision=True)
    return lambda: lstm_zoo.train("text_generation/awd", texts, **options)


def test_mixed_precision(in_16_bits, texts):
    pipeline = in_16_bits()
    assert networks.network_of(pipeline).get_layer("embedding").matmul_dtype is None
    assert math.isfinite(lstm_zoo.evaluate(pipeline, texts)["nll"])


def test_mixed_precision_of_a_gpu(in_16_bits, texts, monkeypatch, recwarn):
    monkeypatch.setattr(keras.distribution, "list_devices", lambda *_: ["gpu:0"])
    assert math.isfinite(lstm_zoo.evaluate(in_16_bits(), texts)["nll"])
    assert not [warning for warning in recwarn if "Skipping variable loading" in str(warning.message)]
