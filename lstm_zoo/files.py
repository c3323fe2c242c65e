"""Files that are whole or not there: a kill leaves the old content or the new, never half."""

import contextlib
import os
import pathlib
from collections.abc import Iterator


@contextlib.contextmanager
def replacing(path: str | os.PathLike) -> Iterator[pathlib.Path]:
    """A path beside `path`, with its ending, for the block to write to, which then takes its place in one step.

    Where the block raises, nothing is left, and `path` is as it was.
    """
    path = pathlib.Path(path)
    part = path.with_name(f".{path.stem}-{os.getpid()}{path.suffix}")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def check_new(path: str | os.PathLike) -> pathlib.Path:
    """The path of a file or folder that is to be written; a FileExistsError where it exists."""
    path = pathlib.Path(path)
    if path.exists():
        raise FileExistsError(f"{path} exists already. Choose another path, or remove it first.")
    return path


def write_text(path: str | os.PathLike, text: str) -> None:
    """Replace the content of a file, in UTF-8, in one step."""
    with replacing(path) as part:
        part.write_text(text, encoding="utf-8")
