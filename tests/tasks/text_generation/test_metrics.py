"""metrics.py: how well a text is foreseen."""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf

import lstm_zoo
from lstm_zoo import networks
from lstm_zoo.tasks.text_generation import metrics, token_nll
from lstm_zoo.tasks.text_generation.batches import stream
from lstm_zoo.tasks.text_generation.pipelines import generator_of
from lstm_zoo.text.subwords import END


def ids_of(pipeline, texts, start):
    """The tokens of texts, behind that which comes before them."""
    return np.concatenate([[start], stream(texts, {"tokens": generator_of(pipeline).tokens})])


def test_rows_side_by_side_measure_what_one_does(character):
    ids = np.concatenate([[2], np.random.default_rng(0).integers(2, 20, 2000)])
    network = networks.network_of(character)
    exact = token_nll(network, ids, rows=1)
    assert len(exact) == 2000
    assert token_nll(network, ids, rows=5, warm_up=100).mean() == pytest.approx(exact.mean(), abs=1e-4)
    assert token_nll(network, ids, rows=7, warm_up=1).mean() != pytest.approx(exact.mean(), abs=1e-6)


def test_one_row_is_what_the_network_says(trained, texts):
    network = networks.network_of(trained)
    ids = ids_of(trained, texts, generator_of(trained).tokens.start)
    output = tf.function(network)({"ids": tf.constant(ids[None, :-1]), "fresh": tf.constant([True])})
    logits = output["logits"] if isinstance(output, dict) else output
    expected = keras.ops.sparse_categorical_crossentropy(ids[1:], logits[0], from_logits=True)
    np.testing.assert_allclose(token_nll(network, ids), expected, atol=1e-4)


def test_score_of_characters(character, texts):
    nll = token_nll(networks.network_of(character), ids_of(character, texts, generator_of(character).tokens.start))
    expected = {"nll": round(nll.mean(), 4), "perplexity": round(math.exp(nll.mean()), 4)}
    assert lstm_zoo.evaluate(character, texts) == pytest.approx(expected)


def test_score_of_subwords(awd):
    texts = ["To be, or", "not  to\nbe"]
    nll = token_nll(networks.network_of(awd), ids_of(awd, texts, END))
    # 20 characters with single spaces and two ends, 8 words with the ends
    assert lstm_zoo.evaluate(awd, texts) == pytest.approx(
        {
            "nll": round(nll.sum() / (9 + 9 + 2), 4),
            "perplexity": round(math.exp(nll.mean()), 4),
            "perplexity_word": round(math.exp(nll.sum() / 8), 4),
        }
    )


def test_baseline_is_that_of_the_formula():
    # After "a" came "b" 4 times and nothing else; all together 5 "a", 4 "b": the unigrams of 2 kinds are
    # (5 + 2 / 3) / 11 and (4 + 2 / 3) / 11, of an alphabet of 3 with the unknown.
    unigrams = {"a": (5 + 2 / 3) / 11, "b": (4 + 2 / 3) / 11}
    assert metrics.ngram_nll("ababababa", "a", order=1) == pytest.approx(-math.log(unigrams["a"]))
    after_a = (4 + 1 * unigrams["b"]) / 5
    first_a = (1 + 1 * unigrams["a"]) / 2  # the first one stood after nothing
    expected = -(math.log(first_a) + math.log(after_a)) / 2
    assert metrics.ngram_nll("ababababa", "ab", order=2) == pytest.approx(expected)


def test_probabilities_of_the_baseline_add_up_to_1():
    text = "to be, or not to be, that is the question"
    before = metrics.ngram_nll(text, "to b", order=3) * 4
    probabilities = [
        math.exp(before - metrics.ngram_nll(text, f"to b{character}", order=3) * 5) for character in {*text, "♞"}
    ]
    assert sum(probabilities) == pytest.approx(1)


def test_a_baseline_of_too_many_characters_takes_the_rare_ones_for_one():
    text = "".join(map(chr, range(20_000, 23_000)))  # 6-grams of 1,289 of them can be numbered
    frequent, rare = text[:1000], text[-1000:]

    def nll(characters):
        return metrics.ngram_nll(frequent * 3 + text[1000:], characters, order=6)

    assert nll(rare) == nll(rare[::-1])
    assert nll(frequent) < 1 < nll(frequent[::-1])


def test_evaluate_has_the_baseline_beside(trained, texts):
    (baseline,) = lstm_zoo.evaluate(trained, texts, training=texts)["baselines"].values()
    assert 0 < baseline["nll"] < 4
