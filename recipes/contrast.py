"""Sentences whose verdict a bag of words misreads, by rule: negators, "but", "not only", what others are said to think.

    python -m recipes.contrast sentiment [--table contrast.csv]    # share of the test's sentences that are read right

A template has slots in braces; words that fit are drawn into them. `TRAINING` is what networks may learn from, `TEST`
has other templates and other words, which no training sees.
"""

import argparse
import itertools
import pathlib

import numpy as np

import lstm_zoo
from lstm_zoo import outputs

Template = tuple[str, str]  # a sentence with slots, and its label

TRAINING_WORDS = {
    "good": "good great excellent wonderful brilliant amazing fantastic funny enjoyable clever charming beautiful "
    "moving impressive interesting fresh original fun superb lovely perfect entertaining strong useful comfortable "
    "reliable smart witty sharp easy quick helpful pleasant believable exciting touching solid nice fine".split(),
    "bad": "bad boring awful terrible dull horrible stupid predictable slow weak annoying cheap bland lame poor "
    "disappointing forgettable tedious mediocre ugly silly pointless ridiculous useless noisy unreliable clumsy "
    "confusing flat stale rude dirty broken overpriced tiresome unfunny difficult messy pretentious".split(),
    "better": "better|funnier|smarter|stronger|nicer|easier|faster|sharper|more enjoyable|more exciting|more fun".split(
        "|"
    ),
    "loved": "loved enjoyed liked adored".split(),
    "hated": "hated disliked regretted".split(),
    "love": "love|enjoy|like|recommend".split("|"),
    "hate": "hate|dislike|regret".split("|"),
    "flaw": "fault|flaw|weakness|problem|mistake|dull moment|bad scene|boring minute|wasted minute".split("|"),
    "merit": "merit|strength|charm|good scene|redeeming feature|good idea|interesting moment|funny line".split("|"),
    "thing": "film movie story plot acting script ending cast music direction dialogue book show series song camera "
    "phone battery screen sound room hotel food service staff product software game car price design quality".split(),
    "people": "critics|people|my friends|the reviews|some viewers|others|they|all my colleagues|the papers".split("|"),
}
TEST_WORDS = {
    "good": "delightful outstanding gorgeous captivating hilarious satisfying memorable splendid thoughtful "
    "convincing elegant terrific".split(),
    "bad": "dreadful lousy tasteless irritating uninspired shallow sloppy painful clichéd wooden laughable "
    "unpleasant".split(),
    "better": "greater finer lovelier wittier".split(),
    "loved": "treasured admired".split(),
    "hated": "loathed detested".split(),
    "flaw": "shortcoming|defect|weak spot|tedious scene".split("|"),
    "merit": "virtue|saving grace|clever thought|memorable scene".split("|"),
    "thing": "picture performance novel photography restaurant tablet soundtrack printer".split(),
    "people": "the neighbours|most reviewers|my brother and his wife|the audience".split("|"),
}

TRAINING: tuple[Template, ...] = (
    # Plain verdicts, so that a network does not learn that short sentences with a bad word are praise.
    *((f"{sentence}", "positive") for sentence in (
        "{good}.", "{good} {thing}.", "very {good}!", "a {good} {thing}.", "the {thing} is {good}.", "it is {good}.",
        "I {loved} the {thing}.", "the {thing} was really {good} and {good}.", "so {good}!", "simply {good}.",
        "what a {good} {thing}!", "this is a {good} {thing}.", "one of the most {good} {thing}s I know.",
    )),
    *((f"{sentence}", "negative") for sentence in (
        "{bad}.", "{bad} {thing}.", "very {bad}!", "a {bad} {thing}.", "the {thing} is {bad}.", "it is {bad}.",
        "I {hated} the {thing}.", "the {thing} was really {bad} and {bad}.", "so {bad}!", "simply {bad}.",
        "what a {bad} {thing}!", "this is a {bad} {thing}.", "one of the most {bad} {thing}s I know.",
    )),
    # A negator before a bad word, and before a good one.
    *((sentence.replace("{x}", "{bad}"), "positive") for sentence in (
        "not {x}.", "not {x} at all.", "not at all {x}.", "never {x}.", "it is not {x}.", "it isn't {x}.", "it was never {x}.",
        "the {thing} is not {x}.", "the {thing} isn't {x} at all.", "the {thing} wasn't {x}.", "not a {x} {thing}.",
        "the {thing} is never {x}.", "this is no {x} {thing}.", "nothing {x} about it.", "there is nothing {x} in this {thing}.",
        "far from {x}.", "the {thing} is far from {x}.", "anything but {x}.", "the {thing} was anything but {x}.",
        "by no means {x}.", "nowhere near {x}.", "hardly {x}.", "I wouldn't call it {x}.", "you can't say that it is {x}.",
        "it doesn't get {x}.", "it never gets {x}.", "it does not feel {x} for a minute.", "I don't think it is {x}.",
        "neither {x} nor {bad}.", "not once is it {x}.", "at no time was the {thing} {x}.", "it didn't seem {x} to me.",
    )),
    *((sentence.replace("{x}", "{good}"), "negative") for sentence in (
        "not {x}.", "not {x} at all.", "not at all {x}.", "never {x}.", "it is not {x}.", "it isn't {x}.", "it was never {x}.",
        "the {thing} is not {x}.", "the {thing} isn't {x} at all.", "the {thing} wasn't {x}.", "not a {x} {thing}.",
        "the {thing} is never {x}.", "this is no {x} {thing}.", "nothing {x} about it.", "there is nothing {x} in this {thing}.",
        "far from {x}.", "the {thing} is far from {x}.", "anything but {x}.", "the {thing} was anything but {x}.",
        "by no means {x}.", "nowhere near {x}.", "hardly {x}.", "I wouldn't call it {x}.", "you can't say that it is {x}.",
        "it doesn't get {x}.", "it never gets {x}.", "it does not feel {x} for a minute.", "I don't think it is {x}.",
        "neither {x} nor {good}.", "not once is it {x}.", "at no time was the {thing} {x}.", "it didn't seem {x} to me.",
    )),
    # Verbs of verdicts under a negator, and what lacks.
    ("I didn't {love} the {thing}.", "negative"), ("I did not {love} it at all.", "negative"),
    ("I couldn't {love} this {thing}.", "negative"), ("nobody will {love} it.", "negative"),
    ("I didn't {hate} the {thing}.", "positive"), ("nobody could {hate} it.", "positive"),
    ("I don't {hate} it at all.", "positive"), ("you won't {hate} this {thing}.", "positive"),
    ("without a single {flaw}.", "positive"), ("a {thing} without a {flaw}.", "positive"), ("there is no {flaw} in it.", "positive"),
    ("not one {flaw} from start to end.", "positive"), ("I can't find a {flaw} in it.", "positive"), ("it has no {flaw}.", "positive"),
    ("without a single {merit}.", "negative"), ("a {thing} without a {merit}.", "negative"), ("there is no {merit} in it.", "negative"),
    ("not one {merit} from start to end.", "negative"), ("I can't find a {merit} in it.", "negative"), ("it has no {merit}.", "negative"),
    ("no complaints.", "positive"), ("nothing to complain about.", "positive"), ("I can't complain about the {thing}.", "positive"),
    ("it never disappoints.", "positive"), ("the {thing} does not disappoint.", "positive"), ("you won't regret it.", "positive"),
    ("no regrets.", "positive"), ("don't miss it.", "positive"), ("you can't go wrong with this {thing}.", "positive"),
    ("the {thing} does not work.", "negative"), ("don't bother.", "negative"), ("don't waste your time on this {thing}.", "negative"),
    ("I can't recommend the {thing}.", "negative"), ("I would not recommend it.", "negative"), ("nothing to write home about.", "negative"),
    # Comparison.
    ("it couldn't be {better}.", "positive"), ("nothing is {better} than this {thing}.", "positive"),
    ("I have never seen a {better} {thing}.", "positive"), ("no {thing} could be {better}.", "positive"),
    ("it doesn't get {better} than this.", "positive"), ("nothing could have been {better}.", "positive"),
    ("nobody makes a {better} {thing}.", "positive"), ("you won't find a {better} {thing}.", "positive"),
    ("it could have been {better}.", "negative"), ("any other {thing} is {better} than this.", "negative"),
    ("I have seen {better} {thing}s.", "negative"), ("everything is {better} than this {thing}.", "negative"),
    ("it should have been {better}.", "negative"), ("almost any {thing} would be {better}.", "negative"),
    ("it couldn't be worse.", "negative"), ("I have never seen a worse {thing}.", "negative"), ("nothing could be worse.", "negative"),
    ("it doesn't get worse than this.", "negative"), ("there are far worse {thing}s than this.", "positive"),
    # The last word counts.
    *((sentence, label) for label, x, y in (("positive", "{bad}", "{good}"), ("negative", "{good}", "{bad}")) for sentence in (
        f"the {{thing}} is {x}, but it is {y}.", f"the {{thing}} is {x}, but the {{thing}} is {y}.", f"{x}, but {y}.",
        f"a bit {x}, but on the whole it is {y}.", f"although the {{thing}} is {x}, it is {y}.",
        f"it starts {x}, yet it ends {y}.", f"I thought it would be {x}, but it was {y}.", f"I expected it to be {x}. It was {y}.",
        f"it may look {x}, but it is {y}.", f"it sounds {x} and turns out to be {y}.", f"at first {x}, in the end {y}.",
        f"not {x} but {y}.", f"not {x}, just {y}.", f"it isn't {x}, it is {y}.", f"instead of {x} it is {y}.",
        f"it could have been {x}, but it is {y}.", f"despite a {x} {{thing}} it is {y}.", f"it is {y}, even if the {{thing}} is {x}.",
    )),
    # "Not only" denies nothing.
    *((sentence, label) for label, x in (("positive", "{good}"), ("negative", "{bad}")) for sentence in (
        f"not only {x} but also {x}.", f"it is not only {x}, it is {x} too.", f"not just {x}, but {x} as well.",
        f"not only is the {{thing}} {x}, it is {x}.", f"the {{thing}} is not only {x} but {x}.", f"never less than {x}.",
        f"nothing but {x}.", f"nothing if not {x}.", f"no doubt, it is {x}.", f"no wonder that it is so {x}.",
        f"I have never seen such a {x} {{thing}}.", f"never have I seen a more {x} {{thing}}.", f"I can't say how {x} it is.",
    )),
    # What others think is not the verdict.
    *((sentence, label) for label, x, verb, y in (
        ("positive", "{bad}", "{loved}", "{good}"), ("negative", "{good}", "{hated}", "{bad}")
    ) for sentence in (
        f"{{people}} say it is {x}, but I {verb} it.", f"{{people}} called it {x}. I {verb} it.", f"{{people}} found it {x}; I found it {y}.",
        f"I can't see why {{people}} call it {x}.", f"{{people}} are wrong: it isn't {x}.", f"contrary to what {{people}} say, it is {y}.",
        f"I was told that it is {x}, and it is {y}.", f"whoever calls this {{thing}} {x} is wrong.", f"don't believe that it is {x}.",
    )),
)  # fmt: skip

TEST: tuple[Template, ...] = (
    *((sentence.replace("{x}", "{bad}"), "positive") for sentence in (
        "The {thing} was not {x} in the least.", "It's not as though it were {x}.", "There isn't anything {x} about the {thing}.",
        "In no way is this {x}.", "I never found the {thing} {x}.", "This {thing} is not the least bit {x}.", "Not {x} in any way.",
        "No one would call the {thing} {x}.", "It manages never to be {x}.", "A {thing} that is never {x}.",
    )),
    *((sentence.replace("{x}", "{good}"), "negative") for sentence in (
        "The {thing} was not {x} in the least.", "It's not as though it were {x}.", "There isn't anything {x} about the {thing}.",
        "In no way is this {x}.", "I never found the {thing} {x}.", "This {thing} is not the least bit {x}.", "Not {x} in any way.",
        "No one would call the {thing} {x}.", "It fails ever to be {x}.", "A {thing} that is never {x}.",
    )),
    ("There's not a {flaw} to be found.", "positive"), ("The {thing} is free of any {flaw}.", "positive"),
    ("There's not a {merit} to be found.", "negative"), ("The {thing} is devoid of any {merit}.", "negative"),
    ("I have yet to see a {better} {thing}.", "positive"), ("There can't be a {better} {thing}.", "positive"),
    ("I expected something {better}.", "negative"), ("Surely there are {better} {thing}s.", "negative"),
    *((sentence, label) for label, x, y in (("positive", "{bad}", "{good}"), ("negative", "{good}", "{bad}")) for sentence in (
        f"Parts of the {{thing}} are {x}, but overall I thought it was {y}.", f"The first half is {x}, however the rest is {y}.",
        f"While the {{thing}} seems {x}, the {{thing}} as a whole is {y}.", f"I was afraid it might be {x}; instead it proved {y}.",
        f"It's {x} in places, but mostly {y}.", f"Rather than {x}, the {{thing}} is {y}.",
    )),
    *((sentence, label) for label, x in (("positive", "{good}"), ("negative", "{bad}")) for sentence in (
        f"Not only was it {x}, the {{thing}} was {x} as well.", f"It isn't just {x}, it's also {x}.",
        f"I don't remember a {{thing}} as {x} as this.", f"Not merely {x}, but truly {x}.",
    )),
    *((sentence, label) for label, x, verb in (("positive", "{bad}", "{loved}"), ("negative", "{good}", "{hated}")) for sentence in (
        f"According to {{people}} it was {x}, yet I {verb} every minute.", f"Even though {{people}} think it's {x}, I {verb} it.",
        f"Some may think it {x}. Not me, I {verb} it.", f"{{people}} told me how {x} it was; I {verb} it all the same.",
    )),
)  # fmt: skip


def sentences(templates, words, count, seed=0):
    """Pairs (sentence, label): each template with `count` draws of words, without repetition."""
    random = np.random.default_rng(seed)
    pairs = {}
    for template, label in templates:
        for _ in range(count):
            sentence = template
            while "{" in sentence:
                slot = sentence[sentence.index("{") + 1 : sentence.index("}")]
                sentence = sentence.replace("{" + slot + "}", str(random.choice(words[slot])), 1)
            pairs[sentence[0].upper() + sentence[1:]] = label
    return list(pairs.items())
