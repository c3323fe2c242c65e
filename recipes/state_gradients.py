"""How the gradient of a loss fares on its way back through a recurrent network: `long_memory.py` tells it."""

import keras
import numpy as np
import tensorflow as tf

from recipes.memory_tasks import Task

ROWS = 16  # whose median is told


class Watched(keras.Layer):
    """A cell that adds to its states the zeros that it reads beside its inputs: their gradients are the states'."""

    def __init__(self, cell):
        super().__init__(dtype=cell.dtype)
        self.cell, self.state_size, self.output_size = cell, cell.state_size, cell.output_size

    def call(self, inputs, states):
        sizes = tf.nest.flatten(self.state_size)
        features, *zeros = tf.split(inputs, [inputs.shape[1] - sum(sizes), *sizes], 1)
        _, states = self.cell(features, states)
        states = [state + zero for state, zero in zip(tf.nest.flatten(states), zeros)]
        return states[0], states


def gradient_norms(task: Task, network: keras.Model, layer: keras.Layer, length: int) -> np.ndarray:
    """How the gradient fares on its way back through a sequence.

    Returns:
        float64 (steps,): the norm of the gradient of the loss with respect to what each step hands on - h, and c of an
        LSTM - as a multiple of that of the last one: the median of 16 rows.
    """
    inputs, targets = task.draw(np.random.default_rng(0), ROWS, length)
    cell = type(layer.cell).from_config({**layer.cell.get_config(), "dtype": "float64"})
    cell.build((None, task.features))
    cell.set_weights(layer.cell.get_weights())
    watched = keras.layers.RNN(Watched(cell), return_sequences=True, dtype="float64")
    kernel, bias = (weight.astype("float64") for weight in network.layers[-1].get_weights())

    @tf.function(autograph=False)
    def gradients(inputs, zeros):
        with tf.GradientTape() as tape:
            tape.watch(zeros)
            states = watched(tf.concat([inputs, zeros], 2))[:, -task.answers :]
            outputs = states @ kernel + bias
            loss = task.loss(targets, outputs[:, 0] if task.answers == 1 else outputs)
        return tape.gradient(loss, zeros)

    zeros = tf.zeros((*inputs.shape[:2], sum(tf.nest.flatten(cell.state_size))), "float64")
    norms = np.linalg.norm(gradients(tf.constant(inputs, "float64"), zeros), axis=2)
    return np.median(norms / norms[:, -1:], axis=0)
