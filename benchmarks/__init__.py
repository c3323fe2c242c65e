"""How fast the zoo is, and what files cost: `python -m benchmarks.SUBJECT` measures one subject.

Each writes `results/SUBJECT.json`, in the form that `measuring.write` tells, and `scripts/results.py` makes its page.
"""
