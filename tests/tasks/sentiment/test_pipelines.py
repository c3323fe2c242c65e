"""pipelines.py: plain Python in, plain Python out, whatever comes in."""

import numpy as np
import pytest
import tensorflow as tf

import lstm_zoo
from lstm_zoo.tasks import sentiment

PAIRS = [("good film", "good"), ("bad film", "bad")] * 10


@pytest.fixture(scope="module")
def pipeline():
    """An untrained pipeline with attention."""
    network = sentiment.TASK.networks["attention"]
    return network.pipeline(network.build(vocabulary=50, embedding=8, units=8), sentiment.TASK.adapt(PAIRS))


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
def test_a_lone_text_is_a_list_of_one(pipeline, raw):
    (answer,) = lstm_zoo.predict(pipeline, raw)
    assert answer["label"] in ("good", "bad")
    assert type(answer["label"]) is str
    assert type(answer["score"]) is float
    assert 0.5 <= answer["score"] <= 1


def test_order_is_kept(pipeline):
    texts = ["good " * 9, "bad", "", "good bad " * 5]
    alone = [lstm_zoo.predict(pipeline, text)[0]["score"] for text in texts]
    assert [answer["score"] for answer in lstm_zoo.predict(pipeline, texts)] == pytest.approx(alone, abs=1e-5)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (None, "Either items or data= is expected. Received: neither"),
        (3, "Received: 3"),
        (["good", None], "Item 1 is not a text: .* Received: None"),
        (["good", 4.5], "Item 1 is not a text"),
        ([["good"]], "Item 0 is not a text"),
        ({"text": ["good"], "id": [1, 2]}, "A mapping of columns of one length is expected"),
        ({"review": ["good"]}, "A text or a list of texts is expected"),
    ],
)
def test_bad_input(pipeline, raw, message):
    with pytest.raises(ValueError, match=message):
        lstm_zoo.predict(pipeline, raw)


def test_numpy_and_tensors(pipeline):
    expected = lstm_zoo.predict(pipeline, ["good", "bad"])
    assert lstm_zoo.predict(pipeline, np.array(["good", "bad"])) == expected
    assert lstm_zoo.predict(pipeline, tf.constant(["good", "bad"])) == expected
    assert lstm_zoo.predict(pipeline, np.array("good"))[0]["label"] == expected[0]["label"]
    assert lstm_zoo.predict(pipeline, tf.constant("good"))[0]["label"] == expected[0]["label"]
    assert list(lstm_zoo.predict(pipeline, (text for text in ["good", "bad"]))) == expected


def test_not_a_pipeline():
    with pytest.raises(ValueError, match="A pipeline of the zoo is expected"):
        lstm_zoo.predict(lstm_zoo.build("sentiment/bilstm", vocabulary=9, units=2, embedding=2), "good")
    with pytest.raises(ValueError, match="A pipeline of the zoo is expected"):
        lstm_zoo.predict(None, "good")


def test_explain_gives_every_word_its_weight(pipeline):
    first, empty = lstm_zoo.predict(pipeline, ["Good film, don't miss!", ""], explain=True)
    assert [word for word, _ in first["words"]] == ["good", "film", ",", "don't", "miss", "!"]
    assert sum(weight for _, weight in first["words"]) == pytest.approx(1, abs=1e-5)
    assert empty["words"] == []


def test_explain_is_not_the_default(pipeline):
    assert lstm_zoo.predict(pipeline, "good")[0].keys() == {"label", "score"}
    assert lstm_zoo.predict(pipeline, "good", explain=False)[0].keys() == {"label", "score"}


def test_explain_needs_attention(trained_once):
    with pytest.raises(ValueError, match="option of sentiment/bilstm: 'explain'.* is an option of sentiment/attention"):
        lstm_zoo.predict(trained_once[0], "good", explain=True)


def test_a_file_that_changed_is_read_again(trained):
    path = trained[1] / "pipeline.keras"
    before = lstm_zoo.predict(str(path), "a good film")
    network = sentiment.TASK.networks["bilstm"]
    other = network.build(vocabulary=50, embedding=8, units=8)
    network.pipeline(other, sentiment.TASK.adapt(PAIRS)).save(path)
    assert lstm_zoo.predict(str(path), "a good film") != before
