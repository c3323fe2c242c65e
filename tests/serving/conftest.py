"""Servers in a thread of this process, and requests to them over HTTP."""

import contextlib
import json
import queue
import signal
import socket
import threading
import time
import types
import urllib.error
import urllib.request

import pytest

from lstm_zoo import listening, serving


@pytest.fixture(scope="session")
def uvicorn():
    """The package; skips where it is not installed."""
    return pytest.importorskip("uvicorn", reason="serving is an extra: pip install 'lstm_zoo[serve]'")


@pytest.fixture(autouse=True, scope="session")
def unlogged(uvicorn):
    """uvicorn sets up logging anew, by which absl closes the file that pytest captures standard error in."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(uvicorn.Config, "configure_logging", lambda self: None)
        yield


@pytest.fixture(scope="session")
def ask():
    """Status and JSON of the answer to a POST of a body, bytes or what becomes JSON."""

    def ask(address, body, timeout=60):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        try:
            with urllib.request.urlopen(urllib.request.Request(address, data), timeout=timeout) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    return ask


@pytest.fixture(scope="session")
def serve(uvicorn):
    """A context with the address of the model of a SavedModel, or of a file, behind a server, which ends well."""

    @contextlib.contextmanager
    def serve(folder, **options):
        servers = queue.Queue()

        class Server(uvicorn.Server):
            def run(self, sockets=None):
                servers.put(self)
                super().run(sockets)

        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            port = listener.getsockname()[1]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(uvicorn, "Server", Server)
            # Signals reach the main thread alone.
            numbers = {"SIGTERM": signal.SIGTERM, "SIGINT": signal.SIGINT}
            patch.setattr(listening, "signal", types.SimpleNamespace(signal=lambda *_: None, **numbers))
            thread = threading.Thread(target=serving.serve, args=(str(folder),), kwargs={"port": port, **options})
            thread.start()
            server = servers.get(timeout=60)
            while not server.started:
                time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{port}/v1/models/{folder.name.removesuffix('.keras')}:predict"
        finally:
            server.should_exit = True
            thread.join(60)
        assert not thread.is_alive()

    return serve
