"""multi30k.py: captions and their translations."""

import gzip

from lstm_zoo import datasets
from lstm_zoo.datasets import multi30k
from lstm_zoo.tasks import translation


def test_it_is_read_from_a_folder(public, tmp_path, offline):
    urls = datasets.builder("multi30k/de-fr", tmp_path / "data").urls()
    contents = {
        url.rpartition("/")[2]: gzip.compress(f'Ein "{split}"\u2028in {language}. \nZwei\n'.encode())
        for (split, language), url in urls.items()
    }
    folder = public("multi30k/de-fr", contents)
    for split in ("train", "validation", "test"):
        pairs = datasets.load("multi30k/de-fr", split, manual_dir=folder, data_dir=tmp_path / "data")
        assert pairs == [
            {"de": f'Ein "{split}"\u2028in de.', "fr": f'Ein "{split}"\u2028in fr.'},
            {"de": "Zwei", "fr": "Zwei"},
        ]


def test_every_direction_is_offered():
    names = {f"multi30k/{config.name}" for config in multi30k.Multi30k.BUILDER_CONFIGS}
    assert names == {f"multi30k/{pair}" for pair in ("de-en", "en-de", "de-fr", "fr-de", "en-fr", "fr-en")}
    assert names == {name for name in translation.TASK.datasets if name.startswith("multi30k/")}
