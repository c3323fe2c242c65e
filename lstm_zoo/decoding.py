"""Writing a sequence token by token: greedy, beam search and sampling over one step function, batched, in the graph.

A step function takes the last tokens int32 (rows,) and the states, any structure of tensors (rows, ...), and gives the
log-probabilities float32 (rows, vocabulary) of the next token and the states after it. Every row has a limit of its
own, and so the same answer whatever it is batched with.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

Step = Callable[[tf.Tensor, Any], tuple[tf.Tensor, Any]]  # a step function


def score(total: tf.Tensor, length: tf.Tensor, length_penalty: float) -> tf.Tensor:
    """What sequences are ranked by: log-probability / ((5 + length) / 6) ** length_penalty, the length with the end.

    Source: Wu et al. 2016, https://arxiv.org/abs/1609.08144. A penalty of 0 favours short sequences.

    Args:
        total: float32, log-probability of a sequence.
        length: integers that broadcast with it, number of its tokens with the end.
        length_penalty: at least 0.

    Example:

    >>> score(tf.constant([-6.0]), tf.constant([7]), length_penalty=1.0)  # [-3.0]
    """
    return total / ((5.0 + tf.cast(length, "float32")) / 6.0) ** length_penalty


def greedy(
    step: Step, states: Any, limits: Any, *, start: Any, end: int, length_penalty: float = 1.0
) -> tuple[tf.Tensor, tf.Tensor]:
    """The most probable token, time and again.

    Args:
        step: step function, see the module.
        states: those before the first step.
        limits: int32 (batch,), the most tokens of each row before `end`. A row that reaches it is ended at no cost.
        start: token that the first step reads, or one a row, int32 (batch,).
        end: token that ends a row.
        length_penalty: see `score`.

    Returns:
        Tokens int32 (batch, steps), `end` and behind it `end` again, and scores float32 (batch,).

    Example:

    >>> step = lambda tokens, states: (tf.math.log(tf.one_hot(tokens + 1, 4)), states)  # counts
    >>> greedy(step, [], tf.constant([5]), start=0, end=3)[0]  # [[1, 2, 3]]
    """
    limits = tf.cast(limits, "int32")

    def body(number, tokens, states, written, total, length, ended):
        log_probs, states_after = step(tokens, states)
        over = ended | (number >= limits)
        total += _shaped(tf.where(over, 0.0, tf.reduce_max(log_probs, -1)), total)
        length += tf.cast(~ended, "int32")
        tokens = _shaped(tf.where(over, end, tf.argmax(log_probs, -1, output_type="int32")), tokens)
        states = _shaped(states_after, states)
        return number + 1, tokens, states, written.write(number, tokens), total, length, tf.equal(tokens, end)

    rows = tf.shape(limits)[0]
    first = (
        tf.constant(0),
        tf.broadcast_to(start, [rows]),
        states,
        tf.TensorArray("int32", 0, dynamic_size=True, element_shape=[None]),
        tf.zeros([rows]),
        tf.zeros([rows], "int32"),
        tf.zeros([rows], "bool"),
    )
    *_, written, total, length, _ = tf.while_loop(_unfinished, body, first)
    return _batch_major(written, rows), score(total, length, length_penalty)


def beam_search(
    step: Step, states: Any, limits: Any, *, beams: int, start: Any, end: int, length_penalty: float = 1.0
) -> tuple[tf.Tensor, tf.Tensor]:
    """The best of the sequences that a beam search finds, best first.

    Sequences, ended or not, are ranked by `score`. The first beam follows the most probable token whatever its rank, so
    that the best score is never below that of `greedy`. The search stops when every beam of every row has ended.

    Args:
        beams: sequences that are followed at once; 1 is `greedy`.
        Everything else: see `greedy`.

    Returns:
        Tokens int32 (batch, beams, steps), `end` and behind it `end` again, and scores float32 (batch, beams), -inf
        where there are fewer sequences than beams.

    Example:

    >>> step = lambda tokens, states: (tf.math.log(tf.one_hot(tokens + 1, 4)), states)  # counts
    >>> beam_search(step, [], tf.constant([5]), beams=1, start=0, end=3)[0]  # [[[1, 2, 3]]]
    """
    limits = tf.cast(limits, "int32")
    rows = tf.shape(limits)[0]

    def body(number, tokens, states, written, parents, total, length, ended):
        log_probs, states_after = step(tf.reshape(tokens, [-1]), states)
        vocabulary = tf.shape(log_probs)[-1]
        log_probs = tf.reshape(log_probs, [rows, beams, vocabulary])
        over = ended | (number >= limits)[:, None]
        only_end = tf.where(tf.equal(tf.range(vocabulary), end), 0.0, -float("inf"))
        totals = total[..., None] + tf.where(over[..., None], only_end, log_probs)
        length += tf.cast(~ended, "int32")
        ranks = score(totals, length[..., None], length_penalty)
        most_probable = tf.one_hot(tf.argmax(totals[:, 0], -1), vocabulary, on_value=True, off_value=False)
        ranks = tf.concat([tf.where(most_probable, float("inf"), ranks[:, 0])[:, None], ranks[:, 1:]], 1)
        best = _shaped(tf.math.top_k(tf.reshape(ranks, [rows, -1]), beams).indices, tokens)
        parent = best // vocabulary
        # An ended beam stays ended, even one of probability 0, which any token would continue as well.
        tokens = tf.where(tf.gather(over, parent, batch_dims=1), end, best % vocabulary)
        total = _shaped(tf.gather(tf.reshape(totals, [rows, -1]), best, batch_dims=1), total)
        length = _shaped(tf.gather(length, parent, batch_dims=1), length)
        row = tf.reshape(tf.range(rows)[:, None] * beams + parent, [-1])
        states = _shaped(tf.nest.map_structure(lambda state: tf.gather(state, row), states_after), states)
        written, parents = written.write(number, tokens), parents.write(number, parent)
        return number + 1, tokens, states, written, parents, total, length, tf.equal(tokens, end)

    first = (
        tf.constant(0),
        tf.broadcast_to(tf.reshape(start, [-1, 1]), [rows, beams]),
        tf.nest.map_structure(lambda state: tf.repeat(state, beams, 0), states),
        tf.TensorArray("int32", 0, dynamic_size=True, element_shape=[None, beams]),
        tf.TensorArray("int32", 0, dynamic_size=True, element_shape=[None, beams]),
        tf.repeat(tf.constant([[0.0] + [-float("inf")] * (beams - 1)]), rows, 0),  # all begin alike: one counts
        tf.zeros([rows, beams], "int32"),
        tf.zeros([rows, beams], "bool"),
    )
    steps, _, _, written, parents, total, length, _ = tf.while_loop(_unfinished, body, first)
    scores = score(total, length, length_penalty)
    order = tf.argsort(scores, direction="DESCENDING", stable=True)

    def trace_back(number, beam, tokens):
        """From the last step to the first, along the parents of each beam."""
        tokens = tokens.write(number, tf.gather(written.read(number), beam, batch_dims=1))
        return number - 1, tf.gather(parents.read(number), beam, batch_dims=1), tokens

    tokens = tf.TensorArray("int32", steps, element_shape=[None, beams])
    *_, tokens = tf.while_loop(lambda number, *_: number >= 0, trace_back, (steps - 1, order, tokens))
    return _batch_major(tokens, rows, beams), tf.gather(scores, order, batch_dims=1)


def sample(
    step: Step,
    states: Any,
    limits: Any,
    *,
    start: tf.Tensor,
    end: int,
    positions: tf.Tensor,
    seen: tf.Tensor,
    temperature: tf.Tensor,
    top_k: tf.Tensor,
    top_p: tf.Tensor,
    repetition_penalty: tf.Tensor,
    seed: tf.Tensor,
) -> tuple[tf.Tensor, tf.Tensor, tuple[tf.Tensor, Any, tf.Tensor, tf.Tensor]]:
    """Tokens drawn from what the step function gives. A row depends on its own options alone; its seed repeats it.

    What may be drawn is narrowed in this order: by the penalty, the temperature, `top_k` and `top_p`.

    Args:
        step: step function, see the module.
        states: those before the first step, tensors (batch, ...).
        limits: int32 (batch,), the most tokens of each row.
        start: int32 (batch,), the token that the first step reads.
        end: token that ends a row; one of probability 0 never does.
        positions: int32 (batch,), number of tokens before: with the seed it fixes what is drawn, so that a row that
            goes on later draws what it would have drawn at once.
        seen: bool (batch, vocabulary), the tokens that the penalty is for; what is written is added.
        temperature: float32 (batch,), divides the log-probabilities; 0: the most probable token.
        top_k: int32 (batch,): only the so many most probable tokens (Fan et al. 2018, https://aclanthology.org/P18-1082);
            0: all.
        top_p: float32 (batch,): only the fewest tokens whose probabilities add up to this (Holtzman et al. 2020,
            https://arxiv.org/abs/1904.09751); 1: all.
        repetition_penalty: float32 (batch,), multiplies the log-probabilities of tokens that were seen (after Keskar et
            al. 2019, https://arxiv.org/abs/1909.05858, who divide logits); 1: none.
        seed: int32 (batch,).

    Returns:
        Tokens int32 (batch, steps), from the end of a row on `end`; log-probabilities float32 (batch,) of what was
        written; and what a further call goes on from: last tokens, states, positions, seen.

    Example:

    >>> step = lambda tokens, states: (tf.math.log(tf.one_hot(tokens + 1, 4)), states)  # counts
    >>> integers = {name: tf.constant([0]) for name in ("start", "positions", "top_k", "seed")}
    >>> floats = {name: tf.constant([1.0]) for name in ("temperature", "top_p", "repetition_penalty")}
    >>> seen = tf.zeros([1, 4], "bool")
    >>> sample(step, [], tf.constant([5]), end=3, seen=seen, **integers, **floats)[0]  # [[1, 2, 3]]
    """
    limits, rows = tf.cast(limits, "int32"), tf.shape(limits)[0]
    options = temperature, top_k, top_p, repetition_penalty

    def body(number, tokens, states, positions, seen, written, total, over):
        log_probs, states_after = step(tokens, states)
        drawn = _draw(_narrowed(log_probs, seen, *options), uniform(seed, positions), temperature)
        total += tf.where(over, 0.0, tf.gather(log_probs, drawn, batch_dims=1))
        written = written.write(number, tf.where(over, end, drawn))

        def unless_over(new, old):
            return tf.where(tf.reshape(over, [-1] + [1] * (len(old.shape) - 1)), old, new)

        states_after = tf.nest.map_structure(unless_over, states_after, states)
        seen_after = seen | (tf.one_hot(drawn, tf.shape(log_probs)[1], True, False) & ~over[:, None])
        before = tokens, states, positions, seen
        after = tf.where(over, tokens, drawn), states_after, positions + tf.cast(~over, "int32"), seen_after
        ended = over | tf.equal(drawn, end) | (number + 1 >= limits)
        return number + 1, *_shaped(after, before), written, total, ended

    first = (
        tf.constant(0),
        start,
        states,
        positions,
        seen,
        tf.TensorArray("int32", 0, dynamic_size=True, element_shape=[None]),
        tf.zeros([rows]),
        tf.less_equal(limits, 0),
    )
    _, tokens, states, positions, seen, written, total, _ = tf.while_loop(_unfinished, body, first)
    steps = tf.maximum(tf.reduce_max(limits), 0)  # at most; none where all limits are 0, though the loop makes one
    return _batch_major(written, rows)[:, :steps], total, (tokens, states, positions, seen)


def _narrowed(log_probs, seen, temperature, top_k, top_p, repetition_penalty):
    """Log-probabilities, not normalized, of the tokens that may be drawn; -inf for the others."""
    log_probs = tf.where(seen, log_probs * repetition_penalty[:, None], log_probs)
    log_probs /= tf.where(temperature > 0, temperature, 1.0)[:, None]

    def truncated():
        ranked, rank = tf.sort(log_probs, direction="DESCENDING"), tf.range(tf.shape(log_probs)[1])
        kept = (rank < top_k[:, None]) | (top_k[:, None] <= 0)
        before = tf.cumsum(tf.nn.softmax(tf.where(kept, ranked, -float("inf"))), 1, exclusive=True)
        kept &= (before < top_p[:, None]) | (top_p[:, None] >= 1) | tf.equal(rank, 0)
        last = tf.reduce_sum(tf.cast(kept, "int32"), 1) - 1
        lowest = tf.gather(ranked, last, batch_dims=1)[:, None]
        return tf.where(log_probs >= lowest, log_probs, -float("inf"))

    # Sorting takes longer than the step: where no row asks for it, none is sorted.
    return tf.cond(tf.reduce_any((top_k > 0) | (top_p < 1)), truncated, lambda: log_probs)


def _draw(log_probs, share, temperature):
    """Where `share` of the probability lies, of the tokens in their order; the most probable one at temperature 0."""
    cumulative = tf.cumsum(tf.nn.softmax(log_probs), 1)
    drawn = tf.reduce_sum(tf.cast(cumulative <= share[:, None] * cumulative[:, -1:], "int32"), 1)
    return tf.where(temperature > 0, drawn, tf.argmax(log_probs, -1, output_type="int32"))


def uniform(seed: tf.Tensor, position: tf.Tensor) -> tf.Tensor:
    """Random numbers float32 (rows,) of [0, 1) that hang on seed and position alone, integers (rows,) both.

    SplitMix64 (Steele et al. 2014, https://doi.org/10.1145/2660193.2660195). TensorFlow's stateless numbers take one
    seed for all rows.

    Example:

    >>> numbers = uniform(tf.constant([0, 0, 1]), tf.constant([5, 5, 5]))  # the first two are equal
    """

    def mixed(z):
        z = tf.bitwise.bitwise_xor(z, tf.bitwise.right_shift(z, tf.constant(30, "uint64")))
        z *= tf.constant(0xBF58476D1CE4E5B9, "uint64")
        z = tf.bitwise.bitwise_xor(z, tf.bitwise.right_shift(z, tf.constant(27, "uint64")))
        z *= tf.constant(0x94D049BB133111EB, "uint64")
        return tf.bitwise.bitwise_xor(z, tf.bitwise.right_shift(z, tf.constant(31, "uint64")))

    golden = tf.constant(0x9E3779B97F4A7C15, "uint64")
    z = mixed(mixed(tf.cast(seed, "uint64") * golden) + (tf.cast(position, "uint64") + 1) * golden)
    return tf.cast(tf.bitwise.right_shift(z, tf.constant(41, "uint64")), "float32") * 2.0**-23


def _unfinished(number, *rest):
    """Until all have ended; one step at least, since TensorFlow cannot stack the steps of none."""
    return tf.equal(number, 0) | ~tf.reduce_all(rest[-1])


def _shaped(after, before):
    """Tensors with the static shape that they had before the step, as TensorFlow's loops ask for."""
    return tf.nest.map_structure(lambda new, old: tf.ensure_shape(new, old.shape), after, before)


def _batch_major(written, *leading):
    """A TensorArray of steps as one tensor whose last axis they are."""
    steps = tf.reshape(written.stack(), [written.size(), *leading])
    return tf.transpose(steps, [*range(1, 1 + len(leading)), 0])
