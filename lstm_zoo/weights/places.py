"""Where the files of `weights.json`'s rows are on this machine.

Looked at in this order: the folder in `LSTM_ZOO_WEIGHTS`, the folder `weights` of a checkout, the installed data wheels
`lstm_zoo_weights_<task>`, and the cache of downloads, `LSTM_ZOO_CACHE` (default: the user's cache folder). Every file
is checked against the SHA-256 of its row whenever it is asked for, so that it does not matter which of them has it.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import pathlib
import re
import urllib.request
from collections.abc import Iterator
from typing import Any

VARIABLE = "LSTM_ZOO_WEIGHTS"
CHECKOUT = pathlib.Path(__file__).parents[2] / "weights"
ENTRY_POINTS = "lstm_zoo.weights"  # the group; an entry is called like its task, and names the package with the files
IN_CACHE = re.compile("[0-9a-f]{16}")  # name of a folder in the cache


def source() -> pathlib.Path | str | None:
    """What `LSTM_ZOO_WEIGHTS` names: a folder, an http(s) or hf:// address, or nothing."""
    place = os.environ.get(VARIABLE)
    if not place:
        return None
    if is_address(place):
        return place if place.endswith("://") else place.rstrip("/")
    return pathlib.Path(urllib.request.url2pathname(place[7:]) if place.startswith("file://") else place)


def is_address(place: str) -> bool:
    """Whether a file is to be fetched from there by a network."""
    return place.lower().startswith(("http://", "https://", "hf://"))


def redacted(text: object) -> str:
    """A text without the passwords that addresses in it may hold."""
    return re.sub(r"(?<=://)[^/@\s]+@", "...@", str(text))


def is_offline() -> bool:
    """Whether `LSTM_ZOO_OFFLINE` forbids any network."""
    return os.environ.get("LSTM_ZOO_OFFLINE", "0") not in ("", "0")


def cache() -> pathlib.Path:
    """Folder that downloads are kept in."""
    import pooch

    return pathlib.Path(os.environ.get("LSTM_ZOO_CACHE") or pooch.os_cache("lstm_zoo"))


def cached(file: str, sha256: str) -> pathlib.Path:
    """Path that a download has, or would have, in the cache.

    Raises:
        ValueError: a file name with a folder in it.
    """
    if pathlib.PurePosixPath(file).name != file or "\\" in file or file in (".", ".."):
        raise ValueError(f"A plain file name is expected. Received: {file!r}")
    # A folder for each content: a file that was published under another row can never be taken for this one.
    return cache() / sha256[:16] / file


def wheel_of(row: dict[str, Any]) -> str:
    """Name of the data wheel with a row's file."""
    return f"lstm_zoo_weights_{row['network'].partition('/')[0]}"


def wheels(row: dict[str, Any]) -> dict[str, pathlib.Path]:
    """Name and version of every installed data wheel of a row's task -> the folder of its files."""
    found = {}
    for entry in importlib.metadata.entry_points(group=ENTRY_POINTS, name=row["network"].partition("/")[0]):
        try:
            spec = importlib.util.find_spec(entry.value)  # not imported: it may lie where nothing can be written
        except (ImportError, ValueError):  # what is left of a package that was removed by hand
            continue
        for folder in spec.submodule_search_locations or () if spec else ():
            found[f"{entry.value} {entry.dist.version}"] = pathlib.Path(folder)
    return found


def paths(row: dict[str, Any]) -> Iterator[tuple[str, pathlib.Path]]:
    """What each place is called, and the path that a row's file has, or would have, in it."""
    in_cache = "cache", cached(row["file"], row["sha256"])
    if isinstance(source(), pathlib.Path):
        yield VARIABLE, source() / row["file"]
    elif source() is not None:  # what is downloaded from there
        yield in_cache
    yield "checkout", CHECKOUT / row["file"]
    for wheel, folder in wheels(row).items():
        yield wheel, folder / row["file"]
    if not isinstance(source(), str):
        yield in_cache


def is_whole(path: pathlib.Path, row: dict[str, Any]) -> bool:
    """Whether a path holds a row's file: its size, if the row knows it, then its hash."""
    import pooch

    if not path.is_file() or row["bytes"] not in (None, path.stat().st_size):
        return False
    return pooch.file_hash(str(path)) == row["sha256"]


def present(row: dict[str, Any]) -> tuple[str, pathlib.Path] | None:
    """The first place that has a file of a row's name and size, and its path; None if there is none.

    The hash is not computed, which of many files would take long.
    """
    for place, path in paths(row):
        if path.is_file() and path.stat().st_size == row["bytes"]:
            return place, path
    return None
