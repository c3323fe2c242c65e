"""ETT, the electricity transformer data of Zhou et al. 2021 (Informer, https://arxiv.org/abs/2012.07436).

Two years of one transformer: six loads and the oil temperature, OT. Licence: CC BY-ND 4.0, by the data's own
repository, https://github.com/zhouhaoyi/ETDataset.
"""

import csv
import dataclasses
import datetime
import itertools

import numpy as np
import tensorflow_datasets as tfds

from lstm_zoo.datasets import checksums

URL = "https://raw.githubusercontent.com/zhouhaoyi/ETDataset/main/ETT-small/ETT{}.csv"
LICENSE = "CC BY-ND 4.0 (Zhou et al. 2021)"


@dataclasses.dataclass(frozen=True, kw_only=True)
class File:
    """One transformer at one spacing."""

    step: datetime.timedelta
    """Between two observations."""
    content: tuple[int, str]
    """Bytes and SHA-256 of the file."""
    limits: str
    """Of what was trained on it, in one honest sentence."""


FILES = {
    "h1": File(
        step=datetime.timedelta(hours=1),
        content=(2589657, "f18de3ad269cef59bb07b5438d79bb3042d3be49bdeecf01c1cd6d29695ee066"),
        limits="Hourly series like the loads and the oil temperature of one transformer; trained on one year of it.",
    ),
}


class Ett(tfds.core.GeneratorBasedBuilder):
    """One example a channel: `unique_id` (HUFL... OT), `start` (ISO time of the first observation), `y` (float64)."""

    VERSION = tfds.core.Version("1.0.0")
    BUILDER_CONFIGS = [  # noqa: RUF012 - the name and the type are those of TFDS
        tfds.core.BuilderConfig(name=name, description=f"ETT{name}, an observation every {file.step}")
        for name, file in FILES.items()
    ]
    url_infos = checksums.url_infos({URL.format(name): file.content for name, file in FILES.items()})

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
        return {"series": self._generate_examples(dl_manager.download(self.urls())["series"])}

    def _generate_examples(self, path):
        with path.open() as file:
            (_, *channels), *rows = csv.reader(file)
        times = [datetime.datetime.fromisoformat(row[0]) for row in rows]
        step = FILES[self.builder_config.name].step
        for line, (before, after) in enumerate(itertools.pairwise(times), start=3):
            if after - before != step:
                raise ValueError(f"{path}, line {line}: {step} after {before} is expected. Received: {after}")
        values = np.array([row[1:] for row in rows], np.float64)
        for column, channel in enumerate(channels):
            yield column, {"unique_id": channel, "start": times[0].isoformat(), "y": values[:, column].copy()}
