"""numbers.py: numbers are carried over, whatever stands beside them."""

import pathlib

import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest
import tensorflow as tf

import lstm_zoo
from lstm_zoo.tasks import translation
from lstm_zoo.tasks.translation import numbers, pipelines
from lstm_zoo.text.subwords import processor

GOLDEN = pathlib.Path(__file__).parents[2] / "goldens" / "translation-attention.keras"
A, B, C, *_, J = numbers.MARKS
ELEVEN = " ".join(map(str, range(100, 111)))
TEXTS = {  # text: the same with marks, and its numbers
    "Am 12. April 2023 um 17:45": (f"Am {A}. April {B} um {C}", ["12", "2023", "17:45"]),
    "3,5 von 1.000.000, also 7.": (f"{A} von {B}, also {C}.", ["3,5", "1.000.000", "7"]),
    "12": (A, ["12"]),
    "1-2": (f"{A}-{B}", ["1", "2"]),
    "LH456 (12) 3.5kg\n6": (f"LH{A} ({B}) {C}kg\n{numbers.MARKS[3]}", ["456", "12", "3.5", "6"]),
    ELEVEN: (" ".join([*numbers.MARKS, "110"]), [str(number) for number in range(100, 110)]),
    "Ein Hund.": ("Ein Hund.", []),
    "": ("", []),
    f"1{A}2 {J}{B}": (f"{A} ", ["12"]),
}


@pytest.fixture(scope="module")
def layer():
    """The layer, which has no state."""
    return numbers.Numbers()


def in_the_graph(layer, texts):
    """Texts with marks, and the numbers of each, as the layer gives them."""
    marked, found = layer(tf.constant(texts))
    assert found.shape == (len(texts), 10)
    return [text.decode() for text in marked.numpy()], [
        [number.decode() for number in row if number] for row in found.numpy()
    ]


def test_texts_with_marks(layer):
    marked, found = zip(*TEXTS.values())
    assert in_the_graph(layer, list(TEXTS)) == (list(marked), list(found))
    assert [numbers.numbers_of(text) for text in TEXTS] == list(found)
    assert [numbers.marked((text, ""))[0] for text in TEXTS] == list(marked)


@hypothesis.given(st.text(st.sampled_from([*"0123,.: a\nä٣", A, J]), max_size=60))
@hypothesis.settings(max_examples=100)
def test_the_same_in_the_graph_as_in_training_and_back(layer, text):
    expected = numbers.marked((text, text))[0]
    assert in_the_graph(layer, [text]) == ([expected], [numbers.numbers_of(text)])
    marked, found = layer(tf.constant([text]))
    whole = "".join(sign for sign in text if sign not in numbers.MARKS)
    assert layer(marked[:, None], numbers=found).numpy()[0, 0].decode() == whole


def test_numbers_in_the_place_of_marks(layer):
    _, found = layer(tf.constant(["Am 12. April 2023", "ohne", ""]))
    texts = [[f"{A}{B} x{A}", f"{B}", f"{C} a"], [f"a{A} b", "c", ""], [A, "", "ä"]]
    filled = layer(tf.constant(texts), numbers=found).numpy()
    assert [[text.decode() for text in row] for row in filled] == [
        ["122023 x12", "2023", " a"],
        ["a b", "c", ""],
        ["", "", "ä"],
    ]
    assert layer(tf.zeros([0, 4], "string"), numbers=tf.zeros([0, 10], "string")).shape == (0, 4)


def test_bytes_that_are_no_text_are_left(layer):
    marked, found = layer(tf.constant([b"\xff 12 \xfe", b"\xff"]))
    assert found.numpy()[:, 0].tolist() == [b"12", b""]
    assert layer(marked[:, None], numbers=found).numpy()[:, 0].tolist() == [b"\xff 12 \xfe", b"\xff"]


@pytest.mark.parametrize(
    ("pair", "expected"),
    [
        (("Am 3. Mai 2023.", "In 2023 on May 3."), (f"Am {A}. Mai {B}.", f"In {B} on May {A}.")),
        (("7 und 7", "7, 7 and 7"), (f"{A} und {B}", f"{A}, {B} and {B}")),
        (("7", "7 of 7"), (A, f"{A} of {A}")),
        (("3,5 kg", "3.5 kg"), (f"{A} kg", "3.5 kg")),  # not written alike
        (("Zwei", "2"), ("Zwei", "2")),
        ((f"{A} eins", f"{A} 1"), (" eins", " 1")),
    ],
)
def test_marked_pairs(pair, expected):
    assert numbers.marked(pair) == expected


def test_every_mark_is_learnt():
    preprocessing = translation.TASK.adapt(PAIRS, vocabulary=80)
    [(inputs, tokens, _)] = translation.TASK.batches(PAIRS, preprocessing, 2000)
    model = processor(preprocessing["subwords"].model)
    for ids in (inputs["source"], tokens):
        assert set(numbers.MARKS) <= set(model.id_to_piece(ids.numpy().ravel().tolist()))
    assert numbers.marked(("1 2 3", "3 1"), first=9) == (f"{J} {A} {B}", f"{B} {J}")


def test_marks_and_digits_are_subwords_of_their_own(preprocessing):
    model = processor(preprocessing["subwords"].model)
    texts = [f"LH{A}", f"{J}kg ({B})", f"{A}{B}", "a1024"]
    for text, ids in zip(texts, preprocessing["subwords"](tf.constant(texts)).numpy()):
        pieces = model.id_to_piece([id for id in ids.tolist() if id])
        signs = [sign for sign in text if sign.isdigit() or sign in numbers.MARKS]
        assert [piece for piece in pieces if set(piece) & set(signs)] == signs


NAMES = ["Anna", "Otto", "Karl"]
THINGS = [("Katzen", "cats"), ("Hunde", "dogs"), ("Bücher", "books"), ("Kinder", "children")]
PAIRS = [
    (f"{name} hat {number} {german}.", f"{name} has {number} {english}.")
    for number, (name, (german, english)) in enumerate([(name, thing) for name in NAMES for thing in THINGS] * 5, 20)
]


@pytest.fixture(scope="module")
def counting(tmp_path_factory):
    """The path of a tiny pipeline that has learnt sentences with numbers."""
    folder = tmp_path_factory.mktemp("counting")
    options = {"epochs": 12, "max_tokens": 200, "learning_rate": 0.02, "patience": 12, "verbose": False}
    sizes = {"vocabulary": 80, "embedding": 16, "units": 24, "dropout": 0.0}
    pipeline = lstm_zoo.train("translation", PAIRS * 2, PAIRS[:12], folder=folder / "run", **options, **sizes)
    lstm_zoo.save(pipeline, folder / "a.keras")
    return folder / "a.keras"


UNSEEN = {
    "Anna hat 987654321 Katzen.": "Anna has 987654321 cats.",
    "Otto hat 3,5 Bücher.": "Otto has 3,5 books.",
    "Karl hat 17:45 Hunde.": "Karl has 17:45 dogs.",
    f"Karl hat {A}1.000.000 Kinder.": "Karl has 1.000.000 children.",
}


def test_numbers_that_it_has_never_seen(counting, tmp_path):
    pipeline = lstm_zoo.load(str(counting))
    answers = lstm_zoo.predict(pipeline, list(UNSEEN), alternatives=2)
    assert [answer["text"] for answer in answers] == list(UNSEEN.values())
    assert not any(
        mark in one["text"] for answer in answers for one in answer["alternatives"] for mark in numbers.MARKS
    )
    assert [answer["text"] for answer in lstm_zoo.predict(pipeline, list(UNSEEN), beams=1)] == list(UNSEEN.values())
    served = tf.saved_model.load(str(lstm_zoo.export(pipeline, tmp_path / "saved_model")))
    for texts in (list(UNSEEN), ["Anna hat 5 Hunde.", ELEVEN, ""]):
        answer = served.signatures["serving_default"](text=tf.constant(texts))
        assert [text.decode() for text in answer["text"].numpy()] == [
            one["text"] for one in lstm_zoo.predict(pipeline, texts)
        ]


def test_numbers_are_seen_whole(counting):
    [answer] = lstm_zoo.predict(str(counting), "Anna hat 4711 Hunde.", alignment=True)
    source, target, weights = (answer["alignment"][key] for key in ("source", "target", "weights"))
    assert np.shape(weights) == (len(target), len(source))
    assert "4711" in source
    assert "".join(target[:-1]).replace("▁", " ").strip() == "Anna has 4711 dogs."
    gates = lstm_zoo.inspect(str(counting), "Anna hat 4711 Hunde.")
    assert all("4711" in one["steps"] for one in gates.values())


def test_what_goes_on_from_a_file_has_marks_too(counting):
    pipeline = lstm_zoo.load(str(counting))
    _, preprocessing = translation.TASK.fine_tune(pipeline, PAIRS)
    assert preprocessing["numbers"] is pipeline.get_layer("numbers")
    assert lstm_zoo.evaluate(pipeline, list(UNSEEN.items()))["bleu"] == 100
    others = [tuple(text.replace(" 2", " 9:4") for text in pair) for pair in PAIRS[:4]]
    assert others[0] == ("Anna hat 9:40 Katzen.", "Anna has 9:40 cats.")
    score = translation.TASK.context.score
    assert score(pipeline, others, 9) == score(pipeline, PAIRS[:4], 9)


def test_a_file_without_marks_goes_on_without():
    pipeline = lstm_zoo.load(str(GOLDEN))
    preprocessing = pipelines.preprocessing_of(pipeline)
    assert preprocessing["numbers"] is None
    assert pipelines.pairs_as_read(PAIRS, preprocessing) is PAIRS
    for again in (
        translation.with_beams(pipeline, 2),
        pipelines.pipeline(*translation.TASK.fine_tune(pipeline, PAIRS), loops=True),
    ):
        assert "numbers" not in {layer.name for layer in again.layers}
