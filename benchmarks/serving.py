"""What answering requests together gives `lstm-zoo serve`.

    python -m benchmarks.serving [--requests 1000]

Requests of a review of 210 tokens each to `lstm-zoo serve sentiment`: one after the other, and all at once.
"""

import concurrent.futures
import json
import subprocess
import sys
import time
import urllib.request

from benchmarks.measuring import REVIEW, parse, parser, write

ALONE = 100  # requests one after the other


def main():
    options = parser("serving", __doc__)
    options.add_argument("--requests", type=int, default=1000, help="at once (default: %(default)s)")
    arguments = parse(options)
    command = [sys.executable, "-m", "lstm_zoo", "serve", "sentiment/bilstm", "--port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    address = server.stdout.readline().split()[1]
    body = json.dumps({"instances": [REVIEW]}).encode()

    def ask(_):
        with urllib.request.urlopen(urllib.request.Request(address, body), timeout=300) as answer:
            return len(json.load(answer)["predictions"]) == 1

    def row(name, requests, clients):
        start = time.perf_counter()
        with concurrent.futures.ThreadPoolExecutor(clients) as pool:
            answered = sum(pool.map(ask, range(requests)))
        rate = requests / (time.perf_counter() - start)
        return {"requests": name, "number": requests, "a second": rate, "errors": requests - answered}

    try:
        row("warm", 64, 64)
        table = [row("one after the other", ALONE, 1), row("at once", arguments.requests, arguments.requests)]
    finally:
        server.terminate()
    table[1]["times as many"] = table[1]["a second"] / table[0]["a second"]
    settings = {"exit status of the server": server.wait(60)}
    write(arguments.output, "benchmarks.serving", __doc__, settings=settings, table=table, packages=("uvicorn",))


if __name__ == "__main__":
    main()
