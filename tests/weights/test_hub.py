"""weights/hub.py: pipelines from a hub that is played, and what a user is told when there are none."""

import json
import shutil
import socket
import sys
import zipfile

import keras
import pytest
from tiny import TINY, hubs

import lstm_zoo
from lstm_zoo.weights import hub as client
from lstm_zoo.weights import locate

huggingface_hub = pytest.importorskip("huggingface_hub", minversion="2")

NAME, ADDRESS = "alice/tickets", "hf://alice/tickets"


@pytest.fixture
def server(monkeypatch, tmp_path):
    with hubs.running(monkeypatch, tmp_path, token="hf_read") as running:
        yield running


@pytest.fixture
def content(trained_once):
    """Of the file of a run."""
    return (trained_once[1] / "pipeline.keras").read_bytes()


@pytest.fixture
def there(server, content):
    """The hub with the file in a repository."""
    server.add(NAME, {"README.md": b"A card", "pipeline.keras": content})
    return server


class TestAddresses:
    """What `load` takes."""

    @pytest.mark.parametrize(
        ("address", "parts"),
        [
            ("hf://a/b", ("a/b", None, None)),
            ("hf://a/b/", ("a/b", None, None)),
            ("hf://a/b@v1.0", ("a/b", "v1.0", None)),
            ("hf://a/b.c@refs/pr/1", ("a/b.c", "refs/pr/1", None)),
            ("hf://a/b/c.keras", ("a/b", None, "c.keras")),
            ("hf://a/b@v1/c/d e.keras", ("a/b", "v1", "c/d e.keras")),
        ],
    )
    def test_mean(self, address, parts):
        reference = client.parse(address)
        assert (reference.repository, reference.revision, reference.file) == parts
        assert str(reference) == address.rstrip("/")

    @pytest.mark.parametrize(
        "address",
        ["hf://", "hf://a", "hf://a/b/c", "hf://a/b@", "hf://a/b/../c.keras", "hf://a/b//c.keras", "hf://a b/c"],
    )
    def test_others(self, server, address):
        kind, said = hubs.said(lstm_zoo.load, address)
        assert kind is ValueError
        assert client.FORM in said
        assert server.requests == []

    def test_what_the_client_refuses(self, server):
        assert hubs.said(lstm_zoo.load, "hf://-a/b..c")[0] is ValueError


class TestRevisions:
    """Branches, tags, commits and files."""

    def test_of_each(self, there, content, monkeypatch):
        monkeypatch.setenv("HF_TOKEN", "hf_write")
        api = huggingface_hub.HfApi(endpoint=there.address)
        first = there.repositories[NAME].commits[0].sha
        api.create_tag(NAME, tag="v1")
        api.upload_file(repo_id=NAME, path_or_fileobj=b"\0 two", path_in_repo="pipeline.keras")
        for revision in ("v1", first):
            assert locate(f"{ADDRESS}@{revision}").read_bytes() == content
        assert locate(ADDRESS).read_bytes() == b"\0 two"
        assert locate(f"{ADDRESS}@main/pipeline.keras").read_bytes() == b"\0 two"

    def test_a_file_is_downloaded_once(self, there):
        for _ in range(2):
            locate(ADDRESS)
        assert [method for method, path in there.requests if "/resolve/" in path].count("GET") == 1
        assert not any("README" in path for _, path in there.requests)


class TestMissing:
    """What is not there, in one line."""

    def test_repository_revision_file(self, there):
        kind, said = hubs.said(lstm_zoo.load, "hf://alice/nothing")
        assert kind is FileNotFoundError
        assert f"hf://alice/nothing does not exist on {there.address}, or is private" in said
        assert hubs.said(lstm_zoo.load, f"{ADDRESS}@v2") == (FileNotFoundError, f"{NAME} has no revision 'v2'.")
        kind, said = hubs.said(lstm_zoo.load, f"{ADDRESS}/other.keras")
        assert (kind, said) == (FileNotFoundError, f"{NAME} has no file 'other.keras'.")

    def test_pipelines(self, server, content):
        server.add("alice/none", {"README.md": b"", "model.safetensors": b""})
        kind, said = hubs.said(lstm_zoo.load, "hf://alice/none")
        assert (kind, said) == (ValueError, "hf://alice/none holds no .keras file, which a pipeline is.")
        server.add("alice/two", {"a/b.keras": content, "c.keras": b""})
        kind, said = hubs.said(lstm_zoo.load, "hf://alice/two")
        assert (kind, said) == (
            ValueError,
            "hf://alice/two holds 2 pipelines; name one of them: hf://alice/two/{a/b.keras, c.keras}",
        )
        assert lstm_zoo.load("hf://alice/two/a/b.keras").name == "sentiment-bilstm"

    @pytest.mark.parametrize(
        ("token", "message"),
        [
            ("", "is private: HF_TOKEN or `hf auth login` gives a token, and there is none"),
            ("hf_other", "is private, and the token that HF_TOKEN or `hf auth login` gives may not read it"),
            ("hf_secret", "the token that HF_TOKEN or `hf auth login` gives"),
        ],
    )
    def test_who_may_not_read(self, server, content, monkeypatch, token, message):
        server.add(NAME, {"pipeline.keras": content}, private=True)
        assert locate(ADDRESS).read_bytes() == content
        monkeypatch.setenv("HF_TOKEN", token)
        assert message in hubs.said(lstm_zoo.load, ADDRESS)[1]

    def test_gated(self, server, content, monkeypatch):
        server.add(NAME, {"pipeline.keras": content}, gated="manual")
        monkeypatch.setenv("HF_TOKEN", "hf_other")
        kind, said = hubs.said(lstm_zoo.load, ADDRESS)
        assert kind is FileNotFoundError
        assert f"{ADDRESS} is gated: ask for access at {server.address}/{NAME}" in said


class TestStrangers:
    """Files that are no pipelines, of which no layer is built."""

    @pytest.fixture(autouse=True)
    def unloaded(self, monkeypatch):
        monkeypatch.setattr(keras.saving, "load_model", None)

    def stranger(self, folder, content, change):
        """The bytes of a pipeline whose configuration was changed."""
        (folder / "whole.keras").write_bytes(content)
        with zipfile.ZipFile(folder / "whole.keras") as old, zipfile.ZipFile(folder / "new.keras", "w") as new:
            for name in old.namelist():
                part = old.read(name)
                new.writestr(name, change(part) if name == "config.json" else part)
        return (folder / "new.keras").read_bytes()

    def test_are_refused(self, server, content, tmp_path):
        files = {
            "text": b"\0 no archive",
            "other": self.stranger(tmp_path, content, lambda part: part.replace(b"sentiment-bilstm", b"chatbot")),
            "code": self.stranger(tmp_path, content, lambda part: part.replace(b'"Embedding"', b'"Lambda"')),
            "module": self.stranger(tmp_path, content, lambda part: part.replace(b'"keras.layers"', b'"os"', 1)),
        }
        for name, file in files.items():
            server.add(f"alice/{name}", {"pipeline.keras": file})
            for verb in (lstm_zoo.load, lstm_zoo.info, lstm_zoo.predict):
                words = ["text"] if verb is lstm_zoo.predict else []
                assert hubs.said(verb, f"hf://alice/{name}", *words)[0] is ValueError


class TestFaults:
    """A network that fails."""

    @pytest.mark.parametrize("fault", ["tree_broken", "tree_reset", "head_broken", "download_reset"])
    def test_a_hub_that_fails(self, there, content, fault, capfd):
        there.faults = [fault] * 10
        kind, said = hubs.said(lstm_zoo.load, ADDRESS)
        assert issubclass(kind, OSError)
        assert there.address in said
        assert ADDRESS in said
        there.faults = []
        assert locate(ADDRESS).read_bytes() == content
        assert "hf_read" not in "".join(capfd.readouterr())

    def test_one_interruption_is_got_over(self, there, content):
        there.faults = ["download_closed"]
        assert locate(ADDRESS).read_bytes() == content

    @pytest.mark.parametrize("variable", ["LSTM_ZOO_OFFLINE", "HF_HUB_OFFLINE"])
    def test_offline_from_the_cache(self, there, content, monkeypatch, variable):
        commit = there.repositories[NAME].commits[0].sha
        locate(ADDRESS)
        monkeypatch.setenv("LSTM_ZOO_OFFLINE", str(int(variable == "LSTM_ZOO_OFFLINE")))
        monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", variable == "HF_HUB_OFFLINE")
        requests = len(there.requests)
        for address in (ADDRESS, f"{ADDRESS}@main", f"{ADDRESS}@{commit}", f"{ADDRESS}/pipeline.keras"):
            assert locate(address).read_bytes() == content
        for address in ("hf://alice/other", f"{ADDRESS}@v1", f"{ADDRESS}/other.keras"):
            kind, said = hubs.said(lstm_zoo.load, address)
            assert kind is FileNotFoundError
            assert f"{address} is not in the cache of the hub" in said
            assert "LSTM_ZOO_OFFLINE" in said
        assert len(there.requests) == requests

    def test_offline_it_says_which_of_several_the_cache_has(self, there, content, monkeypatch):
        there.add(NAME, {"pipeline.keras": content, "small.keras": content})
        locate(f"{ADDRESS}/small.keras")
        monkeypatch.setenv("LSTM_ZOO_OFFLINE", "1")
        with pytest.warns(UserWarning, match=f"Offline: small.keras is what the cache has of {ADDRESS}"):
            assert locate(ADDRESS).read_bytes() == content

    def test_a_password_in_the_address_of_the_hub_is_not_shown(self, there, monkeypatch):
        monkeypatch.setenv("HF_ENDPOINT", there.address.replace("://", "://me:s3cret@"))
        said = hubs.said(lstm_zoo.load, "hf://alice/none")[1]
        assert "s3cret" not in said

    def test_nobody_listens(self, there, monkeypatch):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{listener.getsockname()[1]}")
        kind, said = hubs.said(lstm_zoo.load, ADDRESS)
        assert issubclass(kind, OSError)
        assert "refused" in said

    def test_nobody_listens_any_more(self, there, content, monkeypatch):
        assert locate(ADDRESS).read_bytes() == content
        with socket.create_server(("127.0.0.1", 0)) as listener:
            monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{listener.getsockname()[1]}")
        assert locate(ADDRESS).read_bytes() == content  # from the cache of the hub

    def test_without_huggingface_hub(self, there, monkeypatch):
        monkeypatch.setitem(sys.modules, "huggingface_hub", None)
        for verb, words in {lstm_zoo.load: [ADDRESS], lstm_zoo.push: ["sentiment", ADDRESS]}.items():
            with pytest.raises(ImportError, match=r"needs huggingface_hub: pip install 'lstm_zoo\[hf\]'$"):
                verb(*words)
        assert there.requests == []


class TestVerbs:
    """Every verb takes an address."""

    def test_info(self, there, call, trained_once):
        path = trained_once[1] / "pipeline.keras"
        told, own = json.loads(call("info", ADDRESS, "--json")), lstm_zoo.info(path)
        changed = {name for name in own if told[name] != json.loads(json.dumps(own[name]))}
        assert changed == {"file"}
        assert f'load("{ADDRESS}")' in call("info", ADDRESS)

    def test_predict(self, there, call, trained_once):
        answers = json.loads(call("predict", ADDRESS, "good film", "--json"))
        assert answers == lstm_zoo.predict(trained_once[1] / "pipeline.keras", ["good film"])
        assert "label" in call("predict", ADDRESS, "good film")

    def test_evaluate_and_export(self, there, call, tmp_path):
        (tmp_path / "data.csv").write_text("text,label\ngood film,positive\nbad film,negative\n")
        assert "accuracy" in json.loads(call("evaluate", ADDRESS, "--data", tmp_path / "data.csv", "--json"))
        call("export", ADDRESS, tmp_path / "saved")
        assert (tmp_path / "saved" / "saved_model.pb").exists()

    def test_train(self, there, tmp_path, call):
        options = {"folder": tmp_path / "run", "epochs": 1, "batch_size": 8, "verbose": False}
        lstm_zoo.train("sentiment/bilstm", TINY["sentiment"]["examples"] * 3, weights=ADDRESS, **options)
        told = lstm_zoo.info(tmp_path / "run" / "pipeline.keras")
        assert told["begun_from"]["name"] == ADDRESS
        assert f"weights='{ADDRESS}'" in told["command"]
        assert told["hyperparameters"]["units"] == TINY["sentiment"]["sizes"]["units"]
        card = (tmp_path / "run" / "card.md").read_text(encoding="utf-8")
        assert f"It began as {ADDRESS} (SHA-256 " in card
        assert ", trained on the user's own examples." in card

    def test_a_row_s_card_asks_no_hub(self, server, tmp_path, monkeypatch):
        (tmp_path / "empty").mkdir()
        monkeypatch.setattr("lstm_zoo.weights.places.CHECKOUT", tmp_path / "empty")
        monkeypatch.setenv("LSTM_ZOO_CACHE", str(tmp_path / "cache"))
        monkeypatch.setenv("LSTM_ZOO_WEIGHTS", "hf://alice/weights")
        assert lstm_zoo.info("sentiment")["file"] is None
        assert server.requests == []
        assert not (tmp_path / "cache").exists()

    def test_a_saved_copy_can_be_loaded_by_its_path(self, there, tmp_path, content):
        shutil.copyfile(locate(ADDRESS), tmp_path / "copy.keras")
        assert lstm_zoo.load(tmp_path / "copy.keras").name == "sentiment-bilstm"
