"""weights/places.py: where files are looked for, in which order, and the one message that says what is missing."""

import hashlib
import importlib.metadata
import os
import warnings

import faulty
import pytest

import lstm_zoo
from lstm_zoo.weights import downloads, places

CONTENT, OTHER = b"the published file", b"an older file....."
WHEEL = "lstm_zoo_weights_sentiment"


def row_of(name, content=CONTENT):
    sha256 = hashlib.sha256(content).hexdigest()
    return {
        "name": name,
        "network": "sentiment/bilstm",
        "file": f"{name}.keras",
        "sha256": sha256,
        "bytes": len(content),
    }


ROW = row_of("sentiment-bilstm-tiny")


@pytest.fixture
def put(machine, monkeypatch):
    """Puts a content of ROW's file in a place, or in what is called like an installed data wheel with a version."""

    def wheel(name, version):
        site = machine / f"site-{version}"
        about = site / f"{name}-{version}.dist-info"
        about.mkdir(parents=True)
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        (about / "entry_points.txt").write_text(f"[lstm_zoo.weights]\nsentiment = {name}\n")
        (site / name).mkdir()
        (site / name / "__init__.py").write_text("raise RuntimeError('imported')\n")
        monkeypatch.syspath_prepend(site)
        return site / name

    def put(place, content=CONTENT, row=ROW):
        if place == "variable":
            monkeypatch.setenv("LSTM_ZOO_WEIGHTS", str(machine / "folder"))
        named, _, version = place.partition(" ")
        folder = wheel(named, version) if version else machine / {"variable": "folder"}.get(place, place)
        path = places.cached(row["file"], row["sha256"]) if place == "cache" else folder / row["file"]
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is not None:
            path.write_bytes(content)
        return path

    return put


PLACES = ["variable", "checkout", f"{WHEEL} {lstm_zoo.__version__}", "cache"]


@pytest.mark.parametrize("first", range(len(PLACES)))
def test_the_first_place_that_has_the_file(put, first):
    paths = {place: put(place) for place in PLACES[first:]}
    before = {path for folder in {path.parent for path in paths.values()} for path in folder.iterdir()}
    with warnings.catch_warnings(action="error"):
        assert downloads.fetch(ROW) == paths[PLACES[first]]
    assert places.present(ROW)[1] == paths[PLACES[first]]
    assert {path for folder in {path.parent for path in paths.values()} for path in folder.iterdir()} == before


@pytest.mark.parametrize("wrong", range(len(PLACES) - 1))
@pytest.mark.parametrize("content", [OTHER, b"short", b""])
def test_a_wrong_file_before_the_right_one(put, wrong, content):
    paths = {place: put(place, content if place == PLACES[wrong] else CONTENT) for place in PLACES[wrong:]}
    right, path = paths[PLACES[wrong + 1]], paths[PLACES[wrong]]
    with pytest.warns(UserWarning, match=f"is taken from {right}. Not the published file of {ROW['name']}.*: {path} "):
        assert downloads.fetch(ROW) == right


def test_none_is_right(put):
    paths = [put(place, OTHER) for place in PLACES]
    with pytest.raises(ValueError, match="Not the published file of sentiment-bilstm-tiny") as error:
        downloads.fetch(ROW)
    for path, place in zip(paths, ["LSTM_ZOO_WEIGHTS", "checkout", f"{WHEEL} {lstm_zoo.__version__}", "cache"]):
        assert f"{path} ({place})" in str(error.value)
    assert [path.read_bytes() for path in paths] == [OTHER] * 4


def test_a_place_of_a_folder_with_the_name_of_the_file(put):
    put("variable", None).mkdir()
    path = put("checkout")
    with pytest.warns(UserWarning, match="Not the published file"):
        assert downloads.fetch(ROW) == path


class TestWheel:
    """Installed data wheels."""

    def test_of_another_version_with_the_same_bytes(self, put):
        path = put(f"{WHEEL} 0.0.7")
        with warnings.catch_warnings(action="error"):
            assert downloads.fetch(ROW) == path
        assert places.present(ROW) == (f"{WHEEL} 0.0.7", path)

    def test_of_another_version_with_an_older_file(self, put):
        path = put(f"{WHEEL} 0.0.7", OTHER)
        with pytest.raises(ValueError, match="Not the published file") as error:
            downloads.fetch(ROW)
        assert f"{path} ({WHEEL} 0.0.7)" in str(error.value)
        assert f"`pip install {WHEEL}=={lstm_zoo.__version__}` (installed: {WHEEL} 0.0.7) brings it" in str(error.value)

    def test_without_the_file(self, put):
        put(f"{WHEEL} {lstm_zoo.__version__}", None)
        with pytest.raises(FileNotFoundError, match="not on this machine") as error:
            downloads.fetch(ROW)
        installed = f"{WHEEL}=={lstm_zoo.__version__}` (installed: {WHEEL} {lstm_zoo.__version__})"
        assert f"`pip install --force-reinstall {installed} brings it" in str(error.value)

    def test_two_packages(self, put):
        """One of somebody's own, beside that of the zoo."""
        path = put("own_weights 3")
        put(f"{WHEEL} 0.0.7", OTHER)
        with pytest.warns(UserWarning, match=f"{WHEEL} 0.0.7"):
            assert downloads.fetch(ROW) == path

    def test_names_a_package_that_there_is_not(self, put):
        path = put(f"{WHEEL} 1")
        (path.parent / "__init__.py").unlink()
        path.unlink()
        path.parent.rmdir()
        with pytest.raises(FileNotFoundError, match="not on this machine"):
            downloads.fetch(ROW)
        (path.parent.parent / f"{WHEEL}-1.dist-info" / "entry_points.txt").write_text(
            "[lstm_zoo.weights]\nsentiment = no.package.here\n"
        )
        with pytest.raises(FileNotFoundError, match="not on this machine"):
            downloads.fetch(ROW)

    def test_of_another_task(self, put):
        put(f"{WHEEL} 1")
        assert places.wheels({"network": "speech/ctc"}) == {}
        assert [entry.name for entry in importlib.metadata.entry_points(group="lstm_zoo.weights")] == ["sentiment"]

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
    def test_read_only(self, put):
        path = put(f"{WHEEL} 1")
        for each in (path, path.parent, path.parent.parent):
            each.chmod(0o500)
        assert downloads.fetch(ROW) == path


class TestAddress:
    """LSTM_ZOO_WEIGHTS=http://..."""

    @pytest.fixture
    def server(self, machine, monkeypatch):
        with faulty.Server(CONTENT) as running:
            monkeypatch.setenv("LSTM_ZOO_WEIGHTS", f"{running.address}/")
            yield running

    def test_comes_before_all_but_what_was_downloaded(self, server, put):
        put("checkout")
        path = downloads.fetch(ROW)
        assert path == places.cached(ROW["file"], ROW["sha256"])
        assert downloads.fetch(ROW) == path
        assert server.requests == [(f"/{ROW['file']}", 0)]

    @pytest.mark.parametrize("fault", ["missing", "broken", "wrong"])
    def test_fails_and_a_wheel_has_the_file(self, server, put, fault):
        path = put(f"{WHEEL} 1")
        server.faults = [fault] * 4
        reason = {"missing": "does not exist", "broken": "500", "wrong": "hash"}[fault]
        with pytest.warns(UserWarning, match=f"is taken from {path}.*{reason}"):
            assert downloads.fetch(ROW) == path

    def test_offline(self, server, put, monkeypatch):
        monkeypatch.setenv("LSTM_ZOO_OFFLINE", "1")
        path = put(f"{WHEEL} 1")
        with warnings.catch_warnings(action="error"):
            assert downloads.fetch(ROW) == path
        path.unlink()
        with pytest.raises(FileNotFoundError, match=f"LSTM_ZOO_OFFLINE forbids the download from {server.address};"):
            downloads.fetch(ROW)
        assert server.requests == []

    def test_a_broken_download_is_named_once(self, server, put, monkeypatch):
        path = put("cache", OTHER)
        monkeypatch.setenv("LSTM_ZOO_OFFLINE", "1")
        with pytest.raises(ValueError, match="Not the published file") as error:
            downloads.fetch(ROW)
        assert str(error.value).count(str(path)) == 1


class TestFolder:
    """LSTM_ZOO_WEIGHTS=folder."""

    def test_with_spaces_or_as_an_address(self, machine, monkeypatch):
        (machine / "with spaces").mkdir()
        path = machine / "with spaces" / ROW["file"]
        path.write_bytes(CONTENT)
        for place in (str(path.parent), f"{path.parent}/", path.parent.as_uri()):
            monkeypatch.setenv("LSTM_ZOO_WEIGHTS", place)
            assert downloads.fetch(ROW) == path

    @pytest.mark.parametrize("place", ["none", "file"])
    def test_that_is_none(self, machine, monkeypatch, place):
        (machine / "file").write_text("")
        monkeypatch.setenv("LSTM_ZOO_WEIGHTS", str(machine / place))
        with pytest.raises(FileNotFoundError, match=f"; {machine / place} is no folder"):
            downloads.fetch(ROW)

    def test_without_the_file(self, put):
        path = put("variable", None)
        with pytest.raises(
            FileNotFoundError, match=f"not on this machine.*that has {path.name}; {path.parent} has not"
        ):
            downloads.fetch(ROW)

    @pytest.mark.parametrize("content", [CONTENT[:-1], OTHER])
    def test_with_a_wrong_file(self, put, content):
        path = put("variable", content)
        with pytest.raises(ValueError, match=rf"Not the published file .*: {path} \(LSTM_ZOO_WEIGHTS\)"):
            downloads.fetch(ROW)


def test_the_one_message(put):
    rows = [ROW, row_of("sentiment-awd-tiny"), row_of("sentiment-attention-tiny")]
    put("cache", CONTENT, rows[1])
    with pytest.raises(FileNotFoundError) as error:
        downloads.fetch(ROW, rows)
    assert str(error.value) == (
        "The file of sentiment-bilstm-tiny (0.0 MB) is not on this machine. "
        f"`pip install {WHEEL}=={lstm_zoo.__version__}` brings it. LSTM_ZOO_WEIGHTS can name a folder, an http(s) "
        "address or hf://owner/repository that has sentiment-bilstm-tiny.keras. On this machine: sentiment-awd-tiny."
    )
