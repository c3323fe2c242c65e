"""benchmarks.strangers translation: the sentences stay as they are, and what is told of answers is what they are."""

import csv
import doctest
import hashlib
import json
import pathlib
import sys
import types

import pytest
import tiny

import lstm_zoo
from lstm_zoo import registry
from lstm_zoo.datasets import Dataset
from lstm_zoo.weights import catalog, checks

ROOT = pathlib.Path(__file__).parents[2]
WRITTEN = "f41c05c8165a61685ea1d4bdf6a3385dfea42c9ecbd25b270078949859367671"  # never to be changed: see the module
EXAMPLES, SIZES = (tiny.TINY["translation"][part] for part in ("examples", "sizes"))


@pytest.fixture
def strangers(monkeypatch):
    monkeypatch.syspath_prepend(ROOT)
    from benchmarks.strangers import __main__, everyday, out_of_domain, texts, translations

    return types.SimpleNamespace(
        main=__main__.main, everyday=everyday, out_of_domain=out_of_domain, texts=texts, translations=translations
    )


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory):
    """Path of a file that learnt a small `multi30k/de-en`; while it is there the other data sets are as small."""
    datasets = registry.get_task("translation").datasets
    reverse = [pair[::-1] for pair in EXAMPLES]
    with pytest.MonkeyPatch.context() as patch:
        for kind in ("multi30k", "help", "dialogues", "phrases"):
            for languages, pairs in ((("de", "en"), EXAMPLES), (("en", "de"), reverse)):
                small = Dataset(load=lambda split, pairs=pairs: pairs, license="", limits="", languages=languages)
                patch.setitem(datasets, f"{kind}/{'-'.join(languages)}", small)
        folder = tmp_path_factory.mktemp("trained") / "run"
        options = {"epochs": 1, "max_tokens": 200, "verbose": False, **SIZES}
        lstm_zoo.train("translation/attention", "multi30k/de-en", folder=folder, **options)
        yield str(folder / "pipeline.keras")


class TestSentences:
    """everyday.tsv."""

    def test_nobody_changes_them(self, strangers):
        assert hashlib.sha256(strangers.everyday.SENTENCES.read_bytes()).hexdigest() == WRITTEN

    def test_they_are_what_their_page_says(self, strangers):
        pairs = strangers.everyday.pairs_of(strangers.everyday.SENTENCES, "de", "en")
        assert len(set(pairs)) == 100
        assert all(3 <= len(source.split()) <= 20 for source, _ in pairs)
        kept = strangers.everyday.kept_tokens(pairs)
        digits = [any(token[0].isdigit() for token in tokens) for tokens in kept]
        names = [any(token[0].isupper() for token in tokens) for tokens in kept]
        assert (sum(digits), sum(names)) == (30, 31)  # August is one
        assert {token for tokens in kept for token in tokens} >= {"Kowalski", "Rotterdam", "17:45", "249", "5552316"}
        reverse = strangers.everyday.pairs_of(strangers.everyday.SENTENCES, "en", "de")
        assert [set(tokens) for tokens in strangers.everyday.kept_tokens(reverse)] == [set(tokens) for tokens in kept]

    def test_a_language_without_a_column_is_refused(self, strangers, tmp_path):
        (tmp_path / "own.tsv").write_text("de\tfr\nEin Hund.\tUn chien.\n", encoding="utf-8")
        with pytest.raises(ValueError, match="needs rows with the columns de and en. Received: de, fr"):
            strangers.everyday.pairs_of(tmp_path / "own.tsv", "de", "en")


class TestAnswers:
    """What is told of an answer without a judge."""

    def test_the_examples_hold(self, strangers):
        assert doctest.testmod(strangers.everyday).failed == 0

    @pytest.mark.parametrize(
        ("answer", "expected"),
        [
            ("", False),
            ("no no", False),
            ("No, no, no.", True),
            ("It is the man of the man of the man of it.", True),
            ("a b c d e f g h " * 3, True),
            ("a b c d e f g h i " * 3, False),  # nine words
            ("The dog saw the dog that saw the dog.", False),
            ("well, a b a b a", False),
        ],
    )
    def test_what_a_loop_is(self, strangers, answer, expected):
        assert strangers.everyday.loops("Ein Hund.", answer) is expected
        assert not strangers.everyday.loops("nein nein nein", answer)

    def test_numbers_are_kept_whole(self, strangers):
        kept = strangers.everyday.kept_tokens([("Um 17:45 bei Anna-Lena.", "At 17:45 with Anna-Lena.")])
        assert kept == [["17:45", "Anna-Lena"]]
        assert strangers.everyday.share_kept(kept, ["At 17.45 with Anna-Lena's dog."]) == 0.5
        assert strangers.everyday.share_kept([[]], ["Anna"]) is None

    def test_judgements_are_of_answers(self, strangers, tmp_path):
        path = tmp_path / "judged.tsv"

        def judged(*rows):
            titles = ("model", "direction", "number", "answer", "understandable")
            path.write_text("".join("\t".join(row) + "\n" for row in (titles, *rows)), encoding="utf-8")
            return strangers.everyday.judgements(path)

        good, bad = ("one", "de-en", "1", "I am cold.", "1"), ("one", "de-en", "2", "A man.", "0")
        found = judged(good, bad, ("other", *good[1:]))
        assert strangers.everyday.judged_of(found, "de-en", ["I am cold.", "A man."]) == [True, False]
        assert strangers.everyday.judged_of(found, "de-en", ["I am old.", "I am cold."]) == [None, None]
        with pytest.raises(ValueError, match="judged.tsv:3: the same answer was judged otherwise"):
            judged(good, ("other", "de-en", "1", "I am cold.", "0"))
        with pytest.raises(ValueError, match="judged.tsv:2: understandable is 0 or 1. Received: 'yes'"):
            judged((*bad[:4], "yes"))

    def test_what_was_judged_can_be_read(self, strangers):
        numbers = {number for _, number, _ in strangers.everyday.judgements(strangers.everyday.JUDGED)}
        assert numbers <= set(range(1, 101))


class TestOutOfDomain:
    """What goes into the rows of published files."""

    def test_only_published_files_are_told_of(self, strangers, tmp_path):
        [name, *_] = strangers.translations.published()
        told = {name: {"tweets": {"metrics": {"bleu": 1.0}, "baselines": {}}}, "own.keras": {"tweets": {}}}
        strangers.out_of_domain.write_out_of_domain(told, tmp_path / "new")
        [path] = (tmp_path / "new").iterdir()
        assert (path.name, json.loads(path.read_text())) == (f"{name}.json", told[name])

    def test_texts_stand_beside_the_bag_of_pairs(self, strangers):
        bag = "TF-IDF of words and pairs, logistic regression"
        rows = [
            {"texts": "tweets", "model": bag, "accuracy": 0.5},
            {"texts": "tweets", "model": "file", "accuracy": 0.75, "calibration error": 0.25},
            {"texts": strangers.texts.WHOLE, "model": "file", "accuracy": 1.0, "calibration error": 0.0},
        ]
        metrics = {"accuracy": 0.75, "calibration_error": 0.25}
        told = strangers.texts.out_of_domain(rows)["file"]
        assert told == {"tweets": {"metrics": metrics, "baselines": {bag: {"accuracy": 0.5}}}}


class TestCommand:
    """Rows, pages, and the table to judge."""

    @pytest.fixture
    def run(self, strangers, monkeypatch, tmp_path, pipeline):
        monkeypatch.setattr(strangers.everyday, "JUDGED", tmp_path / "judged.tsv")
        judge(tmp_path / "judged.tsv", [])

        def called(*words):
            output = tmp_path / "result.json"
            fixed = ["--models", pipeline, "--sentences", 20]
            words = ["translation", *fixed, "--output", output, "--folder", tmp_path / "answers", *words]
            monkeypatch.setattr(sys, "argv", ["strangers", *map(str, words)])
            strangers.main()
            return json.loads(output.read_text(encoding="utf-8"))

        return called

    def test_it_tells_of_every_kind_and_goes_on_with_judgements(self, strangers, run, tmp_path, monkeypatch, pipeline):
        row = {"name": pipeline, "network": "translation/attention", "data": "multi30k/de-en"}
        first = run()
        assert [row["texts"] for row in first["table"][::3]] == list(strangers.translations.TEXTS)
        source, nearest, ours = first["table"][:3]
        assert (source["model"], ours["model"]) == ("source, untranslated", pipeline)
        assert (nearest["model"], nearest["BLEU"]) == ("nearest training sentence of multi30k/de-en", 100.0)
        assert {row["direction"] for row in first["table"]} == {"de-en"}
        assert {"BLEU", "chrF", "empty", "loops"} <= ours.keys()
        everyday = first["table"][-1]
        assert (everyday["judged"], "understandable" in everyday, "kept" in everyday) == (0.0, False, True)

        table = tmp_path / "answers" / "everyday.csv"
        with table.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        assert [row["number"] for row in rows] == [str(number) for number in range(1, 21)]
        assert {row["understandable"] for row in rows} == {""}
        judge(tmp_path / "judged.tsv", [{**row, "understandable": 1 - number} for number, row in enumerate(rows[:2])])
        then = run("--texts", "everyday")
        assert then["table"][:-1] == first["table"][:-1]
        assert then["table"][-1] == {**everyday, "understandable": 0.5, "judged": 0.1}
        assert table.read_text(encoding="utf-8").splitlines()[1].endswith(",1")

        told = strangers.translations.out_of_domain(then["table"], {pipeline: "multi30k/de-en"})[pipeline]
        assert list(told) == ["help", "dialogues", "phrases", "everyday"]  # captions it learnt from
        assert checks.is_out_of_domain(told)
        assert told["everyday"]["metrics"]["understandable"] == 0.5
        monkeypatch.setattr(catalog, "rows", lambda: [row])
        assert strangers.translations.published() == [pipeline]
        from scripts import results

        page = results.result_page(then)
        assert page.count(f"| {pipeline} |") == 5
        assert "\n| de-en | everyday | " in page

    def test_further_tables_are_texts_too(self, run, tmp_path):
        (tmp_path / "tables").mkdir()
        (tmp_path / "tables" / "own.tsv").write_text("en\tde\nA dog.\tEin Hund.\n", encoding="utf-8")
        result = run("--texts", "phrases", "--data", tmp_path / "tables")
        assert [row["texts"] for row in result["table"]] == ["phrases"] * 3 + ["own"] * 3
        assert result["command"].endswith(" --texts phrases --data DIR")

    @pytest.mark.parametrize(
        ("words", "message"),
        [
            (
                ["--texts", "captions,songs"],
                "--texts takes captions, help, dialogues, phrases, everyday. Received: songs",
            ),
            (["--output", ROOT / "benchmarks" / "results" / "strangers_translation.json"], "are for a trial"),
            (["--sentences", "0"], "--sentences is at least 1. Received: 0"),
            (["--models", "translation-attention-multi30k-de-eng"], "--models: Unknown weights"),
        ],
    )
    def test_odd_options_are_refused(self, run, words, message, capsys):
        with pytest.raises(SystemExit):
            run(*words)
        assert message in capsys.readouterr().err

    def test_a_translator_of_other_languages_is_refused(self, strangers, monkeypatch):
        monkeypatch.setattr(strangers.translations.lstm_zoo, "load", lambda name: name)
        monkeypatch.setattr(strangers.translations.lstm_zoo, "info", lambda pipeline: {"data": "multi30k/de-fr"})
        with pytest.raises(ValueError, match="is expected. Received: own, which learnt multi30k/de-fr"):
            strangers.translations.opened("own")


def judge(path, rows):
    """Write what people said of answers."""
    columns = ("model", "direction", "number", "answer", "understandable")
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, delimiter="\t", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
