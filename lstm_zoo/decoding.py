"""Writing a sequence token by token: greedy and beam search over one step function, batched, in the graph.

A step function takes the last tokens int32 (rows,) and the states, any structure of tensors (rows, ...), and gives the
log-probabilities float32 (rows, vocabulary) of the next token and the states after it. Every row has a limit of its
own, and so the same answer whatever it is batched with.
"""

import tensorflow as tf


def score(total, length, length_penalty):
    """What sequences are ranked by: log-probability / ((5 + length) / 6) ** length_penalty, the length with the end.

    Source: Wu et al. 2016, https://arxiv.org/abs/1609.08144. A penalty of 0 favours short sequences.
    """
    return total / ((5.0 + tf.cast(length, "float32")) / 6.0) ** length_penalty


def greedy(step, states, limits, *, start, end, length_penalty=1.0):
    """The most probable token, time and again.

    Args:
        step: step function, see the module.
        states: those before the first step.
        limits: int32 (batch,), the most tokens of each row before `end`. A row that reaches it is ended at no cost.
        start: token that the first step reads.
        end: token that ends a row.
        length_penalty: see `score`.

    Returns:
        Tokens int32 (batch, steps), `end` and behind it `end` again, and scores float32 (batch,).

    Example:

    >>> step = lambda tokens, states: (tf.math.log(tf.one_hot(tokens + 1, 4)), states)  # counts
    >>> greedy(step, [], tf.constant([5]), start=0, end=3)[0]  # [[1, 2, 3]]
    """
    limits = tf.cast(limits, "int32")

    def one(number, tokens, states, written, total, length, ended):
        chances, after = step(tokens, states)
        over = ended | (number >= limits)
        total += _shaped(tf.where(over, 0.0, tf.reduce_max(chances, -1)), total)
        length += tf.cast(~ended, "int32")
        tokens = _shaped(tf.where(over, end, tf.argmax(chances, -1, output_type="int32")), tokens)
        states = _shaped(after, states)
        return number + 1, tokens, states, written.write(number, tokens), total, length, tf.equal(tokens, end)

    rows = tf.shape(limits)[0]
    begin = (
        tf.constant(0),
        tf.fill([rows], start),
        states,
        tf.TensorArray("int32", 0, dynamic_size=True, element_shape=[None]),
        tf.zeros([rows]),
        tf.zeros([rows], "int32"),
        tf.zeros([rows], "bool"),
    )
    *_, written, total, length, _ = tf.while_loop(_go_on, one, begin)
    return _batch_major(written, rows), score(total, length, length_penalty)


def beam_search(step, states, limits, *, beams, start, end, length_penalty=1.0):
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

    def one(number, tokens, states, written, parents, total, length, ended):
        chances, after = step(tf.reshape(tokens, [-1]), states)
        vocabulary = tf.shape(chances)[-1]
        chances = tf.reshape(chances, [rows, beams, vocabulary])
        over = ended | (number >= limits)[:, None]
        only_end = tf.where(tf.equal(tf.range(vocabulary), end), 0.0, -float("inf"))
        totals = total[..., None] + tf.where(over[..., None], only_end, chances)
        length += tf.cast(~ended, "int32")
        ranks = score(totals, length[..., None], length_penalty)
        most_probable = tf.one_hot(tf.argmax(totals[:, 0], -1), vocabulary, on_value=True, off_value=False)
        first = tf.concat([tf.where(most_probable, float("inf"), ranks[:, 0])[:, None], ranks[:, 1:]], 1)
        place = _shaped(tf.math.top_k(tf.reshape(first, [rows, -1]), beams).indices, tokens)
        parent = place // vocabulary
        # An ended beam stays ended, even one of probability 0, which any token would continue as well.
        tokens = tf.where(tf.gather(over, parent, batch_dims=1), end, place % vocabulary)
        total = _shaped(tf.gather(tf.reshape(totals, [rows, -1]), place, batch_dims=1), total)
        length = _shaped(tf.gather(length, parent, batch_dims=1), length)
        row = tf.reshape(tf.range(rows)[:, None] * beams + parent, [-1])
        states = _shaped(tf.nest.map_structure(lambda state: tf.gather(state, row), after), states)
        written, parents = written.write(number, tokens), parents.write(number, parent)
        return number + 1, tokens, states, written, parents, total, length, tf.equal(tokens, end)

    begin = (
        tf.constant(0),
        tf.fill([rows, beams], start),
        tf.nest.map_structure(lambda state: tf.repeat(state, beams, 0), states),
        tf.TensorArray("int32", 0, dynamic_size=True, element_shape=[None, beams]),
        tf.TensorArray("int32", 0, dynamic_size=True, element_shape=[None, beams]),
        tf.repeat(tf.constant([[0.0] + [-float("inf")] * (beams - 1)]), rows, 0),  # all begin alike: one counts
        tf.zeros([rows, beams], "int32"),
        tf.zeros([rows, beams], "bool"),
    )
    loop = tf.while_loop(_go_on, one, begin)
    steps, _, _, written, parents, total, length, _ = loop
    scores = score(total, length, length_penalty)
    order = tf.argsort(scores, direction="DESCENDING", stable=True)

    def back(number, beam, found):
        """From the last step to the first, along the parents of each beam."""
        found = found.write(number, tf.gather(written.read(number), beam, batch_dims=1))
        return number - 1, tf.gather(parents.read(number), beam, batch_dims=1), found

    found = tf.TensorArray("int32", steps, element_shape=[None, beams])
    *_, found = tf.while_loop(lambda number, *_: number >= 0, back, (steps - 1, order, found))
    return _batch_major(found, rows, beams), tf.gather(scores, order, batch_dims=1)


def _go_on(number, *rest):
    """Until all have ended; one step at least, since TensorFlow cannot stack the steps of none."""
    return tf.equal(number, 0) | ~tf.reduce_all(rest[-1])


def _shaped(after, before):
    """Tensors with the static shape that they had before the step, as TensorFlow's loops ask for."""
    return tf.nest.map_structure(lambda new, old: tf.ensure_shape(new, old.shape), after, before)


def _batch_major(written, *leading):
    """A TensorArray of steps as one tensor whose last axis they are."""
    steps = tf.reshape(written.stack(), [written.size(), *leading])
    return tf.transpose(steps, [*range(1, 1 + len(leading)), 0])
