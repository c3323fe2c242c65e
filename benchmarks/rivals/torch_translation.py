"""The beam search of lstm_zoo.decoding in eager PyTorch, for benchmarks/translation.py."""

import numpy as np
import torch
from jobs import answer
from keras_weights import lstm

PADDING, UNKNOWN, START, END = range(4)


class Translator:
    """The network `attention` of one layer, and its search."""

    def __init__(self, path, beams):
        arrays = dict(np.load(path))
        self.beams = beams
        self.encoder = lstm(arrays, "encoder_lstm_0_forward", "encoder_lstm_0_backward")
        self.decoder = lstm(arrays, "decoder_lstm_0")
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
        """Memory, lengths and first state of a batch of subwords."""
        lengths = (source > 0).sum(1)
        vectors = torch.nn.utils.rnn.pack_padded_sequence(
            self.table[source] * self.scale, lengths, batch_first=True, enforce_sorted=False
        )
        packed, (last, _) = self.encoder(vectors)
        memory, _ = torch.nn.utils.rnn.pad_packed_sequence(packed, batch_first=True)
        last = torch.cat([last[0], last[1]], 1)
        hidden, cell = (last @ kernel + bias for kernel, bias in (self.hidden, self.cell))
        return memory, lengths, (torch.tanh(hidden)[None], cell[None].contiguous())

    def step(self, subwords, state, memory, valid):
        """Log-probabilities of the next subword, and the state after it."""
        steps, state = self.decoder((self.table[subwords] * self.scale)[:, None], state)
        asked = torch.einsum("bqm,bsm->bqs", steps @ self.ask / memory.shape[-1] ** 0.5, memory).masked_fill(
            ~valid[:, None], -1e9
        )
        context = torch.einsum("bqs,bsm->bqm", asked.softmax(-1), memory)
        kernel, bias = self.answered
        answered = torch.tanh(torch.cat([steps, context], -1) @ kernel + bias)[:, 0]
        return torch.log_softmax(answered @ self.table.T, -1) + self.never, state

    def search(self, source):
        """The best subwords of each row."""
        memory, lengths, state = self.read(source)
        rows, beams, vocabulary = len(source), self.beams, len(self.table)
        limits = torch.where(lengths > 1, torch.clamp(2 * (lengths - 1) + 10, max=256), 0)
        valid = torch.arange(memory.shape[1]) < lengths[:, None]
        memory, valid = memory.repeat_interleave(beams, 0), valid.repeat_interleave(beams, 0)
        state = tuple(part.repeat_interleave(beams, 1) for part in state)
        subwords = torch.full((rows, beams), START)
        total = torch.tensor([0.0] + [-torch.inf] * (beams - 1)).repeat(rows, 1)
        length, ended = torch.zeros((rows, beams), dtype=torch.int64), torch.zeros((rows, beams), dtype=torch.bool)
        written = torch.zeros((rows, beams, 0), dtype=torch.int64)
        only_end = torch.full((vocabulary,), -torch.inf)
        only_end[END] = 0
        number = 0
        while not ended.all():
            chances, state = self.step(subwords.reshape(-1), state, memory, valid)
            over = ended | (number >= limits)[:, None]
            totals = total[..., None] + torch.where(over[..., None], only_end, chances.view(rows, beams, -1))
            length = length + ~ended
            ranks = totals / ((5.0 + length[..., None]) / 6.0)
            ranks[torch.arange(rows), 0, totals[:, 0].argmax(-1)] = torch.inf
            place = ranks.view(rows, -1).topk(beams).indices
            parent = place // vocabulary
            subwords = torch.where(over.gather(1, parent), END, place % vocabulary)
            total, length = totals.view(rows, -1).gather(1, place), length.gather(1, parent)
            row = (torch.arange(rows)[:, None] * beams + parent).reshape(-1)
            state = tuple(part[:, row] for part in state)
            written = torch.cat([written[torch.arange(rows)[:, None], parent], subwords[..., None]], -1)
            ended, number = subwords == END, number + 1
        best = (total / ((5.0 + length) / 6.0)).argmax(1)
        return written[torch.arange(rows), best]


def prepare(weights, ids, beams):
    """A function that translates batches of ids."""
    translator, batches = Translator(weights, beams), [torch.tensor(batch).long() for batch in np.load(ids).values()]

    @torch.inference_mode()
    def run():
        return [translator.search(batch) for batch in batches]

    return run


if __name__ == "__main__":
    answer(prepare, torch.set_num_threads)
