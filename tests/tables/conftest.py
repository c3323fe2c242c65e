"""Fixtures: files with given contents."""

import pytest


@pytest.fixture
def file(tmp_path):
    """(name, text or bytes, encoding) -> the path of such a file."""

    def written(name, content, encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(content.encode(encoding) if isinstance(content, str) else content)
        return path

    return written
