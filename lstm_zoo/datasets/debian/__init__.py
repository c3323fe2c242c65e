"""German and English texts of packages of Debian 12: a dictionary's phrases, help pages, and dialogues of games.

- "phrases": words, phrases and sentences of Ding's dictionary (trans-de-en; Frank Richter, TU Chemnitz, GPL-2+);
- "help": the help pages of GNOME (gnome-user-docs, CC BY-SA 3.0), block by block;
- "dialogues": what people say in the games FreedroidRPG (GPL-2+), Naev (GPL-3+, CC BY-SA), Cataclysm: Dark Days Ahead
  (CC BY-SA 3.0) and The Battle for Wesnoth (GPL-2+), and what these tell of things.

The dictionaries dict-freedict-deu-eng and -eng-deu are made from Ding's and add nothing to it.

An entry of the dictionary, a page of help and a text of a game are held out as a whole, by a hash of what they say;
what training has in common with what is held out is left out of training.
"""

import re
import zlib

import tensorflow_datasets as tfds

from lstm_zoo.datasets import checksums
from lstm_zoo.datasets.debian import catalogs, dictionary, pages
from lstm_zoo.datasets.debian.packages import CATALOGUES, DICTIONARY, PAGES, members

KINDS = {"phrases": DICTIONARY, "help": PAGES, "dialogues": CATALOGUES}  # config -> packages
LICENSES = {
    "phrases": "Ding's dictionary German-English, GPL-2+ (Frank Richter, TU Chemnitz)",
    "help": "GNOME user documentation, CC BY-SA 3.0 (GNOME Documentation Project)",
    "dialogues": "FreedroidRPG and The Battle for Wesnoth, GPL-2+; Naev, GPL-3+ and CC BY-SA; Cataclysm: Dark Days "
    "Ahead, CC BY-SA 3.0",
}
LIMITS = {
    "phrases": "Words, phrases and sentences of a dictionary.",
    "help": "Help pages of a desktop, polite and brief.",
    "dialogues": "Dialogues and descriptions of games of fantasy and of space.",
}
# Thousandths that are held out, for validation and for the test: some hundred pairs, and of help some ten pages.
SHARES = {"phrases": (5, 5), "help": (40, 80), "dialogues": (10, 20)}
CATALOGUE = re.compile(r"/de/LC_MESSAGES/(?!.*editor).*\.mo$")
PAGE = "usr/share/help/{}/"


class Debian(tfds.core.GeneratorBasedBuilder):
    """One example a pair: language -> text, in the order of the packages. A config: the kind of text."""

    VERSION = tfds.core.Version("1.0.0")
    BUILDER_CONFIGS = [tfds.core.BuilderConfig(name=kind, description=LIMITS[kind]) for kind in KINDS]  # noqa: RUF012
    url_infos = checksums.url_infos(
        {package.url: (package.size, package.sha256) for packages in KINDS.values() for package in packages},
        {package.url: package.file for packages in KINDS.values() for package in packages},
    )

    def urls(self):
        """Name -> address of the files."""
        return {package.name: package.url for package in KINDS[self.builder_config.name]}

    def _info(self):
        return tfds.core.DatasetInfo(
            builder=self,
            description=__doc__,
            homepage="https://packages.debian.org/bookworm/",
            license=LICENSES[self.builder_config.name],
            features=tfds.features.Translation(languages=("de", "en")),
            supervised_keys=("de", "en"),
            disable_shuffling=True,
        )

    def _split_generators(self, dl_manager):
        kind, paths = self.builder_config.name, dl_manager.download(self.urls())
        parts = {"train": [], "validation": [], "test": []}
        validation, test = SHARES[kind]
        for key, pairs in _GROUPS[kind](paths.values()):
            place = place_of(key)
            parts["test" if place < test else "validation" if place < test + validation else "train"].extend(pairs)
        held_out = {text.casefold() for part in ("test", "validation") for pair in parts[part] for text in pair}
        parts["train"] = [pair for pair in parts["train"] if not held_out & {text.casefold() for text in pair}]
        return {split: self._generate_examples(dict.fromkeys(pairs)) for split, pairs in parts.items()}

    def _generate_examples(self, pairs):
        for number, (german, english) in enumerate(pairs):
            yield number, {"de": german, "en": english}


def place_of(key: str) -> int:
    """Where a text lies among 1,000, by a hash of what it says: of the first ones are test and validation."""
    return zlib.crc32(key.casefold().encode()) % 1000


def _phrases(paths):
    """Of each entry its key and its pairs (German, English)."""
    for path in paths:
        for _, content in members(path, "/trans/de-en"):
            yield from dictionary.pairs_of(content.decode())


def _help(paths):
    """Of each page its name and its pairs (German, English)."""
    for path in paths:
        files = dict(members(path, ".page"))
        for name, page in files.items():
            translated = files.get(name.replace(PAGE.format("C"), PAGE.format("de")))
            if name.startswith(PAGE.format("C")) and translated:
                yield name, [(german, english) for english, german in pages.pairs_of(page, translated)]


def _dialogues(paths):
    """Of each line of a text its English and the pair (German, English)."""
    for path in paths:
        for name, catalogue in members(path, ".mo"):
            if CATALOGUE.search(name):
                for english, german in catalogs.pairs_of(catalogue):
                    yield english, [(german, english)]


_GROUPS = {"phrases": _phrases, "help": _help, "dialogues": _dialogues}
