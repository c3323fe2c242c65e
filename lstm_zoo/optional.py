"""Packages that single tasks need, imported when they are used: an extra of the installation brings them."""

import importlib


def need(package, extra, user=None):
    """A package; an ImportError that says what needs it, the extra or the given user, and which extra brings it."""
    try:
        return importlib.import_module(package)
    except ImportError as error:
        raise ImportError(f"{user or extra} needs {package}: pip install 'lstm_zoo[{extra}]'") from error
