"""recipes/short_texts.py and the sentences that it learns: contrast.py, verdicts.py."""

import collections
import json
import sys

import numpy as np
import pytest

import lstm_zoo
from lstm_zoo.tasks.sentiment import CLASSES
from recipes import contrast, corpora, short_texts, teachers, verdicts

TEST = contrast.TEST, contrast.TEST_WORDS


class TestSentences:
    """What is made by rule."""

    def test_no_slot_is_left_open_and_labels_are_balanced(self):
        made = [
            contrast.sentences(contrast.TRAINING, contrast.TRAINING_WORDS, 3, seed=0),
            contrast.sentences(contrast.DEVELOPMENT, contrast.DEVELOPMENT_WORDS),
            contrast.sentences(contrast.TEST, contrast.TEST_WORDS),
            verdicts.sentences(seed=0)[::20],
            verdicts.pairs("train"),
            verdicts.pairs("validation"),
        ]
        for pairs in made:
            assert not [text for text, _ in pairs if set("{}|\n") & set(text)]
            counts = collections.Counter(label for _, label in pairs)
            assert counts.keys() == set(CLASSES)
            assert max(counts.values()) < 1.2 * min(counts.values())

    def test_the_test_has_templates_and_words_of_its_own(self):
        for label in CLASSES:
            lists = [contrast.listed(part[label]) for part in (contrast.TRAINING, contrast.DEVELOPMENT, contrast.TEST)]
            assert len(set().union(*lists)) == sum(len(set(part)) for part in lists)
        for slot, words in contrast.TEST_WORDS.items():
            for known in (contrast.TRAINING_WORDS, contrast.DEVELOPMENT_WORDS):
                assert not set(contrast.listed(words)) & set(contrast.listed(known[slot])), slot

    def test_are_repeated_by_their_seed(self):
        first, again, other = (
            contrast.sentences(contrast.TRAINING, contrast.TRAINING_WORDS, 1, seed) for seed in (0, 0, 1)
        )
        assert first == again != other

    def test_what_is_written_is_learnt_or_held_out(self):
        learnt, held_out = verdicts.pairs("train"), verdicts.pairs("validation")
        assert 5 < len(learnt) / len(held_out) < 20
        assert not {text for text, _ in learnt} & {text for text, _ in held_out}
        assert not {text for text, _ in learnt} & {text for text, _ in contrast.sentences(*TEST)}

    def test_sentences_are_as_positive_as_their_words_and_less_so_in_a_review_that_is_not(self):
        pytest.importorskip("vaderSentiment")
        review = "I love the music of it. He walked to the door. It is an awful plot!<br />Too short."
        good, bad = (dict(verdicts.rated(verdicts.parts_of([(review, positive)]))) for positive in (0.9, 0.1))
        assert good.keys() == bad.keys()
        assert len(good) == verdicts.PARTS
        assert "Too short." not in good
        loved, walked, awful = (next(text for text in good if word in text) for word in ("love", "walked", "awful"))
        assert good[loved] > bad[loved] > 0.5 > good[awful] > bad[awful]
        assert good[walked] > 0.5 > bad[walked]

    def test_a_network_stands_in_for_the_review(self):
        pytest.importorskip("vaderSentiment")
        parts = [("I love the music of it.", 0.9), ("He walked to the door.", 0.1)]
        (_, loved), (_, walked) = verdicts.rated(parts, np.array([0.0, 2.0]))
        assert loved > 0.5
        assert walked == pytest.approx(1 / (1 + np.exp(-2)))

    def test_valences_are_of_words_that_are_known(self):
        pytest.importorskip("vaderSentiment")
        pairs = verdicts.valences({"good", "awful", "zyxwv"})
        assert {text for text, _ in pairs if "good" not in text and "awful" not in text} == set()
        assert all((positive > 0.5) == ("good" in text) for text, positive in pairs)


class TestCorpus:
    """What a pass of training reads."""

    @pytest.fixture
    def corpus(self):
        reviews = [np.arange(2, 2 + size) for size in (3, 50, 400)]
        return corpora.Corpus(
            reviews, np.array([1, 0, 1], "float32"), [np.array([5, 6])], np.array([0.25], "float32"), np.ones(1), 0.4
        )

    def test_windows_of_all_lengths(self, corpus, monkeypatch):
        monkeypatch.setattr(corpora, "STEPS", 40)
        starts = corpora.starts_of(corpus.reviews, [7])
        batches = list(corpus.batches(starts, seed=0, epoch=0))
        again = list(corpus.batches(starts, seed=0, epoch=0))
        assert len(batches) == 40
        widths = {ids.shape[1] for ids, _ in batches}
        assert min(widths) == 2
        assert max(widths) == corpora.LONGEST
        assert len(widths) > 10
        for (ids, positive), (same, _) in zip(batches, again, strict=True):
            np.testing.assert_array_equal(ids, same)
            assert ids.size <= 3 * corpora.TOKENS
            np.testing.assert_allclose(positive.sum(1), 1)

    def test_a_window_is_words_in_a_row(self, corpus):
        random = np.random.default_rng(0)
        for length in (5, 30, corpora.LONGEST):
            for review in corpus.reviews:
                for _ in range(20):
                    part = corpora.window(review, np.array([0]), length, random)
                    assert 0 < len(part) <= length
                    np.testing.assert_array_equal(np.diff(part), 1)

    def test_sentences_begin_behind_a_sign(self):
        [starts] = corpora.starts_of([np.array([4, 7, 5, 6, 7])], [7])
        assert starts.tolist() == [0, 2]

    def test_windows_for_validation(self):
        pairs = [("a b c d e f g h i j k l", "positive"), ("", "negative")]
        windows = corpora.windows_of(pairs)
        assert windows[:2] == pairs
        assert len(windows) == 2 * (1 + len(corpora.LENGTHS))
        assert {len(text.split()) for text, _ in windows} == {0, 5, 10, 12}
        drawn = corpora.windows_of(pairs[:1] * 40)
        assert 0.4 < np.mean([text.startswith("a b") for text, _ in drawn if len(text.split()) == 5]) < 0.75


def test_begins_as_the_network_that_it_grew_from(trained, tmp_path):
    path = tmp_path / "vectors.txt"
    path.write_text("good 1 0 0\nbad 0 1 0\nsplendid 1 0 1\n")
    pipeline = lstm_zoo.load(trained[1] / "pipeline.keras")
    network, prepared = short_texts.begun(pipeline, str(path))
    texts = ["good film", "bad", "", "a splendid film"]
    before = lstm_zoo.networks.network_of(pipeline)(pipeline.get_layer("words")(np.array(texts, object)))
    after = short_texts.wide.trained_part(network)(prepared["words"](np.array(texts, object)))
    np.testing.assert_allclose(after, before, atol=1e-6)


def test_a_whole_run(trained, tmp_path, monkeypatch):
    pytest.importorskip("vaderSentiment")
    path = tmp_path / "vectors.txt"
    path.write_text("good 1 0 0\nbad 0 1 0\nsplendid 1 0 1\n")
    pairs = [(f"a {word} film . {word} indeed ! really ?", label) for word, label in zip(("bad", "good"), CLASSES)] * 10
    monkeypatch.setattr(teachers, "labelled", lambda split: pairs)
    monkeypatch.setattr(teachers, "without_labels", lambda: ["so good ."] * 4)
    monkeypatch.setattr(corpora, "STEPS", 2)
    monkeypatch.setattr(short_texts, "DRAWS", 1)
    monkeypatch.setattr(verdicts, "DRAWS", 5)
    monkeypatch.setattr(verdicts, "WHOLE_DRAWS", 5)
    monkeypatch.setattr(verdicts, "VALENCES", 5)
    lines = "".join(f"{label}\t{word} number {row}\n" for row in range(60) for word, label in zip("ab", CLASSES))
    (tmp_path / "written.tsv").write_text(lines)
    monkeypatch.setattr(verdicts, "FOLDER", tmp_path)
    began = trained[1] / "pipeline.keras"
    words = ["--weights", str(began), "--teacher", str(began), "--vectors", str(path), "--passes", "1"]
    monkeypatch.setattr(sys, "argv", ["short_texts.py", *words, "--folder", str(tmp_path / "student")])
    short_texts.main()
    pipeline = lstm_zoo.load(tmp_path / "student" / "pipeline.keras")
    assert pipeline.name == "sentiment-wide"
    settings = json.loads((tmp_path / "student" / "settings.json").read_text())
    assert settings["dataset"] == "imdb_reviews"
    assert settings["command"].startswith("python -m recipes.short_texts --weights ")
    written = (tmp_path / "student" / "pipeline.keras").read_bytes()
    short_texts.main()  # finished: nothing to do
    assert (tmp_path / "student" / "pipeline.keras").read_bytes() == written
    goes_on = ["--weights", str(tmp_path / "student" / "pipeline.keras"), *words[2:]]
    monkeypatch.setattr(sys, "argv", ["short_texts.py", *goes_on, "--folder", str(tmp_path / "again")])
    short_texts.main()
    assert lstm_zoo.load(tmp_path / "again" / "pipeline.keras").name == "sentiment-wide"
    monkeypatch.setattr(sys, "argv", ["short_texts.py", "--passes", "0"])
    with pytest.raises(SystemExit):
        short_texts.main()
