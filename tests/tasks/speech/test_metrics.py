"""metrics.py: error rates and the baseline."""

import pytest

from lstm_zoo.tasks.speech import TASK
from lstm_zoo.tasks.speech.metrics import metrics


def test_rates_of_known_errors():
    rates = metrics(["A X C", "D"], ["A B C", "D"])
    assert rates["wer"] == 25.0
    assert rates["cer"] == pytest.approx(100 / 6, abs=0.01)
    assert metrics(["A B"], ["A B C"])["wer"] == 50.0  # of the words that were said


def test_the_interval_is_that_of_the_groups():
    references, predictions = ["A"] * 100, ["A"] * 50 + ["B"] * 50
    alone = metrics(references, predictions)
    grouped = metrics(references, predictions, ["x"] * 50 + ["y"] * 50)
    assert (alone["wer_low"], alone["wer_high"]) == (pytest.approx(40, abs=1.5), pytest.approx(60, abs=1.5))
    assert (grouped["wer_low"], grouped["wer_high"]) == (0, 100)


def test_the_nearest_recording_is_one_of_the_same_word(examples):
    assert TASK.baselines(None, examples[:4], examples[4:])["nearest training recording"]["wer"] == 0
