"""cards: what is known of a pipeline, wherever it is."""

import json
import shutil
import zipfile

import pytest

import lstm_zoo
from lstm_zoo import cards, registry
from lstm_zoo.weights import archive, catalog, places

ALWAYS = {"name", "network", "parameters", "layers", *cards.RECORDED, "languages", "file", "bytes", "sha256", "dtype"}
ROWS = {row["name"]: row for row in catalog.rows()}
# One small row a module with a task, but the one that is loaded in most tests.
LOADED = ["speech-keyword-digits", "forecasting-segment-etth1_h192", "text_generation-character-shakespeare"]
TOLD = {
    "sentiment": {"labels", "vocabulary"},
    "translation": {"vocabulary"},
    "speech": {"characters"},
    "speech/keyword": {"labels"},
    "forecasting": {"lookback", "horizon", "quantiles", "covariates"},
    "text_generation": {"vocabulary"},
}


def told(model):
    """Names of what a task tells of its pipelines."""
    return TOLD.get(model) or TOLD[model.partition("/")[0]]


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    """No published file is on this machine."""
    (tmp_path / "empty").mkdir()
    monkeypatch.setattr(places, "CHECKOUT", tmp_path / "empty")
    monkeypatch.setenv("LSTM_ZOO_WEIGHTS", str(tmp_path / "empty"))
    monkeypatch.setenv("LSTM_ZOO_CACHE", str(tmp_path / "cache"))


def check_row(information, row):
    """A card tells all that a row does."""
    for field in {*cards.RECORDED, "name", "network", "sha256", "bytes", "parameters"} & row.keys():
        assert information[field] == row[field], field
    assert json.loads(json.dumps(information, allow_nan=False)) == information


class TestRows:
    """Published pipelines."""

    @pytest.mark.parametrize("name", LOADED)
    def test_here(self, name):
        information, row = lstm_zoo.info(name), ROWS[name]
        assert information.keys() == ALWAYS | told(row["network"])
        check_row(information, row)
        assert information["file"] == str(places.CHECKOUT / row["file"])
        assert information["dtype"] in archive.DTYPES
        assert sum(layer["parameters"] for layer in information["layers"]) == row["parameters"]
        assert all(layer["parameters"] for layer in information["layers"])

    @pytest.mark.parametrize("name", ROWS)
    def test_not_here(self, name, nowhere, monkeypatch):
        monkeypatch.setattr(cards, "load", None)
        information, row = lstm_zoo.info(name), ROWS[name]
        assert information.keys() == ALWAYS
        check_row(information, row)
        assert (information["file"], information["dtype"], information["layers"]) == (None, None, None)
        dataset = registry.get_task(row["network"]).datasets[row["data"]]
        assert information["languages"] == list(dataset.languages)
        assert "## Scores" in cards.markdown.page(information, name)

    def test_by_the_name_of_a_task(self, nowhere):
        for name in (*registry.TASKS, "sentiment/attention"):
            assert lstm_zoo.info(name)["name"] == catalog.find(name)["name"]

    def test_a_copy_is_known_by_its_bytes(self, tmp_path):
        row = ROWS["speech-keyword-digits"]
        shutil.copyfile(places.CHECKOUT / row["file"], tmp_path / "mine.keras")
        information = lstm_zoo.info(tmp_path / "mine.keras")
        check_row(information, row)
        assert information["file"] == str(tmp_path / "mine.keras")

    def test_a_saved_copy_keeps_what_is_known(self, tmp_path):
        pipeline = lstm_zoo.load("speech-keyword-digits")
        for dtype in archive.DTYPES:
            path = lstm_zoo.save(pipeline, tmp_path / f"{dtype}.keras", dtype=dtype)
            information, row = lstm_zoo.info(path), ROWS["speech-keyword-digits"]
            assert information["dtype"] == dtype
            assert information["bytes"] == path.stat().st_size != row["bytes"]
            assert information["sha256"] != row["sha256"]
            assert {field: information[field] for field in ("name", "metrics", "command", "license")} == {
                field: row[field] for field in ("name", "metrics", "command", "license")
            }

    def test_a_published_file_with_a_record_is_what_its_row_says(self, trained, tmp_path, monkeypatch, nowhere):
        """The record in it was written before it was scored on the test split."""
        path, name = trained[1] / "pipeline.keras", "sentiment-bilstm-imdb"
        row = {**ROWS[name], **{key: cards.of_file(path)[key] for key in ("bytes", "sha256")}}
        (tmp_path / "rows.json").write_text(json.dumps([row]))
        monkeypatch.setattr(catalog, "ROWS", tmp_path / "rows.json")
        shutil.copyfile(path, tmp_path / "empty" / row["file"])
        for each in (name, path):
            assert lstm_zoo.info(each)["metrics"] == row["metrics"]


class TestOwn:
    """Pipelines of one's own."""

    def test_a_run(self, trained_once):
        pipeline, folder = trained_once
        information = lstm_zoo.info(folder / "pipeline.keras")
        assert information.keys() == ALWAYS | told("sentiment")
        assert information == lstm_zoo.info(str(folder / "pipeline.keras"))
        assert information["name"] == "pipeline.keras"
        assert information["network"] == "sentiment/bilstm"
        assert information["labels"] == ["negative", "positive"]
        assert information["vocabulary"] == information["hyperparameters"]["vocabulary"] <= 40
        assert information["hyperparameters"]["units"] == 8
        assert information["examples"] == {"training": 36, "validation": 4}
        assert information["data"] == "the user's own examples"
        assert information["metrics"].keys() == {"validation"}
        assert information["seed"] == 0
        assert information["versions"]["lstm-zoo"] == lstm_zoo.__version__
        assert information["parameters"] == pipeline.count_params()
        for field in ("license", "data_license", "languages", "baselines", "begun_from", "commit"):
            assert information[field] is None, field
        assert json.loads(json.dumps(information)) == information

    def test_in_memory(self, trained_once):
        pipeline, folder = trained_once
        information, of_file = lstm_zoo.info(pipeline), lstm_zoo.info(folder / "pipeline.keras")
        assert information["name"] == "sentiment-bilstm"
        differ = {field for field in of_file if json.loads(json.dumps(information[field])) != of_file[field]}
        assert differ == {"name", "file", "bytes", "sha256", "dtype"}
        assert {information[field] for field in differ - {"name"}} == {None}

    def test_of_a_file_without_a_record(self, request):
        path = request.config.rootpath / "tests" / "goldens" / "sentiment-bilstm.keras"
        information = lstm_zoo.info(path)
        assert {information[field] for field in cards.RECORDED} == {None}
        assert cards.markdown.page(information, str(path)).startswith("# sentiment-bilstm.keras\n")

    @pytest.mark.parametrize(
        ("name", "kind", "message"),
        [
            ("none.keras", FileNotFoundError, "none.keras does not exist"),
            ("sentimant", ValueError, "Did you mean 'sentiment'?"),
            (None, ValueError, "A pipeline of the zoo is expected"),
            (["sentiment"], ValueError, "A pipeline of the zoo is expected"),
        ],
    )
    def test_others(self, name, kind, message):
        with pytest.raises(kind, match=message):
            lstm_zoo.info(name)

    @pytest.mark.parametrize("record", ["[]", "3", "{"])
    def test_a_record_that_is_none(self, trained, record):
        path = trained[1] / "pipeline.keras"
        with zipfile.ZipFile(path) as file:
            parts = {name: file.read(name) for name in file.namelist()}
        with zipfile.ZipFile(path, "w") as file:
            for name, part in {**parts, archive.RECORD: record}.items():
                file.writestr(name, part)
        with pytest.raises(ValueError, match="pipeline.keras"):
            lstm_zoo.info(path)


class TestCommandLine:
    """`lstm-zoo info`"""

    def test_json(self, call, trained_once):
        path = trained_once[1] / "pipeline.keras"
        assert json.loads(call("info", path, "--json")) == json.loads(json.dumps(lstm_zoo.info(path)))

    def test_text(self, call, trained_once):
        printed = call("info", trained_once[1] / "pipeline.keras")
        for part in ("Scores", "accuracy", "negative, positive", "embedding", "lstm_0_forward", "SHA-256"):
            assert part in printed

    def test_not_here(self, call, nowhere):
        printed = call("info", "translation")
        assert "translation-attention-general" in printed
        assert "nearest" in printed
        assert json.loads(call("info", "translation", "--json"))["file"] is None
