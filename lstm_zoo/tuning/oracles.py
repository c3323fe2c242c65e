"""Which values come next: KerasTuner's oracles over a ledger that a kill cannot tear.

KerasTuner 1.4.8 keeps its state in several files that it writes in place, one after the other: a kill between two of
them counts a trial twice, loses it, or leaves a file that cannot be read; grid search and the Gaussian process forget
theirs; a dead worker's trial stays open for ever; an error within a call leaves the oracle locked. So an oracle here
proposes values (`populate_space`), and everything else is in the ledger: a list of records, one a trial, and one file,
`state.json`, replaced in one step at every change.
"""

from __future__ import annotations

import itertools
import json
import pathlib
import threading
import time
import warnings
from collections.abc import Callable
from typing import Any, Self

import keras_tuner
import numpy as np
from keras_tuner.engine.trial import Trial

from lstm_zoo import files
from lstm_zoo.tuning.spaces import defaults_of, is_range, tidy

LOST = 30  # seconds without a sign of life after which a worker counts as dead and its trial goes to another
MAX_REFUSED = 100  # networks in a row with too many parameters
CANDIDATES = 4000  # points among which the Gaussian process chooses
ALONE = "alone"  # the worker of a search in one process


class Ledger:
    """What every oracle of a search shares: records of trials, budgets, and who works on what.

    A record has `id`, `values`, `status` (RUNNING, COMPLETED or FAILED), `worker` (None: waits for one), `progress` (0
    to 1) and `started` (seconds since 1970), and once it is finished `score`, `reason`, `metrics`, `epochs`,
    `parameters`, `eligible`, `seconds`, `training_seconds`.
    """

    def open(
        self,
        folder: pathlib.Path,
        *,
        trials: int | None,
        minutes: float | None,
        fits: Callable[[dict[str, Any]], bool],
        fingerprint: str,
        first: dict[str, Any],
    ) -> Self:
        """Go on from the ledger in `folder`, or begin one.

        Args:
            trials, minutes: budgets; None: none.
            fits: function of values: whether their network is within the limit of parameters.
            fingerprint: of settings and data, which workers compare with theirs.
            first: what the first trial gets beside the default values.
        """
        self.path, self.fingerprint, self.first, self.fits = folder / "state.json", fingerprint, first, fits
        self.max_trials, self.max_seconds = trials, minutes and 60 * minutes
        self.lock = threading.RLock()
        self.records, self.refused, self.seconds_before = [], 0, 0.0
        self.began = self.saved = time.monotonic()
        self.trial_beats, self.worker_beats = {}, {}  # trial, or worker -> its last sign of life
        self.dismissed = set()  # workers that know that the search is over
        self.verbose = 0
        if self.path.exists():
            state = json.loads(self.path.read_text(encoding="utf-8"))
            self.records, self.refused, self.seconds_before = state["records"], state["refused"], state["seconds"]
            self.trials = {record["id"]: self._trial(record) for record in self.records}
            self.set_state(state["oracle"])
            self.ongoing_trials = {
                record["id"]: self.trials[record["id"]] for record in self.records if record["status"] == "RUNNING"
            }
        return self

    @property
    def elapsed(self) -> float:
        """Seconds that the search has taken, those before an interruption among them."""
        return self.seconds_before + time.monotonic() - self.began

    @property
    def time_is_up(self) -> bool:
        """Whether the minutes are spent."""
        return self.max_seconds is not None and self.elapsed >= self.max_seconds

    def running(self) -> list[dict[str, Any]]:
        """Records of trials that have begun and not ended."""
        return [record for record in self.records if record["status"] == "RUNNING"]

    def save(self, *_: Any) -> None:
        """Replace `state.json`; also what KerasTuner calls."""
        state = {
            "records": self.records,
            "refused": self.refused,
            "seconds": self.elapsed,
            "oracle": {**self.get_state(), "ongoing_trials": {}},
        }
        files.write_text(self.path, json.dumps(state))
        self.saved = time.monotonic()

    def create_trial(self, tuner_id: str) -> Trial:
        """The next trial for a worker: the one that it has already, one whose worker died, or a new one."""
        with self.lock:
            now = time.monotonic()
            self.worker_beats[tuner_id] = now
            if self.time_is_up:
                return self._nothing("STOPPED", tuner_id)
            for record in self.running():
                if record["worker"] != tuner_id and now - self.trial_beats.setdefault(record["id"], now) > LOST:
                    record["worker"] = None
            mine = [record for record in self.running() if record["worker"] == tuner_id]
            waiting = [record for record in self.running() if record["worker"] is None or tuner_id == ALONE]
            if not mine and not waiting:
                values = self._next_values()
                if values is None:
                    # While another is at work, stay: its trial may yet need a new worker, or bring on a next one.
                    return self._nothing("IDLE" if self.running() else "STOPPED", tuner_id)
                waiting = [self._begin(values)]
            record = (mine or waiting)[0]
            record["worker"] = tuner_id
            self.trial_beats[record["id"]] = now
            self.save()
            trial = self._trial(record)
            trial.hyperparameters.values["tuner/search"] = self.fingerprint
            return trial

    def update_trial(self, trial_id: str, metrics: dict[str, float], step: int = 0) -> Trial:
        """A sign of life, with the progress; the answer's status is STOPPED if the worker should stop."""
        with self.lock:
            record = next(record for record in self.records if record["id"] == trial_id)
            self.trial_beats[trial_id] = time.monotonic()
            if record["worker"] is not None:
                self.worker_beats[record["worker"]] = time.monotonic()
            record["progress"] = float(metrics.get("progress", 0.0))
            if time.monotonic() - self.saved > LOST:
                self.save()  # so that a kill in a long trial does not win back the time
            trial = self._trial(record)
            trial.status = "STOPPED" if self.time_is_up or record["status"] != "RUNNING" else "RUNNING"
            return trial

    def end_trial(self, trial: Trial) -> None:
        """Record a trial's result, JSON among its values: KerasTuner's messages have no place for a reason.

        A trial that has ended already, by another worker or in a message that was sent twice, stays as it is.
        """
        with self.lock:
            result = json.loads(trial.hyperparameters.values["tuner/result"])
            record = next(record for record in self.records if record["id"] == trial.trial_id)
            if record["status"] != "RUNNING":
                return
            record.update(result, progress=1.0)
            self.ongoing_trials.pop(record["id"], None)
            self.trials[record["id"]] = self._trial(record)
            self.save()

    def over(self) -> bool:
        """Whether the chief may go: the search is finished, and every worker that lives has been told so."""
        with self.lock:
            now = time.monotonic()
            alive = {worker for worker, beat in self.worker_beats.items() if now - beat < LOST}
            finished = self.time_is_up or bool(self.dismissed) or self._is_spent()
            waited = bool(self.dismissed) or now - self.began > LOST  # workers may be on their way
            return finished and waited and alive <= self.dismissed

    def _is_spent(self):
        return self.max_trials is not None and len(self.records) >= self.max_trials and not self.running()

    def _nothing(self, status, worker):
        if status == "STOPPED":
            self.dismissed.add(worker)
        return Trial(self.get_space(), trial_id="none", status=status)

    def _next_values(self):
        """Values of a new trial, or None: none now, or no more."""
        if self.max_trials is not None and len(self.records) >= self.max_trials:
            return None
        if not self.records:
            return {**defaults_of(self.hyperparameters), **self.first}
        response = self.populate_space(self._next_id())
        return response.get("values") if response["status"] == "RUNNING" else None

    def _next_id(self):
        return f"{len(self.records):04d}"

    def _begin(self, values):
        values = {name: tidy(value) for name, value in values.items()}
        record = {
            "id": self._next_id(),
            "values": values,
            "status": "RUNNING",
            "worker": None,
            "progress": 0.0,
            "started": time.time(),
            "score": None,
        }
        self.records.append(record)
        self.trials[record["id"]] = self.ongoing_trials[record["id"]] = self._trial(record)
        self._tried_so_far.add(self._compute_values_hash(values))
        return record

    def _trial(self, record):
        trial = Trial(self.get_space(), trial_id=record["id"], status=record["status"])
        trial.hyperparameters.values = dict(record["values"])
        trial.score = record["score"]
        return trial

    def _compute_values_hash(self, values):
        return super()._compute_values_hash({name: tidy(value) for name, value in values.items()})

    def _random_values(self):
        """Random values whose network is within the limit; others are refused and use up no trial."""
        for _ in range(MAX_REFUSED):
            values = super()._random_values()
            if values is None or self.fits(values):
                return values
            self._refuse(values)
        return None

    def _refuse(self, values):
        self.refused += 1
        self._tried_so_far.add(self._compute_values_hash(values))


class RandomSearch(Ledger, keras_tuner.oracles.RandomSearchOracle):
    """Random values."""


class Hyperband(Ledger, keras_tuner.oracles.HyperbandOracle):
    """Random values for few epochs; the best go on for more."""


class Bayesian(Ledger, keras_tuner.oracles.BayesianOptimizationOracle):
    """Random values first, then what a Gaussian process expects most of."""

    def populate_space(self, trial_id):
        completed = sum(trial.status == "COMPLETED" for trial in self.trials.values())
        if completed < self.num_initial_points:
            return self._random_populate_space()
        # KerasTuner looks for the lowest bound by 50 descents, which take seconds, and in the end gives what was tried
        # already. Its random state is in memory alone: a search that goes on after a kill would take another way.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that a length scale reached its bound: an objective that hardly changes
            self.gpr.fit(*self._vectorize_trials())
        chance = np.random.RandomState(self.seed + len(self.records))
        points = chance.uniform(size=(CANDIDATES, len(self._nonfixed_space())))
        mean, deviation = self.gpr.predict(points, return_std=True)
        refused = 0
        for place in np.argsort(mean - self.beta * deviation):
            values = self._vector_to_values(points[place])
            if self._duplicate(values):
                continue
            if self.fits(values):
                return {"status": "RUNNING", "values": values}
            self._refuse(values)
            refused += 1
            if refused == MAX_REFUSED:
                break
        return self._random_populate_space()


class Grid(Ledger, keras_tuner.oracles.RandomSearchOracle):
    """Every combination, the default values first, the last hyperparameter the fastest; ranges give ten values."""

    # KerasTuner's own grid search keeps its place in memory alone and ends after an interruption.
    def populate_space(self, trial_id):
        entries = self.hyperparameters.space
        # A range gives its values in no order.
        choices = [
            dict.fromkeys(map(tidy, [entry.default, *(sorted(entry.values) if is_range(entry) else entry.values)]))
            for entry in entries
        ]
        for combination in itertools.product(*choices):
            values = {entry.name: value for entry, value in zip(entries, combination)}
            if self._duplicate(values):
                continue
            if self.fits(values):
                return {"status": "RUNNING", "values": values}
            self._refuse(values)
        return {"status": "STOPPED"}


ORACLES = {"hyperband": Hyperband, "bayesian": Bayesian, "random": RandomSearch, "grid": Grid}


def oracle_for(
    tuner: str, space: keras_tuner.HyperParameters, objective: keras_tuner.Objective, *, seed: int, epochs: int
) -> Ledger:
    """An oracle, not yet opened."""
    options = {"objective": objective, "hyperparameters": space, "seed": seed + 1}  # KerasTuner takes 0 as no seed
    if tuner == "hyperband":
        # Sweep after sweep: the budget ends it.
        options.update(max_epochs=epochs, hyperband_iterations=10**9)
    elif tuner == "bayesian":
        options.update(
            num_initial_points=max(3, len(space.space))
        )  # KerasTuner's three times as many are most of a search
    return ORACLES[tuner](**options)
