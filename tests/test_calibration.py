"""calibration.py: probabilities that mean what they say."""

import keras
import numpy as np
import pytest

from lstm_zoo import calibration


@pytest.fixture
def drawn():
    """Log-probabilities (rows, 3) and classes drawn by them."""
    random = np.random.default_rng(0)
    opinion = calibration.log_softmax(random.normal(size=(4000, 3)))
    classes = np.array([random.choice(3, p=row) for row in np.exp(opinion)])
    return opinion, classes


@pytest.mark.parametrize("factor", [0.3, 1.0, 4.0])
def test_a_weight_is_the_inverse_of_a_temperature(drawn, factor):
    opinion, classes = drawn
    [weight] = calibration.pool_weights([factor * opinion], classes, [1.0])
    assert weight == pytest.approx(1 / factor, rel=0.1)


def test_what_says_nothing_is_not_heard(drawn):
    opinion, classes = drawn
    noise = calibration.log_softmax(np.random.default_rng(1).normal(size=opinion.shape))
    told, heard = calibration.pool_weights([noise, opinion], classes, [0.5, 0.5])
    assert told < 0.1
    assert heard == pytest.approx(1, rel=0.1)
    # Of equal opinions neither is above the other.
    both = calibration.pool_weights([opinion, opinion], classes, [0.5, 0.5])
    assert both == pytest.approx([0.5, 0.5], rel=0.1)


def test_few_rows_stay_near_the_prior(drawn):
    opinion, classes = drawn
    wrong = (classes + 1) % 3
    many, few = (calibration.pool_weights([opinion[:rows]], wrong[:rows], [1.0])[0] for rows in (1000, 2))
    assert many == 0  # worse than nothing
    assert 0.5 < few <= 1.2


def test_a_weight_may_be_below_0_where_that_is_said(drawn):
    opinion, classes = drawn
    weights = calibration.pool_weights([opinion, -opinion], classes, [1.0, 0.0], [0.0, None])
    assert weights[0] - weights[1] == pytest.approx(1, rel=0.1)


def test_the_likelihood_is_that_of_the_pool(drawn):
    opinion, classes = drawn
    before = calibration.negative_log_likelihood([1.0], [opinion], classes)
    np.testing.assert_allclose(before, -opinion[np.arange(len(classes)), classes])
    assert calibration.negative_log_likelihood([3.0], [opinion], classes).mean() > before.mean()


def test_calibration_error():
    assert calibration.calibration_error([0.8] * 10, [True] * 8 + [False] * 2) == pytest.approx(0, abs=1e-9)
    assert calibration.calibration_error([1.0] * 4, [True, True, False, False]) == 0.5
    assert calibration.calibration_error([0.5, 1.0], [False, True]) == 0.25
    assert calibration.calibration_error([], []) == 0


def test_a_plot_is_a_picture(tmp_path):
    path = tmp_path / "reliability.png"
    calibration.plot_reliability([0.5, 0.9, 0.95, 1.0], [True, False, True, True], path)
    assert path.read_bytes().startswith(b"\x89PNG")


def test_temper_changes_how_sure_an_answer_is_and_not_which():
    text = keras.Input((2,), name="text")
    logits = keras.layers.Dense(2, name="head", kernel_initializer="identity")(text)
    network = keras.Model(text, logits, name="bilstm")
    inputs = keras.Input((2,))
    lookup = keras.layers.StringLookup(vocabulary=["no", "yes"], num_oov_indices=0, name="labels")
    pipeline = keras.Model(inputs, keras.layers.Softmax()(network(inputs)), name="sentiment-bilstm")
    pipeline.get_layer = {"bilstm": network, "labels": lookup}.__getitem__
    values = np.array([[6.0, 0.0], [0.0, 6.0]] * 50, "float32")
    labels = [["no", "yes"][row % 2] for row in range(100)]
    labels[:20] = ["yes", "no"] * 10  # a fifth is wrong
    before = pipeline.predict_on_batch(values)
    assert before.max() > 0.99
    calibration.temper(pipeline, [{"probabilities": row} for row in before], labels)
    after = pipeline.predict_on_batch(values)
    assert after.max() == pytest.approx(0.8, abs=0.03)
    assert (after.argmax(-1) == before.argmax(-1)).all()
