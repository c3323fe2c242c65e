"""Multi30k: 31,014 captions of pictures in English, each translated by professionals (Elliott et al. 2016,
https://aclanthology.org/W16-3210; French: Elliott et al. 2017, https://aclanthology.org/W17-4718).

Task 1 of the shared tasks on multimodal translation, as raw text, one sentence a line. Licence: CC BY-NC-SA 4.0, by the
shared task, https://www.statmt.org/wmt16/multimodal-task.html; the files: https://github.com/multi30k/dataset.
"""

import gzip
import itertools

import tensorflow_datasets as tfds

from lstm_zoo.datasets import checksums

URL = "https://raw.githubusercontent.com/multi30k/dataset/master/data/task1/raw/{}.{}.gz"
LICENSE = "Multi30k, CC BY-NC-SA 4.0 (Elliott et al. 2016, 2017)"
LIMITS = "Captions of pictures, one sentence each; names, numbers and other kinds of text are translated badly."
FILE_NAMES = {"train": "train", "validation": "val", "test": "test_2016_flickr"}  # split of TFDS -> name of the file
# language -> split -> bytes and SHA-256 of the file
LANGUAGES = {
    "de": {
        "train": (637044, "726e39b2fa9eb9ffb6dc763fb35a179f80fae06ffc5d28b6ace5faa883de28a6"),
        "validation": (24681, "f0cba2f995189cf5770f29a8a9a537a3ad3f51657ad873405082ff6863a5e75a"),
        "test": (22890, "9204244e408ccb38d2a55cfcd344df15005fc42a07a6e55ca6c52b6ababb8cc8"),
    },
    "en": {
        "train": (568929, "d79cfa999dd4c51d2cb42499b6796d5a882c3a8a961923c25a898c90f8bbd56f"),
        "validation": (21650, "14f7d25ddd868909a9213e361768460edcacdd6ab9d1e77b92560dc10c10dc28"),
        "test": (21077, "611d361c6334bc7246101d48097c13cf5c4413c5befc793cc629934359d532d9"),
    },
    "fr": {
        "train": (604242, "622e75069e9f4c577425c4f277116ce66e63a2401c0a2312d90073cb12379a3c"),
        "validation": (23001, "ca3106f1a72390591d25f6c45cb4cd39dec4cd3f123e099748a3ce5256c160e9"),
        "test": (22310, "6d326e188d259fb1d04ac19eae3af956559b3a0b93d7635e56c90987c40c8b90"),
    },
}


def _url(split, language):
    return URL.format(FILE_NAMES[split], language)


class Multi30k(tfds.core.GeneratorBasedBuilder):
    """One example a pair of sentences: language -> text, in the order of the files. A config: source-target."""

    VERSION = tfds.core.Version("1.0.0")
    BUILDER_CONFIGS = [  # noqa: RUF012 - the name and the type are those of TFDS
        tfds.core.BuilderConfig(name=f"{source}-{target}", description=f"from {source} to {target}")
        for source, target in itertools.permutations(LANGUAGES, 2)
    ]
    url_infos = checksums.url_infos(
        {_url(split, language): file for language, files in LANGUAGES.items() for split, file in files.items()}
    )

    def urls(self):
        """(split, language) -> address of the files."""
        languages = self.builder_config.name.split("-")
        return {(split, language): _url(split, language) for split in FILE_NAMES for language in languages}

    def _info(self):
        languages = tuple(self.builder_config.name.split("-"))
        return tfds.core.DatasetInfo(
            builder=self,
            description=__doc__,
            homepage="https://github.com/multi30k/dataset",
            license="CC BY-NC-SA 4.0",
            features=tfds.features.Translation(languages=languages),
            supervised_keys=languages,
            disable_shuffling=True,
        )

    def _split_generators(self, dl_manager):
        urls = self.urls()
        paths = dict(zip(urls, dl_manager.download(list(urls.values()))))
        languages = self.builder_config.name.split("-")
        return {
            split: self._generate_examples({language: paths[split, language] for language in languages})
            for split in FILE_NAMES
        }

    def _generate_examples(self, paths):
        texts = []
        for path in paths.values():
            with gzip.open(path, "rt", encoding="utf-8", newline="\n") as file:
                texts.append([line.strip() for line in file])
        for number, pair in enumerate(zip(*texts, strict=True)):
            yield number, dict(zip(paths, pair))
