"""LSTMs that just work, in Keras: build, load, predict, train, search, evaluate and export by name.

The verbs are imported on first use, because TensorFlow takes seconds to import: `import lstm_zoo` does not.
"""

import importlib

__version__ = "0.1.0"

VERBS = {
    "list_models": "zoo",
    "build": "zoo",
    "load": "weights",
    "predict": "inference",
    "train": "training",
    "search": "tuning",
    "evaluate": "inference",
    "export": "exporting",
}

# And for forecasting alone `backtest`, and for pipelines of one's own `save`, whose files `load` reads by path.
HOMES = {**VERBS, "backtest": "backtesting", "save": "weights"}

__all__ = ["__version__", *HOMES]


def __getattr__(name):
    if name in HOMES:
        return getattr(importlib.import_module(f"lstm_zoo.{HOMES[name]}"), name)
    raise AttributeError(f"module 'lstm_zoo' has no attribute {name!r}")


def __dir__():
    return sorted([*globals(), *HOMES])
