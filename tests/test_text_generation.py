"""Text generation: texts, characters, batches, networks, sampling, what people give it, and what it measures."""

import itertools
import json
import math
import pathlib
import subprocess
import sys

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from conftest import TINY

from lstm_zoo import networks
import lstm_zoo
from lstm_zoo import decoding, inference, layers, serving, registry
from lstm_zoo.layers import language_model
from lstm_zoo.tasks import text_generation
from lstm_zoo.tasks.text_generation import awd, batches, measures, pipelines, sources, writing
from lstm_zoo.text.characters import Characters

TEXTS = TINY["text_generation"]["pairs"]
SIZES = {"embedding": 12, "units": 24, "dropout": 0.0}
MODELS = {"text_generation/character": {}, "text_generation/awd": {"depth": 2, "embedding": 16, "vocabulary": 60}}


@pytest.fixture(scope="module")
def trained_all(tmp_path_factory):
    """A pipeline a network that has seen four lines for a while: network -> (pipeline, folder)."""
    found = {}
    for model, sizes in MODELS.items():
        folder = tmp_path_factory.mktemp("trained") / "run"
        options = {**SIZES, **sizes, "window": 16, "epochs": 8, "batch": 4, "learning_rate": 0.02, "patience": 8}
        found[model] = lstm_zoo.train(model, TEXTS, TEXTS, folder=folder, verbose=False, **options), folder
    return found


@pytest.fixture(params=MODELS)
def trained(request, trained_all):
    """The pipeline of each network."""
    return trained_all[request.param][0]


@pytest.fixture
def character(trained_all):
    """The pipeline of characters."""
    return trained_all["text_generation/character"][0]


def written(pipeline, prompts="To be", **options):
    """Texts that a pipeline writes, 30 tokens where nothing else is said."""
    return [answer["text"] for answer in lstm_zoo.predict(pipeline, prompts, **{"length": 30, **options})]


class TestTexts:
    """What `train` reads."""

    def test_files_folders_lists_and_datasets(self, tmp_path):
        (tmp_path / "b.txt").write_text("zwei\n", encoding="utf-8")
        (tmp_path / "a").mkdir()
        (tmp_path / "a" / "c.txt").write_bytes("\ufeffdrei, größer\r\n".encode())
        assert sources.read(tmp_path) == ["drei, größer\n", "zwei\n"]
        assert sources.read(str(tmp_path / "b.txt")) == ["zwei\n"]
        assert sources.read(tf.data.Dataset.from_tensor_slices(["ä", " ", "b"])) == ["ä", "b"]
        assert sources.read(iter([b"one", "two"])) == ["one", "two"]
        assert sources.read(tf.constant(["one", "two"])) == ["one", "two"]

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"", "The data set is empty: it holds no text. Received: .*text.txt"),
            (b" \n\t", "holds no text"),
            (b"PK\x03\x04\x00\x00", "text.txt is no text: it holds the byte 0"),
            ("größer".encode("latin-1"), "text.txt is not UTF-8: .* in position 2: .*Save it in UTF-8 first"),
            ("größer".encode("utf-16"), "is no text|is not UTF-8"),
        ],
    )
    def test_files_that_hold_no_text(self, tmp_path, content, message):
        path = tmp_path / "text.txt"
        path.write_bytes(content)
        with pytest.raises(ValueError, match=message):
            lstm_zoo.train("text_generation", path, folder=tmp_path / "run")
        assert not (tmp_path / "run").exists()

    @pytest.mark.parametrize(
        ("source", "message"),
        [
            (7, "Texts, or the path of a file or folder of them, are expected. Received: 7"),
            ([], "The data set is empty: it holds no text. Received: list of empty texts"),
            ({"text": ["a"]}, "Texts, or the path of a file or folder of them, are expected"),
            (pd.DataFrame({"text": ["a"]}), "Texts, or the path of a file or folder of them, are expected"),
            (["a", 3], "Item 1 is not a text"),
            (["\0"], "The data set is empty: it holds no text"),
            ("To be, or not to be. " * 20, "A path, or a list of texts, is expected. Received a text: 'To be, or"),
            (pathlib.Path("To be. " * 50), "A path, or a list of texts, is expected. Received a text: 'To be. To"),
        ],
    )
    def test_what_is_no_text(self, source, message):
        with pytest.raises(ValueError, match=message):
            sources.read(source)

    def test_paths_that_lead_nowhere(self, tmp_path):
        with pytest.raises(FileNotFoundError):
            sources.read(tmp_path / "missing.txt")
        with pytest.raises(ValueError, match="has no .txt file in it"):
            sources.read(tmp_path)

    def test_split_of_one_text_is_its_end_and_of_many_some_of_them(self):
        assert sources.split(["0123456789" * 2]) == (["0123456789" + "01234567"], ["89"])
        texts = [str(number) for number in range(40)]
        training, validation = sources.split(texts, seed=1)
        assert len(validation) == 4
        assert sorted(training + validation) == sorted(texts)
        assert sources.split(texts, seed=1) == (training, validation)
        assert sources.split(texts, seed=2) != (training, validation)
        with pytest.raises(ValueError, match="No validation split: one character only, 'a'"):
            sources.split(["a"])

    def test_data_sets_are_those_of_the_catalogue(self, prepared):
        prepared("tiny_shakespeare")
        assert [len(text_generation.data(part, "tiny_shakespeare")[0]) for part in ("train", "validation", "test")] == [
            1_003_854,
            55_770,
            55_770,
        ]
        with pytest.raises(ValueError, match="split is one of train, validation, test. Received: 'all'"):
            text_generation.data("all", "tiny_shakespeare")
        with pytest.raises(ValueError, match="The data sets are tiny_shakespeare, imdb_reviews. Received: 'x'"):
            text_generation.data("train", "x")

    def test_imdb_validates_on_reviews_that_it_does_not_train_on(self, prepared):
        prepared("imdb_reviews")
        validation, test = (awd.data(part, "imdb_reviews") for part in ("validation", "test"))
        assert (len(validation), len(test)) == (1000, 2500)
        assert not any("<br />" in text for text in validation + test)


class TestCharacters:
    """The ids that a text is read as."""

    def test_there_and_back(self):
        layer = text_generation.adapt(["größer\n", "👍🏽 فيلم"])["tokens"]
        texts = ["größer\n", "👍🏽 فيلم", ""]
        ids = layer(tf.constant(texts))
        assert ids.dtype == "int32"
        assert [text.decode() for text in layer(ids, reverse=True).numpy()] == texts
        assert (ids.numpy()[2] == 0).all()

    def test_what_is_not_known(self):
        layer = Characters("ab")
        np.testing.assert_array_equal(layer(tf.constant(["b\0a", "xb"])), [[3, 2], [1, 3]])
        assert layer(tf.constant([[1, 3, 0]]), reverse=True).numpy()[0].decode() == "\ufffdb"

    def test_the_most_frequent_have_an_id(self):
        assert text_generation.adapt(["aaabbc\0"], vocabulary=4)["tokens"].alphabet == "ab"
        assert Characters("\nab").start == 2
        assert Characters("ab").start == 1
        for options in ({"vocabulary": 2}, {"window": 3}):
            with pytest.raises(ValueError, match="vocabulary is above 2 and window from 4"):
                text_generation.adapt(["ab"], **options)
        with pytest.raises(ValueError, match="window is at least 4. Received: 2"):
            awd.adapt(["ab"], window=2)


class TestBatches:
    """What `fit` eats."""

    preprocessing = text_generation.adapt(["abcdefghij" * 50], window=8)

    def batches(self, number, **options):
        found = batches.examples(["abcdefghij" * 50], dict(self.preprocessing), batch=4, **options)
        return list(found.take(number).as_numpy_iterator())

    def test_rows_go_on_from_batch_to_batch(self):
        passed = self.batches(16, seed=3)
        assert len({given["ids"].shape[1] for given, _ in passed}) > 1
        for (given, target), (after, _) in itertools.pairwise(passed):
            np.testing.assert_array_equal(given["ids"][:, 1:], target[:, :-1])
            np.testing.assert_array_equal(target[:, -1], after["ids"][:, 0])
        assert passed[0][0]["fresh"].all()
        assert not any(given["fresh"].any() for given, _ in passed[1:])

    def test_a_pass_reads_every_token(self):
        # 500 tokens are 63 windows of 8, 16 batches of 4.
        assert batches.count(["abcdefghij" * 50], dict(self.preprocessing)) == 63
        passed = self.batches(17, seed=3)
        assert [given["fresh"][0] for given, _ in passed] == [True] + [False] * 15 + [True]
        assert sum(given["ids"].size for given, _ in passed[:16]) == 16 * 4 * 8
        assert len(self.batches(99)) == 16

    def test_a_pass_hangs_on_its_number_and_the_seed_alone(self):
        third = self.batches(48, seed=3)[32:]
        for again, same in ((self.batches(16, seed=3, first_epoch=2), True), (self.batches(16, seed=4), False)):
            equal = [np.array_equal(one["ids"], other["ids"]) for (one, _), (other, _) in zip(third, again)]
            assert all(equal) == same

    def test_a_text_shorter_than_a_batch_is_read_over_and_over(self):
        found = batches.examples(["ab"], text_generation.adapt(["ab"], window=8), batch=4)
        ((given, target),) = found.as_numpy_iterator()
        assert given["ids"].shape == (4, 8)
        assert (given["ids"] != target).all()


class TestNetworks:
    """State from batch to batch, dropped words, penalties, the large softmax."""

    def given(self, fresh, steps=6, batch=2):
        ids = np.random.default_rng(0).integers(2, 20, (batch, steps)).astype("int32")
        return {"ids": tf.constant(ids), "fresh": tf.fill([batch], fresh)}

    def test_state_is_carried_and_begins_anew_where_a_row_is_fresh(self):
        network = lstm_zoo.build("text_generation", vocabulary=20, embedding=4, units=8)
        whole = self.given(True)
        expected = network(whole)
        network({**whole, "ids": whole["ids"][:, :2]})
        after = network({"ids": whole["ids"][:, 2:], "fresh": tf.constant([False, True])})
        alone = network({"ids": whole["ids"][:, 2:], "fresh": tf.constant([True, True])})
        np.testing.assert_allclose(after[0], expected[0, 2:], atol=1e-6)
        np.testing.assert_allclose(after[1], alone[1], atol=1e-6)
        assert np.abs(alone[0] - expected[0, 2:]).max() > 1e-4

    def test_a_batch_of_other_rows_cannot_go_on(self):
        network = lstm_zoo.build("text_generation", vocabulary=20, embedding=4, units=8)
        network(self.given(True, batch=2))
        with pytest.raises(tf.errors.InvalidArgumentError):
            network(self.given(False, batch=3))

    def test_what_is_carried_is_no_weight(self):
        network = lstm_zoo.build("text_generation", vocabulary=20, embedding=4, units=8, depth=1)
        before = network.get_weights()
        network(self.given(True))
        assert network.count_params() == 20 * 4 + 4 * 8 * (4 + 8 + 1) + 9 * 20
        assert all(np.array_equal(one, other) for one, other in zip(before, network.get_weights()))

    def test_depths(self):
        flat = lstm_zoo.build("text_generation/awd", vocabulary=20, embedding=4, units=8, depth=1)
        assert len(flat.trainable_weights) == 1 + 3
        for model in MODELS:
            with pytest.raises(ValueError, match="depth is at least 1. Received: 0"):
                lstm_zoo.build(model, depth=0)

    def test_encoder_runs_with_states_of_ones_own(self):
        stack = language_model.encoder(4, units=[8, 6])
        vectors = tf.random.normal([2, 5, 4])
        steps, after = stack([vectors, language_model.zero_states(stack, 2)])
        first, states = stack([vectors[:, :2], language_model.zero_states(stack, 2)])
        rest, states = stack([vectors[:, 2:], states])
        np.testing.assert_allclose(np.concatenate([first, rest], 1), steps, atol=1e-6)
        for one, other in zip(tf.nest.flatten(states), tf.nest.flatten(after)):
            np.testing.assert_allclose(one, other, atol=1e-6)

    def test_dropped_words_are_dropped_wherever_they_stand(self):
        ids = tf.constant([[3, 4, 3, 5], [5, 3, 4, 4]])
        layer = language_model.EmbeddingDropout(0.5, 6)
        dropped = [layer(tf.ones([2, 4, 2]), ids, training=True).numpy() for _ in range(20)]
        for values in dropped:
            for word in (3, 4, 5):
                assert len(np.unique(values[ids == word])) == 1
        assert {float(values.max()) for values in dropped} <= {0.0, 2.0}
        assert 0 < np.mean(dropped) < 2
        np.testing.assert_array_equal(layer(tf.ones([2, 4, 2]), ids), 1.0)

    def test_activation_regularization(self):
        layer, steps = language_model.ActivationRegularization(2.0, 1.0), tf.constant([[[1.0], [3.0]]])
        np.testing.assert_array_equal(layer(2 * steps, steps, training=True), 2 * steps)
        np.testing.assert_allclose(layer.losses, [2 * (4 + 36) / 2, 4.0])
        layer(steps, steps)
        assert not layer.losses

    @pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-5), ("bfloat16", 2e-2)])
    def test_cross_entropy_and_its_gradient_are_those_of_keras(self, dtype, tolerance):
        table = language_model.TiedEmbedding(30, 8, matmul_dtype=dtype)
        words = tf.constant([[3, 4, 3], [29, 0, 3]])
        vectors = tf.Variable(10 * tf.random.normal([2, 3, 8]))
        table(words)

        def keras_own():
            logits = tf.matmul(tf.reshape(vectors, [-1, 8]), table.embeddings.value, transpose_b=True)
            return keras.ops.sparse_categorical_crossentropy(tf.reshape(words, [-1]), logits, from_logits=True)

        found = []
        for function in (keras_own, lambda: table.cross_entropy(vectors, words)):
            with tf.GradientTape() as tape:
                nats = function()
                loss = tf.reduce_sum(nats * tf.range(1.0, 7.0))
            gradients = tape.gradient(loss, [vectors, table.embeddings.value])
            found.append([nats, *(tf.convert_to_tensor(gradient) for gradient in gradients)])
        for expected, value in zip(*found):
            np.testing.assert_allclose(value, expected, atol=tolerance * np.abs(expected).max())

    def test_sampled_softmax_is_near_the_full_one_and_validates_with_that(self):
        table = language_model.TiedEmbedding(200, 8, candidates=199)
        words = tf.random.uniform([50, 10], 0, 200, "int32")
        vectors = tf.random.normal([50, 10, 8])
        table(words)
        full = table.cross_entropy(vectors, words)
        sampled = np.mean([table.cross_entropy(vectors, words, training=True) for _ in range(20)], 0)
        np.testing.assert_allclose(sampled, full, atol=0.1)
        assert np.abs(sampled - full).max() > 0
        with pytest.raises(ValueError, match="candidates is 0, or fewer than the 5 words. Received: 5"):
            language_model.TiedEmbedding(5, 8, candidates=5)
        for option, value in {"tie_weights": False, "reverse_dtype": "float32", "logit_soft_cap": 30.0}.items():
            with pytest.raises(ValueError, match=f"plain products with its table. Received: .*'{option}': '?{value}"):
                language_model.TiedEmbedding(5, 8, **{option: value})

    def test_training_with_candidates_lowers_the_loss_over_all(self, tmp_path):
        options = {**SIZES, **MODELS["text_generation/awd"], "candidates": 20, "epochs": 12, "batch": 4, "window": 16}
        options["learning_rate"] = 0.02
        lstm_zoo.train("text_generation/awd", TEXTS * 4, TEXTS, folder=tmp_path, verbose=False, **options)
        losses = [float(line.split(",")[-1]) for line in (tmp_path / "history.csv").read_text().splitlines()[1:]]
        assert losses[-1] < 0.9 * losses[0]


class TestTraining:
    """`train`, but for what all tasks share."""

    def test_a_run_that_goes_on_ends_like_one_that_was_never_stopped(self, tmp_path, monkeypatch):
        options = {**SIZES, "dropout": 0.2, "window": 16, "epochs": 3, "batch": 4, "verbose": False, "patience": 9}
        whole = lstm_zoo.train("text_generation", TEXTS, folder=tmp_path / "whole", **options)

        def killed(self, epoch, logs=None):
            if epoch == 1:
                raise KeyboardInterrupt

        monkeypatch.setattr(keras.callbacks.TerminateOnNaN, "on_epoch_begin", killed, raising=False)
        with pytest.raises(KeyboardInterrupt):
            lstm_zoo.train("text_generation", TEXTS, folder=tmp_path / "stopped", **options)
        monkeypatch.undo()
        resumed = lstm_zoo.train("text_generation", TEXTS, folder=tmp_path / "stopped", resume=True, **options)
        for one, other in zip(whole.get_weights(), resumed.get_weights()):
            np.testing.assert_array_equal(one, other)

    @pytest.mark.parametrize("model", MODELS)
    def test_goes_on_from_weights(self, model, trained_all, tmp_path):
        pipeline, folder = trained_all[model]
        path = str(folder / "pipeline.keras")
        before = lstm_zoo.evaluate(pipeline, TEXTS)["nll"]
        options = {"epochs": 4, "batch": 4, "learning_rate": 0.01, "verbose": False, "patience": 9}
        tuned = lstm_zoo.train(model, TEXTS, TEXTS, weights=path, folder=tmp_path, **options)
        assert lstm_zoo.evaluate(tuned, TEXTS)["nll"] < before
        assert lstm_zoo.build(model, weights=path).count_params() == networks.network_of(pipeline).count_params()

    def test_mixed_precision(self, tmp_path):
        options = {**SIZES, **MODELS["text_generation/awd"], "epochs": 1, "batch": 4, "window": 16, "verbose": False}
        pipeline = lstm_zoo.train("text_generation/awd", TEXTS, folder=tmp_path, mixed_precision=True, **options)
        assert networks.network_of(pipeline).get_layer("embedding").matmul_dtype is None
        assert math.isfinite(lstm_zoo.evaluate(pipeline, TEXTS)["nll"])

    def test_mixed_precision_of_a_gpu(self, tmp_path, monkeypatch, recwarn):
        monkeypatch.setattr(keras.distribution, "list_devices", lambda *_: ["gpu:0"])
        options = {**SIZES, **MODELS["text_generation/awd"], "epochs": 1, "batch": 4, "window": 16, "verbose": False}
        pipeline = lstm_zoo.train("text_generation/awd", TEXTS, folder=tmp_path, mixed_precision=True, **options)
        assert math.isfinite(lstm_zoo.evaluate(pipeline, TEXTS)["nll"])
        assert not [one for one in recwarn if "Skipping variable loading" in str(one.message)]


class TestSampling:
    """`decoding.sample` and what `predict` makes of it."""

    def sampled(self, chances, length=4000, **options):
        """Tokens drawn from the same distribution time and again."""
        chances = tf.math.log(tf.constant([chances]))
        defaults = {"temperature": 1.0, "top_k": 0, "top_p": 1.0, "repetition_penalty": 1.0, "seed": 0}
        given = {name: tf.constant([value]) for name, value in {**defaults, **options}.items()}
        more = {"start": tf.constant([1]), "positions": tf.constant([0]), "seen": tf.zeros_like(chances, "bool")}
        step = lambda tokens, states: (chances, states)  # noqa: E731
        sample = tf.function(lambda: decoding.sample(step, [], tf.constant([length]), end=-1, **more, **given)[0])
        tokens = sample()  # in a graph, where thousands of steps take seconds
        return np.bincount(tokens[0], minlength=chances.shape[1]) / max(1, length)

    def test_draws_as_often_as_it_is_probable(self):
        np.testing.assert_allclose(self.sampled([0.5, 0.0, 0.3, 0.2]), [0.5, 0.0, 0.3, 0.2], atol=0.03)

    def test_temperature(self):
        np.testing.assert_allclose(self.sampled([0.8, 0.2], temperature=0.5), [0.64 / 0.68, 0.04 / 0.68], atol=0.03)
        np.testing.assert_allclose(self.sampled([0.8, 0.2], temperature=1e4), [0.5, 0.5], atol=0.03)
        np.testing.assert_array_equal(self.sampled([0.45, 0.55], temperature=0.0), [0, 1])

    def test_top_k_and_top_p(self):
        np.testing.assert_allclose(self.sampled([0.3, 0.5, 0.2], top_k=2), [0.375, 0.625, 0], atol=0.03)
        np.testing.assert_allclose(self.sampled([0.3, 0.5, 0.2], top_p=0.6), [0.375, 0.625, 0], atol=0.03)
        np.testing.assert_array_equal(self.sampled([0.3, 0.5, 0.2], top_p=0.5), [0, 1, 0])
        np.testing.assert_array_equal(self.sampled([0.3, 0.5, 0.2], top_p=0.0), [0, 1, 0])
        np.testing.assert_array_equal(self.sampled([0.3, 0.5, 0.2], top_k=1), [0, 1, 0])
        np.testing.assert_allclose(self.sampled([0.3, 0.5, 0.2], top_k=99), [0.3, 0.5, 0.2], atol=0.03)
        # Of the two that top_k leaves, the first has more than half of the probability, and top_p leaves it alone.
        np.testing.assert_array_equal(self.sampled([0.3, 0.25, 0.2, 0.15, 0.1], top_k=2, top_p=0.5), [1, 0, 0, 0, 0])

    def test_no_step_is_taken_whose_token_is_not_written(self):
        taken = []

        def step(tokens, states):
            taken.append(tokens)
            return tf.math.log([[0.0, 0.5, 0.5], [0.0, 0.5, 0.5]]), states

        two = {name: tf.constant([value] * 2) for name, value in {"start": 1, "positions": 0, "top_k": 0}.items()}
        more = {name: tf.ones(2) for name in ("temperature", "top_p", "repetition_penalty")}
        given = {**two, **more, "seed": tf.constant([0, 1]), "seen": tf.zeros([2, 3], "bool"), "end": -1}
        assert decoding.sample(step, [], tf.constant([3, 5]), **given)[0].shape == (2, 5)
        assert len(taken) == 5

    def test_repetition_penalty(self):
        # Once the most probable one is written it is squared, and less probable than the other.
        tokens = self.sampled([0.6, 0.4], length=2, temperature=0.0, repetition_penalty=2.0)
        np.testing.assert_array_equal(tokens, [0.5, 0.5])

    def test_uniform_numbers_are_uniform_and_do_not_repeat(self):
        numbers = decoding.uniform(tf.repeat(tf.range(100), 100), tf.tile(tf.range(100), [100])).numpy()
        assert numbers.min() >= 0
        assert numbers.max() < 1
        assert len(np.unique(numbers)) > 9980
        np.testing.assert_allclose(np.histogram(numbers, 10, (0, 1))[0], 1000, atol=120)
        grid = numbers.reshape(100, 100)
        for ahead, behind in ((grid[:, 1:], grid[:, :-1]), (grid[1:], grid[:-1])):
            assert abs(np.corrcoef(ahead.ravel(), behind.ravel())[0, 1]) < 0.05

    def test_temperature_0_is_greedy(self, trained):
        writer = pipelines.writer(trained)
        prompt = writer.tokens(tf.constant(["To be"]))
        state = writer.read(writer.first_state(1), prompt)
        found, _ = decoding.greedy(
            writer.step, state["states"], tf.constant([30]), start=state["token"], end=writer.end
        )
        text = writer.spell(state["token"], found).numpy()[0].decode()
        for seed in (0, 1):
            assert written(trained, temperature=0, seed=seed) == [text]
        assert written(trained, temperature=1.0, top_k=1) == [text]

    def test_a_seed_repeats_a_text_and_another_writes_another(self, trained):
        first = written(trained, temperature=1.5, seed=7)
        assert written(trained, temperature=1.5, seed=7) == first
        assert written(trained, temperature=1.5, seed=8) != first

    def test_a_text_does_not_hang_on_its_batch_mates(self, trained):
        items = [
            *pipelines.inputs("To be", length=30, temperature=1.0),
            *pipelines.inputs("or " * 50, length=10, temperature=2.0, top_k=3, seed=4),
            *pipelines.inputs("", length=0, seed=9),
            *pipelines.inputs("Whether", length=60, top_p=0.5, repetition_penalty=1.5),
        ]
        alone = [trained.predict_on_batch(pipelines.encode(trained, [item]))["text"][0] for item in items]
        assert trained.predict_on_batch(pipelines.encode(trained, items))["text"].tolist() == alone

    def test_beams(self, trained):
        pipeline = pipelines.with_search(trained, 3)
        assert lstm_zoo.predict(trained, "To be", beams=3, length=12) == lstm_zoo.predict(pipeline, "To be", length=12)
        assert written(pipelines.with_search(pipeline, 1), seed=3) == written(trained, seed=3)
        with pytest.raises(ValueError, match="A search takes length alone, and samples nothing. Received: top_k"):
            lstm_zoo.predict(trained, "To be", beams=3, top_k=4)
        with pytest.raises(ValueError, match="A search takes length alone, and samples nothing. Received: seed"):
            lstm_zoo.predict(pipeline, "To be", seed=4)
        with pytest.raises(ValueError, match="beams is at least 1. Received: 0"):
            lstm_zoo.predict(trained, "To be", beams=0)

    def test_a_search_is_compiled_once_for_a_loop_of_predictions(self, trained, monkeypatch):
        task, built = registry.task_of(trained), []
        monkeypatch.setattr(task, "with_search", lambda *args: built.append(args) or pipelines.with_search(*args))
        answers = [lstm_zoo.predict(trained, "To be", beams=2, length=12) for _ in range(2)]
        assert answers[0] == answers[1]
        assert len(built) == 1

    def test_a_search_finds_what_is_at_least_as_probable_as_the_greedy_text(self, character):
        pipeline = pipelines.with_search(character, 3)
        item = pipelines.inputs("To be", length=12, temperature=0)
        found, greedy = (one.predict_on_batch(pipelines.encode(one, item))["score"][0] for one in (pipeline, character))
        assert found >= decoding.score(greedy, 12 + 1, 1.0) - 1e-5  # with the end

    def test_padding_and_unknown_tokens_are_never_written(self, trained):
        writer = pipelines.writer(trained)
        chances, _ = writer.step(tf.constant([5]), language_model.zero_states(writer.network.get_layer("encoder"), 1))
        assert (chances.numpy()[0, : writer.never + 1] == -np.inf).all()
        assert np.isfinite(chances.numpy()[0, writer.never + 1 :]).all()


class TestPrompts:
    """What people give it."""

    @pytest.mark.parametrize(
        ("option", "value", "message"),
        [
            ("temperature", -0.1, "temperature is a number from 0 to .*. Received: -0.1"),
            ("temperature", math.nan, "temperature is a number from 0"),
            ("top_p", 1.1, "top_p is a number from 0 to 1. Received: 1.1"),
            ("top_p", -0.5, "top_p is a number from 0 to 1. Received: -0.5"),
            ("top_k", -1, "top_k is a whole number from 0"),
            ("top_k", 2.5, "top_k is a whole number from 0 to 2147483647. Received: 2.5"),
            ("length", -1, "length is a whole number from 0"),
            ("length", "ten", "length is a whole number from 0 to 2147483647. Received: 'ten'"),
            ("length", True, "length is a whole number"),
            ("repetition_penalty", 0, "repetition_penalty is a number from 0.001"),
            ("seed", -3, "seed is a whole number from 0"),
        ],
    )
    def test_options_outside_of_what_they_may_be(self, character, option, value, message):
        with pytest.raises(ValueError, match=message):
            lstm_zoo.predict(character, "To be", **{option: value})
        if option != "length":
            with pytest.raises(ValueError, match=message):
                text_generation.Writing(character, **{option: value})

    def test_options_that_there_are_not(self, character):
        with pytest.raises(ValueError, match="The options are length, temperature, .* Received: temprature"):
            text_generation.Writing(character, temprature=0.5)
        with pytest.raises(ValueError, match="`write` takes the length of what it writes"):
            text_generation.Writing(character, length=5)

    def test_prompts_that_are_no_text(self, character):
        with pytest.raises(ValueError, match="Item 1 is not a text"):
            lstm_zoo.predict(character, ["To be", 4])

    def test_an_empty_prompt_begins_a_text(self, character):
        assert written(character, "", temperature=0) == written(character, "", temperature=0, seed=5)
        assert len(written(character, "")[0]) == 30

    def test_characters_that_were_never_seen(self, character):
        assert len(written(character, "♞ 你好")[0]) == 30
        assert written(character, "♞") == written(character, "你")

    def test_a_prompt_longer_than_the_truncation_is_read_whole(self, character):
        prompt = "To be, or not to be, that is the question:\n" * 30
        writer = pipelines.writer(character)
        state = writer.read(writer.first_state(1), writer.tokens(tf.constant([prompt])))
        ids = np.concatenate([[writer.tokens.start], writer.tokens(tf.constant([prompt])).numpy()[0]])
        stack = writer.network.get_layer("encoder")
        _, states = language_model.step(
            writer.network, tf.constant(ids[None, :-1]), language_model.zero_states(stack, 1)
        )
        for one, other in zip(tf.nest.flatten(state["states"]), tf.nest.flatten(states)):
            np.testing.assert_allclose(one, other, atol=1e-5)
        assert state["position"] == len(prompt)
        assert state["token"] == ids[-1]

    def test_length_0(self, trained):
        assert written(trained, ["To be", ""], length=0) == ["", ""]

    def test_a_million_characters_are_written_bit_by_bit(self, character):
        text = text_generation.Writing(character, seed=1)
        assert next(text.write(1_000_000))
        before = {name: value.shape for name, value in text._state.items()}
        assert "".join(itertools.islice(text.write(1_000_000), 5))
        assert {name: value.shape for name, value in text._state.items()} == before  # memory does not grow

    def test_options_are_for_text_generation(self, tiny):
        pipeline = tiny("sentiment")[-1]
        with pytest.raises(ValueError, match="length, seed: for text_generation. Received: sentiment-bilstm"):
            lstm_zoo.predict(pipeline, "good", length=3, seed=1)
        with pytest.raises(ValueError, match="beams is for translation, speech and text_generation"):
            lstm_zoo.predict(pipeline, "good", beams=3)


class TestWriting:
    """State carried between calls."""

    def test_two_halves_of_a_prompt_are_the_whole(self, trained):
        text = text_generation.Writing(trained, seed=3, temperature=1.0, repetition_penalty=1.2)
        text.read("To be, or")
        text.read(" not to")
        whole = written(trained, "To be, or not to", seed=3, temperature=1.0, repetition_penalty=1.2)
        assert "".join(text.write(30)) == whole[0]

    def test_halves_within_a_word_are_the_whole_for_characters(self, character):
        text = text_generation.Writing(character, seed=3)
        for part in ("", "To b", "e, o", "r"):
            text.read(part)
        assert "".join([*text.write(7), *text.write(0), *text.write(23)]) == written(character, "To be, or", seed=3)[0]

    def test_reading_what_it_wrote_is_writing_on(self, character):
        text, again = (text_generation.Writing(character, temperature=0) for _ in range(2))
        half = "".join(text.write(10))
        again.read(half)
        assert "".join(text.write(10)) == "".join(again.write(10))

    def test_a_text_is_at_its_end_wherever_its_steps_begin(self, trained_all, monkeypatch):
        pipeline = trained_all["text_generation/awd"][0]
        monkeypatch.setattr(writing, "TOKENS", 1)  # so that the end is the last token of its step
        prompts = [*TEXTS, "To", "be", "or", "not", "that", "is"]
        whole = written(pipeline, prompts, temperature=1.2, seed=5)
        longer = written(pipeline, prompts, temperature=1.2, seed=5, length=60)
        assert any(text == more for text, more in zip(whole, longer))  # some have an end
        text = text_generation.Writing(pipeline, temperature=1.2, seed=5)
        for prompt, expected in zip(prompts, longer):
            text.begin()
            text.read(prompt)
            assert "".join(text.write(60)) == expected

    def test_a_length_that_is_none_is_an_error_at_once(self, character):
        text = text_generation.Writing(character)
        with pytest.raises(ValueError, match="length is a whole number from 0"):
            text.write(-1)

    def test_a_pipeline_that_searches_cannot_write_bit_by_bit(self, character):
        pipeline = pipelines.with_search(character, 2)
        with pytest.raises(ValueError, match="A pipeline that samples is expected"):
            text_generation.Writing(pipeline)
        assert inference.stream(pipeline, ["To be"], length=5) is None

    def test_the_terminal_shows_it_while_it_is_written(self, trained_all):
        _, folder = trained_all["text_generation/character"]
        command = [sys.executable, "-m", "lstm_zoo", "predict", str(folder / "pipeline.keras"), "To be", "Or"]
        options = ["--length", "20", "--seed", "3", "--temperature", "1.0"]
        shown = subprocess.run([*command, *options], capture_output=True, check=True).stdout
        answers = lstm_zoo.predict(str(folder / "pipeline.keras"), ["To be", "Or"], length=20, seed=3, temperature=1.0)
        expected = "".join(f"{prompt}{answer['text']}\n" for prompt, answer in zip(["To be", "Or"], answers))
        assert shown.decode() == expected
        parts = inference.stream(folder / "pipeline.keras", ["To be"], length=1_000_000)
        assert "".join(itertools.islice(parts, 3)).startswith("To be")  # long before the end
        as_json = subprocess.run([*command, *options, "--json"], capture_output=True, check=True)
        assert json.loads(as_json.stdout) == answers


class TestExport:
    """What runs without lstm_zoo."""

    def test_state_goes_in_and_out(self, trained, tmp_path):
        served = tf.saved_model.load(str(lstm_zoo.export(trained, tmp_path / "saved")))
        options = {name: tf.constant([value], dtype) for name, (value, dtype) in pipelines.OPTIONS.items()}
        state, parts, counts = served.signatures["start"](), [], []
        for text, length in (("To be, or", 0), (" not to", 4), ("", 26)):
            given = {**options, **state, "text": tf.constant([text]), "length": tf.constant([length])}
            state = served.signatures["step"](**given)
            parts.append(state.pop("text").numpy()[0].decode())
            counts.append(int(state.pop("count")[0]))
            ended = bool(state.pop("ended")[0])
        assert parts[0] == ""
        assert ended == (pipelines.writer(trained).end == int(state["token"][0]))
        assert counts[:2] == [0, 4]
        assert "".join(parts) == written(trained, "To be, or not to")[0]

    def test_seed_temperature_and_length_are_inputs(self, character, tmp_path):
        served = tf.saved_model.load(str(lstm_zoo.export(character, tmp_path / "saved")))
        given = pipelines.encode(character, pipelines.inputs(["To be", ""], length=9, seed=5, temperature=1.5))
        found = served.signatures["serving_default"](**given)["text"].numpy()
        assert [text.decode() for text in found] == written(character, ["To be", ""], length=9, seed=5, temperature=1.5)

    @pytest.mark.parametrize("form", ["onnx", "litert"])
    def test_other_formats_say_that_they_cannot(self, character, tmp_path, form):
        with pytest.raises(ValueError, match=f"{form} is for sentiment alone; text_generation-character can be"):
            lstm_zoo.export(character, tmp_path / "file", format=form)

    def test_served_options_are_numbers(self):
        spec = tf.TensorSpec([None], "int32")
        values = [serving.numbers_of(value, "length", spec, 0) for value in (3, 4)]
        np.testing.assert_array_equal(serving.batched(values, spec, behind=False), [3, 4])
        with pytest.raises(Exception, match="400") as caught:
            serving.numbers_of([3], "length", spec, 0)
        assert '"length" is a number' in caught.value.detail


class TestMeasures:
    """How well a text is foreseen."""

    def test_rows_side_by_side_measure_what_one_does(self, character):
        ids = np.concatenate([[2], np.random.default_rng(0).integers(2, 20, 3000)])
        network = networks.network_of(character)
        exact = measures.nats(network, ids, rows=1)
        assert len(exact) == 3000
        assert measures.nats(network, ids, rows=5, warm_up=100).mean() == pytest.approx(exact.mean(), abs=1e-4)
        assert measures.nats(network, ids, rows=7, warm_up=1).mean() != pytest.approx(exact.mean(), abs=1e-6)

    def test_one_row_is_what_the_network_says(self, trained):
        network, writer = networks.network_of(trained), pipelines.writer(trained)
        ids = np.concatenate([[writer.start], batches.stream(TEXTS, {"tokens": writer.tokens})])
        output = network({"ids": tf.constant(ids[None, :-1]), "fresh": tf.constant([True])})
        logits = output["logits"] if isinstance(output, dict) else output
        expected = keras.ops.sparse_categorical_crossentropy(ids[1:], logits[0], from_logits=True)
        np.testing.assert_allclose(measures.nats(network, ids), expected, atol=1e-4)

    def test_score(self, trained_all):
        def total_and_tokens(pipeline, texts, start):
            ids = batches.stream(texts, {"tokens": pipelines.writer(pipeline).tokens}).numpy()
            return measures.nats(networks.network_of(pipeline), np.concatenate([[start], ids])).sum(), len(ids)

        pipeline = trained_all["text_generation/character"][0]
        total, tokens = total_and_tokens(pipeline, TEXTS, pipelines.writer(pipeline).tokens.start)
        expected = {"nll": round(total / tokens, 4), "perplexity": round(math.exp(total / tokens), 4)}
        assert lstm_zoo.evaluate(pipeline, TEXTS) == pytest.approx(expected)
        pipeline, texts = trained_all["text_generation/awd"][0], ["To be, or", "not  to\nbe"]
        total, tokens = total_and_tokens(pipeline, texts, measures.END)
        # 20 characters with single spaces and two ends, 8 words with the ends
        assert lstm_zoo.evaluate(pipeline, texts) == pytest.approx(
            {
                "nll": round(total / (9 + 9 + 2), 4),
                "perplexity": round(math.exp(total / tokens), 4),
                "perplexity_word": round(math.exp(total / 8), 4),
            }
        )

    def test_baseline_is_that_of_the_formula(self):
        # After "a" came "b" 4 times and nothing else; all together 5 "a", 4 "b": the unigrams of 2 kinds are
        # (5 + 2 / 3) / 11 and (4 + 2 / 3) / 11, of an alphabet of 3 with the unknown.
        unigrams = {"a": (5 + 2 / 3) / 11, "b": (4 + 2 / 3) / 11}
        assert measures.ngram_nats("ababababa", "a", order=1) == pytest.approx(-math.log(unigrams["a"]))
        after_a = (4 + 1 * unigrams["b"]) / 5
        first_a = (1 + 1 * unigrams["a"]) / 2  # the first one stood after nothing
        expected = -(math.log(first_a) + math.log(after_a)) / 2
        assert measures.ngram_nats("ababababa", "ab", order=2) == pytest.approx(expected)

    def test_probabilities_of_the_baseline_add_up_to_1(self):
        text = "to be, or not to be, that is the question"
        chances = []
        for character in {*text, "♞"}:
            both = measures.ngram_nats(text, f"to b{character}", order=3) * 5
            chances.append(math.exp(measures.ngram_nats(text, "to b", order=3) * 4 - both))
        assert sum(chances) == pytest.approx(1)

    def test_a_baseline_of_too_many_characters_takes_the_rare_ones_for_one(self):
        text = "".join(map(chr, range(20_000, 23_000)))  # 6-grams of 1,289 of them can be numbered
        frequent, rare = text[:1000], text[-1000:]

        def nats(some):
            return measures.ngram_nats(frequent * 3 + text[1000:], some, order=6)

        assert nats(rare) == nats(rare[::-1])
        assert nats(frequent) < 1 < nats(frequent[::-1])

    def test_evaluate_has_the_baseline_beside(self, trained):
        found = lstm_zoo.evaluate(trained, TEXTS, training=TEXTS)
        (rival,) = found["baselines"].values()
        assert 0 < rival["nll"] < 4
