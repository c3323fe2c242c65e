"""Trained pipelines of text generation, and how they are asked."""

import pytest
import tensorflow as tf
from tiny import TINY

import lstm_zoo
from lstm_zoo.tasks.text_generation.options import INPUTS, Options

TEXTS = TINY["text_generation"]["examples"]
SMALL = {"embedding": 12, "units": 24, "bptt": 16}
MODELS = {  # sizes that train in seconds; with dropout one of them, for what hangs on its random numbers
    "text_generation/character": {**SMALL, "dropout": 0.2},
    "text_generation/awd": {**SMALL, "dropout": 0.0, "depth": 2, "embedding": 16, "vocabulary": 60},
}


@pytest.fixture(scope="session")
def texts():
    """What the pipelines have learnt."""
    return TEXTS


@pytest.fixture(scope="session")
def options_of():
    """Hyperparameters of a small network and options of its training: model, changes -> keywords of `train`."""

    def options(model, **changes):
        training = {"epochs": 8, "batch_size": 4, "learning_rate": 0.02, "patience": 8, "verbose": False}
        return {**MODELS[model], **training, **changes}

    return options


@pytest.fixture(scope="session")
def runs(tmp_path_factory, options_of):
    """A pipeline a network that has seen four lines for a while, not to be changed: model -> (pipeline, folder)."""
    folders = {model: tmp_path_factory.mktemp("trained") / "run" for model in MODELS}
    return {
        model: (lstm_zoo.train(model, TEXTS, TEXTS, folder=folder, **options_of(model)), folder)
        for model, folder in folders.items()
    }


@pytest.fixture(params=MODELS)
def trained(request, runs):
    """The pipeline of each network."""
    return runs[request.param][0]


@pytest.fixture
def character(runs):
    """The pipeline of characters."""
    return runs["text_generation/character"][0]


@pytest.fixture
def awd(runs):
    """The pipeline of subwords."""
    return runs["text_generation/awd"][0]


@pytest.fixture(scope="session")
def write():
    """Texts that a pipeline writes, 30 tokens where nothing else is said."""

    def written(pipeline, prompts="To be", **options):
        answers = lstm_zoo.predict(pipeline, prompts, **{"max_new_tokens": 30, **options})
        return [answer["text"] for answer in answers]

    return written


@pytest.fixture(scope="session")
def inputs_of():
    """What a pipeline takes, of pairs (prompt, options), each with options of its own."""

    def inputs(pipeline, *pairs):
        prompts, rows = [prompt for prompt, _ in pairs], [Options(**options) for _, options in pairs]
        tensors = {
            name: tf.constant([getattr(options, option) for options in rows], dtype)
            for name, (option, dtype) in INPUTS.items()
            if name in pipeline.input
        }
        return {"prompt": tf.constant(prompts), **tensors}

    return inputs
