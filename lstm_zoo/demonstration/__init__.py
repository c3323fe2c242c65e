"""`demo`: a page in a browser to try the published pipelines in: a tab a task, and one that looks into their LSTMs."""

from __future__ import annotations

import os
import pathlib
import tempfile

from lstm_zoo.listening import listen
from lstm_zoo.optional import need
from lstm_zoo.processes import check_process

GRACE = 3  # seconds that accepted requests have to end: an open page is one that never does


def demo(*, host: str = "127.0.0.1", port: int = 7860, max_bytes: int = 10 * 2**20, max_seconds: float = 60.0) -> None:
    """Serve a page to try the published pipelines in, until SIGTERM or Ctrl-C.

    A tab a task, on what you type, say or upload, and a tab that looks into the LSTMs. It loads nothing from elsewhere,
    and what is uploaded is gone when the server ends.

    Args:
        host: address to listen on. "0.0.0.0": every address of the machine, for everybody who reaches it.
        port: port to listen on. 0: any free one.
        max_bytes: the largest file that is taken.
        max_seconds: the longest that a request waits for its answer, or that a text is written.

    Raises:
        OSError: the port is taken.
        ImportError: the extra `demo` is not installed.
        RuntimeError: this process was forked from one in which TensorFlow had run.

    Example:

    >>> demo(port=7860)
    """
    check_process()
    need("gradio", "demo")
    with tempfile.TemporaryDirectory(prefix="lstm_zoo-demo-") as folder:
        os.environ["GRADIO_TEMP_DIR"] = f"{folder}/uploads"  # it can be told in no other way
        from lstm_zoo.demonstration.page import application

        listen(application(pathlib.Path(folder), max_bytes, max_seconds), host, port, grace=GRACE)
