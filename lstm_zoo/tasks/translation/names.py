"""Names and numbers: what stands on both sides of a pair, and pairs with others in its place, which teach to copy."""

import random
import re
from collections.abc import Sequence

Pair = tuple[str, str]  # a sentence and its translation

WORD = re.compile(r"[^\W_][\w'’-]*")
NUMBER = re.compile(r"\d+")


def kept(pair: Pair) -> list[str]:
    """The capitalised words and the numbers of a sentence that its translation has too, in their order.

    Example:

    >>> kept(("Am 3. Mai fährt Anna nach Rotterdam.", "On May 3 Anna goes to Rotterdam."))
    ['3', 'Anna', 'Rotterdam']
    """
    there = set(WORD.findall(pair[1]))
    words = (word for word in WORD.findall(pair[0]) if word[0].isupper() or word[0].isdigit())
    return [word for word in dict.fromkeys(words) if word in there]


def renamed(pairs: Sequence[Pair], seed: int = 0) -> list[Pair]:
    """The pairs that have names or numbers on both sides, with others in their place.

    A name is a word of three letters and more that begins with a capital letter on both sides, and that the
    translations nowhere have in lower case. Another begins as one name of the pairs does and ends as another; another
    number has as many digits, and a 0 before them where it had one.

    Args:
        pairs: pairs (sentence, translation).
        seed: of what is put there.

    Example:

    >>> renamed([("Anna hat 12 Katzen.", "Anna has 12 cats."), ("Er schläft.", "He sleeps.")])
    [('Anna hat 14 Katzen.', 'Anna has 14 cats.')]
    """
    draw = random.Random(seed)
    in_lower_case = {word for _, translation in pairs for word in WORD.findall(translation) if word.islower()}
    found = [[word for word in kept(pair) if _is_name(word, in_lower_case) or NUMBER.fullmatch(word)] for pair in pairs]
    names = list(dict.fromkeys(word for words in found for word in words if not NUMBER.fullmatch(word)))

    def other(word):
        if NUMBER.fullmatch(word):
            first = "0" if word[0] == "0" else str(draw.randint(1, 9))
            return first + "".join(str(draw.randint(0, 9)) for _ in word[1:])
        first, last = draw.choice(names), draw.choice(names)
        return first[: (len(first) + 1) // 2] + last[len(last) // 2 :].lower()

    return [_replaced(pair, {word: other(word) for word in words}) for pair, words in zip(pairs, found) if words]


def _is_name(word, in_lower_case):
    return len(word) > 2 and word[0].isupper() and word.lower() not in in_lower_case


def _replaced(pair, others):
    return tuple(WORD.sub(lambda match: others.get(match[0], match[0]), text) for text in pair)
