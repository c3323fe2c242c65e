"""Fixtures. Small data is made here; tests on real data skip, loudly, where TensorFlow Datasets has not prepared it."""

import os
import shutil

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pytest

import lstm_zoo
from lstm_zoo import datasets, registry
from lstm_zoo.tasks import forecasting
from lstm_zoo.training import preparing
from lstm_zoo.tasks import speech


def waves(level):
    """40 steps of a wave of 6 steps around a level."""
    return level + np.sin(np.arange(40) * 2 * np.pi / 6)


def tones(word, rate=16_000, seed=0):
    """A recording of a word of letters a and b: a tone of 0.24 s each, pauses of 0.12 s around it, a little noise."""
    pitch = {"a": 500, "b": 1500}
    pause, time = np.zeros(int(0.12 * rate)), np.arange(int(0.24 * rate)) / rate
    parts = [part for letter in word for part in (np.sin(2 * np.pi * pitch[letter] * time), pause)]
    samples = np.concatenate([pause, *parts])
    return 0.3 * samples + 0.003 * np.random.default_rng(seed).standard_normal(len(samples))


# What the conformance tests need to know of a task: raw pairs that can be learnt, and a size that trains in seconds.
TINY = {
    "sentiment": {
        "pairs": [
            ("A good film!", "positive"),
            ("bad, so bad", "negative"),
            ("good good good", "positive"),
            ("a bad film", "negative"),
            # line breaks of all kinds, which no token may hold
            ("What a good plot\x85this is,\u2028and what a good end.\x1c", "positive"),
            ("The plot is bad and so is the end of it", "negative"),
            ("good", "positive"),
            ("bad", "negative"),
        ],
        "sizes": {"vocabulary": 40, "embedding": 8, "units": 8},
        "networks": {"awd": {"vocabulary": 60, "depth": 2, "weight_dropout": 0.0, "encoder_dropout": 0.0}},
        # Whatever people type.
        "raw": [
            "A good film!",
            "",
            "?!... --",
            "zyxwv qponm",
            "bad",
            "the plot " * 200,
            "👍🏽 فيلم جيد",
            "<br /> good",
        ],
        "empty": "",
        "served_with": {"awd": ["tensorflow_text"]},
    },
    "translation": {
        "pairs": [
            ("Ein Hund rennt.", "A dog runs."),
            ("Eine Katze schläft.", "A cat sleeps."),
            ("Ein Mann liest ein Buch.", "A man reads a book."),
            ("Zwei Hunde spielen im Schnee.", "Two dogs play in the snow."),
            ("Eine Frau singt.", "A woman sings."),
            ("Ein Kind isst einen Apfel.", "A child eats an apple."),
            ("Der Mann schläft.", "The man sleeps."),
            ("Die Katze rennt.", "The cat runs."),
        ],
        "sizes": {"vocabulary": 80, "embedding": 12, "units": 12, "dropout": 0.0},
        "networks": {"gnmt": {"depth": 2, "units": 24}},
        "batch": 200,  # pieces
        # Until it knows the pairs: what an untrained network writes hangs on the last digits.
        "training": {"epochs": 60, "batch": 200, "learning_rate": 0.02, "patience": 60},
        # Whatever people type.
        "raw": [
            "Ein Hund rennt.",
            "",
            "♞ 你好 👍🏽",
            "The quick brown fox, in English.",
            "Hund " * 40,
            "12.500 € auf https://example.org/a?b=c",
            "   Die   Katze   schläft.  ",
            "ein\nMann\t<br />",
        ],
        "empty": "",
        "served_with": {"attention": ["tensorflow_text"], "gnmt": ["tensorflow_text"]},
    },
    "speech": {
        "pairs": speech.read(
            [((tones(word, seed=seed), 16_000), word, "") for seed in range(2) for word in ("a", "b", "ab", "ba")]
        ),
        "sizes": {"channels": 4, "units": 16, "frequency_mask": 0, "time_mask": 0, "dropout": 0.0},
        "networks": {
            "ctc": {"depth": 1},
            "streaming": {"depth": 1},
            "attention": {"depth": 1, "embedding": 16},
            "keyword": {"depth": 1, "attention_units": 8},
        },
        "learning": {"attention": (0.01, 150)},  # until it has found where to look
        # Until it knows the words: what an untrained network hears hangs on the last digits.
        "training": {"epochs": 40, "batch": 8, "learning_rate": 0.02, "patience": 40},
        # Whatever comes from microphones: as it should be, nothing, silence, a click, two channels, other rates, loud.
        "raw": [
            [tones("ab").round(3).tolist(), 16_000],
            [[], 16_000],
            [[0.0] * 2000, 8_000],
            [[0.5] * 160, 16_000],
            [tones("b", 8_000).round(3)[:, None].repeat(2, 1).tolist(), 8_000],
            [tones("a", 12_000).round(3).tolist(), 12_000],
            [(100 * tones("a")).clip(-1, 1).round(3).tolist(), 16_000],
        ],
        "empty": [[], 16_000],
    },
    "text_generation": {
        "pairs": [
            "To be, or not to be, that is the question:\n",
            "Whether 'tis nobler in the mind to suffer\n",
            "The slings and arrows of outrageous fortune,\n",
            "Or to take arms against a sea of troubles\n",
        ],
        "sizes": {"embedding": 16, "units": 48, "weight_dropout": 0.0, "dropout": 0.0},
        "networks": {"awd": {"vocabulary": 60, "embedding": 32, "depth": 2, "embedding_dropout": 0.0}},
        "learning": {"character": (0.02, 120), "awd": (0.02, 120)},
        # Until it knows the lines: what an untrained network writes hangs on the last digits.
        "training": {"epochs": 60, "batch": 8, "learning_rate": 0.02, "patience": 60},
        # Whatever people type.
        "raw": [
            "To be",
            "",
            "♞ 你好 👍🏽",
            "\n\n",
            "To be, or not to be, " * 20,
            "whether\t'tis <br />",
            "nul\0byte",
        ],
        "empty": "",
        "served_with": {"awd": ["tensorflow_text"]},
    },
    "forecasting": {
        # waves of 6 steps at different levels, and one that begins late
        "pairs": forecasting.read({f"wave {level}": waves(level) for level in (0, 5, 100)} | {"short": waves(3)[20:]}),
        "sizes": {"lookback": 12, "horizon": 6, "units": 8},
        # Long, short, of one value, constant, with gaps, without any value, of none, and huge.
        "raw": [
            waves(7).tolist(),
            [3.0, 4.0, 5.0],
            [2.0],
            [5.0] * 30,
            [1.0, float("nan"), 3.0, float("nan"), float("nan"), 2.0, 4.0, float("nan")],
            [float("nan")] * 3,
            [],
            (1e9 * waves(1)).tolist(),
        ],
        "empty": [],
        "networks": {
            "segment": {"segment": 6, "dropout": 0.0},
            "seq2seq": {"contexts": 4, "dropout": 0.0},
            "deepar": {"depth": 1},
        },
    },
}


@pytest.fixture(autouse=True)
def seeded():
    """Every test starts from the same random state."""
    keras.utils.set_random_seed(0)


def prepared_for(model):
    """Preprocessing of a tiny network, adapted as `train` does it."""
    task_name, network_name = registry.resolve(model)
    task, fixture = registry.task_module(model), TINY[task_name]
    sizes = {**fixture["sizes"], **fixture.get("networks", {}).get(network_name, {})}
    chosen = {**preparing.defaults(task, network_name), **sizes}
    return task.adapt(fixture["pairs"], **preparing.taken(task.adapt, chosen))


def plain(answers):
    """Answers of `predict` as JSON holds them."""
    return answers.tolist() if isinstance(answers, np.ndarray) else answers


def assert_alike(found, expected):
    """Nested lists and dicts are equal, their numbers to 1e-5."""
    if isinstance(expected, dict):
        assert found.keys() == expected.keys()
        expected, found = list(expected.values()), [found[key] for key in expected]
    if isinstance(expected, list):
        assert len(found) == len(expected)
        for one, other in zip(found, expected):
            assert_alike(one, other)
    elif isinstance(expected, str) or expected is None:
        assert found == expected
    else:
        assert found == pytest.approx(expected, rel=1e-5, abs=1e-5, nan_ok=True)


@pytest.fixture(scope="session")
def tiny():
    """Builds, for a model name, the task's module, its tiny data, an untrained tiny network and its pipeline."""

    def make(model):
        task_name, network_name = registry.resolve(model)
        task, fixture = registry.task_module(model), TINY[task_name]
        keras.utils.set_random_seed(0)
        preprocessing = prepared_for(model)
        sizes = {**fixture["sizes"], **fixture.get("networks", {}).get(network_name, {})}
        network = lstm_zoo.build(model, **{**sizes, **task.sizes(preprocessing)})
        return task, fixture, network, task.pipeline(network, preprocessing)

    return make


@pytest.fixture(scope="session")
def trained_once(tmp_path_factory):
    """A tiny sentiment pipeline trained on tiny data, and the folder of its run. Not to be changed."""
    folder = tmp_path_factory.mktemp("trained") / "run"
    pairs, sizes = TINY["sentiment"]["pairs"] * 5, TINY["sentiment"]["sizes"]
    return lstm_zoo.train("sentiment", pairs, folder=folder, epochs=2, batch=8, verbose=False, **sizes), folder


@pytest.fixture
def trained(trained_once, tmp_path):
    """The same with a folder of the test's own."""
    pipeline, folder = trained_once
    return pipeline, shutil.copytree(folder, tmp_path / "run")


@pytest.fixture(scope="session")
def prepared():
    """Skips unless TensorFlow Datasets has a data set prepared; never downloads."""

    def check(name):
        import tensorflow_datasets as tfds

        own = name.split("/")[0] in ("an4", "ett", "m4", "multi30k")
        builder = datasets.builder(name) if own else tfds.builder(name)
        if not builder.data_path.exists():
            how = "lstm_zoo.datasets.load" if own else "tfds.load"
            pytest.skip(f"{name} is not prepared in {builder.data_path}: {how}({name!r}) prepares it")

    return check
