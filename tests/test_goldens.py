"""Goldens: one tiny pipeline a network, written by the version that brought the network, must answer the same for ever.

PYTHONPATH=tests python tests/test_goldens.py        # writes those of new networks; a golden is never written again
"""

import json
import pathlib
import tempfile

import pytest
from tiny import TINY, assert_alike, plain, sizes_of

import lstm_zoo
from lstm_zoo import registry

FOLDER = pathlib.Path(__file__).with_name("goldens")


def paths(model):
    """The pipeline of a model, and what it was asked and answered."""
    return [FOLDER / f"{model.replace('/', '-')}.{ending}" for ending in ("keras", "json")]


@pytest.mark.parametrize("model", lstm_zoo.list_models())
def test_answers_are_those_of_the_version_that_wrote_it(model):
    pipeline, expected = paths(model)
    golden = json.loads(expected.read_text(encoding="utf-8"))
    assert_alike(plain(lstm_zoo.predict(str(pipeline), golden["raw"])), golden["answers"])


def test_there_is_no_other_file():
    assert {path for model in lstm_zoo.list_models() for path in paths(model)} == set(FOLDER.iterdir())


def write(model):
    pipeline_path, answers_path = paths(model)
    task, tiny = registry.get_task(model), TINY[model.partition("/")[0]]
    with tempfile.TemporaryDirectory() as folder:
        options = {"epochs": 3, task.batch_option: 8, **tiny.get("training", {}), **sizes_of(model)}
        pipeline = lstm_zoo.train(model, tiny["examples"] * 5, folder=folder, **options)
    lstm_zoo.save(pipeline, pipeline_path)
    answers = plain(lstm_zoo.predict(pipeline, tiny["raw"]))
    golden = {"version": lstm_zoo.__version__, "raw": tiny["raw"], "answers": answers}
    # Recordings are long: without line breaks.
    indent = None if task.name == "speech" else 2
    answers_path.write_text(json.dumps(golden, indent=indent, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    for new in [model for model in lstm_zoo.list_models() if not paths(model)[0].exists()]:
        write(new)
