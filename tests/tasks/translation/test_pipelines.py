"""pipelines.py: translations of what people give, by every search."""

import numpy as np
import pytest
import tensorflow as tf
from tiny import TINY

import lstm_zoo
from lstm_zoo import decoding, networks
from lstm_zoo.repetition import without_loops
from lstm_zoo.tasks import translation
from lstm_zoo.tasks.translation import graphs, pipelines
from lstm_zoo.text.subwords import END, PADDING, START, UNKNOWN

RAW = TINY["translation"]["raw"]


def test_translates_what_it_has_learnt(trained, pairs):
    answers = lstm_zoo.predict(trained, [source for source, _ in pairs])
    assert [answer["text"] for answer in answers] == [target for _, target in pairs]
    assert all(answer["score"] < 0 for answer in answers)
    assert lstm_zoo.evaluate(trained, pairs)["bleu"] == 100


def test_whatever_people_type(trained):
    raw = [*RAW, "Hund " * 2000, b"Ein Hund rennt."]
    answers = lstm_zoo.predict(trained, raw)
    assert [answers[0]["text"], answers[1], answers[-1]["text"]] == [
        "A dog runs.",
        {"text": "", "score": 0.0},
        "A dog runs.",
    ]
    alone = [lstm_zoo.predict(trained, text)[0] for text in raw[:3]]
    for lone, answer in zip(alone, answers):
        assert lone["text"] == answer["text"]
        assert lone["score"] == pytest.approx(answer["score"], abs=1e-4)


@pytest.mark.parametrize("raw", [[None], [1.5], {"text": "a"}, ["a", ("b", "c")]])
def test_what_is_no_text(trained, raw):
    with pytest.raises(ValueError, match="text"):
        lstm_zoo.predict(trained, raw)


def test_never_longer_than_the_bound(sizes, preprocessing):
    # A network that never ends by itself: the end's vector is far from all that it answers.
    network = lstm_zoo.build("translation", **{**sizes, **translation.TASK.data_hyperparameters(preprocessing)})
    table = network.get_layer("embedding").embeddings
    table.assign(tf.tensor_scatter_nd_update(table, [[END]], tf.zeros([1, sizes["embedding"]])))
    answered = network.get_layer("decoder").get_layer("answered")
    answered.bias.assign(tf.ones_like(answered.bias) * 9)
    table.assign(tf.tensor_scatter_nd_update(table, [[7]], tf.ones([1, sizes["embedding"]])))
    source = preprocessing["subwords"](tf.constant(["Hund", "Hund " * 10, "Hund " * 200]))
    counts = np.count_nonzero(source, axis=1) - 1
    tokens, _ = tf.function(pipelines.Translator(network))(source)
    lengths = (tokens[:, 0].numpy() != END).sum(1)
    assert lengths.tolist() == [min(2 * count + 10, pipelines.MAX_ANSWER_TOKENS) for count in counts]


def test_one_beam_is_greedy_and_more_never_score_below(trained, pairs):
    raw = [*(source for source, _ in pairs), *RAW]
    network, preprocessing = networks.network_of(trained), pipelines.preprocessing_of(trained)
    greedy = lstm_zoo.predict(translation.with_beams(trained, beams=1), raw)
    source, numbers = pipelines.tokens_of(tf.constant(raw), preprocessing)
    table, decoder, memory, lengths, states = graphs.read_source(network, source)

    def step(tokens, states):
        answered, weights, states = decoder([table(tokens[:, None]), memory, lengths, states])
        logits = graphs.logits_of(network, answered, weights, source)[:, 0]
        never = tf.one_hot([PADDING, UNKNOWN, START], table.input_dim, 1e9)
        return tf.nn.log_softmax(logits) - tf.reduce_sum(never, 0), states

    limits = tf.where(lengths > 1, tf.minimum(2 * lengths + 8, 256), 0)
    step, states = without_loops(step, states, source)
    tokens, scores = tf.function(decoding.greedy)(step, states, limits, start=START, end=END)
    texts = pipelines.texts_of(tokens[:, None], numbers, preprocessing)[:, 0].numpy()
    assert [answer["text"] for answer in greedy] == [text.decode("utf-8", "replace") for text in texts]
    np.testing.assert_allclose([answer["score"] for answer in greedy], scores, rtol=1e-4, atol=1e-4)
    for answer, best in zip(greedy, lstm_zoo.predict(trained, raw)):
        assert best["score"] >= answer["score"] - 1e-5


def test_a_search_with_other_beams_writes_as_before(trained):
    network, preprocessing = networks.network_of(trained), pipelines.preprocessing_of(trained)
    for loops in (False, True):  # files that do not say so write the same over and over
        before = pipelines.pipeline(network, preprocessing, loops=loops)
        assert translation.with_beams(before, beams=2).get_layer("attention").loops == loops
    assert not trained.get_layer("attention").loops


def test_bad_search(trained):
    with pytest.raises(ValueError, match="beams is at least 1. Received: 0"):
        translation.with_beams(trained, beams=0)
    with pytest.raises(ValueError, match="beams is a whole number of at least 1. Received: 0"):
        lstm_zoo.predict(trained, "Ein Hund.", beams=0)


def test_survives_export_with_another_batch(trained, pairs, tmp_path):
    lstm_zoo.export(trained, tmp_path / "saved_model")
    served = tf.saved_model.load(str(tmp_path / "saved_model"))
    for raw in (["Ein Hund rennt."], [source for source, _ in pairs], RAW, []):
        answer = served.signatures["serving_default"](text=tf.constant(raw, "string"))
        expected = lstm_zoo.predict(trained, raw)
        assert [text.decode() for text in answer["text"].numpy()] == [one["text"] for one in expected]
        np.testing.assert_allclose(answer["score"], [one["score"] for one in expected], rtol=1e-4, atol=1e-5)


def test_litert_is_refused(trained, tmp_path):
    with pytest.raises(ValueError, match="cannot be exported as litert, but as .* sentiment/"):
        lstm_zoo.export(trained, tmp_path / "a.tflite", format="litert")
