"""Folders of files: those with an ending, in any case; what is hidden is none, like `.ipynb_checkpoints`."""

import collections
import pathlib
import warnings
from collections.abc import Sequence


def files_below(folder: pathlib.Path, suffixes: Sequence[str]) -> list[pathlib.Path]:
    """The files in a folder or below, in the order of their paths. Files with another ending are said once.

    Args:
        folder: of the files.
        suffixes: endings in small letters, like ".txt".

    Raises:
        ValueError: no file with such an ending.
    """
    return _chosen(folder, folder.rglob("*"), suffixes, "file")


def labelled_files(folder: pathlib.Path, suffixes: Sequence[str]) -> list[tuple[pathlib.Path, str]]:
    """Pairs (file, label) of a folder that has one sub-folder a label, and the files in it; see `files_below`.

    Raises:
        ValueError: no file LABEL/* with such an ending.
    """
    files = _chosen(folder, folder.glob("*/*"), suffixes, "file LABEL/*, in one sub-folder a label,")
    return [(path, path.parent.name) for path in files]


def _chosen(folder, paths, suffixes, kind):
    visible = [path for path in paths if not any(part.startswith(".") for part in path.relative_to(folder).parts)]
    visible = sorted(path for path in visible if path.is_file())
    chosen = [path for path in visible if path.suffix.lower() in suffixes]
    if not chosen:
        raise ValueError(f"{folder} has no {kind} that ends in {', '.join(suffixes)}.")
    others = collections.Counter(path.suffix or path.name for path in visible if path.suffix.lower() not in suffixes)
    if others:
        endings = ", ".join(f"{count} {suffix}" for suffix, count in sorted(others.items()))
        warnings.warn(f"Files in {folder} that are left out, by their endings: {endings}.", stacklevel=4)
    return chosen
