"""Float32, whatever Keras' global settings say: what was trained in it answers the same in every program."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

_lock = threading.Lock()
_inside = 0  # blocks that are being run, in whatever thread
_users_floatx = None  # what it was before the first of them


@contextlib.contextmanager
def in_float32() -> Iterator[None]:
    """Keras' global dtype policy and floatx are float32 within the block, and afterwards what they were.

    It also decorates functions. Of the two Keras keeps the policy for each thread; floatx is the whole program's, and
    comes back when the last block ends.
    """
    import keras

    global _inside, _users_floatx
    policy = keras.config.dtype_policy()
    with _lock:
        if not _inside:
            _users_floatx = keras.config.floatx()
            keras.config.set_floatx("float32")
        _inside += 1
    keras.config.set_dtype_policy("float32")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(policy)
        with _lock:
            _inside -= 1
            if not _inside:
                keras.config.set_floatx(_users_floatx)
