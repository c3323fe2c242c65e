"""chunks.py, under layers.LSTM: the answers and gradients of stock Keras, and nothing but its speed is its own."""

import threading

import keras
import numpy as np
import pytest
import tensorflow as tf

from lstm_zoo import layers, networks
from lstm_zoo.layers import chunks, lstm

BATCH, STEPS, FEATURES, UNITS = 3, 7, 3, 4  # a row of padding, and two steps of it behind three chunks
LENGTHS = [7, 0, 4]


@pytest.fixture(autouse=True)
def short_chunks_of_any_size(monkeypatch):
    for limit in ("MIN_CHUNK_UNITS", "MIN_STEPS"):
        monkeypatch.setattr(lstm, limit, 0)
    monkeypatch.setattr(chunks, "CHUNK", 3)
    traced = chunks._loop, chunks._chunk
    for functions in traced:
        functions.cache_clear()
    yield
    for functions in traced:
        functions.cache_clear()


def random(*shape, seed=0):
    return tf.constant(np.random.default_rng(seed).normal(size=shape), "float32")


def pair(**options):
    """The zoo's layer and Keras', with the same weights."""
    zoo, stock = (kind(UNITS, **options) for kind in (layers.LSTM, keras.layers.LSTM))
    for layer in (zoo, stock):
        layer.build((BATCH, None, FEATURES))
        for seed, variable in enumerate(layer.trainable_weights):
            variable.assign(random(*variable.shape, seed=seed))
    return zoo, stock


def assert_equal(ours, theirs, tolerance=1e-5):
    for value, reference in zip(tf.nest.flatten(ours), tf.nest.flatten(theirs), strict=True):
        np.testing.assert_allclose(value, reference, atol=tolerance, rtol=0)


@pytest.mark.parametrize("lengths", [None, LENGTHS])
@pytest.mark.parametrize("go_backwards", [False, True])
@pytest.mark.parametrize("zero_output_for_mask", [False, True])
def test_equals_keras(lengths, go_backwards, zero_output_for_mask):
    mask = None if lengths is None else tf.sequence_mask(lengths, STEPS)
    inputs, state = random(BATCH, STEPS, FEATURES), [random(BATCH, UNITS, seed=seed) for seed in (1, 2)]
    for return_sequences in (False, True):
        options = {"go_backwards": go_backwards, "zero_output_for_mask": zero_output_for_mask}
        zoo, stock = pair(return_sequences=return_sequences, return_state=True, **options)
        assert zoo.path(BATCH, STEPS, training=False) == "chunks"
        for initial in (None, state):
            assert_equal(*(layer(inputs, initial_state=initial, mask=mask) for layer in (zoo, stock)))


@pytest.mark.parametrize("masked", [False, True])
def test_any_batch_and_steps(monkeypatch, masked):
    run_chunks = chunks.lstm
    ran = tf.Variable(False)

    def noted(*args, **kwargs):
        ran.assign(True)
        return run_chunks(*args, **kwargs)

    monkeypatch.setattr(chunks, "lstm", noted)
    zoo, stock = pair(return_sequences=True, return_state=True)
    signature = [tf.TensorSpec((None, None, FEATURES), "float32")]
    signature += [tf.TensorSpec((None, None), "bool")] if masked else []
    graph = tf.function(lambda inputs, mask=None: zoo(inputs, mask=mask), input_signature=signature)
    for batch, steps in ((1, 1), (1, 3), (2, 4), (3, 7), (4, 6), (5, 3)):
        ran.assign(False)
        inputs = random(batch, steps, FEATURES)
        mask = [tf.sequence_mask([row % (steps + 1) for row in range(batch)], steps)] if masked else []
        assert_equal(graph(inputs, *mask), stock(inputs, mask=mask[0] if masked else None))
        assert bool(ran) == (batch <= lstm.MAX_CHUNK_ROWS)


def test_nothing_to_read():
    zoo, _ = pair(return_sequences=True, return_state=True)
    signature = [tf.TensorSpec((None, None, FEATURES)), [tf.TensorSpec((None, UNITS))] * 2]
    graph = tf.function(lambda inputs, state: zoo(inputs, initial_state=state), input_signature=signature)
    for batch, steps in ((BATCH, 0), (0, STEPS)):
        state = [random(batch, UNITS, seed=seed) for seed in (1, 2)]
        outputs, *after = graph(random(batch, steps, FEATURES), state)
        assert outputs.shape == (batch, steps, UNITS)
        assert_equal(after, state)


@pytest.mark.parametrize("every_cell", [False, True])
def test_loops_around_it_know_the_shapes(every_cell):
    weights = tf.ones([3, 16]), tf.ones([4, 16]), tf.ones([16])

    @tf.function
    def run(inputs, state):
        return chunks.lstm(inputs, *weights, state, state, every_cell=every_cell)

    hiddens, cells = run.get_concrete_function(tf.TensorSpec([2, 5, 3]), tf.TensorSpec([2, 4])).output_shapes
    assert hiddens == (2, 5, 4)
    assert cells == ((2, 5, 4) if every_cell else (2, 4))


def test_a_state_moves_on():
    zoo, stock = pair(stateful=True)
    for _ in range(2):
        assert_equal(*(layer(random(BATCH, STEPS, FEATURES)) for layer in (zoo, stock)))


@pytest.mark.parametrize("lengths", [None, LENGTHS])
def test_gradients(lengths):
    mask = None if lengths is None else tf.sequence_mask(lengths, STEPS)
    inputs, state = random(BATCH, STEPS, FEATURES), [random(BATCH, UNITS, seed=seed) for seed in (1, 2)]

    def gradients(layer):
        with tf.GradientTape() as tape:
            tape.watch([inputs, state])
            outputs = layer(inputs, initial_state=state, mask=mask)
            loss = sum(tf.reduce_sum(tf.sin((place + 1) * output)) for place, output in enumerate(outputs))
        return tape.gradient(loss, [inputs, state, [weight.value for weight in layer.trainable_weights]])

    zoo, stock = pair(return_sequences=True, return_state=True)
    assert_equal(tf.function(lambda: gradients(zoo))(), gradients(stock))


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-12), ("mixed_bfloat16", 2e-2)])
def test_dtypes(dtype, tolerance):
    zoo, stock = pair(return_sequences=True, return_state=True, dtype=dtype)
    inputs = tf.cast(random(BATCH, STEPS, FEATURES), stock.compute_dtype)
    ours, theirs = tf.function(zoo)(inputs), stock(inputs)
    assert [value.dtype for value in ours] == [value.dtype for value in theirs]
    assert_equal(*([tf.cast(value, "float64") for value in values] for values in (ours, theirs)), tolerance)


def test_compiled_as_a_whole():
    zoo, stock = pair(return_sequences=True, return_state=True)
    inputs = random(BATCH, STEPS, FEATURES)
    assert_equal(tf.function(zoo, jit_compile=True)(inputs), stock(inputs))


def test_both_directions_in_a_network():
    sequence, lengths = keras.Input((None, FEATURES)), keras.Input((), dtype="int32")
    stack = layers.lstm_stack(sequence, lengths, units=UNITS, depth=2, bidirectional=True)
    network = keras.Model([sequence, lengths], stack)
    inputs = random(9, STEPS, FEATURES), tf.constant([STEPS, 0, 4] * 3)
    expected = network.predict_on_batch(inputs)  # of more rows than run in chunks
    for row, (outputs, last) in enumerate(zip(*expected)):
        assert_equal(network.predict_on_batch([value[row : row + 1] for value in inputs]), [outputs[None], last[None]])


def test_whether_it_compiles(monkeypatch):
    assert chunks.compiles(UNITS)

    def uncompilable(units, dtype, every_cell):
        def chunk(z, recurrent, hidden, cell, steps):
            return tf.py_function(lambda: z, [], dtype), (), hidden, cell

        return tf.function(chunk, jit_compile=True)

    monkeypatch.setattr(chunks, "_chunk", uncompilable)
    chunks._loop.cache_clear()
    assert not chunks.compiles(UNITS)


def test_a_network_is_compiled_in_the_background(monkeypatch):
    asked = []
    monkeypatch.setattr(chunks, "compile_in_background", asked.append)
    inner = keras.Sequential([keras.Input((None, FEATURES)), layers.LSTM(5), keras.layers.Dense(2)])
    outer = keras.Input((None, FEATURES))
    networks.compile_in_background(keras.Model(outer, [inner(outer), layers.LSTM(6)(outer)]))
    assert sorted(asked) == [5, 6]


def test_a_thread_compiles_once(monkeypatch):
    ran, before = [], {*threading.enumerate()}
    monkeypatch.setattr(chunks, "lstm", lambda *arguments, **options: ran.append(threading.current_thread()))
    chunks.compile_in_background.cache_clear()
    for _ in range(2):
        chunks.compile_in_background(UNITS)
    for thread in {*threading.enumerate()} - before:
        thread.join()
    assert len(ran) == 1
    assert ran[0] not in before
    chunks.compile_in_background.cache_clear()


def test_path():
    layer, most = layers.LSTM(UNITS), lstm.MAX_CHUNK_ROWS
    assert layer.path(most, training=False) == "chunks"
    assert "chunks" not in {layer.path(most), layer.path(most + 1, training=False), layer.path(training=False)}
