"""What the rivals share: jobs as lines of JSON in, seconds out, on as many threads as the first argument says.

A rival has a process of its own, since two frameworks' thread pools would fight in one.
"""

import functools
import json
import sys
import time

import numpy as np


def answer(prepare, set_threads):
    """Do each job: `prepare(**job)` gives the function that is timed, the same one for the same job.

    `set_threads` gets the number of threads. A job with `output`, the path of a file, has the tensors written to it
    that the function returns.
    """
    set_threads(int(sys.argv[1]))
    answers, sys.stdout = sys.stdout, sys.stderr  # packages print what they like

    @functools.lru_cache(maxsize=6)
    def prepared(job):
        return prepare(**json.loads(job))

    for line in sys.stdin:
        job = json.loads(line)
        output = job.pop("output", None)
        function = prepared(json.dumps(job))
        start = time.perf_counter()
        tensors = function()
        seconds = time.perf_counter() - start
        if output:
            np.savez(output, *(tensor.numpy() for tensor in tensors))
        print(seconds, file=answers, flush=True)
