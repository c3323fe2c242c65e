"""The files of `weights.json`'s rows, from wherever they are, whole or not at all: on this machine, or by a network.

What is not on this machine, see `places`, is downloaded from the address in `LSTM_ZOO_WEIGHTS` to the cache. That can
be moved, made read-only and used without a network (`LSTM_ZOO_OFFLINE=1`). Proxies are those of the environment
(`https_proxy`).
"""

from __future__ import annotations

import importlib.metadata
import pathlib
import shutil
import urllib.parse
import warnings
from typing import Any

from lstm_zoo.weights import hub, places
from lstm_zoo.weights.places import is_whole

RETRIES = 3  # after 1, 2 and 3 seconds
TIMEOUT = (10, 30)  # seconds to connect, and without a byte
CHUNK = 2**18  # bytes
LISTED = 6  # names in an error


def fetch(row: dict[str, Any], known: list[dict[str, Any]] = ()) -> pathlib.Path:
    """Path of a row's file, downloaded if need be, its hash checked.

    A download goes on from where an earlier one broke off, if the server allows it, and is tried four times. Processes
    that ask at once wait for one download.

    Args:
        row: whose file is asked for.
        known: all rows, of which an error names those that are on this machine.

    Raises:
        FileNotFoundError: no place has the file, or it would have to be downloaded and `LSTM_ZOO_OFFLINE` is set.
        ValueError: what was found is not the file that the row describes.
        OSError: the download failed, or the cache cannot be written.
    """
    wrong, failure = {}, None
    for place, path in places.paths(row):
        if is_whole(path, row):
            if wrong or failure:
                warnings.warn(f"{row['name']} is taken from {path}. {_told(row, wrong, failure)}", stacklevel=2)
            return path
        if path.exists():
            wrong[place] = path
        if place == "cache" and isinstance(places.source(), str) and not places.is_offline():
            try:
                return _to_cache(row, path, f"{places.source()}/{row['file']}")
            except (OSError, ValueError, ImportError) as error:
                failure = error
    if isinstance(failure, FileNotFoundError):
        raise FileNotFoundError(f"{places.redacted(failure)} {_advice(row, known)}") from failure
    if failure is not None:
        raise failure
    kind = ValueError if wrong else FileNotFoundError
    raise kind(f"{_told(row, wrong, None)} {_advice(row, known)}")


def _told(row, wrong, failure):
    """What is known to be wrong with the places of a row's file."""
    if failure is not None:
        return places.redacted(failure)
    if not wrong:
        return f"The file of {row['name']} ({row['bytes'] / 1e6:.1f} MB) is not on this machine."
    listed = ", ".join(f"{path} ({place})" for place, path in wrong.items())
    return f"Not the published file of {row['name']}, by its size or SHA-256: {listed}."


def _advice(row, known):
    """How a file gets to this machine, and what is on it."""
    import lstm_zoo

    wheel, installed = places.wheel_of(row), list(places.wheels(row))
    # Of one whose files were removed by hand the metadata are left, and pip takes it for installed.
    again = "--force-reinstall " if _version_of(wheel) == lstm_zoo.__version__ else ""
    beside = f" (installed: {', '.join(installed)})" if installed else ""
    address = places.source()
    shown = places.redacted(address)
    if isinstance(address, str) and places.is_offline():
        way = (
            f"LSTM_ZOO_OFFLINE forbids the download from {shown}; with a network, `lstm-zoo download {row['name']}` "
            "brings it into the cache, LSTM_ZOO_CACHE."
        )
    else:
        lacks = "has not" if isinstance(address, str) or (address and address.is_dir()) else "is no folder"
        way = (
            f"LSTM_ZOO_WEIGHTS can name a folder, an http(s) address or hf://owner/repository that has {row['file']}"
            + (f"; {shown} {lacks}." if address else ".")
        )
    here = [other["name"] for other in known if other["name"] != row["name"] and places.present(other)]
    here[LISTED:] = [f"{len(here) - LISTED} more"] if len(here) > LISTED else []
    return (
        f"`pip install {again}{wheel}=={lstm_zoo.__version__}`{beside} brings it. {way} On this machine: "
        f"{', '.join(here) or 'no published file'}."
    )


def fetch_address(address: str, sha256: str) -> pathlib.Path:
    """Path of a file at an http(s) address, downloaded if it is not in the cache, its hash checked, see `fetch`.

    Raises:
        FileNotFoundError: the server does not have the file, or `LSTM_ZOO_OFFLINE` is set and the cache has it not.
        ValueError: the file has another hash.
        OSError: the download failed, or the cache cannot be written.
    """
    file = pathlib.PurePosixPath(urllib.parse.unquote(urllib.parse.urlsplit(address).path)).name
    row = {"name": file, "file": file, "sha256": sha256, "bytes": None}
    path = places.cached(file, sha256)
    if is_whole(path, row):
        return path
    if places.is_offline():
        raise FileNotFoundError(
            f"{path} is missing or broken, and LSTM_ZOO_OFFLINE forbids the download from {places.redacted(address)}."
        )
    return _to_cache(row, path, address)


def _version_of(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _to_cache(row, path, address):
    """Download a row's file to its path in the cache."""
    import filelock

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(path.parent.with_suffix(".lock")):
            if not is_whole(path, row):
                path.unlink(missing_ok=True)
                for left in path.parent.glob("tmp*"):  # Pooch's temporary file, by a process that was killed
                    left.unlink()
                _download(row, path, address)
    except OSError as error:
        if isinstance(error, FileNotFoundError) and error.errno is None:  # the server has it not
            raise
        kept = "What arrived is kept: try again. " if path.with_suffix(".part").exists() else ""
        told = f"{row['name']} could not be fetched from {address} to {path}: {error}. {kept}"
        raise OSError(f"{places.redacted(told)}LSTM_ZOO_CACHE names another cache.") from error
    return path


def _download(row, path, address):
    """Put a row's file in its place, by way of a temporary file whose hash Pooch checks."""
    import pooch

    pooch.get_logger().setLevel("WARNING")  # bars tell what is downloaded, on a terminal
    known = {path.name: f"sha256:{row['sha256']}"}
    file = pooch.create(path.parent, "", registry=known, urls={path.name: address}, retry_if_failed=RETRIES)
    on_hub = address.startswith("hf://")
    if on_hub and hub.parse(address).file is None:  # said here, since Pooch tries again what raises a ValueError
        raise ValueError(f"LSTM_ZOO_WEIGHTS can name hf://owner/repository. Received: {places.source()}")
    file.fetch(path.name, downloader=_of_hub if on_hub else _resuming(path.with_suffix(".part"), row))


def _of_hub(address, output_file, _pooch):
    """A Pooch downloader of files on the Hugging Face hub."""
    shutil.copyfile(hub.download(address), output_file)


def _resuming(part, row):
    """A Pooch downloader that writes to the file `part`, which outlives a kill, and goes on from its end."""
    import requests

    from lstm_zoo.progress import Bar

    units = {"unit": "B", "unit_scale": True}

    def download(url, output_file, _pooch):
        begun = part.stat().st_size if part.exists() else 0
        if row["bytes"] is not None and begun >= row["bytes"]:
            begun = 0
        headers = {"Accept-Encoding": "identity", **({"Range": f"bytes={begun}-"} if begun else {})}
        with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT) as answer:
            if answer.status_code == 416:  # the server's file ends where ours goes on
                part.unlink(missing_ok=True)
            if answer.status_code in (404, 410):  # trying again would not help
                raise FileNotFoundError(f"{url} does not exist.")
            answer.raise_for_status()
            if not answer.headers.get("Content-Range", "").startswith(f"bytes {begun}-"):
                begun = 0  # a server that does not know ranges sends all
            size = row["bytes"]
            if size is None and "Content-Length" in answer.headers:
                size = begun + int(answer.headers["Content-Length"])
            bar = Bar(desc=row["name"], total=size, initial=begun, **units)
            with part.open("ab" if begun else "wb") as file, bar:
                for chunk in answer.iter_content(CHUNK):
                    bar.update(file.write(chunk))
                    if size is not None and file.tell() > size:
                        break
        received = part.stat().st_size
        if size is not None and received != size:
            if received > size:
                part.unlink()
            kind = answer.headers.get("Content-Type", "an unknown type")
            raise requests.ConnectionError(f"{url} sent {received} bytes ({kind}) instead of {size}")
        part.replace(output_file)

    return download


def clear() -> tuple[int, int]:
    """Remove the downloaded files; gives their number and bytes."""
    cache = places.cache()
    # None but what `places.cached` named: the variable may name a folder in which other files are.
    folders = [path for path in cache.glob("*/") if places.IN_CACHE.fullmatch(path.name)]
    files = [path for folder in folders for path in folder.iterdir()]
    freed = sum(path.stat().st_size for path in files)
    for folder in folders:
        shutil.rmtree(folder)
    for lock in cache.glob("*.lock"):
        if places.IN_CACHE.fullmatch(lock.stem):
            lock.unlink()
    return len(files), freed
