"""pushing.py: several pipelines in a repository, each with its card; a card is about the weights that it goes with."""

import numpy as np
import pytest
from tiny import hubs

import lstm_zoo
from lstm_zoo.weights import archive, locate

pytest.importorskip("huggingface_hub", minversion="2")

ADDRESS = "hf://alice/tickets"


@pytest.fixture
def path(trained):
    return trained[1] / "pipeline.keras"


def texts(hub_server):
    """Path -> text of the cards in the repository."""
    files = hub_server.repositories["alice/tickets"].files()
    return {name: content.decode() for name, content in files.items() if name.endswith(".md")}


def test_the_first_is_loaded_by_its_name_from_then_on(hub_server, path):
    lstm_zoo.push(path, ADDRESS)
    assert f'load("{ADDRESS}")' in texts(hub_server)["README.md"]
    lstm_zoo.push(path, f"{ADDRESS}/second.keras")
    cards = texts(hub_server)
    assert f'load("{ADDRESS}/pipeline.keras")' in cards["README.md"]
    assert f'load("{ADDRESS}/second.keras")' in cards["second.md"]
    for name in ("pipeline.keras", "second.keras"):
        assert locate(f"{ADDRESS}/{name}").read_bytes() == path.read_bytes()


def test_the_first_keeps_its_card_when_it_is_replaced(hub_server, path, trained_once):
    lstm_zoo.push(path, ADDRESS)
    lstm_zoo.push(path, f"{ADDRESS}/second.keras")
    lstm_zoo.push(trained_once[0], f"{ADDRESS}/pipeline.keras", license="mit")
    cards = texts(hub_server)
    assert cards.keys() == {"README.md", "second.md"}
    assert "license: mit" in cards["README.md"]


@pytest.mark.parametrize("name", ["README.keras", "curves.keras", "deep/readme.keras", "a.reliability.keras"])
def test_a_name_that_a_card_or_its_curves_would_have(hub_server, path, name):
    message = hubs.said(lstm_zoo.push, path, f"{ADDRESS}/{name}")[1]
    assert "choose another name" in message
    assert hub_server.requests == []


def test_a_picture_that_is_not_of_the_run(hub_server, path):
    path.with_name("settings.json").unlink()
    lstm_zoo.push(path, ADDRESS)
    assert "curves.png" not in hub_server.repositories["alice/tickets"].files()


def test_other_weights_have_no_scores(hub_server, trained, tmp_path):
    pipeline = lstm_zoo.load(trained[1] / "pipeline.keras")
    known = lstm_zoo.info(pipeline)
    assert known["metrics"]
    lstm_zoo.push(pipeline, ADDRESS)
    assert "reliability.png" in hub_server.repositories["alice/tickets"].files()
    pipeline.set_weights([np.zeros_like(weight) for weight in pipeline.get_weights()])
    changed = lstm_zoo.info(pipeline)
    assert (changed["metrics"], changed["command"], changed["data"]) == (None, None, None)
    assert changed["begun_from"]["data"] == known["data"]
    assert changed["hyperparameters"] == known["hyperparameters"]
    lstm_zoo.save(pipeline, tmp_path / "zero.keras")
    assert archive.record_in(tmp_path / "zero.keras")["begun_from"] == changed["begun_from"]
    lstm_zoo.push(pipeline, ADDRESS)
    assert "## Scores" not in texts(hub_server)["README.md"]
    assert "model-index" not in texts(hub_server)["README.md"]
    assert "reliability.png" not in hub_server.repositories["alice/tickets"].files()  # that of the weights before
