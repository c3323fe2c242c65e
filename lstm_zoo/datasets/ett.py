"""ETT, the electricity transformer data of Zhou et al. 2021 (Informer, https://arxiv.org/abs/2012.07436).

Two years of one transformer: six loads and the oil temperature, OT. Licence: CC BY-ND 4.0, by the data's own
repository, https://github.com/zhouhaoyi/ETDataset.
"""

import csv
import datetime
import itertools

import numpy as np
import tensorflow_datasets as tfds

from lstm_zoo import datasets

URL = "https://raw.githubusercontent.com/zhouhaoyi/ETDataset/main/ETT-small/ETT{}.csv"
STEPS = {"h1": 3600, "h2": 3600, "m1": 900, "m2": 900}  # seconds between two observations


class Ett(tfds.core.GeneratorBasedBuilder):
    """One example a channel: `unique_id` (HUFL... OT), `start` (ISO time of the first observation), `y` (float64)."""

    VERSION = tfds.core.Version("1.0.0")
    BUILDER_CONFIGS = [  # noqa: RUF012 - the name and the type are those of TFDS
        tfds.core.BuilderConfig(name=name, description=f"ETT{name}, an observation every {seconds // 60} minutes")
        for name, seconds in STEPS.items()
        if URL.format(name) in datasets.registered()
    ]

    def urls(self):
        """Name -> address of the files."""
        return {"series": URL.format(self.builder_config.name)}

    def _info(self):
        return tfds.core.DatasetInfo(
            builder=self,
            description=__doc__,
            homepage="https://github.com/zhouhaoyi/ETDataset",
            license="CC BY-ND 4.0",
            features=tfds.features.FeaturesDict(
                {
                    "unique_id": tfds.features.Text(),
                    "start": tfds.features.Text(),
                    "y": tfds.features.Tensor(shape=(None,), dtype=np.float64, encoding="bytes"),  # float32 otherwise
                }
            ),
            disable_shuffling=True,  # the channels in the order of the file
        )

    def _split_generators(self, dl_manager):
        return {datasets.SPLIT: self._generate_examples(dl_manager.download(self.urls())["series"])}

    def _generate_examples(self, path):
        with path.open() as file:
            (_, *channels), *rows = csv.reader(file)
        times = [datetime.datetime.fromisoformat(row[0]) for row in rows]
        step = datetime.timedelta(seconds=STEPS[self.builder_config.name])
        for line, (before, after) in enumerate(itertools.pairwise(times), start=3):
            if after - before != step:
                raise ValueError(f"{path}, line {line}: {step} after {before} is expected. Received: {after}")
        values = np.array([row[1:] for row in rows], np.float64)
        for column, channel in enumerate(channels):
            yield column, {"unique_id": channel, "start": times[0].isoformat(), "y": values[:, column].copy()}
