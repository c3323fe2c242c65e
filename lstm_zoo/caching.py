"""What is made of a model once and kept in it: graphs, which take a second to trace, and pipelines with other searches.

It lives as long as the model: the two refer to each other, and Python collects such circles.
"""

import functools
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

import keras
import tensorflow as tf

MAX_OPTIONS = 8  # with which what a function made of one model is kept, those used last

Options, Made = ParamSpec("Options"), TypeVar("Made")


def cached_in_model(make: Callable[Concatenate[keras.Model, Options], Made]) -> Callable[..., Made]:
    """Decorator of a function of a model, and of hashable options: what it returned is kept, in the model.

    Of each function and model that is what it gave for the last 8 different options. It has to stay right whatever the
    weights become: graphs read them each time that they run. No file has it.

    Args:
        make: (model, *options) -> anything; the model may be a pipeline or a network.

    Example:

    >>> @cached_in_model
    ... def with_softmax(model):
    ...     return keras.Model(model.input, keras.ops.softmax(model.output))
    >>> network = lstm_zoo.build("sentiment/bilstm", vocabulary=50)
    >>> with_softmax(network) is with_softmax(network)
    True

    Raises:
        ValueError: what is made is asked of something else than a model.
    """
    name = f"{make.__module__}.{make.__qualname__}"

    @functools.wraps(make)
    def cached(model: keras.Model, *args: Options.args, **kwargs: Options.kwargs) -> Made:
        if not isinstance(model, keras.Model):
            raise ValueError(f"A keras.Model is expected, as load and train return it. Received: {model!r:.160}")
        # Past Keras' own way to set attributes, which takes what is in them for layers, to be saved and trained.
        own = vars(model)
        if name not in own:
            own[name] = functools.lru_cache(MAX_OPTIONS)(functools.partial(make, model))
        return own[name](*args, **kwargs)

    return cached


@cached_in_model
def graph_of(model: keras.Model, rows: int | None = None) -> Callable[[Any], Any]:
    """What a model computes in inference as a graph, which is traced once for inputs of all sizes.

    `predict_on_batch` of Keras traces one for the first sizes, and another whenever a further axis is found to vary.

    Args:
        model: whose `input` has the dtypes of the tensors that the graph takes.
        rows: the batch size. None: any. LSTMs have other loops for small batches and for large ones: a graph for one
            row, which has one of them, is traced in half of the time.

    Returns:
        tf.function of the inputs, in the structure of `model.input`.

    Example:

    >>> network = lstm_zoo.build("sentiment/bilstm", vocabulary=50)
    >>> graph_of(network)(tf.constant([[5, 7, 3]])).shape  # (1, 2)
    """

    def spec(tensor):
        return tf.TensorSpec([rows, *tensor.shape[1:]], tensor.dtype)

    def infer(inputs):
        return model(inputs, training=False)

    return tf.function(infer, input_signature=[tf.nest.map_structure(spec, model.input)], autograph=False)
