"""PyTorch's LSTM for scripts/benchmark.py, in a process of its own: jobs as lines of JSON in, seconds out.

A process, because malloc's settings count from its start, and because two frameworks' thread pools would fight in one.
"""

import functools
import json
import sys
import time

import torch


def step(job):
    """A function that runs the `job` once: a forward pass, or that and the gradients of inputs and weights."""
    batch, steps, inputs, units = job["shape"]
    layer = torch.nn.LSTM(inputs, units, batch_first=True, bidirectional=job["bidirectional"])
    values = torch.randn(batch, steps, inputs, requires_grad=job["training"])
    lengths = torch.tensor(job["lengths"]) if job["packed"] else None

    def forward():
        with torch.autocast("cpu", torch.bfloat16, enabled=job["bfloat16"]):
            if lengths is None:
                return layer(values)[0]
            packed = torch.nn.utils.rnn.pack_padded_sequence(values, lengths, batch_first=True, enforce_sorted=False)
            return torch.nn.utils.rnn.pad_packed_sequence(layer(packed)[0], batch_first=True, total_length=steps)[0]

    def infer():
        with torch.inference_mode():
            forward()

    def train():
        layer.zero_grad()
        values.grad = None
        (forward().float() ** 2).sum().backward()

    return train if job["training"] else infer


@functools.lru_cache(maxsize=6)
def prepared(line):
    function = step(json.loads(line))
    function()  # the first call is not timed
    return function


def main():
    torch.set_num_threads(int(sys.argv[1]))
    for line in sys.stdin:
        function = prepared(line)
        start = time.perf_counter()
        function()
        print(time.perf_counter() - start, flush=True)


if __name__ == "__main__":
    main()
