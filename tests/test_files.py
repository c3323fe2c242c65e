"""files.py: files that are whole or not there."""

import pytest

from lstm_zoo import files


def test_a_block_that_ends_well_replaces_the_file(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("before")
    with files.replacing(path) as part:
        assert part.parent == path.parent
        assert part.suffix == path.suffix
        assert part.name.startswith(".")
        part.write_text("after")
        assert path.read_text() == "before"
    assert path.read_text() == "after"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("content", [None, "before"])
def test_a_block_that_raises_leaves_the_file_as_it_was(tmp_path, content):
    path = tmp_path / "data.csv"
    if content:
        path.write_text(content)

    def interrupted():
        with files.replacing(path) as part:
            part.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert [file.read_text() for file in tmp_path.iterdir()] == ([content] if content else [])


def test_text_is_utf_8_and_a_path_may_be_a_word(tmp_path):
    files.write_text(str(tmp_path / "text.txt"), "Käse\x85 👍🏽")
    assert (tmp_path / "text.txt").read_bytes() == "Käse\x85 👍🏽".encode()


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        files.write_text(tmp_path / "none" / "text.txt", "text")
