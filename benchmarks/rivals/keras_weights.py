"""PyTorch's layers with the weights of Keras' layers: arrays by their paths, with dots."""

import numpy as np
import torch


def tensor(array):
    """A tensor of its own: `np.load` and transposed arrays give memory that PyTorch would rather not have."""
    return torch.tensor(np.ascontiguousarray(array))


def give(layer, **arrays):
    """The layer with these arrays as its parameters and buffers."""
    layer.load_state_dict({name: tensor(array) for name, array in arrays.items()}, strict=False)
    return layer


def dense(arrays, name):
    """PyTorch's Linear with Keras' weights."""
    kernel, bias = arrays[f"{name}.kernel"], arrays[f"{name}.bias"]
    return give(torch.nn.Linear(*kernel.shape), weight=kernel.T, bias=bias)


def lstm(arrays, *names):
    """PyTorch's LSTM with the weights of Keras' one, or of two that read in both directions."""
    parameters = {}
    for name, ending in zip(names, ("", "_reverse")):
        kernel, recurrent, bias = (
            arrays[f"{name}.lstm_cell.{part}"] for part in ("kernel", "recurrent_kernel", "bias")
        )
        parts = {"weight_ih": kernel.T, "weight_hh": recurrent.T, "bias_ih": bias, "bias_hh": 0 * bias}
        parameters.update({f"{part}_l0{ending}": array for part, array in parts.items()})
    layer = torch.nn.LSTM(len(kernel), len(recurrent), batch_first=True, bidirectional=len(names) == 2)
    return give(layer, **parameters)


def variational(steps, rate, training):
    """Dropout with one mask for all steps of a row, in training."""
    if not training:
        return steps
    return steps * torch.nn.functional.dropout(torch.ones(len(steps), 1, steps.shape[2]), rate)
