"""weights/archive.py: what a `.keras` file says of itself, weights in float16, and what is no pipeline of the zoo."""

import io
import json
import pathlib
import zipfile

import h5py
import keras
import numpy as np
import pytest

import lstm_zoo
from lstm_zoo.weights import archive

TEXTS = ["good film", "bad film", "a film"]


def parts_of(path):
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def rewritten(path, **changes):
    """Replace parts of a file, named without their endings; a configuration is changed by a function."""
    names = {"config": archive.CONFIG, "record": archive.RECORD, "weights": archive.WEIGHTS}
    parts = parts_of(path)
    for part, change in changes.items():
        name = names[part]
        parts[name] = json.dumps(change(json.loads(parts[name]))) if callable(change) else change
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            if content is not None:
                file.writestr(name, content)
    return path


@pytest.fixture
def path(trained):
    return trained[1] / "pipeline.keras"


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory):
    """Large enough for its weights to be most of its file."""
    pairs = [("good film", "good"), ("bad film", "bad")] * 20
    options = {"folder": tmp_path_factory.mktemp("large") / "run", "epochs": 1, "verbose": False}
    return lstm_zoo.train("sentiment/bilstm", pairs, units=64, embedding=64, vocabulary=40, **options)


class TestFloat16:
    """save(..., dtype="float16")."""

    def test_halves_the_file_and_hardly_changes_answers(self, pipeline, tmp_path):
        whole = lstm_zoo.save(pipeline, tmp_path / "whole.keras")
        half = lstm_zoo.save(pipeline, tmp_path / "half.keras", dtype="float16")
        assert (archive.dtype_in(whole), archive.dtype_in(half)) == ("float32", "float16")
        sizes = [len(parts_of(path)[archive.WEIGHTS]) for path in (whole, half)]
        assert sizes[1] < 0.6 * sizes[0]
        loaded = lstm_zoo.load(half)
        assert {variable.dtype for variable in loaded.weights if "float" in variable.dtype} == {"float32"}
        before, after = (lstm_zoo.predict(each, TEXTS, scores=True) for each in (pipeline, loaded))
        assert [answer["label"] for answer in after] == [answer["label"] for answer in before]
        for one, other in zip(before, after):
            assert one["scores"] == pytest.approx(other["scores"], abs=1e-3)

    def test_the_same_file_gives_the_same_bytes(self, path, tmp_path):
        for name in "ab":
            archive.write_in_float16(path, tmp_path / name)
        archive.write_in_float16(tmp_path / "a", tmp_path / "c")
        assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes() == (tmp_path / "c").read_bytes()
        changed = {name for name, content in parts_of(path).items() if parts_of(tmp_path / "a")[name] != content}
        assert changed == {archive.WEIGHTS}

    def test_what_is_too_large_for_float16_stays(self, path, tmp_path):
        with h5py.File(io.BytesIO(parts_of(path)[archive.WEIGHTS])) as weights:
            names = []
            weights.visititems(lambda name, entry: names.append(name) if isinstance(entry, h5py.Dataset) else None)
            buffer = io.BytesIO(parts_of(path)[archive.WEIGHTS])
        name = max(names, key=len)
        with h5py.File(buffer, "a") as weights:
            weights[name][...] = np.full(weights[name].shape, 65536)
        archive.write_in_float16(rewritten(path, weights=buffer.getvalue()), tmp_path / "half.keras")
        with h5py.File(io.BytesIO(parts_of(tmp_path / "half.keras")[archive.WEIGHTS])) as weights:
            assert weights[name].dtype == np.float32
            assert (weights[name][()] == 65536).all()
        assert archive.dtype_in(tmp_path / "half.keras") == "float16"
        lstm_zoo.load(tmp_path / "half.keras")

    def test_another_dtype(self, trained, tmp_path):
        with pytest.raises(ValueError, match="dtype is one of float32, float16. Received: 'int8'"):
            lstm_zoo.save(trained[0], tmp_path / "mine.keras", dtype="int8")


class TestRecord:
    """record.json."""

    def test_goes_with_the_pipeline(self, path, tmp_path):
        record = archive.record_in(path)
        assert record["network"] == "sentiment/bilstm"
        for step, dtype in enumerate(archive.DTYPES):
            path = lstm_zoo.save(lstm_zoo.load(path), tmp_path / f"{step}.keras", dtype=dtype)
            assert archive.record_in(path) == record
            assert zipfile.ZipFile(path).namelist().count(archive.RECORD) == 1
        assert archive.record_of(lstm_zoo.load(path)) == record

    def test_there_is_none(self, path):
        rewritten(path, record=None)
        assert archive.record_in(path) == {}
        assert archive.record_of(lstm_zoo.load(path)) == {}

    @pytest.mark.parametrize(
        ("record", "message"),
        [
            (b"[1]", "record.json is an object. Received: \\[1\\]"),
            (b"{", "record.json is not JSON"),
            (b"\xff\xfe{", "record.json is not JSON"),
            (b'{"a": ' + b"[" * 100_000, "record.json is not JSON: .*recursion"),
            (json.dumps({"a": [*range(300_000)]}).encode(), "its record.json has 2\\d+ bytes, too many"),
        ],
    )
    def test_is_broken(self, path, record, message):
        rewritten(path, record=record)
        with pytest.raises(ValueError, match=f"pipeline.keras cannot be read as a .keras file: {message}"):
            lstm_zoo.load(path)


class TestModel:
    """`model_in`: what a file says that it holds, and why some are refused before a layer is made."""

    @pytest.fixture(autouse=True)
    def unloaded(self, monkeypatch):
        monkeypatch.setattr(keras.saving, "load_model", None)

    def test_pipeline(self, path):
        assert archive.model_in(path) == "sentiment/bilstm"

    @pytest.mark.parametrize(
        "layer",
        [
            {"module": "os", "class_name": "system"},
            {"module": "subprocess", "class_name": "Popen", "registered_name": "Popen"},
            {"module": "keras_hub.models", "class_name": "Backbone"},
            {"module": "kerasx", "class_name": "Dense"},
            {"module": "builtins", "class_name": "eval"},
            {"module": ["keras"], "class_name": "Dense"},
            {"module": "keras.layers", "class_name": "Lambda"},
            {"module": None, "class_name": "__lambda__"},
            {"class_name": "TFSMLayer"},
            {"module": "keras.layers", "class_name": "TorchModuleWrapper"},
        ],
    )
    @pytest.mark.parametrize("deeply", [False, True])
    def test_strangers(self, path, layer, deeply):
        def change(config):
            layers = config["config"]["layers"]
            layers[1].update(config={"cells": [{"cell": layer}]}) if deeply else layers.append(layer)
            return config

        rewritten(path, config=change)
        with pytest.raises(ValueError, match="it names .*, and a pipeline of the zoo is made of layers of Keras and"):
            lstm_zoo.load(path)

    @pytest.mark.parametrize(
        "name", ["other", "sentiment", "sentiment-gru", "sentiment-attention", None, ["a"], "x" * 999]
    )
    def test_names(self, path, name):
        rewritten(path, config=lambda config: {**config, "config": {**config["config"], "name": name}})
        with pytest.raises(ValueError, match="pipeline.keras holds .*A pipeline of the zoo is expected") as error:
            lstm_zoo.load(path)
        assert len(str(error.value)) < 500

    @pytest.mark.parametrize(
        "config",
        [
            *([], 1, None, "text", {}, {"config": []}, {"config": {"name": "sentiment-bilstm"}}),
            {"config": {"name": "sentiment-bilstm", "layers": {"bilstm": 1}}},
        ],
    )
    def test_no_model(self, path, config):
        rewritten(path, config=json.dumps(config))
        with pytest.raises(ValueError, match="cannot be read as a .keras file: config.json describes no model"):
            lstm_zoo.load(path)

    @pytest.mark.parametrize("layers", [[1, None, "bilstm"], [{}], [{"name": ["bilstm"]}]])
    def test_strange_layers(self, path, layers):
        rewritten(path, config=json.dumps({"config": {"name": "sentiment-bilstm", "layers": layers}}))
        with pytest.raises(ValueError, match="A pipeline of the zoo is expected"):
            lstm_zoo.load(path)

    def test_too_deep(self, path):
        text = json.dumps({"config": {"name": "sentiment-bilstm", "layers": [{"name": "bilstm"}], "deep": "?"}})
        rewritten(path, config=text.replace('"?"', "[" * 300 + "]" * 300))
        assert archive.model_in(path) == "sentiment/bilstm"
        rewritten(path, config=text.replace('"?"', "[" * 100_000 + "]" * 100_000))
        with pytest.raises(ValueError, match="cannot be read as a .keras file: .*recursion"):
            archive.model_in(path)

    @pytest.mark.parametrize("config", [b"", b"{", b"\xff\xff", b"NaN"])
    def test_no_json(self, path, config):
        rewritten(path, config=config)
        with pytest.raises(ValueError, match="cannot be read as a .keras file: config.json"):
            lstm_zoo.load(path)

    def test_no_configuration(self, path):
        rewritten(path, config=None)
        with pytest.raises(ValueError, match="cannot be read as a .keras file: .*no item named 'config.json'"):
            lstm_zoo.load(path)
        zipfile.ZipFile(path, "w").close()
        with pytest.raises(ValueError, match="cannot be read as a .keras file"):
            lstm_zoo.load(path)


class TestFile:
    """Broken and hostile archives."""

    def test_a_compressed_part_that_is_broken(self, path):
        """zlib has an error of its own, which is no ValueError."""
        content = rewritten(path, record=None).read_bytes()
        begin = content.index(archive.CONFIG.encode()) + len(archive.CONFIG)
        path.write_bytes(content[:begin] + b"\xff" * 50 + content[begin + 50 :])
        with pytest.raises(ValueError, match="pipeline.keras cannot be read as a .keras file"):
            lstm_zoo.load(path)

    @pytest.mark.parametrize("offset", [6, 8])  # of the flags and of the method of compression
    def test_an_unknown_way_of_packing(self, path, offset):
        content = bytearray(rewritten(path, record=None).read_bytes())
        for begin in (content.index(b"PK\3\4"), content.index(b"PK\1\2") + 2):
            content[begin + offset] = 0x61  # encrypted, or a method that there is not
        path.write_bytes(content)
        with pytest.raises(ValueError, match="pipeline.keras cannot be read as a .keras file"):
            lstm_zoo.load(path)

    @pytest.mark.filterwarnings("ignore:Skipping invalid path")
    @pytest.mark.parametrize("name", ["/tmp/{}", "../{}", "assets/../../{}", "assets//{}"])
    def test_parts_with_paths_elsewhere_are_not_unpacked(self, path, tmp_path, name, monkeypatch):
        outside = f"lstm-zoo-{tmp_path.name}"
        monkeypatch.chdir(path.parent)
        with zipfile.ZipFile(path, "a") as file:
            file.writestr(name.format(outside), "mine")
        lstm_zoo.load(path)
        assert list(tmp_path.rglob(outside)) == []
        assert not pathlib.Path("/tmp", outside).exists()

    def test_a_folder(self, tmp_path):
        (tmp_path / "x.keras").mkdir()
        with pytest.raises(FileNotFoundError, match="x.keras does not exist, or is not a file"):
            lstm_zoo.load(tmp_path / "x.keras")

    def test_may_not_be_read(self, path, monkeypatch):
        opened = type(path).open

        def refused(self, *arguments, **options):
            if self == path:
                raise PermissionError(13, "Permission denied", str(self))
            return opened(self, *arguments, **options)

        monkeypatch.setattr(type(path), "open", refused)
        with pytest.raises(PermissionError, match="pipeline.keras"):
            lstm_zoo.load(path)

    def test_a_zip_bomb_is_not_unpacked(self, tmp_path):
        path = tmp_path / "bomb.keras"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("model.weights.h5", bytes(50_000_000))
        with pytest.raises(ValueError, match="would unpack to 50000000 bytes"):
            lstm_zoo.load(str(path))


@pytest.mark.parametrize(
    "record",
    [
        {"metrics": 5},
        {"metrics": {"a": 5}},
        {"baselines": [1]},
        {"examples": {"a": "x"}},
        {"versions": [1]},
        {"hyperparameters": [1]},
        {"command": 5},
        {"data": {}},
        {"seed": "0"},
        {"profile": {"unknown": "much"}},
        {"profile": []},
        {"out_of_domain": {"tweets": 5}},
        {"reliability": [1]},
        {"reliability": {"counts": [1], "confidence": [0.5]}},
        {"reliability": {"confidence": [0.5], "counts": 1, "accuracy": [1.0]}},
        {"reliability": {"counts": [], "confidence": [], "accuracy": []}},
        {"reliability": {"counts": [1, 0], "confidence": [0.5], "accuracy": [1.0, None]}},
        {"reliability": {"counts": [1], "confidence": [None], "accuracy": [1.0]}},
        {"reliability": {"counts": [0], "confidence": [0.5], "accuracy": [None]}},
        {"reliability": {"counts": [-1], "confidence": [0.5], "accuracy": [1.0]}},
        {"reliability": {"counts": [1], "confidence": [2.0], "accuracy": ["all"]}},
        {"out_of_domain": {"tweets": {"metrics": {}, "baselines": {}}}},
        {"out_of_domain": {"tweets": {"metrics": {"accuracy": 0.5}, "baselines": {"bag": "0.5"}}}},
        {"begun_from": "abc"},
        {"begun_from": {"x": 1}},
        {"begun_from": {"name": "a", "begun_from": 7}},
    ],
    ids=str,
)
def test_a_record_that_no_training_wrote(tmp_path, record):
    with zipfile.ZipFile(tmp_path / "odd.keras", "w") as file:
        file.writestr("record.json", json.dumps(record))
    with pytest.raises(ValueError, match=r"odd.keras cannot be read as a .keras file: \w+ in record.json"):
        archive.record_in(tmp_path / "odd.keras")
