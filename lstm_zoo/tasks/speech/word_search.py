"""Prefix beam search of CTC that is held to the words of a lexicon, in the graph, at once or part by part.

After Graves and Jaitly 2014, https://proceedings.mlr.press/v32/graves14, and Hannun et al. 2014,
https://arxiv.org/abs/1408.2873: what is followed are prefixes of texts, each at a node of the lexicon's trie. A space
is read only where a word ends, and leads back to the root.
"""

import tensorflow as tf

from lstm_zoo.tasks.speech.lexicon import Lexicon

MARGIN = 8.0  # of log-probability: a prefix so far behind the best one is given up
# As often, prefixes are given up that were not the best one's before the last time: a word is certain after a second.
SETTLED_STEPS = 12
NONE = -1e9  # log-probability of what is not there: finite, since a difference of infinities is no number
# Letters of an unknown word whose cost does not count for the margin: a word of the lexicon may begin as it does.
FREE_LETTERS = 8
UNFINISHED = 1e4  # by which a text within a word is behind any other at the end
# Multiplier of a linear congruential generator (L'Ecuyer 1999, https://doi.org/10.1090/S0025-5718-99-00996-5), by which
# 64 bits stand for the letters of a prefix.
MULTIPLIER = 2862933555777941757

State = dict[str, tf.Tensor]


class WordSearch:
    """A search for texts of words of a lexicon.

    Its state is a dict of tensors, of beams best first: `nodes` and `letters` int32 (batch, beams), the node and the
    last letter of each prefix; `prefixes` int64 (batch, beams), which stand for all of its letters; `blank` and
    `no_blank` float32 (batch, beams), log-probabilities of its paths that end with a blank, and of the others; `words`
    int32 (batch, beams, any), the numbers of its words, with 0 anywhere between them; `origins` int32 (batch, beams),
    its place when prefixes were given up the last time; `steps` int32 (batch,), how many were read; and `written` int32
    (batch,), how many words `certain` has given. With a language model also `histories` int32 (batch, beams), the state
    of that behind the words of each prefix.

    Args:
        lexicon: the words.
        beams: prefixes that are followed at once.

    Example:

    >>> search = WordSearch(Lexicon(" NO", {"NO": [], "ON": []}), beams=4)
    >>> log_probs = tf.math.log(tf.one_hot([[2, 3, 0]], 4) * 0.6 + 0.1)
    >>> search.best(search.read(log_probs, tf.constant([3]), search.first(1)))[0]  # [[2, 3]], which is NO
    """

    def __init__(self, lexicon: Lexicon, beams: int):
        self.lexicon, self.beams = lexicon, beams

    def first(self, rows: int | tf.Tensor) -> State:
        """The state before the first step, of so many recordings."""
        integers = tf.zeros([rows, self.beams], "int32")
        nothing = tf.fill([rows, self.beams], NONE)
        model = self.lexicon.language_model
        return {
            **({} if model is None else {"histories": integers + model.first}),
            "nodes": integers,
            "letters": integers,
            "prefixes": tf.cast(integers, "int64"),
            "blank": tf.concat([tf.zeros([rows, 1]), nothing[:, 1:]], 1),  # all begin alike: one counts
            "no_blank": nothing,
            "words": tf.zeros([rows, self.beams, 0], "int32"),
            "origins": integers,
            "steps": integers[:, 0],
            "written": integers[:, 0],
        }

    def read(self, log_probs: tf.Tensor, lengths: tf.Tensor, state: State) -> State:
        """The state behind further steps.

        Args:
            log_probs: float32 (batch, steps, characters), the blank first, which is certain behind a row's length.
            lengths: int32 (batch,), how many of the steps are a row's; there may be none.
            state: before them.
        """
        if self.lexicon.unknown is not None:
            log_probs = self._with_any_letter(log_probs)
        tables = [tf.constant(getattr(self.lexicon, name)) for name in ("transitions", "ends", "weights", "promises")]
        model = None if self.lexicon.language_model is None else self.lexicon.language_model.reader()
        shapes = {name: tf.TensorShape([None, self.beams]) for name in state}
        shapes |= {"words": tf.TensorShape([None, self.beams, None])}
        shapes |= dict.fromkeys(("steps", "written"), tf.TensorShape([None]))

        def body(step, state):
            return step + 1, {**state, **self._read_step(log_probs[:, step], step < lengths, state, model, *tables)}

        steps = tf.shape(log_probs)[1]
        shapes = (tf.TensorShape([]), shapes)
        return tf.while_loop(lambda step, _: step < steps, body, (tf.constant(0), state), shape_invariants=shapes)[1]

    def _with_any_letter(self, log_probs):
        """Log-probabilities with one more character, which is any letter, at the cost of one of an unknown word."""
        letters = [number for number in range(1, log_probs.shape[-1]) if number != self.lexicon.space]
        any_letter = tf.reduce_logsumexp(tf.gather(log_probs, letters, axis=-1), -1, keepdims=True)
        return tf.concat([log_probs, any_letter - self.lexicon.unknown], -1)

    def _read_step(self, log_probs, heard, state, model, transitions, ends, weights, promises):
        """What of the state changes with a step, float32 (batch, characters), which of some rows is none, bool
        (batch,)."""
        nodes, letters, prefixes = state["nodes"], state["letters"], state["prefixes"]
        characters, space = transitions.shape[1], self.lexicon.space
        total = _sum(state["blank"], state["no_blank"])

        # One letter more. The last one again, without a blank between, is the same letter still.
        last = tf.one_hot(letters, characters)
        before = tf.where(last > 0, state["blank"][..., None], total[..., None])
        targets = tf.gather(transitions, nodes)
        gains = tf.gather(weights, nodes)
        if model is not None:
            worth, histories = model(state["histories"], tf.gather(ends, nodes))
            gains += worth
        gains = gains[..., None] * tf.one_hot(space, characters)
        longer = tf.where(targets >= 0, before + log_probs[:, None] + gains, NONE)
        targets = tf.maximum(targets, 0)

        # The same letters. A prefix that another one becomes by a letter is one with it.
        blank = total + log_probs[:, :1]
        # Any letter behind any other, with a blank between or without, is one unknown word.
        again = tf.where(tf.equal(nodes, self.lexicon.filler), total, state["no_blank"])
        no_blank = again + tf.gather(log_probs, letters, batch_dims=1)
        met = tf.equal(_longer(prefixes[:, :, None], letters[:, None]), prefixes[:, None]) & (total > NONE / 2)[:, None]
        to_last = tf.gather(longer, tf.repeat(letters[:, None], self.beams, 1), batch_dims=2)
        no_blank = _sum(no_blank, tf.reduce_max(tf.where(met, to_last, NONE), 1))
        longer = tf.where(tf.matmul(tf.cast(met, "float32"), last) > 0, NONE, longer)

        # Of all of them the best ones, where character 0 is a prefix as it was.
        ranks = tf.concat([_sum(blank, no_blank)[..., None], longer[..., 1:]], 2) + tf.gather(promises, targets)
        ranks, best = tf.math.top_k(self._with_free_letters(_flat(ranks), _flat(targets)), self.beams)
        parent, letter = best // characters, best % characters

        def of_parent(values):
            return tf.gather(values, parent, batch_dims=1)

        origins, steps = of_parent(state["origins"]), state["steps"] + 1
        settles = (heard & tf.equal(steps % SETTLED_STEPS, 0))[:, None]
        kept = (ranks > ranks[:, :1] - MARGIN) & (tf.equal(origins, origins[:, :1]) | ~settles)
        stays = tf.equal(letter, 0)
        no_blank = tf.gather(_flat(tf.concat([no_blank[..., None], longer[..., 1:]], 2)), best, batch_dims=1)
        spoken = tf.where(tf.equal(letter, space), tf.gather(ends, of_parent(nodes)), 0)
        words = of_parent(state["words"])
        if model is not None:
            histories = tf.where(tf.equal(letter, space), of_parent(histories), of_parent(state["histories"]))
        return {
            **({} if model is None else {"histories": histories}),
            "nodes": tf.gather(_flat(targets), best, batch_dims=1),
            "letters": tf.where(stays, of_parent(letters), letter),
            "prefixes": tf.where(stays, of_parent(prefixes), _longer(of_parent(prefixes), letter)),
            "blank": tf.where(kept & stays, of_parent(blank), NONE),
            "no_blank": tf.where(kept, no_blank, NONE),
            "words": tf.cond(
                tf.reduce_any(spoken > 0), lambda: tf.concat([words, spoken[..., None]], 2), lambda: words
            ),
            "origins": tf.where(settles, tf.range(self.beams), origins),
            "steps": steps,
        }

    def _with_free_letters(self, ranks, targets):
        """Ranks by which prefixes within an unknown word are given up later than others, but never come first."""
        if self.lexicon.unknown is None:
            return ranks
        later = ranks + FREE_LETTERS * self.lexicon.unknown
        later = tf.minimum(later, tf.reduce_max(ranks, 1, keepdims=True) - MARGIN / 2)
        return tf.where(tf.equal(targets, self.lexicon.filler), tf.maximum(ranks, later), ranks)

    def certain(self, state: State) -> tuple[tf.Tensor, State]:
        """Characters int32 (batch, characters), padded with 0, of the words that all prefixes have in common, and the
        state without them."""
        words = state["words"]
        words = tf.ragged.boolean_mask(words, words > 0).to_tensor(shape=[None, self.beams, None])
        given_up = _sum(state["blank"], state["no_blank"]) < NONE / 2
        alike = tf.reduce_all(tf.equal(words, words[:, :1]) | given_up[..., None], 1) & (words[:, 0] > 0)
        alike = tf.math.cumprod(tf.cast(alike, "int32"), 1)
        written = state["written"] + tf.reduce_sum(alike, 1)
        characters = self._spelled(words[:, 0] * alike, state["written"])
        return characters, {**state, "words": words * (1 - alike)[:, None], "written": written}

    def best(self, state: State) -> tuple[tf.Tensor, tf.Tensor]:
        """Characters int32 (batch, characters), padded with 0, of the best text, but for what `certain` gave, and its
        log-probability float32 (batch,), with the weights of its hotwords and the language model. A word that is not
        finished is left out."""
        ends = tf.gather(self.lexicon.ends, state["nodes"])
        scores = _sum(state["blank"], state["no_blank"]) + tf.gather(self.lexicon.weights, state["nodes"])
        if self.lexicon.language_model is not None:
            model, histories = self.lexicon.language_model.reader(), state["histories"]
            worth, behind = model(histories, ends)
            of_end, _ = model(tf.where(ends > 0, behind, histories), tf.zeros_like(ends))
            scores += tf.where(ends > 0, worth, 0.0) + of_end
        unfinished = tf.equal(ends, 0) & (state["nodes"] > 0)
        best = tf.argmax(tf.where(unfinished, scores - UNFINISHED, scores), 1, output_type="int32")
        words = tf.gather(tf.concat([state["words"], ends[..., None]], 2), best, batch_dims=1)
        return self._spelled(words, state["written"]), tf.gather(scores, best, batch_dims=1)

    def _spelled(self, words, written):
        """Letters of words (batch, words), with spaces between them, and before the first where others were written."""
        numbers = written[:, None] + tf.cumsum(tf.cast(words > 0, "int32"), 1)
        spaces = tf.where((words > 0) & (numbers > 1), self.lexicon.space, 0)
        letters = _flat(tf.concat([spaces[..., None], tf.gather(self.lexicon.letters, words)], 2))
        return tf.ragged.boolean_mask(letters, letters > 0).to_tensor()


def _sum(a, b):
    """Logarithm of the sum of what two are the logarithms of."""
    return tf.maximum(a, b) + tf.math.softplus(-tf.abs(a - b))


def _longer(prefixes, letters):
    """What stands for prefixes with a letter more."""
    return prefixes * MULTIPLIER + tf.cast(letters, "int64") + 1


def _flat(values):
    """Of (batch, a, b) (batch, a * b)."""
    rows, *sizes = tf.unstack(tf.shape(values))
    return tf.reshape(values, [rows, sizes[0] * sizes[1]])
