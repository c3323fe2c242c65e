"""generator.py and pipelines.py: what is read and written, whatever people give."""

import numpy as np
import pytest
import tensorflow as tf

import lstm_zoo
from lstm_zoo import decoding
from lstm_zoo.layers import language_model
from lstm_zoo.tasks import text_generation
from lstm_zoo.tasks.text_generation.pipelines import generator_of


def test_temperature_0_is_greedy(trained, write):
    generator = generator_of(trained)

    @tf.function
    def greedy():
        state = generator.read(generator.first_state(1), generator.tokens(tf.constant(["To be"])))
        start, limits = state["token"], tf.constant([30])
        written, _ = decoding.greedy(generator.step, state["states"], limits, start=start, end=generator.tokens.end)
        return generator.detokenize(start, written)

    text = greedy().numpy()[0].decode()
    for seed in (0, 1):
        assert write(trained, temperature=0, seed=seed) == [text]
    assert write(trained, temperature=1.0, top_k=1) == [text]


def test_a_seed_repeats_a_text_and_another_writes_another(trained, write):
    first = write(trained, temperature=1.5, seed=7)
    assert write(trained, temperature=1.5, seed=7) == first
    assert write(trained, temperature=1.5, seed=8) != first


def test_a_text_does_not_hang_on_its_batch_mates(trained, inputs_of):
    pairs = [
        ("To be", {"max_new_tokens": 30, "temperature": 1.0}),
        ("or " * 50, {"max_new_tokens": 10, "temperature": 2.0, "top_k": 3, "seed": 4}),
        ("", {"max_new_tokens": 0, "seed": 9}),
        ("Whether", {"max_new_tokens": 60, "top_p": 0.5, "repetition_penalty": 1.5}),
    ]
    alone = [trained.predict_on_batch(inputs_of(trained, pair))["text"][0] for pair in pairs]
    assert trained.predict_on_batch(inputs_of(trained, *pairs))["text"].tolist() == alone


def test_beams(trained, write):
    pipeline = text_generation.with_beams(trained, 3)
    answer = lstm_zoo.predict(trained, "To be", beams=3, max_new_tokens=12)
    assert answer == lstm_zoo.predict(pipeline, "To be", max_new_tokens=12)
    assert write(text_generation.with_beams(pipeline, 1), seed=3) == write(trained, seed=3)


def test_what_a_search_does_not_take(trained):
    for model, options in ((trained, {"beams": 3, "top_k": 4}), (text_generation.with_beams(trained, 3), {"seed": 4})):
        name = list(options)[-1]
        with pytest.raises(ValueError, match=f"searches samples nothing, and does not take {name}. Received: 4"):
            lstm_zoo.predict(model, "To be", **options)
    with pytest.raises(ValueError, match="beams is a whole number of at least 1. Received: 0"):
        lstm_zoo.predict(trained, "To be", beams=0)
    with pytest.raises(ValueError, match="beams is at least 1. Received: 0"):
        text_generation.with_beams(trained, 0)


def test_a_search_finds_what_is_at_least_as_probable_as_the_greedy_text(character, inputs_of):
    best, greedy = (
        pipeline.predict_on_batch(inputs_of(pipeline, ("To be", {"max_new_tokens": 12, "temperature": 0})))["score"][0]
        for pipeline in (text_generation.with_beams(character, 3), character)
    )
    assert best >= decoding.score(greedy, 12 + 1, 1.0) - 1e-5  # with the end


def test_padding_and_unknown_tokens_are_never_written(trained):
    generator = generator_of(trained)
    states = language_model.zero_states(generator.network.get_layer("encoder"), 1)
    log_probabilities = generator.step(tf.constant([5]), states)[0].numpy()[0]
    first = generator.tokens.first_written
    assert first == {"character": 2, "awd": 3}[generator.name]
    assert (log_probabilities[:first] == -np.inf).all()
    assert np.isfinite(log_probabilities[first:]).all()


def test_prompts_that_are_no_text(character):
    with pytest.raises(ValueError, match="Item 1 is not a text"):
        lstm_zoo.predict(character, ["To be", 4])


def test_an_empty_prompt_begins_a_text(character, write):
    assert write(character, "", temperature=0) == write(character, "", temperature=0, seed=5)
    assert len(write(character, "")[0]) == 30


def test_characters_that_were_never_seen(character, write):
    assert len(write(character, "♞ 你好")[0]) == 30
    assert write(character, "♞") == write(character, "你")


def test_a_prompt_longer_than_the_truncation_is_read_whole(character):
    prompt = "To be, or not to be, that is the question:\n" * 6  # 4 chunks and 2 characters
    generator = generator_of(character)
    state = tf.function(generator.read)(generator.first_state(1), generator.tokens(tf.constant([prompt])))
    ids = np.concatenate([[generator.tokens.start], generator.tokens(tf.constant([prompt])).numpy()[0]])
    states = language_model.zero_states(generator.network.get_layer("encoder"), 1)
    step = tf.function(lambda ids, states: language_model.step(generator.network, ids, states))
    _, states = step(tf.constant(ids[None, :-1]), states)
    for ours, theirs in zip(tf.nest.flatten(state["states"]), tf.nest.flatten(states)):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)
    assert state["position"] == len(prompt)
    assert state["token"] == ids[-1]


def test_no_tokens(trained, write):
    assert write(trained, ["To be", ""], max_new_tokens=0) == ["", ""]
