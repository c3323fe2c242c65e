"""A page about LSTMs while they read: one file that needs nothing from elsewhere, and units to choose from."""

from __future__ import annotations

import base64
import io
from html import escape
from typing import Any

import numpy as np

from lstm_zoo.inspection.pictures import NEGATIVE, POSITIVE, STRENGTH, colour_of, picture, text_of
from lstm_zoo.steps import Reading, Steps

STYLE = """
body { font-family: system-ui, sans-serif; color: #111; background: #fff }
body { max-width: 72rem; margin: auto; padding: 1rem }
img { width: 100%; height: auto } input { width: min(100%, 30rem); display: block }
.text { font: 1rem/1.9 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere }
"""
# Colours of the text, as `colour_of` has them, of the unit that is chosen: numbers from -127 to 127, step by step.
SCRIPT = """
for (const section of document.querySelectorAll("section[data-cells]")) {
  const cells = Int8Array.from(atob(section.dataset.cells), (c) => c.charCodeAt(0));
  const slider = section.querySelector("input"), number = section.querySelector("output");
  const spans = section.querySelectorAll("span"), units = cells.length / spans.length;
  slider.addEventListener("input", () => {
    number.value = slider.value;
    spans.forEach((span, step) => {
      const value = cells[step * units + Number(slider.value)] / 127;
      const full = value > 0 ? POSITIVE : NEGATIVE;
      const parts = full.map((part) => Math.round(255 - STRENGTH * Math.abs(value) * (255 - part)));
      span.style.background = `rgb(${parts})`;
    });
  });
}
"""


def page(title: str, lstms: dict[str, dict[str, Any]], reading: Reading, unit: int | None = None) -> str:
    """HTML of a page with the picture of each LSTM and, where it reads a text, the text in the colours of one unit.

    Args:
        title: of the page.
        lstms: as `inspect` returns them.
        reading: how they read.
        unit: that is chosen first; None: 0, and no unit is in the pictures by itself.
    """
    sections = "".join(section(title, lstm, gates, reading.steps_of(lstm), unit) for lstm, gates in lstms.items())
    script = SCRIPT
    for name, value in {"POSITIVE": list(POSITIVE), "NEGATIVE": list(NEGATIVE), "STRENGTH": STRENGTH}.items():
        script = script.replace(name, str(value))
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}: gates</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style></head>'
        f"<body><h1>{escape(title)}</h1><p>What its LSTMs do at every step: c = f * c + i * g, h = o * tanh(c), where "
        f"the forget gate f says how much of the memory c is kept, the input gate i how much is written, and the "
        f"output gate o how much is shown.</p>{sections}<script>{script}</script></body></html>\n"
    )


def section(title: str, lstm: str, gates: dict[str, Any], steps: Steps, unit: int | None) -> str:
    """HTML of one LSTM."""
    file = io.BytesIO()
    picture(f"{title}, {lstm}", gates, steps, unit if steps.separator is None else None).savefig(file, dpi=110)
    image = base64.b64encode(file.getvalue()).decode()
    told = f"Heat maps of the gates and the cell of {lstm} over {len(gates['steps'])} {steps.kind}"
    shown = f'<img alt="{escape(told)}" src="data:image/png;base64,{image}">'
    if steps.separator is None:
        return f"<section><h2>{escape(lstm)}</h2>{shown}</section>"
    cells = np.tanh(gates["cell"])
    chosen, last = unit or 0, cells.shape[1] - 1
    spans = "".join(
        f'<span style="background: rgb({", ".join(str(round(255 * part)) for part in colour_of(value))})">'
        f"{escape(text_of(name, steps))}</span>"
        for name, value in zip(gates["steps"], cells[:, chosen])
    )
    data = base64.b64encode(np.round(127 * cells).astype("int8").tobytes()).decode()
    return (
        f'<section data-cells="{data}"><h2>{escape(lstm)}</h2><label>Cell of unit <output>{chosen}</output> of 0 to '
        f'{last}: orange below 0, purple above<input type="range" min="0" max="{last}" value="{chosen}"></label>'
        f'<p class="text">{spans}</p>{shown}</section>'
    )
