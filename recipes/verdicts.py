"""Verdicts in everyday words, on products, services and places, and contrasts: what reviews of films do not teach.

Those of `sentences` are drawn by rule. Those of `pairs` were written for this purpose, one by one: recipes/contrasts/
has files whose lines are a label, a tab and a sentence, two of which have the same form and opposite words. What people
say of single words, and a rule that sums it up, are VADER's (Hutto and Gilbert 2014,
https://doi.org/10.1609/icwsm.v8i1.14550): `valences`, `rated`.
"""

import csv
import functools
import pathlib
import re

import numpy as np

from lstm_zoo.optional import need
from lstm_zoo.tasks.sentiment import CLASSES
from recipes.contrast import listed

FOLDER = pathlib.Path(__file__).with_name("contrasts")
BLOCK, HELD_OUT = 20, 10  # written sentences in a row, which may be alike; one of so many blocks is held out
DRAWS, WHOLE_DRAWS, VALENCES = 8_000, 4_000, 12_000  # sentences of a label, whole sentences of one, and of single words
PARTS, PART_WORDS = 3, (3, 35)  # sentences of a review that are rated, and the words that one has
# Log-odds that a sentence is positive: so many times what VADER says of it, -1 to 1, beside the log-odds of a network;
# or so many times, and so many for or against, as its review is.
BESIDE, RATING, REVIEW = 4.0, 5.0, 2.5
LEAST_VALENCE = 0.8  # of -4 to 4 that people gave a word
SLOPE = 1.2  # from a valence to log-odds
FRAMES = """
    the {thing} {verdict}. | this {thing} {verdict}. | it {verdict}. | the {thing} {verdict} | and the {thing}
    {verdict} . | my {thing} {verdict}, and it {verdict}. | the {thing} {verdict} and the {thing} {verdict}.
"""
WORD_FRAMES = """
    {word}. | {word} | it is {word}. | the {thing} : {word}. | a {word} {thing}. | the {thing} was so {word}. | I
    found it {word}.
"""
THINGS = """
    battery | screen | sound | picture | quality | price | keyboard | menu | manual | software | service | support |
    delivery | food | room | staff | location | bed | coffee | design | size | weight | cable | lens | zoom | radio
    | handle | display | remote | player | phone | camera | laptop | printer | car | bike | app | website | update |
    interface | button | box | case | bag | shirt | jacket | watch | lamp | chair | table | knife | pan | vacuum |
    router | speaker | headset | charger | product | item | model | version | device | machine | tool
"""
POSITIVE = """
    works great | works perfectly | works like a charm | works as advertised | works right out of the box | works
    every time | just works | is easy to use | is simple to set up | is easy to install | was up and running in
    minutes | is very intuitive | is well made | is built to last | feels solid | is sturdy | is durable | is worth
    every penny | is worth the money | is a great value | is a bargain | is well worth the price | costs less than
    the others | is cheaper than the rest and better | is affordable | lasts all day | lasts very long | holds a
    charge for days | charges fast | is fast and reliable | is quick | is responsive | is crystal clear | is bright
    and sharp | is crisp | is loud and clear | sounds great | looks great | looks fantastic | is light and compact |
    is small enough for a pocket | fits in my pocket | fits perfectly | does everything I need | does what it says |
    does the job | does exactly what I want | exceeded my expectations | is better than I expected | is the best I
    have owned | is the best on the market | has every feature I want | has plenty of room | has a nice feel | is a
    joy to use | is a pleasure to use | is a breeze | made my life easier | saved me a lot of time | arrived early |
    arrived on time | arrived in perfect condition | was delivered quickly | was friendly and helpful | answered at
    once | solved my problem | was clean and quiet | was delicious | was fresh and hot | is top notch | is second to
    none | never let me down | has never failed | has had no problems | gives no trouble | has not given me any
    trouble | runs without a hitch | is a must have | is highly recommended | is a winner | is a great buy | is
    perfect for travel | is a big improvement | beats all the others
"""
NEGATIVE = """
    does not work | doesn't work | stopped working after a week | quit working | died after two months | broke after
    a month | broke the first day | is broken | is defective | arrived damaged | arrived late | never arrived | was
    sent to the wrong address | froze | freezes all the time | crashes | keeps crashing | locks up | will not turn
    on | won't start | won't play | refuses to connect | fails to read my files | failed | has failed twice | is
    hard to use | is difficult to set up | is confusing | is not intuitive | is poorly made | is badly designed |
    feels cheap | is flimsy | is made of cheap plastic | is fragile | fell apart | is a waste of money | is not
    worth the money | is overpriced | costs too much | is too expensive | does not last | drains in two hours | has
    to be charged all the time | won't hold a charge | takes forever | is slow | is sluggish | is too slow | is
    blurry | is grainy | is dim | is hard to read | is noisy | sounds tinny | is too quiet | crackles | is heavy |
    is too big | is bulky | does not fit | is missing features | lacks a switch | has no manual | does not support
    my files | is useless | is a joke | is a lemon | is a pain | is a hassle | was a nightmare | was a
    disappointment | let me down | did not meet my expectations | is not what I expected | is worse than the old one
    | was rude | never answered | did not help | was no help at all | kept me waiting for an hour | was dirty and
    loud | was cold | was stale | had to be returned | had to be sent back | had to be replaced | went back to the
    shop | has too many problems | has been nothing but trouble | gave me nothing but trouble | scratches easily |
    overheats | leaks | smells | is unreliable | needs to be restarted | is the worst I have owned
"""
WHOLE = {
    "positive": """
        I love this {thing}. | I love the {thing}. | I am very happy with the {thing}. | I'm impressed with the
        {thing}. | I'm glad I bought it. | I have had no problems with it. | no problems so far. | I would buy it
        again. | I would recommend this {thing} to anyone. | I highly recommend it. | buy it! | you will love it. |
        you can't beat the price. | great {thing}! | great {thing} for the price. | excellent {thing}, and the
        {thing} is great too. | the best {thing} I have ever had. | five stars. | two thumbs up. | thank you! | what
        I like most is the {thing}. | one nice thing is the {thing}. | the {thing} is a big plus. | it comes with a
        great {thing}. | the {thing} alone is worth it. | I was surprised how good the {thing} is. | it is small,
        light and the {thing} is great. | I could not be happier with the {thing}. | I have used it for a year and
        it still works. | so far so good. | my kids love it.
""",
    "negative": """
        I hate this {thing}. | I am very unhappy with the {thing}. | I'm disappointed with the {thing}. | I regret
        that I bought it. | I have had nothing but problems with it. | I had to return it. | I sent it back. | I
        want my money back. | I asked for a refund. | I would not buy it again. | I would not recommend this {thing}
        to anyone. | don't buy it! | stay away from this {thing}. | avoid it. | save your money. | look elsewhere. |
        buy another {thing}. | terrible {thing}! | the worst {thing} I have ever had. | one star. | what I don't
        like is the {thing}. | my only complaint is the {thing}. | the only problem is the {thing}. | one drawback
        is the {thing}. | the {thing} is a big minus. | I wish the {thing} were better. | the {thing} could be
        better. | the {thing} leaves much to be desired. | it would be nice if it had a {thing}. | there is no
        {thing}. | there is no way to change the {thing}. | I can't get the {thing} to work. | I called support and
        they had no answer. | after a week the {thing} stopped. | it worked for two weeks, then the {thing} died. |
        the {thing} gave up after a month. | I've had two of them, and both broke.
""",
}


def pairs(split: str) -> list[tuple[str, str]]:
    """Pairs (sentence, label) of a split, "train" or "validation", that were written one by one."""
    told = {}
    for path in sorted(FOLDER.glob("*.tsv")):
        with path.open(newline="", encoding="utf-8") as file:
            told |= {text: label for label, text in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)}
    return [pair for row, pair in enumerate(told.items()) if (row // BLOCK % HELD_OUT == 0) == (split == "validation")]


def sentences(seed: int = 0) -> list[tuple[str, str]]:
    """Pairs (sentence, label)."""
    random, pairs = np.random.default_rng(seed), []
    for label, told in zip(CLASSES, (NEGATIVE, POSITIVE), strict=True):
        verdicts = listed(told)
        for frames, draws in ((listed(FRAMES), DRAWS), (listed(WHOLE[label]), WHOLE_DRAWS)):
            pairs += [(_drawn(random.choice(frames), random, verdict=verdicts), label) for _ in range(draws)]
    return pairs


def valences(words: set[str], seed: int = 0) -> list[tuple[str, float]]:
    """Pairs (sentence around a word, probability that it is positive), of those words that the VADER lexicon rates."""
    lexicon = _vader().lexicon
    rated = [(word, value) for word, value in lexicon.items() if word in words and abs(value) >= LEAST_VALENCE]
    random, frames, pairs = np.random.default_rng(seed), listed(WORD_FRAMES), []
    for place in random.integers(0, len(rated), VALENCES):
        word, value = rated[place]
        sentence = _drawn(random.choice(frames), random, word=[word])
        pairs.append((sentence, float(1 / (1 + np.exp(-SLOPE * value)))))
    return pairs


def parts_of(reviews: list[tuple[str, float]], seed: int = 0) -> list[tuple[str, float]]:
    """Pairs (sentence, probability that its review is positive): some of each of pairs (review, probability)."""
    random, drawn = np.random.default_rng(seed), []
    for review, positive in reviews:
        parts = [part for part in re.split(r"(?<=[.!?])\s+|<br />", review) if _has_words(part)]
        drawn += [(parts[place], positive) for place in random.permutation(len(parts))[:PARTS]]
    return drawn


def rated(parts: list[tuple[str, float]], log_odds: np.ndarray | None = None) -> list[tuple[str, float]]:
    """Pairs (sentence, probability that it is positive), by VADER and by the review; or by what a network says of each.

    Args:
        parts: as `parts_of` returns them.
        log_odds: (parts,) by a network. None: there is none yet.
    """
    ratings = np.array([_vader().polarity_scores(sentence)["compound"] for sentence, _ in parts])
    if log_odds is None:
        log_odds = RATING * ratings + REVIEW * (2 * np.array([positive for _, positive in parts]) - 1)
    else:
        log_odds = BESIDE * ratings + log_odds
    return [(sentence, float(positive)) for (sentence, _), positive in zip(parts, 1 / (1 + np.exp(-log_odds)))]


def _has_words(part):
    least, most = PART_WORDS
    return least <= len(part.split()) <= most


@functools.cache
def _vader():
    return need("vaderSentiment.vaderSentiment", "teachers").SentimentIntensityAnalyzer()


def _drawn(sentence, random, **words):
    for slot, choices in {**words, "thing": listed(THINGS)}.items():
        while f"{{{slot}}}" in sentence:
            sentence = str(sentence).replace(f"{{{slot}}}", str(random.choice(choices)), 1)
    return str(sentence)
