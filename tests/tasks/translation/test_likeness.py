"""tasks/translation/likeness.py: `predict` warns of sentences that are unlike those that a pipeline learnt from."""

import json
import random
import warnings

import pytest

import lstm_zoo
from lstm_zoo.exporting import saved_model
from lstm_zoo.tasks import translation
from lstm_zoo.tasks.translation import likeness
from lstm_zoo.text import profiles
from lstm_zoo.weights import archive

NOUNS = ["Hund", "Katze", "Mann", "Frau", "Kind", "Junge", "Mädchen", "Vogel", "Ball", "Baum"]
ENGLISH = "The quick brown fox jumps over the lazy dog, again and again."
LETTER = "Vielen Dank für Ihren Brief. Leider antworten wir so spät. Bitte entschuldigen Sie das. " * 2


def captions(count, seed):
    """Sentences of few words, but for one in some of them."""
    drawn = random.Random(seed)
    return [
        f"Ein {one} und ein {two} sehen {drawn.choice(['den Ball', 'einen Baum', f'Ding{place}'])} an."
        for place in range(count)
        for one, two in [drawn.choices(NOUNS, k=2)]
    ]


@pytest.fixture(scope="module")
def profile():
    training, validating = ([(text, "") for text in captions(count, count)] for count in (1000, 100))
    return likeness.profile(None, training[:900], validating)


@pytest.fixture
def pipeline(trained, profile):
    """A pipeline that says that it learnt from many captions."""
    before = archive.record_of(trained)
    archive.set_record(trained, {"profile": profile})
    yield trained
    archive.set_record(trained, before)


def test_profile(profile):
    assert profiles.is_profile(json.loads(json.dumps(profile)))
    assert {"ein", "und", "sehen", "hund"} <= set(profile["frequent"].split()[:40])
    assert len(profile["frequent"].split()) <= likeness.FREQUENT
    assert profile["scripts"] == {"Latin": 1.0}


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        ([ENGLISH], "100 % of the words are not among the 1,000 most frequent that it learnt, 0 % in the texts"),
        ("На улице собака. " * 3, "100 % of the letters are Cyrillic, those of the texts that it learnt from Latin"),
        (LETTER, "of the words are not among the 1,000 most frequent that it learnt"),
    ],
)
def test_what_is_unlike(pipeline, texts, told):
    with pytest.warns(UserWarning, match=f"is asked what it has not learnt: .*{told}") as caught:
        lstm_zoo.predict(pipeline, texts)
    assert len(caught) == 1


@pytest.mark.parametrize("texts", [captions(20, 7), " ".join(captions(3, 8)), "Ein Hund.", "", ["?!", " "], []])
def test_what_is_normal(pipeline, texts):
    with warnings.catch_warnings(action="error", category=UserWarning):
        lstm_zoo.predict(pipeline, texts)


def test_without_frequent_words_nothing_is_said(profile):
    assert likeness.unlike([ENGLISH], None) is None
    assert likeness.unlike([ENGLISH], {key: value for key, value in profile.items() if key != "frequent"}) is None


def test_a_saved_model_tells_too(pipeline, tmp_path):
    unlike = saved_model.unlike_in(lstm_zoo.export(pipeline, tmp_path / "saved_model"))
    assert unlike([ENGLISH]).startswith("100 % of the words")
    assert unlike(captions(10, 9)) is None


def test_train_writes_it(pairs, sizes, tmp_path):
    task = translation.TASK
    assert task.profile is likeness.profile
    pipeline = lstm_zoo.train("translation", pairs, folder=tmp_path, epochs=1, verbose=False, **sizes)
    assert "ein" in archive.record_in(tmp_path / "pipeline.keras")["profile"]["frequent"].split()
    assert lstm_zoo.info(pipeline)["profile"]["frequent"]
