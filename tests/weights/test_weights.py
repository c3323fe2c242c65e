"""weights/__init__.py: pipelines by name, and never a wrong model."""

import json
import shutil
import zipfile

import keras
import pooch
import pytest

import lstm_zoo
from lstm_zoo import networks, weights
from lstm_zoo.weights import catalog


@pytest.fixture
def published(tmp_path, trained, monkeypatch):
    """A folder of weights with one row, "sentiment-bilstm-tiny", as LSTM_ZOO_WEIGHTS."""
    source = tmp_path / "source"
    source.mkdir()
    shutil.copyfile(trained[1] / "pipeline.keras", source / "sentiment-bilstm-tiny.keras")
    path = source / "sentiment-bilstm-tiny.keras"
    row = {
        "name": "sentiment-bilstm-tiny",
        "network": "sentiment/bilstm",
        "file": path.name,
        "sha256": pooch.file_hash(str(path)),
        "bytes": path.stat().st_size,
    }
    rows = tmp_path / "weights.json"
    rows.write_text(json.dumps([row]))
    monkeypatch.setattr(catalog, "ROWS", rows)
    monkeypatch.setenv("LSTM_ZOO_WEIGHTS", str(source))
    return path


def test_lstms_are_compiled_in_the_background(trained_once, monkeypatch):
    asked = []
    monkeypatch.setattr(networks, "compile_in_background", asked.append)
    lstm_zoo.load(trained_once[1] / "pipeline.keras")
    assert [network.name for network in asked] == ["bilstm"]


class TestNames:
    """What `load` understands."""

    @pytest.mark.parametrize("name", ["sentiment/bilstm", "sentiment-bilstm-tiny"])
    def test_known(self, published, name):
        assert lstm_zoo.load(name).name == "sentiment-bilstm"

    def test_unknown(self, published):
        with pytest.raises(
            ValueError, match=r"Unknown weights: 'sentiment-bilstm-tin'. Did you mean 'sentiment-bilstm-tiny'"
        ):
            lstm_zoo.load("sentiment-bilstm-tin")
        with pytest.raises(ValueError, match="Unknown weights: 'sentiment/attention'"):
            lstm_zoo.load("sentiment/attention")

    def test_build_with_the_name_of_a_data_set(self, published):
        assert lstm_zoo.build("sentiment/bilstm", weights="tiny").name == "bilstm"
        with pytest.raises(ValueError, match="Unknown weights: 'sentiment-bilstm-imbd'"):
            lstm_zoo.build("sentiment/bilstm", weights="imbd")


class TestNamed:
    """`model_named`: the network that a name means, of which nothing is loaded."""

    @pytest.fixture(autouse=True)
    def unloaded(self, monkeypatch):
        monkeypatch.setattr(keras.saving, "load_model", None)

    @pytest.mark.parametrize("name", ["sentiment/bilstm", "sentiment-bilstm-tiny"])
    def test_known(self, published, name):
        assert weights.model_named(name) == "sentiment/bilstm"
        assert weights.model_named(str(published)) == "sentiment/bilstm"

    def test_unknown(self, published, tmp_path):
        with pytest.raises(ValueError, match="Unknown weights: 'sentiment-bilstm-tin'"):
            weights.model_named("sentiment-bilstm-tin")
        with pytest.raises(FileNotFoundError, match="none.keras does not exist"):
            weights.model_named(str(tmp_path / "none.keras"))
        (tmp_path / "text.keras").write_text("no pipeline")
        with pytest.raises(ValueError, match="text.keras cannot be read as a .keras file"):
            weights.model_named(str(tmp_path / "text.keras"))
        keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)], name="other").save(tmp_path / "other.keras")
        with pytest.raises(ValueError, match="other.keras holds 'other'. A pipeline of the zoo is expected"):
            weights.model_named(str(tmp_path / "other.keras"))


class TestFile:
    """`.keras` files by path."""

    def test_missing(self, tmp_path):
        with pytest.raises(FileNotFoundError, match=r"none.keras does not exist"):
            lstm_zoo.load(str(tmp_path / "none.keras"))

    @pytest.mark.parametrize("kept", [0, 100, -100])
    def test_truncated(self, trained, kept):
        path = trained[1] / "pipeline.keras"
        path.write_bytes(path.read_bytes()[:kept])
        with pytest.raises(ValueError, match="cannot be read as a .keras file"):
            lstm_zoo.load(str(path))

    def test_corrupt_weights(self, trained):
        path = trained[1] / "pipeline.keras"
        with zipfile.ZipFile(path) as file:
            parts = {name: file.read(name) for name in file.namelist()}
        parts["model.weights.h5"] = parts["model.weights.h5"][:500]
        with zipfile.ZipFile(path, "w") as file:
            for name, content in parts.items():
                file.writestr(name, content)
        with pytest.raises(ValueError, match="cannot be read as a .keras file"):
            lstm_zoo.load(str(path))

    def test_a_model_that_is_no_pipeline(self, tmp_path):
        inputs = keras.Input((3,))
        keras.Model(inputs, keras.layers.Dense(2)(inputs)).save(tmp_path / "other.keras")
        with pytest.raises(ValueError, match="A pipeline of the zoo is expected"):
            lstm_zoo.load(str(tmp_path / "other.keras"))

    @pytest.mark.parametrize("name", ["sentiment", "sentiment-bilstm", "sentiment-gru"])
    def test_a_model_with_the_name_of_a_pipeline(self, tmp_path, name):
        inputs = keras.Input((3,))
        keras.Model(inputs, keras.layers.Dense(2)(inputs), name=name).save(tmp_path / "other.keras")
        with pytest.raises(ValueError, match="A pipeline of the zoo is expected"):
            lstm_zoo.load(str(tmp_path / "other.keras"))


class TestSave:
    """The user's own pipelines."""

    def test_loads_again(self, trained, tmp_path):
        path = lstm_zoo.save(trained[0], str(tmp_path / "deep" / "mine.keras"))
        assert [file.name for file in path.parent.iterdir()] == ["mine.keras"]
        assert lstm_zoo.predict(str(path), "good") == lstm_zoo.predict(trained[0], "good")
        with pytest.raises(FileExistsError, match="mine.keras exists already"):
            lstm_zoo.save(trained[0], path)

    def test_refuses_what_is_no_pipeline(self, tmp_path):
        network = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
        with pytest.raises(ValueError, match="A pipeline of the zoo is expected"):
            lstm_zoo.save(network, tmp_path / "other.keras")

    def test_refuses_another_ending(self, trained, tmp_path):
        with pytest.raises(ValueError, match=r"ends in .keras. Received: .*mine.h5"):
            lstm_zoo.save(trained[0], tmp_path / "mine.h5")

    def test_leaves_nothing_when_interrupted(self, trained, tmp_path, monkeypatch):
        def interrupted(model, path):
            path.write_bytes(b"half")
            raise KeyboardInterrupt

        monkeypatch.setattr(keras.Model, "save", interrupted)
        with pytest.raises(KeyboardInterrupt):
            lstm_zoo.save(trained[0], tmp_path / "out" / "mine.keras")
        assert list((tmp_path / "out").iterdir()) == []
