"""M4, the series of the fourth Makridakis competition (Makridakis et al. 2020, doi:10.1016/j.ijforecast.2019.04.014).

Public data of the competition, https://github.com/Mcompetitions/M4-methods; we know of no licence text.
"""

import csv
import dataclasses

import numpy as np
import tensorflow_datasets as tfds

from lstm_zoo.datasets import checksums

URL = "https://raw.githubusercontent.com/Mcompetitions/M4-methods/master/Dataset/{part}/{frequency}-{name}.csv"
LICENSE = "public data of the competition (Makridakis et al. 2020)"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Frequency:
    """The series of one frequency."""

    horizon: int
    """Observations to forecast, as the competition set them."""
    season: int
    """Observations a season, as the competition set them; 1 for none."""
    train: tuple[int, str]
    """Bytes and SHA-256 of the file with what is known."""
    test: tuple[int, str]
    """The same of the file with what is to be forecast."""
    limits: str
    """Of what was trained on it, in one honest sentence."""


FREQUENCIES = {
    "hourly": Frequency(
        horizon=48,
        season=24,
        train=(2347115, "ea59b7783573c49077a835ab6465c7d66f1474783360f310988a9a737fbca62f"),
        test=(132820, "71a57fccb15e534d973626ada4fb87febf789e9317715b7cc6dd3b5f90db6f42"),
        limits="Hourly series with a day and a week in them; trends and other spacings were never seen.",
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
        _, *rows = csv.reader(file)
    return {name: np.array([value for value in values if value], np.float64) for name, *values in rows}
