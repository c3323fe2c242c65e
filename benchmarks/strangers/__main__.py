"""`python -m benchmarks.strangers KIND`: hand over to the module of a kind of data, which has its own options."""

import argparse
import importlib
import sys

import benchmarks.strangers

KINDS = {"text": "texts", "forecasting": "forecasts", "translation": "translations", "speech": "recordings"}


def main():
    options = argparse.ArgumentParser(
        prog="python -m benchmarks.strangers", description=benchmarks.strangers.__doc__.splitlines()[0]
    )
    options.add_argument("kind", choices=KINDS, help="of data; KIND --help tells its options")
    kind = options.parse_args(sys.argv[1:2]).kind
    importlib.import_module(f"benchmarks.strangers.{KINDS[kind]}").main()


if __name__ == "__main__":
    main()
