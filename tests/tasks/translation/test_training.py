"""Translation through `train`: selected by BLEU, from trained weights, in 16 bits."""

import inspect
import json

import pytest

import lstm_zoo
from lstm_zoo import layers, networks


@pytest.fixture(scope="module")
def tuned(trained, tmp_path_factory):
    """A pipeline fine-tuned on two new pairs, and the folder of its run. Not to be changed."""
    folder = tmp_path_factory.mktemp("tuned")
    trained.save(folder / "before.keras")
    pairs = [("Ein Hund liest.", "A dog reads."), ("Eine Katze singt.", "A cat sings.")]
    options = {"epochs": 5, "max_tokens": 100, "learning_rate": 0.02, "patience": 5, "average": 3, "verbose": False}
    weights = str(folder / "before.keras")
    return lstm_zoo.train("translation", pairs * 60, pairs, weights=weights, folder=folder / "run", **options), folder


def test_selects_by_bleu_and_averages(tuned):
    _, folder = tuned
    history = (folder / "run" / "history.csv").read_text()
    assert "val_bleu" in history.splitlines()[0]
    assert json.loads((folder / "run" / "settings.json").read_text())["average"] == 3


def test_fine_tunes(trained, tuned):
    pipeline, _ = tuned
    assert lstm_zoo.predict(pipeline, "Ein Hund liest.")[0]["text"] == "A dog reads."
    assert pipeline.get_layer("subwords").model == trained.get_layer("subwords").model


def test_bf16_on_a_cpu(pairs, sizes, tmp_path):
    options = {"max_tokens": 200, "epochs": 1, "mixed_precision": True, "verbose": False, **sizes}
    pipeline = lstm_zoo.train("translation/gnmt", pairs, pairs, folder=tmp_path / "a", depth=2, **options)
    lstms = [layer for layer in networks.network_of(pipeline)._flatten_layers() if isinstance(layer, layers.LSTM)]
    assert lstms
    assert all(layer.matmul_dtype is None for layer in lstms)


def test_every_option_of_train_is_documented():
    for name in inspect.signature(lstm_zoo.train).parameters:
        assert f"{name}: " in lstm_zoo.train.__doc__
