"""exporting/portable.py, and lstm_zoo.portable: a folder answers without TensorFlow what its pipeline answers."""

import json
import pathlib
import subprocess
import sys
import sysconfig

import numpy as np
import pytest
from tiny import network_for, pipeline_for, prepared_for

import lstm_zoo
from lstm_zoo import portable, registry

TEXTS = ["A good film!", "", "?!... --", "the plot is bad " * 50, "👍🏽 فيلم جيد", "<br /> good", "bad"]
RANDOM = np.random.default_rng(0)
RECORDINGS = [(0.1 * RANDOM.normal(size=size), 16_000) for size in (16_000, 9_000, 300, 0, 24_000)]
SERIES = [10 + np.sin(np.arange(40)), [3.0, 4.0], [5.0] * 30, [1.0, float("nan"), 3.0], [float("nan")] * 3, []]
ITEMS = {"sentiment": TEXTS, "speech": RECORDINGS, "forecasting": SERIES}
MODELS = [model for model in lstm_zoo.list_models() if registry.get_network(model).portable]


def scrambled_pipeline(model, multilabel=False):
    """A pipeline whose answers differ from item to item."""
    network, random = network_for(model), np.random.default_rng(0)
    for weight in network.trainable_weights:
        weight.assign(random.normal(scale=0.3, size=weight.shape))
    task = registry.get_task(model).variant if multilabel else registry.get_task(model)
    return task.networks[network.name].pipeline(network, prepared_for(model))


def assert_near(found, expected):
    """Answers are the same, their numbers to 1e-4."""
    if isinstance(expected, np.ndarray):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)
        return
    for answer, other in zip(found, expected, strict=True):
        assert answer.keys() == other.keys()
        for key, value in other.items():
            told = answer[key]
            if isinstance(value, dict):
                assert list(told) == list(value)
                told, value = list(told.values()), list(value.values())
            numeric = isinstance(value, float) or (key == "scores" and value[0] is not None)
            assert told == (pytest.approx(value, abs=1e-4, rel=1e-4) if numeric else value)


@pytest.mark.parametrize("model", MODELS)
def test_answers_are_those_of_predict(model, tmp_path):
    pipeline = scrambled_pipeline(model)
    items = ITEMS[model.partition("/")[0]]
    folder = portable.load(lstm_zoo.export(pipeline, tmp_path / "folder", format="portable"))
    options = {"scores": True} if "labels" in folder.reader.told else {}
    assert_near(folder.predict(items, **options), lstm_zoo.predict(pipeline, items, **options))
    assert len(folder.predict(items[:1])) == 1
    assert len(folder.predict([])) == 0


@pytest.mark.parametrize("model", ["sentiment/wide", "sentiment/awd"])
def test_several_labels(model, tmp_path):
    pipeline = scrambled_pipeline(model, multilabel=True)
    folder = portable.load(lstm_zoo.export(pipeline, tmp_path / "folder", format="portable"))
    assert_near(folder.predict(TEXTS, scores=True), lstm_zoo.predict(pipeline, TEXTS, scores=True))


CODE = """
import json, sys
sys.path = [path for path in sys.path if path] + [sys.argv[1], sys.argv[2]]
import lstm_zoo.portable
assert lstm_zoo.portable.__file__.startswith(sys.argv[1])
print(json.dumps(lstm_zoo.portable.load(sys.argv[1]).predict(sys.argv[3:])))
heavy = {"tensorflow", "keras", "pandas", "scipy"} & set(sys.modules)
assert not heavy, heavy
"""


@pytest.mark.parametrize("weights", ["float32", "float16", "int8"])
def test_a_folder_is_whole(trained_once, tmp_path, weights):
    folder = lstm_zoo.export(trained_once[0], tmp_path / "reviews", format="portable", weights=weights)
    # Without site, so that the checkout is not found: the folder and the packages alone.
    command = [sys.executable, "-I", "-S", "-c", CODE, folder, sysconfig.get_path("purelib"), *TEXTS]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    answers, expected = json.loads(result.stdout), lstm_zoo.predict(trained_once[0], TEXTS)
    tolerance = {"float32": 1e-4, "float16": 2e-3, "int8": 0.05}[weights]
    np.testing.assert_allclose(
        [answer["score"] for answer in answers], [answer["score"] for answer in expected], atol=tolerance
    )


def test_the_command_line_imports_no_tensorflow(trained_once, tmp_path):
    folder = lstm_zoo.export(trained_once[0], tmp_path / "reviews", format="portable")
    code = (
        "import sys; from lstm_zoo import cli\n"
        "try: cli.main()\n"
        "finally: assert not {'tensorflow', 'keras', 'pandas', 'scipy'} & set(sys.modules)"
    )
    command = [sys.executable, "-c", code, "predict", folder, "A good film!", "bad", "--scores", "--json"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert_near(json.loads(printed), lstm_zoo.predict(trained_once[0], ["A good film!", "bad"], scores=True))


def test_the_command_line_prints_a_table(call, trained_once, tmp_path):
    folder = lstm_zoo.export(trained_once[0], tmp_path / "reviews", format="portable")
    assert "A good film!" in call("predict", folder, "A good film!")
    assert "--scores" in call("predict", folder, "--help")
    assert "is a file" in call("predict", folder, pathlib.Path(__file__), code=2)


def test_what_cannot_be_portable_is_refused(tmp_path):
    with pytest.raises(
        ValueError, match="translation-attention cannot be exported as portable, but as saved_model and"
    ):
        lstm_zoo.export(pipeline_for("translation/attention"), tmp_path / "out", format="portable")
    held = lstm_zoo.speech.with_lexicon(pipeline_for("speech/ctc"), ["ab"])
    with pytest.raises(ValueError, match="speech-ctc cannot be exported as portable: .* cannot search by a lexicon"):
        lstm_zoo.export(held, tmp_path / "out", format="portable")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(FileNotFoundError, match="holds no model.onnx"):
        portable.load(tmp_path)


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"covariates": ["price"], "calendar": False, "series": []}, "a network that reads covariates"),
        ({"covariates": [], "calendar": True, "series": ["load"]}, "a network that reads calendar, series"),
    ],
)
def test_series_have_values_alone(told, message):
    with pytest.raises(ValueError, match=message):
        portable.reader_of({"lookback": 4, **told})


@pytest.mark.parametrize(
    ("raw", "options", "message"),
    [
        ([None], {}, "Item 0 is not a text"),
        ([b"\xff"], {}, "Item 0 is not UTF-8"),
        (7, {}, "A text or a list of texts is expected"),
        (__file__, {}, "is a file"),
    ],
)
def test_bad_input(raw, options, message):
    told = {"rules": [], "lower": True, "vocabulary": ["", "[UNK]"], "labels": ["bad", "good"]}
    with pytest.raises(ValueError, match=message):
        portable.Portable(portable.reader_of(told), None).predict(raw, **options)


def test_what_is_missing_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "sentencepiece", None)
    with pytest.raises(ImportError, match="This folder needs sentencepiece: pip install sentencepiece"):
        portable.reader_of({"rules": [], "lower": False, "sentencepiece": "", "labels": []})


def test_scores_are_of_labels():
    reader = portable.reader_of({"features": {"rate": 16_000}, "characters": ["", "a"], "beams": 1})
    with pytest.raises(ValueError, match="scores are those of labels, and this network gives none"):
        portable.Portable(reader, None).predict([], scores=True)
