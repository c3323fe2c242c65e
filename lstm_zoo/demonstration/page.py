"""The page: a tab a task, and one that looks inside; Gradio, which gets nothing from elsewhere and tells nobody."""

from __future__ import annotations

import functools
import importlib
import pathlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import fastapi
import gradio as gr
import numpy as np
import pandas as pd
from starlette.responses import PlainTextResponse

from lstm_zoo.demonstration import answers
from lstm_zoo.demonstration.looks import CSS, THEME
from lstm_zoo.demonstration.turns import THREAD, answering, streaming
from lstm_zoo.weights.catalog import find, rows

if TYPE_CHECKING:
    from gradio.components import Component
    from starlette.types import ASGIApp

AT_ONCE, WAITING = 20, 100  # requests that are in turn together, and that wait behind them
KEPT = 3600  # seconds that an upload is kept
MARGIN = 2**16  # bytes that a request has around a file
TOLD = (
    "# lstm_zoo\n\nLSTMs with published weights, on what you type, say or upload. It is computed on this machine, and "
    "what you upload is removed again."
)


def application(folder: pathlib.Path, max_bytes: int, max_seconds: float) -> fastapi.FastAPI:
    """The ASGI application of the page, see `lstm_zoo.demo`; TensorFlow, which takes seconds, is imported meanwhile.

    Args:
        folder: for the example of a table.
        max_bytes, max_seconds: of a file, and of a request.
    """
    served = gr.mount_gradio_app(
        fastapi.FastAPI(openapi_url=None),
        page(example(folder / "load.csv"), max_seconds).queue(default_concurrency_limit=AT_ONCE, max_size=WAITING),
        "/",
        footer_links=[],
        run_history=False,
        max_file_size=max_bytes,
        ssr_mode=False,
        show_error=False,
        theme=THEME,
        css=CSS,
    )
    served.add_middleware(bounded, max_bytes=max_bytes + MARGIN)
    THREAD.submit(importlib.import_module, "lstm_zoo.inference")
    return served


def bounded(app: ASGIApp, max_bytes: int) -> ASGIApp:
    """An ASGI application that keeps no body of more bytes, or of an unknown number: Gradio bounds uploads alone."""

    async def answer(scope, receive, send):
        length = dict(scope.get("headers", ())).get(b"content-length")
        if scope.get("method") == "POST" and (length is None or int(length) > max_bytes):
            while (await receive()).get("more_body"):  # a browser that is still sending hears no answer
                pass
            await PlainTextResponse(f"At most {max_bytes} bytes are read.", 413)(scope, receive, send)
        else:
            await app(scope, receive, send)

    return answer


def page(table: pathlib.Path, max_seconds: float) -> gr.Blocks:
    """The page, with an example of a table, whose requests wait no longer than so many seconds."""

    def ask(verb: str, function: Callable, inputs: Sequence[Component], wrap: Callable = answering) -> gr.Button:
        """A button, and below it the answer of a function to the inputs; of a stream also one that stops it."""
        with gr.Row():
            button = gr.Button(verb, variant="primary")
            stop = gr.Button("Stop") if wrap is streaming else None
        # What comes into the answer is read out by screen readers, but for a text that grows.
        live = "off" if wrap is streaming else "polite"
        answer = gr.HTML(elem_classes="answers", js_on_load=f"element.setAttribute('aria-live', '{live}')")
        asked = button.click(wrap(function, max_seconds), list(inputs), answer, api_visibility="private")
        if stop is not None:
            stop.click(None, cancels=[asked], api_visibility="private")
        return button

    with gr.Blocks(title="lstm_zoo", analytics_enabled=False, delete_cache=(KEPT, KEPT)) as blocks:
        gr.Markdown(TOLD)
        with gr.Tabs(overflow_behavior="wrap"):  # a menu of tabs is one more thing to find
            with gr.Tab("Label"):
                name = published("sentiment", "sentiment/attention")
                text = gr.Textbox("A dull plot and wooden acting, but great fun.", label="Text", lines=4)
                ask("Label", answers.label, [name, text])
            with gr.Tab("Translate"):
                name = published("translation")
                text = gr.Textbox("Ein Hund rennt über die Wiese.", label="Text", lines=4)
                ask("Translate", answers.translate, [name, text])
            with gr.Tab("Transcribe"):
                ask("Transcribe", answers.transcribe, [published("speech"), recording()])
            with gr.Tab("Forecast"):
                inputs = [published("forecasting"), *series(table)]
                windows = gr.Slider(1, answers.MAX_WINDOWS, 5, step=1, label="Windows of the backtest")
                ask("Forecast", answers.forecast, [*inputs, windows])
            with gr.Tab("Write"):
                inputs = [
                    published("text_generation"),
                    gr.Textbox("ROMEO:", label="Prompt", lines=2),
                    gr.Slider(0, 2, 0.8, step=0.1, label="Temperature: 0 the most probable, above 1 bolder"),
                    gr.Slider(1, answers.MAX_NEW_TOKENS, 400, step=1, label="Tokens at most"),
                    gr.Slider(0, 1000, 0, step=1, label="Seed: another one writes another text"),
                ]
                ask("Write", answers.write, inputs, streaming)
            with gr.Tab("Inside"):
                inside(ask, table)
    return blocks


def inside(ask: Callable, example: pathlib.Path) -> None:
    """The tab that looks into any of the pipelines: what its task reads is shown, and the rest hidden."""
    name = gr.Dropdown([row["name"] for row in rows()], value=find("sentiment")["name"], label="Published file")
    with gr.Column() as texts:
        text = gr.Textbox("The film is not bad, but the ending is terrible.", label="Text", lines=3)
    with gr.Column(visible=False) as recordings:
        heard = recording()
    with gr.Column(visible=False) as tables:
        table, columns = series(example)

    def show(name):
        task = name.partition("-")[0]
        kinds = [task not in ("speech", "forecasting"), task == "speech", task == "forecasting"]
        return [gr.Column(visible=kind) for kind in kinds]

    name.change(show, name, [texts, recordings, tables], api_visibility="private", show_progress="hidden")
    ask("Look inside", answers.look_inside, [name, text, heard, table, columns])


def published(task: str, first: str = "") -> gr.Radio:
    """A choice among the published files of a task, those of the network `first` before the others, with its limits."""
    found = [row for row in rows() if row["network"].startswith(f"{task}/")]
    limits = {row["name"]: row["limits"] for row in sorted(found, key=lambda row: row["network"] != first)}
    name = next(iter(limits))
    choice = gr.Radio(list(limits), value=name, label="Published file", info=limits[name])
    choice.change(
        lambda name: gr.Radio(info=limits[name]), choice, choice, api_visibility="private", show_progress="hidden"
    )
    return choice


def recording() -> gr.Audio:
    """A microphone, and a place for files."""
    return gr.Audio(
        sources=["microphone", "upload"],
        type="filepath",
        editable=False,
        buttons=[],  # one of them shares with others
        label=f"Recording of at most {answers.MAX_SECONDS} s",
    )


def series(example: pathlib.Path) -> tuple[gr.File, gr.Textbox]:
    """A place for a table, with a button for an example, and what its columns are called."""
    file = gr.File(
        label="Series: a CSV file with the columns unique_id, ds and y, or dates and a column a series",
        file_types=[".csv", ".tsv"],
    )
    gr.Button("Take an example", size="sm").click(functools.partial(str, example), None, file, api_visibility="private")
    columns = gr.Textbox(label="Columns, if they are called otherwise, like ds=time,y=load")
    return file, columns


def example(path: pathlib.Path) -> pathlib.Path:
    """Write a table for visitors without one: a load, hour by hour, for five weeks."""
    hours = np.arange(5 * 7 * 24)
    day, week = np.sin(2 * np.pi * (hours - 8) / 24), np.where(hours // 24 % 7 < 5, 0.0, -8.0)
    load = 50 + 10 * day + week + np.random.default_rng(0).normal(size=len(hours))
    times = pd.date_range("2026-03-02", periods=len(hours), freq="h")
    pd.DataFrame({"unique_id": "load", "ds": times, "y": load.round(2)}).to_csv(path, index=False)
    return path
