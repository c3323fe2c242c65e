"""What the recurrence is worth: the forecasting network of M4 with and without its LSTM.

    python -m recipes.ablation [--seeds 3] [--epochs 2]

Validation metrics on M4 Hourly, by seed. Without the LSTM the states that the encoder hands over are zero, so that each
future segment is decoded from the naive forecasts and its place alone. Both are trained alike, and scored on the
validation split, which leaves the test to published files. The networks were those before a linear map joined the naive
forecasts.
"""

import tempfile

import keras

import lstm_zoo
from benchmarks.measuring import parse, parser, write
from lstm_zoo import layers
from lstm_zoo.tasks import forecasting
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
    """The package `layers` with another LSTM, for the function that builds the network."""

    LSTM = Forgetful

    def __getattr__(self, name):
        return getattr(layers, name)


def metrics(lstm, seed, epochs, validation):
    """Validation metrics of the network, with its LSTM or without."""
    networks.layers = layers if lstm else Ablated()
    training = {"epochs": epochs, "batch_size": 256, "learning_rate": 2e-3, "seed": seed}
    with tempfile.TemporaryDirectory() as folder:
        pipeline = lstm_zoo.train("forecasting/segment", DATASET, folder=folder, **training, **SIZES)
    return forecasting.TASK.score(pipeline, validation)


def main():
    options = parser("ablation", __doc__)
    options.add_argument("--seeds", type=int, default=3, help="default: %(default)s")
    options.add_argument("--epochs", type=int, default=2, help="default: %(default)s")
    arguments = parse(options)
    validation = forecasting.TASK.read(forecasting.TASK.data("validation", DATASET))
    table = [
        {"LSTM": name, "seed": seed, **metrics(name == "with", seed, arguments.epochs, validation)}
        for name in ("with", "without")
        for seed in range(arguments.seeds)
    ]
    views = [
        {"rows": ["LSTM"], "values": [name for name in table[0] if name not in ("LSTM", "seed")], "statistic": "mean"}
    ]
    settings = {"epochs": arguments.epochs}
    write(arguments.output, "recipes.ablation", __doc__, settings=settings, table=table, views=views, packages=())


if __name__ == "__main__":
    main()
