"""The page behind a server in a thread of this process."""

import contextlib
import json
import socket
import threading
import time
import urllib.request

import pytest

WHY = "the page is an extra: pip install 'lstm_zoo[demo]'"


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """The address of the page, whose files are of at most 1 MB and whose requests of at most 30 s."""
    pytest.importorskip("gradio", reason=WHY, exc_type=ImportError)
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("demo")
        patch.setenv("GRADIO_TEMP_DIR", str(folder / "uploads"))
        from lstm_zoo.demonstration.page import application

        with running(application(folder, 2**20, 30.0)) as address:
            yield address


@contextlib.contextmanager
def running(application):
    """The address at which an ASGI application is served."""
    import uvicorn

    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(application, log_config=None, timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(60)
        assert not thread.is_alive()


@pytest.fixture(scope="module")
def config(served):
    """What the server tells a browser of the page."""
    with urllib.request.urlopen(f"{served}/config", timeout=30) as answer:
        return json.load(answer)
