"""folders.py: what is in a folder, and what is not."""

import pytest

from lstm_zoo.tables import folders


def test_hidden_ones_are_none_and_endings_have_any_case(tmp_path):
    for name in ("good/a.txt", "good/B.TXT", ".ipynb_checkpoints/c.txt", "bad/.d.txt", "bad/e.Txt", "bad/deep/f.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    found = [(path.name, label) for path, label in folders.labelled_files(tmp_path, [".txt"])]
    assert found == [("e.Txt", "bad"), ("B.TXT", "good"), ("a.txt", "good")]
    assert [path.name for path in folders.files_below(tmp_path, [".txt"])] == ["f.txt", "e.Txt", "B.TXT", "a.txt"]


def test_other_files_are_said(tmp_path):
    (tmp_path / "a.txt").write_text("x")
    for name in ("b.doc", "c.doc", "README"):
        (tmp_path / name).write_text("x")
    with pytest.warns(UserWarning, match=r"left out, by their endings: 2 .doc, 1 README"):
        assert len(folders.files_below(tmp_path, [".txt"])) == 1


def test_none(tmp_path):
    with pytest.raises(ValueError, match=r"has no file that ends in .txt"):
        folders.files_below(tmp_path, [".txt"])
    with pytest.raises(ValueError, match=r"has no file LABEL/\*, in one sub-folder a label, that ends in .wav, .flac"):
        folders.labelled_files(tmp_path, [".wav", ".flac"])
