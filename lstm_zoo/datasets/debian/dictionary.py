"""Ding's dictionary German-English (Frank Richter, TU Chemnitz): words, phrases and sentences.

A line is an entry, `German :: English`. Both sides have as many fields between bars, which are translations of each
other, like singular and plural; a field has alternatives between semicolons, of like meaning.
"""

import re
from collections.abc import Iterator

# What a dictionary says of words: {grammar}, [domain], (what is meant), <another spelling>, /an abbreviation/.
NOTES = re.compile(r"\{[^{}]*\}|\[[^\[\]]*\]|\([^()]*\)|<[^<>]*>|(?<!\S)/[^/]*/(?!\S)")
SHORT_FORMS = {
    r"\betw\.": "etwas",
    r"\bjdm\.": "jemandem",
    r"\bjdn\.": "jemanden",
    r"\bjds\.": "jemandes",
    r"\bjd\.": "jemand",
    r"\bsth\.": "something",
    r"\bsb\.": "somebody",
}
# Names of species, minerals and compounds, one word each: a tenth of the entries, and of little use in a sentence.
NAMES = re.compile(r"\[(bot|zool|ornith|ichth|entom|min|chem|biochem|mycol|geol)\.?\]|\((zoological|botan)")
LEFT_OVER = re.compile(r"[/{}\[\]()<>|;+_=~]|\.\.\.|…|\s-|-\s")


def pairs_of(text: str) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Of each entry its key, which is its German first word or phrase, and its pairs (German, English).

    Of a field's alternatives the first of both sides are a pair, the second, and so on; of a single word the first
    alone. Fields that hold anything but plain text without their notes are left out.

    Example:

    >>> entry = "Haus {n}; Heim {n} | Häuser {pl} | jdm. ein Haus zeigen :: house; home | houses | to show sb. a house"
    >>> list(pairs_of(entry))
    [('Haus', [('Haus', 'house'), ('Häuser', 'houses'), ('jemandem ein Haus zeigen', 'to show somebody a house')])]
    """
    for line in text.splitlines():
        german, bar, english = line.partition(" :: ")
        if line.startswith("#") or not bar:
            continue
        sides = ([_alternatives(field) for field in side.split("|")] for side in (german, english))
        pairs = []
        for of_german, of_english in zip(*sides):
            pairs.extend(
                pair
                for number, pair in enumerate(zip(of_german, of_english))
                if all(pair) and (number == 0 or len(pair[0].split()) > 2) and not _is_name(pair, german)
            )
        if pairs:
            yield pairs[0][0], pairs


def _alternatives(field):
    """The alternatives of a field without their notes; an empty one for what is not plain."""
    plain = NOTES.sub(" ", NOTES.sub(" ", field))  # a note may stand within another
    for short, whole in SHORT_FORMS.items():
        plain = re.sub(short, whole, plain)
    texts = (" ".join(text.split()) for text in plain.split(";"))
    return ["" if LEFT_OVER.search(text) else re.sub(r" ([.,!?:])", r"\1", text) for text in texts]


def _is_name(pair, entry):
    return len(pair[0].split()) == 1 and NAMES.search(entry) is not None
