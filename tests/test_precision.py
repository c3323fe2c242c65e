"""precision.py: Keras' global settings change neither what a pipeline answers nor what is trained."""

import json
import pathlib
import threading

import keras
import numpy as np
import pytest
import tensorflow as tf
from tiny import TINY, assert_alike, plain, sizes_of

import lstm_zoo
from lstm_zoo import answering, inference, registry
from lstm_zoo.options import check_options
from lstm_zoo.precision import in_float32

MODELS = lstm_zoo.list_models()
DEFAULTS = ["/".join(registry.resolve(task)) for task in registry.TASKS]
OTHERS = [model for model in MODELS if model not in DEFAULTS]
GOLDENS = pathlib.Path(__file__).with_name("goldens")


@pytest.fixture
def change():
    """Changes Keras' global settings, for the test alone."""
    policy, floatx = keras.config.dtype_policy(), keras.config.floatx()

    def changed(other_policy, other_floatx):
        keras.config.set_dtype_policy(other_policy)
        keras.config.set_floatx(other_floatx)

    yield changed
    changed(policy, floatx)


def settings():
    """Keras' global settings."""
    return keras.config.dtype_policy().name, keras.config.floatx()


@pytest.mark.parametrize("model", MODELS)
def test_pipelines_answer_the_same(model, change):
    path = GOLDENS / f"{model.replace('/', '-')}.json"
    golden = json.loads(path.read_text(encoding="utf-8"))
    change("mixed_float16", "float64")
    pipeline = lstm_zoo.load(str(path.with_suffix(".keras")))
    answers = lstm_zoo.predict(pipeline, golden["raw"])
    assert_alike(plain(answers), golden["answers"])
    task = registry.get_task(model)
    items = task.prepare(golden["raw"])
    inputs = answering.encoded(pipeline, items, task=task, options=check_options(model, {}))
    called = pipeline(inputs)  # by the user, with his settings
    for name, value in pipeline.predict_on_batch(inputs).items():
        if value.dtype.kind == "f":
            assert called[name].dtype == value.dtype, name
            np.testing.assert_allclose(called[name], value, rtol=1e-4, atol=1e-5)
    assert settings() == ("mixed_float16", "float64")


@pytest.mark.parametrize("model", DEFAULTS + [pytest.param(model, marks=pytest.mark.slow) for model in OTHERS])
def test_training_is_the_same(model, change, tmp_path):
    task, tiny = registry.get_task(model), TINY[model.partition("/")[0]]
    size = 400 if task.batch_option == "max_tokens" else 8
    options = {"epochs": 1, task.batch_option: size, "verbose": False, **sizes_of(model)}
    plainly = lstm_zoo.train(model, tiny["examples"] * 2, folder=tmp_path / "plain", **options)
    change("mixed_bfloat16", "float64")
    pipeline = lstm_zoo.train(model, tiny["examples"] * 2, folder=tmp_path / "changed", **options)
    for value, other in zip(plainly.get_weights(), pipeline.get_weights(), strict=True):
        assert value.dtype == other.dtype
        np.testing.assert_array_equal(value, other)
    assert settings() == ("mixed_bfloat16", "float64")


@pytest.mark.parametrize("model", ["forecasting/seq2seq", "speech/streaming", "text_generation/character"])
def test_an_export_is_the_same(model, change, tmp_path):
    path = GOLDENS / f"{model.replace('/', '-')}.keras"
    plainly = lstm_zoo.export(str(path), tmp_path / "plain")
    change("mixed_float16", "float64")
    changed = lstm_zoo.export(str(path), tmp_path / "changed")
    plainly, changed = (tf.saved_model.load(str(folder)).signatures for folder in (plainly, changed))
    assert plainly.keys() == changed.keys()
    for name in plainly:
        assert plainly[name].structured_outputs == changed[name].structured_outputs
        assert str(plainly[name].structured_input_signature) == str(changed[name].structured_input_signature)


def test_text_while_somebody_speaks(change):
    from lstm_zoo.tasks.speech.streams import stream

    samples = np.random.default_rng(0).normal(0, 0.1, 8000).astype("float32")
    pipeline = lstm_zoo.load(str(GOLDENS / "speech-streaming.keras"))
    expected = list(stream(pipeline, [samples]))
    change("mixed_float16", "float64")
    assert list(stream(pipeline, [samples])) == expected


def test_text_while_it_is_written(change):
    pipeline = lstm_zoo.load(str(GOLDENS / "text_generation-character.keras"))
    expected = "".join(inference.stream(pipeline, "to be", max_new_tokens=5, seed=1))
    change("mixed_float16", "float64")
    assert "".join(inference.stream(pipeline, "to be", max_new_tokens=5, seed=1)) == expected


def test_in_many_threads(change):
    change("mixed_float16", "float64")
    inside, leave = threading.Event(), threading.Event()

    def other():
        with in_float32():
            inside.set()
            leave.wait(60)

    thread = threading.Thread(target=other)
    thread.start()
    inside.wait(60)
    with in_float32():
        assert settings() == ("float32", "float32")
    assert settings() == ("mixed_float16", "float32")  # floatx is the whole program's
    leave.set()
    thread.join()
    assert settings() == ("mixed_float16", "float64")


def test_after_an_error(change):
    change("mixed_float16", "float64")
    with pytest.raises(ValueError, match="Unknown"):
        lstm_zoo.build("sentimen")
    assert settings() == ("mixed_float16", "float64")
