"""The data sets: built from synthetic files, refused where a file is another; the real ones where prepared."""

import gzip
import hashlib

import numpy as np
import pytest
import requests
import tensorflow_datasets as tfds

from lstm_zoo import datasets
from lstm_zoo.datasets import an4, ett, m4, multi30k

ETT = """date,HUFL,OT
2016-07-01 00:00:00,5.827000141143799,30.5310001373291
2016-07-01 01:00:00,5.692999839782715,-27.78700065612793
2016-07-01 02:00:00,0.1,1e-3
"""
TRAIN = """"V1","V2","V3","V4"
"H1","605","586.5",""
"H2","3124","2990","2862"
"""
TEST = "".join(
    ",".join(f'"{cell}"' for cell in row) + "\n"
    for row in ([f"V{column}" for column in range(1, 50)], ["H2", *range(500, 548)], ["H1", *range(100, 148)])
)


PAIRS = [f"multi30k/{pair}" for pair in ("de-en", "en-de", "de-fr", "fr-de", "en-fr", "fr-en")]


@pytest.fixture
def files(tmp_path, monkeypatch):
    """A folder of synthetic files, which the builders are told are the public ones."""
    for kind, contents in (
        (ett.Ett, {"ETTh1.csv": ETT}),
        (m4.M4, {"Hourly-train.csv": TRAIN, "Hourly-test.csv": TEST}),
    ):
        addresses = {url.rpartition("/")[2]: url for url in datasets.registered()}
        infos = {}
        for name, text in contents.items():
            (tmp_path / name).write_bytes(text.encode())
            checksum = hashlib.sha256(text.encode()).hexdigest()
            infos[addresses[name]] = tfds.core.download.checksums.UrlInfo(len(text), checksum, name)
        monkeypatch.setattr(kind, "url_infos", infos)
    return tmp_path


@pytest.fixture
def sentences(tmp_path, monkeypatch):
    """A folder of the files of Multi30k, with few sentences, which the builder is told are the public ones."""
    infos = {}
    for (split, language), url in multi30k.Multi30k(config="de-fr", data_dir=tmp_path / "data").urls().items():
        text = f'Ein "{split}"\u2028in {language}. \nZwei\n'
        name = url.rpartition("/")[2]
        content = gzip.compress(text.encode())
        (tmp_path / name).write_bytes(content)
        checksum = hashlib.sha256(content).hexdigest()
        infos[url] = tfds.core.download.checksums.UrlInfo(len(content), checksum, name)
    monkeypatch.setattr(multi30k.Multi30k, "url_infos", infos)
    return tmp_path


@pytest.fixture
def offline(monkeypatch):
    """No network: what asks for it fails at once."""

    def refuse(*args, **kwargs):
        raise requests.ConnectionError("no network here")

    monkeypatch.setattr(requests.Session, "request", refuse)


def test_multi30k_is_read_from_a_folder(sentences, tmp_path, offline):
    for split in ("train", "validation", "test"):
        pairs = datasets.load("multi30k/de-fr", split, manual_dir=sentences, data_dir=tmp_path / "data")
        assert pairs == [
            {"de": f'Ein "{split}"\u2028in de.', "fr": f'Ein "{split}"\u2028in fr.'},
            {"de": "Zwei", "fr": "Zwei"},
        ]


def test_multi30k_offers_every_direction():
    names = {config.name for config in multi30k.Multi30k.BUILDER_CONFIGS}
    assert {f"multi30k/{name}" for name in names} == set(PAIRS)


def test_ett_is_read_from_a_folder_to_the_last_bit(files, tmp_path, offline):
    first, last = datasets.load("ett/h1", manual_dir=files, data_dir=tmp_path / "data")
    assert (first["unique_id"], last["unique_id"]) == ("HUFL", "OT")
    assert first["start"] == last["start"] == "2016-07-01T00:00:00"
    assert first["y"].dtype == np.float64
    assert first["y"].tolist() == [5.827000141143799, 5.692999839782715, 0.1]
    assert last["y"].tolist() == [30.5310001373291, -27.78700065612793, 1e-3]


def test_m4_is_read_from_a_folder_to_the_last_bit(files, tmp_path, offline):
    first, second = datasets.load("m4/hourly", manual_dir=files, data_dir=tmp_path / "data")
    assert (first["unique_id"], second["unique_id"]) == ("H1", "H2")
    assert first["y"].tolist() == [605, 586.5]
    assert second["y"].tolist() == [3124, 2990, 2862]
    assert first["future"].tolist() == list(range(100, 148))
    assert second["future"].tolist() == list(range(500, 548))


def test_the_default_folder_is_that_of_tfds_and_what_is_prepared_needs_no_file(files, tmp_path, offline):
    manual = tmp_path / "data/downloads/manual"
    manual.mkdir(parents=True)
    (files / "ETTh1.csv").rename(manual / "ETTh1.csv")
    once = datasets.load("ett/h1", data_dir=tmp_path / "data")
    (manual / "ETTh1.csv").unlink()
    again = datasets.load("ett/h1", data_dir=tmp_path / "data")
    assert [series["y"].tolist() for series in once] == [series["y"].tolist() for series in again]


@pytest.mark.parametrize(("name", "file"), [("ett/h1", "ETTh1.csv"), ("m4/hourly", "Hourly-test.csv")])
def test_a_file_that_is_not_the_public_one_is_refused(files, tmp_path, offline, name, file):
    (files / file).write_text((files / file).read_text().replace("5", "6"))
    with pytest.raises(ValueError, match=f"not the public one.*{file}.*wrong checksum"):
        datasets.load(name, manual_dir=files, data_dir=tmp_path / "data")
    assert not datasets.builder(name, tmp_path / "data").is_prepared()


def test_without_a_network_the_error_says_what_goes_where(tmp_path, offline):
    with pytest.raises(FileNotFoundError) as error:
        datasets.load("m4/hourly", data_dir=tmp_path)
    for expected in ("no network here", str(tmp_path / "downloads/manual"), "Hourly-train.csv", "Hourly-test.csv"):
        assert expected in str(error.value)
    with pytest.raises(FileNotFoundError, match="no folder. Received: .*missing"):
        datasets.load("ett/h1", manual_dir=tmp_path / "missing", data_dir=tmp_path)


def test_a_file_with_a_missing_hour_is_refused(files):
    (files / "ETTh1.csv").write_text("".join(ETT.splitlines(keepends=True)[i] for i in (0, 1, 3)))
    with pytest.raises(ValueError, match="line 3: 1:00:00 after 2016-07-01 00:00:00"):
        list(datasets.builder("ett/h1")._generate_examples(files / "ETTh1.csv"))


def test_a_name_without_known_checksums_is_refused():
    with pytest.raises(
        ValueError, match="known checksums are ett/h1, m4/hourly, multi30k/de-en, .* Received: 'ett/h2'"
    ):
        datasets.load("ett/h2")


def test_the_registered_files_are_those_of_the_builders():
    urls = [url for name in ("an4", "ett/h1", "m4/hourly", *PAIRS) for url in datasets.builder(name).urls().values()]
    assert set(urls) == datasets.registered()
    for url, info in {
        **an4.An4.url_infos,
        **ett.Ett.url_infos,
        **m4.M4.url_infos,
        **multi30k.Multi30k.url_infos,
    }.items():
        assert url.endswith("/" + info.filename)  # TFDS looks for this name in the manual folder
        assert len(info.checksum) == 64


def test_the_real_etth1(prepared):
    prepared("ett/h1")
    channels = datasets.load("ett/h1")
    assert [channel["unique_id"] for channel in channels] == ["HUFL", "HULL", "MUFL", "MULL", "LUFL", "LULL", "OT"]
    assert all(channel["start"] == "2016-07-01T00:00:00" and channel["y"].shape == (17420,) for channel in channels)
    assert channels[-1]["y"][[0, 1, -1]].tolist() == [30.5310001373291, 27.78700065612793, 9.56700038909912]


def test_the_real_m4_hourly(prepared):
    prepared("m4/hourly")
    series = datasets.load("m4/hourly")
    assert [one["unique_id"] for one in series] == [f"H{number}" for number in range(1, 415)]
    assert {len(one["y"]) for one in series} == {700, 960}
    assert {one["future"].shape for one in series} == {(48,)}
    assert all(np.isfinite(one["y"]).all() and one["y"].min() > 0 for one in series)
