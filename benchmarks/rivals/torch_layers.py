"""PyTorch's LSTM, for benchmarks/layers.py."""

import torch
from jobs import answer


def step(shape, bidirectional, training, lengths, packed, bfloat16):
    """A function that runs a layer once: a forward pass, or that and the gradients of inputs and weights."""
    batch_size, steps, inputs, units = shape
    layer = torch.nn.LSTM(inputs, units, batch_first=True, bidirectional=bidirectional)
    values = torch.randn(batch_size, steps, inputs, requires_grad=training)
    lengths = torch.tensor(lengths) if packed else None

    def forward():
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
            if lengths is None:
                return layer(values)[0]
            sequences = torch.nn.utils.rnn.pack_padded_sequence(values, lengths, batch_first=True, enforce_sorted=False)
            outputs = layer(sequences)[0]
            return torch.nn.utils.rnn.pad_packed_sequence(outputs, batch_first=True, total_length=steps)[0]

    def infer():
        with torch.inference_mode():
            forward()

    def train():
        layer.zero_grad()
        values.grad = None
        (forward().float() ** 2).sum().backward()

    return train if training else infer


if __name__ == "__main__":
    answer(step, torch.set_num_threads)
