"""Multi30k: 31,014 captions of pictures in English, each translated by professionals (Elliott et al. 2016,
https://aclanthology.org/W16-3210; French: Elliott et al. 2017, https://aclanthology.org/W17-4718).

Task 1 of the shared tasks on multimodal translation, as raw text, one sentence a line. Licence: CC BY-NC-SA 4.0, by the
shared task, https://www.statmt.org/wmt16/multimodal-task.html; the files: https://github.com/multi30k/dataset.
"""

import gzip
import itertools

import tensorflow_datasets as tfds

URL = "https://raw.githubusercontent.com/multi30k/dataset/master/data/task1/raw/{}.{}.gz"
LANGUAGES = ("de", "en", "fr")
SPLITS = {"train": "train", "validation": "val", "test": "test_2016_flickr"}  # of TFDS -> name of the file


class Multi30k(tfds.core.GeneratorBasedBuilder):
    """One example a pair of sentences: language -> text, in the order of the files. A config: source-target."""

    VERSION = tfds.core.Version("1.0.0")
    BUILDER_CONFIGS = [  # noqa: RUF012 - the name and the type are those of TFDS
        tfds.core.BuilderConfig(name=f"{source}-{target}", description=f"from {source} to {target}")
        for source, target in itertools.permutations(LANGUAGES, 2)
    ]

    def urls(self):
        """(split, language) -> address of the files."""
        languages = self.builder_config.name.split("-")
        return {(split, language): URL.format(SPLITS[split], language) for split in SPLITS for language in languages}

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
            for split in SPLITS
        }

    def _generate_examples(self, paths):
        texts = []
        for path in paths.values():
            with gzip.open(path, "rt", encoding="utf-8", newline="\n") as file:
                texts.append([line.strip() for line in file])
        for number, pair in enumerate(zip(*texts, strict=True)):
            yield number, dict(zip(paths, pair))
