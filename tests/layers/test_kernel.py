"""kernel.py, under layers.LSTM: the outputs and gradients of stock Keras, and nothing but its speed is its own."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from lstm_zoo import layers
from lstm_zoo.layers import kernel, lstm

BATCH, STEPS, FEATURES, UNITS = 10, 3, 3, 4  # two shards, the second of them small
LENGTHS = [3, 0, 2, 1, 3] * 2
SWITCHES = ("return_sequences", "return_state", "go_backwards", "stateful", "zero_output_for_mask")
# Every combination of any four of the switches; the other half, of all five, is for `make test-slow`.
COMBINATIONS = [
    pytest.param(switches, marks=[pytest.mark.slow] if sum(switches) % 2 else [])
    for switches in itertools.product((False, True), repeat=len(SWITCHES))
]


@pytest.fixture(autouse=True)
def two_shards_of_any_size(monkeypatch):
    monkeypatch.setattr(lstm, "num_cores", lambda: 2)
    for limit in ("MIN_UNITS", "MIN_CHUNK_UNITS", "MIN_STEPS", "MIN_INFERENCE_SIZE"):
        monkeypatch.setattr(lstm, limit, 0)
    monkeypatch.setattr(kernel, "MIN_SHARD_ROWS", 8)
    monkeypatch.delenv("LSTM_ZOO_KERNEL", raising=False)


def random(*shape, seed=0):
    return tf.constant(np.random.default_rng(seed).normal(size=shape), "float32")


def pair(features=FEATURES, **options):
    """The zoo's layer and Keras', with the same weights and seeds."""
    zoo, stock = (kind(UNITS, seed=0, **options) for kind in (layers.LSTM, keras.layers.LSTM))
    for layer in (zoo, stock):
        layer.build((BATCH, STEPS, features))
    weights = [random(*weight.shape, seed=seed) for seed, weight in enumerate(stock.trainable_weights)]
    for layer in (zoo, stock):
        for variable, value in zip(layer.trainable_weights, weights):
            variable.assign(value)
    return zoo, stock


def outputs_and_gradients(layer, inputs, state=None, mask=None, training=True):
    """Outputs, and gradients of inputs, initial state and weights."""
    watched = [inputs, *(state or ())]
    with tf.GradientTape() as tape:
        tape.watch(watched)
        outputs = tf.nest.flatten(layer(inputs, initial_state=state, mask=mask, training=training))
        # Every output counts, each in another way.
        loss = sum(tf.reduce_sum(tf.sin((place + 1) * output)) for place, output in enumerate(outputs))
    weights = [weight.value for weight in layer.trainable_weights]
    return outputs + tape.gradient(loss, watched + weights) + [state.value for state in layer.states or ()]


def assert_equal(ours, theirs, tolerance=1e-5):
    assert len(ours) == len(theirs)
    for value, reference in zip(ours, theirs):
        scale = np.max(np.abs(reference), initial=1.0)
        np.testing.assert_allclose(value, reference, atol=tolerance * scale, rtol=0)


@pytest.mark.parametrize("switches", COMBINATIONS)
@pytest.mark.parametrize("lengths", [None, LENGTHS, [STEPS] * BATCH], ids=["no mask", "lengths", "full"])
def test_equals_keras(switches, lengths):
    options = dict(zip(SWITCHES, switches))
    mask = None if lengths is None else tf.sequence_mask(lengths, STEPS)
    inputs, state = random(BATCH, STEPS, FEATURES), [random(BATCH, UNITS, seed=seed) for seed in (1, 2)]
    for dropout in (0, 0.5):
        zoo, stock = pair(dropout=dropout, **options)
        assert zoo.path(BATCH, STEPS) == "kernel"
        for initial, training in itertools.product((None, state), (False, True)):
            for layer in (zoo, stock) if zoo.stateful else ():
                layer.reset_state()
            assert_equal(*(outputs_and_gradients(layer, inputs, initial, mask, training) for layer in (zoo, stock)))


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("go_backwards", [False, True])
def test_unknown_batch_and_steps(masked, go_backwards):
    zoo, stock = pair(return_sequences=True, return_state=True, go_backwards=go_backwards)
    signature = [tf.TensorSpec((None, None, FEATURES), "float32")]
    signature += [tf.TensorSpec((None, None), "bool")] if masked else []
    graph = tf.function(
        lambda inputs, mask=None: outputs_and_gradients(zoo, inputs, mask=mask), input_signature=signature
    )
    for batch, steps in ((BATCH, STEPS), (1, STEPS), (2, 1), (25, 5)):
        inputs = random(batch, steps, FEATURES)
        mask = tf.sequence_mask([row % (steps + 1) for row in range(batch)], steps) if masked else None
        ours = graph(*([inputs] if mask is None else [inputs, mask]))
        assert_equal(ours, outputs_and_gradients(stock, inputs, mask=mask))


@pytest.mark.parametrize("lengths", [None, LENGTHS])
def test_bidirectional(lengths):
    mask = None if lengths is None else tf.sequence_mask(lengths, STEPS)
    inputs, directions = random(BATCH, STEPS, FEATURES), []
    for kind in (layers.LSTM, keras.layers.LSTM):
        keras.utils.set_random_seed(0)
        directions.append(keras.layers.Bidirectional(kind(UNITS, return_sequences=True, return_state=True)))
        directions[-1].build(inputs.shape)
    directions[0].set_weights(directions[1].get_weights())
    assert_equal(*(bidirectional_outputs_and_gradients(layer, inputs, mask) for layer in directions))


def bidirectional_outputs_and_gradients(layer, inputs, mask):
    with tf.GradientTape() as tape:
        outputs = layer(inputs, mask=mask, training=True)
        loss = sum(tf.reduce_sum(output**2) for output in outputs)
    return list(outputs) + tape.gradient(loss, [weight.value for weight in layer.trainable_weights])


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("every_cell", [False, True])
@pytest.mark.parametrize("shards", [1, 2])
def test_gradient_equals_finite_differences(training, every_cell, shards):
    shapes = [(9, 3, 2), (2, 12), (3, 12), (12,), (9, 3), (9, 3)]
    tensors = [tf.cast(random(*shape, seed=seed), "float64") for seed, shape in enumerate(shapes)]

    @tf.function
    def loss(*tensors):
        options = {"shards": shards, "matmul_dtype": "float64", "every_cell": every_cell, "training": training}
        outputs, cells = kernel.lstm(*tensors, **options)
        return tf.reduce_sum(tf.sin(3 * outputs)) + tf.reduce_sum(cells**2)

    for theoretical, numerical in zip(*tf.test.compute_gradient(loss, tensors, delta=1e-5)):
        np.testing.assert_allclose(theoretical, numerical, atol=1e-8)


@pytest.mark.parametrize("training", [False, True])
def test_nothing_to_read(training):
    zoo, _ = pair(return_sequences=True, return_state=True)
    signature = [tf.TensorSpec((None, None, FEATURES), "float32")]
    graph = tf.function(lambda inputs: outputs_and_gradients(zoo, inputs, training=training), input_signature=signature)
    for batch, steps in ((0, STEPS), (BATCH, 0), (0, 0)):
        outputs, hidden, cell, d_inputs, *d_weights = graph(random(batch, steps, FEATURES))
        assert outputs.shape == (batch, steps, UNITS)
        assert d_inputs.shape == (batch, steps, FEATURES)
        for values in (hidden, cell):
            np.testing.assert_array_equal(values, np.zeros((batch, UNITS)))  # the state before the first step
        for gradient in d_weights:
            np.testing.assert_array_equal(gradient, np.zeros(gradient.shape))


@pytest.mark.parametrize("mask", ["left", "holes"])
def test_a_mask_that_is_no_length_is_left_to_keras(mask):
    masks = {
        "left": tf.reverse(tf.sequence_mask(LENGTHS, STEPS), [1]),
        "holes": np.random.default_rng(0).random((BATCH, STEPS)) < 0.5,
    }
    mask = tf.constant(masks[mask])
    zoo, stock = pair(return_sequences=True, return_state=True)
    inputs = random(BATCH, STEPS, FEATURES)
    expected = outputs_and_gradients(stock, inputs, mask=mask)
    assert_equal(outputs_and_gradients(zoo, inputs, mask=mask), expected)
    graph = tf.function(lambda inputs, mask: outputs_and_gradients(zoo, inputs, mask=mask))
    assert_equal(graph(inputs, mask), expected)


def test_nan_stays_in_its_row():
    zoo, stock = pair(return_sequences=True)
    inputs = tf.tensor_scatter_nd_update(random(BATCH, STEPS, FEATURES), [[2, 1, 0]], [float("nan")])
    outputs = zoo(inputs, training=True).numpy()
    np.testing.assert_allclose(outputs, stock(inputs), atol=1e-5)
    assert np.isnan(outputs[2, 1:]).all()
    assert np.isfinite(np.delete(outputs, 2, axis=0)).all()


@pytest.mark.parametrize(
    ("dtype", "tolerance"), [("float64", 1e-12), ("float16", 2e-3), ("mixed_float16", 2e-3), ("mixed_bfloat16", 2e-2)]
)
def test_dtypes(dtype, tolerance):
    zoo, stock = pair(return_sequences=True, return_state=True, dtype=dtype)
    assert zoo.path(BATCH, STEPS) == "kernel"
    exact = keras.layers.LSTM(UNITS, return_sequences=True, return_state=True, dtype="float64")
    exact.build((BATCH, STEPS, FEATURES))
    exact.set_weights(stock.get_weights())
    inputs = tf.cast(random(BATCH, STEPS, FEATURES), stock.compute_dtype)
    ours = [tf.cast(value, "float64") for value in outputs_and_gradients(zoo, inputs)]
    theirs = outputs_and_gradients(exact, tf.cast(inputs, "float64"))
    assert zoo(inputs)[0].dtype == stock.compute_dtype
    assert_equal(ours, theirs, tolerance)


def test_bfloat16_products():
    zoo, stock = pair(return_sequences=True)
    rough = layers.LSTM(UNITS, return_sequences=True, matmul_dtype="bfloat16")
    rough.build((BATCH, STEPS, FEATURES))
    rough.set_weights(zoo.get_weights())
    inputs = random(BATCH, STEPS, FEATURES)
    ours, theirs = outputs_and_gradients(rough, inputs), outputs_and_gradients(stock, inputs)
    assert ours[0].dtype == "float32"
    assert_equal(ours, theirs, 2e-2)
    assert np.abs(ours[0] - theirs[0]).max() > 1e-5  # they are in use
    assert layers.LSTM.from_config(rough.get_config()).matmul_dtype == "bfloat16"


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("batch", [3, 12])
def test_an_unknown_batch_is_chosen_for_when_it_comes(monkeypatch, batch, masked):
    run_kernel = kernel.lstm

    def marked(*args, **kwargs):
        outputs, cells = run_kernel(*args, **kwargs)
        return outputs + 100, cells

    monkeypatch.setattr(kernel, "lstm", marked)
    zoo, _ = pair(return_sequences=True)
    mask = tf.sequence_mask([row % STEPS for row in range(batch)], STEPS) if masked else None
    graph = tf.function(lambda inputs: zoo(inputs, mask=mask), input_signature=[tf.TensorSpec((None, None, FEATURES))])
    assert np.any(graph(random(batch, STEPS, FEATURES)) > 50) == (batch > lstm.MAX_CHUNK_ROWS)


def test_directions_share_the_cores(monkeypatch):
    shards = []
    run_kernel = kernel.lstm
    monkeypatch.setattr(
        kernel, "lstm", lambda *args, **kwargs: shards.append(kwargs["shards"]) or run_kernel(*args, **kwargs)
    )
    monkeypatch.setattr(lstm, "num_cores", lambda: 4)
    for directions in (1, 2):
        layers.LSTM(UNITS, directions=directions)(random(BATCH, STEPS, FEATURES))
    assert shards == [4, 2]
    assert layers.LSTM.from_config(layers.LSTM(UNITS, directions=2).get_config()).directions == 2
    with pytest.raises(ValueError, match="directions is 1 or 2"):
        layers.LSTM(UNITS, directions=3)


@pytest.mark.parametrize("jit_compile", ["auto", True])
def test_fit_compiled_by_xla(jit_compile):
    network = keras.Sequential([keras.Input((STEPS, FEATURES)), layers.LSTM(UNITS)])
    network.compile("sgd", "mse", jit_compile=jit_compile)
    assert network.jit_compile is (jit_compile is True)
    loss = network.train_on_batch(random(BATCH, STEPS, FEATURES), random(BATCH, UNITS))
    assert np.isfinite(loss)


@pytest.mark.parametrize("matmul_dtype", ["int8", "float16", 16])
def test_bad_matmul_dtype(matmul_dtype):
    with pytest.raises(ValueError, match="matmul_dtype is None"):
        layers.LSTM(UNITS, matmul_dtype=matmul_dtype)


def test_path(monkeypatch):
    assert layers.LSTM(64).path() == "kernel"
    for options in ({"activation": "relu"}, {"recurrent_dropout": 0.1}, {"unroll": True}, {"use_bias": False}):
        assert layers.LSTM(64, **options).path() == "keras"
    monkeypatch.setattr(lstm, "MIN_UNITS", 65)
    assert layers.LSTM(64).path() == "keras"
    monkeypatch.setattr(lstm, "MIN_UNITS", 64)
    monkeypatch.setattr(lstm, "MIN_STEPS", 8)
    assert layers.LSTM(64).path(steps=7) == "keras"
    assert layers.LSTM(64).path(steps=8) == "kernel"
    assert layers.LSTM(64).path(batch_size=4, training=False) == "chunks"
    assert layers.LSTM(64).path(batch_size=4) == layers.LSTM(64).path(batch_size=5, training=False) == "kernel"
    monkeypatch.setattr(lstm, "MIN_INFERENCE_SIZE", 6 * 64)
    assert layers.LSTM(64).path(batch_size=5, training=False) == "keras"
    assert layers.LSTM(64).path(batch_size=6, training=False) == layers.LSTM(64).path(training=False) == "kernel"
    monkeypatch.setattr(lstm, "MIN_CHUNK_UNITS", 65)
    assert layers.LSTM(64).path(batch_size=4, training=False) == "keras"
    monkeypatch.setenv("LSTM_ZOO_KERNEL", "0")
    assert layers.LSTM(64).path() == "keras"
    monkeypatch.delenv("LSTM_ZOO_KERNEL")
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [kind])
    assert layers.LSTM(64).path() == "cudnn"
    assert layers.LSTM(64, use_cudnn=False).path() == "keras"
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    assert layers.LSTM(64).path() == "keras"


@pytest.mark.parametrize("kernel_saves", [False, True])
def test_a_file_does_not_know(tmp_path, monkeypatch, kernel_saves):
    def switch(on):
        monkeypatch.setenv("LSTM_ZOO_KERNEL", str(int(on)))

    switch(kernel_saves)
    ids, lengths = keras.Input((None, FEATURES)), keras.Input((), dtype="int32")
    network = keras.Model([ids, lengths], layers.lstm_stack(ids, lengths, units=UNITS, depth=2, bidirectional=True))
    inputs = [random(BATCH, STEPS, FEATURES), tf.constant(LENGTHS)]
    expected = network.predict_on_batch(inputs)
    network.save(tmp_path / "network.keras")
    switch(not kernel_saves)
    loaded = keras.saving.load_model(tmp_path / "network.keras")
    for value, reference in zip(loaded.predict_on_batch(inputs), expected):
        np.testing.assert_allclose(value, reference, atol=1e-6)
