"""Nats a character on tiny Shakespeare as nanoGPT measures them, whose best is 1.4697 with 10.65 million parameters.

    python -m recipes.nanogpt_evaluation runs/text_generation-character/pipeline.keras

nanoGPT (https://github.com/karpathy/nanoGPT) trains on the first 90 % of the text and measures on the last 10 %, which
are the validation and the test split of TensorFlow Datasets together, in windows of 256 characters that know nothing of
what came before. It draws windows at random; here are all of them, one after the other, so that nothing hangs on luck.
Beside it stands the same with the state carried over the whole text, which is worth some hundredths.
"""

import argparse
import json
import math

import numpy as np
import tensorflow as tf

import lstm_zoo
from lstm_zoo import networks
from lstm_zoo.layers import language_model
from lstm_zoo.tasks import text_generation
from lstm_zoo.tasks.text_generation.pipelines import generator_of

WINDOW = 256


def windows(network, ids):
    """Mean nats of all windows, each from a state of zeros, and the standard error of the mean."""
    count = (len(ids) - 1) // WINDOW
    places = np.arange(count)[:, None] * WINDOW + np.arange(WINDOW + 1)
    rows = tf.constant(ids[places])
    states = language_model.zero_states(network.get_layer("encoder"), count)
    steps, _ = language_model.step(network, rows[:, :-1], states)
    nll = tf.nn.sparse_softmax_cross_entropy_with_logits(rows[:, 1:], language_model.logits(network, steps))
    means = tf.reduce_mean(nll, 1).numpy()
    return float(means.mean()), float(means.std(ddof=1) / math.sqrt(count))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pipeline", help="path of a pipeline of text_generation/character, or the name of a row")
    pipeline = lstm_zoo.load(parser.parse_args().pipeline)
    network = networks.network_of(pipeline)
    last = "".join(text_generation.TASK.data(part, "tiny_shakespeare")[0] for part in ("validation", "test"))
    ids = generator_of(pipeline).tokens(tf.constant([last]))[0].numpy()
    mean, error = windows(network, ids)
    carried = text_generation.TASK.score(pipeline, [last])["nll"]
    scores = {"windows": mean, "standard_error": error, "carried": carried, "parameters": network.count_params()}
    print(json.dumps(scores, indent=2))


if __name__ == "__main__":
    main()
