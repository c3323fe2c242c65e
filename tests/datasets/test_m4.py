"""m4.py: the competition's series."""

import hashlib

import numpy as np
import pytest

from lstm_zoo import datasets
from lstm_zoo.datasets import checksums
from lstm_zoo.datasets.m4 import FREQUENCIES, M4


def test_it_is_read_from_a_folder_to_the_last_bit(m4, tmp_path, offline):
    first, second = datasets.load("m4/hourly", manual_dir=m4, data_dir=tmp_path / "data")
    assert (first["unique_id"], second["unique_id"]) == ("H1", "H2")
    assert first["y"].tolist() == [605, 586.5]
    assert second["y"].tolist() == [3124, 2990, 2862]
    assert first["future"].tolist() == list(range(100, 148))
    assert second["future"].tolist() == list(range(500, 548))


@pytest.mark.parametrize(("name", "frequency"), FREQUENCIES.items())
def test_every_frequency_is_read(public, tmp_path, offline, name, frequency):
    rows = [f"{name[0].upper()}1,{','.join(map(str, range(1, length)))}" for length in (40, frequency.horizon + 1)]
    files = {f"{name.capitalize()}-{part}.csv": f"V1\n{row}\n".encode() for part, row in zip(("train", "test"), rows)}
    (series,) = datasets.load(f"m4/{name}", manual_dir=public(f"m4/{name}", files), data_dir=tmp_path / "data")
    assert (series["unique_id"], len(series["y"]), len(series["future"])) == (
        f"{name[0].upper()}1",
        39,
        frequency.horizon,
    )


def test_a_file_whose_bytes_are_not_known_is_told_by_its_checksum(tmp_path, monkeypatch, offline):
    files = {}
    for url in datasets.builder("m4/yearly", tmp_path / "data").urls().values():
        content = b"V1\nY1,1,2,3,4,5,6\n"
        (tmp_path / url.rpartition("/")[2]).write_bytes(content)
        files[url] = None, hashlib.sha256(content).hexdigest()
    monkeypatch.setattr(M4, "url_infos", checksums.url_infos(files))
    (tmp_path / "Yearly-train.csv").write_bytes(content + b"Y2,1\n")
    with pytest.raises(ValueError, match=r"not the public one.*Yearly-train.csv.*wrong checksum"):
        datasets.load("m4/yearly", manual_dir=tmp_path, data_dir=tmp_path / "data")
    (tmp_path / "Yearly-train.csv").write_bytes(content)
    (series,) = datasets.load("m4/yearly", manual_dir=tmp_path, data_dir=tmp_path / "data")
    assert series["y"].tolist() == [1, 2, 3, 4, 5, 6]


def test_the_real_weekly_series(prepared):
    prepared("m4/weekly")
    series = datasets.load("m4/weekly")
    assert [item["unique_id"] for item in series] == [f"W{number}" for number in range(1, 360)]
    lengths = [len(item["y"]) for item in series]
    assert (min(lengths), max(lengths), {item["future"].shape for item in series}) == (80, 2597, {(13,)})


def test_the_real_hourly_series(prepared):
    prepared("m4/hourly")
    series = datasets.load("m4/hourly")
    assert [item["unique_id"] for item in series] == [f"H{number}" for number in range(1, 415)]
    assert {len(item["y"]) for item in series} == {700, 960}
    assert {item["future"].shape for item in series} == {(48,)}
    assert all(np.isfinite(item["y"]).all() and item["y"].min() > 0 for item in series)
