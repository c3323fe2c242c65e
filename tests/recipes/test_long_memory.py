"""recipes/long_memory.py and the tasks that it trains on: memory_tasks.py."""

import json
import sys

import numpy as np
import pytest

from recipes import long_memory
from recipes.memory_tasks import TASKS

SMALL = ["--lengths", "50", "--updates", "2", "--cells", "SimpleRNN", "--seeds", "1"]


def test_the_sum_of_a_marked_number_in_each_half():
    inputs, sums = TASKS["adding"].draw(np.random.default_rng(0), 200, 10)
    numbers, marks = inputs[..., 0], inputs[..., 1]
    np.testing.assert_array_equal(marks[:, :5].sum(1), np.ones(200))
    np.testing.assert_array_equal(marks[:, 5:].sum(1), np.ones(200))
    assert marks.sum(0).all()  # at every step of some row
    np.testing.assert_allclose(sums[:, 0], (numbers * marks).sum(1), atol=1e-6)
    baseline = TASKS["adding"].error(sums, np.ones_like(sums))
    assert np.mean(baseline) == pytest.approx(TASKS["adding"].baseline, abs=0.03)


def test_the_symbols_before_the_blanks_are_those_to_copy():
    inputs, symbols = TASKS["copy"].draw(np.random.default_rng(0), 200, 30)
    ids = inputs.argmax(2)
    assert ids.shape == (200, 50)
    np.testing.assert_array_equal(ids[:, :10], symbols)
    assert set(ids[:, 10:39].ravel()) == set(ids[:, 40:].ravel()) == {8}
    assert set(ids[:, 39]) == {9}
    baseline = TASKS["copy"].error(symbols, np.zeros((200, 10, 8)))
    assert np.mean(baseline) == pytest.approx(TASKS["copy"].baseline, abs=0.03)
    assert np.mean(TASKS["copy"].error(symbols, np.eye(8)[symbols])) == 0


@pytest.mark.parametrize("name", TASKS)
def test_every_cell_has_about_as_many_parameters(name):
    counts = [long_memory.build(TASKS[name], cell, 50)[1].count_params() for cell in long_memory.CELLS]
    assert max(counts) < 1.04 * min(counts)


class TestGradients:
    """Norms of the gradient with respect to the states, where they are known."""

    @staticmethod
    def norms(cell, **weights):
        """Of a network with one unit whose weights are 0 but for these."""
        network, layer = long_memory.build(TASKS["adding"], cell, 50)
        for weight in layer.cell.weights:
            weight.assign(weights.get(weight.name, np.zeros(weight.shape)))
        return long_memory.gradient_norms(TASKS["adding"], network, layer, 50)

    def test_powers_of_the_recurrent_weight(self):
        units = long_memory.units_of("SimpleRNN", 2)
        norms = self.norms("SimpleRNN", recurrent_kernel=0.5 * np.eye(units))
        np.testing.assert_allclose(norms, 0.5 ** np.arange(49, -1, -1))

    def test_powers_of_the_forget_gate(self):
        bias = np.repeat([0.0, 2.0, 0.0, 0.0], long_memory.UNITS)
        norms = self.norms("LSTM", bias=bias)
        forget = 1 / (1 + np.exp(-2.0))
        # What the last step hands on is its h alone; the cells before it are seen through output gates half open.
        np.testing.assert_allclose(norms[:-1], 0.5 * forget ** np.arange(49, 0, -1))

    @pytest.mark.parametrize("cell", long_memory.CELLS)
    def test_of_many_answers(self, cell):
        network, layer = long_memory.build(TASKS["copy"], cell, 50)
        norms = long_memory.gradient_norms(TASKS["copy"], network, layer, 50)
        assert norms.shape == (70,)
        assert norms[-1] == 1
        assert (norms > 0).all()


def test_a_network_learns_to_add():
    found = long_memory.run(TASKS["adding"], "LSTM chrono", 10, seed=0, updates=1500)
    assert found["error"] < long_memory.SOLVED
    assert found["updates"] < 1500


def test_goes_on_where_it_was(tmp_path, monkeypatch, capsys):
    output, figure = tmp_path / "long_memory.json", tmp_path / "long_memory.png"
    files = ["--output", str(output), "--figure", str(figure)]

    def table(*words):
        monkeypatch.setattr(sys, "argv", ["long_memory.py", *files, *words])
        long_memory.main()
        return json.loads(output.read_text())["table"]

    first = table(*SMALL, "--tasks", "adding")
    assert first[0]["solved"].startswith("0 of 1, error ")
    written = output.read_bytes()
    assert table(*SMALL, "--tasks", "adding") == first
    assert output.read_bytes() == written
    more = table(*SMALL)
    assert [row for row in first if "seed" in row] == [row for row in more if "seed" in row and row["task"] == "adding"]
    assert {row["task"] for row in more if "seed" in row} == set(TASKS)
    assert figure.exists()
    with pytest.raises(SystemExit):
        table("--lengths", "50", "--updates", "3")
    assert "was measured with" in capsys.readouterr().err


def test_what_the_table_tells_of_seeds():
    point = {"task": "adding", "cell": "GRU", "length": 50}
    runs = [{**point, "updates": 100 * n, "error": 0.02 / n} for n in (1, 3, 4)]
    assert long_memory.summaries(runs) == [{**point, "solved": "2 of 3 after 300 to 400"}]
    runs = [{**point, "updates": 100, "error": error} for error in (0.3, 0.1, 0.2)]
    assert long_memory.summaries(runs) == [{**point, "solved": "0 of 3, error 0.20"}]
