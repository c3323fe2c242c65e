"""Requests in turn: one thread computes for everybody, and what goes wrong becomes a sentence.

TensorFlow takes all cores for one request, so that several at once are no faster; and what warns, and what Keras keeps,
is the whole process's. A text that is streamed takes a turn for each of its parts, so that others go between.
"""

import asyncio
import concurrent.futures
import pathlib
import time
import traceback
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

from lstm_zoo.demonstration.markup import paragraph

THREAD = concurrent.futures.ThreadPoolExecutor(1, "lstm_zoo-demo")
ERRORS = (ValueError, OSError, ImportError)  # whose messages are for users


def answering(function: Callable[..., str], max_seconds: float) -> Callable[..., Awaitable[str]]:
    """A coroutine function that gives what `function` does, HTML, with its warnings, or its error as a sentence."""

    async def answer(*inputs):
        try:
            return await in_turn(max_seconds, with_warnings, function, *inputs)
        except Exception as error:
            return paragraph(sentence_of(error, inputs), "error")

    return answer


def streaming(function: Callable[..., Iterator[str]], max_seconds: float) -> Callable[..., AsyncIterator[str]]:
    """The same for a generator function, whose values follow one another; no longer than `max_seconds` in all."""

    async def answer(*inputs):
        parts, end, shown = function(*inputs), time.monotonic() + max_seconds, ""
        try:
            while (part := await in_turn(end - time.monotonic(), next, parts, None)) is not None:
                yield (shown := part)
        except Exception as error:
            yield shown + paragraph(sentence_of(error, inputs), "error")

    return answer


async def in_turn(seconds: float, function: Callable[..., Any], *arguments: Any) -> Any:
    """What a function gives in the one thread; a TimeoutError after so many seconds, those before its turn too."""
    return await asyncio.wait_for(asyncio.get_running_loop().run_in_executor(THREAD, function, *arguments), seconds)


def with_warnings(function: Callable[..., str], *inputs: Any) -> str:
    """What a function gives, HTML, and behind it what it warned of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        html = function(*inputs)
    told = dict.fromkeys(str(warning.message) for warning in caught if warning.category is UserWarning)
    return html + "".join(paragraph(named(sentence, inputs), "warning") for sentence in told)


def sentence_of(error: Exception, inputs: tuple) -> str:
    """What a user is told of an error; one that is no user's goes to the terminal of the server."""
    if isinstance(error, TimeoutError):
        return "That took too long: it is too much for this machine, or many were before you. Try less of it, or again."
    if isinstance(error, ERRORS):
        return named(str(error), inputs)
    traceback.print_exception(error)
    return "That failed. The terminal in which the server runs tells why."


def named(sentence: str, inputs: tuple) -> str:
    """A sentence in which uploaded files are called by their names, and not by where they lie on the server."""
    for value in inputs:
        if isinstance(value, str) and (path := pathlib.Path(value)).is_absolute():
            sentence = sentence.replace(value, path.name)
    return sentence
