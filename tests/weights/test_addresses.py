"""load("https://.../mine.keras", sha256=...): a file of somebody's own from a server, checked by its hash."""

import hashlib
import random

import faulty
import pytest

import lstm_zoo
from lstm_zoo import weights
from lstm_zoo.weights import downloads


@pytest.fixture
def server(trained, machine, monkeypatch):
    monkeypatch.setattr(downloads, "TIMEOUT", (5, 1))  # what is slow under load is no fault
    with faulty.Server((trained[1] / "pipeline.keras").read_bytes()) as running:
        running.hash = hashlib.sha256(running.content).hexdigest()
        yield running


def cached(machine):
    """Files in the cache, but for locks."""
    return [path for path in (machine / "cache").rglob("*") if path.is_file() and path.suffix != ".lock"]


def fetched(server, address="/mine.keras", **options):
    """The content of the file at an address of the server; nothing is loaded."""
    options = options or {"sha256": server.hash}
    return weights.locate(f"{server.address}{address}", **options).read_bytes()


def test_is_loaded(server, trained):
    for name in (f"{server.address}/mine.keras", f"{server.address}/mine.keras#sha256={server.hash}"):
        pipeline = lstm_zoo.load(name, sha256=None if "#" in name else server.hash)
        assert lstm_zoo.predict(pipeline, "good film") == lstm_zoo.predict(trained[0], "good film")
    assert weights.model_named(name) == "sentiment/bilstm"
    assert server.requests == [("/mine.keras", 0)]


def test_predict(server, trained, call):
    name = f"{server.address}/mine.keras#sha256={server.hash}"
    answers = lstm_zoo.predict(trained[0], ["good film"])
    assert lstm_zoo.predict(name, ["good film"]) == answers
    assert answers[0]["label"] in call("predict", name, "good film")
    assert "checked by its hash: sha256=" in call("predict", f"{server.address}/mine.keras", "good film", code=2)
    assert "does not match" in call("predict", f"{name[:-64]}{'0' * 64}", "good film", code=2)


@pytest.mark.parametrize("given", [{}, {"sha256": None}, {"sha256": ""}])
def test_no_hash(server, given):
    with pytest.raises(ValueError, match="is checked by its hash: sha256=..., or #sha256=... behind"):
        weights.locate(f"{server.address}/mine.keras", **given)
    assert server.requests == []


@pytest.mark.parametrize("sha256", ["f" * 63, "g" * 64, "f" * 65, 7, b"f" * 64, "sha256:" + "f" * 64, " " + "f" * 64])
def test_no_such_hash(server, sha256):
    with pytest.raises(ValueError, match="A SHA-256 is 64 hexadecimal digits. Received: "):
        fetched(server, sha256=sha256)
    assert server.requests == []


@pytest.mark.parametrize("fragment", ["md5=abc", "sha256=abc", "part"])
def test_no_such_fragment(server, fragment):
    with pytest.raises(ValueError, match="A SHA-256 is 64 hexadecimal digits. Received: "):
        fetched(server, f"/mine.keras#{fragment}", sha256=None)


def test_two_hashes(server):
    with pytest.raises(ValueError, match="mine.keras is given two hashes: 000"):
        fetched(server, f"/mine.keras#sha256={'0' * 64}", sha256=server.hash)
    assert fetched(server, f"/mine.keras#sha256={server.hash}", sha256=server.hash.upper()) == server.content


def test_capital_letters(server):
    assert fetched(server, sha256=server.hash.upper()) == server.content
    assert fetched(server, f"/mine.keras#sha256={server.hash.upper()}", sha256=None) == server.content
    assert len(server.requests) == 1


def test_wrong_hash(server, machine):
    with pytest.raises(ValueError, match="does not match the known hash"):
        fetched(server, sha256="0" * 64)
    assert cached(machine) == []


@pytest.mark.parametrize("path", ["", "/", "/mine", "/mine.h5", "/mine.keras/", "/mine?file=x.keras"])
def test_another_ending(server, path):
    with pytest.raises(ValueError, match=r"is that of a .keras file. Received: http"):
        fetched(server, path)
    assert server.requests == []


def test_missing(server, machine):
    server.faults = ["missing"] * 4
    with pytest.raises(FileNotFoundError, match=r"mine.keras does not exist.$"):
        fetched(server)
    assert len(server.requests) == 1
    assert cached(machine) == []


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/mine.keras?download=1", "mine.keras"),
        ("/a/b/mine.keras", "mine.keras"),
        ("/my%20own%2Bone.keras", "my own+one.keras"),
        ("/%C3%A4.keras", "ä.keras"),
        ("/a%2F..%2Fb.keras", "b.keras"),
        ("/tmp.keras", "tmp.keras"),
        ("/.keras", ".keras"),
    ],
)
def test_names(server, machine, path, name):
    assert fetched(server, path) == server.content
    assert server.requests == [(path, 0)]
    assert [file.name for file in cached(machine)] == [name]
    assert cached(machine)[0].parent.parent == machine / "cache"


@pytest.mark.parametrize("path", ["/..%5Cx.keras", "/a%00.keras", f"/{'x' * 300}.keras"])
def test_names_that_cannot_be(server, machine, path):
    with pytest.raises((ValueError, OSError)):
        fetched(server, path)
    assert cached(machine) == []


def test_moved(server):
    server.faults = ["moved"]
    assert fetched(server) == server.content
    assert server.requests == [("/mine.keras", 0), ("/elsewhere", 0)]


def test_offline(server, monkeypatch):
    monkeypatch.setenv("LSTM_ZOO_OFFLINE", "1")
    with pytest.raises(FileNotFoundError, match=r"LSTM_ZOO_OFFLINE forbids the download from http.*/mine.keras\."):
        fetched(server)
    monkeypatch.delenv("LSTM_ZOO_OFFLINE")
    path = weights.locate(f"{server.address}/mine.keras", server.hash)
    monkeypatch.setenv("LSTM_ZOO_OFFLINE", "1")
    assert fetched(server) == server.content
    path.write_bytes(b"broken")
    with pytest.raises(FileNotFoundError, match="mine.keras is missing or broken, and LSTM_ZOO_OFFLINE forbids"):
        fetched(server)
    assert len(server.requests) == 1


@pytest.mark.parametrize("sized", [True, False])
@pytest.mark.parametrize("fault", faulty.TRANSIENT)
def test_one_fault_is_got_over(server, machine, fault, sized):
    server.faults, server.sized = [fault], sized
    assert fetched(server) == server.content
    assert [path.name for path in cached(machine)] == ["mine.keras"]


@pytest.mark.parametrize("sized", [True, False])
@pytest.mark.parametrize("ranges", [True, False])
def test_goes_on_where_it_broke_off(server, sized, ranges):
    server.content = random.Random(0).randbytes(600_000)  # of several chunks
    server.hash = hashlib.sha256(server.content).hexdigest()
    server.faults, server.sized, server.ranges = ["closed"], sized, ranges
    assert fetched(server) == server.content
    (_, first), (_, second) = server.requests
    assert first == 0
    assert (second > 0) is ranges


def test_breaks_off_for_ever(server, machine):
    server.faults, server.sized = ["closed"] * 4, False
    with pytest.raises(OSError, match="mine.keras could not be fetched from http.*try again"):
        fetched(server)
    assert [path.suffix for path in cached(machine)] == [".part"]
    assert fetched(server) == server.content
    assert len(cached(machine)) == 1


def test_all_arrived_before_a_kill(server, machine):
    """The request for what comes after the end is refused, and all is asked for again."""
    path = machine / "cache" / server.hash[:16] / "mine.part"
    path.parent.mkdir(parents=True)
    path.write_bytes(server.content)
    server.faults = ["unsatisfiable"]
    assert fetched(server) == server.content
    assert [begin for _, begin in server.requests] == [len(server.content), 0]


class TestPath:
    """A hash of what is no http(s) address."""

    def test_of_a_file(self, trained):
        path = trained[1] / "pipeline.keras"
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        for given in (None, sha256, sha256.upper()):
            assert lstm_zoo.load(path, sha256=given).name == "sentiment-bilstm"
        with pytest.raises(
            ValueError, match=f"pipeline.keras is another file: its SHA-256 is {sha256}, not {'0' * 64}"
        ):
            lstm_zoo.load(path, sha256="0" * 64)
        with pytest.raises(ValueError, match="A SHA-256 is 64 hexadecimal digits"):
            lstm_zoo.load(path, sha256="mine")

    def test_of_a_row(self):
        with pytest.raises(ValueError, match="is another file"):
            weights.locate("forecasting", "0" * 64)
