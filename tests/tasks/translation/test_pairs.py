"""pairs.py: what people give, and the data sets."""

import gzip

import pytest
import tensorflow as tf

from lstm_zoo.tasks import translation
from lstm_zoo.tasks.translation import pairs


class TestRead:
    def test_pairs_and_a_data_set_of_pairs(self):
        assert pairs.read([("a", "b"), [b"c", "d "]]) == [("a", "b"), ("c", "d")]
        assert pairs.read(tf.data.Dataset.from_tensor_slices((["ä"], ["b"]))) == [("ä", "b")]

    @pytest.mark.parametrize("zipped", [False, True])
    def test_two_line_aligned_files(self, tmp_path, zipped):
        paths = [tmp_path / f"train.{language}{'.gz' if zipped else ''}" for language in ("de", "en")]
        # a line break of Unicode within a line is none
        for path, text in zip(paths, ("Ein Hund.\nEine\u2028Katze.\n", "A dog.\r\nA cat.\r\n")):
            (gzip.open if zipped else open)(path, "wt", encoding="utf-8", newline="").write(text)
        expected = [("Ein Hund.", "A dog."), ("Eine\u2028Katze.", "A cat.")]
        assert pairs.read(tuple(paths)) == expected
        assert pairs.read(",".join(map(str, paths))) == expected

    def test_files_of_unequal_length_are_counted(self, tmp_path):
        (tmp_path / "a").write_text("1\n2\n3\n")
        (tmp_path / "b").write_text("1\n2\n")
        with pytest.raises(ValueError, match=r"as many lines .* 3 lines in .*a and 2 lines in .*b"):
            pairs.read((tmp_path / "a", tmp_path / "b"))

    def test_tables(self, tmp_path):
        (tmp_path / "a.tsv").write_text('Ein "Hund\tA "dog\n\nb\tc\n', encoding="utf-8")
        assert pairs.read(tmp_path / "a.tsv") == [('Ein "Hund', 'A "dog'), ("b", "c")]
        (tmp_path / "b.tsv").write_text("source\ttarget\nb\tc\n")
        assert pairs.read(str(tmp_path / "b.tsv")) == [("b", "c")]
        (tmp_path / "c.csv").write_text('target,id,source\n"c, d",1,b\n')
        assert pairs.read(tmp_path / "c.csv") == [("b", "c, d")]

    def test_malformed_tables(self, tmp_path):
        (tmp_path / "a.tsv").write_text("a\tb\nc\n")
        with pytest.raises(ValueError, match=r"a.tsv, line 2: 2 fields are expected.* \['c'\]"):
            pairs.read(tmp_path / "a.tsv")
        (tmp_path / "b.csv").write_text("source,english\na,b\n")
        with pytest.raises(ValueError, match="lacks the column target"):
            pairs.read(tmp_path / "b.csv")
        (tmp_path / "c.tsv").write_bytes(b"\xff\xfe\xfa")
        with pytest.raises(ValueError, match="c.tsv is in UTF-16"):
            pairs.read(tmp_path / "c.tsv")
        with pytest.raises(FileNotFoundError):
            pairs.read(tmp_path / "none.tsv")

    def test_empty_sides_are_left_out_and_counted(self):
        with pytest.warns(UserWarning, match="2 of 3 pairs are left out"):
            assert pairs.read([("a", "b"), ("", "b"), ("a", " \n")]) == [("a", "b")]
        with pytest.raises(ValueError, match="of 1 pairs none has text on both sides"):
            pairs.read([("a", "")])

    @pytest.mark.parametrize("source", [[], [("a",)], ["ab"], [("a", None)], [("a", 3)], 7, None])
    def test_what_are_no_pairs(self, source):
        with pytest.raises(ValueError, match="Received|empty"):
            pairs.read(source)


def test_split():
    examples = [(str(number), "x") for number in range(50)]
    training, validating = pairs.split(examples, seed=1)
    assert len(validating) == 5
    assert sorted(training + validating) == sorted(examples)
    with pytest.raises(ValueError, match="one pair only"):
        pairs.split(examples[:1])


class TestData:
    def test_unknown(self):
        with pytest.raises(ValueError, match="Unknown data set: 'multi30k/de-nl'.* Known: multi30k/de-en"):
            translation.TASK.data("train", "multi30k/de-nl")
        with pytest.raises(ValueError, match="Unknown split: 'valid'.* Known: train, validation, test"):
            translation.TASK.data("valid")

    def test_real_data(self, prepared):
        prepared("multi30k/de-en")
        examples = translation.TASK.data("validation")
        assert len(examples) == 1014
        assert examples[0] == (
            "Eine Gruppe von Männern lädt Baumwolle auf einen Lastwagen",
            "A group of men are loading cotton onto a truck",
        )
