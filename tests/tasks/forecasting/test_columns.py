"""columns.py: which columns a table has, and their numbers."""

import re

import pandas as pd
import pytest
from tasks.forecasting.series import frame

from lstm_zoo.tasks.forecasting import columns, frames


@pytest.mark.parametrize(
    ("others", "hint"),
    [
        ({}, "Received: unique_id, ds, y.$"),
        ({"wind": 1}, "Received: unique_id, ds, y, wind.$"),
        ({"prices": 1, "wind": 1}, "named: columns={'price': 'prices'}.$"),
    ],
)
def test_a_covariate_that_is_missing(others, hint):
    with pytest.raises(ValueError, match=f"The table lacks the column price. .*{hint}"):
        frames.read(frame(**others), covariates=["price"])


@pytest.mark.parametrize(
    ("titles", "hint"),
    [
        (["when", "a", "b"], "columns={'ds': 'when'}.$"),
        (["ds"], "columns={'y': '...'}.$"),
        (["unique_id", "ds", "a", "b"], "columns={'y': 'a'}.$"),
        (["unique_id", "y"], "columns={'ds': '...'}.$"),
    ],
)
def test_a_table_without_times_or_values(titles, hint):
    with pytest.raises(ValueError, match=f"lacks the column .*{hint}"):
        frames.read(pd.DataFrame([range(len(titles))], columns=titles))


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        (["1.037", "987", "-12.500", "NA", ""], "1.037"),
        (["987", "12"], None),
        (["1.037", "0.512"], None),
        (["1.037", "1.5"], None),
        (["1.037", 5], None),
    ],
)
def test_numbers_whose_points_may_stand_between_thousands(cells, found):
    assert columns.like_thousands(pd.Series(cells, dtype=object)) == found


@pytest.mark.parametrize(("mark", "delimiter", "said"), [(";", None, True), (";", ";", True), (",", None, False)])
def test_they_are_said_where_a_comma_may_be_decimal(tmp_path, recwarn, mark, delimiter, said):
    path = tmp_path / "series.csv"
    path.write_text("ds,y\n01.01.2026,1.037\n02.01.2026,987\n".replace(",", mark))
    (item,) = frames.read(path, delimiter=delimiter)
    assert item.y.tolist() == [1.037, 987]
    messages = [str(warning.message) for warning in recwarn]
    assert ["read as a decimal one: '1.037' is 1.037" in message for message in messages] == [True] * said


def test_a_decimal_comma_is_told_what_is_expected(tmp_path):
    path = tmp_path / "series.csv"
    path.write_text("ds;y\n2026-01-01;0,5\n2026-01-02;1,5\n")
    with pytest.raises(
        ValueError, match="Received: '0,5'. A decimal point is expected, and nothing between thousands"
    ) as told:
        frames.read(path)
    [cure] = re.findall("pd.read_csv.*[)]", str(told.value))
    (series,) = frames.read(eval(cure, {"pd": pd, "path": path}))
    assert series.y.tolist() == [0.5, 1.5]
