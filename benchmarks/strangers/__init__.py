"""One command on data of a stranger's, beside what costs little.

`texts`, `forecasts`, `translations` and `recordings` measure and write a result each; `series` has the data sets of the
second, `baselines` their rivals; `everyday` has sentences for the third; `sounds` what the last one plays, by
`disturbances` and `voices`, and `hearing` how well it is heard; `out_of_domain` writes scores for rows of files.
"""
