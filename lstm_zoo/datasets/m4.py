"""M4, the series of the fourth Makridakis competition (Makridakis et al. 2020, doi:10.1016/j.ijforecast.2019.04.014).

Public data of the competition, https://github.com/Mcompetitions/M4-methods; we know of no licence text.
"""

import csv

import numpy as np
import tensorflow_datasets as tfds

from lstm_zoo import datasets

URL = "https://raw.githubusercontent.com/Mcompetitions/M4-methods/master/Dataset/{part}/{frequency}-{name}.csv"
# frequency: (observations to forecast, observations a season), both as the competition set them
FREQUENCIES = {
    "yearly": (6, 1),
    "quarterly": (8, 4),
    "monthly": (18, 12),
    "weekly": (13, 1),
    "daily": (14, 1),
    "hourly": (48, 24),
}


def addresses(frequency):
    """Name -> address of the two files of a frequency."""
    return {
        name: URL.format(part=name.capitalize(), frequency=frequency.capitalize(), name=name)
        for name in ("train", "test")
    }


class M4(tfds.core.GeneratorBasedBuilder):
    """One example a series: `unique_id`, `y` (what is known, float64), `future` (what is to be forecast, float64)."""

    VERSION = tfds.core.Version("1.0.0")
    BUILDER_CONFIGS = [  # noqa: RUF012 - the name and the type are those of TFDS
        tfds.core.BuilderConfig(name=name, description=f"{name}, {horizon} to forecast, {season} a season")
        for name, (horizon, season) in FREQUENCIES.items()
        if datasets.registered().issuperset(addresses(name).values())
    ]

    def urls(self):
        """Name -> address of the files."""
        return addresses(self.builder_config.name)

    def _info(self):
        horizon, _ = FREQUENCIES[self.builder_config.name]
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
        return {datasets.SPLIT: self._generate_examples(paths["train"], paths["test"])}

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
