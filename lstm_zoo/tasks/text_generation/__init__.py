"""Text generation: how does a text go on?

Data: tiny Shakespeare (Karpathy 2015, https://github.com/karpathy/char-rnn), `tiny_shakespeare` in TensorFlow Datasets:
1.1 million characters of plays in the public domain. The last tenth is validation and test, half each; the test half is
harder by 0.14 nats, so that figures of one are never those of the other.
Metric: nats a character, with the state carried over the whole text.
Network: stacked LSTMs over characters (Graves 2013, https://arxiv.org/abs/1308.0850). `text_generation/awd` writes
subwords.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from lstm_zoo.contract import Task
from lstm_zoo.tasks.text_generation import batches, context, metrics, networks, pipelines, sources
from lstm_zoo.tasks.text_generation.metrics import token_nll as token_nll
from lstm_zoo.tasks.text_generation.options import Options as Options
from lstm_zoo.tasks.text_generation.pipelines import with_beams as with_beams
from lstm_zoo.tasks.text_generation.sessions import GenerationSession as GenerationSession
from lstm_zoo.tasks.text_generation.sessions import endpoints as endpoints
from lstm_zoo.text.characters import FIRST, Characters
from lstm_zoo.text.inputs import prepare

BPTT = 128  # tokens that a gradient goes back, on average
MIN_BPTT = 4  # from which there are shorter and longer batches, see `batches`


def adapt(texts: Sequence[str], vocabulary: int = networks.VOCABULARY, bptt: int = BPTT) -> dict[str, Any]:
    """Preprocessing, adapted on training texts.

    Args:
        texts: list of str.
        vocabulary: the most ids; the most frequent characters get one.
        bptt: tokens that a gradient goes back, on average: the mean length of a batch.

    Returns:
        Dict: `tokens`, a Characters layer (text -> ids), and `bptt`.

    Raises:
        ValueError: a vocabulary or bptt that is too small.
    """
    if vocabulary <= FIRST or bptt < MIN_BPTT:
        raise ValueError(f"vocabulary is above {FIRST} and bptt from {MIN_BPTT}. Received: {vocabulary} and {bptt}")
    counts = {}
    for text in texts:
        for character in set(text) - {"\0"}:
            counts[character] = counts.get(character, 0) + text.count(character)
    frequent = sorted(counts, key=lambda character: (-counts[character], character))[: vocabulary - FIRST]
    return {"tokens": Characters("".join(sorted(frequent)), name="tokens"), "bptt": bptt}


def fine_tune(pipeline: keras.Model, _: Any, bptt: int = BPTT) -> tuple[keras.Model, dict[str, Any]]:
    """Network and preprocessing to go on from: the tokens stay.

    Raises:
        ValueError: a bptt that is too small.
    """
    if bptt < MIN_BPTT:
        raise ValueError(f"bptt is at least {MIN_BPTT}. Received: {bptt}")
    generator = pipelines.generator_of(pipeline)
    return generator.network, {"tokens": generator.tokens, "bptt": bptt}


TASK = Task(
    name="text_generation",
    summary="how a text goes on",
    example='"It was"',
    hub_task="text-generation",
    networks=networks.NETWORKS,
    datasets=sources.SHAKESPEARE | sources.IMDB,
    read=sources.read,
    split=sources.split,
    adapt=adapt,
    data_hyperparameters=batches.data_hyperparameters,
    fine_tune=fine_tune,
    batches=batches.batches,
    num_units=batches.num_units,
    monitor="val_loss",
    learning_rate=3e-3,
    batch_size=32,  # rows
    train_steps=7350,  # of tiny Shakespeare 30 passes
    patience=2,
    column="prompt",
    suffixes=(".txt",),
    chunk=256,
    prepare=prepare,
    encode=pipelines.encode,
    length=len,
    decode=pipelines.decode,
    describe=pipelines.describe,
    evaluate=metrics.evaluate,
    baselines=metrics.baselines,
    better=min,
    context=context.CHARACTERS,
)
