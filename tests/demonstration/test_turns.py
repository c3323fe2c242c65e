"""demonstration/turns.py: one after the other, in time, and errors as sentences."""

import asyncio
import threading
import time
import warnings

import pytest

from lstm_zoo.demonstration.turns import answering, streaming


def ask(function, *inputs, seconds=10.0):
    return asyncio.run(answering(function, seconds)(*inputs))


def test_one_at_a_time():
    running, most = [], []

    def work(number):
        running.append(number)
        time.sleep(0.01)
        most.append(len(running))
        running.pop()
        return str(number)

    async def all_at_once():
        return await asyncio.gather(*map(answering(work, 10), range(20)))

    assert asyncio.run(all_at_once()) == list(map(str, range(20)))
    assert set(most) == {1}


@pytest.mark.parametrize("error", [ValueError("Two < one."), OSError("Two < one."), ImportError("Two < one.")])
def test_an_error_is_its_sentence(error, capsys):
    def fail():
        raise error

    assert ask(fail) == '<p class="error" role="alert">Two &lt; one.</p>'
    assert not capsys.readouterr().err


def test_a_fault_goes_to_the_terminal(capsys):
    assert ask(lambda: 1 / 0) == (
        '<p class="error" role="alert">That failed. The terminal in which the server runs tells why.</p>'
    )
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_uploads_are_called_by_their_names():
    def fail(path, text):
        warnings.warn(f"Columns of {path} that are left out: price.", stacklevel=2)
        raise ValueError(f"{path}, line 3: {text}")

    assert ">load.csv, line 3: a text<" in ask(fail, "/tmp/gradio/0123/load.csv", "a text")


def test_warnings_are_told_once():
    def warn(path):
        for category in (UserWarning, UserWarning, DeprecationWarning):
            warnings.warn(f"{path} is odd.", category, stacklevel=2)
        return "answer"

    assert ask(warn, "/tmp/gradio/0123/load.csv") == 'answer<p class="warning" role="note">load.csv is odd.</p>'


def test_a_request_ends_in_time():
    ended = threading.Event()

    async def two():
        slow = asyncio.create_task(answering(lambda: ended.wait(10) and "", 0.1)())
        await asyncio.sleep(0)
        never = await answering(lambda: "not reached in time", 0.1)()
        return await slow, never

    for page in asyncio.run(two()):
        assert "took too long" in page
    ended.set()


def gathered(function, *inputs, seconds=10.0):
    async def gather():
        return [part async for part in streaming(function, seconds)(*inputs)]

    return asyncio.run(gather())


def test_a_stream_comes_in_parts():
    assert gathered(lambda text: iter([text, text * 2]), "a") == ["a", "aa"]


def test_an_error_in_a_stream_stands_behind_what_there_is():
    def parts():
        yield "so far"
        raise ValueError("No more.")

    assert gathered(parts) == ["so far", 'so far<p class="error" role="alert">No more.</p>']


def test_a_stream_ends_in_time():
    def endless():
        while True:
            time.sleep(0.02)
            yield "on"

    begin = time.monotonic()
    parts = gathered(endless, seconds=0.3)
    assert time.monotonic() - begin < 5
    assert "took too long" in parts[-1]
    assert parts[0] == "on"


def test_others_go_between_the_parts_of_a_stream():
    order = []

    def count():
        for number in range(10):
            order.append(number)
            yield str(number)

    async def stream():
        return [part async for part in streaming(count, 10)()]

    async def both():
        await asyncio.gather(stream(), answering(lambda: order.append("other") or "", 10)())

    asyncio.run(both())
    assert order.index("other") < 3
