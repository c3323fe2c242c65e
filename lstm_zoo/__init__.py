"""LSTMs that just work, in Keras: build, load, predict, train, search, evaluate, export and push by name.

Verbs and tasks are imported on first use, because TensorFlow takes seconds to import: `import lstm_zoo` does not.
"""

import importlib
from typing import TYPE_CHECKING

from lstm_zoo import processes as processes  # here, so that a fork is noticed even before the first verb

if TYPE_CHECKING:
    from lstm_zoo.backtesting import backtest as backtest
    from lstm_zoo.building import build as build
    from lstm_zoo.cards import info as info
    from lstm_zoo.demonstration import demo as demo
    from lstm_zoo.detecting import anomalies as anomalies
    from lstm_zoo.exporting import export as export
    from lstm_zoo.inference import evaluate as evaluate
    from lstm_zoo.inference import predict as predict
    from lstm_zoo.inspection import inspect as inspect
    from lstm_zoo.inspection.memory import memory as memory
    from lstm_zoo.inspection.units import units as units
    from lstm_zoo.pushing import push as push
    from lstm_zoo.registry import list_models as list_models
    from lstm_zoo.tasks import forecasting as forecasting
    from lstm_zoo.tasks import sentiment as sentiment
    from lstm_zoo.tasks import speech as speech
    from lstm_zoo.tasks import text_generation as text_generation
    from lstm_zoo.tasks import translation as translation
    from lstm_zoo.training import train as train
    from lstm_zoo.tuning import search as search
    from lstm_zoo.weights import load as load
    from lstm_zoo.weights import save as save

__version__ = "0.1.0"

# Verb -> the module that it lives in.
VERBS = {
    "list_models": "registry",
    "build": "building",
    "load": "weights",
    "predict": "inference",
    "train": "training",
    "search": "tuning",
    "evaluate": "inference",
    "export": "exporting",
    "backtest": "backtesting",
    "anomalies": "detecting",
    "inspect": "inspection",
    "units": "inspection.units",
    "memory": "inspection.memory",
    "demo": "demonstration",
    "save": "weights",
    "info": "cards",
    "push": "pushing",
}


def __getattr__(name):
    from lstm_zoo.registry import TASKS

    if name in VERBS:
        return getattr(importlib.import_module(f"lstm_zoo.{VERBS[name]}"), name)
    if name in TASKS:
        return importlib.import_module(f"lstm_zoo.tasks.{name}")
    raise AttributeError(f"module 'lstm_zoo' has no attribute {name!r}")


def __dir__():
    from lstm_zoo.registry import TASKS

    return sorted([*globals(), *VERBS, *TASKS])
