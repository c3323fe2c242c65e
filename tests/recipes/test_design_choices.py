"""recipes/design_choices.py: what a change of a network does."""

import json
import sys

import numpy as np

from recipes import design_choices

RATE = 16_000


def tones(count):
    """Recordings of two pitches by one speaker."""
    random = np.random.default_rng(0)
    for number in range(count):
        tone = 0.3 * np.sin(np.arange(RATE // 4) * (0.1, 0.4)[number % 2]) + 0.01 * random.normal(size=RATE // 4)
        yield ((tone * 32767).astype("int16"), RATE), ("low", "high")[number % 2], "somebody"


def test_goes_on_where_it_was(tmp_path, monkeypatch):
    output, figure = tmp_path / "design_choices.json", tmp_path / "design_choices.png"
    monkeypatch.setattr(design_choices, "recordings", lambda: list(tones(20)))
    for name, value in (("LEARNT", 8), ("HELD_OUT", 6), ("EPOCHS", 2)):
        monkeypatch.setattr(design_choices, name, value)

    def table(*changes):
        words = ["--seeds", "1", "--output", str(output), "--figure", str(figure), "--changes", *changes]
        monkeypatch.setattr(sys, "argv", ["design_choices.py", *words])
        design_choices.main()
        return json.loads(output.read_text())["table"]

    first = table("nothing")
    assert [row["changed"] for row in first] == ["nothing"]
    assert not figure.exists()
    written = output.read_bytes()
    assert table("nothing") == first
    assert output.read_bytes() == written
    _, other = table("no dropout, no masks")
    assert other["parameters"] == first[0]["parameters"]
    assert len(other["losses learnt"]) == len(other["losses held out"]) == 2
    assert other["loss"] <= other["loss of the last epoch"]
    assert figure.exists()
