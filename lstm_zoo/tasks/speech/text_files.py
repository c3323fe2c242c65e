"""Lines of the text files that words and sentences come in."""

import os
import pathlib


def read_lines(path: str | os.PathLike, expected: str) -> list[str]:
    """Lines of a text in UTF-8.

    Args:
        path: of the file.
        expected: a sentence on what may be there, for errors.

    Raises:
        FileNotFoundError: a path that does not exist.
        ValueError: a folder, or a file that is no text in UTF-8.
    """
    path = pathlib.Path(path)
    if path.is_dir():
        raise ValueError(f"{path} is a folder. {expected}")
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError as error:
        raise FileNotFoundError(f"{path} does not exist. {expected}") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not a text in UTF-8: {error}. {expected}") from error
