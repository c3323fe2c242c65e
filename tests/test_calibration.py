"""calibration.py: probabilities that mean what they say."""

import json

import keras
import numpy as np
import pytest
from matplotlib.figure import Figure

from lstm_zoo import calibration
from lstm_zoo.weights import checks


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


@pytest.mark.parametrize("factor", [0.3, 1.0, 4.0])
def test_many_rows_tell_the_temperature(drawn, factor):
    opinion, classes = drawn
    assert calibration.inverse_temperature(factor * opinion, classes) == pytest.approx(1 / factor, rel=0.1)


def test_few_wrong_rows_do_not_make_all_answers_alike(drawn):
    sure = calibration.log_softmax(np.array([[9.0, 0.0]] * 4))
    assert 0.1 < calibration.inverse_temperature(sure, np.array([0, 0, 1, 1])) < 0.5
    assert calibration.inverse_temperature(sure[:0], np.zeros(0, int), prior=0.7) == pytest.approx(0.7)
    opinion, classes = drawn
    assert 0 < calibration.inverse_temperature(opinion, (classes + 1) % 3) < 0.1


def test_a_weight_may_be_below_0_where_that_is_said(drawn):
    opinion, classes = drawn
    weights = calibration.pool_weights([opinion, -opinion], classes, [1.0, 0.0], [0.0, None])
    assert weights[0] - weights[1] == pytest.approx(1, rel=0.1)


def test_the_likelihood_is_that_of_the_pool(drawn):
    opinion, classes = drawn
    before = calibration.negative_log_likelihood([1.0], [opinion], classes)
    np.testing.assert_allclose(before, -opinion[np.arange(len(classes)), classes])
    assert calibration.negative_log_likelihood([3.0], [opinion], classes).mean() > before.mean()


def test_reliability_is_what_scikit_learn_finds():
    from sklearn.calibration import calibration_curve

    random = np.random.default_rng(0)
    probabilities, draws = random.random((2, 500))
    holds = draws < probabilities
    found = calibration.reliability(probabilities, holds)
    shares, means = calibration_curve(holds, probabilities, n_bins=calibration.BINS)
    np.testing.assert_allclose(found["accuracy"], shares, atol=1e-6)
    np.testing.assert_allclose(found["confidence"], means, atol=1e-6)
    assert sum(found["counts"]) == 500
    assert checks.is_reliability(json.loads(json.dumps(found)))


def test_empty_bins_have_no_means():
    found = calibration.reliability([0.5, 1.0, 1.0], [True, False, True])
    assert found["counts"] == [0] * 7 + [1] + [0] * 6 + [2]
    assert found["accuracy"] == [None] * 7 + [1.0] + [None] * 6 + [0.5]
    assert calibration.filled(found) == [(pytest.approx(7 / 15), 1, 0.5, 1.0), (pytest.approx(14 / 15), 2, 1.0, 0.5)]
    assert checks.is_reliability(calibration.reliability([], []))


@pytest.mark.parametrize(
    ("probabilities", "holds", "error"),
    [
        ([0.8] * 10, [True] * 8 + [False] * 2, 0),
        ([1.0] * 4, [True, True, False, False], 0.5),
        ([0.5, 1.0], [False, True], 0.25),
        ([], [], 0),
    ],
)
def test_calibration_error(probabilities, holds, error):
    assert calibration.calibration_error(calibration.reliability(probabilities, holds)) == error


@pytest.mark.parametrize("probabilities", [[0.5, 0.9, 0.95, 1.0], []])
def test_a_plot_is_a_picture(tmp_path, probabilities):
    path = tmp_path / "reliability.png"
    calibration.plot_reliability(calibration.reliability(probabilities, [True] * len(probabilities)), path)
    assert path.read_bytes().startswith(b"\x89PNG")


def test_a_diagram_has_the_bars_of_its_bins():
    figure = Figure()
    calibration.draw_reliability(calibration.reliability([0.5, 1.0, 1.0], [True, False, True]), figure, "mine")
    above, below = figure.axes
    assert [bar.get_height() for bar in above.patches] == [1.0, 0.5]
    assert [bar.get_height() for bar in below.patches] == [1, 2]
    assert above.get_title() == "mine\nexpected calibration error 0.500, n = 3"


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
