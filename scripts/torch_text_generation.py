"""The networks of text_generation in PyTorch, for scripts/benchmark_text_generation.py: jobs in, seconds out.

A process of its own, since two frameworks' thread pools would fight in one.
"""

import functools
import json
import os
import sys
import time

import numpy as np
import torch

RATE, ACTIVATION, TEMPORAL = 1e-3, 2.0, 1.0


def lstm(arrays, number):
    """PyTorch's LSTM with the weights of Keras' one."""
    kernel, recurrent, bias = (
        arrays[f"lstm_{number}.lstm_cell.{part}"] for part in ("kernel", "recurrent_kernel", "bias")
    )
    layer = torch.nn.LSTM(len(kernel), len(recurrent), batch_first=True)
    given = {"weight_ih_l0": kernel.T, "weight_hh_l0": recurrent.T, "bias_ih_l0": bias, "bias_hh_l0": 0 * bias}
    for name, array in given.items():
        getattr(layer, name).data = torch.tensor(np.ascontiguousarray(array))
    return layer


class Network(torch.nn.Module):
    """`character`, or `awd` where there is no head: its table makes the logits."""

    def __init__(self, arrays, dropout):
        super().__init__()
        depth = sum(name.endswith("lstm_cell.kernel") for name in arrays)
        self.table = torch.nn.Parameter(torch.tensor(arrays["embedding.embeddings"]))
        self.lstms = torch.nn.ModuleList(lstm(arrays, number) for number in range(depth))
        self.head, self.dropout = None, dropout
        if "head.kernel" in arrays:
            self.head = torch.nn.Linear(*arrays["head.kernel"].shape)
            self.head.weight.data = torch.tensor(np.ascontiguousarray(arrays["head.kernel"].T))
            self.head.bias.data = torch.tensor(arrays["head.bias"])

    def dropped(self, steps):
        """Variational dropout: one mask for all steps of a row."""
        if not self.training:
            return steps
        return steps * torch.nn.functional.dropout(torch.ones(len(steps), 1, steps.shape[2]), self.dropout)

    def forward(self, ids, states):
        """Logits of all steps, the penalty on activations, and the states after them."""
        tied, after, penalty = self.head is None, [], 0.0
        steps = torch.nn.functional.embedding(ids, self.table)
        if tied:
            steps = self.dropped(steps * self.table.shape[1] ** 0.5)
        for number, layer in enumerate(self.lstms):
            raw, state = layer(steps, states[number] if states else None)
            steps = self.dropped(raw)
            after.append(tuple(part.detach() for part in state))
        if tied and self.training:
            penalty = ACTIVATION * (steps**2).mean() + TEMPORAL * (raw[:, 1:] - raw[:, :-1]).pow(2).mean()
        return steps @ self.table.T if tied else self.head(steps), penalty, after


@functools.lru_cache
def trainer(weights, batches, bfloat16, dropout):
    """A function that trains on all batches, the state carried from each to the next."""
    network = Network(dict(np.load(weights)), dropout).train()
    optimizer = torch.optim.AdamW(network.parameters(), RATE, betas=(0.9, 0.99), weight_decay=0.01)
    rows = [torch.tensor(batch).long() for batch in np.load(batches)["batches"]]

    def run():
        states = None
        for batch in rows:
            optimizer.zero_grad()
            with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
                logits, penalty, states = network(batch[:, :-1], states)
            loss = torch.nn.functional.cross_entropy(logits.float().flatten(0, 1), batch[:, 1:].flatten())
            (loss + penalty).backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()

    return run


@functools.lru_cache
def writer(weights, rows, tokens):
    """A function that samples `tokens` tokens of each of the rows."""
    network = Network(dict(np.load(weights)), 0.0).eval()

    @torch.inference_mode()
    def run():
        token, states, written = torch.full((rows, 1), 3), None, []
        for _ in range(tokens):
            logits, _, states = network(token, states)
            token = torch.multinomial(logits[:, 0].softmax(-1), 1)
            written.append(token)
        return torch.cat(written, 1)

    return run


def main():
    torch.set_num_threads(min(int(sys.argv[1]), len(os.sched_getaffinity(0))))
    for line in sys.stdin:
        job = json.loads(line)
        function = {"training": trainer, "writing": writer}[job.pop("work")](**job)
        begun = time.perf_counter()
        function()
        print(time.perf_counter() - begun, flush=True)


if __name__ == "__main__":
    main()
