"""training/__init__.py: repeatable runs, and what they take, leave and refuse."""

import json
import math
import re
import shutil
import sys
import zipfile

import keras
import numpy as np
import pytest
import tensorflow as tf
from tiny import TINY, prepared_for, runs

import lstm_zoo
from lstm_zoo import registry
from lstm_zoo.training import rivals
from lstm_zoo.weights import archive


def settings_of(folder):
    return json.loads((folder / "settings.json").read_text())


def test_a_run_leaves_its_files(finished):
    pipeline, folder = finished
    assert lstm_zoo.predict(pipeline, ["good", "bad"])[0]["label"] == "good"
    rows = runs.history(folder)
    assert [row["epoch"] for row in rows] == ["0", "1", "2"]
    assert rows[0].keys() == {"epoch", "accuracy", "loss", "val_accuracy", "val_loss"}
    assert (folder / "curves.png").read_bytes().startswith(b"\x89PNG")
    assert settings_of(folder)["hyperparameters"] == runs.SIZES
    assert settings_of(folder)["batch_size"] == 8
    runs.assert_same_weights(pipeline, lstm_zoo.load(str(folder / "pipeline.keras")))
    with zipfile.ZipFile(folder / "pipeline.keras") as file, file.open("model.weights.h5") as content:
        assert b"optimizer" not in content.read()


def test_one_seed_repeats_a_run_exactly(tmp_path, uninterrupted):
    pipeline, folder, options = uninterrupted
    runs.assert_same_weights(pipeline, runs.train(tmp_path / "same", **options))
    assert runs.history(tmp_path / "same") == runs.history(folder)
    other = runs.train(tmp_path / "other", seed=6, **options)
    assert not all(np.array_equal(*pair) for pair in zip(pipeline.get_weights(), other.get_weights()))


def test_a_folder_is_never_overwritten(finished):
    _, folder = finished
    options = {"epochs": 3, "learning_rate": 0.03}
    with pytest.raises(ValueError, match="holds a run already. resume=True goes on with it"):
        runs.train(folder, **options)
    with pytest.raises(ValueError, match="cannot go on with these settings: epochs was 3, is 4$"):
        runs.train(folder, **options | {"epochs": 4}, resume=True)
    with pytest.raises(ValueError, match="another run, .*data was"):
        runs.train(folder, runs.PAIRS[:-4], **options, resume=True)


def test_imbalance_is_warned_of_and_both_labels_are_learnt(tmp_path):
    pairs = [("a fine film", "good"), ("good fun", "good")] * 110 + [("a bad film", "bad")] * 10
    with pytest.warns(UserWarning, match="occurs 198 times, 'bad' only 9"):
        pipeline = runs.train(tmp_path / "run", pairs, epochs=4, learning_rate=0.03)
    assert lstm_zoo.evaluate(pipeline, pairs)["macro_f1"] == 1


def test_many_classes_with_whole_numbers(tmp_path):
    pairs = [(f"{word} film", stars) for stars, word in enumerate(["awful", "bad", "so", "good", "great"])] * 8
    pipeline = runs.train(
        tmp_path / "run", pairs, epochs=6, batch_size=4, learning_rate=0.05, dropout=0.0, word_dropout=0.0
    )
    assert lstm_zoo.predict(pipeline, "great film")[0]["label"] == "4"
    assert pipeline.output["probabilities"].shape == (None, 5)


@pytest.mark.parametrize("option", ["epochs", "batch_size", "learning_rate", "patience", "average"])
def test_numbers_must_be_positive(tmp_path, option):
    with pytest.raises(ValueError, match=f"^{option} is above 0. Received: 0"):
        runs.train(tmp_path / "run", **{option: 0})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dropout_scale": -1}, "dropout_scale is at least 0. Received: -1"),
        ({"dropout_scale": math.nan}, "dropout_scale is at least 0. Received: nan"),
        ({"dropout_scale": 9, "dropout": 0.5}, "dropout_scale leaves rates below 1. Received: 9, with"),
        ({"learning_rate": math.nan}, "learning_rate is above 0. Received: nan"),
        ({"learning_rate": math.inf}, "learning_rate is above 0. Received: inf"),
        ({"epochs": "2"}, "epochs is a whole number. Received: '2'"),
        ({"epochs": True}, "epochs is a whole number. Received: True"),
        ({"batch_size": 2.5}, "batch_size is a whole number. Received: 2.5"),
        ({"seed": -1}, "seed is from 0 to 2147483647. Received: -1"),
    ],
)
def test_other_numbers(tmp_path, options, message):
    with pytest.raises(ValueError, match=message):
        runs.train(tmp_path / "run", **options)


def test_what_cannot_be_trained(trained, tmp_path):
    pipeline, folder = trained

    def refused(message, error=ValueError, name="sentiment/bilstm", data=runs.PAIRS, **options):
        with pytest.raises(error, match=message):
            lstm_zoo.train(name, data, **{"folder": tmp_path / "new", "verbose": False, **options})
        assert not (tmp_path / "new").exists()

    for name in (pipeline, str(folder / "pipeline.keras"), folder / "pipeline.keras", None):
        refused("The name of a task or network is expected", name=name)
    refused("A table, or an iterable of items", data=lambda: runs.PAIRS)
    texts = tf.data.Dataset.from_tensor_slices((["good", "bad"], ["a", "b"]))
    refused("Data that end are expected, like dataset.take", data=texts.repeat())
    refused("Data that end are expected, like dataset.take", validation=texts.repeat())
    refused("Item 0 is not a text", data=texts.batch(2))
    refused("one example only of every label, like 'good'", data=[("good film", "good")])
    refused("weights is a row of weights.json, or the path or address of a .keras file", weights=pipeline)
    refused("weights is a row .* Received: .*saved", weights=lstm_zoo.export(pipeline, tmp_path / "saved"))
    frozen = lstm_zoo.load(str(folder / "pipeline.keras"))
    frozen.trainable, known = False, TINY["sentiment"]["examples"]  # no label that is new and gets a new head
    lstm_zoo.save(frozen, tmp_path / "frozen.keras")
    refused("bilstm has no weights that can be trained", weights=str(tmp_path / "frozen.keras"), data=known * 5)
    refused("A run is kept in a folder", FileExistsError, folder=tmp_path / "frozen.keras", **runs.SIZES)


class TestClassWeight:
    """What the labels count."""

    PAIRS = [("a good film", "good"), ("good fun", "good"), ("so good", "good"), ("a bad film", "bad")] * 6

    @pytest.mark.parametrize(
        ("class_weight", "expected"),
        [
            ("balanced", {"good": 2 / 3, "bad": 2.0}),
            (None, {"good": 1.0, "bad": 1.0}),
            ({"bad": 5}, {"good": 1.0, "bad": 5.0}),
        ],
    )
    def test_of_the_batches(self, tmp_path, monkeypatch, class_weight, expected):
        given = []

        def fit(self, batches, **_):
            given.append(batches.take(2))
            raise KeyboardInterrupt

        options = {"validation": self.PAIRS, "class_weight": class_weight}
        monkeypatch.setattr(keras.Model, "fit", fit)
        with pytest.raises(KeyboardInterrupt):
            runs.train(tmp_path / "run", self.PAIRS, **options)
        assert settings_of(tmp_path / "run")["class_weight"] == class_weight
        for _, classes, weights in given[0]:
            np.testing.assert_allclose(weights, [expected[("bad", "good")[label]] for label in classes], rtol=1e-6)
        with pytest.raises(ValueError, match="cannot go on with these settings: class_weight was"):
            runs.train(tmp_path / "run", self.PAIRS, **options | {"class_weight": {"good": 7}}, resume=True)

    @pytest.mark.parametrize(
        ("task", "class_weight", "message"),
        [
            ("sentiment", "equal", "class_weight is \"balanced\", None, or a dict label -> weight. Received: 'equal'"),
            ("sentiment", {"godo": 1}, "Unknown label in class_weight: 'godo'. Did you mean 'good'?"),
            ("sentiment", {"good": 0}, "The weights in class_weight are above 0. Received: 'good': 0"),
            ("sentiment", {"good": "1"}, "The weights in class_weight are above 0"),
            ("translation", None, "class_weight weighs labels, and the examples of translation have none"),
        ],
    )
    def test_bad(self, tmp_path, task, class_weight, message):
        examples = runs.PAIRS if task == "sentiment" else TINY[task]["examples"]
        with pytest.raises(ValueError, match=re.escape(message)):
            lstm_zoo.train(task, examples, examples, folder=tmp_path / "run", class_weight=class_weight)

    def test_of_recordings(self):
        task, examples = registry.get_task("speech/keyword"), TINY["speech"]["examples"]
        preprocessing = {**prepared_for("speech/keyword"), "class_weight": {"ab": 3.0}}
        preprocessing.pop("encoded", None)  # with other weights, by another test
        _, classes, weights = next(iter(task.batches(examples, preprocessing, 8)))
        names = preprocessing["labels"].get_vocabulary()
        assert weights.numpy().tolist() == [3.0 if names[label] == "ab" else 1.0 for label in classes]


class TestCallbacks:
    """Keras' callbacks of the user."""

    def test_see_every_epoch_and_may_end_the_run(self, tmp_path):
        seen = []

        def note(epoch, logs):
            seen.append((epoch, sorted(logs)))

        class Stop(keras.callbacks.Callback):
            def on_train_batch_end(self, batch, logs=None):
                self.model.stop_training = len(seen) == 1

        noting = keras.callbacks.LambdaCallback(on_epoch_end=note)
        pipeline = runs.train(tmp_path / "run", epochs=5, callbacks=[noting, Stop()])
        assert seen == [(epoch, ["accuracy", "loss", "val_accuracy", "val_loss"]) for epoch in range(len(seen))]
        assert len(runs.history(tmp_path / "run")) == len(seen) == 2
        assert pipeline.name == "sentiment-bilstm"

    @pytest.mark.parametrize(
        ("callbacks", "message"),
        [
            (keras.callbacks.History(), "callbacks is a list of keras.callbacks.Callback. Received: <keras"),
            ("History", "callbacks is a list of keras.callbacks.Callback. Received: 'History'"),
            ([keras.callbacks.History], r"callbacks\[0\] is no keras.callbacks.Callback. Received: <class"),
        ],
    )
    def test_bad(self, tmp_path, callbacks, message):
        with pytest.raises(ValueError, match=message):
            runs.train(tmp_path / "run", callbacks=callbacks)

    def test_for_tensorboard(self, tmp_path, monkeypatch):
        pytest.importorskip("tensorboard")
        runs.train(tmp_path / "run", epochs=1, tensorboard=True)
        assert {path.name for path in (tmp_path / "run" / "tensorboard").iterdir()} == {"train", "validation"}
        monkeypatch.setitem(sys.modules, "tensorboard", None)
        with pytest.raises(ImportError, match=re.escape("tensorboard=True needs tensorboard: pip install 'lstm_zoo[")):
            runs.train(tmp_path / "other", epochs=1, tensorboard=True)


def test_nothing_is_written_to_stdout(tmp_path, capfd):
    lstm_zoo.train("sentiment/bilstm", runs.PAIRS, folder=tmp_path / "run", epochs=1, batch_size=8, **runs.SIZES)
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize(
    ("task", "option", "message"),
    [
        ("translation", "batch_size", "A batch of translation is given by max_tokens. Received: batch_size=8"),
        ("sentiment", "max_tokens", "A batch of sentiment is given by batch_size. Received: max_tokens=8"),
        ("forecasting", "max_tokens", "A batch of forecasting is given by batch_size. Received: max_tokens=8"),
        ("translation", "max_tokens", "max_tokens is above 0. Received: 0"),
    ],
)
def test_a_batch_counts_what_the_task_counts(tmp_path, task, option, message):
    value = int(message.rpartition("=")[2].rpartition(" ")[2])
    with pytest.raises(ValueError, match=f"^{message}"):
        lstm_zoo.train(task, TINY[task]["examples"], folder=tmp_path / "run", **{option: value})
    assert not (tmp_path / "run").exists()


def test_settings_say_what_a_batch_counts(tmp_path, monkeypatch):
    folder, examples = tmp_path / "run", TINY["translation"]["examples"]
    options = {"folder": folder, "epochs": 1, "verbose": False, **TINY["translation"]["sizes"]}
    monkeypatch.setattr(keras.Model, "fit", None)  # the first step ends the run
    with pytest.raises(TypeError):
        lstm_zoo.train("translation", examples, validation=examples, max_tokens=200, **options)
    assert settings_of(folder)["max_tokens"] == 200
    assert "batch_size" not in settings_of(folder)
    with pytest.raises(ValueError, match="cannot go on with these settings: max_tokens was 200, is 100$"):
        lstm_zoo.train("translation", examples, validation=examples, max_tokens=100, resume=True, **options)


@pytest.fixture(scope="session")
def fine_tune(trained_once, tmp_path_factory):
    """A pipeline on from the trained one, in one step that is too small to be seen, and the options of its run."""

    def train(pairs, **options):
        folder = tmp_path_factory.mktemp("tuned")
        path = lstm_zoo.save(trained_once[0], folder / "begin.keras")
        options = {"folder": folder / "run", "epochs": 1, "learning_rate": 1e-9, "verbose": False, **options}
        return lstm_zoo.train("sentiment/bilstm", pairs, weights=str(path), **options), {
            "weights": str(path),
            **options,
        }

    return train


@pytest.fixture(scope="session")
def tuned(fine_tune):
    """A pipeline with the labels of the one that it began with."""
    return fine_tune([("good", "positive"), ("bad", "negative")] * 5)[0]


@pytest.fixture(scope="session")
def relabelled(fine_tune):
    """A pipeline with other labels, and half the dropout; a fresh network, which may be better, is not asked."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rivals, "needed", lambda *_: False)
        return fine_tune([("good", 1), ("bad", 2), ("so so", 3)] * 6, dropout_scale=0.5)[0]


@pytest.fixture(scope="session")
def without_dropout(fine_tune):
    """A pipeline without dropout, and the options of its run."""
    return fine_tune(runs.PAIRS, dropout_scale=0)


class TestFineTuning:
    """Training that starts from a trained pipeline."""

    def test_same_labels_keep_the_head(self, trained_once, tuned):
        texts = ["good film", "the plot is bad"]
        for before, after in zip(lstm_zoo.predict(trained_once[0], texts), lstm_zoo.predict(tuned, texts)):
            assert before["score"] == pytest.approx(after["score"], abs=1e-4)

    def test_the_record_has_the_rates_of_dropout_that_the_network_had(self, trained_once, relabelled):
        before, after = (archive.record_of(pipeline)["hyperparameters"] for pipeline in (trained_once[0], relabelled))
        rates = [key for key in before if key.endswith("dropout")]
        assert {key: after[key] for key in rates} == {key: before[key] / 2 for key in rates}
        assert after["dropout"] == 0.25  # as the layers have it, see below

    def test_other_labels_get_a_new_head(self, trained_once, relabelled):
        assert relabelled.get_layer("labels").get_vocabulary() == ["1", "2", "3"]
        before, after = (
            pipeline.get_layer("bilstm").get_layer("embedding").get_weights()
            for pipeline in (trained_once[0], relabelled)
        )
        np.testing.assert_allclose(before[0], after[0], atol=1e-6)

    def test_dropout_comes_with_weights_and_can_be_scaled(self, tuned, relabelled, without_dropout):
        for pipeline, expected in ((tuned, 0.5), (relabelled, 0.25), (without_dropout[0], 0)):
            assert pipeline.get_layer("bilstm").get_layer("embedding_dropout").rate == expected

    def test_a_run_does_not_go_on_from_other_weights_in_the_same_file(self, without_dropout, finished):
        _, options = without_dropout
        shutil.copyfile(finished[1] / "pipeline.keras", options["weights"])
        with pytest.raises(ValueError, match="holds another run, .*settings: weights_fingerprint was"):
            lstm_zoo.train("sentiment/bilstm", runs.PAIRS, resume=True, **options)

    def test_sizes_are_those_of_the_file(self, tmp_path, trained):
        path = str(trained[1] / "pipeline.keras")
        with pytest.raises(ValueError, match="With weights the network is fixed. Received: units"):
            lstm_zoo.train("sentiment/bilstm", runs.PAIRS, weights=path, units=4, folder=tmp_path / "tuned")


@pytest.mark.slow
@pytest.mark.parametrize("model", [model for model in lstm_zoo.list_models() if model.startswith("sentiment/")])
def test_real_reviews_are_learnt(model, tmp_path, prepared):
    prepared("imdb_reviews")
    task = lstm_zoo.sentiment.TASK
    pairs = task.read(task.data("train").take(5000))
    held_out = task.read(task.data("validation").take(1000))
    options = {"units": 32, "embedding": 32, "epochs": 4, "patience": 4, "learning_rate": 4e-3, "verbose": False}
    pipeline = lstm_zoo.train(model, pairs, held_out, folder=tmp_path / "run", **options)
    assert lstm_zoo.evaluate(pipeline, held_out)["accuracy"] > 0.8
