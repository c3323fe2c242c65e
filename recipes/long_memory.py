"""How long recurrent networks remember: the adding problem and the copy task

    python -m recipes.long_memory [--tasks adding copy] [--lengths 50 1000] [--cells "LSTM chrono" GRU] [--seeds 3]
    # goes on where it was, and adds what else it is asked for

An LSTM of 32 units, and a GRU and a SimpleRNN with about as many parameters, learn from sequences that are drawn anew
for every update. In the adding problem they read numbers from 0 to 1, of which one in each half of the sequence is
marked, and answer the sum of these two; in the copy task they repeat ten symbols of eight kinds that they have read so
many steps before. `LSTM` is the layer with the forget bias of Keras, 1; `LSTM chrono` has `layers.ChronoInitializer` of
the steps of the sequence for its biases.

The error is that on 256 sequences for validation: of sums the mean of its squares, which is 0.167 without memory, where
1 is the best answer, and 0.14 to 0.17 on these; of symbols the share that is wrong, 0.875 without memory. A task is
solved when it is below 0.01; the first table tells for how many seeds it is, and after how many updates of 16
sequences, or the median of the errors. A training that does not come to it ends after as many updates as the settings
tell, which are few: this is an hour of one core.

The gradient is that of the loss with respect to what a step hands on to the next one, h and the c of an LSTM, and its
norm that of the first step as a multiple of that of the last one; 0 is below 1e-308. It tells why. A forget bias of 1
keeps 0.73 of a cell a step: 1e-16 of the gradient is left after 200 steps, where the LSTM begins to fail. With the
biases of `ChronoInitializer` a tenth is left after 50 steps and after 1,000, and to add over 1,000 takes hardly more
updates than over 50. In a GRU it vanishes faster, but training opens the way, with more updates for more steps. In a
SimpleRNN, whose recurrent weights begin orthogonal, more of it comes back than in the LSTM, and still it fails at 50
steps: training makes it vanish altogether. Rates of 0.003 and 0.001, tried with one seed at 50 steps, do not help: the
LSTM needs more updates, and the SimpleRNN fails.

Nothing copies in so few updates, but the LSTM with long memories answers better than without memory at every length: it
has 0.18 of the symbols wrong at 50 steps and 0.7 at longer ones. The GRU does at 50 steps, and there its gradient
explodes: with one of the seeds that of the first step becomes a thousand times that of the last one. The LSTM with a
forget bias of 1 and the SimpleRNN answer about as without memory. The forget bias of 0 was not measured there.
"""

import itertools
import json
import pathlib
import statistics

import keras
import numpy as np
import tensorflow as tf
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from benchmarks.measuring import machine, parse, parser, write
from lstm_zoo import layers
from lstm_zoo.progress import Bar
from recipes.memory_tasks import TASKS, Task
from recipes.state_gradients import gradient_norms

# Task -> length -> the most updates of a training: what an hour or so of one core allows.
UPDATES = {
    "adding": {50: 3000, 100: 3000, 200: 3000, 500: 1500, 1000: 1500},
    "copy": {50: 4000, 100: 2000, 200: 1000, 500: 500, 1000: 300},
}
LENGTHS = (50, 100, 200, 500, 1000)
# Cell -> its layer from units and the steps of a sequence.
CELLS = {
    "LSTM chrono": lambda units, steps: layers.LSTM(units, bias_initializer=layers.ChronoInitializer(steps)),
    "LSTM": lambda units, steps: layers.LSTM(units),
    "LSTM forget bias 0": lambda units, steps: layers.LSTM(units, unit_forget_bias=False),
    "GRU": lambda units, steps: keras.layers.GRU(units),
    "SimpleRNN": lambda units, steps: keras.layers.SimpleRNN(units),
}
UNITS, MOST_UNITS = 32, 100  # of the LSTM; the most that another cell has with as many parameters
BATCH_SIZE, LEARNING_RATE, CLIPNORM = 16, 0.01, 1.0
VALIDATION_ROWS, EVERY, SOLVED = 256, 100, 0.01  # rows, updates from one validation to the next, the greatest error
PLACES = 21  # of a sequence, at which the gradient is kept
# Paper, task, what it tells, and the cell that is nearest to its own.
KNOWN = [
    (
        "[Hochreiter and Schmidhuber 1997](https://doi.org/10.1162/neco.1997.9.8.1735)",
        "adding",
        "LSTM of 93 weights: 100, 500 and 1,000 steps are learnt after 74,000, 209,000 and 853,000 sequences",
        "LSTM chrono",
    ),
    (
        "[Arjovsky et al. 2016](https://arxiv.org/abs/1511.06464)",
        "copy",
        "LSTM: better than without memory after 100 steps, but not after 200, 300 or 500",
        "LSTM",
    ),
    (
        "[Tallec and Ollivier 2018](https://arxiv.org/abs/1804.11188)",
        "copy",
        "LSTM: with these biases it learns much better than with a forget bias of 1, over hundreds of steps",
        "LSTM chrono",
    ),
]
FIGURE_TASK, FIGURE_LENGTHS = "adding", (200, 1000)
COLORS = dict(zip(CELLS, ("#0072B2", "#56B4E9", "#009E73", "#E69F00", "#D55E00")))  # of Okabe and Ito's palette


def units_of(cell: str, features: int) -> int:
    """The units with which a cell comes closest to the parameters of an LSTM of `UNITS`."""

    def parameters(units):
        reading = units + features
        if cell.startswith("LSTM"):
            return 4 * units * (reading + 1)
        return 3 * units * (reading + 2) if cell == "GRU" else units * (reading + 1)

    parameters_of_lstm = 4 * UNITS * (UNITS + features + 1)
    return min(range(1, MOST_UNITS), key=lambda units: abs(parameters(units) - parameters_of_lstm))


def build(task: Task, cell: str, length: int) -> tuple[keras.Model, keras.Layer]:
    """A network and its recurrent layer."""
    steps = task.draw(np.random.default_rng(0), 1, length)[0].shape[1]
    layer = CELLS[cell](units_of(cell, task.features), steps)
    inputs = keras.Input((steps, task.features))
    if task.answers == 1:
        states = layer(inputs)
    else:  # the last steps alone give their outputs: with all of them an update takes twice as long
        layer.return_state = True
        before, last = inputs[:, : -task.answers], inputs[:, -task.answers :]
        states = keras.layers.RNN(layer.cell, return_sequences=True)(last, initial_state=list(layer(before)[1:]))
    return keras.Model(inputs, keras.layers.Dense(task.outputs)(states)), layer


def run(task: Task, cell: str, length: int, seed: int, updates: int, description: str = "") -> dict:
    """Train until the task is solved, `updates` times at most.

    Args:
        seed: of the weights and of the rows; those of validation are the same for every seed.
        description: before the bar.

    Returns:
        What the result tells of it.
    """
    keras.utils.set_random_seed(seed)
    network, layer = build(task, cell, length)
    optimizer = keras.optimizers.Adam(LEARNING_RATE, clipnorm=CLIPNORM)
    optimizer.build(network.trainable_variables)

    @tf.function(jit_compile=True, autograph=False)
    def update(inputs, targets):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(task.loss(targets, network(inputs, training=True)))
        optimizer.apply(tape.gradient(loss, network.trainable_variables))

    infer = tf.function(lambda inputs: network(inputs, training=False), jit_compile=True, autograph=False)
    random, validation = np.random.default_rng((seed, 1)), np.random.default_rng((0, 2))
    rows, truth = task.draw(validation, VALIDATION_ROWS, length)
    before = gradient_norms(task, network, layer, length)
    with Bar(total=updates, desc=description) as bar:
        for done in range(1, updates + 1):
            update(*map(tf.constant, task.draw(random, BATCH_SIZE, length)))
            bar.update()
            if done % EVERY == 0 or done == updates:
                error = float(np.mean(task.error(truth, infer(rows).numpy())))
                bar.set_postfix(error=error)
                if error < SOLVED:
                    break
    after = gradient_norms(task, network, layer, length)
    places = np.linspace(0, len(before) - 1, PLACES).round().astype(int)
    return {
        "parameters": layer.count_params(),
        "updates": done,
        "error": error,
        "first gradient, before training": float(before[0]),
        "first gradient, after training": float(after[0]),
        "steps": " ".join(map(str, places + 1)),
        "before": " ".join(f"{norm:.4g}" for norm in before[places]),
        "after": " ".join(f"{norm:.4g}" for norm in after[places]),
    }


def summaries(runs: list[dict]) -> list[dict]:
    """A row for each task, cell and length: for how many seeds it is solved, and after how many updates."""
    table = []
    for (task, cell, length), group in itertools.groupby(runs, lambda row: (row["task"], row["cell"], row["length"])):
        group = list(group)
        solved = [row["updates"] for row in group if row["error"] < SOLVED]
        told = f"{len(solved)} of {len(group)}"
        if solved:
            told += f" after {min(solved):,}{f' to {max(solved):,}' if max(solved) > min(solved) else ''}"
        else:
            told += f", error {statistics.median(row['error'] for row in group):.2f}"
        table.append({"task": task, "cell": cell, "length": length, "solved": told})
    return table


def beside(table: list[dict]) -> list[dict]:
    """Rows with what papers have found beside what `summaries` tell."""
    return [
        {
            "paper": paper,
            "task": task,
            "there": there,
            "here with": cell,
            "here": "; ".join(
                f"{row['length']:,} steps: {row['solved']}"
                for row in table
                if (row["task"], row["cell"]) == (task, cell)
            ),
        }
        for paper, task, there, cell in KNOWN
    ]


def described(updates: dict[int, int]) -> str:
    """The most updates of a training by its length, as a text."""
    return ", ".join(f"{count:,} of {length:,} steps" for length, count in updates.items())


def order(row: dict) -> tuple:
    """The place of a run in the table."""
    return [*TASKS].index(row["task"]), [*CELLS].index(row["cell"]), row["length"], row["seed"]


def plot(runs: list[dict], path: pathlib.Path) -> None:
    """Write the figure: the norms of the gradient before and after training, a line a cell, the median of the seeds."""
    figure = Figure(figsize=(10, 7), layout="constrained")
    for row, when in zip(figure.subplots(2, len(FIGURE_LENGTHS), sharey=True), ("before", "after")):
        for axes, length in zip(row, FIGURE_LENGTHS):
            for cell in CELLS:
                found = [r for r in runs if (r["task"], r["length"], r["cell"]) == (FIGURE_TASK, length, cell)]
                if found:
                    steps, *norms = (
                        np.array(text.split(), float) for text in (found[0]["steps"], *(r[when] for r in found))
                    )
                    axes.plot(steps, np.median(norms, axis=0), color=COLORS[cell])
            axes.set(yscale="log", ylim=(1e-30, 1e2), xlabel="step", title=f"{length:,} steps, {when} training")
            axes.grid(alpha=0.3)
        row[0].set_ylabel("gradient, times that of the last step")
    lines = [Line2D([], [], color=color) for color in COLORS.values()]
    figure.legend(lines, CELLS, loc="outside upper center", ncols=len(CELLS))
    figure.savefig(path, dpi=120)


VIEWS = [
    {"rows": ["task", "cell"], "columns": "length", "values": ["solved"]},
    {"rows": ["paper", "task", "there", "here with"], "values": ["here"]},
    {
        "rows": ["task", "cell", "length"],
        "values": ["error", "first gradient, before training", "first gradient, after training"],
    },
]


def main():
    options = parser("long_memory", __doc__, figure=True)
    options.add_argument("--tasks", nargs="+", default=[*TASKS], choices=TASKS, help="default: all")
    options.add_argument("--lengths", nargs="+", type=int, default=LENGTHS, choices=LENGTHS, help="default: all")
    options.add_argument("--cells", nargs="+", default=[*CELLS], choices=CELLS, help="default: all")
    options.add_argument("--seeds", type=int, default=3, help="how many (default: %(default)s)")
    options.add_argument("--updates", type=int, help="the most of a training (default: by task and length)")
    arguments = parse(options)

    updates = UPDATES
    if arguments.updates:
        updates = {name: dict.fromkeys(LENGTHS, arguments.updates) for name in TASKS}
    settings = {
        "units of the LSTM": UNITS,
        "batch size": BATCH_SIZE,
        "optimizer": f"Adam, learning rate {LEARNING_RATE}, gradients clipped to a norm of {CLIPNORM}",
        "rows for validation, every so many updates": f"{VALIDATION_ROWS}, {EVERY}",
        "solved": f"error below {SOLVED}",
        **{f"{name}, baseline": task.baseline for name, task in TASKS.items()},
        **{f"{name}, updates at most": described(updates[name]) for name in TASKS},
    }
    runs, place = [], machine()
    if arguments.output.exists():
        told = json.loads(arguments.output.read_text(encoding="utf-8"))
        runs = [row for row in told["table"] if "seed" in row]
        place = told["machine"] if place in told["machine"] else f"{told['machine']}, and {place}"
        if told["settings"] != settings:
            options.error(f"{arguments.output} was measured with {told['settings']}. Received: {settings}")
    for name, length, cell, seed in itertools.product(
        arguments.tasks, arguments.lengths, arguments.cells, range(arguments.seeds)
    ):
        point = {"task": name, "cell": cell, "length": length, "seed": seed}
        if any(point.items() <= row.items() for row in runs):
            continue
        found = run(TASKS[name], cell, length, seed, updates[name][length], ", ".join(map(str, point.values())))
        runs = sorted([*runs, {**point, **found}], key=order)
        conditions = {"settings": settings, "machine": place, "command": "python -m recipes.long_memory"}
        table = [*summaries(runs), *beside(summaries(runs)), *runs]
        write(arguments.output, "recipes.long_memory", __doc__, table=table, views=VIEWS, **conditions)
        plot(runs, arguments.figure)


if __name__ == "__main__":
    main()
