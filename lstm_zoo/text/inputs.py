"""Texts as users give them: checked, one error for all tasks that read texts."""

from typing import Any


def check_text(text: Any, place: str = "The text") -> str:
    """`text` as `str`; a ValueError that names its place for anything else than `str` and bytes in UTF-8."""
    if isinstance(text, bytes):
        try:
            return text.decode("utf-8")
        except UnicodeDecodeError as error:
            raise ValueError(f"{place} is not UTF-8: {error}. Received: {text[:80]!r}") from error
    if not isinstance(text, str):
        raise ValueError(f"{place} is not a text: a str or UTF-8 bytes is expected. Received: {text!r:.160}")
    return text.encode("utf-8", errors="replace").decode()  # half an emoji, as JSON can hold, is no Unicode text


def prepare(raw: Any) -> list[str]:
    """Checked pipeline inputs from what a user gave: one text, or texts (str or UTF-8 bytes).

    Raises:
        ValueError: something else; the message names the item.

    Example:

    >>> prepare(["A good film!", b"bad"])
    ['A good film!', 'bad']
    """
    if hasattr(raw, "numpy"):  # a tensor
        raw = raw.numpy()
    if hasattr(raw, "tolist"):  # an array, one of no dimensions too
        raw = raw.tolist()
    if isinstance(raw, (str, bytes)):
        raw = [raw]
    if not hasattr(raw, "__iter__") or hasattr(raw, "keys"):  # of dicts and frames, the names would be read
        raise ValueError(f"A text or a list of texts is expected. Received: {raw!r}")
    return [check_text(text, f"Item {row}") for row, text in enumerate(raw)]
