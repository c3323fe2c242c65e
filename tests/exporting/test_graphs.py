"""onnx/ over all networks: what ONNX Runtime answers, fed as each network is, is what Keras answers."""

import base64
import json

import keras
import numpy as np
import onnxruntime
import pytest
import tensorflow as tf
from tiny import network_for, pipeline_for, prepared_for

import lstm_zoo
from lstm_zoo import decoding, layers, registry
from lstm_zoo.layers.states import PARTS, named_states
from lstm_zoo.onnx.conversion import onnx_model
from lstm_zoo.tasks.text_generation.options import INPUTS
from lstm_zoo.text.subwords import END, START

MODELS = lstm_zoo.list_models()
# The largest error of float32, and the mean one of the others, of answers whose deviation is about 1.
TOLERANCE = {"float32": 1e-4, "float16": 3e-3, "int8": 0.15}


def scrambled(network):
    """The network with no weight as it began."""
    random = np.random.default_rng(0)
    for weight in network.weights:
        if weight.dtype == "float32":
            values = random.normal(scale=0.5, size=weight.shape)
            weight.assign(values if weight.trainable else np.abs(values) + 0.1)
    for layer in network.layers:
        if isinstance(layer, layers.LogLinearPool):  # all are heard, by length
            weights = np.linspace(0.4, 0.8, layer.models), np.linspace(-0.1, 0.2, layer.models)
            layer.set_weights([*weights, *layer.get_weights()[2:]])
    return network


def reloaded(network):
    """The network as a file holds it, whose operations have lists in the place of tuples."""
    config = json.loads(json.dumps(keras.saving.serialize_keras_object(network)))
    again = keras.saving.deserialize_keras_object(config)
    again.set_weights(network.get_weights())
    return again


class Graph:
    """An ONNX file: a dict of arrays in, a dict of arrays out."""

    def __init__(self, file):
        self.session = onnxruntime.InferenceSession(file)
        self.inputs = {each.name: each for each in self.session.get_inputs()}
        self.outputs = [each.name for each in self.session.get_outputs()]

    def __call__(self, **feeds):
        feeds = {name: np.asarray(values) for name, values in feeds.items() if name in self.inputs}
        return dict(zip(self.outputs, self.session.run(self.outputs, feeds)))

    def zeros(self, rows):
        """The state before the first step."""
        types = {"tensor(float)": "float32", "tensor(int32)": "int32"}
        states = {name: each for name, each in self.inputs.items() if f"next_{name}" in self.outputs}
        return {name: np.zeros([rows, *each.shape[1:]], types[each.type]) for name, each in states.items()}


def exported(pipeline, path, weights="float32"):
    """Name -> graph of a pipeline that is exported."""
    lstm_zoo.export(pipeline, path, format="onnx", weights=weights)
    files = {"network": path} if path.is_file() else {file.stem: file for file in path.iterdir()}
    return {name: Graph(file) for name, file in files.items()}


def after(answer):
    """The state that an answer leaves."""
    return {name.removeprefix("next_"): values for name, values in answer.items() if name.startswith("next_")}


def ids_of(random, lengths, vocabulary=8):
    """Ids int32 (rows, steps), padded with 0."""
    ids = random.integers(1, vocabulary, (len(lengths), max(lengths)))
    return np.where(np.arange(ids.shape[1]) < np.array(lengths)[:, None], ids, 0).astype("int32")


def frames_of(random, lengths):
    """Frames of recordings of so many, 0 behind them, and their numbers."""
    frames = random.normal(size=(len(lengths), max(lengths), 80)).astype("float32")
    valid = np.arange(frames.shape[1]) < np.array(lengths)[:, None]
    return {"frames": np.where(valid[..., None], frames, 0), "lengths": np.array(lengths, "int32")}


def read_texts(network, graphs, random):
    ids = ids_of(random, [7, 1, 0, 4])
    feeds = dict.fromkeys(network.input, ids) if isinstance(network.input, dict) else {"ids": ids}
    return graphs["network"](**feeds)["probabilities"], network(feeds if isinstance(network.input, dict) else ids)


def read_recordings(network, graphs, random):
    heard = frames_of(random, [46, 21, 1, 0])
    [answer] = graphs["network"](**heard).values()
    return answer, network(heard)


def read_blocks(network, graphs, random):
    """Blocks of any number of steps, beside the network that reads whole recordings."""
    heard, [size] = frames_of(random, [46, 21, 1, 0]), network.get_layer("lookahead").kernel_size
    expected, lengths, late = network(heard), heard["lengths"], size - 1
    frames = np.pad(heard["frames"], [(0, 0), (0, 2 + 4 * late), (0, 0)])
    state, written = graphs["network"].zeros(len(lengths)), []
    for begin, end in ((0, 4), (4, 20), (20, 24), (24, frames.shape[1])):
        inside = np.clip(lengths - begin, 0, end - begin).astype("int32")
        answer = graphs["network"](frames=frames[:, begin:end], lengths=inside, **state)
        state = after(answer)
        written.append(answer["logits"])
    logits = np.concatenate(written, 1)[:, late:]
    valid = np.arange(logits.shape[1]) < -(-lengths // 4)[:, None]
    return np.where(valid[..., None], logits, expected), expected


def write(network, graphs, heard, targets, name):
    """Steps over tokens that are given, beside the network that reads them at once."""
    state, written = graphs["encoder"](**heard), []
    for tokens in targets.T:
        answer = graphs["step"](token=tokens, **heard, **state)
        np.testing.assert_allclose(answer["attention"].sum(-1), 1, atol=1e-4)
        state |= after(answer)
        written.append(answer["logits"])
    return np.stack(written, 1), network({**heard, name: targets})


def translate(network, graphs, random):
    return write(network, graphs, {"source": ids_of(random, [6, 2, 1, 0])}, ids_of(random, [5] * 4), "target")


def spell(network, graphs, random):
    return write(network, graphs, frames_of(random, [46, 21, 1, 0]), ids_of(random, [5] * 4, vocabulary=3), "before")


def read_on(network, graphs, random):
    """Parts of a text, the state carried from one to the next, beside the network that reads it at once."""
    ids = ids_of(random, [7, 7, 7])
    expected = network({"ids": ids, "fresh": np.ones(3, "bool")})
    state, written = graphs["network"].zeros(3), []
    for begin, end in ((0, 4), (4, 5), (5, 7)):
        answer = graphs["network"](ids=ids[:, begin:end], **state)
        state = after(answer)
        written.append(answer["logits"])
    return np.concatenate(written, 1), expected["logits"] if isinstance(expected, dict) else expected


def windows(network, random):
    """All inputs that a network of forecasting has."""
    arrays = {name: random.normal(size=[4, *each.shape[1:]]).astype("float32") for name, each in network.input.items()}
    arrays["history"][..., 1] = random.integers(0, 2, arrays["history"].shape[:2])
    if "identity" in arrays:
        arrays["identity"] = np.array([0, 1, 3, 2], "int32")
    return arrays


def forecast(network, graphs, random):
    arrays = windows(network, random)
    return graphs["network"](**arrays)["forecast"], network(arrays)


def draw(network, graphs, random):
    """Steps over values that are given, beside the network that reads them at once."""
    arrays, seasons = windows(network, random), network.get_layer("lags").seasons
    arrays["unit"], history = np.abs(arrays["unit"]), arrays["history"]
    values, given = np.concatenate([history[..., 0], arrays["target"]], 1), []
    state = graphs["encoder"](**arrays)
    for step in range(arrays["target"].shape[1]):
        place = history.shape[1] + step
        seen = np.ones(4) if step else history[:, -1, 1]
        read = [values[:, place - 1], seen, *(values[:, place - season] for season in seasons)]
        known = {"future": arrays["future"][:, step]} if "future" in arrays else {}
        answer = graphs["step"](**{**arrays, **known, **state, "values": np.stack(read, 1).astype("float32")})
        state = after(answer)
        given.append(answer["parameters"])
    return np.stack(given, 1), network(arrays)


FED = {  # a model, or its task -> what feeds its graphs, and gives their answers and those of the network
    "sentiment": read_texts,
    "translation": translate,
    "speech": read_recordings,
    "speech/streaming": read_blocks,
    "speech/attention": spell,
    "forecasting": forecast,
    "forecasting/deepar": draw,
    "text_generation": read_on,
}


def answers(model, network, graphs, activation="softmax"):
    """What graphs and network answer; where the former give probabilities, of the latter too."""
    found, expected = (FED.get(model) or FED[model.partition("/")[0]])(network, graphs, np.random.default_rng(1))
    if any("probabilities" in graph.outputs for graph in graphs.values()):
        expected = getattr(keras.ops, activation)(expected)
    return found, np.asarray(expected)


@pytest.mark.parametrize("model", MODELS)
def test_answers_are_those_of_the_network(model, tmp_path):
    network = reloaded(scrambled(network_for(model)))
    pipeline = registry.get_network(model).pipeline(network, prepared_for(model))
    for weights, tolerance in TOLERANCE.items():
        found, expected = answers(model, network, exported(pipeline, tmp_path / weights, weights))
        assert found.shape == expected.shape
        error = np.abs(found - expected)
        assert (error.max() if weights == "float32" else error.mean()) < tolerance, weights


OF_SERIES = {"lookback": 12, "horizon": 6, "units": 4, "covariates": 2, "series_embeddings": 3, "seasons": (2, 5)}


@pytest.mark.parametrize(
    ("model", "hyperparameters"),
    [
        ("sentiment/bilstm", {"vocabulary": 6, "units": 4, "depth": 2, "vector_words": 8, "vector_width": 3}),
        ("sentiment/wide", {"vocabulary": 8, "units": 4, "ngrams": 8, "characters": 8, "multilabel": True}),
        ("translation/attention", {"vocabulary": 8, "units": 4, "depth": 2, "copying": False}),
        ("translation/gnmt", {"vocabulary": 8, "units": 4, "depth": 4}),
        ("speech/streaming", {"vocabulary": 5, "units": 4, "channels": 2, "lookahead": 0, "depth": 3}),
        ("speech/attention", {"vocabulary": 5, "units": 4, "channels": 2, "depth": 3}),
        ("forecasting/segment", {**OF_SERIES, "segment": 3}),
        ("forecasting/seq2seq", {**OF_SERIES, "depth": 2}),
        ("forecasting/deepar", {**OF_SERIES, "distribution": "negative_binomial"}),
    ],
)
def test_whatever_the_hyperparameters(model, hyperparameters):
    record, network = registry.get_network(model), scrambled(lstm_zoo.build(model, **hyperparameters))
    if "multilabel" in hyperparameters:
        record = registry.get_task(model).variant.networks[network.name]
    graphs = {name: Graph(onnx_model(part, {}).SerializeToString()) for name, part in record.graphs(network).items()}
    found, expected = answers(model, network, graphs, "sigmoid" if "multilabel" in hyperparameters else "softmax")
    np.testing.assert_allclose(found, expected, atol=1e-4)


METADATA = {  # a model, or its task -> what its files tell
    "sentiment": {"labels", "vocabulary", "lower", "rules"},
    "sentiment/wide": {"labels", "vocabulary", "lower", "rules", "ngrams", "characters", "once", "widths"},
    "sentiment/awd": {"labels", "sentencepiece", "rules", "lower", "end"},
    "translation": {
        "sentencepiece",
        "rules",
        "start",
        "end",
        "numbers",
        "beams",
        "length_penalty",
        "loops",
        "max_tokens",
    },
    "speech": {"characters", "features", "beams", "lexicon"},
    "speech/streaming": {"characters", "features", "beams", "lexicon", "lookahead"},
    "speech/keyword": {"labels", "features", "max_seconds"},
    "forecasting": {
        "lookback",
        "horizon",
        "quantiles",
        "covariates",
        "calendar",
        "series",
        "centre",
        "factors",
        "least",
    },
    "text_generation/character": {"vocabulary", "start", "end", "first_written"},
    "text_generation/awd": {"sentencepiece", "rules", "start", "end", "first_written"},
}


@pytest.mark.parametrize("model", MODELS)
def test_metadata(model):
    pipeline = pipeline_for(model)
    _, record = registry.records_of(pipeline)
    metadata = json.loads(json.dumps(record.metadata(pipeline), allow_nan=False))
    expected = METADATA.get(model) or METADATA[model.partition("/")[0]]
    further = {"seasons", "distribution"} if "deepar" in model else set()
    assert metadata.keys() == expected | further
    if "sentencepiece" in metadata:
        [layer] = [layer for layer in pipeline._flatten_layers() if hasattr(layer, "tokenizer")]
        assert base64.b64decode(metadata["sentencepiece"]) == layer.model


@pytest.mark.parametrize("model", ["translation/attention", "speech/attention"])
def test_names_of_the_files(model, tmp_path):
    graphs = exported(pipeline_for(model), tmp_path / "folder")
    assert graphs.keys() == {"encoder", "step"}
    for graph in graphs.values():
        entries = graph.session.get_modelmeta().custom_metadata_map
        assert json.loads(entries["model"]) == model


def test_the_same_beam_search_drives_them(tmp_path):
    network = scrambled(network_for("translation/attention"))
    pipeline = registry.get_network("translation/attention").pipeline(network, prepared_for("translation/attention"))
    graphs, source = exported(pipeline, tmp_path / "folder"), ids_of(np.random.default_rng(2), [5, 2])
    search = pipeline.get_layer("attention")
    expected, scores = type(search)(network, beams=3)(tf.constant(source))
    heard = {name: np.repeat(array, 3, 0) for name, array in graphs["encoder"](source=source).items()}
    never = np.array([-np.inf, -np.inf, -np.inf] + [0.0] * (network.output_shape[-1] - 3), "float32")
    lengths, first = heard["memory_lengths"][::3], {name: heard.pop(name)[::3] for name in ("hidden_0", "cell_0")}

    def step(tokens, states):
        answer = graphs["step"](token=tokens, source=np.repeat(source, 3, 0), **heard, **states)
        return tf.nn.log_softmax(answer["logits"]) + never, tf.nest.map_structure(tf.constant, after(answer))

    states = tf.nest.map_structure(tf.constant, first)
    options = {"beams": 3, "start": START, "end": END, "length_penalty": search.length_penalty}
    found, found_scores = decoding.beam_search(step, states, 2 * (lengths - 1) + 10, **options)
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_allclose(found_scores, scores, atol=1e-4)


def test_the_same_sampling_drives_them(tmp_path, monkeypatch):
    pipeline = pipeline_for("text_generation/character")
    graph, generator = exported(pipeline, tmp_path / "file")["network"], pipeline.get_layer("character")
    values = {"length": 20, "temperature": 1.0, "top_p": 0.9, "repetition_penalty": 1.2, "top_k": 9, "seed": 3}
    inputs = {name: tf.constant([values[name]], dtype) for name, (_, dtype) in INPUTS.items()}
    inputs["prompt"] = tf.constant(["To be"])
    expected, first = generator(inputs), generator.tokens.first_written

    never = np.where(np.arange(generator.tokens.vocabulary_size()) < first, -np.inf, 0.0).astype("float32")

    def step(tokens, states):
        answer = graph(ids=tokens[:, None], **named_states(states))
        after = [[answer[f"next_{part}_{place}"] for part in PARTS] for place in range(len(states))]
        return tf.nn.log_softmax(answer["logits"][:, 0]) + never, tf.nest.map_structure(tf.constant, after)

    monkeypatch.setattr(generator, "step", step)
    found = generator(inputs)
    assert found["text"] == expected["text"]
    np.testing.assert_allclose(found["score"], expected["score"], atol=1e-4)
