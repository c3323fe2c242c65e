"""A hundred everyday sentences, German and English, and what can be told of an answer without a judge.

`everyday.tsv` was written for this benchmark, out of the head and on both sides, before the training of what it checks:
what somebody types who tries a translator, of 3 to 20 words, thirty with names and thirty with numbers. It is never
changed, since sentences that are chosen by their answers measure nothing; a test holds its SHA-256. No sentence of it
is trained on.

`judged.tsv` has what was judged of the answers: `model`, `direction`, `number` of the sentence from 1, `answer`, and
`understandable`. It is 1 if a reader who knows the language of the answer alone learns from it what the sentence says:
who does what, to whom, when and where, with every name and number, and whether it is asked, asked for or denied. Slips
of grammar, unusual words and another form of address do not count. It is 0 if a part of that is missing, wrong or made
up, or cannot be told without the source. Who judges sees the sentence and the answer, and neither the reference nor the
name of the model. An answer that changes is to be judged again; the same answer of another model is not.
"""

import csv
import pathlib
import re
from collections.abc import Mapping, Sequence

from lstm_zoo.tasks.translation.names import Pair

FOLDER = pathlib.Path(__file__).parent
SENTENCES, JUDGED = FOLDER / "everyday.tsv", FOLDER / "judged.tsv"
LONGEST_RUN, TIMES = 8, 3  # words, and how often they make a loop
TOKEN = re.compile(r"[^\W_]+(?:[:.,-][^\W_]+)*")  # with what stands within: 17:45, 1.200, Baden-Baden


def rows_of(path: pathlib.Path) -> list[dict[str, str]]:
    """Rows of a TSV file with titles."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def pairs_of(path: pathlib.Path, source: str, target: str) -> list[Pair]:
    """Pairs (sentence, translation) of a TSV file with a column a language.

    Raises:
        ValueError: a language without a column.

    Example:

    >>> pairs_of(SENTENCES, "de", "en")[0]
    ('Die Kinder spielen draußen, obwohl es schneit.', 'The children are playing outside although it is snowing.')
    """
    rows = rows_of(path)
    if not rows or not {source, target} <= rows[0].keys():
        titles = ", ".join(rows[0]) if rows else "no rows"
        raise ValueError(f"{path} needs rows with the columns {source} and {target}. Received: {titles}")
    return [(row[source], row[target]) for row in rows]


def tokens(text: str) -> list[str]:
    """Words and numbers of a text, without the punctuation around them.

    Example:

    >>> tokens("Um 17:45, am 3. Mai!")
    ['Um', '17:45', 'am', '3', 'Mai']
    """
    return TOKEN.findall(text)


def kept_tokens(pairs: Sequence[Pair]) -> list[list[str]]:
    """For each pair the tokens that a translation has to keep: numbers and names that stand on both sides.

    A number has a digit. A name begins with a capital letter, and nowhere in the pairs with a small one: "In" begins
    sentences in German and in English.

    Example:

    >>> kept_tokens([("In Rom war Anna 3 Tage.", "In Rome, Anna stayed for 3 days."), ("Sie ist in Rom.", "She is.")])
    [['Anna', '3'], []]
    """
    sides = [[tokens(side) for side in pair] for pair in pairs]
    small = {token for pair in sides for side in pair for token in side if token[0].islower()}

    def is_kept(token):
        return any(map(str.isdigit, token)) or (token[0].isupper() and token.lower() not in small)

    return [
        [token for token in dict.fromkeys(source) if token in target and is_kept(token)] for source, target in sides
    ]


def share_kept(kept: Sequence[Sequence[str]], answers: Sequence[str]) -> float | None:
    """Share of the tokens of `kept_tokens` that the answers have; None where there are none to keep.

    Example:

    >>> share_kept([["Anna", "3"], []], ["Anna stayed for 13 days.", "She is."])
    0.5
    """
    found = [token in tokens(answer) for names, answer in zip(kept, answers) for token in names]
    return sum(found) / len(found) if found else None


def repeats(text: str) -> bool:
    """Whether some run of 1 to 8 words stands three times or more in a row, whatever the case and the punctuation.

    Example:

    >>> repeats("A dog, a dog, a dog."), repeats("A dog and a dog and a cat.")
    (True, False)
    """
    words = re.findall(r"\w+", text.casefold())
    return any(
        words[start : start + length] * TIMES == words[start : start + length * TIMES]
        for length in range(1, LONGEST_RUN + 1)
        for start in range(len(words) - length * TIMES + 1)
    )


def loops(source: str, answer: str) -> bool:
    """Whether an answer repeats itself where the sentence does not.

    Example:

    >>> loops("Ein Hund.", "A dog dog dog."), loops("Nein, nein, nein!", "No, no, no!")
    (True, False)
    """
    return repeats(answer) and not repeats(source)


def judgements(path: pathlib.Path) -> dict[tuple[str, int, str], bool]:
    """(Direction, number of the sentence, answer) -> whether the answer is understandable, of a file like `JUDGED`.

    Raises:
        ValueError: a judgement other than 0 or 1; two that contradict each other.
    """
    judged = {}
    for line, row in enumerate(rows_of(path), 2):
        key = row["direction"], int(row["number"]), row["answer"]
        if (said := row["understandable"]) not in ("0", "1"):
            raise ValueError(f"{path}:{line}: understandable is 0 or 1. Received: {said!r}")
        if judged.setdefault(key, said == "1") != (said == "1"):
            raise ValueError(f"{path}:{line}: the same answer was judged otherwise before: {row['answer']!r}")
    return judged


def judged_of(judged: Mapping[tuple[str, int, str], bool], direction: str, answers: Sequence[str]) -> list[bool | None]:
    """Of the answers to all sentences, in their order, whether each is understandable; None: not judged.

    Example:

    >>> judged_of({("de-en", 2, "I am cold."): True}, "de-en", ["The children play.", "I am cold."])
    [None, True]
    """
    return [judged.get((direction, number, answer)) for number, answer in enumerate(answers, 1)]
