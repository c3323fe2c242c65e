"""zones.py: the zone that offsets belong to."""

import numpy as np
import pandas as pd
import pytest

from lstm_zoo.tasks.forecasting import zones


def offsets(times):
    return ((times.tz_localize(None) - times.tz_convert("UTC").tz_localize(None)) // pd.Timedelta(seconds=1)).to_numpy()


@pytest.mark.parametrize(
    "zone", ["Europe/Berlin", "Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Tehran"]
)
def test_a_zone_whose_clocks_agree(zone):
    times = pd.date_range("2019-01-01", periods=800, freq="D", tz="UTC").tz_convert(zone)
    found = zones.zone_of(times.tz_convert("UTC"), offsets(times))
    later = pd.date_range("2021-06-01", periods=400, freq="D", tz="UTC")
    assert offsets(later.tz_convert(found)).tolist() == offsets(later.tz_convert(zone)).tolist()


def test_one_offset_is_kept():
    times = pd.date_range("2026-01-01", periods=3, tz="UTC")
    assert str(zones.zone_of(times, np.array([19_800] * 3))) == "UTC+05:30"
    assert str(zones.zone_of(times, np.array([0] * 3))) == "UTC"


def test_offsets_of_no_zone():
    times = pd.date_range("2026-01-01", periods=2000, freq="h", tz="UTC")
    assert zones.zone_of(times[:3], np.array([0, 60, 0])) is None
    assert zones.zone_of(times, np.arange(2000) % 2 * 3600) is None
