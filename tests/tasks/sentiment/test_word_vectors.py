"""`vectors=`: networks that read word vectors of others beside what they learn, from training to export."""

import json
import pathlib

import keras
import numpy as np
import onnxruntime
import pytest
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter
from tiny import runs

import lstm_zoo
from lstm_zoo import networks
from lstm_zoo.tasks import sentiment
from lstm_zoo.tasks.sentiment import preprocessing as words
from lstm_zoo.training.preparing import network_for

TASK = sentiment.TASK
# Which words are alike, by the first number: "fine" and "superb" are like "good", "awful" like "bad".
VECTORS = {"the": (0, 9), "Good": (8, 1), "fine": (9, 1), "superb": (8, 2), "bad": (-8, 1), "awful": (-9, 1)}
VECTORS |= {"film": (0, -9), "an": (1, 9), "a": (-1, 9)}
PAIRS = [("a good film", "good"), ("a bad film", "bad"), ("so good!", "good"), ("bad, very bad", "bad")] * 10
MODELS = ["sentiment/bilstm", "sentiment/attention"]


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """A file of vectors."""
    lines = [f"{word} {first} {second}\n" for word, (first, second) in VECTORS.items()]
    path = tmp_path_factory.mktemp("vectors") / "tiny.vec"
    path.write_text(f"{len(lines)} 2\n{''.join(lines)}", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def run(path, tmp_path_factory):
    """A trained pipeline with vectors, and its run. Not to be changed."""
    folder = tmp_path_factory.mktemp("run") / "run"
    return runs.train(folder, vectors=path, epochs=15, learning_rate=0.03, word_dropout=0.5), folder


def prepared(path):
    return TASK.adapt(PAIRS, vectors=path)


def built(model, path, **sizes):
    """An untrained network with vectors, whose own weights tell the words apart."""
    keras.utils.set_random_seed(1)
    network = network_for(model, prepared(path), {"units": 4, "embedding": 4, "vectors": str(path), **sizes})
    network.get_layer("embedding").embeddings.assign(
        keras.random.normal(network.get_layer("embedding").weights[0].shape)
    )
    return network


class TestAdapt:
    """The vocabulary and the table."""

    def test_words_of_the_texts_come_first_then_those_of_the_vectors(self, path):
        alone, both = TASK.adapt(PAIRS), prepared(path)
        known = alone["words"].get_vocabulary()
        assert both["words"].get_vocabulary() == [*known, "the", "fine", "superb", "awful", "an"]
        assert both["vocabulary"] == len(known)
        sizes = {"classes": 2, "vocabulary": len(known), "vector_words": len(known) + 5, "vector_width": 2}
        assert TASK.data_hyperparameters(both) == sizes
        assert TASK.data_hyperparameters(alone) == {"classes": 2, "vocabulary": len(known)}

    def test_a_row_is_that_of_its_word_scaled(self, path):
        both = prepared(path)
        table, vocabulary = both["vectors"], both["words"].get_vocabulary()
        assert table.dtype == np.float32
        assert table[table.any(axis=1)].std() == pytest.approx(words.DEVIATION, abs=1e-6)
        scale = table[vocabulary.index("film"), 1] / -9
        for word, row in zip(vocabulary, table):
            np.testing.assert_allclose(
                row, scale * np.array(VECTORS.get(word.replace("good", "Good"), (0, 0))), rtol=1e-5
            )

    def test_few_words_with_vectors_warn(self, tmp_path):
        (tmp_path / "few.txt").write_text("good 1 2\nfremd 2 1\n")
        with pytest.warns(UserWarning, match=r"Only 1 of the 8 words in the texts have a vector in .*few.txt"):
            prepared(tmp_path / "few.txt")

    def test_none_is_an_error(self, tmp_path):
        (tmp_path / "none.txt").write_text("fremd 2 1\n")
        with pytest.raises(ValueError, match=r"None of the 8 words in the texts has a vector, .* Read: .*none.txt"):
            prepared(tmp_path / "none.txt")

    def test_vectors_of_nothing_are_not_scaled(self, tmp_path):
        (tmp_path / "zero.txt").write_text("good 0 0\nbad 0 0\nfilm 0 0\n")
        assert not prepared(tmp_path / "zero.txt")["vectors"].any()

    def test_tokens_of(self):
        given = ["Film", "don't", "New_York", "", " ", "<br />", "'s", "ÀÉ", "10", "1.5", "!", "rock-n-roll", "a b"]
        kept = ["film", "don't", None, None, None, None, None, "àé", "10", None, "!", None, None]
        assert words.tokens_of(given) == kept


@pytest.mark.parametrize("model", MODELS)
class TestNetwork:
    """The frozen table beside the one that learns."""

    def test_the_table_is_filled_and_frozen(self, model, path):
        network = built(model, path)
        np.testing.assert_array_equal(words.vectors_of(network), prepared(path)["vectors"])
        assert network.count_params() - sum(np.prod(weight.shape) for weight in network.trainable_weights) >= 13 * 2
        assert "vectors" not in {weight.path.split("/")[0] for weight in network.trainable_weights}

    def test_a_word_that_only_the_vectors_know_is_not_unknown(self, model, path):
        network, layer = built(model, path), prepared(path)["words"]
        texts = tf.constant(["a fine film", "a superb film", "a nonesuch film", "a whatsoever film"])
        fine, superb, *unknown = network(layer(texts)).numpy()
        assert not np.allclose(fine, superb, atol=1e-5)
        assert not np.allclose(fine, unknown[0], atol=1e-5)
        np.testing.assert_array_equal(*unknown)

    def test_a_dropped_word_keeps_its_vector(self, model, path):
        dropped = dict.fromkeys(("embedding_dropout", "dropout"), 0.0)
        network, layer = built(model, path, word_dropout=1.0, **dropped), prepared(path)["words"]
        ids = layer(tf.constant(["fine good", "fine bad", "nonesuch bad"]))
        good, bad, unknown = network(ids, training=True).numpy()
        assert not np.allclose(good, bad, atol=1e-5)
        assert not np.allclose(bad, unknown, atol=1e-5)
        # What was learnt of "fine" is that of the unknown word, dropped or not.
        learnt = keras.Model(network.inputs, network.get_layer("embedding").output)
        np.testing.assert_array_equal(learnt(ids)[0, 0], learnt(ids)[2, 0])

    def test_dropout_scales_and_the_head_changes(self, model, path):
        network = built(model, path)
        for changed in (networks.with_dropout(network, 0.5), networks.replace_head(network, 5)):
            assert not changed.get_layer("vectors").trainable
            np.testing.assert_array_equal(words.vectors_of(changed), words.vectors_of(network))

    def test_exports(self, model, path, tmp_path):
        network = built(model, path)
        pipeline = TASK.networks[network.name].pipeline(network, prepared(path))
        texts = ["a fine film", "a superb nonesuch, very bad film", "", "awful"]
        expected = [answer["score"] for answer in lstm_zoo.predict(pipeline, texts)]
        ids = pipeline.get_layer("words")(tf.constant(texts)).numpy().astype("int32")

        for weights, tolerance in (("float32", 1e-5), ("float16", 2e-3)):
            file = lstm_zoo.export(pipeline, tmp_path / f"{weights}.onnx", format="onnx", weights=weights)
            session = onnxruntime.InferenceSession(file)
            [probabilities] = session.run(["probabilities"], {session.get_inputs()[0].name: ids})
            np.testing.assert_allclose(probabilities.max(axis=1), expected, atol=tolerance)

        runner = Interpreter(
            str(lstm_zoo.export(pipeline, tmp_path / "n.tflite", format="litert"))
        ).get_signature_runner()
        scores = [runner(ids=row[None])["probabilities"].max() for row in ids]  # it takes a row at a time
        np.testing.assert_allclose(scores, expected, atol=1e-5)

        lstm_zoo.export(pipeline, tmp_path / "saved_model")
        served = tf.saved_model.load(tmp_path / "saved_model").signatures["serving_default"](text=tf.constant(texts))
        np.testing.assert_allclose(served["score"], expected, atol=1e-5)

        for dtype, tolerance in (("float32", 1e-6), ("float16", 2e-3)):
            lstm_zoo.save(pipeline, tmp_path / f"{dtype}.keras", dtype=dtype)
            again = lstm_zoo.predict(str(tmp_path / f"{dtype}.keras"), texts)
            np.testing.assert_allclose([answer["score"] for answer in again], expected, atol=tolerance)


class TestRun:
    """`train` and what comes after it."""

    def test_words_that_the_texts_do_not_have_are_understood(self, run):
        answers = lstm_zoo.predict(run[0], ["superb", "an awful film", "fine!", "the awful, awful film"])
        assert [answer["label"] for answer in answers] == ["good", "bad", "good", "bad"]

    def test_training_leaves_the_vectors(self, run, path):
        np.testing.assert_array_equal(words.vectors_of(networks.network_of(run[0])), prepared(path)["vectors"])

    def test_information_names_the_file_and_not_its_folder(self, run, path):
        known = lstm_zoo.info(run[0])
        assert known["vocabulary"] == 10
        assert known["word_vectors"] == len(VECTORS)
        assert known["hyperparameters"]["vectors"] == "tiny.vec"
        assert known["hyperparameters"]["vector_words"] == 15
        assert "vectors='tiny.vec'" in known["command"]
        card = (run[1] / "card.md").read_text(encoding="utf-8")
        assert "tiny.vec" in card
        assert str(path.parent) not in card

    def test_it_is_resumed(self, run, path):
        assert json.loads((run[1] / "settings.json").read_text())["hyperparameters"]["vectors"] == str(path)
        again = runs.train(run[1], vectors=str(path), epochs=15, learning_rate=0.03, word_dropout=0.5, resume=True)
        runs.assert_same_weights(again, run[0])

    def test_fine_tuning_keeps_vectors_and_vocabulary(self, run, tmp_path):
        pairs = [("superb", "good"), ("awful", "bad"), ("what", "good")] * 5  # labels that it knows
        file = str(run[1] / "pipeline.keras")
        options = {"epochs": 1, "batch_size": 8, "verbose": False, "folder": tmp_path / "further"}
        further = lstm_zoo.train("sentiment/bilstm", pairs, weights=file, **options)
        assert further.get_layer("words").get_vocabulary() == run[0].get_layer("words").get_vocabulary()
        before, after = (words.vectors_of(networks.network_of(pipeline)) for pipeline in (run[0], further))
        np.testing.assert_array_equal(before, after)
        known = lstm_zoo.info(further)
        assert (known["vocabulary"], known["word_vectors"]) == (10, len(VECTORS))
        assert known["hyperparameters"]["vocabulary"] == 10
        assert known["hyperparameters"]["vector_words"] == 15

    def test_not_together_with_weights(self, run, path, tmp_path):
        with pytest.raises(ValueError, match="With weights the network is fixed. Received: vectors"):
            lstm_zoo.train(
                "sentiment/bilstm", PAIRS, weights=str(run[1] / "pipeline.keras"), vectors=path, folder=tmp_path / "a"
            )

    def test_bad_vectors_end_before_a_folder_is_made(self, tmp_path):
        with pytest.raises(FileNotFoundError, match="There is no such file"):
            runs.train(tmp_path / "run", vectors="glvoe")
        assert not (tmp_path / "run").exists()

    def test_networks_of_subwords_have_none(self, path):
        assert "vectors" not in lstm_zoo.registry.get_task("sentiment/awd").adapt.__annotations__

    def test_in_16_bits(self, path, tmp_path):
        pipeline = runs.train(tmp_path / "run", vectors=path, epochs=1, mixed_precision=True)
        assert lstm_zoo.info(pipeline)["word_vectors"] == len(VECTORS)

    def test_search(self, path, tmp_path):
        options = {"trials": 1, "epochs": 1, "tuner": "random", "verbose": False, "folder": tmp_path / "search"}
        best = lstm_zoo.search("sentiment/bilstm", PAIRS, vectors=pathlib.Path(path), units=8, embedding=8, **options)
        assert best["vectors"] == str(path)


def test_a_network_without_vectors_has_no_table():
    network = network_for("sentiment/bilstm", TASK.adapt(PAIRS), {"units": 4, "embedding": 4})
    assert words.vectors_of(network) is None
