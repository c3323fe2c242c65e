"""options.py: what an option of `predict` may be, and whose it is."""

import dataclasses
import math
import re

import numpy as np
import pytest

import lstm_zoo
from lstm_zoo import options, registry
from lstm_zoo.options import Bounds, check_options, check_value, option


@dataclasses.dataclass(frozen=True, kw_only=True)
class Options:
    """One of every type."""

    flag: bool = option(False, "Whether.")
    count: int | None = option(None, "How many.", minimum=1)
    share: float = option(1.0, "How much.", minimum=0, maximum=1, graph_input="share")
    mode: str = option("plain", "How.")


def test_types():
    kinds = {name: options.type_of(Options, name) for name in options.fields_of(Options)}
    assert kinds == {"flag": bool, "count": int, "share": float, "mode": str}
    assert options.fields_of(None) == {}


def test_fields_say_what_they_are():
    share = options.fields_of(Options)["share"]
    assert share.metadata["description"] == "How much."
    assert share.metadata["bounds"] == Bounds(minimum=0, maximum=1, graph_input="share")
    assert share.default == 1.0
    with pytest.raises(TypeError, match="most"):
        option(0, "A bound that there is not.", most=3)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (bool, True),
        (int, 3),
        (int, np.int32(3)),
        (int, 1),
        (int, 9),
        (float, 2.5),
        (float, 2),
        (float, np.float32(2.5)),
        (str, "plain"),
    ],
)
def test_right_values(kind, value):
    check_value("it", value, kind, Bounds(minimum=1, maximum=9))


@pytest.mark.parametrize(
    ("kind", "value", "bounds", "message"),
    [
        (bool, 1, {}, "it is True or False. Received: 1"),
        (bool, "yes", {}, "it is True or False. Received: 'yes'"),
        (int, True, {}, "it is a whole number. Received: True"),
        (int, 2.0, {}, "it is a whole number. Received: 2.0"),
        (int, "2", {}, "it is a whole number. Received: '2'"),
        (int, 0, {"minimum": 1}, "it is a whole number of at least 1. Received: 0"),
        (int, 10, {"minimum": 1, "maximum": 9}, "it is a whole number from 1 to 9. Received: 10"),
        (float, True, {}, "it is a number. Received: True"),
        (float, "2.5", {}, "it is a number. Received: '2.5'"),
        (float, math.nan, {"minimum": 0}, "it is a number of at least 0. Received: nan"),
        (float, math.inf, {"minimum": 0}, "it is a number of at least 0. Received: inf"),
        (float, -0.5, {"minimum": 0, "maximum": 1}, "it is a number from 0 to 1. Received: -0.5"),
        (str, b"plain", {}, "it is a text. Received: b'plain'"),
    ],
)
def test_wrong_values(kind, value, bounds, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        check_value("it", value, kind, Bounds(**bounds))


def test_what_is_not_given_has_its_default():
    chosen = check_options("text_generation/character", {"temperature": 0, "top_k": None, "seed": 7})
    expected = dataclasses.asdict(registry.get_network("text_generation/character").options())
    assert dataclasses.asdict(chosen) == {**expected, "temperature": 0, "seed": 7}
    assert check_options("sentiment/attention", {}).explain is False
    assert check_options("sentiment/bilstm", {}).scores is False
    assert check_options("forecasting/segment", {}) is None
    assert check_options("speech/ctc", {"beams": None}).lexicon == "own"
    assert check_options("speech/ctc", {"lexicon": None}).lexicon is None  # a value of its own


@pytest.mark.parametrize(
    ("model", "name", "message"),
    [
        (
            "sentiment/attention",
            "explian",
            "Unknown option of sentiment/attention: 'explian'. Did you mean 'explain'? Its options: scores, explain.",
        ),
        (
            "sentiment/bilstm",
            "explain",
            "Unknown option of sentiment/bilstm: 'explain'. 'explain' is an option of sentiment/attention. "
            "Its options: scores.",
        ),
        (
            "sentiment/attention",
            "max_new_token",
            "Unknown option of sentiment/attention: 'max_new_token'. 'max_new_tokens' is an option of "
            "text_generation/character, text_generation/awd. Its options: scores, explain.",
        ),
        ("sentiment/attention", "xyz", "Unknown option of sentiment/attention: 'xyz'. Its options: scores, explain."),
    ],
)
@pytest.mark.parametrize("value", [1, None])
def test_an_option_that_a_network_does_not_have(model, name, value, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        check_options(model, {name: value})


@pytest.mark.parametrize("model", lstm_zoo.list_models())
def test_options_of_every_network(model):
    record = registry.get_network(model).options
    for name, field in options.fields_of(record).items():
        kind, bounds = options.type_of(record, name), field.metadata["bounds"]
        assert kind in (bool, int, float, str)
        if field.default is not None:
            check_value(name, field.default, kind, bounds)
        if bounds.served_maximum is not None:
            check_value(name, bounds.served_maximum, kind, bounds)
