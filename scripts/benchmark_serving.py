"""What batching gives `lstm-zoo serve`: requests a second one by one, and at once; written to docs/serving.json.

python scripts/benchmark_serving.py
"""

import concurrent.futures
import json
import os
import subprocess
import sys
import time
import urllib.request

import results
from benchmark import REVIEW, processor

from lstm_zoo.training.checkpoints import write

ALONE, AT_ONCE, CLIENTS = 100, 1000, 1000


def main():
    command = [sys.executable, "-m", "lstm_zoo", "serve", "sentiment", "--port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    address = server.stdout.readline().split()[1]
    body = json.dumps({"instances": [REVIEW]}).encode()

    def ask(_):
        with urllib.request.urlopen(urllib.request.Request(address, body), timeout=300) as answer:
            return len(json.load(answer)["predictions"]) == 1

    def rate(requests, clients):
        start = time.perf_counter()
        with concurrent.futures.ThreadPoolExecutor(clients) as pool:
            right = sum(pool.map(ask, range(requests)))
        return right, requests / (time.perf_counter() - start)

    rate(64, 64)  # warm
    _, alone = rate(ALONE, 1)
    right, at_once = rate(AT_ONCE, CLIENTS)
    server.terminate()
    result = {
        "command": "python scripts/benchmark_serving.py",
        "machine": f"{processor()}, {os.cpu_count()} cores",
        "one_by_one": alone,
        "at_once": at_once,
        "requests": AT_ONCE,
        "errors": AT_ONCE - right,
        "exit_status": server.wait(60),
    }
    write(results.SERVING, json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
