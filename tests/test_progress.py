"""progress.py: bars on stderr, on a terminal only, which never raise."""

import concurrent.futures
import io
import itertools
import time

import pytest

from lstm_zoo import progress


class Terminal(io.StringIO):
    """A stream that says to be a terminal."""

    def isatty(self):
        return True


class Gone(Terminal):
    """A terminal whose window was closed."""

    def write(self, _):
        raise OSError(5, "Input/output error")


def closed():
    stream = Terminal()
    stream.close()
    return stream


def test_a_bar_on_a_terminal(monkeypatch, capsys):
    monkeypatch.setattr("sys.stderr", screen := Terminal())
    assert list(progress.track([1, 2, 3], "counting")) == [1, 2, 3]
    assert "counting" in screen.getvalue()
    assert "0/3" in screen.getvalue()  # it is drawn again after a tenth of a second
    assert capsys.readouterr().out == ""


def test_no_bar_for_what_is_short(monkeypatch):
    monkeypatch.setattr("sys.stderr", screen := Terminal())
    assert list(progress.track([1, 2, 3], "counting", shown=False)) == [1, 2, 3]
    assert screen.getvalue() == ""


@pytest.mark.parametrize("stream", [None, io.StringIO(), closed(), Gone()])
def test_never_raises_nor_draws_elsewhere(stream, monkeypatch, capsys):
    monkeypatch.setattr("sys.stderr", stream)
    assert list(progress.track(iter("ab"), "counting")) == ["a", "b"]
    with progress.Bar(desc="counting", total=2) as bar:
        bar.update(2)
    assert capsys.readouterr() == ("", "")


def test_many_threads_at_once(monkeypatch):
    monkeypatch.setattr("sys.stderr", Terminal())
    items = list(range(200))
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        lists = pool.map(lambda number: list(progress.track(items, f"thread {number}")), range(8))
        assert list(lists) == [items] * 8


def test_of_training(monkeypatch, capsys):
    import keras
    import numpy as np

    network = keras.Sequential([keras.Input([2]), keras.layers.Dense(1)])
    network.compile(loss="mse")
    rows = np.zeros([8, 2])

    def fit(*more):
        with progress.of_fit(True) as bars:
            network.fit(rows, rows[:, :1], 2, epochs=2, verbose=0, callbacks=[*more, *bars], validation_split=0.5)
        return bars

    monkeypatch.setattr("sys.stderr", screen := Terminal())
    fit(keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: time.sleep(0.11)))  # drawn again
    drawn = screen.getvalue()
    assert "2/2" in drawn
    assert "val_loss=0" in drawn
    steps = itertools.count()

    def interrupt(batch, logs):
        if next(steps):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(keras.callbacks.LambdaCallback(on_train_batch_end=interrupt))
    monkeypatch.setattr("sys.stderr", io.StringIO())
    assert fit() == []
    assert capsys.readouterr() == ("", "")
