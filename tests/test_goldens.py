"""Goldens: one tiny pipeline a network, written by the version that brought the network, must answer the same for ever.

python tests/test_goldens.py        # writes those of new networks; a golden is never written again
"""

import json
import pathlib

import pytest

import lstm_zoo

FOLDER = pathlib.Path(__file__).with_name("goldens")


def paths(model):
    """The pipeline of a model, and what it was asked and answered."""
    return [FOLDER / f"{model.replace('/', '-')}.{ending}" for ending in ("keras", "json")]


@pytest.mark.parametrize("model", lstm_zoo.list_models())
def test_answers_are_those_of_the_version_that_wrote_it(model):
    pipeline, expected = paths(model)
    golden = json.loads(expected.read_text(encoding="utf-8"))
    answers = lstm_zoo.predict(str(pipeline), golden["raw"])
    for answer, reference in zip(answers, golden["answers"], strict=True):
        numbers = {key: pytest.approx(value, abs=1e-5) for key, value in reference.items() if isinstance(value, float)}
        assert answer == {**reference, **numbers}


def test_there_is_no_other_file():
    assert {path for model in lstm_zoo.list_models() for path in paths(model)} == set(FOLDER.iterdir())


def write(model):
    from conftest import TINY

    pipeline_path, answers_path = paths(model)
    task = TINY[model.partition("/")[0]]
    pipeline = lstm_zoo.train(
        model, task["pairs"] * 5, folder=f"/tmp/golden-{model}", epochs=3, batch=8, **task["sizes"]
    )
    lstm_zoo.save(pipeline, pipeline_path)
    golden = {"version": lstm_zoo.__version__, "raw": task["raw"], "answers": lstm_zoo.predict(pipeline, task["raw"])}
    answers_path.write_text(json.dumps(golden, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    for new in [model for model in lstm_zoo.list_models() if not paths(model)[0].exists()]:
        write(new)
