"""preprocessing.py: subwords learnt from pairs, with the package that they need and without."""

import keras
import pytest

import lstm_zoo
from lstm_zoo import optional
from lstm_zoo.tasks import translation
from lstm_zoo.text import subwords


def test_too_few_subwords(pairs):
    with pytest.raises(ValueError, match="No subwords of at most 5 ids from 16 texts"):
        translation.TASK.adapt(pairs, vocabulary=5)


def test_missing_package():
    with pytest.raises(ImportError, match=r"translation needs nonesuch: pip install 'lstm_zoo\[translation\]'"):
        optional.need("nonesuch", "translation")


def test_loading_without_the_extra(trained, tmp_path, monkeypatch):
    def missing(package, extra):
        raise ImportError(f"Translation needs {package}: pip install 'lstm_zoo[translation]'")

    trained.save(tmp_path / "a.keras")
    monkeypatch.setattr(subwords, "need", missing)
    with pytest.raises(ImportError, match="needs tensorflow_text"):
        lstm_zoo.load(str(tmp_path / "a.keras"))


def test_keras_keeps_the_subwords(trained, tmp_path):
    trained.save(tmp_path / "a.keras")
    again = keras.saving.load_model(tmp_path / "a.keras", compile=False)
    assert again.get_layer("subwords").model == trained.get_layer("subwords").model
