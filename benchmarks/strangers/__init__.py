"""One command on data of a stranger's, beside what costs little: `python -m benchmarks.strangers`."""
