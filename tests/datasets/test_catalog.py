"""datasets/catalog.py: the data sets of TFDS' catalogue, prepared without a word on stdout."""

import sys
import types

import pytest

from lstm_zoo.datasets import catalog

tfds = pytest.importorskip("tensorflow_datasets")


@pytest.mark.parametrize("prepared", [False, True])
def test_what_tfds_tells_goes_to_stderr(monkeypatch, capsys, prepared):
    made = types.SimpleNamespace(is_prepared=lambda: prepared, download_and_prepare=lambda: print("Downloading..."))
    monkeypatch.setattr(tfds, "builder", lambda name: made)
    monkeypatch.setattr(tfds, "load", lambda name, **options: (name, options))
    assert catalog.load_catalogued("imdb_reviews", split="train") == ("imdb_reviews", {"split": "train"})
    assert capsys.readouterr() == ("", "" if prepared else "Downloading...\n")


def test_without_stderr(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stderr", None)
    with catalog.preparing():
        print("Downloading...")
    assert capsys.readouterr().out == ""
