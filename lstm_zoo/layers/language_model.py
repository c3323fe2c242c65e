"""What language models are made of: LSTMs whose state goes from batch to batch, and a large softmax that is fast.

A language model reads one long stream of tokens, cut into rows that go on from batch to batch (truncated
back-propagation, Williams and Peng 1990, https://doi.org/10.1162/neco.1990.2.4.490). Its network consists of the layer
`embedding`, ids -> vectors, of the model `encoder`, vectors and states -> steps and states, which writing and other
tasks run with states of their own, and of `carry`, which keeps the states between batches.
"""

import math

import keras
from keras import ops

from lstm_zoo import layers
from lstm_zoo.layers import registered


def encoder(width, *, units, scale=1.0, dropout=0.0, input_dropout=0.0, weight_dropout=0.0):
    """A stack of LSTMs with its states in and out.

    Args:
        width: of the vectors that it reads.
        units: list of the widths of the LSTMs.
        scale: factor of the vectors.
        dropout: variational dropout between the LSTMs.
        input_dropout: variational dropout on the vectors.
        weight_dropout: share of the recurrent weights that training drops, drawn once a batch.

    Returns:
        keras.Model `encoder`: [vectors (batch, steps, width), states] -> [steps of the last LSTM (batch, steps,
        units[-1]), states after the last step], where states are a list of [hidden, cell], (batch, units) each, for
        every LSTM.

    Example:

    >>> stack = encoder(4, units=[8, 6])
    >>> stack([keras.ops.zeros((2, 5, 4)), zero_states(stack, 2)])[0].shape  # (2, 5, 6)
    """
    vectors, states = keras.Input((None, width)), [[keras.Input((size,)), keras.Input((size,))] for size in units]
    steps, after = layers.variational_dropout(input_dropout)(keras.layers.Rescaling(scale)(vectors)), []
    for number, (size, state) in enumerate(zip(units, states)):
        steps = layers.variational_dropout(dropout)(steps) if number else steps
        options = {"return_sequences": True, "return_state": True, "weight_dropout": weight_dropout}
        steps, *state = layers.LSTM(size, **options, name=f"lstm_{number}")(steps, initial_state=state)
        after.append(state)
    return keras.Model([vectors, states], [steps, after], name="encoder")


def zero_states(stack, batch):
    """States of an `encoder` before the first step of `batch` rows."""
    return keras.tree.map_structure(lambda given: ops.zeros((batch, given.shape[-1]), given.dtype), stack.input[1])


@registered
class Carry(keras.layers.Layer):
    """The states of LSTMs, kept from one batch to the next.

    Input: `fresh`, bool (batch,): which rows begin a text; they get zeros, the others what their row was left with in
    the batch before. Output: list of [hidden, cell], (batch, units) each. With `after`, states of the same structure,
    these are kept, and the input is given back, whatever it is. What is kept is no weight, and no gradient flows
    through it. On other backends than TensorFlow nothing is kept: every batch begins with zeros.

    Args:
        units: list of the widths of the LSTMs.
    """

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units, self.kept = list(units), []

    def build(self, _):
        if keras.backend.backend() == "tensorflow":
            import tensorflow as tf

            with tf.init_scope():  # no Keras variables, whose shape, and so the batch, would have to be known
                shapes = [[None, size] for size in self.units for _ in ("hidden", "cell")]
                self.kept = [tf.Variable(tf.zeros([0, shape[1]]), False, shape=shape) for shape in shapes]

    def call(self, inputs, after=None):
        if after is not None:
            for variable, value in zip(self.kept, keras.tree.flatten(after)):
                variable.assign(ops.cast(value, "float32"))
            return inputs
        zeros = [ops.zeros((ops.shape(inputs)[0], size)) for size in self.units for _ in ("hidden", "cell")]
        states = zeros
        if self.kept:
            import tensorflow as tf

            def kept():  # another number of rows than before is an error, unless all rows begin
                return [tf.where(inputs[:, None], zero, variable) for zero, variable in zip(zeros, self.kept)]

            states = tf.cond(tf.reduce_all(inputs), lambda: zeros, kept)
            states = [tf.ensure_shape(state, [inputs.shape[0], state.shape[1]]) for state in states]
        states = [ops.cast(state, self.compute_dtype) for state in states]
        return [list(pair) for pair in zip(states[::2], states[1::2])]

    def compute_output_spec(self, inputs, after=None):
        if after is not None:
            return keras.KerasTensor(inputs.shape, inputs.dtype)
        shapes = [(inputs.shape[0], size) for size in self.units]
        return [[keras.KerasTensor(shape, self.compute_dtype) for _ in ("hidden", "cell")] for shape in shapes]

    def get_config(self):
        return {**super().get_config(), "units": self.units}


@registered
class EmbeddingDropout(keras.layers.Layer):
    """In training, drop whole words of the table: a dropped one is 0 wherever it stands in the batch.

    Inputs: vectors (batch, steps, width) and their ids, integers (batch, steps). Output: like the vectors.
    Source: Gal and Ghahramani 2016, https://arxiv.org/abs/1512.05287.

    Args:
        rate: share of the words.
        vocabulary: number of words.
    """

    def __init__(self, rate, vocabulary, **kwargs):
        super().__init__(**kwargs)
        self.rate, self.vocabulary = rate, vocabulary
        self.generator = keras.random.SeedGenerator()

    def call(self, vectors, ids, training=False):
        if not training or not self.rate:
            return vectors
        kept = keras.random.dropout(ops.ones((self.vocabulary, 1), vectors.dtype), self.rate, seed=self.generator)
        return vectors * ops.take(kept, ids, axis=0)

    def compute_output_spec(self, vectors, ids, training=False):
        return keras.KerasTensor(vectors.shape, vectors.dtype)

    def get_config(self):
        return {**super().get_config(), "rate": self.rate, "vocabulary": self.vocabulary}


@registered
class ActivationRegularization(keras.layers.Layer):
    """In training, add to the loss the mean square of the activations and of their change from step to step.

    Inputs: steps after dropout and before it, (batch, steps, width) both. Output: the former.
    Source: Merity et al. 2017, https://arxiv.org/abs/1708.01009.

    Args:
        activation: factor of the mean square of the dropped steps.
        temporal: factor of the mean square of the differences between neighbouring steps, before dropout.
    """

    def __init__(self, activation, temporal, **kwargs):
        super().__init__(**kwargs)
        self.activation, self.temporal = activation, temporal

    def call(self, dropped, steps, training=False):
        if training:
            self.add_loss(self.activation * ops.mean(ops.square(dropped)))
            self.add_loss(self.temporal * ops.mean(ops.square(steps[:, 1:] - steps[:, :-1])))
        return dropped

    def compute_output_spec(self, dropped, steps, training=False):
        return keras.KerasTensor(dropped.shape, dropped.dtype)

    def get_config(self):
        return {**super().get_config(), "activation": self.activation, "temporal": self.temporal}


@registered
class TiedEmbedding(keras.layers.ReversibleEmbedding):
    """A table of word vectors that also makes the logits (Press and Wolf 2017, https://arxiv.org/abs/1608.05859).

    Args:
        candidates: 0, or number of words in a sampled softmax (Bengio and Senécal 2008,
            https://doi.org/10.1109/TNN.2007.912312) that trains: the sum over all other words is estimated from one
            draw for the whole batch, log-uniform, so that frequent words should have small ids.
        matmul_dtype: dtype of the factors of the products with the table in `cross_entropy`, see `lstm.LSTM`.
        Everything else: see `keras.layers.ReversibleEmbedding`; its `tie_weights`, `reverse_dtype` and `logit_soft_cap`
            stay as they are, for `cross_entropy` makes no logits that they could change.

    Raises:
        ValueError: as many candidates as words, or one of those three.
    """

    def __init__(self, input_dim, output_dim, candidates=0, matmul_dtype=None, **kwargs):
        super().__init__(input_dim, output_dim, **kwargs)
        if not self.tie_weights or self.reverse_dtype is not None or self.logit_soft_cap is not None:
            changed = {name: getattr(self, name) for name in ("tie_weights", "reverse_dtype", "logit_soft_cap")}
            raise ValueError(f"A TiedEmbedding's logits are plain products with its table. Received: {changed}")
        if not 0 <= candidates < input_dim:
            raise ValueError(f"candidates is 0, or fewer than the {input_dim} words. Received: {candidates}")
        self.candidates, self.matmul_dtype = candidates, matmul_dtype
        self.generator = keras.random.SeedGenerator()

    def cross_entropy(self, vectors, words, training=False):
        """Nats of each word: -log softmax(table . vector)[word].

        Args:
            vectors: (batch, steps, width).
            words: integers (batch, steps).
            training: with `candidates`, an estimate of them from the sampled softmax.

        Returns:
            float32 (batch * steps,).
        """
        vectors = ops.cast(ops.reshape(vectors, (-1, self.output_dim)), "float32")
        words = ops.reshape(ops.cast(words, "int32"), (-1,))
        if training and self.candidates:
            return self._sampled(vectors, words, self.embeddings)
        if keras.backend.backend() == "tensorflow":
            return _cross_entropy(vectors, words, self.embeddings, self.matmul_dtype or "float32")
        logits = ops.matmul(vectors, ops.transpose(self.embeddings))
        return ops.sparse_categorical_crossentropy(words, logits, from_logits=True)

    def _sampled(self, vectors, words, table):
        def log_count(ids):  # of the times that an id is expected among the candidates
            ids = ops.cast(ids, "float32")
            return ops.log(ops.log1p(1 / (ids + 1)) * (self.candidates / math.log(self.input_dim + 1)))

        share = keras.random.uniform((self.candidates,), seed=self.generator)
        ids = ops.cast(ops.exp(share * math.log(self.input_dim + 1)), "int32") - 1
        ids = ops.clip(ids, 0, self.input_dim - 1)  # what rounding may do at the end
        dtype = self.matmul_dtype or "float32"
        rivals = ops.cast(ops.take(table, ids, axis=0), dtype)
        logits = ops.cast(ops.matmul(ops.cast(vectors, dtype), ops.transpose(rivals)), "float32") - log_count(ids)
        logits = ops.where(ops.equal(ops.expand_dims(words, 1), ids), -1e9, logits)  # the word itself is no rival
        true = ops.sum(vectors * ops.take(table, words, axis=0), axis=1)
        return ops.logaddexp(ops.logsumexp(logits, axis=1), true) - true

    def get_config(self):
        return {**super().get_config(), "candidates": self.candidates, "matmul_dtype": self.matmul_dtype}


def _cross_entropy(vectors, words, table, dtype):
    """Nats of each word, with a gradient that needs nothing but the exponentials.

    On a CPU, of 4,480 steps and 12,000 words, TensorFlow's own takes three times as long with factors of float32, and
    1.7 times as long with factors of bfloat16.
    """
    import tensorflow as tf

    @tf.custom_gradient
    def run(vectors, table):
        factors = tf.cast(vectors, dtype), tf.cast(table, dtype)
        logits = tf.cast(tf.matmul(*factors, transpose_b=True), "float32")
        highest = tf.reduce_max(logits, 1, keepdims=True)
        exponentials = tf.exp(logits - highest)
        total = tf.reduce_sum(exponentials, 1, keepdims=True)
        nats = tf.squeeze(tf.math.log(total) + highest, 1) - tf.gather(logits, words, batch_dims=1)

        def gradient(d_nats):  # softmax less one-hot, whose products are a gather and a sum of few rows
            d_nats = d_nats[:, None]
            d_logits = tf.cast(exponentials * (d_nats / total), dtype)
            of_vectors = tf.cast(tf.matmul(d_logits, factors[1]), "float32") - d_nats * tf.gather(table, words)
            of_table = tf.cast(tf.matmul(d_logits, factors[0], transpose_a=True), "float32")
            return of_vectors, of_table - tf.math.unsorted_segment_sum(d_nats * vectors, words, tf.shape(table)[0])

        return nats, gradient

    return run(vectors, tf.convert_to_tensor(table))


@registered
class LanguageModel(keras.Model):
    """A network with a TiedEmbedding `embedding` that is trained on `vectors`, and so without making all the logits.

    Its outputs are a dict: `logits` (batch, steps, vocabulary), and the `vectors` (batch, steps, width) that they are
    made of.
    """

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Mean nats a word, and what layers add."""
        nats = self.get_layer("embedding").cross_entropy(y_pred["vectors"], y, training)
        return ops.mean(nats) + sum(ops.cast(loss, "float32") for loss in self.losses)


def step(network, ids, states):
    """Run a language model with states of one's own.

    Args:
        network: with the layers `embedding` and `encoder`, and `head` where the embedding does not make the logits.
        ids: integers (batch, steps).
        states: see `encoder`.

    Returns:
        Steps of the last LSTM (batch, steps, width), and the states after them.
    """
    vectors = network.get_layer("embedding")(ids)
    return network.get_layer("encoder")([vectors, states], training=False)


def logits(network, steps):
    """Logits (batch, steps, vocabulary) float32 of the token after each of the steps."""
    table = network.get_layer("embedding")
    tied = isinstance(table, TiedEmbedding)
    return ops.cast(table(steps, reverse=True) if tied else network.get_layer("head")(steps), "float32")
