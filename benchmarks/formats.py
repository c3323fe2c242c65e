"""What each export format costs: size, latency, throughput and score.

    python -m benchmarks.formats [--networks sentiment/bilstm speech/ctc] [--examples 1000] [--repetitions 21]

Every network, of its first published file, or as it is built where there is none: in Keras, in ONNX Runtime, and those
that they hold in the SavedModel, by its signature of encoded input, and in LiteRT, which takes one row at a time. The
formats of a network take turns, and figures are medians. A row is a text of 195 words or subwords, a sentence of 12
subwords and a translation as long, 4 s of speech, of a keyword 1 s, and 60 characters written for it, a window with its
forecast, of `deepar` one sample path, one token that is read and its successor's probabilities. The score is the first
metric of the task on the validation split, of whole pipelines in the engines that run these formats.
"""

import functools
import pathlib
import tempfile

import numpy as np
import tensorflow as tf

import lstm_zoo
from benchmarks.measuring import cores, medians, parse, parser, timed, write
from lstm_zoo import networks, registry
from lstm_zoo.engines import with_engine
from lstm_zoo.onnx import write_graphs
from lstm_zoo.weights import catalog

ROWS = 64
STEPS = {
    "sentiment": 195,
    "translation": 12,
    "speech": 400,
    "speech/keyword": 100,
    "text_generation": 1,
}  # that are read
WRITTEN = {"translation/attention": 12, "translation/gnmt": 12, "speech/attention": 60, "forecasting/deepar": 96}
WEIGHTS = ("float32", "float16", "int8")
SCORED_IN = {"Keras": "tensorflow", "onnx, float32": "onnxruntime", "onnx, int8": "onnxruntime-int8"}


def runner(path, format):
    """Name of a graph -> a function from a dict of arrays to one, in the format's own runtime."""
    if format == "onnx":
        files = {"network": path} if path.is_file() else {file.stem: file for file in path.iterdir()}
        return {name: in_onnx_runtime(file) for name, file in files.items()}
    return {"network": in_tensorflow(path) if format == "saved_model" else in_litert(path)}


def in_onnx_runtime(file):
    import onnxruntime

    session = onnxruntime.InferenceSession(file)
    inputs, outputs = ([each.name for each in side] for side in (session.get_inputs(), session.get_outputs()))

    def run(arrays):
        return dict(zip(outputs, session.run(outputs, {name: arrays[name] for name in inputs})))

    return run


def in_tensorflow(path):
    model = tf.saved_model.load(str(path))
    names = model.signatures["encoded"].structured_input_signature[1]

    def run(arrays, _model=model):  # the model must outlive its signature
        answer = _model.signatures["encoded"](**{name: tf.constant(arrays[name]) for name in names})
        return {name: value.numpy() for name, value in answer.items()}

    return run


def in_litert(path):
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=str(path), num_threads=len(cores()))
    signature, names = interpreter.get_signature_runner(), interpreter.get_signature_list()["serve"]["inputs"]

    def run(arrays):  # one row at a time
        rows = [signature(**{name: arrays[name][row, None] for name in names}) for row in range(len(arrays[names[0]]))]
        return {name: np.concatenate([row[name] for row in rows]) for name in rows[0]}

    return run


def in_keras(model):
    function = tf.function(model, reduce_retracing=True)

    def run(arrays):
        answer = function({tensor.name: tf.constant(arrays[tensor.name]) for tensor in model.inputs}, training=False)
        return {name: value.numpy() for name, value in answer.items()}

    return run


def arrays_of(graphs, model, rows):
    """Inputs of all graphs of a network, as many steps as its rows usually have."""
    steps, random = STEPS.get(model) or STEPS.get(model.partition("/")[0]), np.random.default_rng(0)
    arrays = {}
    for tensor in (tensor for graph in graphs.values() for tensor in graph.inputs):
        shape = [rows, *(steps if size is None else size for size in tensor.shape[1:])]
        numbers = np.full(shape, steps if tensor.name == "lengths" else 1)
        arrays[tensor.name] = (random.normal(size=shape) if tensor.dtype == "float32" else numbers).astype(tensor.dtype)
    return arrays


def answer(run, arrays, written):
    """One row's answer, or that of many: of the only graph, or of both with so many steps."""
    if "encoder" not in run:
        return run["network"](arrays)
    state = {**arrays, **run["encoder"](arrays)}
    for _ in range(written):
        after = run["step"](state)
        state |= {name.removeprefix("next_"): after[name] for name in after if name.startswith("next_")}
    return state


def score(pipeline, examples, engine):
    """The first metric of a pipeline, whose network an engine runs."""
    task, _ = registry.records_of(pipeline)
    return next(iter(task.score(with_engine(pipeline, engine), examples).items()))


def size(path):
    """Bytes of a file, or of all files in a folder."""
    return sum(file.stat().st_size for file in ([path] if path.is_file() else path.rglob("*")) if file.is_file())


def measure(model, folder, arguments):
    """Rows of the table: a network in each format that holds it."""
    record = registry.get_network(model)
    published = next((row for row in catalog.rows() if row["network"] == model), None)
    pipeline = lstm_zoo.load(published["name"]) if published else None
    network = networks.network_of(pipeline) if published else lstm_zoo.build(model)
    graphs = record.graphs(network)
    runners, paths = {"Keras": {name: in_keras(graph) for name, graph in graphs.items()}}, {}
    for weights in WEIGHTS:
        paths[f"onnx, {weights}"] = path = folder / f"onnx, {weights}"
        write_graphs(graphs, record.metadata(pipeline) if published else {}, weights, path)
        runners[f"onnx, {weights}"] = runner(path, "onnx")
    if published and record.inference_network is not None:
        for format, weights in (("saved_model", "float32"), *(("litert", weights) for weights in WEIGHTS)):
            paths[f"{format}, {weights}"] = path = folder / f"{format}, {weights}"
            lstm_zoo.export(pipeline, path, format=format, weights=weights)
            runners[f"{format}, {weights}"] = runner(path, format)

    seconds = {}
    for rows, repetitions in ((1, arguments.repetitions), (ROWS, max(1, arguments.repetitions // 3))):
        arrays, written = arrays_of(graphs, model, rows), WRITTEN.get(model)
        turns = {name: timed(functools.partial(answer, run, arrays, written)) for name, run in runners.items()}
        seconds[rows] = medians(turns, repetitions)
    scores = {}
    if published:
        task = registry.get_task(model)
        examples = task.read(task.data("validation", published["data"]))[: arguments.examples]
        scores = {name: score(pipeline, examples, engine) for name, engine in SCORED_IN.items()}
    table = []
    for name in runners:
        metric, value = scores.get(name, ("", None))
        table.append(
            {
                "network": model,
                "format, weights": name,
                **({"bytes": size(paths[name])} if name in paths else {}),
                "milliseconds of one row": seconds[1][name] * 1e3,
                f"rows a second, {ROWS} at once": ROWS / seconds[ROWS][name],
                **({"metric": metric, "validation score": value} if name in scores else {}),
            }
        )
    return table


def main():
    options = parser("formats", __doc__, repetitions=21)
    options.add_argument("--networks", nargs="+", default=lstm_zoo.list_models(), help="(default: all)")
    options.add_argument("--examples", type=int, help="of the validation split that are scored (default: all)")
    arguments, table = parse(options), []
    for model in arguments.networks:
        with tempfile.TemporaryDirectory() as folder:
            table += measure("/".join(registry.resolve(model)), pathlib.Path(folder), arguments)
    settings = {"repetitions": arguments.repetitions, "examples": arguments.examples or "all"}
    packages = ("onnxruntime", "ai_edge_litert")
    write(arguments.output, "benchmarks.formats", __doc__, settings=settings, table=table, packages=packages)


if __name__ == "__main__":
    main()
