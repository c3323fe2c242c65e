"""weights/downloads.py: whatever the network does, no wrong file, no hang, no leftovers; the next call works."""

import hashlib
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import time

import faulty
import pytest
from hub import Hub

from lstm_zoo.weights import downloads, places

CONTENT = random.Random(0).randbytes(600_000)
ROW = {
    "name": "task-network-data",
    "network": "task/network",
    "file": "task-network-data.keras",
    "sha256": hashlib.sha256(CONTENT).hexdigest(),
    "bytes": len(CONTENT),
}
NAME = "alice/weights"


@pytest.fixture
def server(machine, monkeypatch):
    with faulty.Server(CONTENT) as running:
        monkeypatch.setenv("LSTM_ZOO_WEIGHTS", running.address)
        yield running


def place():
    """Path of the row's file in the cache."""
    return places.cached(ROW["file"], ROW["sha256"])


def test_once(server, leftovers):
    for _ in range(2):
        path = downloads.fetch(ROW)
        assert path.read_bytes() == CONTENT
    assert server.requests == [(f"/{ROW['file']}", 0)]
    assert leftovers() == []


@pytest.mark.parametrize("fault", faulty.TRANSIENT)
def test_one_fault_is_got_over(server, leftovers, fault):
    server.faults = [fault]
    assert downloads.fetch(ROW).read_bytes() == CONTENT
    assert leftovers() == []


@pytest.mark.parametrize("fault", [*faulty.TRANSIENT, "loop", "missing"])
def test_a_lasting_fault_ends_in_an_error_that_says_what_to_do(server, leftovers, fault):
    server.faults = [fault] * 200
    begun = time.monotonic()
    with pytest.raises((OSError, ValueError), match="LSTM_ZOO_(CACHE|WEIGHTS)|hash"):
        downloads.fetch(ROW)
    assert time.monotonic() - begun < 10
    assert not place().exists()
    server.faults = []
    assert downloads.fetch(ROW).read_bytes() == CONTENT
    assert leftovers() == []


def test_500_three_times(server):
    server.faults = ["broken"] * 3
    assert downloads.fetch(ROW).read_bytes() == CONTENT
    assert len(server.requests) == 4


def test_404_is_not_tried_again(server):
    server.faults = ["missing"] * 4
    with pytest.raises(FileNotFoundError, match=r"does not exist\. .*LSTM_ZOO_WEIGHTS can name"):
        downloads.fetch(ROW)
    assert len(server.requests) == 1


def test_a_page_in_its_place_is_named(server):
    server.faults = ["page"] * 4
    with pytest.raises(OSError, match=r"sent 26 bytes \(text/html\) instead of 600000"):
        downloads.fetch(ROW)


@pytest.mark.parametrize("fault", ["closed", "stalled"])  # a reset throws away what had arrived
def test_goes_on_where_it_broke_off(server, fault):
    server.faults = [fault]
    assert downloads.fetch(ROW).read_bytes() == CONTENT
    (_, first), (_, second) = server.requests
    assert first == 0
    assert second > 0


def test_a_server_without_ranges_starts_anew(server):
    server.ranges, server.faults = False, ["closed"]
    assert downloads.fetch(ROW).read_bytes() == CONTENT


def test_a_wrong_beginning_is_thrown_away(server, leftovers):
    place().parent.mkdir(parents=True)
    place().with_suffix(".part").write_bytes(b"x" * 1000)
    assert downloads.fetch(ROW).read_bytes() == CONTENT
    assert leftovers() == []


def test_200_rounds_of_random_faults(server, leftovers):
    dice, faults = random.Random(1), [*faulty.TRANSIENT, "missing"]
    weights = [0.2 if fault == "stalled" else 1 for fault in faults]  # waiting takes long
    for _ in range(200):
        server.faults = dice.choices(faults, weights, k=dice.randint(0, 6))
        server.ranges = dice.random() < 0.8
        while True:
            asked = len(server.requests)
            try:
                path = downloads.fetch(ROW)
                break
            except (OSError, ValueError):
                assert not place().exists()
                assert len(server.requests) > asked
        assert server.faults == [] or len(server.requests) == asked + 1
        assert path.read_bytes() == CONTENT
        assert leftovers() == []
        damage = dice.choice(["remove", "cut", "flip"])
        if damage == "remove":
            path.unlink()
        elif damage == "cut":
            path.write_bytes(CONTENT[: dice.randrange(len(CONTENT))])
        else:
            path.write_bytes(CONTENT[:-1] + bytes([CONTENT[-1] ^ 1]))


CODE = "import sys, json; from lstm_zoo.weights import downloads; downloads.fetch(json.loads(sys.argv[1]))"


def process():
    return subprocess.Popen([sys.executable, "-c", CODE, json.dumps(ROW)], stderr=subprocess.DEVNULL)


def test_killed_at_half_and_again(server, leftovers):
    for _ in range(2):
        server.faults = ["stalled"]
        asked, running = len(server.requests), process()
        part = place().with_suffix(".part")
        deadline = time.monotonic() + 20
        while len(server.requests) == asked or not part.exists() or not part.stat().st_size:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        running.send_signal(signal.SIGKILL)
        running.wait()
        assert not place().exists()
    assert downloads.fetch(ROW).read_bytes() == CONTENT
    assert leftovers() == []


def test_8_processes_at_once_download_once(server, leftovers):
    running = [process() for _ in range(8)]
    assert [each.wait() for each in running] == [0] * 8
    assert len(server.requests) == 1
    assert leftovers() == []


def test_proxy(server, monkeypatch):
    monkeypatch.setenv("LSTM_ZOO_WEIGHTS", "http://weights.invalid/folder")
    monkeypatch.setenv("http_proxy", server.address)
    assert downloads.fetch(ROW).read_bytes() == CONTENT
    assert server.requests == [(f"http://weights.invalid/folder/{ROW['file']}", 0)]


class TestHuggingFace:
    """LSTM_ZOO_WEIGHTS=hf://owner/repository."""

    @pytest.fixture
    def hub(self, machine, monkeypatch):
        """A running hub, and a client that never waits, keeps to a folder of its own and knows no token."""
        constants = pytest.importorskip("huggingface_hub.constants", reason="an extra: pip install 'lstm_zoo[hf]'")
        for name, value in {
            "HF_HUB_DISABLE_XET": True,
            "HF_HUB_OFFLINE": False,
            "HF_HUB_CACHE": str(machine / "hub"),
            "HF_TOKEN_PATH": str(machine / "token"),
        }.items():
            monkeypatch.setattr(constants, name, value)
        monkeypatch.delenv("HF_TOKEN", raising=False)
        monkeypatch.setattr("huggingface_hub.utils._http.time.sleep", lambda seconds: None)
        monkeypatch.setenv("LSTM_ZOO_WEIGHTS", f"hf://{NAME}")
        with Hub() as running:
            monkeypatch.setenv("HF_ENDPOINT", running.address)
            yield running

    def test_is_fetched_once(self, hub, leftovers):
        hub.add(NAME, {ROW["file"]: CONTENT})
        path = downloads.fetch(ROW)
        assert path == place()
        assert path.read_bytes() == CONTENT
        asked = len(hub.requests)
        assert downloads.fetch(ROW) == path
        assert len(hub.requests) == asked
        assert leftovers() == []

    @pytest.mark.parametrize("variable", [f"hf://{NAME}@v1", f"hf://{NAME}/"])
    def test_of_a_revision(self, hub, monkeypatch, variable):
        repository = hub.add(NAME, {ROW["file"]: CONTENT if variable.endswith("/") else b"old"})
        if "@" in variable:
            repository.tags["v1"] = repository.commit({ROW["file"]: CONTENT}, "Next", "next")
        monkeypatch.setenv("LSTM_ZOO_WEIGHTS", variable)
        assert downloads.fetch(ROW).read_bytes() == CONTENT

    def test_wrong_bytes(self, hub, leftovers):
        hub.add(NAME, {ROW["file"]: CONTENT[:-1] + b"x"})
        with pytest.raises(ValueError, match="hash"):
            downloads.fetch(ROW)
        assert leftovers() == []
        assert not place().exists()

    @pytest.mark.parametrize("files", [None, {}])
    def test_missing(self, hub, files):
        if files is not None:
            hub.add(NAME, files)
        message = "does not exist on http" if files is None else f"{NAME} has no file '{ROW['file']}'"
        with pytest.raises(FileNotFoundError, match=f"{message}.*pip install.*LSTM_ZOO_WEIGHTS can name"):
            downloads.fetch(ROW)

    def test_one_fault_is_got_over(self, hub):
        hub.add(NAME, {ROW["file"]: CONTENT})
        hub.faults = ["download_closed"]
        assert downloads.fetch(ROW).read_bytes() == CONTENT

    def test_a_hub_that_cannot_be_asked(self, hub, monkeypatch):
        monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
        with pytest.raises(OSError, match=r"127.0.0.1:9 cannot be asked: .*refused"):
            downloads.fetch(ROW)

    def test_a_fault_and_the_checkout_has_the_file(self, hub):
        places.CHECKOUT.mkdir()
        (places.CHECKOUT / ROW["file"]).write_bytes(CONTENT)
        with pytest.warns(UserWarning, match=f"is taken from {places.CHECKOUT}.*does not exist on http"):
            assert downloads.fetch(ROW) == places.CHECKOUT / ROW["file"]

    def test_offline(self, hub, monkeypatch):
        hub.add(NAME, {ROW["file"]: CONTENT})
        monkeypatch.setenv("LSTM_ZOO_OFFLINE", "1")
        with pytest.raises(FileNotFoundError, match=f"LSTM_ZOO_OFFLINE forbids the download from hf://{NAME}"):
            downloads.fetch(ROW)
        assert hub.requests == []

    def test_no_repository(self, hub, monkeypatch):
        waited = []
        monkeypatch.setattr("pooch.core.time.sleep", waited.append)
        monkeypatch.setenv("LSTM_ZOO_WEIGHTS", "hf://alice")
        with pytest.raises(ValueError, match="LSTM_ZOO_WEIGHTS can name hf://owner/repository. Received: hf://alice"):
            downloads.fetch(ROW)
        assert waited == []

    def test_without_the_package(self, machine, monkeypatch):
        monkeypatch.setenv("LSTM_ZOO_WEIGHTS", f"hf://{NAME}")
        monkeypatch.setitem(sys.modules, "huggingface_hub", None)
        with pytest.raises(ImportError, match=r"pip install 'lstm_zoo\[hf\]'"):
            downloads.fetch(ROW)


class TestOffline:
    """LSTM_ZOO_OFFLINE=1."""

    def test_uses_the_cache(self, server, monkeypatch):
        downloads.fetch(ROW)
        monkeypatch.setenv("LSTM_ZOO_OFFLINE", "1")
        assert downloads.fetch(ROW).read_bytes() == CONTENT
        assert len(server.requests) == 1

    def test_says_what_is_missing(self, server, monkeypatch):
        monkeypatch.setenv("LSTM_ZOO_OFFLINE", "1")
        with pytest.raises(
            FileNotFoundError, match="The file of task-network-data .*not on this machine.*lstm-zoo downlo"
        ):
            downloads.fetch(ROW)
        assert server.requests == []

    def test_says_what_is_broken(self, server, monkeypatch):
        downloads.fetch(ROW).write_bytes(b"broken")
        monkeypatch.setenv("LSTM_ZOO_OFFLINE", "1")
        with pytest.raises(
            ValueError, match=r"Not the published file .*task-network-data.keras \(cache\)\..*lstm-zoo downlo"
        ):
            downloads.fetch(ROW)

    @pytest.mark.parametrize("value", ["", "0"])
    def test_is_not_meant(self, server, monkeypatch, value):
        monkeypatch.setenv("LSTM_ZOO_OFFLINE", value)
        assert downloads.fetch(ROW).read_bytes() == CONTENT


class TestCache:
    """The folder of downloads."""

    def test_that_cannot_be_written(self, server, monkeypatch, tmp_path):
        (tmp_path / "file").write_text("no folder")
        monkeypatch.setenv("LSTM_ZOO_CACHE", str(tmp_path / "file"))
        with pytest.raises(OSError, match="could not be fetched .* LSTM_ZOO_CACHE names another cache"):
            downloads.fetch(ROW)

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
    def test_read_only(self, server):
        path = downloads.fetch(ROW)
        for folder in (path.parent, places.cache()):
            folder.chmod(0o500)
        assert downloads.fetch(ROW).read_bytes() == CONTENT

    def test_full_disk(self, server, monkeypatch):
        full = pathlib.Path("/dev/full")
        if not full.exists():
            pytest.skip("/dev/full is Linux's")
        part = place().with_suffix(".part")
        part.parent.mkdir(parents=True)
        part.symlink_to(full)
        with pytest.raises(OSError, match="No space left on device"):
            downloads.fetch(ROW)
        part.unlink()  # the disk has room again
        assert downloads.fetch(ROW).read_bytes() == CONTENT

    def test_clear_leaves_the_files_of_others(self, server, monkeypatch, tmp_path):
        monkeypatch.setenv("LSTM_ZOO_CACHE", str(tmp_path))
        downloads.fetch(ROW)
        others = [
            tmp_path / "letters" / "2024" / "mine.txt",
            tmp_path / "letters" / "one.txt",
            tmp_path / "poetry.lock",
        ]
        for other in others:
            other.parent.mkdir(parents=True, exist_ok=True)
            other.write_text("dear")
        assert downloads.clear() == (1, len(CONTENT))
        assert sorted(path for path in tmp_path.rglob("*") if path.is_file()) == sorted(others)

    def test_clear_after_a_wrong_file(self, server):
        server.faults = ["wrong"] * 4
        with pytest.raises(ValueError, match="hash"):
            downloads.fetch(ROW)
        assert downloads.clear() == (0, 0)
        assert list(places.cache().rglob("*")) == []

    def test_clear(self, server):
        downloads.fetch(ROW)
        assert downloads.clear() == (1, len(CONTENT))
        assert list(places.cache().rglob("*")) == []
        assert downloads.clear() == (0, 0)
        assert downloads.fetch(ROW).read_bytes() == CONTENT


@pytest.mark.parametrize("name", ["../outside.keras", "/etc/passwd", "..", "folder/file.keras"])
def test_a_row_cannot_point_elsewhere(name):
    with pytest.raises(ValueError, match="A plain file name is expected"):
        downloads.fetch({**ROW, "file": name})
