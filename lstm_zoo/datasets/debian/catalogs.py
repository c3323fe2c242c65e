"""Catalogues of gettext, in which programs keep their texts and their translations."""

import io
import re
from collections.abc import Iterator

from lstm_zoo.optional import need

MARKS = re.compile(r"[%$<>{}\[\]\\_|#*=@~^]|&\w+;")  # of formats and of mark-up: what a program fills in, or draws


def pairs_of(catalogue: bytes) -> Iterator[tuple[str, str]]:
    """Pairs (text, translation) of the lines of a compiled catalogue that are plain text, in its order.

    Raises:
        ImportError: the extra `debian` is not installed.
    """
    read = need("babel.messages.mofile", "debian").read_mo
    for message in read(io.BytesIO(catalogue)):
        # Of plural forms the first: the others hardly differ.
        forms = (side if isinstance(side, str) else side[0] for side in (message.id, message.string))
        lines, others = (form.strip().splitlines() for form in forms)
        if len(lines) != len(others):
            continue
        for line, other in zip(lines, others):
            pair = tuple(" ".join(side.split()) for side in (line, other))
            if all(pair) and pair[0] != pair[1] and not MARKS.search("".join(pair)):
                yield pair
