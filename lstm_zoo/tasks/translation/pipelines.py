"""From raw sentences to translations: the pipeline, and what `predict` makes of its answers."""

import functools

import keras
import numpy as np
import tensorflow as tf

from lstm_zoo import batching, decoding, networks
from lstm_zoo.layers import registered
from lstm_zoo.text.subwords import END, PADDING, START, UNKNOWN, processor

BEAMS, LENGTH_PENALTY = 4, 1.0
# A translation of n pieces has at most twice as many and ten, and never more than this.
LONGEST_ANSWER = 256


@registered
class Translator(keras.layers.Layer):
    """Pieces of the best translations, by greedy or beam search over a network.

    A sentence without pieces has an empty translation. A translation has at most `2 * pieces + 10` pieces, and at most
    256.

    Input: int32 (batch, steps), pieces and `END`, padded with 0. Output: dict of `pieces` int32 (batch, beams, steps),
    best first, and `scores` float32 (batch, beams), see `decoding.beam_search`.

    Args:
        network: what `attention` or `gnmt` returned.
        beams: sequences that are followed at once; 1: greedy search.
        length_penalty: see `decoding.beam_search`.

    Raises:
        ValueError: beams below 1.
    """

    def __init__(self, network, beams=BEAMS, length_penalty=LENGTH_PENALTY, **kwargs):
        super().__init__(**{"name": network.name, **kwargs})
        if beams < 1:
            raise ValueError(f"beams is at least 1. Received: {beams}")
        self.network, self.beams, self.length_penalty = network, beams, length_penalty

    def call(self, source):
        table, decoder, memory, lengths, states = _read(self.network, source)
        wanted = tf.range(table.input_dim)
        never = tf.where((wanted == PADDING) | (wanted == UNKNOWN) | (wanted == START), -float("inf"), 0.0)

        def step(memory, lengths, pieces, states):
            vectors = table(pieces[:, None])
            answered, _, states = decoder([vectors, memory, lengths, states], training=False)
            logits = tf.cast(table(answered, reverse=True)[:, 0], "float32")
            return tf.nn.log_softmax(logits) + never, states

        limits = tf.minimum(2 * (lengths - 1) + 10, LONGEST_ANSWER)
        limits = tf.where(lengths > 1, limits, 0)
        options = {"start": START, "end": END, "length_penalty": self.length_penalty}
        if self.beams == 1:
            write = functools.partial(step, memory, lengths)
            pieces, scores = decoding.greedy(write, states, limits, **options)
            return {"pieces": pieces[:, None], "scores": scores[:, None]}
        write = functools.partial(step, tf.repeat(memory, self.beams, 0), tf.repeat(lengths, self.beams, 0))
        pieces, scores = decoding.beam_search(write, states, limits, beams=self.beams, **options)
        return {"pieces": pieces, "scores": scores}

    def around(self, network):
        """The same for another network."""
        return type(self)(network, self.beams, self.length_penalty)

    def compute_output_spec(self, source):
        shape = (source.shape[0], self.beams)
        return {"pieces": keras.KerasTensor((*shape, None), "int32"), "scores": keras.KerasTensor(shape, "float32")}

    def get_config(self):
        network = keras.saving.serialize_keras_object(self.network)
        options = {"beams": self.beams, "length_penalty": self.length_penalty}
        return {**super().get_config(), "network": network, **options}

    @classmethod
    def from_config(cls, config):
        return cls(**{**config, "network": keras.saving.deserialize_keras_object(config["network"])})


def pipeline(network, preprocessing, beams=BEAMS, length_penalty=LENGTH_PENALTY):
    """One model from raw sentences to translations.

    Returns:
        keras.Model: strings (batch,) -> dict of `text` string (batch,), the best translation, `score` float32 (batch,),
        its log-probability over a function of its length, see `decoding.score`, and `texts` and `scores` (batch,
        beams), the best translations that the search found, best first.
    """
    subwords = preprocessing["subwords"]
    text = keras.Input((), dtype="string", name="text")
    found = Translator(network, beams, length_penalty)(subwords(text))
    texts, scores = subwords(found["pieces"], reverse=True), found["scores"]
    answer = {"text": texts[:, 0], "score": scores[:, 0], "texts": texts, "scores": scores}
    return keras.Model(text, answer, name=f"translation-{network.name}")


def with_search(trained, beams=BEAMS, length_penalty=LENGTH_PENALTY):
    """The same pipeline with another search: `beams=1` is greedy and three times as fast.

    Example:

    >>> lstm_zoo.predict(with_search(lstm_zoo.load("translation"), beams=1), ["Ein Hund rennt."])
    """
    return pipeline(networks.network_of(trained), {"subwords": trained.get_layer("subwords")}, beams, length_penalty)


def fine_tune(trained, _):
    """Network and preprocessing to go on from: the subwords stay."""
    return networks.network_of(trained), {"subwords": trained.get_layer("subwords")}


def encode(_, texts):
    """What a pipeline takes, of checked texts."""
    return tf.constant(texts, "string")


size = len  # of a text: what batches are sorted by


def answers(outputs, *_):
    """Plain Python answers from pipeline outputs: `[{"text": "A dog runs.", "score": -1.5}, ...]`."""
    return [{"text": row["text"].decode("utf-8", "replace"), "score": float(row["score"])} for row in outputs]


def alternatives(outputs, count):
    """For each output its best `count` translations, as `[{"text": ..., "score": ...}, ...]`, best first.

    Raises:
        ValueError: fewer than 1, or more than the beams of the pipeline.
    """
    if outputs and not 1 <= count <= len(outputs[0]["texts"]):
        most = len(outputs[0]["texts"])
        raise ValueError(f"alternatives is at least 1 and at most {most}, the pipeline's beams. Received: {count}")
    rows = [list(zip(output["texts"], output["scores"]))[:count] for output in outputs]
    return [
        [{"text": text.decode("utf-8", "replace"), "score": float(score)} for text, score in row if score > -np.inf]
        for row in rows
    ]


def align(trained, texts, translations):
    """Which pieces of each text the network looked at when it wrote each piece of the translation.

    Returns:
        List of dicts: `source` and `target`, pieces as SentencePiece writes them ("\u2581" for a space), and `weights`,
        a list a target piece of one number a source piece, which add up to 1.
    """
    network, subwords = networks.network_of(trained), trained.get_layer("subwords")
    name = processor(subwords.model).id_to_piece
    aligned = [None] * len(texts)
    for rows in batching.by_length([len(text) for text in texts], 64):
        source, target = (subwords(tf.gather(side, rows)) for side in (texts, translations))
        before = tf.concat([tf.fill([len(rows), 1], START), target[:, :-1]], 1)
        table, decoder, memory, lengths, states = _read(network, source)
        _, weights, _ = decoder([table(before), memory, lengths, states], training=False)
        for row, read, written, looked in zip(rows, source.numpy(), target.numpy(), weights.numpy()):
            read, written = (pieces[: np.count_nonzero(pieces)].tolist() for pieces in (read, written))
            looked = looked[: len(written), : len(read)].tolist()
            aligned[row] = {"source": name(read), "target": name(written), "weights": looked}
    return aligned


def _read(network, source):
    """Table and decoder of a network, and what the decoder gets of source pieces: memory, lengths, first states."""
    table, encoder, decoder = (network.get_layer(name) for name in ("embedding", "encoder", "decoder"))
    lengths = network.get_layer("lengths")(source)
    memory, *states = encoder([table(source), lengths], training=False)
    return table, decoder, memory, lengths, states
