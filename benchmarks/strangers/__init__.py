"""One command on data of a stranger's, beside what costs little.

`texts`, `forecasts` and `translations` measure and write a result each; `series` has the data sets of the second,
`baselines` their rivals; `everyday` has sentences for the third; `out_of_domain` writes scores for rows of files.
"""
