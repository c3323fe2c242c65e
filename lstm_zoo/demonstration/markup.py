"""Pieces of HTML that answers are made of; what comes from users is escaped here and nowhere else."""

import base64
import pathlib
import tempfile
from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import Any

ROLES = {"error": "alert", "warning": "note"}


def paragraph(text: str, kind: str = "text") -> str:
    """A paragraph, whose line breaks stay: "text", "error" or "warning"."""
    role = f' role="{ROLES[kind]}"' if kind in ROLES else ""
    return f'<p class="{kind}"{role}>{escape(text)}</p>'


def weighed_words(words: Sequence[tuple[str, float]]) -> str:
    """Words, purple where they weigh more than 0 and orange below, the darker the more, which people tell apart who see
    no red or green."""
    from lstm_zoo.inspection.pictures import NEGATIVE, POSITIVE, STRENGTH

    most = max((abs(weight) for _, weight in words), default=0) or 1
    purple, orange = (" ".join(map(str, colour)) for colour in (POSITIVE, NEGATIVE))
    spans = (
        f'<span style="background: rgb({purple if weight > 0 else orange} / {STRENGTH * abs(weight) / most:.2f})">'
        f"{escape(word)}</span>"
        for word, weight in words
    )
    return f'<p class="words">{" ".join(spans)}</p>'


def table(caption: str, titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table, whose first column names its rows; on a narrow screen it can be moved."""
    head = "".join(f'<th scope="col">{escape(title)}</th>' for title in titles)
    body = "".join(_row(*row) for row in rows)
    head, body = f"<thead><tr>{head}</tr></thead>", f"<tbody>{body}</tbody>"
    return wide(f"<table><caption>{escape(caption)}</caption>{head}{body}</table>", caption)


def _row(first, *rest):
    cells = "".join(f"<td>{escape(cell(value))}</td>" for value in rest)
    return f'<tr><th scope="row">{escape(cell(first))}</th>{cells}</tr>'


def folded(title: str, html: str) -> str:
    """What is seen once its title is pressed."""
    return f"<details><summary>{escape(title)}</summary>{html}</details>"


def cell(value: Any) -> str:
    """What stands in a cell: a number in four digits, nothing for None."""
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def picture(told: str, draw: Callable[[pathlib.Path], Any]) -> str:
    """A picture within the page, which loads nothing, no wider than the screen.

    Args:
        told: what is seen, for those who do not see it.
        draw: (path) -> writes it, a PNG.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "picture.png"
        draw(path)
        image = base64.b64encode(path.read_bytes()).decode()
    return f'<img alt="{escape(told)}" src="data:image/png;base64,{image}">'


def frame(title: str, page: str) -> str:
    """A whole page within the page, whose scripts reach nothing outside of it."""
    return f'<iframe title="{escape(title)}" sandbox="allow-scripts" srcdoc="{escape(page)}"></iframe>'


def wide(html: str, told: str) -> str:
    """HTML that may be wider than the screen, and is moved by finger, or by keyboard, which stops there."""
    return f'<div class="wide" role="group" tabindex="0" aria-label="{escape(told)}">{html}</div>'
