"""Pictures and pages of what LSTMs do: drawn for every network, whole in one file, and whatever the text is."""

import base64
import re

import matplotlib.image
import numpy as np
import pytest
from tiny import TINY, pipeline_for

import lstm_zoo
from lstm_zoo.inspection import page, pictures
from lstm_zoo.steps import Reading, Steps

MODELS = lstm_zoo.list_models()


def gates_of(names, units=3):
    """Gates as `inspect` returns them, at random."""
    random = np.random.default_rng(0)
    values = {name: random.random((len(names), units), dtype="float32") for name in ("forget", "input", "output")}
    return {"steps": list(names), **values, "cell": random.normal(size=(len(names), units)).astype("float32")}


@pytest.mark.parametrize("model", MODELS)
def test_pictures_and_pages_of_every_network(model, tmp_path):
    raw = TINY[model.partition("/")[0]]["raw"][0]
    plot, html = tmp_path / "gates.png", tmp_path / "gates.html"
    lstms = lstm_zoo.inspect(pipeline_for(model), [raw], unit=1, plot=plot, html=html)
    assert matplotlib.image.imread(plot).ndim == 3
    text = html.read_text(encoding="utf-8")
    for lstm in lstms:
        assert f"<h2>{lstm}</h2>" in text
    assert not re.search(r"(?:src|href)=\"(?!data:)", text)
    assert "http" not in text


def test_a_picture_says_what_is_seen():
    words = Steps(names=["$a", "b\n", "c"], kind="words", separator=" ")
    figure = pictures.picture("a pipeline", gates_of(words.names), words, unit=2)
    titles = [axes.get_title() for axes in figure.axes if axes.get_title()]
    assert titles[0] == "Cell of unit 2: orange below 0, purple above"
    assert titles[1:] == [*pictures.MAPS.values(), "Mean forget gate of all units: low where memory is dropped"]
    assert figure.axes[5].get_xlabel() == "words"
    assert [label.get_text() for label in figure.axes[5].get_xticklabels()] == [r"\$a", "b↵", "c"]


def test_a_long_text_names_some_of_its_steps():
    letters = Steps(names=["x"] * 2000, kind="characters", separator="")
    figure = pictures.picture("a pipeline", gates_of(letters.names), letters)
    assert re.fullmatch(r"characters, \d+ of 2000 named", figure.axes[4].get_xlabel())
    assert figure.get_size_inches()[0] <= pictures.MAX_WIDTH


def test_units_that_do_alike_are_neighbours():
    gates = gates_of(range(20), units=4)
    for name in ("forget", "input", "output", "cell"):
        gates[name][:, 3] = gates[name][:, 0] + 0.01
    order = list(pictures.order_of(gates))
    assert sorted(order) == [0, 1, 2, 3]
    assert abs(order.index(0) - order.index(3)) == 1


def test_text_is_escaped_and_coloured():
    words = Steps(names=["<script>", "&", '"'], kind="words", separator=" ")
    gates = gates_of(words.names)
    text = page.page("a <pipeline>", {"lstm": gates}, Reading(run=len, inputs=(), steps={"": words}), unit=1)
    assert text.count("<script>") == 1  # the page's own
    assert "&lt;script&gt; </span>" in text
    assert "a &lt;pipeline&gt;" in text
    cells = np.frombuffer(base64.b64decode(re.search(r'data-cells="([^"]*)"', text)[1]), "int8")
    np.testing.assert_allclose(cells.reshape(3, 3) / 127, np.tanh(gates["cell"]), atol=0.004)
    assert "POSITIVE" not in text


def test_colours():
    assert pictures.colour_of(0.0) == (1.0, 1.0, 1.0)
    red, _, blue = pictures.colour_of(1.0)
    assert blue > red
    red, _, blue = pictures.colour_of(-1.0)
    assert red > blue


def test_lines_of_a_text():
    letters = Steps(names=list("ab\ncdef"), kind="characters", separator="")
    lines = pictures.lines_of(letters.names, letters, columns=3)
    assert ["".join(shown for _, shown in line) for line in lines] == ["ab\n", "cde", "f"]
    assert [number for line in lines for number, _ in line] == list(range(7))
