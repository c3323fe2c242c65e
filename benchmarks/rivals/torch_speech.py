"""The network speech/ctc in PyTorch, for benchmarks/speech.py."""

import numpy as np
import torch
from jobs import answer
from keras_weights import dense, give, lstm, tensor, variational

AROUND, EPSILON = 3, 1e-3  # frames of 0 around a row; of Keras' normalizations


def normalization(arrays, name):
    """PyTorch's LayerNorm with Keras' weights."""
    gamma, beta = arrays[f"{name}.gamma"], arrays[f"{name}.beta"]
    return give(torch.nn.LayerNorm(len(gamma), EPSILON), weight=gamma, bias=beta)


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


class Network(torch.nn.Module):
    """speech/ctc: the same layers as `lstm_zoo.tasks.speech.networks.ctc`, from normalized frames to logits."""

    def __init__(self, arrays, dropout):
        super().__init__()
        depth = sum(name.endswith("_forward.lstm_cell.kernel") for name in arrays)
        self.convolutions = torch.nn.Sequential(convolution(arrays, ""), convolution(arrays, "_1"))
        self.below = torch.nn.Sequential(dense(arrays, "dense"), normalization(arrays, "layer_normalization"))
        self.lstms = torch.nn.ModuleList(
            lstm(arrays, f"lstm_{number}_forward", f"lstm_{number}_backward") for number in range(depth)
        )
        self.normalizations = torch.nn.ModuleList(
            normalization(arrays, f"lstm_{number}_normalization") for number in range(depth)
        )
        self.head = dense(arrays, "head")
        self.dropout = dropout

    def dropped(self, steps):
        return variational(steps, self.dropout, self.training)

    def forward(self, frames, lengths):
        room = torch.nn.functional.pad(frames, (0, 0, AROUND, AROUND))
        image = self.convolutions(room[:, None])
        steps = self.dropped(self.below(image.permute(0, 2, 3, 1).flatten(2)))
        for layer, normalize in zip(self.lstms, self.normalizations):
            packed = torch.nn.utils.rnn.pack_padded_sequence(steps, lengths, batch_first=True, enforce_sorted=False)
            steps, _ = torch.nn.utils.rnn.pad_packed_sequence(layer(packed)[0], batch_first=True)
            steps = self.dropped(normalize(steps))
        return self.head(steps).float()


def prepare(weights, batches, training, bfloat16, dropout):
    """A function that runs the network over all batches and gives its logits, or trains it a step on each."""
    arrays, files = dict(np.load(weights)), np.load(batches)
    network = Network(arrays, dropout).train(training)
    optimizer = torch.optim.AdamW(network.parameters(), 1.5e-3, betas=(0.9, 0.98), weight_decay=0.02)
    ctc = torch.nn.CTCLoss(blank=0)
    rows = [
        [tensor(files[f"{name}_{number}"]) for name in ("frames", "steps", "characters")]
        for number in range(len(files) // 3)
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


if __name__ == "__main__":
    answer(prepare, torch.set_num_threads)
