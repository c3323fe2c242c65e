"""Sentiment/wide: n-grams beside the LSTM, and how much each is heard."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import lstm_zoo
from lstm_zoo import registry
from lstm_zoo.calibration import log_softmax
from lstm_zoo.networks import network_of
from lstm_zoo.tasks.sentiment import separate_words, wide
from lstm_zoo.tasks.sentiment.wide import networks, ngrams, preprocessing, stacking

ADJECTIVES = {"good": ["good", "fine", "great", "lovely"], "bad": ["bad", "poor", "dull", "awful"]}


def pairs_of(count, seed=0):
    """Pairs (text, label) that a bag of words tells apart."""
    random = np.random.default_rng(seed)
    pairs = []
    for _ in range(count):
        label = str(random.choice(["bad", "good"]))
        noise = " ".join(random.choice(["film", "plot", "the", "end", "cast"], 4))
        pairs.append((f"{noise} {random.choice(ADJECTIVES[label])} {noise}", label))
    return pairs


@pytest.fixture(scope="module")
def prepared():
    return wide.TASK.adapt(pairs_of(200))


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wide") / "run"
    return lstm_zoo.train("sentiment/wide", data=pairs_of(200), epochs=2, units=8, verbose=False, folder=folder)


class TestNgrams:
    """What is counted, and what is made of it."""

    @pytest.mark.parametrize("kind", ngrams.KINDS)
    def test_the_graph_finds_what_occurs_once(self, kind):
        texts = ["Good film, good film!", "", "über alles 👍🏽 don't", "A"]
        separated = separate_words(tf.constant(texts)).numpy()
        found = ngrams.find(kind, separated, labels=2)
        layer = ngrams.vectorization(kind, found.vocabulary)
        ids = np.asarray(layer(np.array(texts, object)))
        rows = [np.bincount(row[row > 1] - 2, minlength=len(found.vocabulary)) for row in ids]
        np.testing.assert_array_equal(np.array(rows), found.matrix.toarray())
        assert (ids != 1).all()  # nothing is unknown

    def test_a_bag_in_the_network_is_the_regression(self):
        texts = [text for text, _ in pairs_of(80)]
        separated = separate_words(tf.constant(texts)).numpy()
        found = ngrams.find("ngrams", separated, labels=2)
        classes = np.array([label == "good" for _, label in pairs_of(80)]).astype(int)
        bag = ngrams.fit_bag("ngrams", found, classes, np.ones(80), labels=2)
        layer = lstm_zoo.layers.EmbeddingBag(len(bag.squares), 2)
        layer.build((None, None))
        layer.set_weights(bag.weights)
        ids = ngrams.vectorization("ngrams", found.vocabulary)(np.array(texts, object))
        expected = log_softmax(ngrams.logits(bag, found.matrix))
        np.testing.assert_allclose(log_softmax(np.asarray(layer(ids))), expected, atol=1e-5)
        assert (expected.argmax(1) == classes).mean() > 0.95

    def test_a_label_without_examples_is_improbable(self):
        found = ngrams.find("ngrams", [b"good film", b"bad film"] * 4, labels=3)
        bag = ngrams.fit_bag("ngrams", found, np.array([0, 2] * 4), np.ones(8), labels=3)
        assert np.exp(log_softmax(ngrams.logits(bag, found.matrix)))[:, 1].max() < 0.05

    def test_rare_ngrams_of_long_texts_are_left_out(self, monkeypatch):
        texts = [b"a b", b"a c"]
        assert set(ngrams.find("ngrams", texts, labels=2).vocabulary) == {"a", "b", "c", "a b", "a c"}
        monkeypatch.setattr(ngrams, "RARE", 6)
        assert ngrams.find("ngrams", texts, labels=2).vocabulary == ["a"]

    def test_no_text_and_none_with_words(self):
        layer = ngrams.vectorization("ngrams", ["good", "film"])
        assert layer(np.array(["", ""], object)).shape == (2, 0)
        assert layer(np.array([], object)).shape[0] == 0

    def test_more_labels_leave_fewer_ngrams(self, monkeypatch):
        monkeypatch.setattr(ngrams, "MAX_VECTORS", 60)
        texts = [b"a b c d e f g h", b"a b c d"]
        assert len(ngrams.find("ngrams", texts, labels=2).vocabulary) == 15
        # The frequent ones stay, beside padding and the unknown one.
        frequent = ngrams.find("ngrams", texts, labels=6).vocabulary
        assert len(frequent) == 8
        assert {"a", "b", "c", "d", "a b", "b c", "c d"} < set(frequent)

    def test_texts_without_words(self):
        found = ngrams.find("ngrams", [b"", b" "], labels=2)
        assert found.vocabulary == []
        assert found.matrix.shape == (2, 0)


class TestAdapt:
    """Which bags there are."""

    def test_short_texts_have_characters_too(self, prepared):
        assert set(prepared["bags"]) <= set(ngrams.KINDS)
        assert prepared["pool"][0].sum() > 0.5
        long = [(text * 20, label) for text, label in pairs_of(40)]
        assert list(wide.TASK.adapt(long)["bags"]) == ["ngrams"]

    def test_misspelt_words_are_told_by_their_characters(self):
        random = np.random.default_rng(0)
        stems = {"x": "refund", "y": "delivery"}
        pairs = [(stems[label] + "".join(random.choice(list("aeiou"), 4)), label) for label in "xy" * 60]
        prepared = wide.TASK.adapt(pairs)
        bag = prepared["bags"]["characters"]
        network = networks.wide(units=4, **wide.TASK.data_hyperparameters(prepared))
        wide.initialize(network, prepared)
        weights = np.array([0.0, *(float(kind == "characters") for kind in prepared["bags"])])
        network.get_layer("pool").set_weights([weights, 0 * weights])
        assert len(bag.vocabulary) > 100
        answers = lstm_zoo.predict(wide.pipeline(network, prepared), ["refundzz", "deliverry"])
        assert [answer["label"] for answer in answers] == ["x", "y"]

    def test_labels_of_one_text_say_nothing_against_a_bag(self):
        pairs = [(f"about w{label}w and so on", str(label)) for label in range(40) for _ in range(1 + (label < 12))]
        prepared = wide.TASK.adapt(pairs)
        assert prepared["pool"][0].sum() > 0.5

    def test_every_label_has_one_text(self):
        assert wide.TASK.adapt([(f"text {label}", str(label)) for label in range(4)])["bags"]

    def test_too_many_labels(self, monkeypatch):
        monkeypatch.setattr(ngrams, "MAX_LABELS", 3)
        pairs = [(f"text {label}", str(label)) for label in range(4)] * 2
        with pytest.warns(UserWarning, match="More than 3 labels: the LSTM alone"):
            prepared = wide.TASK.adapt(pairs)
        network = networks.wide(units=4, **wide.TASK.data_hyperparameters(prepared))
        assert list(network.input) == ["ids"]
        whole = wide.pipeline(network, prepared)
        stacking.calibrate(whole, prepared, pairs)
        assert whole(np.array(["text 1"], object))["probabilities"].shape == (1, 4)

    def test_weights_of_labels(self):
        pairs = [("good film", "good")] * 30 + [("odd film", "bad")] * 3 + [("odd film", "good")] * 5
        told = {}
        for class_weight in ("balanced", None):
            prepared = preprocessing.fit_bags(pairs, wide.TASK.adapt(pairs)["labels"], class_weight, ["ngrams"])
            bag = prepared["bags"]["ngrams"]
            found = ngrams.find("ngrams", [b"odd film"], 2)
            places = [bag.vocabulary.index(name) for name in found.vocabulary]
            matrix = np.zeros((1, len(bag.vocabulary)), np.float32)
            matrix[0, places] = 1
            told[class_weight] = np.exp(log_softmax(ngrams.logits(bag, matrix)))[0, 0]
        assert told["balanced"] > 0.5 > told[None]

    def test_pairs_that_differ_in_one_word_leave_both_bags_heard(self):
        pairs = verdicts()
        prepared = wide.TASK.adapt(pairs)
        assert list(prepared["bags"]) == list(ngrams.KINDS)  # 24 texts cannot tell which is better
        assert (prepared["pool"][0][1:] > 0).all()
        assert right_of(prepared, pairs) == 1.0

    def test_copies_tell_nothing_of_a_bag(self):
        once, often = (wide.TASK.adapt(pairs)["pool"] for pairs in (verdicts(), verdicts() * 5))
        np.testing.assert_allclose(often[0].sum(), once[0].sum(), rtol=0.5)


def verdicts():
    """Pairs (text, label), two by two alike but for one word that no other text has."""
    good = ["superb", "splendid", "lovely", "great", "fine", "tasty", "warm", "crisp", "fresh", "rich", "neat", "sweet"]
    bad = ["cold", "bland", "burnt", "stale", "awful", "soggy", "rancid", "tough", "greasy", "salty", "sour", "raw"]
    things = ["food", "soup", "wine", "service"]
    words = enumerate(zip(good, bad))
    pairs = [(row, word, label) for row, pair in words for word, label in zip(pair, ("good", "bad"))]
    return [(f"The {things[row % 4]} was {word}", label) for row, word, label in pairs]


def right_of(prepared, pairs, held_out=()):
    """Share of pairs that a pipeline answers rightly whose weights are those of `prepared`, or fitted to `held_out`."""
    network = networks.wide(units=4, **wide.TASK.data_hyperparameters(prepared))
    wide.initialize(network, prepared)
    network.get_layer("pool").set_weights(prepared["pool"])
    whole = wide.pipeline(network, prepared)
    if held_out:
        stacking.calibrate(whole, prepared, held_out)
    texts, labels = zip(*pairs)
    return np.mean([answer["label"] == label for answer, label in zip(lstm_zoo.predict(whole, texts), labels)])


class TestShares:
    """How much the LSTM is heard beside the bags."""

    def opinions(self, rows, strengths, seed=0):
        """Log-probabilities (rows, 2) of models that know as much as `strengths` say, and the right classes."""
        random = np.random.default_rng(seed)
        classes = random.integers(0, 2, rows)
        sign = np.where(classes == 1, 1.0, -1.0)
        logits = [strength * sign + random.normal(size=rows) for strength in strengths]
        return [log_softmax(np.stack([-logit, logit], 1)) for logit in logits], classes

    def test_a_network_that_knows_nothing_is_not_heard(self):
        opinions, classes = self.opinions(400, [0.0, 1.0])
        weights, slopes = stacking.shares(opinions, np.full(400, 50), classes, [0.0, 1.0], [0.0, 0.0])
        assert weights[0] == 0
        assert weights[1] > 0
        assert not slopes.any()

    def test_two_that_know_different_things_are_both_heard(self):
        opinions, classes = self.opinions(400, [1.0, 1.0])
        weights, _ = stacking.shares(opinions, np.full(400, 50), classes, [0.0, 1.0], [0.0, 0.0])
        assert weights[0] == pytest.approx(weights[1], rel=0.4)

    def test_few_rows_leave_the_answer_to_the_bags(self):
        opinions, classes = self.opinions(4, [0.1, 1.0])
        weights, _ = stacking.shares(opinions, np.full(4, 50), classes, [0.0, 1.0], [0.0, 0.0])
        assert weights[0] == 0

    @pytest.mark.parametrize("rows", [4, stacking.FEWEST - 1])
    def test_few_rows_that_a_bag_has_wrong_leave_it_its_weight(self, rows):
        opinion = log_softmax(np.array([[4.0, -4.0]] * rows))
        opinions, wrong = [opinion, opinion, opinion], np.ones(rows, int)
        weights, slopes = stacking.shares(opinions, np.full(rows, 9), wrong, [0.0, 0.7, 0.4], [0.0, 0.0, 0.0])
        assert weights == pytest.approx([0.0, 0.7, 0.4])
        assert not slopes.any()

    def test_labels_of_few_texts_are_few_texts(self):
        opinions, classes = self.opinions(200, [5.0, 0.0])  # ten texts with 20 labels each
        weights, _ = stacking.shares(opinions, np.full(10, 9), classes, [0.0, 0.7], [0.0, 0.0])
        assert weights == pytest.approx([0.0, 0.7])

    @pytest.mark.parametrize("models", [2, 3])
    def test_many_rows_that_all_have_wrong_leave_one_label_the_likeliest(self, models):
        opinion = log_softmax(np.array([[4.0, -4.0]] * 200))
        prior = [0.0, *[1.0] * (models - 1)]
        weights, _ = stacking.shares([opinion] * models, np.full(200, 9), np.ones(200, int), prior, [0.0] * models)
        assert 0 < weights.sum() < 0.1

    def test_four_texts_do_not_silence_an_lstm_alone(self):
        opinion = log_softmax(np.array([[4.0, -4.0]] * 4))
        [weight], _ = stacking.shares([opinion], np.full(4, 9), np.ones(4, int), [0.0], [0.0])
        assert weight > 0.1

    def test_four_wrong_answers_do_not_silence_the_pipeline(self):
        pairs = verdicts()
        prepared = wide.TASK.adapt(pairs)
        wrong = [(text, {"good": "bad", "bad": "good"}[label]) for text, label in pairs[:4]]
        assert right_of(prepared, pairs, wrong) == 1.0

    def test_an_lstm_that_was_heard_goes_on(self):
        opinions, classes = self.opinions(4, [1.0, 1.0])
        weights, slopes = stacking.shares(opinions, np.full(4, 50), classes, [0.7, 0.4], [0.1, -0.1])
        assert weights == pytest.approx([0.7, 0.4])
        assert slopes == pytest.approx([0.1, -0.1])

    def test_ten_right_answers_are_no_proof(self):
        lstm, bag = np.array([1.0] * 10), np.array([-0.5] * 3 + [0.5] * 7)
        opinions = [log_softmax(np.stack([-logit, logit], 1)) for logit in (lstm, bag)]
        weights, _ = stacking.shares(opinions, np.full(10, 50), np.ones(10, int), [0.0, 1.0], [0.0, 0.0])
        assert weights[0] == 0

    def test_one_row(self):
        opinions, classes = self.opinions(1, [1.0, 1.0])
        weights, slopes = stacking.shares(opinions, np.array([3]), classes, [0.0, 1.0], [0.0, 0.0])
        assert weights[0] == 0
        assert not slopes.any()

    def test_the_weights_follow_the_length_where_that_is_worth_it(self):
        short, classes = self.opinions(600, [2.0, 0.0])
        long, others = self.opinions(600, [0.0, 2.0], seed=1)
        opinions = [np.concatenate(parts) for parts in zip(short, long)]
        lengths = np.repeat([5, 500], 600)
        _, slopes = stacking.shares(opinions, lengths, np.concatenate([classes, others]), [0.0, 1.0], [0.0, 0.0])
        assert slopes[0] < 0 < slopes[1]


class TestPipeline:
    """What `train` makes."""

    def test_the_bags_answer_what_the_lstm_cannot_know_yet(self, pipeline):
        pairs = pairs_of(100, seed=1)
        assert registry.get_task("sentiment/wide").score(pipeline, pairs)["accuracy"] > 0.95

    def test_tells_how_much_each_is_heard(self, pipeline):
        pool = lstm_zoo.info(pipeline)["pool"]
        first, *others = pool
        assert first == "lstm"
        assert set(others) <= set(ngrams.KINDS)

    def test_the_file_answers_the_same(self, pipeline, tmp_path):
        texts = ["A lovely film.", "", "dull dull dull", "unheard-of words only"]
        pipeline.save(tmp_path / "again.keras")
        assert lstm_zoo.predict(str(tmp_path / "again.keras"), texts) == lstm_zoo.predict(pipeline, texts)

    def test_goes_on_with_known_labels_and_their_bags(self, pipeline, tmp_path):
        network, prepared = wide.TASK.fine_tune(pipeline, pairs_of(40))
        assert network is network_of(pipeline)
        assert prepared["bags"] == {}
        assert stacking.refit(network, prepared, pairs_of(40)) == (network, prepared)

    def test_learns_labels_of_its_own_beside_new_bags(self, pipeline):
        pairs = [("the parcel is late", "delivery"), ("i want my money", "refund"), ("thank you", "praise")] * 8
        network, prepared = wide.TASK.fine_tune(pipeline, pairs)
        assert network.output_shape == (None, 3)
        embedding = network_of(pipeline).get_layer("embedding")
        np.testing.assert_array_equal(network.get_layer("embedding").get_weights(), embedding.get_weights())
        whole = wide.pipeline(network, prepared)
        network.get_layer("pool").set_weights(prepared["pool"])
        assert lstm_zoo.predict(whole, "where is the parcel")[0]["label"] == "delivery"

    def test_refit_learns_what_was_held_out(self, pipeline):
        network, prepared = network_of(pipeline), wide.TASK.adapt(pairs_of(60))
        prepared["class_weight"] = "balanced"
        network = networks.wide(units=4, **wide.TASK.data_hyperparameters(prepared))
        wide.initialize(network, prepared)
        kinds = list(prepared["bags"])
        pool = [np.array([0.0, *[1.0] * len(kinds)]), np.zeros(1 + len(kinds))]
        network.get_layer("pool").set_weights(pool)
        held_out = [("zoological", "good")] * 20
        whole, changed = wide.refit(network, prepared, [*pairs_of(60), *held_out])
        assert all("zoological" in bag.vocabulary or kind == "characters" for kind, bag in changed["bags"].items())
        before, after = (
            lstm_zoo.predict(wide.pipeline(each, preparation), "zoological", scores=True)[0]["scores"]["good"]
            for each, preparation in ((network, prepared), (whole, changed))
        )
        assert after > before
        np.testing.assert_array_equal(whole.get_layer("pool").get_weights()[0], pool[0])


def test_an_untrained_network_hears_the_lstm_alone():
    network = networks.wide(units=4, ngrams=9, characters=7)
    ids = {name: keras.ops.array([[2, 3, 4]]) for name in network.input}
    part = wide.trained_part(network)
    np.testing.assert_allclose(keras.ops.log_softmax(network(ids)), keras.ops.log_softmax(part(ids["ids"])), atol=1e-6)
