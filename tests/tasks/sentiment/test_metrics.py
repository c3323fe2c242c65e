"""metrics.py: how good a pipeline is."""

import pytest

import lstm_zoo


def test_evaluate_with_a_baseline(trained_once):
    pairs = [("good", "positive"), ("bad", "negative")] * 4
    metrics = lstm_zoo.evaluate(trained_once[0], pairs, training=pairs)
    assert metrics.keys() == {"accuracy", "macro_f1", "calibration_error", "baselines"}
    bags = ("bag of bigrams, logistic regression", "bag of characters, logistic regression")
    assert metrics["baselines"] == {bag: {"accuracy": 1.0, "macro_f1": 1.0} for bag in bags}
    assert "baselines" not in lstm_zoo.evaluate(trained_once[0], pairs)


def test_labels_of_another_data_set_are_refused(trained_once):
    with pytest.raises(ValueError, match="does not know: '0', '1'. It knows: 'negative', 'positive'"):
        lstm_zoo.evaluate(trained_once[0], [("good", 1), ("bad", 0)])


def test_score_counts_right_answers(trained_once):
    pipeline, texts = trained_once[0], ["good film", "bad film", "the plot"]
    labels = [answer["label"] for answer in lstm_zoo.predict(pipeline, texts)]
    assert lstm_zoo.evaluate(pipeline, zip(texts, labels))["accuracy"] == 1
    other = {"positive": "negative", "negative": "positive"}
    wrong = lstm_zoo.evaluate(pipeline, [*zip(texts[:2], labels), (texts[2], other[labels[2]])])
    assert wrong["accuracy"] == pytest.approx(2 / 3, abs=1e-4)
