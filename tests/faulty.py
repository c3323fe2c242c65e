"""A server of one file, and what goes wrong on the way from it."""

import contextlib
import http.server
import socket
import threading

# Faults that trying again gets over; `answer_...` say what they are.
TRANSIENT = ["broken", "busy", "reset", "closed", "stalled", "short", "long", "wrong", "page", "unsatisfiable"]


class Server(http.server.ThreadingHTTPServer):
    """Serves `content` at every path in a `with` block, with the faults of `faults`, one a request; then without."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, content):
        super().__init__(("127.0.0.1", 0), Handler)
        self.content, self.faults, self.requests = content, [], []
        self.ranges, self.sized, self.released = True, True, threading.Event()
        self.address = f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *error):
        self.released.set()
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_): ...

    def do_GET(self):
        begin = self.headers.get("Range", "bytes=0-")[6:-1]
        begin = int(begin) if self.server.ranges else 0
        self.server.requests.append((self.path, begin))
        fault = self.server.faults.pop(0) if self.server.faults else "none"
        self.content = self.server.content
        getattr(self, f"answer_{fault}")(begin)

    def send(self, body, status=200, length=None, **headers):
        self.send_response(status)
        for name, value in {"Content-Length": length or len(body), **headers}.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        with contextlib.suppress(ConnectionError):
            self.wfile.write(body)

    def answer_none(self, begin):
        if not self.server.sized:
            return self.send_chunk(begin, self.content[begin:], b"0\r\n\r\n")
        headers = {"Content_Range": f"bytes {begin}-{len(self.content) - 1}/{len(self.content)}"} if begin else {}
        return self.send(self.content[begin:], 206 if begin else 200, **headers)

    def send_chunk(self, begin, body, end):
        """Without a Content-Length; what is not followed by an empty chunk is not all."""
        self.send_response(206 if begin else 200)
        self.send_header("Transfer-Encoding", "chunked")
        if begin:
            self.send_header("Content-Range", f"bytes {begin}-{len(self.content) - 1}/{len(self.content)}")
        self.end_headers()
        self.wfile.write(b"%x\r\n%b\r\n%b" % (len(body), body, end))

    def answer_missing(self, begin):
        self.send(b"nothing here", 404)

    def answer_moved(self, begin):
        self.send(b"", 302, Location="/elsewhere")

    def answer_broken(self, begin):
        self.send(b"sorry", 500)

    def answer_busy(self, begin):
        self.send(b"later", 503, Retry_After=0)

    def send_half(self, begin):
        half = self.content[begin : (begin + len(self.content)) // 2]
        if not self.server.sized:
            return self.send_chunk(begin, half, b"")
        headers = {"status": 206, "Content_Range": f"bytes {begin}-"} if begin else {}
        return self.send(half, length=len(self.content) - begin, **headers)

    def answer_reset(self, begin):
        self.send_half(begin)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.connection.close()

    def answer_closed(self, begin):
        self.send_half(begin)
        self.close_connection = True

    def answer_stalled(self, begin):
        self.send_half(begin)
        self.wfile.flush()
        self.server.released.wait(20)

    def answer_short(self, begin):
        self.send(self.content[:-7])

    def answer_long(self, begin):
        self.send(self.content + b"more")

    def answer_wrong(self, begin):
        self.send(bytes([self.content[0] ^ 1]) + self.content[1:])

    def answer_page(self, begin):
        self.send(b"<html>Please log in</html>", Content_Type="text/html")

    def answer_loop(self, begin):
        self.server.faults.insert(0, "loop") if len(self.server.requests) < 1000 else None
        self.send(b"", 302, Location=self.path)

    def answer_unsatisfiable(self, begin):
        self.send(b"", 416)
