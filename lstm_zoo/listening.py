"""A server that ends well: an ASGI application on a port of this machine, until SIGTERM or Ctrl-C."""

import signal
import socket
import sys
from typing import Any


def listen(application: Any, host: str, port: int, path: str = "/", *, grace: int = 60) -> None:
    """Answer HTTP requests until SIGTERM or Ctrl-C, then finish those that were accepted.

    Args:
        application: what is served, in ASGI.
        host, port: address and port to listen on. Port 0: any free one.
        path: that is printed behind them.
        grace: seconds that accepted requests have to end.

    Raises:
        OSError: the port is taken.
    """
    import uvicorn

    with socket.create_server((host, port), backlog=2048) as listening:
        print(f"Serving http://{host}:{listening.getsockname()[1]}{path}", flush=True)
        for stop in (signal.SIGTERM, signal.SIGINT):  # raised again by uvicorn when it has answered what it accepted
            signal.signal(stop, lambda *_: sys.exit(0))
        config = uvicorn.Config(application, log_level="warning", timeout_graceful_shutdown=grace)
        uvicorn.Server(config).run(sockets=[listening])
