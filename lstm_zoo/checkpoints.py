"""What a training run keeps on disk: its last and best epoch, its history, its learning curves."""

import csv
import io
import json
import math

import keras
from matplotlib.figure import Figure

MONITOR = "val_loss"  # smoother than the accuracy where the validation split is small


class Checkpoint(keras.callbacks.Callback):
    """Keep the last and the best epoch on disk, stop early, and go on after a kill.

    Keras' BackupAndRestore forgets the best epoch and the patience used up, and a kill within its save can leave
    weights and epoch number apart. Here `state.json` is the one truth: it is replaced in one step, after the weights
    that it names are complete.
    """

    def __init__(self, folder, patience):
        super().__init__()
        self.folder = folder
        self.patience = patience
        self.history, self.best, self.seeds = [], None, []
        if self._state.exists():
            state = json.loads(self._state.read_text())
            self.history, self.best, self.seeds = state["history"], state["best"], state["seeds"]

    @property
    def _state(self):
        return self.folder / "state.json"

    def _weights(self, epoch):
        return self.folder / f"epoch-{epoch}.weights.h5"

    @property
    def finished(self):
        """Whether the patience is used up."""
        return self.best is not None and len(self.history) - 1 - self.best >= self.patience

    def restore(self, network, epoch):
        """Load the weights and the optimizer's state of an epoch that is kept, and the state of the random seeds."""
        network.optimizer.build(network.trainable_variables)
        network.load_weights(self._weights(epoch))
        for variable, state in zip(seed_states(network), self.seeds):
            variable.assign(state)

    def on_epoch_end(self, epoch, logs=None):
        if not all(math.isfinite(value) for value in logs.values()):
            raise FloatingPointError(
                f"The loss is not finite in epoch {epoch + 1}: {logs}. Try a lower learning_rate in another folder."
            )
        self.history.append({"epoch": epoch, **{name: float(value) for name, value in logs.items()}})
        if self.best is None or logs[MONITOR] < self.history[self.best][MONITOR]:
            self.best = epoch
        self.folder.mkdir(parents=True, exist_ok=True)
        self.model.save_weights(self._weights(epoch), overwrite=True)
        report(self.folder.parent, self.history)
        self.seeds = [variable.numpy().tolist() for variable in seed_states(self.model)]
        write(self._state, json.dumps({"history": self.history, "best": self.best, "seeds": self.seeds}))
        for path in self.folder.glob("epoch-*.weights.h5"):
            if path not in (self._weights(epoch), self._weights(self.best)):
                path.unlink()
        self.model.stop_training = self.finished


def seed_states(network):
    """The states of the network's random generators, which Keras does not save with the weights."""
    return [variable for variable in network.non_trainable_variables if variable.name == "seed_generator_state"]


def write(path, text):
    """Replace a file in one step: a kill leaves the old content or the new, never half."""
    part = path.with_name(f"{path.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def report(folder, history):
    """Write `history.csv` and the learning curves `curves.png`."""
    table = io.StringIO()
    rows = csv.DictWriter(table, list(history[0]))
    rows.writeheader()
    rows.writerows(history)
    write(folder / "history.csv", table.getvalue())

    measures = [name for name in history[0] if f"val_{name}" in history[0]]
    figure = Figure(figsize=(5 * len(measures), 3.5), layout="constrained")
    epochs = [row["epoch"] + 1 for row in history]
    best = min(history, key=lambda row: row[MONITOR])["epoch"] + 1
    for axes, name in zip(figure.subplots(1, len(measures), squeeze=False)[0], measures):
        axes.plot(epochs, [row[name] for row in history], "o-", label="training")
        axes.plot(epochs, [row[f"val_{name}"] for row in history], "o-", label="validation")
        axes.axvline(best, color="grey", linestyle=":", label="best epoch")
        axes.set(xlabel="epoch", ylabel=name, xticks=epochs if len(epochs) <= 20 else epochs[:: len(epochs) // 10])
        axes.legend()
    figure.savefig(folder / "curves.png", dpi=120)
