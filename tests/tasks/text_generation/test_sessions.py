"""sessions.py: state carried between calls."""

import itertools
import json

import pytest

import lstm_zoo
from lstm_zoo import inference
from lstm_zoo.tasks.text_generation import GenerationSession, sessions, with_beams


def test_two_halves_of_a_prompt_are_the_whole(trained, write):
    session = GenerationSession(trained, seed=3, temperature=1.0, repetition_penalty=1.2)
    session.read("To be, or")
    session.read(" not to")
    whole = write(trained, "To be, or not to", seed=3, temperature=1.0, repetition_penalty=1.2)
    assert "".join(session.write(30)) == whole[0]


def test_halves_within_a_word_are_the_whole_for_characters(character, write):
    session = GenerationSession(character, seed=3)
    for part in ("", "To b", "e, o", "r"):
        session.read(part)
    written = "".join([*session.write(7), *session.write(0), *session.write(23)])
    assert written == write(character, "To be, or", seed=3)[0]


def test_reading_what_it_wrote_is_writing_on(character):
    session, again = (GenerationSession(character, temperature=0) for _ in range(2))
    half = "".join(session.write(10))
    again.read(half)
    assert "".join(session.write(10)) == "".join(again.write(10))


def test_as_many_tokens_as_predict_writes_where_none_are_named(character):
    session = GenerationSession(character, seed=2)
    session.read("To be")
    (answer,) = lstm_zoo.predict(character, "To be", seed=2)
    assert "".join(session.write()) == answer["text"]
    assert len(answer["text"]) == 200


def test_a_text_is_at_its_end_wherever_its_steps_begin(awd, texts, write, monkeypatch):
    monkeypatch.setattr(sessions, "CHUNK", 1)  # so that the end is the last token of its step
    prompts = [*texts, "To", "be", "or", "not", "that", "is"]
    whole = write(awd, prompts, temperature=1.2, seed=5)
    longer = write(awd, prompts, temperature=1.2, seed=5, max_new_tokens=60)
    assert any(text == more for text, more in zip(whole, longer))  # some have an end
    session = GenerationSession(awd, temperature=1.2, seed=5)
    for prompt, expected in zip(prompts, longer):
        session.reset()
        session.read(prompt)
        assert "".join(session.write(60)) == expected


def test_a_number_of_tokens_that_is_none_is_an_error_at_once(character):
    session = GenerationSession(character)
    with pytest.raises(ValueError, match="max_new_tokens is a whole number from 0"):
        session.write(-1)


def test_a_million_characters_are_written_bit_by_bit(character):
    session = GenerationSession(character, seed=1)
    assert next(session.write(1_000_000))
    before = {name: value.shape for name, value in session._state.items()}
    assert "".join(itertools.islice(session.write(1_000_000), 5))
    assert {name: value.shape for name, value in session._state.items()} == before  # memory does not grow


def test_a_pipeline_that_searches_cannot_write_bit_by_bit(character):
    pipeline = with_beams(character, 2)
    with pytest.raises(ValueError, match="A pipeline that samples is expected"):
        GenerationSession(pipeline)
    assert inference.stream(pipeline, ["To be"], max_new_tokens=5) is None
    assert inference.stream(character, ["To be"], beams=2) is None


def test_the_terminal_shows_it_while_it_is_written(runs, call):
    path = str(runs["text_generation/character"][1] / "pipeline.keras")
    options = {"max_new_tokens": 20, "seed": 3, "temperature": 1.0}
    words = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", value)]
    shown = call("predict", path, "To be", "Or", *words)
    answers = lstm_zoo.predict(path, ["To be", "Or"], **options)
    assert shown == "".join(f"{prompt}{answer['text']}\n" for prompt, answer in zip(["To be", "Or"], answers))
    parts = inference.stream(path, ["To be"], max_new_tokens=1_000_000)
    assert "".join(itertools.islice(parts, 3)).startswith("To be")  # long before the end
    assert json.loads(call("predict", path, "To be", "Or", *words, "--json")) == answers
