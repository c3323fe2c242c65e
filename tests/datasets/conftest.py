"""Fixtures: files that builders are told are the public ones, and no network."""

import hashlib

import pytest
import requests

from lstm_zoo import datasets
from lstm_zoo.datasets import checksums


@pytest.fixture
def public(tmp_path, monkeypatch):
    """Makes contents (name of a file -> bytes) those of a data set's public files: name -> the folder they are in."""

    def make(name, contents):
        builder = datasets.builder(name, tmp_path / "data")
        urls = {url.rpartition("/")[2]: url for url in builder.urls().values()}
        for file, content in contents.items():
            (tmp_path / file).write_bytes(content)
        files = {urls[file]: (len(data), hashlib.sha256(data).hexdigest()) for file, data in contents.items()}
        monkeypatch.setattr(type(builder), "url_infos", checksums.url_infos(files))
        return tmp_path

    return make


@pytest.fixture
def ett(public):
    """A folder with two channels of three hours."""
    lines = (
        "date,HUFL,OT",
        "2016-07-01 00:00:00,5.827000141143799,30.5310001373291",
        "2016-07-01 01:00:00,5.692999839782715,-27.78700065612793",
        "2016-07-01 02:00:00,0.1,1e-3",
    )
    return public("ett/h1", {"ETTh1.csv": "".join(f"{line}\n" for line in lines).encode()})


@pytest.fixture
def m4(public):
    """A folder with two series, in the test file in another order."""
    train = '"V1","V2","V3","V4"\n"H1","605","586.5",""\n"H2","3124","2990","2862"\n'
    rows = [f"V{column}" for column in range(1, 50)], ["H2", *range(500, 548)], ["H1", *range(100, 148)]
    test = "".join(",".join(f'"{cell}"' for cell in row) + "\n" for row in rows)
    return public("m4/hourly", {"Hourly-train.csv": train.encode(), "Hourly-test.csv": test.encode()})


@pytest.fixture
def offline(monkeypatch):
    """No network: what asks for it fails at once."""

    def refuse(*args, **kwargs):
        raise requests.ConnectionError("no network here")

    monkeypatch.setattr(requests.Session, "request", refuse)
