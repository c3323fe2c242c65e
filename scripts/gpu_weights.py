"""The weights that go between scripts/gpu_arrays.py, where TensorFlow is, and scripts/gpu_training.py, where JAX is."""

import numpy as np


def save(folder, name, network):
    """Write the weights of a network in 16 bits, which halve what is carried, and what is published."""
    weights = {f"w{number}": weight.astype("float16") for number, weight in enumerate(network.get_weights())}
    np.savez(folder / f"{name}.npz", **weights)


def load(folder, name, network):
    """Give a network what `save` wrote. Returns it."""
    with np.load(folder / f"{name}.npz") as found:
        network.set_weights([found[f"w{number}"].astype("float32") for number in range(len(found.files))])
    return network
