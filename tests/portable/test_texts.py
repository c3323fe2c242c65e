"""portable/texts.py: the ids that the graph finds, of 10,000 texts of anything that Unicode has."""

import itertools
import json
import random

import keras
import numpy as np
import pytest
import tensorflow as tf
from tiny import pipeline_for

from lstm_zoo import registry
from lstm_zoo.portable.texts import Texts
from lstm_zoo.tasks.sentiment.preprocessing import separate_words
from lstm_zoo.tasks.sentiment.wide import ngrams

HUGE = 3  # texts
CHARACTERS = [chr(point) for point in range(0x110000) if not 0xD800 <= point < 0xE000]


@pytest.fixture(scope="module")
def texts():
    """Texts with words, signs, mark-up, clitics, emoji, combining marks and control signs; of any length."""
    drawn = random.Random(0)
    # Capitals that are younger than the graph's Unicode are left out: what lower case is Python tells.
    lower = tf.strings.lower(tf.constant(CHARACTERS), encoding="utf-8").numpy()
    known = [each for each, low in zip(CHARACTERS, lower) if low.decode() == each.lower() or each == "\0"]
    pools = [
        "abz' \t\n.,!0é<>/\u2018\u2019\u00b4`",
        [" n't", "'s ", "'re", " 've", "'ll ", "<br />", "do", "isn", "Good", "film", " "],
        "".join(map(chr, range(0x300))),
        known,
        "ΣσςİıßẞǅΆ\u0301\u0308\u0345\u00ad\ufeff\u200d👍🏽🇩🇪\U000e0061Ⅳ²٤的\u2028\x85\ufffd\uffff_▁",
    ]
    made = ["a" * 50_000, "don 't " * 10_000, "👍🏽" * 5_000, "", " ", "\0"]
    for length in drawn.choices((1, 3, 10, 40), k=10_000):
        favoured = drawn.choice(pools)
        made.append(
            "".join(drawn.choice(drawn.choice((favoured, pools[0], drawn.choice(pools)))) for _ in range(length))
        )
    return made


def told_by(model):
    """The metadata of a tiny pipeline, as a file has them."""
    pipeline = pipeline_for(model)
    _, record = registry.records_of(pipeline)
    return json.loads(json.dumps(record.metadata(pipeline)))


def chunks(texts):
    """Batches of texts, the huge ones apart."""
    yield tf.constant(texts[:HUGE])
    yield from tf.data.Dataset.from_tensor_slices(texts[HUGE:]).batch(1024)


def rows_of(layer, texts):
    """The ids of a layer without padding, a row a text."""
    return [row[row > 0].tolist() for chunk in chunks(texts) for row in np.asarray(layer(chunk))]


def test_words_and_ngrams(texts):
    told, unknown = told_by("sentiment/wide"), ["", "[UNK]"]
    rows = [row.decode().split() for chunk in chunks(texts) for row in separate_words(chunk).numpy()]
    words = [word for row in rows[::2] for word in row if len(word) < 100]  # the others have unknown ones
    pairs = map(" ".join, itertools.pairwise(words))
    characters = [f"_{word}_"[begin : begin + width] for word in words for width in (2, 5) for begin in range(2)]
    for key, known in (("vocabulary", words), ("ngrams", [*words, *pairs]), ("characters", characters)):
        told[key] = unknown + list(dict.fromkeys(known))[:20_000]
    reader = Texts(told)
    found = [reader.ids(text) for text in texts]
    layer = keras.layers.TextVectorization(standardize=separate_words, vocabulary=told["vocabulary"][2:])
    assert [row["ids"] for row in found] == rows_of(layer, texts)
    for kind in ngrams.KINDS:
        assert [row[kind] for row in found] == rows_of(ngrams.vectorization(kind, told[kind][2:]), texts), kind


def test_subwords(texts):
    reader, layer = Texts(told_by("sentiment/awd")), pipeline_for("sentiment/awd").get_layer("words")
    # SentencePiece's library drops its own sign for a space at the end of a text; the graph does not.
    texts = [text for text in texts if "▁" not in text[-3:]]
    expected = [row for chunk in chunks(texts) for row in np.asarray(layer(chunk))]
    for text, row in zip(texts, expected, strict=True):
        found = reader.ids(text)["ids"]
        assert found == row[: len(found)].tolist(), ascii(text)
        assert not row[len(found) :].any()
