"""M4, the series of the fourth Makridakis competition (Makridakis et al. 2020, doi:10.1016/j.ijforecast.2019.04.014).

Public data of the competition, https://github.com/Mcompetitions/M4-methods; we know of no licence text.
"""

import csv
import dataclasses

import numpy as np
import pandas as pd
import tensorflow_datasets as tfds

from lstm_zoo.datasets import checksums

URL = "https://raw.githubusercontent.com/Mcompetitions/M4-methods/master/Dataset/{part}/{frequency}-{name}.csv"
LICENSE = "public data of the competition (Makridakis et al. 2020)"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Frequency:
    """The series of one frequency."""

    horizon: int
    """Observations to forecast, as the competition set them."""
    step: pd.Timedelta | pd.DateOffset
    """From one observation to the next."""
    season: int
    """Observations a season, as the competition set them; 1 for none."""
    train: tuple[int | None, str]
    """Bytes, None where they are not known, and SHA-256 of the file with what is known."""
    test: tuple[int | None, str]
    """The same of the file with what is to be forecast."""
    limits: str
    """Of what was trained on it, in one honest sentence."""


# Hourly and weekly: bytes and SHA-256 of copies that we have read. The others we never had: their SHA-256 are those by
# which other public code checks its downloads, of daily in two projects, of the rest in one, which names ours too.
FREQUENCIES = {
    "hourly": Frequency(
        horizon=48,
        step=pd.Timedelta(hours=1),
        season=24,
        train=(2347115, "ea59b7783573c49077a835ab6465c7d66f1474783360f310988a9a737fbca62f"),
        test=(132820, "71a57fccb15e534d973626ada4fb87febf789e9317715b7cc6dd3b5f90db6f42"),
        limits="Hourly series with a day and a week in them; trends and other spacings were never seen.",
    ),
    "daily": Frequency(
        horizon=14,
        step=pd.DateOffset(days=1),
        season=1,
        train=(None, "78e94591c60c06309f1e544fd7b2ccba28f3616b01913dd336a1d1d98483a1ec"),
        test=(None, "633b0815626ae266d36872c4d53e95eb93ee8d43e79587fceec519eba3e6b05e"),
        limits="Daily series of finance and the economy, without dates: weekends and other spacings were never seen.",
    ),
    "weekly": Frequency(
        horizon=13,
        step=pd.DateOffset(days=7),
        season=1,
        train=(4015067, "d478d3f6ed673e6ed3c2cb0fbed5425f72eedd51318ebebeb0b5ecfcefc37714"),
        test=(44247, "3b2bc4be8e636e802260dcd843ca3c5da40536a1fbe1ecb3229a97dae4f44688"),
        limits="Weekly series of finance and trade, without dates: yearly seasons and other spacings were never seen.",
    ),
    "monthly": Frequency(
        horizon=18,
        step=pd.DateOffset(months=1),
        season=12,
        train=(None, "63aaa56198b4a22279a2fec541f56921f3bed6d8e0f84e550206df9276f2e9b9"),
        test=(None, "5e3538bf23b4a09f4078180c3e2b34859f0382e1c4f22564affc1797e8f3f48f"),
        limits="Monthly series of business and trade, all positive, without dates; other spacings were never seen.",
    ),
    "quarterly": Frequency(
        horizon=8,
        step=pd.DateOffset(months=3),
        season=4,
        train=(None, "4450678cd493aa965c14bde984a5b62a66d8c3b2f7af1e53779bc91ff008ccdc"),
        test=(None, "bf1cab3b969a744c220cdc148e3829803eaa5da2754270fc4f376e775cd7d0ae"),
        limits="Quarterly series of business and trade, all positive, without dates; other spacings were never seen.",
    ),
    "yearly": Frequency(
        horizon=6,
        step=pd.DateOffset(months=12),
        season=1,
        train=(None, "6aa668d4f04654c0bf5f07b266a51c556f0df2faf4709f852653755396a249e4"),
        test=(None, "6dc2dd45b3af320389e2d3735cb4b3cdf320b63cbcda15d1a17193ab99702306"),
        limits="Yearly series of business and trade, all positive, mostly trends of some decades; other spacings "
        "were never seen.",
    ),
}


def _urls(frequency):
    return {
        name: URL.format(part=name.capitalize(), frequency=frequency.capitalize(), name=name)
        for name in ("train", "test")
    }


class M4(tfds.core.GeneratorBasedBuilder):
    """One example a series: `unique_id`, `y` (what is known, float64), `future` (what is to be forecast, float64)."""

    VERSION = tfds.core.Version("1.0.0")
    BUILDER_CONFIGS = [  # noqa: RUF012 - the name and the type are those of TFDS
        tfds.core.BuilderConfig(
            name=name, description=f"{name}, {frequency.horizon} to forecast, {frequency.season} a season"
        )
        for name, frequency in FREQUENCIES.items()
    ]
    url_infos = checksums.url_infos(
        {url: getattr(frequency, part) for name, frequency in FREQUENCIES.items() for part, url in _urls(name).items()}
    )

    def urls(self):
        """Name -> address of the files."""
        return _urls(self.builder_config.name)

    def _info(self):
        horizon = FREQUENCIES[self.builder_config.name].horizon
        return tfds.core.DatasetInfo(
            builder=self,
            description=__doc__,
            homepage="https://github.com/Mcompetitions/M4-methods",
            features=tfds.features.FeaturesDict(
                {
                    "unique_id": tfds.features.Text(),
                    # without the encoding TFDS stores float32
                    "y": tfds.features.Tensor(shape=(None,), dtype=np.float64, encoding="bytes"),
                    "future": tfds.features.Tensor(shape=(horizon,), dtype=np.float64, encoding="bytes"),
                }
            ),
            disable_shuffling=True,  # the series in the order of the file
        )

    def _split_generators(self, dl_manager):
        paths = dl_manager.download(self.urls())
        return {"series": self._generate_examples(paths["train"], paths["test"])}

    def _generate_examples(self, train, test):
        known, future = _series(train), _series(test)
        if known.keys() != future.keys():
            raise ValueError(f"{train} and {test} hold different series: {sorted(known.keys() ^ future.keys())}")
        for row, name in enumerate(known):
            yield row, {"unique_id": name, "y": known[name], "future": future[name]}


def _series(path):
    """Name -> values of a file with a series a row, padded with empty cells to the longest."""
    with path.open() as file:
        rows = csv.reader(file)
        next(rows)  # the titles
        return {name: np.array([value for value in values if value], np.float64) for name, *values in rows}
