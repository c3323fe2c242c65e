"""The beam search of lstm_zoo.decoding in eager PyTorch, for scripts/benchmark_translation.py: jobs in, seconds out.

A process of its own, since two frameworks' thread pools would fight in one.
"""

import functools
import json
import pathlib
import sys
import time

import numpy as np
import torch

PADDING, UNKNOWN, START, END = range(4)


def lstm(arrays, path, bidirectional=False):
    """PyTorch's LSTM with the weights of Keras' one, or of two that read in both directions."""
    names = [f"{path}_forward", f"{path}_backward"] if bidirectional else [path]
    weights = [
        [arrays[f"{name}.lstm_cell.{part}"] for part in ("kernel", "recurrent_kernel", "bias")] for name in names
    ]
    inputs, units = weights[0][0].shape[0], weights[0][1].shape[0]
    layer = torch.nn.LSTM(inputs, units, batch_first=True, bidirectional=bidirectional)
    for (kernel, recurrent, bias), ending in zip(weights, ("", "_reverse")):
        for name, value in (
            ("weight_ih", kernel.T),
            ("weight_hh", recurrent.T),
            ("bias_ih", bias),
            ("bias_hh", 0 * bias),
        ):
            getattr(layer, f"{name}_l0{ending}").data = torch.tensor(np.ascontiguousarray(value))
    return layer


class Translator:
    """The network `attention` of one layer, and its search."""

    def __init__(self, path, beams):
        arrays = dict(np.load(path).items())
        self.beams = beams
        self.encoder, self.decoder = lstm(arrays, "encoder_lstm_0", True), lstm(arrays, "decoder_lstm_0")
        tensors = {name: torch.tensor(array) for name, array in arrays.items()}
        self.table = tensors["embedding.embeddings"]
        self.scale = self.table.shape[1] ** 0.5
        self.ask = tensors["attention.kernel"]
        self.hidden, self.cell, self.answered = (
            (tensors[f"{name}.kernel"], tensors[f"{name}.bias"]) for name in ("hidden_0", "cell_0", "answered")
        )
        self.never = torch.zeros(len(self.table))
        self.never[[PADDING, UNKNOWN, START]] = -torch.inf

    def read(self, source):
        """Memory, lengths and first state of a batch of pieces."""
        lengths = (source > 0).sum(1)
        vectors = torch.nn.utils.rnn.pack_padded_sequence(
            self.table[source] * self.scale, lengths, batch_first=True, enforce_sorted=False
        )
        packed, (last, _) = self.encoder(vectors)
        memory, _ = torch.nn.utils.rnn.pad_packed_sequence(packed, batch_first=True)
        last = torch.cat([last[0], last[1]], 1)
        hidden, cell = (last @ kernel + bias for kernel, bias in (self.hidden, self.cell))
        return memory, lengths, (torch.tanh(hidden)[None], cell[None].contiguous())

    def step(self, pieces, state, memory, valid):
        """Log-probabilities of the next piece, and the state after it."""
        steps, state = self.decoder((self.table[pieces] * self.scale)[:, None], state)
        asked = torch.einsum("bqm,bsm->bqs", steps @ self.ask / memory.shape[-1] ** 0.5, memory).masked_fill(
            ~valid[:, None], -1e9
        )
        context = torch.einsum("bqs,bsm->bqm", asked.softmax(-1), memory)
        kernel, bias = self.answered
        answered = torch.tanh(torch.cat([steps, context], -1) @ kernel + bias)[:, 0]
        return torch.log_softmax(answered @ self.table.T, -1) + self.never, state

    def search(self, source):
        """The best pieces of each row."""
        memory, lengths, state = self.read(source)
        rows, beams, vocabulary = len(source), self.beams, len(self.table)
        limits = torch.where(lengths > 1, torch.clamp(2 * (lengths - 1) + 10, max=256), 0)
        valid = torch.arange(memory.shape[1]) < lengths[:, None]
        memory, valid = memory.repeat_interleave(beams, 0), valid.repeat_interleave(beams, 0)
        state = tuple(part.repeat_interleave(beams, 1) for part in state)
        pieces = torch.full((rows, beams), START)
        total = torch.tensor([0.0] + [-torch.inf] * (beams - 1)).repeat(rows, 1)
        length, ended = torch.zeros((rows, beams), dtype=torch.int64), torch.zeros((rows, beams), dtype=torch.bool)
        written = torch.zeros((rows, beams, 0), dtype=torch.int64)
        only_end = torch.full((vocabulary,), -torch.inf)
        only_end[END] = 0
        number = 0
        while not ended.all():
            chances, state = self.step(pieces.reshape(-1), state, memory, valid)
            over = ended | (number >= limits)[:, None]
            totals = total[..., None] + torch.where(over[..., None], only_end, chances.view(rows, beams, -1))
            length = length + ~ended
            ranks = totals / ((5.0 + length[..., None]) / 6.0)
            ranks[torch.arange(rows), 0, totals[:, 0].argmax(-1)] = torch.inf
            place = ranks.view(rows, -1).topk(beams).indices
            parent = place // vocabulary
            pieces = torch.where(over.gather(1, parent), END, place % vocabulary)
            total, length = totals.view(rows, -1).gather(1, place), length.gather(1, parent)
            row = (torch.arange(rows)[:, None] * beams + parent).reshape(-1)
            state = tuple(part[:, row] for part in state)
            written = torch.cat([written[torch.arange(rows)[:, None], parent], pieces[..., None]], -1)
            ended, number = pieces == END, number + 1
        best = (total / ((5.0 + length) / 6.0)).argmax(1)
        return written[torch.arange(rows), best]


@functools.lru_cache(maxsize=1)
def prepared(weights, pieces, beams):
    return Translator(weights, beams), [torch.tensor(batch).long() for batch in np.load(pieces).values()]


@torch.inference_mode()
def main():
    torch.set_num_threads(int(sys.argv[1]))
    for line in sys.stdin:
        job = json.loads(line)
        translator, batches = prepared(job["weights"], job["pieces"], job["beams"])
        begun = time.perf_counter()
        found = [translator.search(batch).tolist() for batch in batches]
        print(time.perf_counter() - begun, flush=True)
        pathlib.Path(job["output"]).write_text(json.dumps(found))


if __name__ == "__main__":
    main()
