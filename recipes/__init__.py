"""Studies, and trainings of several commands: `python -m recipes.NAME`. Their results lie beside the benchmarks'."""
