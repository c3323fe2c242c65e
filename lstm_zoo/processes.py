"""What a process is allowed: cores, and TensorFlow, unless it was forked from one in which TensorFlow had run.

Such a child waits for threads that it does not have.
"""

import os
import pathlib
import sys
import threading

_THREADS = pathlib.Path("/proc/self/task")  # a folder a thread, on Linux


def num_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def check_process() -> None:
    """Refuse to run TensorFlow where it would hang for ever.

    Raises:
        RuntimeError: this process was forked from one in which TensorFlow had run.
    """
    if _inherited:
        raise RuntimeError(
            "TensorFlow had run already in the process that this one was forked from, and would hang here for ever. "
            'Start processes by multiprocessing.get_context("spawn"), like '
            'ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")), or fork before TensorFlow runs.'
        )


def _tensorflow_ran() -> bool:
    """Whether TensorFlow's runtime was started: an import alone does not, and is no harm to a fork."""
    # There is no public way to ask without starting it.
    eager = sys.modules.get("tensorflow.python.eager.context")
    context = eager and eager.context_safe()
    return context is not None and context._initialized


def _note_fork() -> None:
    global _inherited
    _inherited = _inherited or _tensorflow_ran()


def _has_python_s_threads_alone() -> bool:
    return _THREADS.is_dir() and len(list(_THREADS.iterdir())) <= threading.active_count()


# A child may be the first to import this module: then TensorFlow was started, and none of its threads is here.
_inherited = _tensorflow_ran() and _has_python_s_threads_alone()
if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
    os.register_at_fork(after_in_child=_note_fork)
