"""`layers.LSTM` on one of its loops, and stock Keras, for benchmarks/layers.py."""

import jobs
import keras
import tensorflow as tf

from lstm_zoo import layers


def step(shape, bidirectional, training, lengths, by, mask=False, matmul_dtype=None, loop=None):
    """A function that runs a layer once: a forward pass, or that and the gradients of inputs and weights.

    `by` is "zoo" or "Keras", which has a mask for the lengths if `mask` says so; `loop` is what `path` tells, None for
    the one that the zoo chooses.
    """
    batch_size, steps, inputs, units = shape
    values = tf.random.stateless_normal((batch_size, steps, inputs), seed=(0, 0))
    if by == "zoo":
        network = stack(inputs, units, bidirectional, matmul_dtype, loop)
        row_lengths = tf.constant([steps] * batch_size if lengths is None else lengths, "int32")
    else:
        network = keras.layers.LSTM(units, return_sequences=True)
        network = keras.layers.Bidirectional(network) if bidirectional else network
        network.build(values.shape)
        valid = tf.sequence_mask(lengths, steps) if mask else None
    weights = [weight.value for weight in network.trainable_weights]

    def outputs(training):
        if by == "zoo":
            return network([values, row_lengths], training=training)
        return network(values, mask=valid, training=training)

    @tf.function(autograph=False)
    def infer():
        return outputs(False)

    @tf.function(autograph=False)
    def train():
        with tf.GradientTape() as tape:
            tape.watch(values)
            loss = tf.reduce_sum(outputs(True) ** 2)
        return tape.gradient(loss, [values, *weights])

    function = train if training else infer
    return lambda: tf.nest.flatten(function())[0].numpy()  # waits for a GPU too


def stack(inputs, units, bidirectional, matmul_dtype, loop):
    """The zoo's layer over rows with lengths."""
    sequence, length = keras.Input((None, inputs)), keras.Input((), dtype="int32")
    network = keras.Model(
        [sequence, length], layers.lstm_stack(sequence, length, units=units, bidirectional=bidirectional)[0]
    )
    for layer in network.layers:
        if isinstance(layer, layers.LSTM):
            layer.matmul_dtype = matmul_dtype
            if loop is not None:
                layer.path = lambda *_, **__: loop
    return network


if __name__ == "__main__":
    jobs.answer(step, tf.config.threading.set_intra_op_parallelism_threads)
