"""The networks of text_generation in PyTorch, for benchmarks/text_generation.py."""

import numpy as np
import torch
from jobs import answer
from keras_weights import dense, lstm, tensor, variational

LEARNING_RATE, ACTIVATION, TEMPORAL = 1e-3, 2.0, 1.0


class Network(torch.nn.Module):
    """`character`, or `awd` where there is no head: its table makes the logits."""

    def __init__(self, arrays, dropout):
        super().__init__()
        depth = sum(name.endswith("lstm_cell.kernel") for name in arrays)
        self.table = torch.nn.Parameter(tensor(arrays["embedding.embeddings"]))
        self.lstms = torch.nn.ModuleList(lstm(arrays, f"lstm_{number}") for number in range(depth))
        self.head = dense(arrays, "head") if "head.kernel" in arrays else None
        self.dropout = dropout

    def dropped(self, steps):
        return variational(steps, self.dropout, self.training)

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


def trainer(weights, batches, bfloat16, dropout):
    """A function that trains on all batches, the state carried from each to the next."""
    network = Network(dict(np.load(weights)), dropout).train()
    optimizer = torch.optim.AdamW(network.parameters(), LEARNING_RATE, betas=(0.9, 0.99), weight_decay=0.01)
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


def prepare(work, **job):
    """The function of a job of that kind."""
    return {"training": trainer, "writing": writer}[work](**job)


if __name__ == "__main__":
    answer(prepare, torch.set_num_threads)
