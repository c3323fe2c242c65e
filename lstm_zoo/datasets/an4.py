"""AN4, the census data of Carnegie Mellon University (Acero 1990, https://apps.dtic.mil/sti/citations/ADA229055).

Names, addresses, numbers and dates, spelled and spoken word by word: 948 recordings of 74 speakers for training, 130 of
10 others for testing, 16 kHz, close-talking microphone. Free for any use, by the licence file in the archive.
"""

import io
import re
import tarfile

import numpy as np
import tensorflow_datasets as tfds

from lstm_zoo.datasets import checksums

URL = "http://www.speech.cs.cmu.edu/databases/an4/an4_sphere.tar.gz"
CONTENT = 64313640, "f186fe825547f9d667a6c208fde986f26887e7b2cfca37a3d6bc00b51dff05c1"  # bytes and SHA-256
RATE = 16_000  # samples a second
LINE = re.compile(r"(?:<s> )?(.*?)(?: </s>)? \((.*)\)$")  # <s> YES </s> (an251-fash-b)


class An4(tfds.core.GeneratorBasedBuilder):
    """One example a recording: `speech` (int16), `text`, `speaker_id` and `id`, in the order of the file lists."""

    VERSION = tfds.core.Version("1.0.0")
    url_infos = checksums.url_infos({URL: CONTENT})

    def urls(self):
        """Name -> address of the files."""
        return {"archive": URL}

    def _info(self):
        return tfds.core.DatasetInfo(
            builder=self,
            description=__doc__,
            homepage="http://www.speech.cs.cmu.edu/databases/an4/",
            license="free for any use",
            features=tfds.features.FeaturesDict(
                {
                    "speech": tfds.features.Tensor(shape=(None,), dtype=np.int16, encoding="bytes"),
                    "text": tfds.features.Text(),
                    "speaker_id": tfds.features.Text(),
                    "id": tfds.features.Text(),
                }
            ),
            supervised_keys=("speech", "text"),
            disable_shuffling=True,
        )

    def _split_generators(self, dl_manager):
        path = dl_manager.download(self.urls())["archive"]
        return {split: self._generate_examples(path, split) for split in ("train", "test")}

    def _generate_examples(self, path, split):
        import soundfile

        with tarfile.open(path) as archive:
            files = {member.name: archive.extractfile(member).read() for member in archive if member.isfile()}
        names = files[f"an4/etc/an4_{split}.fileids"].decode().split()
        lines = files[f"an4/etc/an4_{split}.transcription"].decode().splitlines()
        for number, (name, line) in enumerate(zip(names, lines, strict=True)):
            text, identifier = LINE.match(line).groups()
            speech, rate = soundfile.read(io.BytesIO(files[f"an4/wav/{name}.sph"]), dtype="int16")
            if rate != RATE or not name.endswith(identifier):
                raise ValueError(f"{name}: {RATE} Hz and its transcript are expected. Received: {rate} Hz, {line!r}")
            yield number, {"speech": speech, "text": text, "speaker_id": name.split("/")[1], "id": identifier}
