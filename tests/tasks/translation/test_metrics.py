"""metrics.py: scores, and what they are compared with."""

from lstm_zoo.tasks.translation import metrics
from lstm_zoo.weights import catalog


def test_baselines_are_worse_than_knowing(pairs):
    baselines = metrics.baselines(None, pairs, [("Ein Hund rennt schnell.", "A dog runs fast.")])
    assert set(baselines) == {"nearest training sentence", "source, untranslated"}
    assert baselines["nearest training sentence"]["chrf"] > baselines["source, untranslated"]["chrf"]
    assert "tok:13a" in metrics.signature()


def test_rows_say_how_bleu_is_computed():
    rows = [row for row in catalog.rows() if row["network"].startswith("translation/")]
    assert len(rows) >= 2
    for row in rows:
        assert row["signature"] == metrics.signature()
        assert {"bleu", "bleu_lowercase"} <= row["metrics"]["test"].keys()
