"""sentences.py: texts of several sentences, each of which is translated."""

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

import lstm_zoo
from lstm_zoo.tasks import translation
from lstm_zoo.tasks.translation import sentences

SPACES = " \t\n\r\x0b\x0c\x1c\x85\xa0\u2028\u3000"
MARKS = ".!?。！？…,;:\"'»«„“”()[]-"
WORDS = ["Ein", "Hund", "rennt", "Dr.", "z.B.", "U.S.", "3.5", "3", "A.", "你好", "👍🏽", "\u200b", "\x00", "é"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ein Hund rennt.", ["Ein Hund rennt."]),
        ("", [""]),
        (" \n ", [" \n "]),
        ("  Ein Hund\trennt. ", ["  Ein Hund\trennt. "]),
        ("Ein Hund rennt. Eine Katze schläft!", ["Ein Hund rennt.", " ", "Eine Katze schläft!"]),
        (" Ein Hund.\n\n\nEine Katze? \r\n Ja.\n", ["Ein Hund.", "\n\n\n", "Eine Katze?", " \r\n ", "Ja."]),
        ("Ein Hund.\xa0Eine\xa0Katze.\u3000\u2028Ja.", ["Ein Hund.", "\xa0", "Eine\xa0Katze.", "\u3000\u2028", "Ja."]),
        ("z. B. ein Hund um 3.5 Uhr bei Dr. Müller.", ["z. B. ein Hund um 3.5 Uhr bei Dr. Müller."]),
        ("Hunde, Katzen usw. und Kinder bzw. ein Kind.", ["Hunde, Katzen usw. und Kinder bzw. ein Kind."]),
        ("Am 3. Mai kam er. Er blieb.", ["Am 3. Mai kam er.", " ", "Er blieb."]),
        ("Er wohnt im 3. Stock. Sie auch.", ["Er wohnt im 3. Stock.", " ", "Sie auch."]),
        ("Am 3. kommt er, vom 1. bis 3. 5. 2020.", ["Am 3. kommt er, vom 1. bis 3. 5. 2020."]),
        ("Er kommt am 3.", ["Er kommt am 3."]),
        ("I have 3. He has 4.", ["I have 3.", " ", "He has 4."]),
        ("Es war 2020. Danach ging er.", ["Es war 2020.", " ", "Danach ging er."]),
        ("ja. und du? gut.", ["ja.", " ", "und du?", " ", "gut."]),
        ("Was... Wirklich? Ja!", ["Was...", " ", "Wirklich?", " ", "Ja!"]),
        ('Er sagte: "Komm! Jetzt." Dann ging er.', ['Er sagte: "Komm! Jetzt."', " ", "Dann ging er."]),
        ("„Hallo.“ „Ja.“", ["„Hallo.“", " ", "„Ja.“"]),
        ("你好。我很好！", ["你好。", "", "我很好！"]),
        ("https://example.org/a?b=c. Ja.", ["https://example.org/a?b=c.", " ", "Ja."]),
        # Lines: of a list, of a paragraph, and what may be either.
        ("Zwei Hunde\nEine Katze\n- ein Kind", ["Zwei Hunde", "\n", "Eine Katze", "\n", "- ein Kind"]),
        ("Zwei Hunde\nund eine Katze", ["Zwei Hunde\nund eine Katze"]),
        ("ein\nMann", ["ein\nMann"]),
        ("ein\n \nMann", ["ein", "\n \n", "Mann"]),
        ("lange " * 11 + "\nZeile", ["lange " * 11 + "\nZeile"]),
    ],
)
def test_where_sentences_end(text, expected):
    pairs = sentences.split(text)
    assert [part for pair in pairs for part in pair][:-1] == expected


@hypothesis.given(st.lists(st.sampled_from([*WORDS, *SPACES, *MARKS]) | st.text(max_size=3), max_size=30))
@hypothesis.settings(max_examples=200, deadline=None)
def test_sentences_joined_are_the_text(parts):
    text = "".join(parts).encode("utf-8", "replace").decode()
    pairs = sentences.split(text)
    whole = "".join(sentence + gap for sentence, gap in pairs)
    assert whole == (text if len(pairs) == 1 else text.strip())
    assert len(pairs) == 1 or all(sentence and sentence == sentence.strip() for sentence, _ in pairs)
    assert not "".join(gap for _, gap in pairs).strip()


def test_every_sentence_is_translated(trained, pairs):
    sources, targets = zip(*pairs[:4])
    alone = {source: lstm_zoo.predict(trained, source)[0] for source in sources}
    gaps = [" ", "\n", "\n\n \n"]
    text, expected = ("".join(map("".join, zip(side, [*gaps, ""]))) for side in (sources, targets))
    answers = lstm_zoo.predict(trained, ["", text, sources[0]])
    assert [answer["text"] for answer in answers] == ["", expected, targets[0]]
    assert answers[1]["score"] == pytest.approx(np.mean([answer["score"] for answer in alone.values()]), abs=1e-4)
    assert answers[2]["score"] == pytest.approx(alone[sources[0]]["score"], abs=1e-4)
    assert lstm_zoo.predict(trained, []) == []


def test_rows_and_files_of_texts(trained, tmp_path):
    text, expected = "Ein Hund rennt. Die Katze rennt.", "A dog runs. The cat runs."
    rows = lstm_zoo.predict(trained, [{"source": text, "id": 1}, {"source": "", "id": 2}])
    assert [(row["id"], row["text"]) for row in rows] == [(1, expected), (2, "")]
    assert next(answer["text"] for answer in lstm_zoo.predict(trained, iter([text, "Ein Hund rennt."]))) == expected
    (tmp_path / "a.txt").write_text(f"{text}\n\nEin Hund rennt.\n")
    assert lstm_zoo.predict(trained, data=tmp_path / "a.txt")["text"].tolist()[0] == expected
    with pytest.raises(ValueError, match="Item 1 is not a text"):
        lstm_zoo.predict(trained, ["a", 5])


def test_alternatives_of_a_text_are_the_best_of_all(trained):
    (answer,) = lstm_zoo.predict(trained, "Ein Hund rennt. Die Katze rennt.", alternatives=4)
    texts, scores = zip(*((one["text"], one["score"]) for one in answer["alternatives"]))
    first, second = (
        lstm_zoo.predict(trained, text, alternatives=4)[0]["alternatives"]
        for text in ("Ein Hund rennt.", "Die Katze rennt.")
    )
    every = {f"{one['text']} {other['text']}": (one["score"] + other["score"]) / 2 for one in first for other in second}
    assert list(texts) == sorted(every, key=every.get, reverse=True)[:4]
    np.testing.assert_allclose(scores, [every[text] for text in texts], atol=1e-4)
    assert (texts[0], scores[0]) == (answer["text"], answer["score"])


def test_no_sentence_looks_at_another(trained, tmp_path):
    text = ["Ein Hund rennt.", "Die Katze rennt."]
    (answer,) = lstm_zoo.predict(trained, " ".join(text), alignment=True)
    alone = [one["alignment"] for one in lstm_zoo.predict(trained, text, alignment=True)]
    source, target, weights = (answer["alignment"][key] for key in ("source", "target", "weights"))
    assert source == alone[0]["source"] + alone[1]["source"]
    assert target == alone[0]["target"] + alone[1]["target"]
    rows, columns = np.shape(alone[0]["weights"])
    weights = np.array(weights)
    np.testing.assert_allclose(weights[:rows, :columns], alone[0]["weights"], atol=1e-5)
    np.testing.assert_allclose(weights[rows:, columns:], alone[1]["weights"], atol=1e-5)
    assert not weights[:rows, columns:].any()
    assert not weights[rows:, :columns].any()
    assert translation.plot(answer, tmp_path / "alignment.png").exists()


def test_a_sentence_that_is_too_long_is_told_of(trained, recwarn):
    short = "Hund " * 40
    lstm_zoo.predict(trained, [short, short + ". " + short])
    assert not [warning for warning in recwarn if "subwords" in str(warning.message)]
    with pytest.warns(UserWarning, match="more than 256 subwords.*: 1, whose translations are cut off"):
        lstm_zoo.predict(trained, [short, "Hund " * 300, "Ein Hund rennt."])


def test_evaluation_does_not_cut_sentences(trained, monkeypatch):
    monkeypatch.setattr(sentences, "split", None)
    assert lstm_zoo.evaluate(trained, [("Ein Hund rennt. Die Katze rennt.", "A dog runs.")])
