"""What the recurrence is worth: the forecasting network of M4 with and without its LSTM, written to docs/ablation.json.

    python scripts/ablation.py [--seeds 3] [--epochs 2]

Without: the states that the encoder hands over are zero, so that each future segment is decoded from the naive
forecasts and its place alone. Both are trained alike and scored on the validation split, which leaves the test to
published files.
"""

import argparse
import json
import os
import tempfile

import keras
import results
from benchmark import processor

import lstm_zoo
from lstm_zoo import layers
from lstm_zoo.tasks import forecasting
from lstm_zoo.training.checkpoints import write
from lstm_zoo.tasks.forecasting import networks

SIZES = {"lookback": 336, "horizon": 48, "segment": 24, "units": 128, "seasons": (24, 168), "dropout": 0.3}
DATASET = "m4/hourly"


@layers.registered
class Forgetful(layers.LSTM):
    """An LSTM that forgets all it has read: its states are zero, unless they are given."""

    def call(self, sequences, initial_state=None, mask=None, training=False):
        if initial_state is not None:
            return super().call(sequences, initial_state=initial_state, mask=mask, training=training)
        nothing = keras.ops.zeros((keras.ops.shape(sequences)[0], self.units))
        return [nothing, nothing, nothing]


class Ablated:
    """The module `layers` with another LSTM, for the function that builds the network."""

    LSTM = Forgetful

    def __getattr__(self, name):
        return getattr(layers, name)


def scores(lstm, seeds, epochs):
    """Validation measures, for every seed."""
    networks.layers = layers if lstm else Ablated()
    validation = forecasting.data("validation", DATASET)
    found = []
    for seed in range(seeds):
        with tempfile.TemporaryDirectory() as folder:
            pipeline = lstm_zoo.train(
                "forecasting/segment",
                DATASET,
                epochs=epochs,
                batch=256,
                learning_rate=2e-3,
                seed=seed,
                folder=folder,
                **SIZES,
            )
        found.append(forecasting.score(pipeline, validation))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3, help="default: 3")
    parser.add_argument("--epochs", type=int, default=2, help="default: 2")
    arguments = parser.parse_args()
    result = {
        "command": f"python scripts/ablation.py --seeds {arguments.seeds} --epochs {arguments.epochs}",
        "machine": f"{processor()}, {os.cpu_count()} cores",
        "epochs": arguments.epochs,
        "with": scores(True, arguments.seeds, arguments.epochs),
        "without": scores(False, arguments.seeds, arguments.epochs),
    }
    write(results.ABLATION, json.dumps(result, indent=2) + "\n")
    print(results.ablation_text())


if __name__ == "__main__":
    main()
