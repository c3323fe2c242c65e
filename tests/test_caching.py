"""caching.py: what takes a second to trace is traced once a pipeline, is kept with it, and goes with it."""

import gc
import pathlib
import weakref
import zipfile

import pytest
import tensorflow as tf
from tiny import network_for, pipeline_for, prepared_for
from tiny.speech import tones

import lstm_zoo
from lstm_zoo import registry
from lstm_zoo.caching import MAX_OPTIONS, graph_of
from lstm_zoo.layers import recorded_calls
from lstm_zoo.tasks import speech, text_generation
from lstm_zoo.tasks.speech import timings
from lstm_zoo.tasks.translation import annotations

GOLDENS = pathlib.Path(__file__).parent / "goldens"
TEXTS = ["good", "a good film, and not a bad one", "bad film"]
CHARACTER = "text_generation/character"


def traced(call, *args, **options):
    """How many LSTMs ran, or were traced, outside of graphs that had been there before."""
    with recorded_calls() as calls:
        call(*args, **options)
    return len(calls)


def new_pipeline(model):
    """One that nothing else refers to."""
    return registry.get_network(model).pipeline(network_for(model), prepared_for(model))


def explain(pipeline, number):
    lstm_zoo.predict(pipeline, TEXTS[number], explain=True)


def write(pipeline, number):
    session = text_generation.GenerationSession(pipeline, seed=1)
    session.read(TEXTS[number])
    return "".join(session.write(3))


def hear(pipeline, number):
    samples = recording(number)
    return "".join(speech.stream(pipeline, [samples[:3000], samples[3000:]]))


def recording(number):
    return tones("ab"[: 1 + number % 2] * (1 + number)).astype("float32")


@pytest.mark.parametrize(
    ("model", "ask"),
    [
        ("sentiment/bilstm", lambda pipeline, number: lstm_zoo.predict(pipeline, TEXTS[number])),
        ("sentiment/attention", explain),
        ("translation/attention", lambda pipeline, number: annotations.align(pipeline, [TEXTS[number]], ["A dog."])),
        ("speech/ctc", lambda pipeline, number: timings.align(pipeline, [recording(number)], ["a"])),
        ("speech/streaming", hear),
        ("text_generation/character", write),
        ("text_generation/character", lambda pipeline, number: lstm_zoo.evaluate(pipeline, TEXTS[: 1 + number])),
    ],
    ids=["predict", "explain", "translation", "speech", "stream", "session", "evaluate"],
)
def test_is_traced_once_for_all_sizes(model, ask):
    pipeline = new_pipeline(model)
    assert traced(ask, pipeline, 0) > 0
    assert [traced(ask, pipeline, number) for number in (1, 2)] == [0, 0]


def test_one_row_and_many_are_a_graph_each():
    pipeline = new_pipeline("speech/ctc")
    for rows in ([0], [1], [2, 1, 0], [1, 0]):
        lstm_zoo.predict(pipeline, [(recording(number), 16_000) for number in rows])
    assert graph_of(pipeline, rows=1).experimental_get_tracing_count() == 1
    assert graph_of(pipeline, rows=None).experimental_get_tracing_count() == 1


def test_searches_in_turn_are_kept():
    translation, ctc = pipeline_for("translation/attention"), pipeline_for("speech/ctc")
    for _ in range(2):
        found = [traced(lstm_zoo.predict, translation, "Ein Hund.", beams=beams) for beams in (1, 2)]
        for lexicon in (["a"], ["ab"]):
            found.append(traced(lstm_zoo.predict, ctc, [(recording(0), 16_000)], lexicon=lexicon))
    assert found == [0] * 4


def test_models_in_turn_are_kept():
    paths = [*GOLDENS.glob("sentiment-*.keras"), *GOLDENS.glob("translation-*.keras")]
    for _ in range(2):
        found = [traced(lstm_zoo.predict, path, "good") for path in paths]
    assert found == [0] * 6


@pytest.mark.parametrize(("model", "ask"), [("sentiment/attention", explain), ("text_generation/character", write)])
def test_what_is_kept_goes_with_its_pipeline(model, ask):
    pipeline = new_pipeline(model)
    ask(pipeline, 0)
    gone = weakref.ref(pipeline)
    del pipeline
    gc.collect()
    assert gone() is None


def test_so_many_options_are_kept():
    pipeline = new_pipeline("text_generation/character")
    first = text_generation.with_beams(pipeline, 2)
    assert text_generation.with_beams(pipeline, 2) is first
    for beams in range(3, 3 + MAX_OPTIONS):
        text_generation.with_beams(pipeline, beams)
    assert text_generation.with_beams(pipeline, 2) is not first


def test_a_graph_reads_the_weights_as_they_are():
    pipeline = new_pipeline("sentiment/bilstm")
    before = lstm_zoo.predict(pipeline, "good", scores=True)
    pipeline.set_weights([weight + 1 for weight in pipeline.get_weights()])
    after = lstm_zoo.predict(pipeline, "good", scores=True)
    assert after != before
    assert after[0]["score"] == pytest.approx(pipeline(tf.constant(["good"]))["score"].numpy()[0], abs=1e-6)


def test_no_file_has_what_is_kept(tmp_path):
    def parts(name):
        lstm_zoo.save(pipeline, tmp_path / name)
        with zipfile.ZipFile(tmp_path / name) as file:
            return {part.filename: part.file_size for part in file.infolist()}

    pipeline = new_pipeline("text_generation/character")
    before = parts("before.keras")
    text_generation.with_beams(pipeline, 2)
    write(pipeline, 0)
    assert parts("after.keras") == before
    assert len(pipeline.weights) == len(lstm_zoo.load(tmp_path / "after.keras").weights)
