"""Keywords: which of a few words does somebody say?

Data: the Free Spoken Digit Dataset (Jackson et al. 2018, https://doi.org/10.5281/zenodo.1342401), `spoken_digit` in
TensorFlow Datasets: 2,500 recordings of ten digits by five speakers, CC BY-SA 4.0; or the Speech Commands (Warden 2018,
https://arxiv.org/abs/1804.03209), `speech_commands`.
Measures: accuracy, and macro F1, which a rare word moves as much as a frequent one.
"""

import pathlib

import keras
import tensorflow as tf

from lstm_zoo import batching, datasets
from lstm_zoo.classification import (
    answer,
    check_label,
    check_labels,
    compile_network,
    lookup,
    measures,
    names_of,
    numbered,
    relabelled,
    split,
)
from lstm_zoo.datasets import Dataset
from lstm_zoo.tasks.speech.audio import RATE, answered, encode, inputs, size
from lstm_zoo.tasks.speech.batches import framed
from lstm_zoo.tasks.speech.features import LogMel
from lstm_zoo.tasks.speech.keyword.networks import LEARNING_RATE, NETWORKS
from lstm_zoo.tasks.speech.measures import shrunk
from lstm_zoo.tasks.speech.pairs import read_labelled, waveforms

BETTER = max  # of two scores
MONITOR = "val_loss"  # what tells the best epoch: smoother than the accuracy where the validation split is small
PATIENCE = 20  # epochs
STEPS, BATCH = 5000, 32  # spoken digits: 80 epochs
LONGEST = 10  # seconds that are read; what comes later is not heard
SUFFIXES = (".wav", ".flac", ".ogg", ".mp3", ".aiff", ".aif", ".sph")
DIGITS = Dataset(
    license="Free Spoken Digit Dataset, CC BY-SA 4.0 (Jackson et al. 2018)",
    limits="Single English digits by a handful of speakers; other words are taken for one of them.",
)
DATASETS = {
    "spoken_digit": DIGITS,
    "spoken_digit/unseen": DIGITS,
    "speech_commands": Dataset(
        license="Speech Commands, CC BY 4.0 (Warden 2018)",
        limits="Ten commands of a second each, by many speakers; other words and silence are labels of their own.",
    ),
}
# Of each speaker's 50 recordings of a digit, numbered from 0: the data set's rule for the test, and ours for
# validation, a tenth from all over, since neighbours sound alike.
TEST, VALIDATION = range(5), range(5, 50, 9)
UNSEEN = "theo"  # the speaker that "spoken_digit/unseen" tests on, and neither trains on nor validates with

__all__ = [
    "BATCH",
    "BETTER",
    "DATASETS",
    "LEARNING_RATE",
    "MONITOR",
    "NETWORKS",
    "PATIENCE",
    "STEPS",
    "adapt",
    "answers",
    "baselines",
    "compile_network",
    "count",
    "data",
    "encode",
    "examples",
    "fine_tune",
    "inputs",
    "pipeline",
    "read",
    "score",
    "size",
    "sizes",
    "split",
]


def data(split, dataset="spoken_digit"):
    """Raw examples ((samples, rate), label, speaker) of a data set.

    Args:
        split: "train", "validation" or "test".
        dataset: "spoken_digit", where recordings 0 to 4 of each speaker and digit are the test, which is the data set's
            own rule, and every ninth from 5 on validates; "spoken_digit/unseen", where the test is all 500 recordings
            of one speaker and the others have no test; or "speech_commands", by the catalogue, which needs a network.

    Returns:
        Iterable of examples; samples int16 (samples,), label and speaker `str`.

    Raises:
        ValueError: another split or data set.
    """
    datasets.check(dataset, split, DATASETS)
    import tensorflow_datasets as tfds

    if dataset == "speech_commands":
        found, info = tfds.load(dataset, split=split, with_info=True)
        name_of = info.features["label"].int2str
        return (((one["audio"].astype("int16"), RATE), name_of(one["label"]), "") for one in tfds.as_numpy(found))
    examples = []
    for one in tfds.as_numpy(tfds.load("spoken_digit", split="train")):
        digit, speaker, number = one["audio/filename"].decode().removesuffix(".wav").split("_")
        if _part(speaker, int(number), dataset) == split:
            examples.append(((one["audio"].astype("int16"), 8_000), digit, speaker))
    return examples


def _part(speaker, number, dataset):
    """Split that a speaker's recording of a digit belongs to."""
    if dataset == "spoken_digit/unseen" and speaker == UNSEEN:
        return "test"
    if number in TEST:
        return "test" if dataset == "spoken_digit" else "train"
    return "validation" if number in VALIDATION else "train"


def read(source):
    """Checked examples (recording, label, speaker) from whatever form the data has.

    Args:
        source: an iterable of (recording, label) or (recording, label, speaker), where a recording is the path of an
            audio file or a pair (samples, rate); the path of a folder with one sub-folder of audio files a label; or
            the path of a manifest, a CSV or TSV file with the columns `path` and `label`.

    Returns:
        List of triples: recording, which is int16 (samples,) and 16,000, their rate; label; speaker, "" where it is not
        known.

    Raises:
        ValueError: no examples, a malformed manifest, a file that holds no audio, a label that is neither a name nor a
            whole number; the message names the file, line or item at fault.
        FileNotFoundError: a path that does not exist.
    """
    if isinstance(source, (str, pathlib.Path)) and pathlib.Path(source).is_dir():
        files = sorted(path for path in pathlib.Path(source).glob("*/*") if path.suffix.lower() in SUFFIXES)
        if not files:
            kinds = ", ".join(SUFFIXES)
            raise ValueError(f"{source} has no file LABEL/*: one sub-folder a label, audio files ({kinds}) in it.")
        source = [(str(path), path.parent.name) for path in files]
    return read_labelled(source, "label", "label", check_label)


def adapt(pairs):
    """Preprocessing layers, adapted on training examples: `labels`, a StringLookup (label -> number).

    Raises:
        ValueError: fewer than two labels.
    """
    return {"labels": lookup(names_of([label for _, label, _ in pairs]))}


def sizes(preprocessing):
    """The hyperparameters of a network that the data decide."""
    return {"classes": preprocessing["labels"].vocabulary_size()}


def fine_tune(pipeline, pairs):
    """Network and preprocessing to go on from: labels of its own get `pairs` a new head."""
    network, labels = relabelled(pipeline, [label for _, label, _ in pairs])
    return network, {"labels": labels}


def count(pairs, _):
    """Number of examples in one pass of `examples`."""
    return len(pairs)


def examples(pairs, preprocessing, batch, *, seed=None, first_epoch=0):
    """What `fit` eats: batches of frames, class numbers, and weights that give every label the same say.

    Args:
        pairs: examples as `read` gives them. The first `LONGEST` seconds of each count.
        Everything else: see `speech.examples`.

    Returns:
        tf.data.Dataset of a dict of `frames` float32 (batch, steps, 80) and `lengths` int32 (batch,), classes (batch,)
        int64, weights (batch,) float32.

    Raises:
        ValueError: a label that `preprocessing` does not know.
    """
    classes, weights = batching.encoded(pairs, preprocessing, _encode)

    def encoded(frames, lengths, rows):
        return {"frames": frames, "lengths": lengths}, tf.gather(classes, rows), tf.gather(weights, rows)

    return framed(pairs, batch, encoded, seed=seed, first_epoch=first_epoch, longest=LONGEST)


def _encode(pairs, preprocessing):
    return numbered([label for _, label, _ in pairs], preprocessing["labels"])


def pipeline(network, preprocessing):
    """One model from samples to labels.

    Returns:
        keras.Model: dict of `waveform` float32 (batch, samples) at 16 kHz, of which the first 10 s are read, and
        `samples` int32 (batch,), their numbers -> dict of `label` (batch,) string, `score` (batch,), the probability of
        that label, and `probabilities` (batch, classes), ordered as `pipeline.get_layer("labels").get_vocabulary()`.
    """
    waveform = keras.Input((None,), name="waveform")
    samples = keras.Input((), dtype="int32", name="samples")
    frames, lengths = LogMel()(waveform[:, : LONGEST * RATE], keras.ops.minimum(samples, LONGEST * RATE))
    found = answer(network({"frames": frames, "lengths": lengths}), preprocessing["labels"])
    return keras.Model({"waveform": waveform, "samples": samples}, found, name=f"speech-{network.name}")


def answers(outputs, items, *_):
    """Plain Python answers from pipeline outputs: `[{"label": "7", "score": 0.98}, ...]`; see `audio.answered`."""
    return answered(outputs, items, "label")


def score(pipeline, pairs):
    """Measures of a pipeline on examples (recording, label, speaker).

    Returns:
        Dict: `accuracy`, and `macro_f1`, the mean over the labels of their F1.

    Raises:
        ValueError: a label that the pipeline does not know.
    """
    truth, items = [label for _, label, _ in pairs], waveforms(pairs)
    check_labels(truth, pipeline.get_layer("labels").get_vocabulary())
    found = answers(batching.run(pipeline, items, encode, size), items)
    return measures(truth, [one["label"] for one in found])


def baselines(_, training, pairs):
    """Name -> measures of the cheap rival: 32 log-mel spectra of each recording with logistic regression."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000, class_weight="balanced"))
    model.fit(shrunk(training), [label for _, label, _ in training])
    truth, guesses = [label for _, label, _ in pairs], model.predict(shrunk(pairs)).tolist()
    return {"log-mel spectra, logistic regression": measures(truth, guesses)}
