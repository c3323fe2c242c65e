"""Results as Markdown: tables, and parts of them in the pages that are written by hand."""

import json
import re
import statistics
from collections.abc import Mapping
from typing import Any

EXCERPT = re.compile(r"(<!-- result: (\w+) ([^\n]*) -->\n).*?(<!-- end -->)", flags=re.DOTALL)


def markdown(header, rows):
    """A Markdown table; columns of numbers are aligned to the right."""
    shown = [[figure(value) for value in row] for row in rows]
    numbers = [all(value in ("", None) or not isinstance(value, str) for value in column) for column in zip(*rows)]
    align = ["--:" if number else ":--" for number in numbers]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (header, align, *shown))


def figure(value):
    """A number as people read it: whole, or with four digits below 1, two below 100 and none above; text as it is."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:#.4g}" if abs(value) < 1 else f"{value:.2f}" if abs(value) < 100 else f"{value:,.0f}"


def whole_view(table):
    """The view of a table as it is, in the order that the row with the most columns has."""
    rows = sorted(table, key=len, reverse=True)
    return {"rows": list(dict.fromkeys(name for row in rows for name in row)), "values": []}


def view_table(table, view):
    """A Markdown table of a view, see `benchmarks/measuring.py`."""
    across, cells, heads = view.get("columns"), {}, {}
    for row in table:
        if view["values"] and not row.keys() & view["values"]:
            continue
        places = cells.setdefault(tuple(row.get(name) for name in view["rows"]), {})
        for name in view["values"]:
            if name in row:
                head = row[across] if across else name
                heads[head] = f"{across} {head:,}" if isinstance(head, int) else head
                places.setdefault(head, []).append(row[name])
    if all(isinstance(head, int) for head in heads):
        heads = dict(sorted(heads.items()))
    rows = [
        [*cut(key, view["rows"]), *(summary(places.get(head), view) for head in heads)] for key, places in cells.items()
    ]
    return markdown([*view["rows"], *heads.values()], rows)


def cut(values, names):
    """Values of columns, commands as code."""
    return [f"`{value}`" if name == "command" and value else value for name, value in zip(names, values)]


def summary(values, view):
    """A number, or the statistic of several, the least and the greatest."""
    if not values or len(values) == 1:
        return values[0] if values else None
    middle = getattr(statistics, view.get("statistic", "median"))(values)
    return f"{figure(middle)} ({figure(min(values))} to {figure(max(values))})"


def excerpt(result: Mapping[str, Any], view: Mapping[str, Any], page: str) -> str:
    """A part of a result, beside the command that made it.

    Args:
        result: see `benchmarks/measuring.py`.
        view: also has `where`, column -> value, or list of values, of the rows that are shown.
        page: address of the page that has all of it.
    """
    table = result["table"]
    for name, wanted in view.get("where", {}).items():
        table = [row for row in table if row.get(name) in (wanted if isinstance(wanted, list) else [wanted])]
    if not table:
        raise ValueError(f"{result['subject']} has no row where {view['where']}")
    return f"{view_table(table, view)}\n\n`{result['command']}`, [all of it]({page})\n"


def with_excerpts(text: str, results: Mapping[str, Mapping[str, Any]]) -> str:
    """The text of a page with fresh excerpts: each between `<!-- result: SUBJECT VIEW -->`, a view in JSON, and
    `<!-- end -->`."""

    def fresh(match):
        begin, subject, view, end = match.groups()
        return f"{begin}{excerpt(results[subject], json.loads(view), f'benchmarks/{subject}.md')}{end}"

    return EXCERPT.sub(fresh, text)
