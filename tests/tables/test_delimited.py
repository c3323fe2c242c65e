"""delimited.py: delimiters, quotes, and the line that is wrong."""

import csv
import io
import re

import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lstm_zoo.tables import delimited, files

CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
SPECIAL = st.text(st.sampled_from("ab ,;\t\"\n\r'|"), max_size=8)


def rows(content, **options):
    lines = files.lines(io.BytesIO(content.encode() if isinstance(content, str) else content), "x.csv")
    return [fields for _, fields in delimited.rows(lines, "x.csv", **options)]


def read_or_refused(content, **options):
    """The rows; None where they are refused with a line number."""
    try:
        return rows(content, **options)
    except ValueError as error:
        if re.search(r"line \d+|delimiter=", str(error)):
            return None
        raise


@st.composite
def frames(draw, cells=CELLS | SPECIAL, columns=1):
    width = draw(st.integers(columns, 4))
    titles = ["text", "label", "id", "other"][:width]
    table = draw(st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=6))
    return pd.DataFrame(table, columns=titles, dtype=object)


@settings(max_examples=300, deadline=None)
@given(
    frames(),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.booleans(),
)
def test_what_pandas_wrote_comes_back_or_is_refused_with_its_line(frame, delimiter, quoting, ending, index):
    # Python's writer puts no quotes around line breaks of other systems, which nobody can tell from the end of a line.
    others = {"\r", "\n"} - set(ending)
    assume(quoting != csv.QUOTE_MINIMAL or not frame.map(lambda cell: bool(others & set(cell))).any(axis=None))
    text = frame.to_csv(sep=delimiter, quoting=quoting, lineterminator=ending, index=index)
    tabs = delimiter == "\t"
    found = read_or_refused(text, tabs=tabs, delimiter=delimiter if len(frame.columns) + index == 1 else None)
    if found is None:
        return
    titles, *found = found
    assert titles == ["", *frame.columns] if index else titles == [*frame.columns]
    expected = [[str(number), *row] if index else row for number, row in enumerate(frame.to_numpy().tolist())]
    assert found == expected


@settings(max_examples=200, deadline=None)
@given(
    frames(st.text(st.sampled_from('ab ,;\t"\n'), min_size=1, max_size=8), columns=2),
    st.sampled_from([",", "\t"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_NONE]),
)
def test_other_dialects_are_read_right_or_refused(frame, delimiter, quoting):
    # Quotes that a backslash escapes; without backslashes in the texts, and more than one column. Nobody can tell
    # `"\\"` from a backslash in quotes, which such a field holds beside a delimiter or a line break.
    assume(not frame.map(lambda cell: '"' in cell and bool(set(cell) & {delimiter, "\n"})).any(axis=None))
    # Nor whether a backslash at the end of a line escapes the line break.
    assume(quoting != csv.QUOTE_NONE or not frame.map(lambda cell: "\n" in cell).any(axis=None))
    text = frame.to_csv(sep=delimiter, quoting=quoting, doublequote=False, escapechar="\\", index=False)
    found = read_or_refused(text, tabs=delimiter == "\t", delimiter=delimiter)
    if found is None:
        return
    del found[0]
    assert found == frame.to_numpy().tolist()


def test_a_single_column_is_refused_no_comma():
    assert rows("text\nGood.\nBad.\n") == [["text"], ["Good."], ["Bad."]]
    with pytest.raises(ValueError, match=r"x.csv, line 2: 1 fields are expected.* Received 2: \['Good', ' really'\]"):
        rows("text\nGood, really\n")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('"He said ""hi"""\tx', ['He said "hi"', "x"]),
        ('"Hi," he said\tx', ['"Hi," he said', "x"]),
        ('5" screen\tx', ['5" screen', "x"]),
        ('"a"b\tx', ['"a"b', "x"]),
        ('"a\nb"\tx', ["a\nb", "x"]),
        ('"a\tb"\tx', ["a\tb", "x"]),
    ],
)
def test_quotes_of_a_tsv(content, expected):
    assert rows(f"text\tlabel\n{content}\n", tabs=True) == [["text", "label"], expected]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("text,label\nI liked it, really,positive\n", "line 2: 2 fields are expected, .* Received 3"),
        ("text,label\na,b\nc\n", r"line 3: 2 fields are expected, .* Received 1: \['c'\]"),
        ('text,label\n"a,b\nc,d\n', "line 2: its quote is never closed"),
        ('text,label\n"a"b,c\n', "line 2: ',' expected after '\"'"),
        ('text,label\n"a \\"b\\"",c\n', "line 2: .* A quote within a field .* is doubled"),
        ('text,label\na \\"b\\",c\n', "line 2: a backslash stands before a quote"),
        ('text\tlabel\n"Great film\tpositive\nDull\tnegative\n', "line 2: its quote is never closed"),
        ('text\tlabel\n"A ""b" c\tpositive\n', "line 2: '\t' expected after"),
        (
            'text\tlabel\n"Great\tpositive\nDull\tnegative\nA 50"\tpositive\n',
            "line 2: a quote opens a field that goes on to line 4, but each of these lines has 2 fields too",
        ),
        ("text,label;id\na,b;c\n", "',' and ';' can be what separates the fields. delimiter=',' says which"),
    ],
)
def test_the_line_that_is_wrong(content, message):
    with pytest.raises(ValueError, match=f"x.csv(, |: ){message}"):
        rows(content)


def test_of_two_delimiters_the_one_that_cuts_all_lines_alike():
    assert rows("text;label, of it\na, b, c;d\ne;f\n")[0] == ["text", "label, of it"]
    assert rows('"text, and more";label\na;b\n')[1] == ["a", "b"]
    assert rows("a\tb,c\n1\t2\n", tabs=True)[1] == ["1", "2"]
    assert rows("a|b\n1|2\n", delimiter="|")[1] == ["1", "2"]
    assert (
        rows("a, b\tc\n1\t2\n", delimiter="tab")
        == rows("a, b\tc\n1\t2\n", delimiter="\\t")
        == [["a, b", "c"], ["1", "2"]]
    )
    with pytest.raises(ValueError, match="delimiter is one character"):
        rows("a,b\n", delimiter="::")


def test_excel_says_its_delimiter_and_r_gives_rows_names():
    assert rows("sep=;\ntext;label, of it\na;b\n") == [["text", "label, of it"], ["a", "b"]]
    with pytest.raises(ValueError, match="Or the first field, a name of the row, has no title"):
        rows('"text","label"\n"1","a","b"\n')


def test_long_fields_and_blank_lines():
    assert rows("a,b\n\n" + "x" * 200_000 + ',"' + "y" * 200_000 + '"\n\n\n')[1] == ["x" * 200_000, "y" * 200_000]
