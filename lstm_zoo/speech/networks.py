"""The networks of speech: log-mel frames -> logits of characters, and their search spaces.

Character 0 is no character: the blank of CTC (Graves et al. 2006, https://doi.org/10.1145/1143844.1143891).
"""

import keras
from keras import ops

from lstm_zoo import layers
from lstm_zoo.layers import registered, valid_steps
from lstm_zoo.speech.features import BANDS, RunningNormalization, SpecAugment, UtteranceNormalization

VOCABULARY = 100  # characters, the blank among them
LEARNING_RATE = 1.5e-3
WEIGHT_DECAY = 0.02
SUBSAMPLING = 4  # frames of a step: 40 ms
AROUND = 3  # frames before and after the first of a step that the convolutions see
NEVER = -1e4  # logit of what is impossible, which 16 bits can hold


def ctc(
    *,
    vocabulary=VOCABULARY,
    channels=32,
    units=256,
    depth=3,
    frequency_mask=27,
    time_mask=40,
    weight_dropout=0.0,
    dropout=0.3,
):
    """Convolutions that keep every fourth step, BiLSTMs, and CTC (Deep Speech 2, Amodei et al. 2016,
    https://arxiv.org/abs/1512.02595).

    Args:
        vocabulary: number of characters, the blank among them; `train` takes it as the most.
        channels: of the two convolutions.
        units: width of an LSTM, of which a layer has two, one in each direction, and of the vectors below them.
        depth: layers of LSTMs.
        frequency_mask: the widest stripe of bands, of 80, that training masks; see SpecAugment.
        time_mask: the widest stripe of frames, of 10 ms, that training masks.
        weight_dropout: share of the recurrent weights that training drops, drawn once a batch.
        dropout: variational dropout below, between and above the LSTMs.

    Returns:
        keras.Model: dict of `frames` float32 (batch, steps, 80) and `lengths` int32 (batch,) -> logits (batch,
        steps / 4 rounded up, vocabulary), where the blank is certain behind a row's length.

    Raises:
        ValueError: a depth below 1, a mask narrower than 0.

    Example:

    >>> frames = keras.ops.ones((1, 100, 80))
    >>> ctc(vocabulary=30, units=8)({"frames": frames, "lengths": keras.ops.array([100])}).shape  # (1, 25, 30)
    """
    inputs, lengths, steps = _read(UtteranceNormalization(), channels, units, frequency_mask, time_mask, dropout)
    options = {"units": units, "depth": depth, "dropout": dropout, "weight_dropout": weight_dropout}
    steps, _ = layers.lstm_stack(steps, lengths, bidirectional=True, normalized=True, **options)
    return _network("ctc", inputs, layers.variational_dropout(dropout)(steps), lengths, vocabulary)


def ctc_space(hp):
    """Search space of `ctc`."""
    return {
        "units": hp.Int("units", 128, 384, step=64, default=256),
        "depth": hp.Int("depth", 2, 4, default=3),
        **_shared_space(hp),
    }


def streaming(
    *,
    vocabulary=VOCABULARY,
    channels=32,
    units=384,
    depth=3,
    lookahead=4,
    frequency_mask=27,
    time_mask=40,
    weight_dropout=0.0,
    dropout=0.3,
):
    """The same with LSTMs of one direction and a little look-ahead (row convolution, Amodei et al. 2016,
    https://arxiv.org/abs/1512.02595), for text while somebody speaks.

    Args:
        units: width of an LSTM and of the vectors below.
        lookahead: steps of 40 ms that a character waits for; the convolutions below wait for another 30 ms.
        Everything else: see `ctc`.

    Returns:
        keras.Model, like `ctc`.

    Raises:
        ValueError: like `ctc`; a look-ahead below 0.

    Example:

    >>> frames = keras.ops.ones((1, 100, 80))
    >>> streaming(vocabulary=30, units=8)({"frames": frames, "lengths": keras.ops.array([100])}).shape  # (1, 25, 30)
    """
    if lookahead < 0 or depth < 1:
        raise ValueError(f"lookahead is at least 0 and depth at least 1. Received: {lookahead}, {depth}")
    inputs, lengths, steps = _read(RunningNormalization(), channels, units, frequency_mask, time_mask, dropout)
    options = {"return_sequences": True, "return_state": True, "weight_dropout": weight_dropout}
    for number in range(depth):
        steps, *_ = layers.LSTM(units, **options, name=f"lstm_{number}")(steps)
        steps = keras.layers.LayerNormalization(name=f"lstm_{number}_normalization")(steps)
        steps = layers.variational_dropout(dropout)(steps)
    ahead = ops.pad(layers.ZeroPadding()(steps, lengths), [[0, 0], [0, lookahead], [0, 0]])
    steps = keras.layers.DepthwiseConv1D(lookahead + 1, activation="relu", name="lookahead")(ahead)
    return _network("streaming", inputs, steps, lengths, vocabulary)


def streaming_space(hp):
    """Search space of `streaming`."""
    return {
        "units": hp.Int("units", 256, 512, step=64, default=384),
        "depth": hp.Int("depth", 2, 4, default=3),
        "lookahead": hp.Int("lookahead", 0, 10, step=2, default=4),
        **_shared_space(hp),
    }


def _shared_space(hp):
    return {
        "channels": hp.Choice("channels", [16, 32, 64], default=32),
        "frequency_mask": hp.Choice("frequency_mask", [0, 13, 27, 40], default=27),
        "time_mask": hp.Choice("time_mask", [0, 20, 40, 80], default=40),
        "weight_dropout": hp.Float("weight_dropout", 0.0, 0.4, step=0.2, default=0.0),
        "dropout": hp.Float("dropout", 0.1, 0.5, step=0.1, default=0.3),
    }


def _read(normalization, channels, units, frequency_mask, time_mask, dropout):
    """Inputs of a network, and the vectors of its steps with their numbers, as the LSTMs read them."""
    frames = keras.Input((None, BANDS), name="frames")
    lengths = keras.Input((), dtype="int32", name="lengths")
    normal = SpecAugment(frequency_mask, time_mask, name="masks")(normalization(frames, lengths), lengths)
    # Frames of 0 around each row, as behind it: what its first and last steps see does not hang on its batch mates.
    room = ops.pad(normal, [[0, 0], [AROUND, AROUND], [0, 0]])
    steps = layers.variational_dropout(dropout)(_subsampling(channels, units)(room))
    return {"frames": frames, "lengths": lengths}, ops.floor_divide(lengths + (SUBSAMPLING - 1), SUBSAMPLING), steps


def _subsampling(channels, width):
    """Two convolutions, of which each keeps every second step and band: (batch, 4 * steps + 3, 80) -> (batch, steps,
    width)."""
    frames = keras.Input((None, BANDS))
    image = keras.layers.Reshape((-1, BANDS, 1))(frames)
    for _ in range(2):
        image = keras.layers.Conv2D(channels, 3, strides=2, use_bias=False)(image)
        image = keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.95)(image))
    flat = keras.layers.Reshape((-1, image.shape[2] * image.shape[3]))(image)
    return keras.Model(frames, keras.layers.LayerNormalization()(keras.layers.Dense(width)(flat)), name="subsampling")


def _network(name, inputs, steps, lengths, vocabulary):
    logits = keras.layers.Dense(vocabulary, dtype="float32", name="head")(steps)
    return keras.Model(inputs, BlankPadding(name="padding")(logits, lengths), name=name)


@registered
class BlankPadding(keras.layers.Layer):
    """Make the blank certain behind each row's length: CTC of all steps is then CTC of the valid ones.

    Inputs: logits (batch, steps, characters) and lengths (batch,). Output: like the logits.
    """

    def call(self, logits, lengths):
        valid = ops.expand_dims(valid_steps(lengths, ops.shape(logits)[1]), -1)
        blank = ops.where(ops.equal(ops.arange(logits.shape[-1]), 0), 0.0, NEVER)
        return ops.where(valid, logits, blank)

    def compute_output_spec(self, logits, lengths):
        return keras.KerasTensor(logits.shape, logits.dtype)


@registered
class CTC(keras.losses.Loss):
    """Connectionist temporal classification, over the characters of a text, so that a long one counts as a short one.

    Targets are int32 (batch, characters), padded with 0, predictions logits (batch, steps, characters), as BlankPadding
    gives them. Source: Graves et al. 2006, https://doi.org/10.1145/1143844.1143891.
    """

    def call(self, target, logits):
        target = ops.cast(target, "int32")
        lengths = ops.sum(ops.cast(target > 0, "int32"), -1)
        steps = ops.full(ops.shape(logits)[:1], ops.shape(logits)[1], dtype="int32")
        if keras.backend.backend() == "tensorflow":
            import tensorflow as tf

            # Sparse labels take TensorFlow's kernel, eight times as fast as its operations on dense ones.
            sparse = tf.sparse.from_dense(target)
            loss = tf.nn.ctc_loss(sparse, logits, None, steps, logits_time_major=False, blank_index=0)
        else:
            loss = ops.ctc_loss(target, logits, lengths, steps, mask_index=0)
        return loss / ops.cast(ops.maximum(lengths, 1), loss.dtype)


def compile_network(network, learning_rate=LEARNING_RATE):
    """Compile with Adam, weight decay, gradients clipped to a global norm of 1, and CTC."""
    return layers.compile_with_adam(network, learning_rate, CTC(), weight_decay=WEIGHT_DECAY)


NETWORKS = {"ctc": (ctc, ctc_space), "streaming": (streaming, streaming_space)}
