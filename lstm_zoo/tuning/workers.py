"""Trials on one process or many: KerasTuner's chief and workers, over gRPC.

Three environment variables, the same that KerasTuner reads, make a process the chief or a worker: KERASTUNER_TUNER_ID
(with "chief" in it, or any other name of its own), KERASTUNER_ORACLE_IP and KERASTUNER_ORACLE_PORT of the chief. The
messages are KerasTuner's. What is not: a worker tries again when its chief is away, and gives up in the end; the chief
notices workers that died, and goes when every other one has been told that the search is over.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import grpc
from keras_tuner.engine.trial import Trial
from keras_tuner.src import protos  # not public, and neither are its chief and workers: setup.cfg asks for 1.4
from keras_tuner.src.distribute import oracle_chief, oracle_client

from lstm_zoo.tuning.oracles import ALONE, Ledger
from lstm_zoo.tuning.spaces import tidy
from lstm_zoo.tuning.studies import Study
from lstm_zoo.tuning.trials import OutOfTimeError, forget, train_trial

VARIABLES = ("KERASTUNER_TUNER_ID", "KERASTUNER_ORACLE_IP", "KERASTUNER_ORACLE_PORT")
PULSE = 2.0  # seconds between two signs of life
IDLE = 0.5  # seconds until a worker without a trial asks again
ANSWER = 120.0  # seconds that one question may take: the chief may be fitting a Gaussian process
PATIENCE = 600.0  # seconds without an answer after which a worker gives up


def role() -> tuple[str, str]:
    """ "alone", "chief" or "worker", and this process's name, from KerasTuner's environment variables.

    Raises:
        ValueError: some of the variables are set and others not.
    """
    missing = [name for name in VARIABLES if not os.environ.get(name)]
    if len(missing) == len(VARIABLES):
        return "alone", ALONE
    if missing:
        raise ValueError(f"Many machines need {', '.join(VARIABLES)}. Not set: {', '.join(missing)}")
    name = os.environ["KERASTUNER_TUNER_ID"]
    return "chief" if "chief" in name else "worker", name


def address() -> str:
    """Address of the chief."""
    return f"{os.environ['KERASTUNER_ORACLE_IP']}:{os.environ['KERASTUNER_ORACLE_PORT']}"


def work(study: Study, oracle: Ledger | Remote, worker: str) -> None:
    """Run trials until there are no more.

    Args:
        study: the Study.
        oracle: an opened oracle, or `Remote`.
        worker: name of this process.

    Raises:
        ValueError: the chief searches something else, or other data.
        ConnectionError: no answer from the chief.
    """
    while True:
        trial = oracle.create_trial(worker)
        if trial.status == "STOPPED":
            return
        if trial.status != "RUNNING":
            time.sleep(IDLE)
            continue
        values = {name: tidy(value) for name, value in trial.hyperparameters.values.items()}
        if values.pop("tuner/search") != study.fingerprint:
            raise ValueError(f"The chief at {address()} searches with other settings or other data than this worker.")
        with heartbeat(oracle, trial.trial_id) as state:
            try:
                result = train_trial(study, trial.trial_id, values, worker, state)
            except OutOfTimeError:
                continue
        trial.hyperparameters.values = {"tuner/result": json.dumps(result)}
        oracle.end_trial(trial)
        if "tuner/epochs" not in values:  # a trial of Hyperband may go on
            forget(study.folder, trial.trial_id)


@contextlib.contextmanager
def heartbeat(oracle: Ledger | Remote, trial_id: str) -> Iterator[dict[str, Any]]:
    """Tell the oracle every `PULSE` seconds that the trial goes on, and how far it is; gives the dict that says so."""
    state, finished = {"progress": 0.0, "stop": False}, threading.Event()

    def beat():
        while not finished.wait(PULSE):
            # The chief may be away for a while; the trial goes on.
            with contextlib.suppress(grpc.RpcError, OSError):
                state["stop"] = oracle.update_trial(trial_id, {"progress": state["progress"]}).status == "STOPPED"

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        finished.set()
        thread.join()


class Remote:
    """The chief's oracle, as a worker sees it."""

    def update_trial(self, trial_id: str, metrics: dict[str, float]) -> Trial:
        """One try: the next sign of life comes soon."""
        return _client().update_trial(trial_id, metrics)

    def create_trial(self, worker: str) -> Trial:
        """As often as it takes: asked twice, the chief answers with the same trial."""
        return _insist(lambda: _client().create_trial(worker))

    def end_trial(self, trial: Trial) -> None:
        """As often as it takes: told twice, the chief counts it once."""
        return _insist(lambda: _client().end_trial(trial))


def _client():
    # A new connection each time, and only where something listens: gRPC waits for longer and longer, up to minutes,
    # before it tries again to reach a chief that was away.
    chief = os.environ["KERASTUNER_ORACLE_IP"], int(os.environ["KERASTUNER_ORACLE_PORT"])
    socket.create_connection(chief, timeout=5).close()
    oracle_client.TIMEOUT = ANSWER  # an hour, by KerasTuner
    return oracle_client.OracleClient(None)


def _insist(ask):
    """The chief's answer, however long it is away, up to `PATIENCE`."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return ask()
        except (grpc.RpcError, OSError) as error:
            codes = grpc.StatusCode
            away = (codes.UNAVAILABLE, codes.DEADLINE_EXCEEDED, codes.CANCELLED)  # the last by a chief that is ending
            if isinstance(error, grpc.RpcError) and error.code() not in away:
                raise ConnectionError(f"The chief at {address()} failed: {error.details()}") from error
            if time.monotonic() > deadline:
                raise ConnectionError(f"No answer from the chief at {address()} for {PATIENCE:.0f} seconds.") from error
        time.sleep(IDLE)


@contextlib.contextmanager
def served(oracle: Ledger) -> Iterator[None]:
    """Answer workers while the block runs.

    Raises:
        ValueError: the port is taken, or the address is not this machine's.
    """
    # One thread, since an error within KerasTuner leaves its lock with the thread that had it. No shared port, or two
    # chiefs would answer at the same one in turn.
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(1), options=[("grpc.so_reuseport", 0)])
    protos.get_service_grpc().add_OracleServicer_to_server(oracle_chief.OracleServicer(oracle), server)
    try:
        port = server.add_insecure_port(address())
    except RuntimeError as error:
        raise ValueError(f"The chief cannot listen at {address()}: the port is taken, or the address wrong.") from error
    if not port:  # gRPC before 1.60
        raise ValueError(f"The chief cannot listen at {address()}: the port is taken, or the address wrong.")
    server.start()
    try:
        yield
    finally:
        server.stop(grace=1).wait()


def wait(oracle: Ledger) -> None:
    """Return when the search is over and every living worker knows it."""
    while not oracle.over():
        time.sleep(IDLE)
