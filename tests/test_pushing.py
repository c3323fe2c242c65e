"""pushing.py: a pipeline and its card to a hub that is played, and back."""

import json
import re
import socket

import hub
import numpy as np
import pytest
from tiny import hubs

import lstm_zoo
from lstm_zoo.weights import catalog, locate

huggingface_hub = pytest.importorskip("huggingface_hub", minversion="2")

NAME, ADDRESS = "alice/tickets", "hf://alice/tickets"
METRICS = {"accuracy": 0.8, "macro_f1": 0.75, "baselines": {"bigrams": {"accuracy": 0.7}}}


@pytest.fixture
def path(trained_once):
    """The file of a run, in its folder. Not to be changed."""
    return trained_once[1] / "pipeline.keras"


def files(hub_server, name=NAME, revision="main"):
    """What a repository holds beside what every new one does."""
    return {path: content for path, content in hub_server.repositories[name].files(revision).items() if path[0] != "."}


def card(hub_server, name=NAME):
    return huggingface_hub.ModelCard(files(hub_server, name)["README.md"].decode())


def results(card):
    """What model-index tells: (split, metric's name) -> value."""
    return {(one.dataset_split, one.metric_name): one.metric_value for one in card.data.eval_results}


class TestPushed:
    """What is on the hub afterwards."""

    def test_the_same_bytes_and_the_same_answers(self, hub_server, path):
        address = lstm_zoo.push(path, ADDRESS)
        assert address == f"{ADDRESS}@{hub_server.repositories[NAME].commits[-1].sha}"
        assert files(hub_server).keys() == {"README.md", "curves.png", "reliability.png", "pipeline.keras"}
        assert files(hub_server)["pipeline.keras"] == path.read_bytes()
        for picture in ("curves.png", "reliability.png"):
            assert files(hub_server)[picture] == path.with_name(picture).read_bytes()
        assert len(hub_server.repositories[NAME].commits) == 2  # the first is that of a new repository
        assert not hub_server.repositories[NAME].private
        for name in (ADDRESS, address, f"{ADDRESS}/pipeline.keras"):
            assert locate(name).read_bytes() == path.read_bytes()
        assert lstm_zoo.predict(address, ["good"]) == lstm_zoo.predict(path, ["good"])

    def test_card_of_a_run(self, hub_server, path):
        lstm_zoo.push(str(path), ADDRESS, license="mit", metrics=METRICS)
        pushed, validation = card(hub_server), lstm_zoo.info(path)["metrics"]["validation"]
        assert pushed.data.license == "mit"
        assert pushed.data.library_name == "keras"
        assert pushed.data.pipeline_tag == "text-classification"
        assert pushed.data.tags == ["lstm_zoo", "lstm", "keras", "sentiment-bilstm"]
        assert pushed.data.language is None
        assert results(pushed) == {
            ("validation", "accuracy"): validation["accuracy"],
            ("validation", "macro_f1"): validation["macro_f1"],
            ("validation", "calibration_error"): validation["calibration_error"],
            ("test", "accuracy"): 0.8,
            ("test", "macro_f1"): 0.75,
            ("test", "accuracy of a baseline: bigrams"): 0.7,
        }
        for part in (
            f"# {NAME}\n",
            f'pipeline = lstm_zoo.load("{ADDRESS}")\n',
            "pip install 'lstm_zoo[hf]'",
            "| metric | validation (4) | test | bigrams, test |",
            "lstm_zoo.train('sentiment/bilstm', data, ",
            "![Learning curves](curves.png)",
            "![Reliability on validation](reliability.png)",
            lstm_zoo.info(path)["sha256"],
        ):
            assert part in pushed.text
        assert str(path.parent) not in pushed.content

    def test_card_of_a_row(self, hub_server):
        row = catalog.find("speech-keyword-digits")
        lstm_zoo.push("speech-keyword-digits", "hf://alice/digits")
        pushed = card(hub_server, "alice/digits")
        assert hub.sha256(files(hub_server, "alice/digits")["pipeline.keras"]) == row["sha256"]
        assert files(hub_server, "alice/digits").keys() == {"README.md", "reliability.png", "pipeline.keras"}
        assert (pushed.data.language, pushed.data.license) == (["en"], "apache-2.0")
        [(baseline, told)] = row["baselines"].items()
        assert results(pushed)["test", "accuracy"] == row["metrics"]["test"]["accuracy"]
        assert results(pushed)["test", f"accuracy of a baseline: {baseline}"] == told["accuracy"]
        for part in (row["command"], row["data_license"], row["limits"], row["sha256"], row["commit"]):
            assert part in pushed.text

    def test_languages_of_a_translation(self, hub_server):
        row = catalog.find("translation-attention-general-en-de")
        lstm_zoo.push(row["name"], ADDRESS)
        assert card(hub_server).data.language == ["en", "de"]
        assert row["signature"] in card(hub_server).text

    def test_a_pipeline_in_memory(self, hub_server, trained_once):
        pipeline, _ = trained_once
        again = lstm_zoo.load(lstm_zoo.push(pipeline, ADDRESS))
        assert files(hub_server).keys() == {"README.md", "reliability.png", "pipeline.keras"}
        for weights, same in zip(pipeline.get_weights(), again.get_weights(), strict=True):
            np.testing.assert_array_equal(weights, same)
        assert hub.sha256(files(hub_server)["pipeline.keras"]) in card(hub_server).text
        assert {split for split, _ in results(card(hub_server))} == {"validation"}

    def test_what_was_pushed_can_be_pushed_on(self, hub_server, path):
        lstm_zoo.push(lstm_zoo.push(path, ADDRESS), "hf://alice/copy")
        assert files(hub_server, "alice/copy")["pipeline.keras"] == path.read_bytes()
        assert card(hub_server, "alice/copy").text.startswith("\n# alice/copy\n")


class TestRepository:
    """A repository that exists."""

    def test_a_second_push_takes_the_place_of_the_first(self, hub_server, path, trained_once):
        first = lstm_zoo.push(path, ADDRESS)
        assert lstm_zoo.push(path, ADDRESS) == first
        second = lstm_zoo.push(trained_once[0], ADDRESS, license="mit")
        assert card(hub_server).data.license == "mit"
        assert "curves.png" not in files(hub_server)  # they were those of the first
        assert len(hub_server.repositories[NAME].commits) == 3
        assert locate(first).read_bytes() == path.read_bytes()
        assert locate(second).read_bytes() == files(hub_server)["pipeline.keras"] == locate(ADDRESS).read_bytes()

    def test_private(self, hub_server, path, monkeypatch):
        lstm_zoo.push(path, ADDRESS, private=True)
        assert hub_server.repositories[NAME].private
        lstm_zoo.push(path, ADDRESS, private=True, license="mit")
        hub_server.add("alice/public", {})
        message = hubs.said(lstm_zoo.push, path, "hf://alice/public", private=True)[1]
        assert "hf://alice/public exists and is public" in message
        assert files(hub_server, "alice/public") == {}
        monkeypatch.setenv("HF_TOKEN", "hf_other")
        assert "may not read it" in hubs.said(lstm_zoo.load, ADDRESS)[1]

    def test_further_pipelines_need_a_name(self, hub_server, path):
        hub_server.add(NAME, {"other.keras": b"\0"})
        message = hubs.said(lstm_zoo.push, path, ADDRESS)[1]
        assert f"holds other.keras already. A further pipeline needs a name, {ADDRESS}/NAME.keras;" in message
        address = lstm_zoo.push(path, f"{ADDRESS}/german/small.keras")
        beside = {f"german/small.{ending}" for ending in ("md", "png", "reliability.png", "keras")}
        assert files(hub_server).keys() == {"other.keras", *beside}
        assert address.endswith("/german/small.keras")
        assert locate(address).read_bytes() == path.read_bytes()
        page = files(hub_server)["german/small.md"].decode()
        assert f'load("{ADDRESS}/german/small.keras")' in page
        assert "(small.png)" in page
        assert "(small.reliability.png)" in page

    def test_a_branch(self, hub_server, path):
        assert hubs.said(lstm_zoo.push, path, f"{ADDRESS}@next")[0] is FileNotFoundError
        assert hub_server.repositories == {}  # none was made for a branch that it cannot have
        hub_server.add(NAME, {})
        assert "has no revision 'next'" in hubs.said(lstm_zoo.push, path, f"{ADDRESS}@next")[1]
        huggingface_hub.HfApi(endpoint=hub_server.address).create_branch(NAME, branch="next")
        lstm_zoo.push(path, f"{ADDRESS}@next")
        assert files(hub_server) == {}
        assert files(hub_server, revision="next")["pipeline.keras"] == path.read_bytes()
        assert locate(f"{ADDRESS}@next").read_bytes() == path.read_bytes()


class TestMetrics:
    """`metrics=`"""

    def test_of_evaluate(self, hub_server, path, trained_once, call, tmp_path):
        pairs = [("good film", "positive"), ("bad film", "negative")]
        measured = lstm_zoo.evaluate(trained_once[0], pairs, training=pairs * 3)
        lstm_zoo.push(path, ADDRESS, metrics=measured)
        told, baselines = card(hub_server).content, list(measured["baselines"])
        assert baselines
        assert all(name in told for name in baselines)
        (tmp_path / "new.json").write_text(json.dumps(measured))
        lstm_zoo.push(path, ADDRESS, metrics=tmp_path / "new.json")
        assert card(hub_server).content == told

    def test_without_a_value(self, hub_server, path):
        lstm_zoo.push(path, ADDRESS, metrics={"accuracy": 0.5, "macro_f1": None})
        assert ("test", "macro_f1") not in results(card(hub_server))

    @pytest.mark.parametrize(
        "metrics",
        [
            [],
            {},
            {"accuracy": "good"},
            {"accuracy": True},
            {"baselines": {"bigrams": {"accuracy": 0.5}}},
            {"accuracy": 0.5, "baselines": [0.4]},
            {"accuracy": 0.5, "baselines": {"bigrams": 0.4}},
            {"bleu": 40.0},
            "{",
            "[]",
        ],
    )
    def test_others_are_refused_before_the_hub_is_asked(self, hub_server, path, metrics, tmp_path):
        if isinstance(metrics, str):
            (tmp_path / "metrics.json").write_text(metrics)
            metrics = tmp_path / "metrics.json"
        assert hubs.said(lstm_zoo.push, path, ADDRESS, metrics=metrics)[0] is ValueError
        assert hub_server.requests == []


class TestRefused:
    """What goes wrong, in one line that tells no token."""

    @pytest.mark.parametrize(
        ("token", "message"),
        [
            ("", "401, it wants a token, which HF_TOKEN or `hf auth login` gives"),
            ("hf_secret", "401, the token that HF_TOKEN or `hf auth login` gives is not valid"),
            ("hf_read", "403, the token"),
            ("hf_other", "403, the token"),
        ],
    )
    def test_who_may_not_write(self, hub_server, path, monkeypatch, token, message):
        monkeypatch.setenv("HF_TOKEN", token)
        kind, said = hubs.said(lstm_zoo.push, path, ADDRESS)
        assert kind is OSError
        assert message in said
        assert hub_server.repositories == {}
        hub_server.add(NAME, {})
        hubs.said(lstm_zoo.push, path, ADDRESS)
        assert len(hub_server.repositories[NAME].commits) == 1

    @pytest.mark.parametrize("token", ["hf_se\x01cret", "hf_sécret"])
    def test_a_token_that_no_request_can_hold(self, hub_server, path, monkeypatch, token):
        monkeypatch.setenv("HF_TOKEN", token)
        said = hubs.said(lstm_zoo.push, path, ADDRESS)[1]
        assert "cret" not in said
        assert hub_server.address in said

    @pytest.mark.parametrize(
        ("fault", "message"),
        [
            ("upload_reset", "reset|disconnected"),  # the kernel's timing decides
            ("upload_closed", "reset|disconnected|closed|broken pipe"),
            ("upload_broken", "500"),
            ("batch_broken", "500"),
            ("commit_broken", "500"),
            ("preupload_broken", "500"),
        ],
    )
    def test_an_interrupted_upload_changes_nothing(self, hub_server, path, fault, message, capfd):
        hub_server.add(NAME, {"README.md": b"mine"})
        hub_server.faults = [fault] * 20  # the client tries six times, and uploads two files at once
        kind, said = hubs.said(lstm_zoo.push, path, ADDRESS)
        assert kind is OSError
        assert f"{hub_server.address} was asked for {ADDRESS} in vain: " in said
        assert re.search(message, said, re.IGNORECASE), said
        assert "Error while uploading" not in said  # which tells no reason
        assert files(hub_server) == {"README.md": b"mine"}
        assert "hf_write" not in "".join(capfd.readouterr())
        hub_server.faults = []
        lstm_zoo.push(path, ADDRESS)
        assert files(hub_server)["pipeline.keras"] == path.read_bytes()

    def test_without_a_network(self, hub_server, path, monkeypatch):
        monkeypatch.setenv("LSTM_ZOO_OFFLINE", "1")
        kind, said = hubs.said(lstm_zoo.push, path, ADDRESS)
        assert kind is OSError
        assert "LSTM_ZOO_OFFLINE" in said
        assert hub_server.requests == []
        monkeypatch.delenv("LSTM_ZOO_OFFLINE")
        with socket.create_server(("127.0.0.1", 0)) as listener:
            closed = f"http://127.0.0.1:{listener.getsockname()[1]}"
        monkeypatch.setenv("HF_ENDPOINT", closed)
        said = hubs.said(lstm_zoo.push, path, ADDRESS)[1]
        assert re.match(f"{closed} was asked for {ADDRESS} in vain: .* refused", said)

    @pytest.mark.parametrize(
        "address", ["alice/tickets", "hf://tickets", "hf://alice/tickets/../../x.keras", "hf://alice/tickets//x.keras"]
    )
    def test_other_addresses(self, hub_server, path, address):
        said = hubs.said(lstm_zoo.push, path, address)[1]
        assert "A pipeline on the hub is hf://owner/name, " in said
        assert hub_server.requests == []

    def test_what_is_no_pipeline(self, hub_server, tmp_path):
        (tmp_path / "some.keras").write_bytes(b"no archive")
        for name in (tmp_path / "some.keras", tmp_path / "none.keras", "sentimant", 3):
            hubs.said(lstm_zoo.push, name, ADDRESS)
        assert hub_server.requests == []


def test_command_line(hub_server, path, call, tmp_path):
    (tmp_path / "metrics.json").write_text(json.dumps(METRICS))
    printed = call("push", path, ADDRESS, "--private", "--license", "mit", "--metrics", tmp_path / "metrics.json")
    assert printed == f"{ADDRESS}@{hub_server.repositories[NAME].commits[-1].sha}\n"
    assert hub_server.repositories[NAME].private
    assert card(hub_server).data.license == "mit"
    assert results(card(hub_server))["test", "accuracy"] == 0.8
    assert json.loads(call("push", path, "hf://alice/other", "--json")).startswith("hf://alice/other@")
    error = call("push", path, "hf://bob/tickets", code=2)
    assert re.fullmatch("Error: .* may not do this\n", error)
