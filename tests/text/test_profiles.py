"""text/profiles.py: what texts are like, and which are unlike them."""

import json
import random

import pytest

from lstm_zoo.text import profiles

WORDS = [f"word{place}" for place in range(300)]
KNOWN = set(WORDS)
TEXT = " ".join(WORDS[:20])
GERMAN = "Ein wunderbarer Film mit großen Gefühlen"
CHINESE = "这部电影真的很好看，我非常喜欢"


def texts_of(count, length=20, strange=0):
    """Texts of so many known words, of which some are not known."""
    drawn = random.Random(0)
    return [" ".join([*drawn.choices(WORDS, k=length - strange), *["zyxwv"] * strange]) for _ in range(count)]


@pytest.fixture
def profile():
    return profiles.profile_of(texts_of(200), texts_of(100, strange=1), KNOWN)


def warned(texts, profile, known=KNOWN):
    return profiles.unlike(texts, profile, known, "unknown to it")


class TestWords:
    """What a text is made of."""

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("Don\u2019t miss it!<br />", ["don't", "miss", "it"]),
            ("10/10 -- 'great'", ["10", "10", "great"]),
            ("फ़िल्म अच्छी है।", ["फ़िल्म", "अच्छी", "है"]),  # marks belong to words
            ("a\x85b\u2028c", ["a", "b", "c"]),
            ("👍🏽 ?!", []),
            ("", []),
        ],
    )
    def test_words(self, text, words):
        assert profiles.words_of(text) == words

    def test_scripts(self):
        assert profiles.scripts_of("aé 電カび ж1!") == {
            "Latin": 2,
            "Han": 1,
            "Katakana": 1,
            "Hiragana": 1,
            "Cyrillic": 1,
        }
        assert profiles.script_of("ａ") == "Latin"  # of full width
        assert profiles.script_of("1") is None

    def test_a_sample(self):
        assert profiles.sampled(["", " \n", "a"]) == ["a"]
        assert 500 <= len(profiles.sampled(["a"] * 10_001)) <= profiles.SAMPLE


class TestProfile:
    """`profile_of`, `is_profile`."""

    def test_numbers(self, profile):
        assert profile == {
            "unknown": {"median": 0.05, "most": 0.05},
            "words": {"least": 20, "most": 20},
            "scripts": {"Latin": 1.0},
        }
        assert profiles.is_profile(json.loads(json.dumps(profile)))

    @pytest.mark.parametrize("texts", [[], [""], ["?!", " "], ["a"]])
    def test_of_next_to_nothing(self, texts):
        profile = profiles.profile_of(texts, texts, KNOWN)
        assert profiles.is_profile(profile)
        assert profile["unknown"]["most"] >= 0.5  # few texts have no percentile
        assert warned([TEXT] * 2, profile) is None

    @pytest.mark.parametrize(
        "change",
        [
            {"unknown": None},
            {"unknown": {"median": 0.1}},
            {"unknown": {"median": "0.1", "most": 0.2}},
            {"unknown": {"median": 0.1, "most": float("nan")}},
            {"unknown": {"median": 0.1, "most": 2}},
            {"words": {"least": 1.5, "most": 2}},
            {"words": {"least": -1, "most": 2}},
            {"words": [1, 2]},
            {"scripts": ["Latin"]},
            {"scripts": {"Latin": "all"}},
            {"scripts": {"Latin": True}},
            {"frequent": ["a"]},
        ],
        ids=str,
    )
    def test_malformed(self, profile, change):
        assert not profiles.is_profile({**profile, **change})
        assert not profiles.is_profile([profile])


class TestUnlike:
    """When texts are unlike others, and what is said."""

    @pytest.mark.parametrize(
        "texts",
        [
            [TEXT],
            [""],
            ["", " ", "?!"],
            ["word1"],
            ["word1 word2 zyxwv"],
            [GERMAN, TEXT, TEXT],  # a single odd one
            [CHINESE, TEXT, TEXT],
            texts_of(50, strange=2),  # more than in nearly all others, and hardly many
            texts_of(50, length=11),
            texts_of(9, length=2),  # of few texts no length is odd
            [*texts_of(60), *[GERMAN] * 40],
        ],
        ids=lambda texts: texts[0][:20],
    )
    def test_never_cries_wolf(self, profile, texts):
        assert warned(texts, profile) is None

    def test_unknown_words(self, profile):
        sentence = "100 % of the words are unknown to it, 5 % in the texts that it learnt from"
        assert warned([GERMAN], profile) == f"{sentence}: its answers mean little here; train on texts of your own"
        assert warned(["", GERMAN], profile) is not None
        often = {**profile, "unknown": {"median": 0.13, "most": 0.3}}
        assert warned([f"{TEXT[:11]} a b c"], often) is None  # three of five, of words that are often in pieces
        assert warned([GERMAN], {**profile, "unknown": {"median": 0.5, "most": 0.6}}) is not None
        assert warned(texts_of(50, strange=5), profile).startswith("25 % of the words are unknown")
        assert warned(texts_of(5, strange=5), profile) is None

    def test_another_script(self, profile):
        sentence = (
            "100 % of the letters are Han, those of the texts that it learnt from Latin: its answers mean little here"
            "; train on texts of your own"
        )
        assert warned([CHINESE], profile) == sentence
        assert warned([f"{CHINESE}{CHINESE} ok"], profile).startswith("93 % of the letters are Han")
        assert (
            warned([TEXT], {**profile, "scripts": {"Han": 0.8, "Katakana": 0.2}}).count("learnt from Han and Katakana:")
            == 1
        )
        assert warned([CHINESE], {**profile, "scripts": {}}).startswith("100 % of the words")

    def test_lengths(self, profile):
        sentence = "half of the texts have 3 words or fewer, nearly all that it learnt from 20 to 20"
        assert (
            warned(texts_of(50, length=3), profile)
            == f"{sentence}: its score does not hold here; train on texts of your own"
        )
        assert "half of the texts have 150 words or more" in warned(texts_of(50, length=150), profile)

    def test_costs_little(self, profile):
        """Of a million long texts 1,000 are looked at, and these in their beginnings alone."""
        assert warned([TEXT * 10_000] * 100_000, {**profile, "words": {"least": 1, "most": 10**9}}) is None


@pytest.mark.parametrize(
    ("texts", "script"),
    [
        ([CHINESE], "Han"),
        (["映画はとても面白かったです"], "Hiragana"),
        (["หนังเรื่องนี้สนุกมากและฉันชอบมัน"], "Thai"),
        (["这部 电影 真的 很 好看"], None),
        ([TEXT], None),
        ([TEXT, "好"], None),
        (["", "?!"], None),
        ([], None),
    ],
)
def test_without_spaces(texts, script):
    found = profiles.unspaced(texts)
    assert (found and found[0]) == script
