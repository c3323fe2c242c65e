"""The hub that is played, see `hub.py`, as a user's process meets it: its address, a token, a cache of its own."""

import contextlib

import hub
import pytest


@contextlib.contextmanager
def running(monkeypatch, folder, token="hf_write"):
    """A hub without repositories, and a client that never waits and keeps its cache in a folder."""
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(folder / "hub"))
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(folder / "token"))
    monkeypatch.setattr("huggingface_hub.utils._http.time.sleep", lambda seconds: None)
    monkeypatch.delenv("LSTM_ZOO_OFFLINE", raising=False)
    monkeypatch.setenv("HF_TOKEN", token)
    with hub.Hub() as server:
        monkeypatch.setenv("HF_ENDPOINT", server.address)
        yield server


def said(call, *words, **options):
    """The message of the OSError or ValueError that a call raises, and of all that led to it, the caller's tokens not
    among them."""
    with pytest.raises((OSError, ValueError)) as caught:
        call(*words, **options)
    message = str(caught.value)
    assert "\n" not in message
    assert not any(token in message for token in (*hub.TOKENS, "hf_secret"))
    return type(caught.value), message
