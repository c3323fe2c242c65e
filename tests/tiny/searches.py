"""Tiny searches on sentiment/bilstm: over units, dropout and learning rate."""

import json

import lstm_zoo
from tiny.runs import PAIRS

# Everything else.
FIXED = {
    "vocabulary": 40,
    "embedding": 8,
    "depth": 1,
    "word_dropout": 0.0,
    "embedding_dropout": 0.1,
    "weight_dropout": 0.0,
    "batch_size": 8,
}


def search(folder, pairs=PAIRS, name="sentiment/bilstm", **options):
    """The best hyperparameters, and their search in `folder`."""
    options = {"tuner": "random", "epochs": 2, "units": [4, 8], "verbose": False, **FIXED, **options}
    return lstm_zoo.search(name, pairs, folder=folder, **options)


def records(folder):
    """Records of the trials of a search; none before it began."""
    path = folder / "state.json"
    return json.loads(path.read_text())["records"] if path.exists() else []


def outcome(folder):
    """What has to be the same of two searches."""
    return [(record["id"], record["values"], record["status"], record["score"]) for record in records(folder)]


def scored(study, trial_id, values, worker, state):
    """A trial of no time, whose score is a function of its values; in the place of `train_trial`."""
    score = abs(values["learning_rate"] - 0.01) + values.get("units", 8) / 1000 + values.get("dropout", 0) / 100
    return {
        "status": "COMPLETED",
        "score": score,
        "reason": None,
        "metrics": {"val_loss": score},
        "epochs": values.get("tuner/epochs", study.epochs),
        "parameters": study.parameters(values) if study.max_parameters else 0,
        "eligible": study.fits(values),
        "seconds": 0.1,
        "training_seconds": 0.1,
    }
