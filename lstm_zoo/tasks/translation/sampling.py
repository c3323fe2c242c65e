"""Other subwords for the same words: training cuts some in two, so that their parts are learnt too.

After Kudo 2018, https://aclanthology.org/P18-1007, who draws all subwords of a sentence anew, and Provilkov et al.
2020, https://aclanthology.org/2020.acl-main.170. Here each subword of the best ones is cut once at most, which takes a
table alone, in the graph, and is the same for the same seed.
"""

import numpy as np
import tensorflow as tf

from lstm_zoo.text.subwords import END, Subwords, processor

CUTS = 4  # of a subword: the most probable ones


class Sampler:
    """Cuts a share of the subwords that can be cut.

    Args:
        subwords: whose vocabulary both parts are in.
        share: of the subwords, from 0 to below 1.

    Raises:
        ValueError: another share.

    Example:

    >>> subwords = Subwords(train_subwords(["low lower lowest"] * 9, vocabulary=20))
    >>> Sampler(subwords, 0.5)(tf.ragged.constant([[12, 3]], "int32"), seed=[0, 0])  # [[4, 9, 3]]
    """

    def __init__(self, subwords: Subwords, share: float):
        self.share = check_share(share)
        known = processor(subwords.model)
        size = known.vocab_size()
        numbers = {known.id_to_piece(number): number for number in range(END + 1, size)}
        self.cuts, self.counts = np.zeros((size, CUTS, 2), "int32"), np.zeros(size, "int32")
        for piece, number in numbers.items():
            parts = [(piece[:place], piece[place:]) for place in range(1, len(piece))]
            cuts = [tuple(map(numbers.get, pair)) for pair in parts if numbers.keys() >= set(pair)]
            cuts.sort(key=lambda cut: sum(map(known.get_score, cut)), reverse=True)
            self.counts[number] = len(cuts[:CUTS])
            self.cuts[number, : len(cuts[:CUTS])] = cuts[:CUTS] or np.zeros((0, 2))

    def __call__(self, tokens: tf.RaggedTensor, seed: tf.Tensor) -> tf.RaggedTensor:
        """Tokens int32 (batch, any) of the same texts.

        Args:
            tokens: int32 (batch, any).
            seed: int32 (2,).
        """
        flat = tokens.flat_values
        counts = tf.gather(self.counts, flat)
        whether, which = tf.unstack(tf.random.stateless_uniform([2, tf.size(flat)], seed))
        which = tf.cast(which * tf.cast(counts, "float32"), "int32")
        is_cut = (whether < self.share) & (counts > 0)
        parts = tf.gather_nd(self.cuts, tf.stack([flat, which], 1))
        parts = tf.where(is_cut[:, None], parts, tf.stack([flat, tf.zeros_like(flat)], 1))
        parts = tf.RaggedTensor.from_row_splits(tf.reshape(parts, [-1]), 2 * tokens.row_splits)
        return tf.ragged.boolean_mask(parts, parts > 0)


def check_share(share: float) -> float:
    """A share of subwords.

    Raises:
        ValueError: one that is none from 0 to below 1.
    """
    if not 0 <= share < 1:
        raise ValueError(f"subword_sampling is a share, at least 0 and below 1. Received: {share!r}")
    return share
