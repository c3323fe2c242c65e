"""annotations.py: what `predict` adds to a translation when it is asked."""

import json

import numpy as np
import pytest

import lstm_zoo
from lstm_zoo.tasks import translation


def test_alternatives(trained):
    (answer,) = lstm_zoo.predict(trained, ["Ein Hund rennt."], alternatives=3)
    alternatives = answer["alternatives"]
    assert alternatives[0] == {"text": answer["text"], "score": answer["score"]}
    assert len({alternative["text"] for alternative in alternatives}) == 3
    scores = [alternative["score"] for alternative in alternatives]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(
    ("count", "message"),
    [(5, "alternatives is at least 1 and at most 4, the pipeline's beams"), (-1, "a whole number of at least 0")],
)
def test_alternatives_that_no_beam_follows(trained, count, message):
    with pytest.raises(ValueError, match=message):
        lstm_zoo.predict(trained, ["Ein Hund rennt."], alternatives=count)


def test_alignment_and_its_picture(trained, tmp_path):
    raw = ["Ein Hund rennt.", "", "Zwei Hunde spielen im Schnee."]
    answers = lstm_zoo.predict(trained, raw, alignment=True)
    for text, answer in zip(raw, answers):
        source, target, weight = (answer["alignment"][key] for key in ("source", "target", "weights"))
        assert "".join(source[:-1]).replace("▁", " ").strip() == text
        assert "".join(target[:-1]).replace("▁", " ").strip() == answer["text"]
        assert np.shape(weight) == (len(target), len(source))
        np.testing.assert_allclose(np.sum(weight, 1), 1, rtol=1e-4)
    json.dumps(answers)
    picture = translation.plot(answers[2], tmp_path / "alignment.png")
    assert picture.read_bytes().startswith(b"\x89PNG")
    with pytest.raises(ValueError, match="alignment=True"):
        translation.plot({"text": "a"}, tmp_path / "b.png")


def test_options_of_another_task(trained):
    with pytest.raises(ValueError, match="translation/attention: 'explain'.* an option of sentiment/attention"):
        lstm_zoo.predict(trained, "Ein Hund.", explain=True)
