"""One command on data of a stranger's, beside what costs little.

`texts` and `forecasts` measure and write a result each; `series` has the data sets of the latter, `baselines` their
rivals.
"""
