"""What a training run keeps on disk: its last and best epoch, its history, its learning curves."""

import csv
import io
import json
import math
import pathlib

import keras
from matplotlib.figure import Figure

from lstm_zoo import files


class Checkpoint(keras.callbacks.Callback):
    """Keep the last and the best epoch on disk, stop early, and go on after a kill.

    Keras' BackupAndRestore forgets the best epoch and the patience used up, and a kill within its save can leave
    weights and epoch number apart. Here `state.json` is the one truth: it is replaced in one step, after the weights
    that it names are complete.

    Args:
        folder: where it is kept.
        patience: epochs without a better one after which training stops.
        monitor: which of the logs tells the best epoch.
        better: `min` or `max`.
        validate: function without arguments that gives further logs of an epoch. None: there are none.
        average: number of epochs, the best and those before it, of which `restore_best` averages the weights.
        warmup: first epochs, in which the learning rate still rises: they use no patience up, for a network that
            hardly moves gets no better. Of 180 texts it is 10 epochs, and a patience of 2 ended before the first step
            of a size to learn anything.
    """

    def __init__(self, folder, patience, monitor="val_loss", better=min, validate=None, average=1, warmup=0):
        super().__init__()
        self.folder, self.patience, self.monitor, self.better = folder, patience, monitor, better
        self.validate, self.average, self.warmup = validate, average, warmup
        self.history, self.seeds = [], []
        if self._state.exists():
            state = json.loads(self._state.read_text())
            self.history, self.seeds = state["history"], state["seeds"]

    @property
    def _state(self):
        return self.folder / "state.json"

    def _weights(self, epoch):
        return self.folder / f"epoch-{epoch}.weights.h5"

    @property
    def finished(self):
        """Whether the patience is used up, counted from the first of equal epochs, or from the end of the warm-up."""
        if not self.history:
            return False
        return len(self.history) - max(self._best_of(self.history) + 1, self.warmup) >= self.patience

    @property
    def best(self):
        """The best epoch, of equals the last, which had the lowest learning rate."""
        return self._best_of(reversed(self.history))

    def _best_of(self, rows):
        return self.better(rows, key=lambda row: row[self.monitor])["epoch"]

    def restore(self, network, epoch):
        """Load the weights and the optimizer's state of an epoch that is kept, and the state of the random seeds."""
        network.load_weights(self._weights(epoch))
        for variable, state in zip(seed_states(network), self.seeds):
            variable.assign(state)

    def restore_best(self, network):
        """Load the weights of the best epoch, or the average of the last ones up to it."""
        weights = []
        for epoch in self._averaged(self.best):
            self.restore(network, epoch)
            weights.append(network.get_weights())
        network.set_weights([sum(parts) / len(parts) for parts in zip(*weights)] if len(weights) > 1 else weights[0])

    def _averaged(self, epoch):
        return range(max(0, epoch - self.average + 1), epoch + 1)

    def on_epoch_end(self, epoch, logs=None):
        logs.update(self.validate() if self.validate else {})
        if not all(math.isfinite(value) for value in logs.values()):
            raise FloatingPointError(
                f"The loss is not finite in epoch {epoch + 1}: {logs}. Try a lower learning_rate in another folder."
            )
        self.history.append({"epoch": epoch, **{name: float(value) for name, value in logs.items()}})
        self.folder.mkdir(parents=True, exist_ok=True)
        self.model.save_weights(self._weights(epoch), overwrite=True)
        report(self.folder.parent, self.history, self.best)
        self.seeds = [variable.numpy().tolist() for variable in seed_states(self.model)]
        files.write_text(self._state, json.dumps({"history": self.history, "seeds": self.seeds}))
        kept = [self._weights(number) for last in (epoch, self.best) for number in self._averaged(last)]
        for path in self.folder.glob("epoch-*.weights.h5"):
            if path not in kept:
                path.unlink()
        self.model.stop_training |= self.finished  # another callback may have stopped it


class StopAtNaN(keras.callbacks.Callback):
    """End the epoch at a loss that is not finite, like Keras' TerminateOnNaN, which also writes to stdout."""

    def on_train_batch_end(self, batch, logs=None):
        if not math.isfinite(logs["loss"]):
            self.model.stop_training = True


def seed_states(network: keras.Model) -> list[keras.Variable]:
    """The states of the network's random generators, which Keras does not save with the weights."""
    return [variable for variable in network.non_trainable_variables if variable.name == "seed_generator_state"]


def report(folder: pathlib.Path, history: list[dict], best: int) -> None:
    """Write `history.csv` and the learning curves `curves.png`."""
    table = io.StringIO()
    rows = csv.DictWriter(table, list(history[0]))
    rows.writeheader()
    rows.writerows(history)
    files.write_text(folder / "history.csv", table.getvalue())

    metrics = [name.removeprefix("val_") for name in history[0] if name.startswith("val_")]
    figure = Figure(figsize=(5 * len(metrics), 3.5), layout="constrained")
    epochs = [row["epoch"] + 1 for row in history]
    for axes, name in zip(figure.subplots(1, len(metrics), squeeze=False)[0], metrics):
        if name in history[0]:
            axes.plot(epochs, [row[name] for row in history], "o-", label="training")
        axes.plot(epochs, [row[f"val_{name}"] for row in history], "o-", label="validation", color="tab:orange")
        axes.axvline(best + 1, color="grey", linestyle=":", label="best epoch")
        axes.set(xlabel="epoch", ylabel=name, xticks=epochs if len(epochs) <= 20 else epochs[:: len(epochs) // 10])
        axes.legend()
    with files.replacing(folder / "curves.png") as part:
        figure.savefig(part, dpi=120)
