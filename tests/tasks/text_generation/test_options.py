"""options.py: what an option may be."""

import functools
import math

import pytest
from tiny import pipeline_for

import lstm_zoo
from lstm_zoo.tasks import text_generation


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("temperature", -0.1, "temperature is a number from 0 to .*. Received: -0.1"),
        ("temperature", math.nan, "temperature is a number from 0"),
        ("top_p", 1.1, "top_p is a number from 0 to 1. Received: 1.1"),
        ("top_p", -0.5, "top_p is a number from 0 to 1. Received: -0.5"),
        ("top_k", -1, "top_k is a whole number from 0"),
        ("top_k", 2.5, "top_k is a whole number from 0 to 2147483647. Received: 2.5"),
        ("max_new_tokens", -1, "max_new_tokens is a whole number from 0"),
        ("max_new_tokens", "ten", "max_new_tokens is a whole number from 0 to 2147483647. Received: 'ten'"),
        ("max_new_tokens", True, "max_new_tokens is a whole number"),
        ("repetition_penalty", 0, "repetition_penalty is a number from 0.001"),
        ("seed", -3, "seed is a whole number from 0"),
    ],
)
def test_options_outside_of_what_they_may_be(character, option, value, message):
    with pytest.raises(ValueError, match=message):
        lstm_zoo.predict(character, "To be", **{option: value})
    session = functools.partial(text_generation.GenerationSession, character)
    ask = session().write if option == "max_new_tokens" else session
    with pytest.raises(ValueError, match=message):
        ask(**{option: value})


def test_options_that_there_are_not(character):
    with pytest.raises(ValueError, match="'temprature'. Did you mean 'temperature'?"):
        text_generation.GenerationSession(character, temprature=0.5)
    with pytest.raises(ValueError, match="`write` takes max_new_tokens.* Received here: max_new_tokens=5"):
        text_generation.GenerationSession(character, max_new_tokens=5)
    with pytest.raises(ValueError, match="A session samples, and searches with no beams. Received: beams=2"):
        text_generation.GenerationSession(character, beams=2)


def test_options_are_for_text_generation():
    pipeline = pipeline_for("sentiment/bilstm")
    with pytest.raises(ValueError, match="'max_new_tokens' is an option of text_generation/character, text_gen.*/awd"):
        lstm_zoo.predict(pipeline, "good", max_new_tokens=3, seed=1)
    with pytest.raises(ValueError, match="'beams' is an option of translation/.*, speech/.*, text_generation/"):
        lstm_zoo.predict(pipeline, "good", beams=3)
