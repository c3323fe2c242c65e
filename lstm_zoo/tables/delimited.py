"""CSV and TSV: rows of as many fields as the line of titles has, each with the line that it begins at.

One rule for quotes, that of RFC 4180: a field that begins with a quote ends with one, and quotes in it are doubled. In
a TSV, whose writers often know no quotes, a field like `"Hi," he said` is read as it stands: its quotes come in pairs,
none is doubled, and the line alone has the right number of fields, two or more. Where two readings hold, the row is
refused.
"""

import collections
import csv
import itertools
import re
from collections.abc import Iterable, Iterator

DELIMITERS = ",;\t"
MAX_RECORD = 2**24  # characters of a row; beyond, a quote was never closed
PREVIEW = 20  # lines that a delimiter is recognized by

Line = tuple[int, str]  # its number, from 1, and its text with the line break


def rows(lines: Iterable[Line], name: str, delimiter: str | None = None, tabs: bool = False) -> Iterator:
    """Pairs (line number, fields), the line of titles first. Blank lines are no rows.

    Args:
        lines: of the file.
        name: of the file, for messages.
        delimiter: one character, or "tab"; None: `,`, `;` or tab, by the line of titles.
        tabs: whether the file's name says that it is tab.

    Raises:
        ValueError: a row of another number of fields than the titles, a quote that is never closed or stands wrong, a
            row that can be read in two ways; the message names the line. A delimiter that cannot be recognized.

    Example:

    >>> list(rows([(1, "text;label\\n"), (2, '"Good; really";positive\\n')], "reviews.csv"))
    [(1, ['text', 'label']), (2, ['Good; really', 'positive'])]
    """
    delimiter = {"\\t": "\t", "tab": "\t"}.get(delimiter, delimiter)  # as people type it in a shell
    if delimiter is not None and (not isinstance(delimiter, str) or len(delimiter) != 1 or delimiter in '"\r\n'):
        raise ValueError(f"delimiter is one character, like ',' or ';'. Received: {delimiter!r}")
    lines = iter(lines)
    first = list(itertools.islice(lines, PREVIEW))
    if first and (told := re.fullmatch('"?sep=(.)"?\\s*', first[0][1])):  # as Excel writes and reads it
        delimiter = delimiter or told[1]
        del first[0]
    delimiter = delimiter or _recognized(first, name, "\t" if tabs else None)
    csv.field_size_limit(max(MAX_RECORD, csv.field_size_limit()))  # of Python 131,072: less than a long text
    reader = _Reader(itertools.chain(first, lines), name, delimiter)
    return iter(reader.record, None)


def _recognized(lines, name, usual):
    """The delimiter of a file by its first lines: that of the titles, of several the one that cuts all lines alike."""
    text = [line for _, line in lines]
    titles = re.sub('"[^"]*"', "", next((line for line in text if line.strip()), ""))
    found = [delimiter for delimiter in DELIMITERS if delimiter in titles]
    if usual in found or not found:
        return usual or ","
    if len(found) > 1:
        found = [delimiter for delimiter in found if _cuts_alike(text, delimiter)] or found
    if len(found) > 1:
        choice = " and ".join(map(repr, found))
        raise ValueError(f"{name}: {choice} can be what separates the fields. delimiter={found[0]!r} says which.")
    return found[0]


def _cuts_alike(lines, delimiter):
    widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
    return len(set(widths[:-1] if len(lines) == PREVIEW else widths)) == 1  # the last one may go on


class _Reader:
    """Records of lines, which can be given back."""

    def __init__(self, lines, name, delimiter):
        self.lines, self.name, self.delimiter = lines, name, delimiter
        self.returned = collections.deque()
        self.width = None  # fields of the titles

    def line(self):
        return self.returned.popleft() if self.returned else next(self.lines, None)

    def record(self):
        """The next pair (line number, fields); None at the end."""
        line = self.line()
        while line is not None and not line[1].strip("\r\n"):
            line = self.line()
        if line is None:
            return None
        number, text = line
        fields = self.quoted(line) if '"' in text else self.raw(text)
        self.width = self.width or len(fields)
        if len(fields) != self.width:
            more = " Or the first field, a name of the row, has no title." if len(fields) == self.width + 1 else ""
            raise ValueError(
                f"{self.name}, line {number}: {self.width} fields are expected, as in the line of titles. Received "
                f"{len(fields)}: {fields!r:.160} A field with {self.delimiter!r} in it stands in quotes.{more}"
            )
        return number, fields

    def raw(self, text):
        return text.rstrip("\r\n").split(self.delimiter)

    def quoted(self, line):
        """Fields of a record that has quotes, which can go on in further lines."""
        (number, text), consumed = line, []

        def feed():
            yield text
            size = len(text)
            while size <= MAX_RECORD and (more := self.line()) is not None:
                consumed.append(more)
                size += len(more[1])
                yield more[1]

        try:
            fields, reason = next(csv.reader(feed(), delimiter=self.delimiter, strict=True)), ""
        except csv.Error as error:
            fields, reason = None, str(error)
        wrong = fields is None or len(fields) != (self.width or len(fields))
        alone = self.raw(text)
        if wrong and self.delimiter == "\t" and 1 < len(alone) == (self.width or len(alone)) and _paired(alone):
            self.returned.extendleft(reversed(consumed))
            fields, consumed = [_unquoted(field) for field in alone], []
        if fields is None:
            reason = "its quote is never closed" if "end of data" in reason or consumed else reason
            raise ValueError(
                f"{self.name}, line {number}: {reason}. A quote within a field that stands in quotes is doubled. "
                f"Received: {text!r:.160}"
            )
        whole = text + "".join(more for _, more in consumed)
        if '\\"' in whole and _has_escaped_quote(whole, self.delimiter):
            raise ValueError(
                f"{self.name}, line {number}: a backslash stands before a quote. A quote within a field is doubled, in "
                f"a field that stands in quotes. Received: {whole!r:.160}"
            )
        if consumed and self.width and all(len(self.raw(more)) == self.width > 1 for _, more in [line, *consumed]):
            raise ValueError(
                f"{self.name}, line {number}: a quote opens a field that goes on to line {consumed[-1][0]}, but each "
                f"of these lines has {self.width} fields too. A quote that belongs to a text is doubled, in a field "
                f"that stands in quotes. Received: {text!r:.160}"
            )
        return fields


def _paired(fields):
    """Whether every field that begins with a quote is one by the rule, or has its quotes in pairs, none doubled."""
    opened = [field for field in fields if field.startswith('"') and _unquoted(field) == field]
    return all(field.count('"') % 2 == 0 and '""' not in field for field in opened)


def _unquoted(field):
    """A field of a TSV: without the quotes around it where they are the rule's, else as it stands."""
    return field[1:-1].replace('""', '"') if re.fullmatch('"(?:[^"]|"")*"', field) else field


def _has_escaped_quote(text, delimiter):
    """Whether a backslash stands before a quote outside of fields in quotes, as other dialects escape one."""
    field = rf'("(?:[^"]|"")*")?([^{re.escape(delimiter)}]*)'
    return any('\\"' in match[2] for match in re.finditer(field, text))
