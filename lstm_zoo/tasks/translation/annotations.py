"""What `predict` adds to a translation when it is asked: its alternatives, and where the network looked."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from lstm_zoo import batching, networks
from lstm_zoo.caching import cached_in_model
from lstm_zoo.options import option
from lstm_zoo.tasks.translation.graphs import read_source
from lstm_zoo.tasks.translation.numbers import MARKS, numbers_of
from lstm_zoo.tasks.translation.pipelines import as_text, pairs_as_read, preprocessing_of
from lstm_zoo.tasks.translation.sentences import Sentence, joined, rows_of
from lstm_zoo.text.subwords import START, processor

BATCH_SIZE = 64  # sentences that are aligned together


@dataclasses.dataclass(frozen=True, kw_only=True)
class Options:
    """What `predict` takes beside the sentences."""

    alternatives: int = option(
        0,
        "Add to each answer `alternatives`: its best translations, this many, each with `text` and `score`, best "
        "first. At most the beams of the pipeline; 0: none.",
        minimum=0,
    )
    alignment: bool = option(
        False,
        "Add to each answer `alignment`: `source` and `target`, the subwords that were read and written, and "
        "`weights`, for each target subword how much it looked at each source subword. `translation.plot` draws it.",
    )
    beams: int | None = option(
        None,
        "Search with so many beams; 1: greedy, three times as fast. None: with those of the pipeline.",
        minimum=1,
    )


def annotate(
    answers: list[dict[str, Any]],
    items: Sequence[Sentence],
    outputs: Sequence[dict[str, Any]],
    pipeline: keras.Model,
    options: Options,
) -> None:
    """Add to the answers what the options ask for."""
    if options.alternatives:
        best = alternatives(outputs, options.alternatives)
        for answer, rows in zip(answers, rows_of(items)):
            gaps = [items[row].gap for row in rows]
            answer["alternatives"] = joined([best[row] for row in rows], gaps, options.alternatives)
    if options.alignment:
        translations = [as_text(output["text"]) for output in outputs]
        alignments = align(pipeline, [item.text for item in items], translations)
        for answer, rows in zip(answers, rows_of(items)):
            answer["alignment"] = side_by_side([alignments[row] for row in rows])


def alternatives(outputs: Sequence[dict[str, Any]], count: int) -> list[list[dict[str, Any]]]:
    """For each output its best `count` translations, as `[{"text": ..., "score": ...}, ...]`, best first.

    Raises:
        ValueError: fewer than 1, or more than the beams of the pipeline.

    Example:

    >>> alternatives([{"texts": [b"A dog runs.", b"A dog walks."], "scores": [-0.5, -1.5]}], 1)
    [[{'text': 'A dog runs.', 'score': -0.5}]]
    """
    if outputs and not 1 <= count <= (beams := len(outputs[0]["texts"])):
        raise ValueError(f"alternatives is at least 1 and at most {beams}, the pipeline's beams. Received: {count}")
    rows = [list(zip(output["texts"], output["scores"]))[:count] for output in outputs]
    # A score of -inf is that of a beam without a sequence.
    return [[{"text": as_text(text), "score": float(score)} for text, score in row if score > -np.inf] for row in rows]


def align(trained: keras.Model, texts: Sequence[str], translations: Sequence[str]) -> list[dict[str, Any]]:
    """Which subwords of each text the network looked at when it wrote each subword of the translation.

    Args:
        trained: a pipeline of translation.
        texts: sentences.
        translations: one a sentence.

    Returns:
        List of dicts: `source` and `target`, subwords as SentencePiece writes them ("\u2581" for a space), those
        that are marks as the numbers, the ends too, and `weights`, a list a target subword of one number a source
        subword, which add up to 1.

    Example:

    >>> align(lstm_zoo.load("translation"), ["Ein Hund rennt."], ["A dog runs."])
    [{'source': ['\u2581Ein', '\u2581Hund', ...], 'target': ['\u2581A', ...], 'weights': [[0.5..., ...], ...]}]
    """
    network, preprocessing = networks.network_of(trained), preprocessing_of(trained)
    subwords, pairs = preprocessing["subwords"], pairs_as_read(list(zip(texts, translations)), preprocessing)
    written_form, look = processor(subwords.model).id_to_piece, _looking(network)
    alignments = [None] * len(texts)
    for rows in batching.by_length([len(text) for text in texts], BATCH_SIZE):
        source, target = (subwords(tf.constant(side)) for side in zip(*(pairs[row] for row in rows)))
        before = tf.concat([tf.fill([len(rows), 1], START), target[:, :-1]], 1)
        weights = look(source, before)
        for row, *ids, row_weights in zip(rows, source.numpy(), target.numpy(), weights.numpy()):
            read, written = (written_form(side[: np.count_nonzero(side)].tolist()) for side in ids)
            number_of = dict(zip(MARKS, numbers_of(texts[row])))
            alignments[row] = {
                "source": [number_of.get(subword, subword) for subword in read],
                "target": [number_of.get(subword, subword) for subword in written],
                "weights": row_weights[: len(written), : len(read)].tolist(),
            }
    return alignments


@cached_in_model
def _looking(network):
    """Function from subwords int32 of sentences and of what is written before each step, (batch, steps) each, to the
    weights (batch, steps, steps of the sentences) of the attention."""
    subwords = tf.TensorSpec([None, None], "int32")

    @tf.function(input_signature=[subwords, subwords], autograph=False)
    def look(source, before):
        table, decoder, memory, lengths, states = read_source(network, source)
        _, weights, _ = decoder([table(before), memory, lengths, states], training=False)
        return weights

    return look


def side_by_side(alignments: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The alignment of a text from those of its sentences, none of which looks at another.

    Example:

    >>> first = {"source": ["a"], "target": ["x"], "weights": [[1.0]]}
    >>> side_by_side([first, {"source": ["b"], "target": ["y"], "weights": [[1.0]]}])
    {'source': ['a', 'b'], 'target': ['x', 'y'], 'weights': [[1.0, 0.0], [0.0, 1.0]]}
    """
    sizes = [len(alignment["source"]) for alignment in alignments]
    return {
        "source": [subword for alignment in alignments for subword in alignment["source"]],
        "target": [subword for alignment in alignments for subword in alignment["target"]],
        "weights": [
            [0.0] * sum(sizes[:place]) + row + [0.0] * sum(sizes[place + 1 :])
            for place, alignment in enumerate(alignments)
            for row in alignment["weights"]
        ],
    }
