"""What every builder has from `load`: files that are the public ones, and errors that say what goes where."""

import pytest

from lstm_zoo import datasets
from lstm_zoo.datasets import an4, debian, ett, m4, multi30k
from lstm_zoo.tasks import forecasting

BUILDERS = (an4.An4, debian.Debian, ett.Ett, m4.M4, multi30k.Multi30k)


def test_the_default_folder_is_that_of_tfds_and_what_is_prepared_needs_no_file(ett, tmp_path, offline):
    manual = tmp_path / "data/downloads/manual"
    manual.mkdir(parents=True)
    (ett / "ETTh1.csv").rename(manual / "ETTh1.csv")
    once = datasets.load("ett/h1", data_dir=tmp_path / "data")
    (manual / "ETTh1.csv").unlink()
    again = datasets.load("ett/h1", data_dir=tmp_path / "data")
    assert [series["y"].tolist() for series in once] == [series["y"].tolist() for series in again]


@pytest.mark.parametrize(("name", "file"), [("ett/h1", "ETTh1.csv"), ("m4/hourly", "Hourly-test.csv")])
def test_a_file_that_is_not_the_public_one_is_refused(ett, m4, tmp_path, offline, name, file):
    (tmp_path / file).write_text((tmp_path / file).read_text().replace("5", "6"))
    with pytest.raises(ValueError, match=f"not the public one.*{file}.*wrong checksum"):
        datasets.load(name, manual_dir=tmp_path, data_dir=tmp_path / "data")
    assert not datasets.builder(name, tmp_path / "data").is_prepared()


def test_without_a_network_the_error_says_what_goes_where(tmp_path, offline):
    with pytest.raises(FileNotFoundError) as error:
        datasets.load("m4/hourly", data_dir=tmp_path)
    for expected in ("no network here", str(tmp_path / "downloads/manual"), "Hourly-train.csv", "Hourly-test.csv"):
        assert expected in str(error.value)
    with pytest.raises(FileNotFoundError, match="no folder. Received: .*missing"):
        datasets.load("ett/h1", manual_dir=tmp_path / "missing", data_dir=tmp_path)


def test_a_name_without_known_checksums_is_refused():
    with pytest.raises(
        ValueError,
        match="known checksums are debian/phrases, .*ett/h1, m4/hourly, .*multi30k/de-en, .* Received: 'ett/h2'",
    ):
        datasets.load("ett/h2")


@pytest.mark.parametrize("kind", BUILDERS)
def test_builders_know_the_checksums_of_all_their_files_and_of_no_others(kind):
    names = [f"{kind.name}/{config.name}" for config in kind.BUILDER_CONFIGS] or [kind.name]
    assert {url for name in names for url in datasets.builder(name).urls().values()} == kind.url_infos.keys()
    for url, info in kind.url_infos.items():
        # TFDS looks for this name in the manual folder: the end of the address, with the epoch that apt-get gives it.
        assert url.endswith("/" + info.filename.replace("_1%3a", "_"))
        assert len(info.checksum) == 64


def test_the_task_offers_what_the_builders_do():
    offered = {f"{kind.name}/{config.name}" for kind in (ett.Ett, m4.M4) for config in kind.BUILDER_CONFIGS}
    assert offered == forecasting.TASK.datasets.keys()
