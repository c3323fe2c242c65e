"""The LSTM of every network: Keras' own layer, on the fastest loop that the machine has for it."""

import functools
import os
from typing import Any

import keras
from keras import ops

from lstm_zoo.layers.chrono import ChronoInitializer
from lstm_zoo.layers.masking import valid_steps
from lstm_zoo.layers.recording import Call, record
from lstm_zoo.layers.serialization import registered
from lstm_zoo.processes import num_cores

# Where the zoo's loops are faster on a CPU than that of Keras, measured by benchmarks/layers.py on shapes around these:
# sequences of at least so many steps; for the kernel, LSTMs of at least so many units and, in inference, where Keras
# works ahead on the inputs of later steps, at least so many rows times units; the chunks for fewer units, in inference
# on at most so many rows.
MIN_STEPS, MIN_UNITS, MIN_INFERENCE_SIZE, MIN_CHUNK_UNITS, MAX_CHUNK_ROWS = 8, 128, 4096, 64, 4
OURS = {"kernel", "chunks"}


@registered
class LSTM(keras.layers.LSTM):
    """`keras.layers.LSTM` - same weights, arguments and answers - faster on a CPU, and with dropped recurrent weights.

    Which loop runs is told by `path`; the environment variable `LSTM_ZOO_KERNEL=0` turns the zoo's own off.

    Args:
        weight_dropout: DropConnect: the share of the recurrent weights that is 0 during a training batch, one draw
            a batch and not a step, so that the fused kernel stays usable (unlike with `recurrent_dropout`).
            Source: AWD-LSTM, Merity et al. 2017, https://arxiv.org/abs/1708.02182.
        matmul_dtype: dtype of the factors of the matrix products in the kernel; gates and state stay float32.
            None: bfloat16 under the policies that compute in it, else float32. "bfloat16" is faster on CPUs with
            units for it (Intel AMX, AVX512-BF16) and gives about 3 significant digits.
        directions: 2 for an LSTM beside which another one reads the same rows the other way round: each then runs on
            half of the cores. For the kernel.
        Everything else: see `keras.layers.LSTM`. For sequences of hundreds of steps there is a `bias_initializer`,
            `ChronoInitializer`.

    Raises:
        ValueError: a `weight_dropout`, `matmul_dtype` or `directions` that is none of these.

    Example:

    >>> LSTM(8, return_sequences=True)(keras.ops.zeros((2, 5, 3))).shape  # (2, 5, 8)
    """

    def __init__(
        self,
        units: int,
        *args: Any,
        weight_dropout: float = 0.0,
        matmul_dtype: str | None = None,
        directions: int = 1,
        **kwargs: Any,
    ):
        super().__init__(units, *args, **kwargs)
        if not 0 <= weight_dropout < 1:
            raise ValueError(f"weight_dropout is at least 0 and below 1. Received: {weight_dropout}")
        if matmul_dtype not in (None, "float32", "bfloat16"):
            raise ValueError(f'matmul_dtype is None, "float32" or "bfloat16". Received: {matmul_dtype!r}')
        if directions not in (1, 2):
            raise ValueError(f"directions is 1 or 2. Received: {directions!r}")
        self.weight_dropout = weight_dropout
        self.matmul_dtype = matmul_dtype
        self.directions = directions
        if isinstance(self.cell.bias_initializer, ChronoInitializer):
            self.cell.unit_forget_bias = False  # with which Keras asks for the biases of each gate alone
        if weight_dropout:
            self.weight_seed = keras.random.SeedGenerator(self.cell.seed)

    @property
    def is_standard(self) -> bool:
        """Whether its options are those that other loops than Keras' own know: the gates of cuDNN, without dropout."""
        gates = self.activation is keras.activations.tanh and self.recurrent_activation is keras.activations.sigmoid
        return gates and self.use_bias and not self.recurrent_dropout and not self.unroll

    def path(self, batch_size: int | None = None, steps: int | None = None, training: bool = True) -> str:
        """The loop that runs for `batch_size` rows of `steps` steps.

        Args:
            batch_size, steps: None if they are not known before the graph runs. In inference the answer for an unknown
                batch is that for a large one; the chunks are chosen when one of few rows comes.
            training: in training or in inference.

        Returns:
            "cudnn"; "kernel", the zoo's own for CPUs; "chunks", that for a few rows in inference, which XLA compiles
            when it first runs on 1, 2 or 4 rows; or "keras", the loop of Keras, which takes every option on every
            backend.

        Example:

        >>> LSTM(256).path(batch_size=64, steps=50)  # on a CPU
        'kernel'
        >>> LSTM(256).path(batch_size=1, steps=50, training=False)
        'chunks'
        """
        if keras.backend.backend() != "tensorflow" or not self.is_standard:
            return "keras"
        import tensorflow as tf

        if tf.config.list_physical_devices("GPU"):
            return "cudnn" if self.use_cudnn else "keras"
        if os.environ.get("LSTM_ZOO_KERNEL") == "0" or (steps is not None and steps < MIN_STEPS):
            return "keras"
        if not training and batch_size is not None and self._are_few(batch_size):
            return "chunks" if self.units >= MIN_CHUNK_UNITS and tf.test.is_built_with_xla() else "keras"
        large = training or batch_size is None or batch_size * self.units >= MIN_INFERENCE_SIZE
        return "kernel" if large and self.units >= MIN_UNITS else "keras"

    def call(self, sequences, initial_state=None, mask=None, training=False):
        run = self._call_with_dropped_weights if training and self.weight_dropout else super().call
        outputs = run(sequences, initial_state=initial_state, mask=mask, training=training)
        record(Call(self, sequences, initial_state, outputs))
        return outputs

    def _call_with_dropped_weights(self, sequences, initial_state, mask, training):
        recurrent = self.cell.recurrent_kernel
        dropped = keras.random.dropout(recurrent.value, self.weight_dropout, seed=self.weight_seed)
        # In the scope a variable stands for the value mapped to it. Every variable is mapped, so that a scope around
        # this one (JAX training) is seen through; what the call assigned (seeds, states) is assigned for good after it.
        others = [variable for variable in [*self.variables, *(self.states or ())] if variable is not recurrent]
        values = [(variable, variable.value) for variable in others]
        with keras.StatelessScope(state_mapping=[*values, (recurrent, dropped)]) as scope:
            output = super().call(sequences, initial_state=initial_state, mask=mask, training=training)
        for variable in others:
            if not variable.trainable:
                variable.assign(scope.get_current_value(variable))
        return output

    def _are_few(self, rows):
        """Whether the chunks are for batches of so many rows; a number, or a tensor of one."""
        return rows <= MAX_CHUNK_ROWS

    def inner_loop(self, sequences, initial_state, mask, training=False):
        keras_loop = super().inner_loop
        batch_size, steps = sequences.shape[:2]
        path = self.path(batch_size, steps, training)
        path_of_few = self.path(1, steps, training) if batch_size is None else path
        if not {path, path_of_few} & OURS:
            if steps == 1 and mask is None:  # as decoders go: the loop around the step would take longer than it
                output, states = self.cell(sequences[:, 0], initial_state, training=training)
                return output, output[:, None], states
            return keras_loop(sequences, initial_state, mask, training=training)
        import tensorflow as tf

        self.supports_jit = False  # XLA makes TensorFlow's loops slower, as Keras says of cuDNN in the same place
        mask = mask[0] if isinstance(mask, (list, tuple)) else mask
        lengths = None if mask is None else ops.sum(ops.cast(mask, "int32"), axis=1)

        def run_keras():
            last, outputs, states = keras_loop(sequences, initial_state, mask, training=training)
            return last, outputs, tuple(states)

        loops = {name: functools.partial(self._run, name, sequences, initial_state, lengths, training) for name in OURS}
        loops["keras"] = run_keras
        run = loops[path]
        if path != path_of_few:
            run = functools.partial(tf.cond, self._are_few(tf.shape(sequences)[0]), loops[path_of_few], run)
        if mask is not None:  # ours know lengths alone: holes, or padding in front, are Keras' to read
            right_padded = tf.reduce_all(tf.equal(mask, valid_steps(lengths, tf.shape(mask)[1])))
            run = functools.partial(tf.cond, right_padded, run, run_keras)
        return run()

    def _loop(self, path, dtype, training):
        """The function that runs a path on numbers of a type."""
        from lstm_zoo.layers import chunks, kernel

        if path == "chunks":
            return chunks.lstm
        default = "bfloat16" if self.compute_dtype == "bfloat16" else dtype
        options = {"shards": max(1, num_cores() // self.directions), "matmul_dtype": self.matmul_dtype or default}
        return functools.partial(kernel.lstm, **options, training=training)

    def _run(self, path, sequences, initial_state, lengths, training):
        """Last output, all outputs and states, as Keras' loop gives them where a mask ends each row at its length."""
        import tensorflow as tf

        if training and self.dropout:
            sequences *= self.cell.get_dropout_mask(sequences[:, 0])[:, None]
        if self.go_backwards:
            sequences = tf.reverse(sequences, [1]) if lengths is None else tf.reverse_sequence(sequences, lengths, 1)
        dtype = "float64" if self.compute_dtype == "float64" else "float32"
        weights = (self.cell.kernel, self.cell.recurrent_kernel, self.cell.bias)
        tensors = (ops.cast(tensor, dtype) for tensor in (sequences, *weights, *initial_state))
        outputs, cells = self._loop(path, dtype, training)(*tensors, every_cell=lengths is not None)
        outputs, cells = (ops.cast(values, self.compute_dtype) for values in (outputs, cells))
        if lengths is None:
            last = tf.concat([initial_state[0][:, None], outputs[:, -1:]], 1)[:, -1]  # the former for 0 steps
            return last, outputs if self.return_sequences else last[:, None], (last, cells)

        hidden, cell = initial_state
        steps, empty = tf.shape(sequences)[1], tf.equal(lengths, 0)[:, None]
        end = tf.maximum(lengths - 1, 0)
        last = tf.where(empty, 0.0, tf.gather(outputs, end, batch_dims=1))
        states = tf.where(empty, hidden, last), tf.where(empty, cell, tf.gather(cells, end, batch_dims=1))
        valid = valid_steps(lengths, steps)[..., None]
        if self.go_backwards:  # Keras reads the padding first, and gives 0 there
            outputs = tf.reverse(tf.reverse_sequence(tf.where(valid, outputs, 0.0), lengths, 1), [1])
        elif self.zero_output_for_mask:
            outputs = tf.where(valid, outputs, 0.0)
            last = tf.where(valid[:, -1], last, 0.0)
        else:
            outputs = tf.where(valid, outputs, last[:, None])
        return last, outputs if self.return_sequences else last[:, None], states

    def get_config(self):
        config = {name: getattr(self, name) for name in ("weight_dropout", "matmul_dtype", "directions")}
        return {**super().get_config(), **config}
