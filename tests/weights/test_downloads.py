"""weights/downloads.py: whatever the network does, no wrong file, no hang, no leftovers; the next call works."""

import contextlib
import hashlib
import http.server
import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

from lstm_zoo.weights import downloads

CONTENT = random.Random(0).randbytes(600_000)
ROW = {
    "name": "task-network-data",
    "file": "task-network-data.keras",
    "sha256": hashlib.sha256(CONTENT).hexdigest(),
    "bytes": len(CONTENT),
}


class Server(http.server.ThreadingHTTPServer):
    """Serves CONTENT, with the faults of `faults`, one a request; then without."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.faults, self.requests, self.ranges, self.released = [], [], True, threading.Event()
        self.address = f"http://127.0.0.1:{self.server_address[1]}"


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        begin = self.headers.get("Range", "bytes=0-")[6:-1]
        begin = int(begin) if self.server.ranges else 0
        self.server.requests.append((self.path, begin))
        fault = self.server.faults.pop(0) if self.server.faults else "none"
        getattr(self, f"answer_{fault}")(begin)

    def send(self, body, status=200, length=None, **headers):
        self.send_response(status)
        for name, value in {"Content-Length": length or len(body), **headers}.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        with contextlib.suppress(ConnectionError):
            self.wfile.write(body)

    def answer_none(self, begin):
        headers = {"Content_Range": f"bytes {begin}-{len(CONTENT) - 1}/{len(CONTENT)}"} if begin else {}
        self.send(CONTENT[begin:], 206 if begin else 200, **headers)

    def answer_missing(self, begin):
        self.send(b"nothing here", 404)

    def answer_broken(self, begin):
        self.send(b"sorry", 500)

    def answer_busy(self, begin):
        self.send(b"later", 503, Retry_After=0)

    def answer_reset(self, begin):
        self.send(CONTENT[begin : (begin + len(CONTENT)) // 2], length=len(CONTENT) - begin, **self.partial(begin))
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.connection.close()

    def answer_closed(self, begin):
        self.send(CONTENT[begin : (begin + len(CONTENT)) // 2], length=len(CONTENT) - begin, **self.partial(begin))
        self.close_connection = True

    def answer_stalled(self, begin):
        self.send(CONTENT[begin : (begin + len(CONTENT)) // 2], length=len(CONTENT) - begin, **self.partial(begin))
        self.wfile.flush()
        self.server.released.wait(20)

    def partial(self, begin):
        return {"status": 206, "Content_Range": f"bytes {begin}-"} if begin else {}

    def answer_short(self, begin):
        self.send(CONTENT[:-7])

    def answer_long(self, begin):
        self.send(CONTENT + b"more")

    def answer_wrong(self, begin):
        self.send(bytes([CONTENT[0] ^ 1]) + CONTENT[1:])

    def answer_page(self, begin):
        self.send(b"<html>Please log in</html>", Content_Type="text/html")

    def answer_loop(self, begin):
        self.server.faults.insert(0, "loop") if len(self.server.requests) < 1000 else None
        self.send(b"", 302, Location=self.path)

    def answer_unsatisfiable(self, begin):
        self.send(b"", 416)


TRANSIENT = ["broken", "busy", "reset", "closed", "stalled", "short", "long", "wrong", "page", "unsatisfiable"]


@pytest.fixture
def server(monkeypatch, tmp_path):
    running = Server()
    threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    monkeypatch.setenv("LSTM_ZOO_WEIGHTS", running.address)
    monkeypatch.setenv("LSTM_ZOO_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("LSTM_ZOO_OFFLINE", raising=False)
    monkeypatch.setattr(downloads, "TIMEOUT", (1, 0.3))
    monkeypatch.setattr("pooch.core.time.sleep", lambda seconds: None)
    yield running
    running.released.set()
    running.shutdown()


def leftovers():
    """Files in the cache besides whole ones and locks."""
    files = [path for path in downloads.cache().rglob("*") if path.is_file()]
    return [path.name for path in files if path.suffix != ".lock" and path.name != ROW["file"]]


def test_once(server):
    for _ in range(2):
        path = downloads.fetch(ROW)
        assert path.read_bytes() == CONTENT
    assert server.requests == [(f"/{ROW['file']}", 0)]
    assert leftovers() == []


@pytest.mark.parametrize("fault", TRANSIENT)
def test_one_fault_is_got_over(server, fault):
    server.faults = [fault]
    assert downloads.fetch(ROW).read_bytes() == CONTENT
    assert leftovers() == []


@pytest.mark.parametrize("fault", [*TRANSIENT, "loop", "missing"])
def test_a_lasting_fault_ends_in_an_error_that_says_what_to_do(server, fault):
    server.faults = [fault] * 200
    begun = time.monotonic()
    with pytest.raises((OSError, ValueError), match="LSTM_ZOO_WEIGHTS|hash"):
        downloads.fetch(ROW)
    assert time.monotonic() - begun < 10
    assert not downloads.place(ROW).exists()
    server.faults = []
    assert downloads.fetch(ROW).read_bytes() == CONTENT
    assert leftovers() == []


def test_500_three_times(server):
    server.faults = ["broken"] * 3
    assert downloads.fetch(ROW).read_bytes() == CONTENT
    assert len(server.requests) == 4


def test_404_is_not_tried_again(server):
    server.faults = ["missing"] * 4
    with pytest.raises(FileNotFoundError, match="does not exist. LSTM_ZOO_WEIGHTS names another"):
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


def test_a_wrong_beginning_is_thrown_away(server):
    downloads.place(ROW).parent.mkdir(parents=True)
    downloads.place(ROW).with_suffix(".part").write_bytes(b"x" * 1000)
    assert downloads.fetch(ROW).read_bytes() == CONTENT
    assert leftovers() == []


def test_200_rounds_of_random_faults(server):
    dice, faults = random.Random(1), [*TRANSIENT, "missing"]
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
                assert not downloads.place(ROW).exists()
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


def test_killed_at_half_and_again(server):
    for _ in range(2):
        server.faults = ["stalled"]
        asked, running = len(server.requests), process()
        part = downloads.place(ROW).with_suffix(".part")
        deadline = time.monotonic() + 20
        while len(server.requests) == asked or not part.exists() or not part.stat().st_size:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        running.send_signal(signal.SIGKILL)
        running.wait()
        assert not downloads.place(ROW).exists()
    assert downloads.fetch(ROW).read_bytes() == CONTENT
    assert leftovers() == []


def test_8_processes_at_once_download_once(server):
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
    def hub(self, server, tmp_path, monkeypatch):
        huggingface_hub = pytest.importorskip("huggingface_hub", reason="an extra: pip install 'lstm_zoo[hf]'")
        (tmp_path / "hub").mkdir()
        (tmp_path / "hub" / ROW["file"]).write_bytes(CONTENT)
        asked = []

        def hf_hub_download(repository, name):
            asked.append((repository, name))
            if not (tmp_path / "hub" / name).exists():
                raise RuntimeError("Entry Not Found")
            return str(tmp_path / "hub" / name)

        monkeypatch.setattr(huggingface_hub, "hf_hub_download", hf_hub_download)
        monkeypatch.setenv("LSTM_ZOO_WEIGHTS", "hf://owner/repository")
        return tmp_path / "hub" / ROW["file"], asked

    def test_is_fetched_once(self, hub):
        for _ in range(2):
            assert downloads.fetch(ROW).read_bytes() == CONTENT
        assert hub[1] == [("owner/repository", ROW["file"])]
        assert leftovers() == []

    def test_wrong_bytes(self, hub):
        hub[0].write_bytes(CONTENT[:-1] + b"x")
        with pytest.raises(ValueError, match="hash"):
            downloads.fetch(ROW)
        assert leftovers() == []

    def test_missing(self, hub):
        hub[0].unlink()
        with pytest.raises(OSError, match="Entry Not Found.*LSTM_ZOO_WEIGHTS names another"):
            downloads.fetch(ROW)

    def test_without_the_package(self, server, monkeypatch):
        monkeypatch.setenv("LSTM_ZOO_WEIGHTS", "hf://owner/repository")
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

    @pytest.mark.parametrize("broken", [False, True])
    def test_says_what_is_missing(self, server, monkeypatch, broken):
        if broken:
            downloads.fetch(ROW).write_bytes(b"broken")
        monkeypatch.setenv("LSTM_ZOO_OFFLINE", "1")
        with pytest.raises(
            FileNotFoundError, match="the file of task-network-data, is missing or broken.*lstm-zoo downlo"
        ):
            downloads.fetch(ROW)


class TestCache:
    """The folder of downloads."""

    def test_that_cannot_be_written(self, server, monkeypatch, tmp_path):
        (tmp_path / "file").write_text("no folder")
        monkeypatch.setenv("LSTM_ZOO_CACHE", str(tmp_path / "file"))
        with pytest.raises(OSError, match="could not be fetched .* LSTM_ZOO_CACHE another cache"):
            downloads.fetch(ROW)

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
    def test_read_only(self, server):
        path = downloads.fetch(ROW)
        for folder in (path.parent, downloads.cache()):
            folder.chmod(0o500)
        assert downloads.fetch(ROW).read_bytes() == CONTENT

    def test_full_disk(self, server, monkeypatch):
        full = pathlib.Path("/dev/full")
        if not full.exists():
            pytest.skip("/dev/full is Linux's")
        part = downloads.place(ROW).with_suffix(".part")
        part.parent.mkdir(parents=True)
        part.symlink_to(full)
        with pytest.raises(OSError, match="No space left on device"):
            downloads.fetch(ROW)
        part.unlink()  # the disk has room again
        assert downloads.fetch(ROW).read_bytes() == CONTENT

    def test_clear(self, server):
        downloads.fetch(ROW)
        assert downloads.clear() == (1, len(CONTENT))
        assert list(downloads.cache().rglob("*")) == []
        assert downloads.clear() == (0, 0)
        assert downloads.fetch(ROW).read_bytes() == CONTENT


class TestFolder:
    """Files that are there already."""

    @pytest.fixture
    def folder(self, tmp_path, monkeypatch):
        (tmp_path / "with spaces").mkdir()
        (tmp_path / "with spaces" / ROW["file"]).write_bytes(CONTENT)
        monkeypatch.setenv("LSTM_ZOO_WEIGHTS", str(tmp_path / "with spaces"))
        return tmp_path / "with spaces"

    def test_is_used_in_its_place(self, folder, monkeypatch):
        assert downloads.fetch(ROW) == folder / ROW["file"]
        monkeypatch.setenv("LSTM_ZOO_WEIGHTS", folder.as_uri())
        assert downloads.fetch(ROW) == folder / ROW["file"]

    def test_missing(self, folder):
        (folder / ROW["file"]).unlink()
        with pytest.raises(FileNotFoundError, match="does not exist. The weights of .* LSTM_ZOO_WEIGHTS"):
            downloads.fetch(ROW)

    @pytest.mark.parametrize("content", [CONTENT[:-1], CONTENT[:-1] + b"x"])
    def test_wrong_file(self, folder, content):
        (folder / ROW["file"]).write_bytes(content)
        with pytest.raises(ValueError, match="is not the published file"):
            downloads.fetch(ROW)


@pytest.mark.parametrize("name", ["../outside.keras", "/etc/passwd", "..", "folder/file.keras"])
def test_a_row_cannot_point_elsewhere(name):
    with pytest.raises(ValueError, match="is no plain file name"):
        downloads.place({**ROW, "file": name})
