"""Help pages in Mallard (http://projectmallard.org) and their translations, which have the same structure."""

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator

BLOCKS = {"title", "desc", "p", "cite"}  # what holds running text
GAP = re.compile(r" [.,;:)]|\( ")  # where a link had no text: what it names is not in the page
NOT_OF_BOTH = {"credit", "license", "link", "revision"}  # translators are named in translations alone


def pairs_of(page: bytes, translated: bytes) -> Iterator[tuple[str, str]]:
    """Pairs (block of a page, the same of its translation), in their order; none where the two are built otherwise.

    Example:

    >>> list(pairs_of(b"<page><title>Set the clock</title></page>", "<page><title>Uhr stellen</title></page>".encode()))
    [('Set the clock', 'Uhr stellen')]
    """
    sides = [list(_blocks(ElementTree.fromstring(side))) for side in (page, translated)]
    if [tag for tag, _ in sides[0]] == [tag for tag, _ in sides[1]]:
        pairs = [(text, other) for (_, text), (_, other) in zip(*sides)]
        yield from (pair for pair in pairs if all(pair) and pair[0] != pair[1] and not GAP.search(" ".join(pair)))


def _blocks(element):
    tag = element.tag.rpartition("}")[2] if isinstance(element.tag, str) else None  # a comment has a function
    if tag is None or tag in NOT_OF_BOTH:
        return
    if tag in BLOCKS:
        yield tag, " ".join("".join(element.itertext()).split())
        return
    for inner in element:
        yield from _blocks(inner)
