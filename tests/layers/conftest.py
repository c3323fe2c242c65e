"""What the layers of rows with lengths are given."""

import numpy as np
import pytest
import tensorflow as tf


@pytest.fixture(scope="session")
def sequence():
    """float32 (6, 7, 3): rows, steps, features."""
    return tf.constant(np.random.default_rng(0).normal(size=(6, 7, 3)), "float32")
