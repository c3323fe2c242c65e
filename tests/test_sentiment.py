"""sentiment.py: from whatever form the data has to a label."""

import numpy as np
import pytest
import tensorflow as tf

import lstm_zoo
from lstm_zoo.tasks import sentiment

PAIRS = [("good film", "good"), ("bad film", "bad")] * 10


def tokens(text):
    return [token.decode() for token in tf.strings.split(sentiment.separate_words(tf.constant(text))).numpy()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Good film, don't miss it! 10/10<br /><br />", "good film , don't miss it ! 10 / 10"),
        ("'quoted' and ''twice''", "' quoted ' and ' twice '"),
        ("the 'good' 'bad' 'ugly'", "the ' good ' ' bad ' ' ugly '"),
        ("rock 'n' roll, the boys' film", "rock ' n ' roll , the boys ' film"),
        ("ÀÉÎ Straße", "àéî straße"),
        ("one\x85two\u2028three\u00a0four\x1cfive\x0bsix", "one two three four five six"),
        ("فيلم جيد", "فيلم جيد"),
        ("👍nice👍", "👍 nice 👍"),
        ("a < b and c > d", "a d"),  # looks like mark-up
        ("", ""),
        (" \n\t ", ""),
        (b"caf\xe9 \xff ok", "caf � � ok"),
    ],
)
def test_separate_words(text, expected):
    assert tokens(text) == expected.split()


class TestRead:
    """The forms that data comes in."""

    def test_pairs(self):
        assert sentiment.read([("a", "x"), (b"caf\xc3\xa9", 3), ["c", np.int64(4)]]) == [
            ("a", "x"),
            ("café", "3"),
            ("c", "4"),
        ]

    def test_tf_data(self):
        pairs = tf.data.Dataset.from_tensor_slices((["a", "b"], [0, 1]))
        assert sentiment.read(pairs) == [("a", "0"), ("b", "1")]

    @pytest.mark.parametrize(("suffix", "delimiter"), [("csv", ","), ("tsv", "\t")])
    def test_file(self, tmp_path, suffix, delimiter):
        path = tmp_path / f"data.{suffix}"
        rows = [["label", "text", "id"], ["good", '"fine, ""really"""', "1"], ["bad", "dull", "2"]]
        path.write_text("\n".join(delimiter.join(row) for row in rows), encoding="utf-8-sig")
        assert sentiment.read(path) == [('fine, "really"', "good"), ("dull", "bad")]

    def test_folder(self, tmp_path):
        for label, text in (("good", "fine"), ("bad", "dull")):
            (tmp_path / label).mkdir()
            (tmp_path / label / "1.txt").write_text(text)
        assert sorted(sentiment.read(str(tmp_path))) == [("dull", "bad"), ("fine", "good")]

    @pytest.mark.parametrize(
        ("source", "message"),
        [
            ([], "The data set is empty"),
            ([("a", "x"), "b"], "Item 1 is not a pair .* Received: 'b'"),
            ([("a", "x", "y")], "Item 0 is not a pair"),
            ([("a", "x"), (None, "y")], "Item 1 is not a text: .* Received: None"),
            ([(3, "x")], "Item 0 is not a text"),
            ([("a", 0.5)], "label of item 0 is neither a name nor a whole number. Received: 0.5"),
            ([("a", None)], "label of item 0"),
            ([("a", float("nan"))], "label of item 0"),
            ([("a", " ")], "label of item 0"),
            ([("a", True)], "label of item 0"),
            (5, r"Pairs \(text, label\) or the path .* Received: 5"),
        ],
    )
    def test_bad_data(self, source, message):
        with pytest.raises(ValueError, match=message):
            sentiment.read(source)

    def test_long_texts_and_broken_quotes(self, tmp_path):
        path = tmp_path / "data.csv"
        path.write_text("text,label\n" + "word " * 50_000 + ",good\n")
        assert len(sentiment.read(path)[0][0]) == 250_000
        path.write_text('text,label\n"never closed,good\nfine,good\n')
        with pytest.raises(ValueError, match="data.csv, near line"):
            sentiment.read(path)

    def test_missing_file(self, tmp_path):
        with pytest.raises(FileNotFoundError):
            sentiment.read(tmp_path / "none.csv")

    def test_missing_column(self, tmp_path):
        (tmp_path / "data.csv").write_text("review,label\na,b\n")
        with pytest.raises(ValueError, match=r"lacks the column text. Received: \['review', 'label'\]"):
            sentiment.read(tmp_path / "data.csv")

    def test_empty_folder(self, tmp_path):
        with pytest.raises(ValueError, match="has no file LABEL"):
            sentiment.read(tmp_path)


class TestSplit:
    """The validation split of the user's own pairs."""

    def test_holds_a_tenth_of_every_label(self):
        pairs = [(str(row), "rare" if row < 20 else "frequent") for row in range(200)]
        training, validation = sentiment.split(pairs)
        assert sorted(training + validation) == sorted(pairs)
        assert sorted(label for _, label in validation) == ["frequent"] * 18 + ["rare"] * 2

    def test_depends_on_the_seed_alone(self):
        pairs = [(str(row), row % 2) for row in range(100)]
        assert sentiment.split(pairs, seed=1) == sentiment.split(pairs, seed=1)
        assert sentiment.split(pairs, seed=1) != sentiment.split(pairs, seed=2)

    def test_refuses_a_label_that_occurs_once(self):
        with pytest.raises(ValueError, match="one example only of the label 'c'"):
            sentiment.split([*PAIRS, ("so so", "c")])


class TestAdapt:
    """Vocabulary and labels."""

    def test_numbers_are_ordered_by_value(self):
        preprocessing = sentiment.adapt([("a", "10"), ("b", "9"), ("c", "-1")])
        assert preprocessing["labels"].get_vocabulary() == ["-1", "9", "10"]

    def test_one_label_is_refused(self):
        with pytest.raises(ValueError, match="At least two labels are needed .* Received only: 'good'"):
            sentiment.adapt([("a", "good")] * 3)

    def test_texts_without_a_word_are_refused(self):
        with pytest.raises(ValueError, match="No text holds a word"):
            sentiment.adapt([("", "good"), ("<br />", "bad")])

    def test_vocabulary_is_bounded(self):
        preprocessing = sentiment.adapt([("a a a b b c", "x"), ("a b", "y")], vocabulary=4)
        assert preprocessing["words"].get_vocabulary() == ["", "[UNK]", "a", "b"]
        assert sentiment.sizes(preprocessing) == {"classes": 2, "vocabulary": 4}

    def test_imbalance_warns(self):
        with pytest.warns(UserWarning, match="'good' occurs 22 times, 'bad' only 2 times"):
            sentiment.adapt([("a", "good")] * 22 + [("b", "bad")] * 2)


class TestExamples:
    """What `fit` eats."""

    @pytest.fixture
    def long(self):
        """Pairs of one long and one short text, and the preprocessing."""
        pairs = [(" ".join(f"w{position}" for position in range(1000)), "x"), ("w0", "y")]
        return pairs, sentiment.adapt(pairs)

    def words(self, preprocessing, batch):
        """The longer row of a batch as words."""
        vocabulary = np.array(preprocessing["words"].get_vocabulary())
        row = max(batch[0].numpy(), key=np.count_nonzero)
        return vocabulary[row[row > 0]].tolist()

    def test_training_reads_another_window_in_each_pass(self, long):
        pairs, preprocessing = long
        passes = list(sentiment.examples(pairs, preprocessing, 2, seed=0).take(4))
        starts = []
        for batch in passes:
            words = self.words(preprocessing, batch)
            starts.append(int(words[0][1:]))
            assert words == [f"w{starts[-1] + place}" for place in range(sentiment.WINDOW)]
        assert len(set(starts)) > 1
        assert max(starts) <= 1000 - sentiment.WINDOW
        resumed = sentiment.examples(pairs, preprocessing, 2, seed=0, first_epoch=2).take(2)
        for batch, again in zip(passes[2:], resumed):
            np.testing.assert_array_equal(batch[0], again[0])

    def test_validation_reads_all(self, long):
        pairs, preprocessing = long
        (batch,) = sentiment.examples(pairs, preprocessing, 2)
        assert self.words(preprocessing, batch) == pairs[0][0].split()

    def test_every_label_has_the_same_say(self):
        pairs = [("a", "x")] * 30 + [("b", "y")] * 10
        preprocessing = sentiment.adapt(pairs)
        total = {0: 0.0, 1: 0.0}
        for _, classes, weights in sentiment.examples(pairs, preprocessing, 7):
            for label, weight in zip(classes.numpy(), weights.numpy()):
                total[label] += weight
        assert total == pytest.approx({0: 20.0, 1: 20.0})

    def test_unknown_label(self):
        preprocessing = sentiment.adapt(PAIRS)
        with pytest.raises(ValueError, match="Labels that the network does not know: 'so so'. It knows: 'bad', 'good'"):
            sentiment.examples([("a", "so so")], preprocessing, 2)


@pytest.fixture(scope="module")
def pipeline():
    """An untrained pipeline with attention."""
    network = lstm_zoo.build("sentiment/attention", vocabulary=50, embedding=8, units=8)
    return sentiment.pipeline(network, sentiment.adapt(PAIRS))


class TestPredict:
    """Plain Python in, plain Python out, whatever comes in."""

    @pytest.mark.parametrize(
        "raw",
        [
            "good film",
            b"good film",
            "",
            "?!",
            "unknown words only",
            "word " * 20_000,
            "👍🏽 \u202eفيلم جيد",
            "\x00 good",
            "half \ud83d emoji",
        ],
    )
    def test_a_lone_text_is_a_list_of_one(self, pipeline, raw):
        (answer,) = lstm_zoo.predict(pipeline, raw)
        assert answer["label"] in ("good", "bad")
        assert type(answer["label"]) is str
        assert type(answer["score"]) is float
        assert 0.5 <= answer["score"] <= 1

    def test_order_is_kept(self, pipeline):
        texts = ["good " * 9, "bad", "", "good bad " * 5]
        alone = [lstm_zoo.predict(pipeline, text)[0]["score"] for text in texts]
        assert [answer["score"] for answer in lstm_zoo.predict(pipeline, texts)] == pytest.approx(alone, abs=1e-5)

    @pytest.mark.parametrize(
        ("raw", "message"),
        [
            (None, "A text or a list of texts is expected. Received: None"),
            (3, "Received: 3"),
            (["good", None], "Item 1 is not a text: .* Received: None"),
            (["good", 4.5], "Item 1 is not a text"),
            ([["good"]], "Item 0 is not a text"),
            ({"text": "good"}, "A text or a list of texts is expected"),
        ],
    )
    def test_bad_input(self, pipeline, raw, message):
        with pytest.raises(ValueError, match=message):
            lstm_zoo.predict(pipeline, raw)

    def test_numpy_and_tensors(self, pipeline):
        expected = lstm_zoo.predict(pipeline, ["good", "bad"])
        assert lstm_zoo.predict(pipeline, np.array(["good", "bad"])) == expected
        assert lstm_zoo.predict(pipeline, tf.constant(["good", "bad"])) == expected
        assert lstm_zoo.predict(pipeline, np.array("good"))[0]["label"] == expected[0]["label"]
        assert lstm_zoo.predict(pipeline, tf.constant("good"))[0]["label"] == expected[0]["label"]
        assert lstm_zoo.predict(pipeline, (text for text in ["good", "bad"])) == expected

    def test_not_a_pipeline(self):
        with pytest.raises(ValueError, match="A pipeline of the zoo is expected"):
            lstm_zoo.predict(lstm_zoo.build("sentiment", vocabulary=9, units=2, embedding=2), "good")
        with pytest.raises(ValueError, match="A pipeline of the zoo is expected"):
            lstm_zoo.predict(None, "good")

    def test_explain_gives_every_word_its_weight(self, pipeline):
        first, empty = lstm_zoo.predict(pipeline, ["Good film, don't miss!", ""], explain=True)
        assert [word for word, _ in first["words"]] == ["good", "film", ",", "don't", "miss", "!"]
        assert sum(weight for _, weight in first["words"]) == pytest.approx(1, abs=1e-5)
        assert empty["words"] == []

    def test_explain_needs_attention(self, trained):
        with pytest.raises(ValueError, match="explain needs a network with attention.* Received: sentiment-bilstm"):
            lstm_zoo.predict(trained[0], "good", explain=True)


def test_evaluate_with_a_baseline(trained):
    pairs = [("good", "positive"), ("bad", "negative")] * 4
    measures = lstm_zoo.evaluate(trained[0], pairs, training=pairs)
    assert measures.keys() == {"accuracy", "macro_f1", "baselines"}
    assert measures["baselines"] == {"bag of bigrams, logistic regression": {"accuracy": 1.0, "macro_f1": 1.0}}
    assert "baselines" not in lstm_zoo.evaluate(trained[0], pairs)


def test_labels_of_another_data_set_are_refused(trained):
    with pytest.raises(ValueError, match="does not know: '0', '1'. It knows: 'negative', 'positive'"):
        lstm_zoo.evaluate(trained[0], [("good", 1), ("bad", 0)])


def test_a_file_that_changed_is_read_again(trained):
    path = trained[1] / "pipeline.keras"
    before = lstm_zoo.predict(str(path), "a good film")
    network = lstm_zoo.build("sentiment", vocabulary=50, embedding=8, units=8)
    sentiment.pipeline(network, sentiment.adapt(PAIRS)).save(path)
    assert lstm_zoo.predict(str(path), "a good film") != before


def test_score_counts_right_answers(trained):
    texts = ["good film", "bad film", "the plot"]
    labels = [answer["label"] for answer in lstm_zoo.predict(trained[0], texts)]
    assert lstm_zoo.evaluate(trained[0], zip(texts, labels))["accuracy"] == 1
    other = {"positive": "negative", "negative": "positive"}
    wrong = lstm_zoo.evaluate(trained[0], [*zip(texts[:2], labels), (texts[2], other[labels[2]])])
    assert wrong["accuracy"] == pytest.approx(2 / 3, abs=1e-4)


def test_imdb_splits(prepared):
    prepared("imdb_reviews")
    sizes = {split: len(sentiment.data(split)) for split in ("train", "validation", "test")}
    assert sizes == {"train": 22_500, "validation": 2_500, "test": 25_000}
    pairs = sentiment.read(sentiment.data("validation"))
    assert 0.45 < np.mean([label == "positive" for _, label in pairs]) < 0.55
    assert {label for _, label in pairs} == set(sentiment.CLASSES)
    assert all(len(text) > 20 for text, _ in pairs)


def test_unknown_split():
    with pytest.raises(ValueError, match="split is one of train, validation, test. Received: 'dev'"):
        sentiment.data("dev")
