"""training/loop.py: the best epoch is what counts, and never a silent bad model."""

import keras
import numpy as np
import pytest
from tiny import runs

import lstm_zoo
from lstm_zoo import calibration, networks, registry


def test_the_best_epoch_is_kept_and_training_stops_early(tmp_path, monkeypatch):
    monkeypatch.setattr(calibration, "temper", lambda *_: None)  # changes the loss of what is kept
    # A validation set that contradicts the training set gets worse from the first epoch on.
    contrary = [(text, {"good": "bad", "bad": "good"}[label]) for text, label in runs.PAIRS]
    pipeline = runs.train(tmp_path / "run", validation=contrary, epochs=20, patience=2, learning_rate=0.03)
    losses = [float(row["val_loss"]) for row in runs.history(tmp_path / "run")]
    best = int(np.argmin(losses))
    assert len(losses) == max(best + 1, 2) + 2 < 20  # in the first 2 the learning rate rises
    task, record = registry.records_of(pipeline)
    preprocessing = {
        "words": pipeline.get_layer("words"),
        "labels": keras.layers.StringLookup(vocabulary=["bad", "good"], num_oov_indices=0),
    }
    network = record.compile(networks.network_of(pipeline), task.learning_rate)
    loss, _ = network.evaluate(task.batches(contrary, preprocessing, 8), verbose=0)
    assert loss == pytest.approx(losses[best], abs=1e-5)


def test_a_loss_that_is_not_finite_stops_the_run(tmp_path):
    with pytest.raises(FloatingPointError, match="not finite in epoch 1.* lower learning_rate in another folder"):
        runs.train(tmp_path / "run", learning_rate=1e38, epochs=2)
    assert not (tmp_path / "run" / "pipeline.keras").exists()


def test_mixed_precision_gives_a_float32_pipeline(tmp_path):
    pipeline = runs.train(tmp_path / "run", epochs=4, learning_rate=0.03, mixed_precision=True)
    assert {layer.dtype_policy.name for layer in pipeline.get_layer("bilstm").layers} == {"float32"}
    assert keras.config.dtype_policy().name == "float32"
    assert lstm_zoo.evaluate(pipeline, runs.PAIRS)["accuracy"] == 1
    assert pipeline.get_layer("bilstm").get_layer("lstm_0_forward").matmul_dtype is None
