"""inference.py: options become inputs, data sets become examples, files are read once."""

import dataclasses
import gc
import operator
import os
import shutil
import weakref

import keras
import numpy as np
import pytest
from tiny import TINY, pipeline_for

import lstm_zoo
from lstm_zoo import answering, inference, registry
from lstm_zoo.datasets import Dataset
from lstm_zoo.options import check_options
from lstm_zoo.tasks import sentiment
from lstm_zoo.weights import archive

MODEL = "text_generation/character"


class TestOptions:
    """Those that are inputs of a pipeline, and those that are not."""

    def test_are_one_value_a_row_in_the_type_of_the_input(self):
        chosen = check_options(MODEL, {"max_new_tokens": 3, "top_p": 1, "seed": 7})
        pipeline, task = pipeline_for(MODEL), registry.get_task(MODEL)
        tensors = answering.encoded(pipeline, ["to", "be"], task=task, options=chosen)
        assert tensors.keys() == pipeline.input.keys()
        assert {name: tensor.dtype.name for name, tensor in tensors.items()} == {
            name: tensor.dtype for name, tensor in pipeline.input.items()
        }
        for name, value in {"length": 3, "top_p": 1.0, "seed": 7, "temperature": np.float32(0.8), "top_k": 0}.items():
            np.testing.assert_array_equal(tensors[name], [value, value])

    def test_are_not_inputs_of_a_task_without(self):
        [text] = answering.encoded(pipeline_for("sentiment/bilstm"), ["good"], task=sentiment.TASK)
        assert text == b"good"

    def test_of_sampling_are_refused_where_a_pipeline_searches(self):
        pipeline = pipeline_for(MODEL)
        for options in ({"temperature": 0.5}, {"seed": 0}, {"top_k": 2, "max_new_tokens": 3}):
            with pytest.raises(ValueError, match="A pipeline that searches samples nothing, and does not take"):
                lstm_zoo.predict(pipeline, "to be", beams=2, **options)

    def test_are_checked_before_anything_is_read(self):
        with pytest.raises(ValueError, match="beams is a whole number of at least 1. Received: 0"):
            lstm_zoo.predict(pipeline_for(MODEL), 5, beams=0)
        with pytest.raises(ValueError, match="explain is True or False. Received: 'yes'"):
            lstm_zoo.predict(pipeline_for("sentiment/attention"), 5, explain="yes")

    def test_none_is_the_default(self):
        pipeline = pipeline_for("sentiment/attention")
        assert lstm_zoo.predict(pipeline, "good", explain=None) == lstm_zoo.predict(pipeline, "good")


class TestStream:
    """Answers while they are written."""

    @pytest.mark.parametrize("model", ["sentiment/attention", "translation/attention", "forecasting/segment"])
    def test_is_none_where_an_answer_comes_as_a_whole(self, model):
        assert inference.stream(pipeline_for(model), ["to be"]) is None

    def test_is_what_predict_answers(self):
        options = {"max_new_tokens": 12, "seed": 3}
        parts = inference.stream(pipeline_for(MODEL), ["to", "be"], **options)
        answers = lstm_zoo.predict(pipeline_for(MODEL), ["to", "be"], **options)
        assert "".join(parts) == "".join(f"{prompt}{answer['text']}\n" for prompt, answer in zip(["to", "be"], answers))

    def test_is_none_for_a_search(self):
        assert inference.stream(pipeline_for(MODEL), "to", beams=2) is None

    def test_checks_its_options(self):
        with pytest.raises(ValueError, match="Unknown option of text_generation/character: 'temprature'"):
            inference.stream(pipeline_for(MODEL), "to", temprature=0.5)


class TestEvaluate:
    """Data sets by name, and their splits."""

    @pytest.fixture
    def asked(self, monkeypatch):
        """Tiny data in the place of the task's two data sets; the splits that were asked for."""
        asked = []

        def dataset(name):
            def load(split):
                asked.append((name, split))
                return TINY["sentiment"]["examples"]

            return Dataset(load=load, license="none", limits="tiny")

        datasets = {name: dataset(name) for name in ("first", "second")}
        monkeypatch.setattr(sentiment, "TASK", dataclasses.replace(sentiment.TASK, datasets=datasets))
        return asked

    def test_no_data_are_the_first_data_set(self, asked):
        metrics = lstm_zoo.evaluate(pipeline_for("sentiment/bilstm"))
        assert asked == [("first", "test"), ("first", "train")]
        assert list(metrics) == ["accuracy", "macro_f1", "calibration_error", "baselines"]
        for scores in metrics["baselines"].values():
            assert list(scores) == ["accuracy", "macro_f1"]

    def test_no_data_are_those_that_it_was_trained_on(self, asked, trained_once, monkeypatch):
        record = {**archive.record_of(trained_once[0]), "data": "second"}
        monkeypatch.setattr(archive, "record_of", lambda _: record)
        lstm_zoo.evaluate(trained_once[0])
        record["data"] = "reviews.csv"
        lstm_zoo.evaluate(trained_once[0])
        assert asked == [("second", "test"), ("second", "train"), ("first", "test"), ("first", "train")]

    def test_another_split_and_training_of_one_s_own(self, asked):
        training = TINY["sentiment"]["examples"]
        lstm_zoo.evaluate(pipeline_for("sentiment/bilstm"), "second", split="validation", training=training)
        assert asked == [("second", "validation")]

    def test_an_unknown_split(self, asked):
        with pytest.raises(ValueError, match="Unknown split: 'tests'. Did you mean 'test'?"):
            lstm_zoo.evaluate(pipeline_for("sentiment/bilstm"), "second", split="tests")


class TestLoaded:
    """Pipelines by name, kept for the next call."""

    def test_a_file_is_read_once(self, trained, monkeypatch):
        path, other = trained[1] / "pipeline.keras", trained[1] / "other.keras"
        lstm_zoo.save(trained[0], other)
        first = answering.loaded(path)
        assert answering.loaded(str(path)) is first
        assert answering.loaded(other) is not first
        with monkeypatch.context() as patch:
            patch.setattr(keras.saving, "load_model", None)
            assert answering.loaded(path) is first

    def test_a_pipeline_is_itself(self):
        pipeline = pipeline_for("sentiment/bilstm")
        assert answering.loaded(pipeline) is pipeline

    def test_more_files_than_there_are_networks_are_kept(self, trained):
        paths = [trained[1] / f"{number}.keras" for number in range(len(lstm_zoo.list_models()))]
        for path in paths:
            shutil.copy(trained[1] / "pipeline.keras", path)
        pipelines = list(map(answering.loaded, paths))
        assert all(map(operator.is_, map(answering.loaded, paths), pipelines))

    def test_of_a_file_the_newest_version_alone_is_kept(self, trained):
        path = trained[1] / "pipeline.keras"
        first = weakref.ref(answering.loaded(path))
        os.utime(path, ns=(0, 0))
        second = answering.loaded(path)
        gc.collect()
        assert first() is None
        assert answering.loaded(path) is second
