"""Fixtures of the tests of forecasting."""

import pytest
import tiny


@pytest.fixture(scope="session")
def pipeline():
    """A small pipeline with the weights it starts from: what is tested with it holds for any. Not to be changed."""
    return tiny.pipeline_for("forecasting/seq2seq")
