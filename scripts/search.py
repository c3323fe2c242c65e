"""`lstm-zoo search`, and with `--workers N` a chief and N workers as processes of this machine.

    python scripts/search.py sentiment --trials 30
    python scripts/search.py sentiment --trials 30 --workers 3 --units 64,128 --learning-rate 1e-4:1e-2

A worker or chief that is killed is started again, and all end with the command, however that ends. The processor's
cores are shared out evenly: on Linux each worker keeps to its own, elsewhere it runs as many threads.
"""

import argparse
import os
import socket
import subprocess
import sys
import threading
import time

from lstm_zoo import cli

# Environment of a chief or worker; its command line is that of the command that started it, which the search records.
PARENT = "LSTM_ZOO_SEARCH_PARENT"  # process id of that command
CORES = "LSTM_ZOO_SEARCH_CORES"  # that a worker runs on, like 0,2
GRACE = 60  # seconds that the others get to end after the chief


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], add_help=False, allow_abbrev=False)
    parser.add_argument("--workers", type=int)
    known, words = parser.parse_known_args()
    cores, parent = os.environ.get(CORES), os.environ.get(PARENT)
    if cores:
        os.sched_setaffinity(0, map(int, cores.split(",")))  # before TensorFlow counts them and starts threads
    if parent:
        threading.Thread(target=end_with, args=[int(parent)], daemon=True).start()
    if known.workers is None or parent:
        sys.argv = ["lstm-zoo", "search", *words]
        cli.main()
    elif known.workers < 1:
        sys.exit(f"Error: --workers is above 0. Received: {known.workers}")
    else:
        sys.exit(supervise(known.workers))


def end_with(parent):
    """End this process when the one that started it is gone."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def supervise(count):
    """Run a chief and `count` workers until the chief ends; the exit status is the chief's."""
    port = os.environ.get("KERASTUNER_ORACLE_PORT") or str(free_port())
    workers = [f"worker{number + 1}" for number in range(count)]
    shares = dict(zip(workers, shared_out(count)))
    processes = {name: start(name, shares.get(name), port) for name in ("chief", *workers)}
    try:
        while processes["chief"].poll() is None or processes["chief"].returncode < 0:
            for name, process in list(processes.items()):
                if process.poll() is not None and process.returncode < 0:  # by a signal; an error stays
                    print(f"{name} was killed and starts again.", file=sys.stderr)
                    processes[name] = start(name, shares.get(name), port)
            if all(processes[name].poll() for name in workers):
                print("Error: every worker has ended with an error.", file=sys.stderr)
                return 1
            time.sleep(0.5)
        deadline = time.monotonic() + GRACE
        while any(process.poll() is None for process in processes.values()) and time.monotonic() < deadline:
            if processes["chief"].returncode:
                break
            time.sleep(0.1)
        return processes["chief"].returncode
    finally:
        for process in processes.values():
            if process.poll() is None:
                process.terminate()
        for process in processes.values():
            process.wait()


def shared_out(count):
    """The cores of each of `count` workers as a list, at least one."""
    known = hasattr(os, "sched_getaffinity")
    cores = sorted(os.sched_getaffinity(0)) if known else list(range(os.cpu_count() or 1))
    return [cores[number::count] or [cores[number % len(cores)]] for number in range(count)]


def start(name, cores, port):
    """A process of this script as the chief, or as a worker on these cores."""
    environment = {
        **os.environ,
        "KERASTUNER_TUNER_ID": name,
        "KERASTUNER_ORACLE_IP": "127.0.0.1",
        "KERASTUNER_ORACLE_PORT": port,
        PARENT: str(os.getpid()),
    }
    if cores:
        for variable in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
            environment.setdefault(variable, str(len(cores)))
        # Threads alone do not keep workers apart: TensorFlow reads data in threads of its own.
        if hasattr(os, "sched_setaffinity"):
            environment[CORES] = ",".join(map(str, cores))
    return subprocess.Popen([sys.executable, *sys.argv], env=environment)


def free_port():
    """A port of this machine that nothing listens at."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


if __name__ == "__main__":
    main()
