"""Texts as users give them: checked, one error for all tasks that read texts."""

import math
import os
import warnings
from collections.abc import Callable, Sequence
from typing import Any

LISTED = 10  # places of empty texts that are named


def check_text(text: Any, place: str = "The text") -> str:
    """`text` as `str`; a ValueError that names its place for anything else than `str` and bytes in UTF-8."""
    if isinstance(text, bytes):
        try:
            return text.decode("utf-8")
        except UnicodeDecodeError as error:
            raise ValueError(f"{place} is not UTF-8: {error}. Received: {text[:80]!r}") from error
    if not isinstance(text, str):
        raise ValueError(f"{place} is not a text: a str or UTF-8 bytes is expected. Received: {text!r:.160}")
    checked = text.encode("utf-8", errors="replace").decode()  # half an emoji, as JSON can hold, is no Unicode text
    return text if checked == text else checked  # no copy of every text


def filled(cells: Sequence[Any], place: Callable[[int], str]) -> list[Any]:
    """Cells of a table of texts, "" where one is missing; one warning names those that are missing or empty.

    Args:
        cells: of the column; one is missing that is None, or NaN, as Pandas reads an empty field.
        place: number of a cell -> where it stands.

    Example:

    >>> filled(["Good.", None], "Row {}".format)  # warns: 1 of 2 texts are empty or missing: Row 1
    ['Good.', '']
    """
    texts = ["" if cell is None or (isinstance(cell, float) and math.isnan(cell)) else cell for cell in cells]
    if empty := [row for row, text in enumerate(texts) if isinstance(text, (str, bytes)) and not text.strip()]:
        shown = "; ".join([*map(place, empty[:LISTED]), *(["..."] if len(empty) > LISTED else [])])
        warnings.warn(
            f"{len(empty):,} of {len(texts):,} texts are empty or missing, and tell nothing: {shown}.", stacklevel=3
        )
    return texts


def check_no_file(text: str) -> None:
    """Raise a ValueError for a lone text that is the name of a file: it is its content that is meant."""
    if os.path.isfile(text):  # noqa: PTH113 - no error of a text that is too long for a path
        raise ValueError(
            f"{text!r} is a file. data={text!r}, on a command line --data {text}, reads it; its name itself is a text "
            f"in a list: [{text!r}]."
        )


def prepare(raw: Any, place: Callable[[int], str] = "Item {}".format) -> list[str]:
    """Checked pipeline inputs from what a user gave: one text, or texts (str or UTF-8 bytes).

    Args:
        raw: what a user gave.
        place: number of a text -> where it stands, for messages.

    Raises:
        ValueError: something else; the message names the item. A lone text that is the name of a file.

    Example:

    >>> prepare(["A good film!", b"bad"])
    ['A good film!', 'bad']
    """
    if hasattr(raw, "numpy"):  # a tensor
        raw = raw.numpy()
    for method in ("tolist", "to_pylist", "to_list"):  # of an array, one of no dimensions too; Arrow's, Polars' series
        if hasattr(raw, method):
            raw = getattr(raw, method)()
    if isinstance(raw, (str, bytes, os.PathLike)):
        check_no_file(raw)
        raw = [raw]
    if hasattr(raw, "as_numpy_iterator"):
        raw = raw.as_numpy_iterator()
    if not hasattr(raw, "__iter__") or hasattr(raw, "keys"):  # of dicts and frames, the names would be read
        raise ValueError(f"A text or a list of texts is expected. Received: {raw!r}")
    return [check_text(text, place(row)) for row, text in enumerate(raw)]
