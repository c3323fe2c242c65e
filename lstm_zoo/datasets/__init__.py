"""Data sets that the catalogue of TensorFlow Datasets lacks: builders, one file each, and `load`, which runs them.

The file of a builder holds all there is to know of its data: addresses, bytes and SHA-256 of the files, terms and
limits. A further frequency of M4, a further file of ETT or a further language of Multi30k is an entry there.
"""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from lstm_zoo.datasets.catalog import preparing
from lstm_zoo.processes import check_process

if TYPE_CHECKING:
    import tensorflow_datasets as tfds


@dataclasses.dataclass(frozen=True, kw_only=True)
class Dataset:
    """A data set that a task trains on, and what a row of `weights.json` says of it."""

    load: Callable[[str], Iterable[Any]]
    """Split, "train", "validation" or "test" -> raw examples, which the task's `read` checks."""
    license: str
    """Its terms, and whom to cite."""
    limits: str
    """Of what was trained on it, in one honest sentence."""
    languages: tuple[str, ...] = ()
    """ISO 639 codes of the languages in it, of translation the source first; none of series."""
    example: str | None = None
    """What `predict` takes of it, as Python source; None: what `Task.example` says."""


def builder(name: str, data_dir: str | pathlib.Path | None = None) -> tfds.core.GeneratorBasedBuilder:
    """The TFDS builder of a data set, prepared or not.

    Args:
        name: "an4", "debian/help" and other kinds, "ett/h1", "m4/hourly" and other frequencies, or "multi30k/de-en" and
            other pairs of its languages.
        data_dir: folder of prepared data sets. Default: that of TFDS, `TFDS_DATA_DIR` or `~/tensorflow_datasets`.

    Raises:
        ValueError: another name.
    """
    from lstm_zoo.datasets.an4 import An4
    from lstm_zoo.datasets.debian import Debian
    from lstm_zoo.datasets.ett import Ett
    from lstm_zoo.datasets.m4 import M4
    from lstm_zoo.datasets.multi30k import Multi30k

    known = {
        f"{kind.name}/{config.name}": kind for kind in (Debian, Ett, M4, Multi30k) for config in kind.BUILDER_CONFIGS
    }
    known[An4.name] = An4
    if name not in known:
        raise ValueError(f"The data sets with known checksums are {', '.join(known)}. Received: {name!r}")
    return known[name](config=name.partition("/")[2] or None, data_dir=data_dir)


def load(
    name: str,
    split: str = "series",
    manual_dir: str | pathlib.Path | None = None,
    data_dir: str | pathlib.Path | None = None,
) -> list[dict[str, Any]]:
    """Examples of a data set, as the public files have them to the last bit; downloaded and prepared on first use.

    - "an4": names, addresses, numbers and dates, spelled and spoken (Acero 1990), 948 recordings for training and 130
      for testing, at 16 kHz. Licence: free for any use, by the file in the archive.
    - "debian/phrases", "debian/help" and "debian/dialogues": German and English texts of packages of Debian 12, see
      `lstm_zoo.datasets.debian`; the extra `debian` reads them. Licences: GPL, CC BY-SA.
    - "ett/h1": ETTh1 (Zhou et al. 2021, https://arxiv.org/abs/2012.07436), 7 channels of 17,420 hours each. Licence:
      CC BY-ND 4.0, by https://github.com/zhouhaoyi/ETDataset.
    - "m4/hourly": the 414 hourly series of the M4 competition (Makridakis et al. 2020,
      doi:10.1016/j.ijforecast.2019.04.014), of 700 or 960 hours, and the 48 that follow; "m4/weekly": its 359 weekly
      ones, of 80 to 2,597 weeks, and the 13 that follow. "m4/daily", "m4/monthly", "m4/quarterly" and "m4/yearly" were
      never prepared by us: their files are told by the SHA-256 that other public code records. Public data of the
      competition, from https://github.com/Mcompetitions/M4-methods; we know of no licence text.
    - "multi30k/de-en", and any other two of de, en and fr: captions and their translations (Elliott et al. 2016,
      https://aclanthology.org/W16-3210), 29,000, 1,014 and 1,000 pairs. Licence: CC BY-NC-SA 4.0.

    Args:
        name: one of these, or another that the file of a builder has an entry for.
        split: of series "series" alone, since where they are cut is the task's to say; for Multi30k and texts of Debian
            "train", "validation" or "test", for AN4 "train" or "test".
        manual_dir: folder with the data set's files, which then need no network. Default: `downloads/manual` in
            `data_dir`.
        data_dir: folder of prepared data sets. Default: that of TFDS, `TFDS_DATA_DIR` or `~/tensorflow_datasets`.

    Returns:
        List of dicts in the order of the file. One a series: `unique_id` (str) and `y` (float64, (time,)); for ETT
        `start` too (str, the time of the first observation, "2016-07-01T00:00:00"), for M4 `future` (float64,
        (horizon,)), what the competition had forecast. For Multi30k and texts of Debian one a pair: language
        -> text (str). For AN4 one a recording: `speech` (int16, (samples,)), `text`, `speaker_id` and `id` (str).

    Raises:
        ValueError: another name, or a file that is not the public one: its size or SHA-256 differs.
        FileNotFoundError: not prepared, no network and no file in `manual_dir`; the message says what goes where.

    Example:
        >>> from lstm_zoo import datasets
        >>> channels = datasets.load("ett/h1")
        >>> channels[-1]["unique_id"], channels[-1]["y"].shape
        ('OT', (17420,))
    """
    import filelock
    import tensorflow_datasets as tfds

    check_process()
    made = builder(name, data_dir)
    if not made.is_prepared():
        downloads = pathlib.Path(made.data_dir_root, "downloads").expanduser()
        downloads.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(downloads / f"{name.replace('/', '-')}.lock"):  # TFDS fails where two prepare one set
            made = builder(name, data_dir)
            if not made.is_prepared():
                _prepare(made, downloads, manual_dir)
    examples = tfds.as_numpy(made.as_dataset(split=split))
    return [
        {key: value.decode() if isinstance(value, bytes) else value for key, value in example.items()}
        for example in examples
    ]


def _prepare(made, downloads, manual_dir):
    """Run a builder on the files in `manual_dir`, else on those of the network."""
    import requests
    import tensorflow_datasets as tfds
    from tensorflow_datasets.core.download.download_manager import NonMatchingChecksumError

    manual = pathlib.Path(manual_dir or downloads / "manual").expanduser()
    if manual_dir and not manual.is_dir():
        raise FileNotFoundError(f"manual_dir is no folder. Received: {manual_dir}")
    # without try_download_gcs TFDS would first ask Google's bucket, which has the sets of the catalogue only
    config = tfds.download.DownloadConfig(manual_dir=manual, try_download_gcs=False, force_checksums_validation=True)
    urls = made.urls().values()
    fetched = any(path.is_file() for path in (downloads / made.name).glob("*"))
    try:
        if not fetched and not all((manual / made.url_infos[url].filename).exists() for url in urls):
            requests.head(next(iter(urls)), timeout=10)  # seconds; TFDS would notice after ten tries in 200 seconds
        with preparing():
            made.download_and_prepare(download_config=config)
    except NonMatchingChecksumError as error:
        raise ValueError(f"{made.info.full_name}: a file is not the public one. {error}") from error
    except (requests.RequestException, tfds.download.DownloadError) as error:
        files = "\n".join(f"  {url}" for url in urls)
        raise FileNotFoundError(
            f"{made.info.full_name} is not prepared and could not be downloaded: {error}\n"
            f"Without a network, put these files into the folder {manual}, or name theirs with manual_dir:\n{files}"
        ) from error
