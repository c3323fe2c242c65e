"""Several labels an example: what is checked, split, weighed and scored, without a network."""

import numpy as np
import pytest

from lstm_zoo import multilabel
from lstm_zoo.calibration import best_thresholds, platt
from lstm_zoo.classification import names_of
from lstm_zoo.training.chance import multilabel_at_chance


def cells(*values):
    return [(f"Row {row}", value) for row, value in enumerate(values)]


class TestCheckLabelCells:
    @pytest.mark.parametrize("kind", [list, tuple, set, frozenset, np.array])
    def test_lists_of_any_kind(self, kind):
        found = multilabel.check_label_cells(cells(kind(["b", "a"]), kind([])))
        assert found == [("a", "b"), ()]

    def test_labels_are_in_their_order_and_none_is_twice(self):
        assert multilabel.check_label_cells(cells(["10", 9, " 9"])) == [("9", "10")]

    def test_texts_without_a_separator_are_one_label(self):
        assert multilabel.check_label_cells(cells("late;rude", "b")) == ["late;rude", "b"]

    def test_a_separator_cuts_texts(self):
        found = multilabel.check_label_cells(cells("late; rude;", "", None, b"late;x"), ";")
        assert found == [("late", "rude"), (), (), ("late", "x")]

    def test_a_separator_that_stands_nowhere_warns(self):
        with pytest.warns(UserWarning, match="label_separator='|' stands in no cell"):
            assert multilabel.check_label_cells(cells("late;rude"), "|") == [("late;rude",)]

    @pytest.mark.parametrize("separator", ["", " ", 3])
    def test_refuses_what_is_no_separator(self, separator):
        with pytest.raises(ValueError, match="label_separator is a text"):
            multilabel.check_label_cells(cells("a"), separator)

    @pytest.mark.parametrize("rows", [("a", ["b"]), (["b"], "a"), (["b"], None)])
    def test_refuses_one_label_among_lists(self, rows):
        place = next(row for row, value in enumerate(rows) if not isinstance(value, list))
        with pytest.raises(ValueError, match=f"Row {place} has no list of labels"):
            multilabel.check_label_cells(cells(*rows))

    def test_refuses_a_text_that_was_cut_into_labels(self):
        with pytest.raises(ValueError, match="Row 0 has at most 1,000 labels. Received: 10,000"):
            multilabel.check_label_cells(cells(list(range(10_000))))

    def test_refuses_a_label_that_is_none(self):
        with pytest.raises(ValueError, match="Row 0 has no label"):
            multilabel.check_label_cells(cells(["a", None]))


class TestNamesOf:
    def test_of_all_examples(self):
        assert names_of([("b", "a"), (), ("b",)]) == ["a", "b"]

    def test_one_label_that_holds_or_not_is_enough(self):
        assert names_of([("a",), ()]) == ["a"]

    @pytest.mark.parametrize("labels", [[(), ()], [("a", "b"), ("a", "b")]])
    def test_refuses_examples_that_are_all_alike(self, labels):
        with pytest.raises(ValueError, match="All of 2 examples have the same labels"):
            names_of(labels)

    def test_a_label_of_every_example_warns(self):
        with pytest.warns(UserWarning, match="Every example has the label 'a'"):
            assert names_of([("a",), ("a", "b")]) == ["a", "b"]


def test_split_holds_a_tenth_of_each_label_out():
    examples = [(str(row), ("often", "rare") if row % 10 == 0 else ("often",) if row % 2 else ()) for row in range(200)]
    training, held_out = multilabel.split(examples, seed=1)
    assert sorted([*training, *held_out]) == sorted(examples)
    assert 15 <= len(held_out) <= 25
    assert sum("rare" in labels for _, labels in held_out) == 2
    assert multilabel.split(examples, seed=1) == (training, held_out)


@pytest.mark.filterwarnings("ignore:One example only")
def test_split_learns_every_label():
    examples = [("a", ("x", "z")), ("b", ("x", "z")), ("c", ("y",)), ("d", ("y",)), ("e", ("only",))]
    for seed in range(5):
        training, held_out = multilabel.split(examples, seed)
        assert set(multilabel.labels_of(held_out)) <= set(multilabel.labels_of(training)) == {"x", "y", "z", "only"}


def test_positive_weights_are_bounded():
    labels = [("often", "rare")] + [("often", "half")] * 50 + [("often",)] * 49
    weights = multilabel.positive_weights(labels, ["half", "often", "rare"])
    assert weights.tolist() == [1.0, 1.0, 10.0]
    assert multilabel.positive_weights(labels, ["half", "rare"], {"rare": 3.0}).tolist() == [1.0, 3.0]
    assert multilabel.positive_weights(labels, ["half", "rare"], None).tolist() == [1.0, 1.0]


def test_indicators_refuse_an_unknown_label():
    assert multilabel.indicators([("b",), ()], ["a", "b"]).tolist() == [[False, True], [False, False]]
    with pytest.raises(ValueError, match="does not know: 'c'"):
        multilabel.indicators([("c",)], ["a", "b"])


def test_cross_entropy_weighs_what_holds():
    logits = np.array([[2.0, -1.0]], np.float32)
    expected = (3 * np.log1p(np.exp(-2.0)) + np.log1p(np.exp(-1.0))) / 2
    found = multilabel.cross_entropy(np.array([[3.0, 0.0]], np.float32), logits)
    np.testing.assert_allclose(found, [expected], rtol=1e-5)


def test_metrics_are_those_of_scikit_learn():
    from sklearn.metrics import accuracy_score, f1_score

    right, answered = np.random.default_rng(0).random((2, 50, 4)) < 0.4
    found = multilabel.metrics(right, answered)
    assert found["micro_f1"] == round(f1_score(right, answered, average="micro"), 4)
    assert found["macro_f1"] == round(f1_score(right, answered, average="macro"), 4)
    assert found["exact_match"] == round(accuracy_score(right, answered), 4)


def test_the_calibration_error_is_that_of_all_labels_together():
    answers = [{"labels": ["a"]}, {"labels": ["a"]}]
    found = multilabel.evaluation(
        {"text": ["x", "y"]}, [("a",), ("b",)], answers, np.array([[0.9, 0.1], [0.9, 0.1]]), {"a": 0.5, "b": 0.5}
    )
    assert list(found.metrics) == ["micro_f1", "macro_f1", "exact_match", "calibration_error"]
    assert found.metrics["calibration_error"] == 0.4
    assert sum(found.reliability["counts"]) == 4


def test_per_label_of_a_label_that_never_is():
    frame = multilabel.per_label(np.array([[True, False]]), np.array([[True, False]]), {"a": 0.4, "b": 0.5})
    assert frame.iloc[0].tolist() == ["a", 1, 1.0, 1.0, 1.0, 0.4]
    assert frame.iloc[1][["precision", "recall", "f1"]].isna().all()


def test_platt_undoes_odds_that_weights_raised():
    random = np.random.default_rng(0)
    logits = random.normal(size=(2000, 1))
    right = random.random((2000, 1)) < 1 / (1 + np.exp(-(0.5 * logits - 1.0)))
    [slope], [bias] = platt(logits, right, np.zeros(1))
    assert abs(slope - 0.5) < 0.15
    assert abs(bias + 1.0) < 0.15
    assert platt(logits[:1], right[:1], np.array([-2.0]))[1][0] == pytest.approx(-2.0, abs=0.3)  # a row tells little
    [slope], _ = platt(np.array([[8.0]] * 4), np.zeros((4, 1), bool), np.zeros(1))
    assert slope > 0.1  # and four do not make all answers alike


def test_thresholds_of_rare_labels_stay_near_that_of_all():
    probabilities = np.repeat(np.linspace(0, 1, 101)[:, None], 3, axis=1)
    right = np.stack([probabilities[:, 0] >= 0.2, probabilities[:, 0] >= 0.995, probabilities[:, 0] > 2], axis=1)
    often, rarely, never = best_thresholds(probabilities, right)
    assert often < never < rarely
    assert never == pytest.approx(0.2, abs=0.15)
    assert rarely == pytest.approx((0.995 + 10 * never) / 11)
    assert best_thresholds(probabilities, probabilities > 2).tolist() == [0.5] * 3


def test_chance_is_the_best_answer_to_all():
    references = [["late"], ["late", "rude"], []]
    assert "always answering 'late' 0.667" in multilabel_at_chance(references, [["late"]] * 3)
    assert multilabel_at_chance(references, references) is None
    assert multilabel_at_chance([[]], [[]]) is None
