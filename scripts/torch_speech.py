"""The network speech/ctc in PyTorch for scripts/benchmark_speech.py: jobs as lines of JSON in, seconds out.

A process of its own, since two frameworks' thread pools would fight in one. It uses the cores that it may run on.
"""

import functools
import json
import os
import sys
import time

import numpy as np
import torch

AROUND, EPSILON = 3, 1e-3  # frames of 0 around a row; of Keras' normalizations


def tensor(array):
    """A tensor of its own: `np.load` and transposed arrays give memory that PyTorch would rather not have."""
    return torch.tensor(np.ascontiguousarray(array))


def give(layer, **arrays):
    """The layer with these arrays as its parameters and buffers."""
    layer.load_state_dict({name: tensor(array) for name, array in arrays.items()}, strict=False)
    return layer


def normalization(arrays, name):
    """PyTorch's LayerNorm with Keras' weights."""
    gamma, beta = arrays[f"{name}.gamma"], arrays[f"{name}.beta"]
    return give(torch.nn.LayerNorm(len(gamma), EPSILON), weight=gamma, bias=beta)


def dense(arrays, name):
    """PyTorch's Linear with Keras' weights."""
    kernel, bias = arrays[f"{name}.kernel"], arrays[f"{name}.bias"]
    return give(torch.nn.Linear(*kernel.shape), weight=kernel.T, bias=bias)


def convolution(arrays, ending):
    """PyTorch's convolution and batch normalization with Keras' weights."""
    kernel = arrays[f"conv2d{ending}.kernel"]  # (height, width, inputs, outputs)
    inputs, outputs = kernel.shape[2:]
    gamma, beta, mean, variance = (
        arrays[f"batch_normalization{ending}.{part}"] for part in ("gamma", "beta", "moving_mean", "moving_variance")
    )
    statistics = {"running_mean": mean, "running_var": variance}
    return torch.nn.Sequential(
        give(torch.nn.Conv2d(inputs, outputs, 3, stride=2, bias=False), weight=kernel.transpose(3, 2, 0, 1)),
        give(torch.nn.BatchNorm2d(outputs, EPSILON, momentum=0.05), weight=gamma, bias=beta, **statistics),
        torch.nn.ReLU(),
    )


def lstm(arrays, number):
    """PyTorch's bidirectional LSTM with the weights of Keras' two."""
    given = {}
    for direction, ending in (("forward", ""), ("backward", "_reverse")):
        path = f"lstm_{number}_{direction}.lstm_cell"
        kernel, recurrent, bias = (arrays[f"{path}.{part}"] for part in ("kernel", "recurrent_kernel", "bias"))
        parts = {"weight_ih": kernel.T, "weight_hh": recurrent.T, "bias_ih": bias, "bias_hh": 0 * bias}
        given.update({f"{name}_l0{ending}": array for name, array in parts.items()})
    return give(torch.nn.LSTM(len(kernel), len(recurrent), batch_first=True, bidirectional=True), **given)


class Network(torch.nn.Module):
    """speech/ctc: the same layers as `lstm_zoo.tasks.speech.networks.ctc`, from normalized frames to logits."""

    def __init__(self, arrays, dropout):
        super().__init__()
        depth = sum(name.endswith("_forward.lstm_cell.kernel") for name in arrays)
        self.convolutions = torch.nn.Sequential(convolution(arrays, ""), convolution(arrays, "_1"))
        self.below = torch.nn.Sequential(dense(arrays, "dense"), normalization(arrays, "layer_normalization"))
        self.lstms = torch.nn.ModuleList(lstm(arrays, number) for number in range(depth))
        self.normalizations = torch.nn.ModuleList(
            normalization(arrays, f"lstm_{number}_normalization") for number in range(depth)
        )
        self.head = dense(arrays, "head")
        self.dropout = dropout

    def dropped(self, steps):
        """Variational dropout: one mask for all steps of a row."""
        mask = torch.ones(len(steps), 1, steps.shape[2])
        return steps * torch.nn.functional.dropout(mask, self.dropout) if self.training else steps

    def forward(self, frames, lengths):
        room = torch.nn.functional.pad(frames, (0, 0, AROUND, AROUND))
        image = self.convolutions(room[:, None])
        steps = self.dropped(self.below(image.permute(0, 2, 3, 1).flatten(2)))
        for layer, normalize in zip(self.lstms, self.normalizations):
            packed = torch.nn.utils.rnn.pack_padded_sequence(steps, lengths, batch_first=True, enforce_sorted=False)
            steps, _ = torch.nn.utils.rnn.pad_packed_sequence(layer(packed)[0], batch_first=True)
            steps = self.dropped(normalize(steps))
        return self.head(steps).float()


@functools.lru_cache
def prepared(weights, batches, training, bfloat16, dropout):
    """A function that runs the network over all batches and gives its logits, or trains it a step on each."""
    arrays, given = dict(np.load(weights)), np.load(batches)
    network = Network(arrays, dropout).train(training)
    optimizer = torch.optim.AdamW(network.parameters(), 1.5e-3, betas=(0.9, 0.98), weight_decay=0.02)
    ctc = torch.nn.CTCLoss(blank=0)
    rows = [
        [tensor(given[f"{name}_{number}"]) for name in ("frames", "steps", "characters")]
        for number in range(len(given) // 3)
    ]

    def infer():
        with torch.inference_mode():
            return [network(frames, steps) for frames, steps, _ in rows]

    def train():
        for frames, steps, characters in rows:
            optimizer.zero_grad()
            with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
                logits = network(frames, steps)
            chances = logits.log_softmax(-1).transpose(0, 1)
            ctc(chances, characters.long(), steps.long(), (characters > 0).sum(1)).backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()

    return train if training else infer


def main():
    torch.set_num_threads(min(int(sys.argv[1]), len(os.sched_getaffinity(0))))
    for line in sys.stdin:
        job = json.loads(line)
        output = job.pop("output", None)
        function = prepared(**job)
        begun = time.perf_counter()
        found = function()
        seconds = time.perf_counter() - begun
        if output:
            np.savez(output, *(logits.numpy() for logits in found))
        print(seconds, flush=True)


if __name__ == "__main__":
    main()
