"""training.py: repeatable, resumable, and never a silent bad model."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
import zipfile

import keras
import numpy as np
import pytest

import lstm_zoo
from lstm_zoo import registry
from lstm_zoo.training import checkpoints
from lstm_zoo.training import preparing

SIZES = {"vocabulary": 40, "embedding": 8, "units": 8}
PAIRS = [("a good film", "good"), ("a bad film", "bad"), ("so good!", "good"), ("bad, very bad", "bad")] * 10


def train(folder, pairs=PAIRS, **options):
    return lstm_zoo.train("sentiment", pairs, folder=folder, **{"batch": 8, "verbose": False, **SIZES, **options})


def history(folder):
    with (folder / "history.csv").open() as file:
        return list(csv.DictReader(file))


def weights(pipeline):
    return pipeline.get_weights()


def test_a_run_leaves_its_files(tmp_path):
    pipeline = train(tmp_path / "run", epochs=3, learning_rate=0.03)
    assert lstm_zoo.predict(pipeline, ["good", "bad"])[0]["label"] == "good"
    rows = history(tmp_path / "run")
    assert [row["epoch"] for row in rows] == ["0", "1", "2"]
    assert rows[0].keys() == {"epoch", "accuracy", "loss", "val_accuracy", "val_loss"}
    assert (tmp_path / "run" / "curves.png").read_bytes().startswith(b"\x89PNG")
    settings = json.loads((tmp_path / "run" / "settings.json").read_text())
    assert settings["hyperparameters"] == SIZES
    loaded = lstm_zoo.load(str(tmp_path / "run" / "pipeline.keras"))
    for ours, theirs in zip(weights(pipeline), weights(loaded)):
        np.testing.assert_array_equal(ours, theirs)
    with zipfile.ZipFile(tmp_path / "run" / "pipeline.keras") as file, file.open("model.weights.h5") as content:
        assert b"optimizer" not in content.read()


def test_one_seed_repeats_a_run_exactly(tmp_path):
    options = {"epochs": 2, "weight_dropout": 0.3}
    runs = [train(tmp_path / name, seed=seed, **options) for name, seed in (("a", 5), ("b", 5), ("c", 6))]
    for ours, same in zip(weights(runs[0]), weights(runs[1])):
        np.testing.assert_array_equal(ours, same)
    assert not all(np.array_equal(*pair) for pair in zip(weights(runs[0]), weights(runs[2])))
    assert history(tmp_path / "a") == history(tmp_path / "b")


def test_the_best_epoch_is_kept_and_training_stops_early(tmp_path):
    # A validation set that contradicts the training set gets worse from the first epoch on.
    contrary = [(text, {"good": "bad", "bad": "good"}[label]) for text, label in PAIRS]
    pipeline = train(tmp_path / "run", validation=contrary, epochs=20, patience=2, learning_rate=0.03)
    losses = [float(row["val_loss"]) for row in history(tmp_path / "run")]
    best = int(np.argmin(losses))
    assert len(losses) == best + 3 < 20
    network = pipeline.get_layer("bilstm")
    task = registry.task_module("sentiment")
    preprocessing = {
        "words": pipeline.get_layer("words"),
        "labels": keras.layers.StringLookup(vocabulary=["bad", "good"], num_oov_indices=0),
    }
    task.compile_network(network, task.LEARNING_RATE)
    loss, _ = network.evaluate(task.examples(contrary, preprocessing, 8), verbose=0)
    assert loss == pytest.approx(losses[best], abs=1e-5)


RUN = """
import sys
import lstm_zoo
pairs = [("a good film", "good"), ("a bad film", "bad"), ("so good!", "good"), ("bad, very bad", "bad")] * 10
lstm_zoo.train("sentiment", pairs, folder=sys.argv[1], resume=True, epochs=12, patience=12, batch=2, vocabulary=40,
               embedding=8, units=8, weight_dropout=0.2, verbose=False)
"""


def test_resume_after_kill_9_equals_an_uninterrupted_run(tmp_path):
    options = {"epochs": 12, "patience": 12, "batch": 2, "weight_dropout": 0.2}
    whole = train(tmp_path / "whole", **options)

    folder = tmp_path / "killed"
    state = folder / "checkpoint" / "state.json"
    for epochs in (2, 7):
        process = subprocess.Popen([sys.executable, "-c", RUN, folder], stderr=subprocess.PIPE)
        deadline = time.monotonic() + 240
        while not (state.exists() and len(json.loads(state.read_text())["history"]) >= epochs):
            assert process.poll() is None, process.stderr.read().decode()
            assert time.monotonic() < deadline
            time.sleep(0.005)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        before = len(json.loads(state.read_text())["history"])
        assert before < 12
    resumed = train(folder, resume=True, **options)

    rows = history(folder)
    assert [row["epoch"] for row in rows] == [str(epoch) for epoch in range(12)]
    assert before >= 7
    assert rows == history(tmp_path / "whole")
    for ours, theirs in zip(weights(resumed), weights(whole)):
        np.testing.assert_array_equal(ours, theirs)
    # Asked once more, a finished run is loaded.
    for ours, theirs in zip(weights(train(folder, resume=True, **options)), weights(whole)):
        np.testing.assert_array_equal(ours, theirs)


def test_a_save_cut_short_leaves_the_epoch_before(tmp_path, monkeypatch):
    options = {"epochs": 3, "patience": 3}
    save = keras.Model.save_weights

    def cut(model, path, **kwargs):
        save(model, path, **kwargs)
        if "epoch-1." in str(path):
            path.write_bytes(path.read_bytes()[:1000])
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(keras.Model, "save_weights", cut)
        with pytest.raises(KeyboardInterrupt):
            train(tmp_path / "cut", **options)
    assert len(history(tmp_path / "cut")) == 1
    resumed, whole = train(tmp_path / "cut", resume=True, **options), train(tmp_path / "whole", **options)
    for ours, theirs in zip(weights(resumed), weights(whole)):
        np.testing.assert_array_equal(ours, theirs)


def test_a_folder_is_never_overwritten(tmp_path):
    train(tmp_path / "run", epochs=1)
    with pytest.raises(ValueError, match="holds a run already. resume=True goes on with it"):
        train(tmp_path / "run", epochs=1)
    with pytest.raises(ValueError, match="cannot go on with these settings: epochs was 1, is 2"):
        train(tmp_path / "run", epochs=2, resume=True)
    with pytest.raises(ValueError, match="another run, .*data was"):
        train(tmp_path / "run", epochs=1, pairs=PAIRS[:-4], resume=True)


def test_imbalance_is_warned_of_and_both_labels_are_learnt(tmp_path):
    pairs = [("a fine film", "good"), ("good fun", "good")] * 110 + [("a bad film", "bad")] * 10
    with pytest.warns(UserWarning, match="occurs 198 times, 'bad' only 9"):
        pipeline = train(tmp_path / "run", pairs, epochs=4, learning_rate=0.03)
    assert lstm_zoo.evaluate(pipeline, pairs)["macro_f1"] == 1


def test_many_classes_with_whole_numbers(tmp_path):
    pairs = [(f"{word} film", stars) for stars, word in enumerate(["awful", "bad", "so", "good", "great"])] * 8
    pipeline = train(tmp_path / "run", pairs, epochs=12, learning_rate=0.05, dropout=0.0, word_dropout=0.0)
    assert lstm_zoo.predict(pipeline, "great film")[0]["label"] == "4"
    assert pipeline.output["probabilities"].shape == (None, 5)


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ([], "The data set is empty"),
        ([("a", "good")] * 9, "At least two labels"),
        ([("a", "good"), ("b", 0.3)], "neither a name nor a whole number"),
        ([("a", "good")] * 9 + [("b", "bad")], "one example only of the label 'bad'"),
        ([("", "good"), (" ", "bad")] * 5, "No text holds a word"),
    ],
)
def test_bad_data_is_refused_before_a_folder_is_made(tmp_path, pairs, message):
    with pytest.raises(ValueError, match=message):
        train(tmp_path / "run", pairs)
    assert not (tmp_path / "run").exists()


def test_a_validation_label_that_training_lacks(tmp_path):
    with pytest.raises(ValueError, match="Labels that the network does not know: 'so so'"):
        train(tmp_path / "run", validation=[("a", "so so")])
    assert not (tmp_path / "run").exists()


def test_classes_are_those_of_the_labels(tmp_path):
    with pytest.raises(ValueError, match="classes is 2 with this data. Received: 3"):
        train(tmp_path / "run", classes=3)


def test_unknown_hyperparameter(tmp_path):
    with pytest.raises(TypeError, match="unexpected keyword argument 'colour'"):
        train(tmp_path / "run", colour="red")
    assert not (tmp_path / "run").exists()


def test_of_equal_epochs_the_last_is_kept_and_patience_counts_from_the_first(tmp_path):
    network = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    network.compile("adam", "mse")
    network.optimizer.build(network.trainable_variables)
    checkpoint = checkpoints.Checkpoint(tmp_path / "run" / "checkpoint", 2, "val_accuracy", max)
    checkpoint.set_model(network)
    kept, ended = [], []
    for epoch, value in enumerate((0.5, 0.9, 0.8, 0.9)):
        checkpoint.on_epoch_end(epoch, {"val_accuracy": value})
        kept.append(checkpoint.best)
        ended.append(checkpoint.finished)
    assert kept == [0, 1, 1, 3]
    assert ended == [False, False, False, True]
    assert [path.name for path in checkpoint.folder.glob("epoch-*")] == ["epoch-3.weights.h5"]


@pytest.mark.parametrize("option", ["epochs", "batch", "learning_rate", "patience"])
def test_numbers_must_be_positive(tmp_path, option):
    with pytest.raises(ValueError, match=f"{option} is above 0. Received: 0"):
        train(tmp_path / "run", **{option: 0})


def test_dropout_comes_with_weights_and_can_be_scaled(tmp_path, trained):
    given = {"weights": str(trained[1] / "pipeline.keras"), "epochs": 1, "verbose": False}
    for scale, expected in ((1, 0.5), (0.5, 0.25), (0, 0)):
        pipeline = lstm_zoo.train(
            "sentiment",
            [("good", "positive"), ("bad", "negative")] * 5,
            folder=tmp_path / str(scale),
            dropout_scale=scale,
            **given,
        )
        assert pipeline.get_layer("bilstm").get_layer("embedding_dropout").rate == expected
    with pytest.raises(ValueError, match="dropout_scale is at least 0. Received: -1"):
        train(tmp_path / "run", dropout_scale=-1)


def test_a_loss_that_is_not_finite_stops_the_run(tmp_path):
    with pytest.raises(FloatingPointError, match="not finite in epoch 1.* lower learning_rate in another folder"):
        train(tmp_path / "run", learning_rate=1e38, epochs=2)
    assert not (tmp_path / "run" / "pipeline.keras").exists()


def test_mixed_precision_gives_a_float32_pipeline(tmp_path):
    pipeline = train(tmp_path / "run", epochs=4, learning_rate=0.03, mixed_precision=True)
    assert {layer.dtype_policy.name for layer in pipeline.get_layer("bilstm").layers} == {"float32"}
    assert keras.config.dtype_policy().name == "float32"
    assert lstm_zoo.evaluate(pipeline, PAIRS)["accuracy"] == 1
    recast = preparing.in_16_bits(pipeline.get_layer("bilstm"))
    # on a CPU the products of the LSTMs alone
    assert recast.get_layer("lstm_0_forward").matmul_dtype == "bfloat16"
    assert recast.get_layer("lstm_0_forward").compute_dtype == "float32"
    assert pipeline.get_layer("bilstm").get_layer("lstm_0_forward").matmul_dtype is None


class TestFineTuning:
    """Training that starts from a trained pipeline."""

    def test_same_labels_keep_the_head(self, tmp_path, trained):
        pipeline, folder = trained
        tuned = lstm_zoo.train(
            "sentiment", [("good", "positive"), ("bad", "negative")] * 5, weights=str(folder / "pipeline.keras"),
            folder=tmp_path / "tuned", epochs=1, learning_rate=1e-9, verbose=False,
        )  # fmt: skip
        texts = ["good film", "the plot is bad"]
        for ours, theirs in zip(lstm_zoo.predict(pipeline, texts), lstm_zoo.predict(tuned, texts)):
            assert ours["score"] == pytest.approx(theirs["score"], abs=1e-4)

    def test_a_run_does_not_go_on_from_other_weights_in_the_same_file(self, tmp_path, trained):
        path, folder = tmp_path / "begin.keras", tmp_path / "tuned"
        lstm_zoo.save(trained[0], path)
        options = {"weights": str(path), "epochs": 1, "verbose": False}
        lstm_zoo.train("sentiment", PAIRS, folder=folder, **options)
        other = lstm_zoo.train("sentiment", PAIRS, folder=tmp_path / "other", **options)
        path.unlink()
        lstm_zoo.save(other, path)
        with pytest.raises(ValueError, match="holds another run, .* weights_fingerprint was"):
            lstm_zoo.train("sentiment", PAIRS, folder=folder, resume=True, **options)

    def test_other_labels_get_a_new_head(self, tmp_path, trained):
        pipeline, folder = trained
        pairs = [("good", 1), ("bad", 2), ("so so", 3)] * 6
        tuned = lstm_zoo.train(
            "sentiment", pairs, weights=str(folder / "pipeline.keras"), folder=tmp_path / "tuned", epochs=1,
            learning_rate=1e-9, verbose=False,
        )  # fmt: skip
        assert tuned.get_layer("labels").get_vocabulary() == ["1", "2", "3"]
        before, after = (given.get_layer("bilstm").get_layer("embedding").get_weights() for given in (pipeline, tuned))
        np.testing.assert_allclose(before[0], after[0], atol=1e-6)

    def test_sizes_are_those_of_the_file(self, tmp_path, trained):
        path = str(trained[1] / "pipeline.keras")
        with pytest.raises(ValueError, match="With weights the network is fixed. Received: units"):
            lstm_zoo.train("sentiment", PAIRS, weights=path, units=4, folder=tmp_path / "tuned")

    def test_build_with_another_number_of_classes(self, trained):
        path = str(trained[1] / "pipeline.keras")
        network = lstm_zoo.build("sentiment", weights=path, classes=5)
        assert network.output_shape == (None, 5)
        same = lstm_zoo.build("sentiment", weights=path)
        assert same.output_shape == (None, 2)
        for ours, theirs in zip(
            network.get_layer("lstm_0_forward").get_weights(), same.get_layer("lstm_0_forward").get_weights()
        ):
            np.testing.assert_array_equal(ours, theirs)
        with pytest.raises(ValueError, match=r"With weights only `classes` can be given.*Received: \['units'\]"):
            lstm_zoo.build("sentiment", weights=path, units=4)

    def test_weights_of_another_network(self, trained):
        with pytest.raises(ValueError, match="holds sentiment/bilstm. Expected: sentiment/attention"):
            lstm_zoo.build("sentiment/attention", weights=str(trained[1] / "pipeline.keras"))


@pytest.mark.slow
@pytest.mark.parametrize("model", lstm_zoo.list_models())
def test_real_reviews_are_learnt(model, tmp_path, prepared):
    prepared("imdb_reviews")
    task = registry.task_module("sentiment")
    pairs = task.read(task.data("train").take(5000))
    held_out = task.read(task.data("validation").take(1000))
    options = {"units": 32, "embedding": 32, "epochs": 4, "patience": 4, "learning_rate": 4e-3, "verbose": False}
    pipeline = lstm_zoo.train(model, pairs, held_out, folder=tmp_path / "run", **options)
    assert lstm_zoo.evaluate(pipeline, held_out)["accuracy"] > 0.8
