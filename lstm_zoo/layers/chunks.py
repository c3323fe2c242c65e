"""The loop of an LSTM over few rows on a CPU, on TensorFlow: chunks of steps that XLA compiles, for `layers.LSTM`.

Where there are few rows, TensorFlow takes longer to start the operations of a step than to do them. Here a chunk of
steps is one compiled function, and TensorFlow's loop runs over chunks, so that XLA compiles once for each number of
units and of rows, whatever the number of steps. Rows are padded to a power of two, of which there are few.

The equations are those of `kernel.py`, and so are the answers.
"""

import functools
import threading

import tensorflow as tf

from lstm_zoo.layers import kernel as uncompiled

CHUNK = 32  # steps: many enough that starting a chunk takes no time beside them, few enough to pad short rows to
ROW = [[[0.0]]]  # the shortest there is


def lstm(
    inputs: tf.Tensor,
    kernel: tf.Tensor,
    recurrent: tf.Tensor,
    bias: tf.Tensor,
    hidden: tf.Tensor,
    cell: tf.Tensor,
    *,
    every_cell: bool = False,
    differentiable: bool = True,
) -> tuple[tf.Tensor, tf.Tensor]:
    """Run an LSTM over every step of every row.

    Args:
        inputs: (batch, steps, features), of any batch and steps, known or not, 0 included.
        kernel: (features, 4 * units), recurrent: (units, 4 * units), bias: (4 * units,).
        hidden, cell: (batch, units): the state before the first step. Their dtype is that of everything.
        every_cell: return the cell state after every step, not after the last one only.
        differentiable: have a gradient, which runs `kernel.lstm` forwards and back. In a graph that is saved its
            functions are a burden.

    Returns:
        The hidden states h (batch, steps, units), and the cell states c, of the same shape or (batch, units).

    Example:

    >>> layer = keras.layers.LSTM(4)
    >>> layer.build((None, None, 3))
    >>> weights, state = [weight.value for weight in layer.weights], tf.zeros([2, 4])
    >>> hiddens, cell = lstm(tf.ones([2, 5, 3]), *weights, state, state)
    >>> hiddens.shape, cell.shape  # (2, 5, 4), (2, 4)
    """
    run = _loop(inputs.shape[2], recurrent.shape[0], cell.dtype.name, every_cell, differentiable)
    hiddens, cells = run(inputs, kernel, recurrent, bias, hidden, cell)
    hiddens.set_shape((*inputs.shape[:2], None))
    cells.set_shape((*inputs.shape[: 1 + every_cell], None))
    return hiddens, cells


def compiles(units: int) -> tf.Tensor:
    """Whether XLA compiles here what `lstm` runs over one row of float32, as a boolean; if so, later calls need not.

    Example:

    >>> compiles(256)  # True
    """
    # By a data set, since it is the way of TensorFlow's graphs to go on after an error.
    ran = tf.data.Dataset.from_tensors(ROW).map(tf.autograph.experimental.do_not_convert(_over_a_row(units)))
    return ran.ignore_errors().reduce(False, lambda *_: True)


@functools.cache
def compile_in_background(units: int) -> None:
    """Have a thread compile, once a process, what `lstm` runs over one row: its first call need not wait for that.

    Example:

    >>> compile_in_background(256)
    """
    # In a graph, as later calls are: what runs outside of one has XLA compile for itself.
    threading.Thread(target=tf.function(_over_a_row(units), autograph=False), args=[tf.constant(ROW)]).start()


def _over_a_row(units):
    """A function of an input (1, 1, 1)."""

    def run(inputs):
        state = tf.zeros((1, units))
        weights = tf.zeros((1, 4 * units)), tf.zeros((units, 4 * units)), tf.zeros(4 * units)
        return lstm(inputs, *weights, state, state, differentiable=False)

    return run


@functools.cache
def _loop(features, units, dtype, every_cell, differentiable):
    """`lstm` of some sizes as one function, so that LSTMs that are alike are traced and optimized once."""
    state = tf.TensorSpec((None, units), dtype)
    weights = [tf.TensorSpec((*rows, 4 * units), dtype) for rows in ((features,), (units,), ())]
    signature = [tf.TensorSpec((None, None, features), dtype), *weights, state, state]

    @tf.custom_gradient
    def with_gradient(*tensors):
        def gradient(*d_outputs):
            options = {"shards": 1, "matmul_dtype": dtype, "every_cell": every_cell, "training": True}
            with tf.GradientTape() as tape:
                tape.watch(tensors)
                outputs = uncompiled.lstm(*tensors, **options)
            return tape.gradient(outputs, tensors, d_outputs)

        return _forward(*tensors, every_cell), gradient

    @tf.function(input_signature=signature, autograph=False)
    def loop(*tensors):
        return with_gradient(*tensors) if differentiable else _forward(*tensors, every_cell)

    return loop


def _forward(inputs, kernel, recurrent, bias, hidden, cell, every_cell):
    units, dtype = recurrent.shape[0], cell.dtype
    batch, steps = tf.unstack(tf.shape(inputs)[:2])
    rows = 2 ** tf.reduce_sum(tf.cast(2 ** tf.range(31) < batch, "int32"))  # the power of two that is batch, or next
    chunks = -(-tf.maximum(steps, 1) // CHUNK)
    run = _chunk(units, dtype.name, every_cell)

    def chunked(step, hidden, cell, hiddens, cells):
        some, some_cells, hidden, cell = run(z[step], recurrent, hidden, cell, tf.minimum(CHUNK, steps - step * CHUNK))
        return step + 1, hidden, cell, hiddens.write(step, some), cells.write(step, some_cells) if every_cell else ()

    def batch_major(states):
        states = tf.reshape(states.stack(), (chunks * CHUNK, rows, units))
        return tf.transpose(states[:steps, :batch], (1, 0, 2))

    # Where there is a GPU too: compiling for one needs what is not there on every machine.
    with tf.device("CPU"):
        z = tf.transpose(tf.tensordot(inputs, kernel, 1) + bias, (1, 0, 2))
        z = tf.pad(z, [[0, chunks * CHUNK - steps], [0, rows - batch], [0, 0]])
        z = tf.reshape(z, (chunks, CHUNK, rows, 4 * units))
        hidden, cell = (tf.pad(state, [[0, rows - batch], [0, 0]]) for state in (hidden, cell))
        steps_of = [tf.TensorArray(dtype, chunks, element_shape=(CHUNK, None, units)) for _ in range(1 + every_cell)]
        state = (0, hidden, cell, steps_of[0], steps_of[1] if every_cell else ())
        state = tf.while_loop(lambda step, *_: step < chunks, chunked, state, parallel_iterations=1)
        _, _, cell, hiddens, cells = state
        return batch_major(hiddens), batch_major(cells) if every_cell else cell[:batch]


@functools.cache
def _chunk(units, dtype, every_cell):
    """A function of z (CHUNK, rows, 4 * units), the recurrent weights, the state and the number of steps that count.

    It gives the hidden states (CHUNK, rows, units), the same of the cells or (), and the state after those steps.
    """
    state = tf.TensorSpec((None, units), dtype)
    signature = [tf.TensorSpec((CHUNK, None, 4 * units), dtype), tf.TensorSpec((units, 4 * units), dtype), state, state]

    @tf.function(input_signature=[*signature, tf.TensorSpec((), "int32")], jit_compile=True, autograph=False)
    def chunk(z, recurrent, hidden, cell, steps):
        def body(step, hidden, cell, hiddens, cells):
            i, f, g, o = tf.split(z[step] + tf.matmul(hidden, recurrent), 4, axis=1)
            cell = tf.sigmoid(f) * cell + tf.sigmoid(i) * tf.tanh(g)
            hidden = tf.sigmoid(o) * tf.tanh(cell)
            return step + 1, hidden, cell, hiddens.write(step, hidden), cells.write(step, cell) if every_cell else ()

        steps_of = [tf.TensorArray(dtype, CHUNK, element_shape=hidden.shape) for _ in range(1 + every_cell)]
        state = (0, hidden, cell, steps_of[0], steps_of[1] if every_cell else ())
        state = tf.while_loop(lambda step, *_: step < steps, body, state, maximum_iterations=CHUNK)
        _, hidden, cell, hiddens, cells = state
        return hiddens.stack(), cells.stack() if every_cell else (), hidden, cell

    return chunk
