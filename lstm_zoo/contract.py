"""What a task and a network are: records of everything that the verbs need to know of them.

What a task or a network can lack is None. The names of all of them stand in `lstm_zoo.registry`.
"""

from __future__ import annotations

import dataclasses
import difflib
import pathlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras
    import keras_tuner
    import pandas as pd
    import tensorflow as tf

    from lstm_zoo.datasets import Dataset
    from lstm_zoo.steps import Context, Reading

SPLITS = ("train", "validation", "test")  # of every data set

Examples = Sequence[Any]  # checked examples of a task, as its `read` gives them
Preprocessing = dict[str, Any]  # layers and settings that its `adapt` returned
Items = Sequence[Any]  # checked inputs of a pipeline, as its `prepare` gives them


@dataclasses.dataclass(frozen=True, kw_only=True)
class Network:
    """One network of a task: what differs from network to network stands here."""

    build: Callable[..., keras.Model]
    """The function whose signature is the configuration: keywords with defaults -> the network, by its name."""
    space: Callable[[keras_tuner.HyperParameters], dict[str, Any]]
    """The search space: the same keywords with the same defaults."""
    compile: Callable[[keras.Model, float], keras.Model]
    """(network, learning rate) -> the network with its loss, optimizer and metrics."""
    trained_part: Callable[[keras.Model], keras.Model] | None = None
    """(network) -> the part of it that `fit` trains, which shares its layers; None: all of it."""
    pipeline: Callable[[keras.Model, Preprocessing], keras.Model]
    """(network, preprocessing) -> one model from raw input to answer, whose name is `task-network`."""
    read_item: Callable[[keras.Model, Any], Reading]
    """(pipeline, one item) -> how its LSTMs read it, and what each step is to people."""
    options: type | None = None
    """What `predict` takes beside its input, see `lstm_zoo.options`."""
    annotate: Callable[..., None] | None = None
    """(answers, items, outputs, pipeline, options): adds to the answers what the options ask for."""
    with_beams: Callable[[keras.Model, int], keras.Model] | None = None
    """(pipeline, beams) -> the same with another search; `options` then has `beams`."""
    with_words: Callable[[keras.Model, Any], keras.Model] | None = None
    """(pipeline, options) -> the same held to the words that they ask for."""
    stream: Callable[[keras.Model, Items, Any], Iterator[str]] | None = None
    """(pipeline, items, options) -> the answers while they are written, for a terminal."""
    graphs: Callable[[keras.Model], dict[str, keras.Model]]
    """(network) -> what of a pipeline holds no strings, for ONNX: name -> functional model with named inputs and a dict
    of outputs. `network`, or where a sequence is written one token after the other `encoder` and `step`."""
    metadata: Callable[[keras.Model], dict[str, Any]]
    """(pipeline) -> what the numbers of `graphs` mean, as JSON; goes into the files."""
    portable: bool = False
    """Whether `lstm_zoo.portable` makes answers by `graphs` and `metadata`."""
    inference_network: Callable[[keras.Model], keras.Model] | None = None
    """(network) -> its only graph, which a SavedModel has as `encoded`, for LiteRT; None: LiteRT cannot hold it."""
    endpoints: Callable[[keras.Model, keras.Model], dict[str, tuple[Callable, list]]] | None = None
    """(pipeline, network) -> further signatures of a SavedModel: name -> (function of a dict, its input specs)."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Evaluation:
    """How good the answers of a pipeline to examples are, and what they are."""

    metrics: dict[str, float]
    """The most important first."""
    reliability: dict[str, list] | None = None
    """Of labels, what `lstm_zoo.calibration.reliability` returns; None: there are none."""
    table: Callable[[], pd.DataFrame]
    """Makes a table with a row an example: what it is, what is right, what was answered, and a score."""
    write: Callable[[pathlib.Path], None] | None = None
    """(path of that table) -> writes further files beside it, like a plot."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Task:
    """One story from raw data to score. A variant of a task is `dataclasses.replace(TASK, ...)`."""

    name: str
    """Of the task, with which the names of its pipelines begin."""
    summary: str
    """What it answers, in a few words."""
    example: str
    """What `predict` takes behind the pipeline, as Python source: one item, or `data=` and a file."""
    hub_task: str
    """What the Hugging Face hub calls the task, https://huggingface.co/tasks."""
    extra: str | None = None
    """The extra of the installation that all of its networks need; None: none."""
    networks: Mapping[str, Network]
    """Name -> network; the first is the default."""
    variant: Task | None = None
    """The record for examples of another kind, like texts with several labels each; None: there is one kind."""
    is_variant: Callable[[Any], bool] | None = None
    """Whether checked examples, or a pipeline, or what `info` tells of one, are of that kind."""

    datasets: Mapping[str, Dataset]
    """Name -> data set with its terms; the first is the default."""
    read: Callable[..., Examples]
    """Checked examples from whatever form the user's data has; its keywords, like `columns`, say how."""
    read_options: Callable[[keras.Model], dict[str, Any]] | None = None
    """(pipeline) -> keywords of `read` that a trained pipeline decides; None: there are none."""
    split: Callable[..., tuple[Examples, Examples]]
    """(examples, seed, ...) -> examples for training and for validation."""
    bounded: Callable[[Examples, Examples], tuple[Examples, Examples]] | None = None
    """(training examples, validation examples) -> as much of both as training takes in, with a warning; None: all."""

    adapt: Callable[..., Preprocessing]
    """(training examples, ...) -> preprocessing; its keywords are hyperparameters that `train` passes on."""
    data_hyperparameters: Callable[[Preprocessing], dict[str, Any]]
    """What the data decide of a network, like the number of classes."""
    initialize: Callable[[keras.Model, Preprocessing], None] | None = None
    """(network, preprocessing) -> fills weights that the preprocessing knows, like word vectors; None: none."""
    frozen_hyperparameters: Callable[[keras.Model], dict[str, Any]] | None = None
    """(pipeline) -> what trained weights decide of how data are cut; None: nothing."""
    fine_tune: Callable[[keras.Model, Examples], tuple[keras.Model, Preprocessing]]
    """(pipeline, training examples, perhaps validation= and keywords of `adapt`) -> network and preprocessing to go on
    from."""
    calibrate: Callable[[keras.Model, Preprocessing, Examples], None] | None = None
    """(pipeline, preprocessing, validation examples): fits what validation decides of a trained pipeline."""
    refit: Callable[[keras.Model, Preprocessing, Examples], tuple[keras.Model, Preprocessing]] | None = None
    """(network, preprocessing, all examples) -> both, with what needs no validation fitted to all of them."""
    closing: Callable[[keras.Model, Examples, Examples, pathlib.Path], dict[str, Any]] | None = None
    """(pipeline, training examples, validation examples, folder) -> more for its record; pictures go to the folder."""
    pretrained_from: str | None = None
    """The network of another task whose pipelines `weights=` may name too."""
    from_pretrained: Callable[..., keras.Model] | None = None
    """(that network, classes) -> a network of this task that begins with its weights."""

    batches: Callable[..., tf.data.Dataset]
    """(examples, preprocessing, batch size, *, seed, first_epoch) -> what `fit` eats; without a seed for validation."""
    labels: Callable[[Examples], Sequence[str]] | None = None
    """(examples) -> their labels, which `class_weight` weighs; None: they have no labels."""
    num_units: Callable[[Examples, Preprocessing], int]
    """How much one pass has of what `batch_size` counts."""
    validator: Callable[[keras.Model, Preprocessing, Examples], Callable[[], dict[str, float]]] | None = None
    """A function that gives further logs of an epoch, for a task whose `monitor` the loss is not."""
    monitor: str
    """Which of the logs tells the best epoch."""
    learning_rate: float
    """The peak rate of `train`, by default."""
    batch_size: int
    """What a batch holds, by default."""
    batch_option: str = "batch_size"
    """The keyword of `train` that says so: "max_tokens" where a batch counts tokens."""
    train_steps: int
    """How many steps make the epochs, by default."""
    patience: int
    """Epochs without a better one after which training stops, by default."""
    suited: Callable[[str, Examples, Mapping[str, Any]], dict[str, Any]] | None = None
    """(network, training examples, hyperparameters given) -> other hyperparameters and options, which suit the data."""
    plan: Callable[[Examples, Examples, bool], dict[str, Any]] | None = None
    """(examples for training, for validation, whether `weights` are given) -> other defaults, for a user's own data."""

    column: str | None
    """Of a table, that holds what `predict` reads row by row; None: all of a table is read at once."""
    suffixes: tuple[str, ...] = ()
    """Endings of the files of a folder that `predict` reads, a row each."""
    chunk: int
    """Rows of a table that `predict` answers at once, which bounds the memory."""
    items_fail: bool = False
    """Whether `prepare` gives an exception in the place of an item that cannot be read: its answer has an `error`."""
    prepare: Callable[..., Items]
    """(raw, place: number of an item -> its name; without a column: keywords of `read`) -> checked inputs, a list."""
    encode: Callable[[keras.Model, Items], Any]
    """(pipeline, items) -> the tensors that the pipeline takes, but for those that options are."""
    length: Callable[[Any], int]
    """Of an item: what batches are sorted by."""
    run: Callable[..., list[dict]] | None = None
    """(pipeline, items, encode, length) -> a row of outputs an item, where not all are read whole; None:
    `batching.run`."""
    decode: Callable[[Sequence[dict], Items, Any], Any]
    """(rows of outputs, items, raw) -> plain Python answers."""
    profile: Callable[[keras.Model, Examples, Examples], dict[str, Any]] | None = None
    """(pipeline, training examples, validation examples) -> what they are like, as JSON; goes into the file."""
    known: Callable[[keras.Model], dict[str, Any]] | None = None
    """(pipeline) -> what of it `unlike` needs: keywords, sets and texts."""
    unlike: Callable[..., str | None] | None = None
    """(items, profile or None, **known) -> how items are unlike it, in numbers, and what to do, or None."""
    describe: Callable[[keras.Model], dict[str, Any]]
    """(pipeline) -> what it knows of its data: its labels, the size of its vocabulary, the steps that it forecasts."""

    evaluate: Callable[[keras.Model, Examples], Evaluation]
    """(pipeline, examples) -> how good the answers are, and what they are."""
    beside: tuple[str, ...] = ()
    """Endings of the files that `Evaluation.write` writes beside a table."""
    baselines: Callable[[keras.Model, Examples, Examples], dict[str, dict[str, float]]]
    """(pipeline, training examples, examples) -> name -> metrics of cheap baselines."""
    better: Callable
    """`max` or `min`: which of two scores is better."""
    context: Context | None = None
    """How good answers are by how much is read before them; None: that is not measured."""
    signature: Callable[[], str] | None = None
    """How the first metric is computed, for one with several ways, like BLEU."""

    def of(self, subject: Examples | keras.Model | Mapping[str, Any]) -> Task:
        """The record for checked examples, a pipeline, or what `info` tells of one: this one or its variant."""
        return self if self.is_variant is None or not self.is_variant(subject) else self.variant

    def score(self, pipeline: keras.Model, examples: Examples) -> dict[str, float]:
        """Metrics of a pipeline on examples, the most important first."""
        return self.evaluate(pipeline, examples).metrics

    def data(self, split: str, dataset: str | None = None) -> Iterable[Any]:
        """Raw examples of a split of a data set of the task, which `read` checks. None: of the first.

        Raises:
            ValueError: another split or data set.
        """
        name = next(iter(self.datasets)) if dataset is None else dataset
        if name not in self.datasets:
            raise unknown("data set", name, list(self.datasets))
        if split not in SPLITS:
            raise unknown("split", split, SPLITS)
        return self.datasets[name].load(split)


def unknown(kind: str, name: object, known: Sequence[str]) -> ValueError:
    """An error for an unknown name, which suggests the nearest known one."""
    return ValueError(f"Unknown {kind}: {name!r}.{did_you_mean(name, known)} Known: {', '.join(known) or 'none'}")


def did_you_mean(name: object, known: Sequence[str]) -> str:
    """What an error says of the nearest of the known names, to be put behind a sentence; "" where none is near.

    Example:

    >>> did_you_mean("unit", ["units", "depth"])
    " Did you mean 'units'?"
    """
    nearest = difflib.get_close_matches(str(name), known, n=1, cutoff=0.4)
    return f" Did you mean {nearest[0]!r}?" if nearest else ""
