"""ett.py: the transformer's channels."""

import numpy as np
import pytest

from lstm_zoo import datasets


def test_it_is_read_from_a_folder_to_the_last_bit(ett, tmp_path, offline):
    first, last = datasets.load("ett/h1", manual_dir=ett, data_dir=tmp_path / "data")
    assert (first["unique_id"], last["unique_id"]) == ("HUFL", "OT")
    assert first["start"] == last["start"] == "2016-07-01T00:00:00"
    assert first["y"].dtype == np.float64
    assert first["y"].tolist() == [5.827000141143799, 5.692999839782715, 0.1]
    assert last["y"].tolist() == [30.5310001373291, -27.78700065612793, 1e-3]


def test_a_file_with_a_missing_hour_is_refused(ett):
    lines = (ett / "ETTh1.csv").read_text().splitlines(keepends=True)
    (ett / "ETTh1.csv").write_text("".join(lines[number] for number in (0, 1, 3)))
    with pytest.raises(ValueError, match="line 3: 1:00:00 after 2016-07-01 00:00:00"):
        list(datasets.builder("ett/h1")._generate_examples(ett / "ETTh1.csv"))


def test_the_real_one(prepared):
    prepared("ett/h1")
    channels = datasets.load("ett/h1")
    assert [channel["unique_id"] for channel in channels] == ["HUFL", "HULL", "MUFL", "MULL", "LUFL", "LULL", "OT"]
    assert all(channel["start"] == "2016-07-01T00:00:00" and channel["y"].shape == (17420,) for channel in channels)
    assert channels[-1]["y"][[0, 1, -1]].tolist() == [30.5310001373291, 27.78700065612793, 9.56700038909912]
