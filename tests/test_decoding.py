"""Greedy and beam search, beside searches written with plain Python loops."""

import itertools
import math

import numpy as np
import pytest
import tensorflow as tf

from lstm_zoo import decoding

START, END, VOCABULARY = 0, 1, 5


def log_probs(row, last):
    """Log-probabilities that depend on a row's own number and on all that it has read: a sum that is carried along."""
    random = np.random.default_rng([row, last])
    return np.log(random.dirichlet(np.ones(VOCABULARY)))


@pytest.fixture(scope="module")
def step():
    """The step function over a table of `log_probs`; its state is the row and the sum of the tokens so far mod 7."""
    table = tf.constant(np.array([[log_probs(row, total) for total in range(7)] for row in range(6)]), "float32")

    def next_token(tokens, states):
        row, total = states
        total = (total + tokens + 1) % 7
        return tf.gather_nd(table, tf.stack([row, total], -1)), [row, total]

    return next_token


def states(rows):
    return [tf.constant(rows, "int32"), tf.zeros([len(rows)], "int32")]


def probability(row, tokens, limit):
    """Log-probability of a sequence with its end, and its length."""
    total, last, sum_of = 0.0, START, 0
    for number, token in enumerate(tokens):
        sum_of = (sum_of + last + 1) % 7
        total += 0.0 if number >= limit else log_probs(row, sum_of)[token]
        last = token
        if token == END:
            return total, number + 1
    raise AssertionError("no end")


def score(row, tokens, limit, length_penalty=1.0):
    total, length = probability(row, tokens, limit)
    return total / ((5 + length) / 6) ** length_penalty


def sequence(tokens):
    """Tokens up to the end, the end too."""
    tokens = [int(token) for token in tokens]
    return tokens[: tokens.index(END) + 1]


def every_sequence(limit):
    for length in range(limit + 1):
        for tokens in itertools.product([token for token in range(VOCABULARY) if token != END], repeat=length):
            yield [*tokens, END]


class TestGreedy:
    def test_takes_the_most_probable_token_time_and_again(self, step):
        written, scores = decoding.greedy(step, states([0, 1, 2]), [6, 6, 2], start=START, end=END)
        for row, limit in enumerate([6, 6, 2]):
            expected, sum_of, last = [], 0, START
            while END not in expected:
                sum_of = (sum_of + last + 1) % 7
                last = END if len(expected) == limit else int(np.argmax(log_probs(row, sum_of)))
                expected.append(last)
            assert sequence(written[row]) == expected
            assert set(written[row].numpy()[len(expected) :]) <= {END}
            assert float(scores[row]) == pytest.approx(score(row, expected, limit), rel=1e-5)

    def test_limit_of_zero_and_batch_of_none(self, step):
        written, scores = decoding.greedy(step, states([3]), [0], start=START, end=END)
        assert written.numpy().tolist() == [[END]]
        assert scores.numpy().tolist() == [0.0]
        written, scores = decoding.greedy(step, states([]), tf.zeros([0], "int32"), start=START, end=END)
        assert written.shape == (0, 1)
        assert scores.shape == (0,)


class TestBeamSearch:
    def test_one_beam_is_greedy(self, step):
        greedy, one_score = decoding.greedy(step, states([0, 1, 2, 3]), [8, 0, 3, 5], start=START, end=END)
        beam, scores = decoding.beam_search(step, states([0, 1, 2, 3]), [8, 0, 3, 5], beams=1, start=START, end=END)
        assert beam[:, 0].numpy().tolist() == greedy.numpy().tolist()
        np.testing.assert_allclose(scores[:, 0], one_score, rtol=1e-6)

    @pytest.mark.parametrize("length_penalty", [0.0, 0.6, 1.0])
    def test_beams_without_number_find_the_best_of_all_sequences(self, step, length_penalty):
        limit, beams = 3, 4**4
        options = {"beams": beams, "start": START, "end": END, "length_penalty": length_penalty}
        written, scores = decoding.beam_search(step, states([0, 1, 4]), [limit] * 3, **options)
        for row, number in enumerate([0, 1, 4]):
            known = {tuple(tokens): score(number, tokens, limit, length_penalty) for tokens in every_sequence(limit)}
            best = sorted(known, key=known.get, reverse=True)
            assert [sequence(tokens) for tokens in written[row, :3]] == [list(tokens) for tokens in best[:3]]
            np.testing.assert_allclose(scores[row, :10], [known[tokens] for tokens in best[:10]], rtol=1e-5)
            assert np.isfinite(scores[row]).sum() == len(known)

    @pytest.mark.parametrize("beams", [2, 3, 4])
    def test_never_below_greedy_and_scores_are_true(self, step, beams):
        rows, limits = list(range(6)), [9, 4, 7, 0, 1, 12]
        _, greedy = decoding.greedy(step, states(rows), limits, start=START, end=END)
        written, scores = decoding.beam_search(step, states(rows), limits, beams=beams, start=START, end=END)
        assert np.all(scores[:, 0].numpy() >= greedy.numpy() - 1e-6)
        assert np.all(scores[:, 1:].numpy() <= scores[:, :-1].numpy())
        for row, limit in zip(rows, limits):
            for tokens, value in zip(written[row], scores[row].numpy()):
                if math.isfinite(value):
                    assert value == pytest.approx(score(row, sequence(tokens), limit), rel=1e-5)
                    assert len(sequence(tokens)) <= limit + 1
            known = [tuple(sequence(tokens)) for tokens, value in zip(written[row], scores[row]) if value > -math.inf]
            assert len(set(known)) == len(known)

    def test_does_not_depend_on_batch_mates(self, step):
        rows, limits = list(range(6)), [9, 4, 7, 0, 1, 12]
        written, scores = decoding.beam_search(step, states(rows), limits, beams=3, start=START, end=END)
        for row, limit in zip(rows, limits):
            alone, alone_scores = decoding.beam_search(step, states([row]), [limit], beams=3, start=START, end=END)
            np.testing.assert_allclose(alone_scores[0], scores[row], rtol=1e-6)
            for one, other in zip(alone[0], written[row]):
                assert sequence(one) == sequence(other)

    def test_in_a_graph_of_unknown_batch(self, step):
        @tf.function(input_signature=[tf.TensorSpec([None], "int32"), tf.TensorSpec([None], "int32")])
        def search(rows, limits):
            return decoding.beam_search(step, [rows, tf.zeros_like(rows)], limits, beams=3, start=START, end=END)

        eager = decoding.beam_search(step, states([0, 5]), [6, 6], beams=3, start=START, end=END)
        for one, other in zip(search([0, 5], [6, 6]), eager):
            np.testing.assert_allclose(one, other, rtol=1e-6)
        written, scores = search(tf.zeros([0], "int32"), tf.zeros([0], "int32"))
        assert written.shape[:2] == (0, 3)
        assert scores.shape == (0, 3)

    def test_stops_when_all_have_ended(self):
        calls = []

        def step(tokens, states):
            calls.append(1)
            return tf.math.log(tf.one_hot(tf.fill(tf.shape(tokens), END), VOCABULARY)), states

        decoding.beam_search(step, [], [1000], beams=1, start=START, end=END)
        assert len(calls) == 1
