"""sentiment/awd: a language model becomes a classifier, and forgets nothing at once."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from tiny import TINY

import lstm_zoo
from lstm_zoo import layers, networks, registry
from lstm_zoo.layers import language_model
from lstm_zoo.tasks import sentiment
from lstm_zoo.tasks.sentiment.awd import TASK, WINDOW, unfreezing
from lstm_zoo.tasks.sentiment.awd.networks import from_pretrained
from lstm_zoo.tasks.sentiment.awd.subwords import ReviewSubwords
from lstm_zoo.tasks.sentiment.batches import WINDOW as WORDS_WINDOW
from lstm_zoo.text import subwords

PAIRS = TINY["sentiment"]["examples"] * 5
SIZES = {"embedding": 8, "units": 12, "depth": 2}
OPTIONS = {"batch_size": 8, "learning_rate": 0.02, "verbose": False}


def language_model_of(network, folder, **sizes):
    """Path of an untrained language model of the tiny reviews."""
    task = registry.get_task(f"text_generation/{network}")
    preprocessing = task.adapt([text for text, _ in PAIRS], vocabulary=60)
    record = task.networks[network]
    model = record.build(**sizes, **task.data_hyperparameters(preprocessing))
    return str(lstm_zoo.save(record.pipeline(model, preprocessing), folder / f"{network}.keras"))


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """Path of an untrained text_generation/awd."""
    return language_model_of("awd", tmp_path_factory.mktemp("language"), **SIZES)


@pytest.fixture(scope="module")
def model(path):
    """Its pipeline. Not to be changed."""
    return lstm_zoo.load(path)


@pytest.fixture
def network(model):
    """A classifier that begins with its weights."""
    return from_pretrained(networks.network_of(model))


@pytest.fixture(scope="module")
def tuned(path, tmp_path_factory):
    """The pipeline of a classifier that began with its weights, after an epoch, and its file. Not to be changed."""
    folder = tmp_path_factory.mktemp("tuned")
    keras.utils.set_random_seed(0)
    return train(path, folder, epochs=1), str(folder / "pipeline.keras")


@pytest.fixture(scope="module")
def preprocessing():
    """What is adapted on the tiny reviews."""
    return TASK.adapt(PAIRS, vocabulary=60)


def train(path, folder, **options):
    return lstm_zoo.train("sentiment/awd", PAIRS, weights=path, folder=folder, **{**OPTIONS, **options})


def compiled(network, learning_rate=TASK.learning_rate):
    return TASK.networks["awd"].compile(network, learning_rate)


def steps_of(network, ids):
    """What the LSTMs of a classifier give its pooling, whose lengths do not matter."""
    pooling = next(layer for layer in network.layers if isinstance(layer, layers.Pooling))
    return keras.Model(network.inputs, pooling.input[0])(ids)


class TestFromPretrained:
    """The classifier is the language model under a new head."""

    def test_weights_arrive(self, path, model):
        model, network = networks.network_of(model), lstm_zoo.build("sentiment/awd", weights=path)
        ids = tf.constant([[3, 9, 4, 30, 3], [3, 17, 5, 3, 0]])
        expected, _ = language_model.step(model, ids, language_model.zero_states(model.get_layer("encoder"), 2))
        np.testing.assert_array_equal(steps_of(network, ids), expected)
        # As a language model reads in training too, without dropout: the factor of its vectors is in the graph.
        logits = model({"ids": ids, "fresh": tf.constant([True, True])})["logits"]
        table = network.get_layer("embedding").embeddings
        np.testing.assert_allclose(steps_of(network, ids) @ tf.transpose(table), logits, atol=1e-5)

    def test_what_texts_share_does_not_drown_what_they_differ_in(self):
        dropouts = dict.fromkeys(("embedding_dropout", "weight_dropout", "encoder_dropout"), 0.0)
        keras.utils.set_random_seed(0)
        network = lstm_zoo.build("sentiment/awd", vocabulary=60, embedding=64, units=64, depth=2, **dropouts)
        random = np.random.default_rng(0)
        # As with a real language model: next to what all texts share, what tells them apart is small.
        vectors = random.normal(size=64) + 0.1 * random.normal(size=(60, 64))
        network.get_layer("embedding").set_weights([vectors / np.sqrt(64)])
        classes = np.arange(256) % 2
        ids = np.where(classes[:, None], random.integers(4, 32, (256, 12)), random.integers(32, 60, (256, 12)))
        compiled(unfreezing.freeze(network))
        network.fit(ids, classes, batch_size=16, epochs=6, verbose=0)
        assert network.evaluate(ids, classes, verbose=0, return_dict=True)["accuracy"] > 0.9

    def test_classes(self, path):
        assert lstm_zoo.build("sentiment/awd", weights=path, classes=5).output_shape == (None, 5)
        with pytest.raises(ValueError, match=r"only `classes` can be given.*Received: \['units'\]"):
            lstm_zoo.build("sentiment/awd", weights=path, units=8)

    def test_the_vocabulary_stays(self, path, model, tuned, tmp_path):
        assert tuned[0].get_layer("words").model == model.get_layer("awd").tokens.model
        with pytest.raises(ValueError, match="With weights the network is fixed. Received: vocabulary"):
            train(path, tmp_path / "other", vocabulary=50)

    def test_wrong_weights(self, path, tmp_path, trained_once):
        expected = "Expected: sentiment/awd or text_generation/awd"
        with pytest.raises(ValueError, match=f"holds text_generation/character. {expected}"):
            train(language_model_of("character", tmp_path, embedding=4, units=4, depth=1), tmp_path / "run")
        with pytest.raises(ValueError, match=f"holds sentiment/bilstm. {expected}"):
            train(trained_once[1] / "pipeline.keras", tmp_path / "run")
        with pytest.raises(ValueError, match="holds text_generation/awd. Expected: sentiment/bilstm"):
            lstm_zoo.train("sentiment/bilstm", PAIRS, weights=path, folder=tmp_path / "run")
        with pytest.raises(ValueError, match="Unknown weights: 'text_generation-awd-none'"):
            train("text_generation-awd-none", tmp_path / "run")
        assert not (tmp_path / "run").exists()


class TestUnfreezing:
    """From the top down, one layer a stage."""

    def changed(self, network, preprocessing, monkeypatch):
        """For each stage of two steps the names of the layers, last first, whose weights it changed."""
        monkeypatch.setattr(unfreezing, "STAGE_STEPS", 2)
        parts = [network.get_layer("head"), *unfreezing.pretrained_layers(network)]
        compiled(network, 0.02)
        names, before = [], [part.get_weights() for part in parts]

        def note(*_):
            nonlocal before
            after = [part.get_weights() for part in parts]
            same = [all(map(np.array_equal, old, new)) for old, new in zip(before, after)]
            names.append([part.name for part, is_same in zip(parts, same) if not is_same])
            before = after

        network.fit(
            TASK.batches(PAIRS, preprocessing, 8, seed=0), steps_per_epoch=2, epochs=4, verbose=0,
            callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=note)],
        )  # fmt: skip
        return names

    @pytest.mark.parametrize("change", [lambda network: network, networks.in_16_bits], ids=["float32", "mixed"])
    def test_one_more_layer_in_each_stage(self, network, preprocessing, change, monkeypatch):
        order = ["head", "lstm_1", "lstm_0", "embedding"]
        network = change(unfreezing.freeze(network))
        assert self.changed(network, preprocessing, monkeypatch) == [order[:1], order[:2], order[:3], order]

    def test_depths(self, network):
        assert unfreezing.depths(network) == {}
        depths = unfreezing.depths(unfreezing.freeze(network))
        assert {weight.partition("/")[0]: depth for weight, depth in depths.items()} == {
            "embedding": 3, "lstm_0": 2, "lstm_1": 1,
        }  # fmt: skip
        assert len(depths) == 7

    def test_a_classifier_learns_at_one_rate(self, network):
        assert compiled(network).optimizer.depths == {}
        assert len(network.trainable_weights) == len(compiled(unfreezing.freeze(network)).trainable_weights)
        assert set(network.optimizer.depths.values()) == {1, 2, 3}

    def test_what_ends_early_can_be_trained_further(self, tuned, tmp_path):
        first, file = tuned
        for part in unfreezing.pretrained_layers(networks.network_of(first)):
            assert part.trainable
        pairs = [(text, {"positive": "1", "negative": "2"}[label]) for text, label in PAIRS] + [("so so", "3")] * 4
        second = lstm_zoo.train("sentiment/awd", pairs, weights=file, folder=tmp_path / "second", epochs=1, **OPTIONS)
        assert second.get_layer("labels").get_vocabulary() == ["1", "2", "3"]
        before, after = (networks.network_of(run).get_layer("embedding").get_weights() for run in (first, second))
        assert not np.array_equal(before, after)


class TestLayerwiseAdam:
    """Adam, but for rates and beginnings."""

    def trace(self, kind, learning_rate=0.1, steps=30, **options):
        """Values of a variable after each step, beside another one, with gradients of their own."""
        first, second = keras.Variable([1.0, -2.0], name="first"), keras.Variable([3.0, 0.5], name="second")
        optimizer, random = kind(learning_rate, **options), np.random.default_rng(0)
        optimizer.build([first, second])
        values = [second.numpy()]
        for _ in range(steps):
            optimizer.apply([keras.ops.convert_to_tensor(random.normal(size=2), "float32") for _ in range(2)])
            values.append(second.numpy())
        return np.array(values)

    def test_without_depths_it_is_adam(self):
        mine, theirs = self.trace(unfreezing.LayerwiseAdam, depths={}), self.trace(keras.optimizers.Adam)
        np.testing.assert_array_equal(mine, theirs)

    def test_each_layer_down_begins_later_and_is_slower(self):
        mine, theirs = self.trace(unfreezing.LayerwiseAdam, depths={"second": 2}), self.trace(keras.optimizers.Adam)
        np.testing.assert_array_equal(mine[:21], np.repeat(mine[:1], 21, axis=0))
        np.testing.assert_allclose(mine[20:], mine[20] + (theirs[20:] - theirs[20]) / 1.2**2, rtol=1e-5)


def test_a_run_that_was_stopped_twice_ends_like_one_that_was_not(tmp_path, monkeypatch):
    path = language_model_of("awd", tmp_path, **{**SIZES, "depth": 1})
    options = {"epochs": 4, "patience": 4}
    save = keras.Model.save_weights
    monkeypatch.setattr(unfreezing, "STAGE_STEPS", 5)  # an epoch of these texts: the last of two begins at 10
    for stop in (1, 2):  # while a layer is frozen, and when the last one has just been unfrozen

        def cut(model, file, stop=stop, **kwargs):
            if f"epoch-{stop}." in str(file):
                raise KeyboardInterrupt
            save(model, file, **kwargs)

        with monkeypatch.context() as patch:
            patch.setattr(keras.Model, "save_weights", cut)
            with pytest.raises(KeyboardInterrupt):
                train(path, tmp_path / "cut", resume=stop > 1, **options)
    resumed, whole = train(path, tmp_path / "cut", resume=True, **options), train(path, tmp_path / "whole", **options)
    assert (tmp_path / "cut" / "history.csv").read_text() == (tmp_path / "whole" / "history.csv").read_text()
    for ours, theirs in zip(resumed.get_weights(), whole.get_weights()):
        np.testing.assert_array_equal(ours, theirs)


class TestReviewSubwords:
    """A text as the language model has read it: after the end of another, without mark-up."""

    def test_files_know_it_by_its_old_name(self):
        assert keras.saving.get_registered_name(ReviewSubwords) == "lstm_zoo>Pieces"

    def test_a_text_lies_between_two_ends(self, preprocessing):
        ids = preprocessing["words"](tf.constant(["good", "", "a bad film"])).numpy()
        assert ids[:, 0].tolist() == [subwords.END] * 3
        assert ids[1].tolist() == [subwords.END, subwords.END] + [0] * (ids.shape[1] - 2)
        assert ids[2, -1] == subwords.END
        assert preprocessing["words"](tf.constant([], "string")).shape[0] == 0

    def test_mark_up_is_not_read(self, preprocessing):
        ids = preprocessing["words"](tf.constant(["good<br /><br />film", "good film"])).numpy()
        np.testing.assert_array_equal(ids[0], ids[1])

    def test_the_language_model_reads_the_same(self, model):
        tokens = model.get_layer("awd").tokens
        theirs = tokens(tf.constant(["good film", "a bad plot"]))
        mine = ReviewSubwords(tokens.model)(tf.constant(["good film", "a bad plot"]))
        np.testing.assert_array_equal(mine[:, 1:], theirs)

    def test_training_reads_windows_and_validation_all(self):
        pairs = [("good film " * 500, "x"), ("bad", "y")]
        preprocessing = TASK.adapt(pairs, vocabulary=30)
        whole = preprocessing["words"](tf.constant([pairs[0][0]])).shape[1]
        assert whole > WINDOW
        (batch,) = TASK.batches(pairs, preprocessing, 2)
        assert batch[0].shape[1] == whole
        shown = next(iter(TASK.batches(pairs, preprocessing, 2, seed=0)))
        assert shown[0].shape[1] == WINDOW
        shown = next(iter(sentiment.TASK.batches(pairs, preprocessing, 2, seed=0)))
        assert shown[0].shape[1] == WORDS_WINDOW


# Two kinds of texts, of words of their own.
WORDS = {
    "up": ["bako", "dimu", "fela", "gori", "huna", "jive", "kolo", "lamu"],
    "down": ["quto", "rafi", "sumo", "tavi", "vuka", "wela", "xiro", "yamu"],
}
NARROW = {"vocabulary": 100, "embedding": 16, "units": 16, "depth": 1}
PLAIN = {"embedding_dropout": 0.0, "weight_dropout": 0.0, "dropout": 0.1, "activation": 0.0, "temporal": 0.0}


class TestPretraining:
    """Texts without labels tell which words are of a kind."""

    def texts(self, count, words):
        """Pairs of a text of one kind of words and the kind."""
        random = np.random.default_rng(0)
        kinds = list(WORDS) * (count // 2)
        return [(" ".join(random.choice(WORDS[kind][words], 8)), kind) for kind in kinds]

    def test_words_that_no_label_was_seen_with(self, tmp_path):
        lstm_zoo.train(
            "text_generation/awd", [text for text, _ in self.texts(400, slice(None))], folder=tmp_path / "model",
            epochs=4, batch_size=16, bptt=24, learning_rate=0.02, verbose=False, **NARROW, **PLAIN,
        )  # fmt: skip
        options = {"epochs": 5, "patience": 5, "batch_size": 8, "learning_rate": 0.01, "verbose": False}
        accuracies = {}
        for name, start in (("model", {"weights": str(tmp_path / "model" / "pipeline.keras")}), ("none", NARROW)):
            pipeline = lstm_zoo.train(
                "sentiment/awd", self.texts(32, slice(3)), self.texts(8, slice(3)), folder=tmp_path / name / "tuned",
                **options, **start,
            )  # fmt: skip
            accuracies[name] = lstm_zoo.evaluate(pipeline, self.texts(100, slice(3, None)))["accuracy"]
        assert accuracies["model"] > 0.9
        assert accuracies["model"] > accuracies["none"] + 0.15
