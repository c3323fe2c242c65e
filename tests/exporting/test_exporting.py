"""exporting/__init__.py: what is refused, and never half a file."""

import dataclasses

import pytest
from tiny import pipeline_for

import lstm_zoo
from lstm_zoo import exporting
from lstm_zoo.exporting import saved_model


@pytest.mark.parametrize("content", [None, "precious.txt"])
def test_an_existing_folder_is_left_alone(trained_once, tmp_path, content):
    folder = tmp_path / "saved_model"
    folder.mkdir()
    if content:
        (folder / content).write_text("mine")
    with pytest.raises(FileExistsError, match="exists already. Choose another path"):
        lstm_zoo.export(trained_once[0], folder)
    assert [path.name for path in folder.iterdir()] == ([content] if content else [])


def test_an_interrupted_export_leaves_nothing(trained_once, tmp_path, monkeypatch):
    def interrupted(_, path):
        path.mkdir()
        (path / "half").write_text("of it")
        raise KeyboardInterrupt

    format = dataclasses.replace(saved_model.FORMAT, write=interrupted)
    monkeypatch.setitem(exporting.FORMATS, "saved_model", format)
    target = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        lstm_zoo.export(trained_once[0], target / "saved_model")
    assert list(target.iterdir()) == []


def test_not_a_pipeline(tmp_path):
    with pytest.raises(ValueError, match="A pipeline of the zoo is expected"):
        lstm_zoo.export(
            lstm_zoo.build("sentiment/bilstm", vocabulary=9, units=2, embedding=2), tmp_path / "saved_model"
        )


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"format": "coreml"}, ValueError, "format is one of saved_model, onnx, portable, litert. Received: 'coreml'"),
        ({"weights": "int4"}, ValueError, "The weights of saved_model are one of float32. Received: 'int4'"),
        ({"weights": "int8"}, ValueError, "The weights of saved_model are one of float32. Received: 'int8'"),
        (
            {"format": "onnx", "weights": "int4"},
            ValueError,
            "The weights of onnx are one of float32, float16, int8. Received: 'int4'",
        ),
        ({"format": "litert", "steps": 0}, ValueError, "steps is a whole number of at least 1.*Received: 0"),
        ({"format": "litert", "steps": 2.5}, ValueError, "steps is a whole number of at least 1.*Received: 2.5"),
        ({"format": "onnx", "steps": 5}, ValueError, "for litert; onnx has any. Received: 5"),
    ],
)
def test_what_cannot_be_exported_is_refused_at_once(trained_once, tmp_path, options, error, message, monkeypatch):
    monkeypatch.setattr(exporting.registry, "records_of", None)  # nothing has begun
    with pytest.raises(error, match=message):
        lstm_zoo.export(trained_once[0], tmp_path / "out", **options)
    assert list(tmp_path.glob("out*")) == []


def test_a_network_that_litert_cannot_hold(tmp_path):
    message = (
        "forecasting-deepar cannot be exported as litert, but as saved_model and onnx. Networks that can be exported "
        "as litert: sentiment/wide, sentiment/bilstm, sentiment/attention, sentiment/awd."
    )
    with pytest.raises(ValueError, match=message):
        lstm_zoo.export(pipeline_for("forecasting/deepar"), tmp_path / "out", format="litert")
    assert list(tmp_path.iterdir()) == []


def test_a_missing_package_is_named(trained_once, tmp_path, monkeypatch):
    monkeypatch.setattr(exporting.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"needs onnx, onnxruntime: pip install 'lstm_zoo\[onnx\]'"):
        lstm_zoo.export(trained_once[0], tmp_path / "network.onnx", format="onnx")
