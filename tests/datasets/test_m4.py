"""m4.py: the competition's series."""

import numpy as np

from lstm_zoo import datasets


def test_it_is_read_from_a_folder_to_the_last_bit(m4, tmp_path, offline):
    first, second = datasets.load("m4/hourly", manual_dir=m4, data_dir=tmp_path / "data")
    assert (first["unique_id"], second["unique_id"]) == ("H1", "H2")
    assert first["y"].tolist() == [605, 586.5]
    assert second["y"].tolist() == [3124, 2990, 2862]
    assert first["future"].tolist() == list(range(100, 148))
    assert second["future"].tolist() == list(range(500, 548))


def test_the_real_hourly_series(prepared):
    prepared("m4/hourly")
    series = datasets.load("m4/hourly")
    assert [item["unique_id"] for item in series] == [f"H{number}" for number in range(1, 415)]
    assert {len(item["y"]) for item in series} == {700, 960}
    assert {item["future"].shape for item in series} == {(48,)}
    assert all(np.isfinite(item["y"]).all() and item["y"].min() > 0 for item in series)
