"""Packages that single tasks need, imported when they are used: an extra of the installation brings them."""

import importlib


def need(package, extra):
    """A package; an ImportError that says which extra brings it."""
    try:
        return importlib.import_module(package)
    except ImportError as error:
        raise ImportError(f"{extra} needs {package}: pip install 'lstm_zoo[{extra}]'") from error
