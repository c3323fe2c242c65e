"""Files of series that something happened to: each is read as it is written, or refused with its line."""

import csv
import io
import os
import warnings

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from lstm_zoo.tasks.forecasting import frames
from lstm_zoo.tasks.forecasting.dates import MISSING, written

MUTATIONS = int(os.environ.get("LSTM_ZOO_MUTATIONS", 200))
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Africa/Cairo", "Australia/Lord_Howe", "Asia/Kolkata")
DAYS = ("D", "2D", "B", "W", "MS", "ME", "BME", "QS", "YE")
CLOCKS = ("h", "15min", "6h", "s", "1500ms", "7ms", "10us")
DAY_FORMS = ("%Y-%m-%d", "%Y/%m/%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d/%m/%y", "%d %b %Y", "%Y%m%d", "%G-W%V-%u")
CLOCK_FORMS = ("%Y-%m-%d %H:%M:%S.%f", "%d/%m/%Y %H:%M:%S.%f", "%m/%d/%Y %I:%M:%S.%f %p", "%d-%b-%Y %H:%M:%S.%f")
IDS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=6)


def read(path):
    """Series of a file, or the message of the error, and what was said in warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            series = frames.read(path)
        except ValueError as error:
            series = str(error)
    return series, " ".join(str(warning.message) for warning in caught)


@st.composite
def tables(draw):
    """Rows (id, stamp, y) of a few series with gaps, and id -> the times that were kept."""
    freq = draw(st.sampled_from(DAYS + CLOCKS))
    zone = draw(st.sampled_from((None, None, *ZONES)))
    start = draw(st.datetimes(pd.Timestamp("1971-01-01"), pd.Timestamp("2090-01-01"))).replace(microsecond=0)
    count = draw(st.integers(2, 80))
    if freq in DAYS:
        start = start.replace(hour=0, minute=0, second=0)
        times = pd.date_range(start, periods=count, freq=freq, unit="us")
        if zone:
            times = times.tz_localize(zone, ambiguous=np.ones(count, bool), nonexistent="shift_forward")
    else:
        times = pd.date_range(start, periods=count, freq=freq, tz="UTC", unit="us").tz_convert(zone)
    if zone:
        stamps = [time.isoformat(sep=draw(st.sampled_from("T "))) for time in times]
    else:
        form = draw(st.sampled_from(DAY_FORMS if freq in DAYS else CLOCK_FORMS))
        assume("%y" not in form or times[-1].year < 2069)  # from then on two digits are those of 1969
        stamps = times.strftime(form)
    kept = {}
    for name in draw(st.lists(IDS, min_size=1, max_size=3, unique=True)):
        gaps = draw(st.sets(st.integers(0, count - 1), max_size=count // 3))
        kept[name] = [place for place in range(count) if place not in gaps]
    rows = [(name, stamps[place], float(place)) for name, places in kept.items() for place in places]
    return draw(st.permutations(rows)) if len(rows) < 20 else rows, {
        name: times[places] for name, places in kept.items()
    }


@settings(max_examples=max(50, MUTATIONS // 4), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(table=tables())
def test_dates_come_back_or_are_refused(table, tmp_path_factory):
    rows, kept = table
    path = tmp_path_factory.getbasetemp() / "series.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("unique_id", "ds", "y"), *rows])
    series, said = read(path)
    if isinstance(series, str):
        assert ", line " in series or "ISO 8601 is expected" in series, series
        return
    assume("whose steps are regular" not in said)  # said, and of few rows the other reading may be meant
    found = {item.unique_id: item for item in series}
    assert found.keys() <= kept.keys()
    for name, times in kept.items():
        if name not in found:
            assert f"The series {name!r} is left out: " in said
            continue
        item = found[name]
        observed = item.ds[: len(item.y)][np.isfinite(item.y)]
        assert len(observed) == len(times)
        assert written(observed, item.form).tolist() == written(times, item.form).tolist() if item.form else True
        off = (observed.tz_convert("UTC") if observed.tz else observed) - (
            times.tz_convert("UTC") if times.tz else times
        )
        assert abs(off).max() < pd.Timedelta(1, "ms")


def base(random):
    """A file of three series."""
    count = int(random.integers(4, 30))
    freq = random.choice(["h", "D", "MS", "B"])
    times = pd.date_range("2026-01-30", periods=count, freq=freq).strftime("%Y-%m-%d %H:%M")
    names = random.choice(["a", "NA", "001", "1e5", "é", "x y"], 3, replace=False)
    parts = [
        pd.DataFrame({"unique_id": name, "ds": times, "y": random.normal(size=count).round(3), "wind": 1.5})
        for name in names
    ]
    return pd.concat(parts)


def mutated(random):
    """The bytes of a file to which one to three things happened."""
    table = base(random)
    if random.random() < 0.3:
        table = table.drop(columns=random.choice(table.columns))
    if random.random() < 0.3:
        table = table.sample(frac=random.choice([0.5, 1.0]), random_state=int(random.integers(99)))
    content = bytearray(table.to_csv(index=bool(random.random() < 0.2)).encode())
    for _ in range(random.integers(0, 4)):
        place = int(random.integers(len(content) or 1))
        kind = random.integers(4)
        if kind == 0 and content:
            content[place] = random.integers(256)
        elif kind == 1 and content:
            content[place] = ord(random.choice(list('0123456789-,;:." \n\tNaeT+_')))
        elif kind == 2:
            del content[place : place + int(random.integers(1, 9))]
        else:
            content[place:place] = content[: int(random.integers(1, 40))]
    if random.random() < 0.1:
        del content[int(random.integers(len(content) or 1)) :]
    return bytes(content)


def told(content):
    """id -> {time: value} by Python's own reader of CSV; None for what it does not read as such a table."""
    try:
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))
        values = {}
        for row in rows:
            cell = row["y"]
            value = np.nan if cell in MISSING else float(cell)
            values.setdefault(row.get("unique_id", "0"), {})[pd.Timestamp(row["ds"])] = value
    except (ValueError, KeyError, TypeError, csv.Error):
        return None
    return values


def test_files(tmp_path):
    path, compared = tmp_path / "series.csv", 0
    for number in range(MUTATIONS):
        content = mutated(np.random.default_rng(number))
        path.write_bytes(content)
        series, said = read(path)
        if isinstance(series, str):
            assert len(series) > 20
            continue
        expected = told(content)
        if expected is None or not isinstance(series[0].ds, pd.DatetimeIndex):
            continue
        compared += 1
        for item in series:
            observed = np.isfinite(item.y)
            values = dict(zip(item.ds[: len(item.y)][observed], item.y[observed]))
            cells = {time: value for time, value in expected[item.unique_id].items() if np.isfinite(value)}
            assert values == cells, f"mutation {number}"
        for name in expected.keys() - {item.unique_id for item in series}:
            assert f"The series {name!r} is left out" in said, f"mutation {number}"
    assert compared > MUTATIONS / 10
