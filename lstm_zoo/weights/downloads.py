"""The files of `weights.json`'s rows, from wherever they are, whole or not at all.

They come from `LSTM_ZOO_WEIGHTS`, a folder, an http(s) address or `hf://owner/repository`, else from the folder
`weights` of the checkout. Downloads go to the cache `LSTM_ZOO_CACHE` (default: the user's cache folder), which can be
moved, made read-only and used without a network (`LSTM_ZOO_OFFLINE=1`). Every file is checked against its SHA-256
whenever it is asked for. Proxies are those of the environment (`https_proxy`).
"""

from __future__ import annotations

import os
import pathlib
import shutil
import urllib.request
from typing import Any

CHECKOUT = pathlib.Path(__file__).parents[2] / "weights"
RETRIES = 3  # after 1, 2 and 3 seconds
TIMEOUT = (10, 30)  # seconds to connect, and without a byte
CHUNK = 2**18  # bytes


def source() -> pathlib.Path | str:
    """Folder or address that files come from."""
    place = os.environ.get("LSTM_ZOO_WEIGHTS") or str(CHECKOUT)
    if place.startswith(("http://", "https://", "hf://")):
        return place.rstrip("/")
    return pathlib.Path(urllib.request.url2pathname(place[7:]) if place.startswith("file://") else place)


def cache() -> pathlib.Path:
    """Folder that downloads are kept in."""
    import pooch

    return pathlib.Path(os.environ.get("LSTM_ZOO_CACHE") or pooch.os_cache("lstm_zoo"))


def place(row: dict[str, Any]) -> pathlib.Path:
    """Path that a row's file has, or would have: in the folder of files, or in the cache."""
    if pathlib.PurePosixPath(row["file"]).name != row["file"] or row["file"] in (".", ".."):
        raise ValueError(f"The file of {row['name']} is no plain file name: {row['file']!r}")
    # A folder for each content: a file that was published under another row can never be taken for this one.
    return source() / row["file"] if isinstance(source(), pathlib.Path) else cache() / row["sha256"][:16] / row["file"]


def is_whole(path: pathlib.Path, row: dict[str, Any]) -> bool:
    """Whether a path holds a row's file: its size, then its hash."""
    import pooch

    return path.is_file() and path.stat().st_size == row["bytes"] and pooch.file_hash(str(path)) == row["sha256"]


def fetch(row: dict[str, Any]) -> pathlib.Path:
    """Path of a row's file, downloaded if need be, its hash checked.

    A download goes on from where an earlier one broke off, if the server allows it, and is tried four times. Processes
    that ask at once wait for one download.

    Raises:
        FileNotFoundError: the folder or server does not have the file, or it is not in the cache and
            `LSTM_ZOO_OFFLINE` is set.
        ValueError: the file is not the one that the row describes.
        OSError: the download failed, or the cache cannot be written.
    """
    import filelock

    path = place(row)
    if is_whole(path, row):
        return path
    if isinstance(source(), pathlib.Path):
        if not path.is_file():
            raise FileNotFoundError(
                f"{path} does not exist. The weights of {row['name']} come from the folder or address in the "
                "environment variable LSTM_ZOO_WEIGHTS, else from the folder `weights` of a checkout of lstm_zoo."
            )
        raise ValueError(f"{path} is not the published file: its size or its SHA-256 is not that of {row['name']}.")
    if os.environ.get("LSTM_ZOO_OFFLINE", "0") != "0":
        raise FileNotFoundError(
            f"{path}, the file of {row['name']}, is missing or broken, and LSTM_ZOO_OFFLINE forbids the download from "
            f"{source()}. Run `lstm-zoo download {row['name']}` with a network and the same LSTM_ZOO_CACHE."
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(path.parent.with_suffix(".lock")):
            if not is_whole(path, row):
                path.unlink(missing_ok=True)
                for left in path.parent.glob("tmp*"):  # Pooch's temporary file, by a process that was killed
                    left.unlink()
                _download(row, path)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise OSError(
            f"{row['name']} could not be fetched from {source()} to {path}: {error}. What arrived is kept: try again. "
            "LSTM_ZOO_WEIGHTS names another address or a folder, LSTM_ZOO_CACHE another cache."
        ) from error
    return path


def _download(row, path):
    """Put a row's file in its place, by way of a temporary file whose hash Pooch checks."""
    import pooch

    address = source()
    if address.startswith("hf://"):
        downloader = _from_hugging_face(address.removeprefix("hf://"))
        address = "https://huggingface.co"  # unused but by Pooch's messages
    else:
        downloader = _resuming(path.with_suffix(".part"), row)
    known = {path.name: f"sha256:{row['sha256']}"}
    files = pooch.create(path.parent, f"{address}/", registry=known, retry_if_failed=RETRIES)
    files.fetch(path.name, downloader=downloader)


def _resuming(part, row):
    """A Pooch downloader that writes to the file `part`, which outlives a kill, and goes on from its end."""
    import requests

    from lstm_zoo.progress import Bar

    units = {"unit": "B", "unit_scale": True}

    def download(url, output_file, _pooch):
        begun = part.stat().st_size if part.exists() else 0
        if begun >= row["bytes"]:
            begun = 0
        headers = {"Accept-Encoding": "identity", **({"Range": f"bytes={begun}-"} if begun else {})}
        with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT) as answer:
            if answer.status_code == 416:  # the server's file ends where ours goes on
                part.unlink(missing_ok=True)
            if answer.status_code in (404, 410):  # trying again would not help
                raise FileNotFoundError(f"{url} does not exist. LSTM_ZOO_WEIGHTS names another address or a folder.")
            answer.raise_for_status()
            if not answer.headers.get("Content-Range", "").startswith(f"bytes {begun}-"):
                begun = 0  # a server that does not know ranges sends all
            bar = Bar(desc=row["name"], total=row["bytes"], initial=begun, **units)
            with part.open("ab" if begun else "wb") as file, bar:
                for chunk in answer.iter_content(CHUNK):
                    bar.update(file.write(chunk))
                    if file.tell() > row["bytes"]:
                        break
        received = part.stat().st_size
        if received > row["bytes"]:
            part.unlink()
        if received != row["bytes"]:
            kind = answer.headers.get("Content-Type", "an unknown type")
            raise requests.ConnectionError(f"{url} sent {received} bytes ({kind}) instead of {row['bytes']}")
        part.replace(output_file)

    return download


def _from_hugging_face(repository):
    """A Pooch downloader of files in a repository `owner/name` of the Hugging Face hub."""
    try:
        import huggingface_hub
    except ImportError as error:
        raise ImportError("LSTM_ZOO_WEIGHTS=hf://... needs huggingface_hub: pip install 'lstm_zoo[hf]'") from error

    def download(url, output_file, _pooch):
        name = url.rpartition("/")[2]
        try:
            shutil.copyfile(huggingface_hub.hf_hub_download(repository, name), output_file)
        except Exception as error:  # the hub's errors are those of whatever HTTP library it uses
            raise OSError(f"{name} in {repository}: {error}") from error

    return download


def clear() -> tuple[int, int]:
    """Remove the downloaded files; gives their number and bytes."""
    files = [path for path in cache().glob("*/*") if path.is_file()] if cache().is_dir() else []
    freed = sum(path.stat().st_size for path in files)
    for folder in {path.parent for path in files}:
        shutil.rmtree(folder)
    for lock in cache().glob("*.lock"):
        lock.unlink()
    return len(files), freed
