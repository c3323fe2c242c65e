"""The loop of an LSTM on a CPU, on TensorFlow: what `layers.LSTM` runs there in the place of stock Keras' loop.

With z = [K; R]' [x; h] + b, the gates in Keras' order and the state are (Gers et al. 2000,
https://doi.org/10.1162/089976600300015015):

    i, f, g, o = sigmoid(z_i), sigmoid(z_f), tanh(z_g), sigmoid(z_o)
    c = f * c + i * g
    h = o * tanh(c)

The answers are those of `keras.layers.LSTM`. What makes the loop faster:

- Shards: the product of one step is too small for several cores to share, so the rows of a batch are split into as
  many loops as there are cores, which TensorFlow runs side by side.
- Feature-major: a step is (features, rows), so that the gates are slices of neighbouring memory.
- One product a step, of all gates with [x; h], and one tanh for all gates: sigmoid(z) = (1 + tanh(z / 2)) / 2, and the
  halves of z are in the weights before the loop starts.
- A gradient by hand: the loop backwards finds the gradients of z alone; those of the weights and of x are one large
  product each after it, over all steps.
"""

import tensorflow as tf

MIN_SHARD_ROWS = 16  # below, reading the weights takes longer than multiplying with them


def lstm(
    inputs: tf.Tensor,
    kernel: tf.Tensor,
    recurrent: tf.Tensor,
    bias: tf.Tensor,
    hidden: tf.Tensor,
    cell: tf.Tensor,
    *,
    shards: int,
    matmul_dtype: str,
    every_cell: bool = False,
    training: bool = False,
) -> tuple[tf.Tensor, tf.Tensor]:
    """Run an LSTM over every step of every row.

    Args:
        inputs: (batch, steps, features), of any batch and steps, known or not, 0 included.
        kernel: (features, 4 * units), recurrent: (units, 4 * units), bias: (4 * units,).
        hidden, cell: (batch, units): the state before the first step. Their dtype is that of the gates and answers.
        shards: the most loops that run side by side.
        matmul_dtype: dtype of the factors of the matrix products, such as "bfloat16".
        every_cell: return the cell state after every step, not after the last one only.
        training: use the gradient by hand. It takes the memory of all gates at all steps.

    Returns:
        The hidden states h (batch, steps, units), and the cell states c, of the same shape or (batch, units).

    Example:

    >>> layer = keras.layers.LSTM(4)
    >>> layer.build((None, None, 3))
    >>> weights, state = [weight.value for weight in layer.weights], tf.zeros([2, 4])
    >>> hiddens, cell = lstm(tf.ones([2, 5, 3]), *weights, state, state, shards=1, matmul_dtype="float32")
    >>> hiddens.shape, cell.shape  # (2, 5, 4), (2, 4)
    """
    # All weights (4 * units, features + units) and biases, for halves of z_i, z_f and z_o.
    half = tf.repeat(tf.constant([0.5, 0.5, 1.0, 0.5], cell.dtype), recurrent.shape[0])
    weights = tf.transpose(tf.concat([kernel, recurrent], 0) * half)
    shift = (bias * half)[:, None]
    run = _differentiable(matmul_dtype, every_cell) if training else _plain(matmul_dtype, every_cell)

    if inputs.shape[0] is not None:
        shards = max(1, min(shards, inputs.shape[0] // MIN_SHARD_ROWS))
    if shards == 1:
        return run(inputs, weights, shift, hidden, cell)
    batch = tf.shape(inputs)[0]
    rows = tf.maximum(-(-batch // shards), MIN_SHARD_ROWS)
    # Split, not sliced: the gradient of a slice is a batch of zeros around it, and these are added up.
    sizes = tf.clip_by_value(batch - rows * tf.range(shards), 0, rows)
    parts = zip(*(tf.split(side, sizes, num=shards) for side in (inputs, hidden, cell)))
    hiddens, cells = zip(*(run(part, weights, shift, *state) for part, *state in parts))
    return tf.concat(hiddens, 0), tf.concat(cells, 0)


def _plain(matmul_dtype, every_cell):
    """The loop whose gradient, if somebody asks for it, TensorFlow derives."""

    def run(inputs, weights, shift, hidden, cell):
        hiddens, cells, _ = _forward(inputs, weights, shift, hidden, cell, matmul_dtype, every_cell, keep_gates=False)
        return _batch_major(hiddens), _batch_major(cells) if every_cell else tf.transpose(cells)

    return run


def _differentiable(matmul_dtype, every_cell):
    """The loop with its gradient."""

    @tf.custom_gradient
    def run(inputs, weights, shift, hidden, cell):
        hiddens, cells, gates = _forward(inputs, weights, shift, hidden, cell, matmul_dtype, True, keep_gates=True)
        after = _batch_major(cells) if every_cell else tf.transpose(cells[-1])

        def gradient(d_hiddens, d_after):
            return _backward(inputs, weights, hiddens, cells, gates, d_hiddens, d_after, matmul_dtype, every_cell)

        return (_batch_major(hiddens), after), gradient

    return run


def _batch_major(states):
    """(batch, steps, units) from (1 + steps, units, batch), which has the state before the first step as well."""
    return tf.transpose(states[1:], (2, 0, 1))


def _time_major(sequence, dtype):
    """TensorArray of steps (features, batch) from (batch, steps, features)."""
    sequence = tf.cast(tf.transpose(sequence, (1, 2, 0)), dtype)
    return tf.TensorArray(dtype, tf.shape(sequence)[0], element_shape=sequence.shape[1:]).unstack(sequence)


def _steps(number, dtype, size, batch):
    """Empty TensorArray of `number` steps (size, batch)."""
    return tf.TensorArray(dtype, number, element_shape=(size, batch), clear_after_read=False)


def _forward(inputs, weights, shift, hidden, cell, matmul_dtype, every_cell, keep_gates):
    """Hidden and cell states (1 + steps, units, batch), or the last cell alone, and the TensorArray of tanh(z)."""
    batch, units, dtype = inputs.shape[0], hidden.shape[1], cell.dtype
    steps = tf.shape(inputs)[1]
    sequence, weights = _time_major(inputs, matmul_dtype), tf.cast(weights, matmul_dtype)
    hidden, cell = tf.transpose(hidden), tf.transpose(cell)
    hiddens = _steps(steps + 1, dtype, units, batch).write(0, hidden)
    cells = _steps(steps + 1, dtype, units, batch).write(0, cell) if every_cell else ()
    gates = _steps(steps, dtype, 4 * units, batch) if keep_gates else ()

    def body(step, hidden, cell, hiddens, cells, gates):
        z = tf.matmul(weights, tf.concat([sequence.read(step), tf.cast(hidden, matmul_dtype)], 0))
        gate = tf.tanh(tf.cast(z, dtype) + shift)
        i, f, g, o = tf.split(gate, 4)
        cell = 0.5 * ((1 + f) * cell + (1 + i) * g)
        hidden = 0.5 * (1 + o) * tf.tanh(cell)
        hiddens = hiddens.write(step + 1, hidden)
        cells = cells.write(step + 1, cell) if every_cell else cells
        gates = gates.write(step, gate) if keep_gates else gates
        return step + 1, hidden, cell, hiddens, cells, gates

    state = (0, hidden, cell, hiddens, cells, gates)
    state = tf.while_loop(lambda step, *_: step < steps, body, state, parallel_iterations=1)
    _, _, cell, hiddens, cells, gates = state
    return hiddens.stack(), cells.stack() if every_cell else cell, gates


def _backward(inputs, weights, hiddens, cells, gates, d_hiddens, d_after, matmul_dtype, every_cell):
    """Gradients of inputs, weights, shift, hidden and cell from those of the hidden states and the cells after."""
    batch, units, features, dtype = inputs.shape[0], hiddens.shape[1], inputs.shape[2], cells.dtype
    steps = tf.shape(inputs)[1]
    of_inputs, of_hidden = tf.split(tf.cast(tf.transpose(weights), matmul_dtype), [features, units])
    d_sequence = _time_major(d_hiddens, dtype)
    d_cells = _time_major(d_after, dtype) if every_cell else None
    states = tf.TensorArray(dtype, steps + 1, clear_after_read=False).unstack(cells)
    none = tf.zeros_like(cells[0])
    # One step more than there are, of zeros: an empty TensorArray could not be stacked.
    d_zs = _steps(steps + 1, matmul_dtype, 4 * units, batch).write(steps, tf.cast(tf.repeat(none, 4, 0), matmul_dtype))

    def body(step, d_hidden, d_cell, d_zs):
        gate, cell, tanh = gates.read(step), states.read(step), tf.tanh(states.read(step + 1))
        i, f, g, o = tf.split(gate, 4)
        d_hidden = d_hidden + d_sequence.read(step)
        d_cell = d_cell + d_cells.read(step) if every_cell else d_cell
        d_cell = d_cell + 0.5 * d_hidden * (1 + o) * (1 - tanh * tanh)
        d_gate = tf.concat([d_cell * g, d_cell * cell, d_cell * (1 + i), d_hidden * tanh], 0)
        d_z = tf.cast(0.5 * d_gate * (1 - gate * gate), matmul_dtype)
        d_hidden = tf.cast(tf.matmul(of_hidden, d_z), dtype)
        return step - 1, d_hidden, 0.5 * d_cell * (1 + f), d_zs.write(step, d_z)

    state = (steps - 1, none, none if every_cell else tf.transpose(d_after), d_zs)
    _, d_hidden, d_cell, d_zs = tf.while_loop(lambda step, *_: step >= 0, body, state, parallel_iterations=1)

    def flat(sequence):  # (steps, size, batch) -> (size, steps * batch)
        return tf.reshape(tf.transpose(tf.cast(sequence, matmul_dtype), (1, 0, 2)), (sequence.shape[1], -1))

    d_z = flat(d_zs.stack()[:-1])
    below = tf.reshape(tf.transpose(tf.cast(inputs, matmul_dtype), (2, 1, 0)), (features, -1))
    d_weights = [tf.matmul(d_z, factor, transpose_b=True) for factor in (below, flat(hiddens[:-1]))]
    d_inputs = tf.reshape(tf.matmul(of_inputs, d_z), (features, steps, tf.shape(inputs)[0]))
    return (
        tf.cast(tf.transpose(d_inputs, (2, 1, 0)), dtype),
        tf.cast(tf.concat(d_weights, 1), dtype),
        tf.reduce_sum(tf.cast(d_z, dtype), 1, keepdims=True),
        tf.transpose(d_hidden),
        tf.transpose(d_cell),
    )
