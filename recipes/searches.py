"""What searches found, beside the default of the same budget, and what they cost.

    python -m recipes.searches runs/search-speech-ctc/best.json      # adds a search, or several

A short search favours what learns fast, so what each found was trained again for as many epochs as the published row,
and took its place only where it is better on validation: for forecasting on M4 (OWA 0.4119, default 0.4209; on test
0.4087 and 0.4115) and for `sentiment/attention` (accuracy 0.9104, default 0.9052; on test 0.8906 and 0.8909). What was
found for `sentiment/bilstm` is not better (0.9068, and 0.9096 for two epochs and their average; default 0.9100, all of
them without the reviews that have no label); what was found for ETTh1 is, by 0.2 %, and was left. One seed each; the
standard error of an accuracy on 2,500 reviews is 0.006. The best network for digits has 1.1 million parameters; with
`--max-parameters 250000`, as that network is meant, 14 networks were refused and none of the others beat the default.

For translation a rate that won after one epoch lost over eleven: BLEU 31.9 on validation after ten of them, and 41.1
with the default's, so search with the epochs that you mean to train for. What was found for `speech/ctc` and
`text_generation/character` in the first few epochs was therefore not trained for longer; for `speech/streaming` the
default won.
"""

import json
import pathlib

from benchmarks.measuring import parse, parser, table_of, write

COLUMNS = ["network", "data", "best trial", "metric", "of the default", "of the best", "epochs", "trials", "seconds"]
VIEWS = [{"rows": COLUMNS, "values": []}, {"rows": ["network", "data", "command"], "values": []}]


def row_of(best):
    """The row of a search, from the `best.json` that it wrote."""
    settings, hyperparameters = best["settings"], best["hyperparameters"]
    values = [f"{name} {value}" for name, value in hyperparameters.items() if name in settings["space"]]
    return {
        "network": best["name"],
        "data": settings["dataset"],
        "best trial": ", ".join(values) if best["score"] != best["default_score"] else "the default",
        "metric": best["objective"],
        "of the default": best["default_score"],
        "of the best": best["score"],
        "parameters": best["parameters"],
        "epochs": settings["epochs"],
        "trials": best["trials"]["COMPLETED"],
        "refused": best["refused"],
        "seconds": best["seconds"],
        "command": best["command"],
    }


def main():
    options = parser("searches", __doc__)
    options.add_argument("searches", type=pathlib.Path, nargs="+", metavar="BEST", help="best.json of a search")
    arguments = parse(options)
    output = arguments.output
    table = table_of(output)
    for path in arguments.searches:
        row = row_of(json.loads(path.read_text(encoding="utf-8")))
        table += [] if row in table else [row]
    table.sort(key=lambda row: (row["network"], row["data"]))
    # Each search has had a machine of its own, and tells its command.
    conditions = {"machine": "", "command": "python -m recipes.searches runs/search-TASK-NETWORK/best.json"}
    write(output, "recipes.searches", __doc__, settings={}, table=table, views=VIEWS, packages=(), **conditions)


if __name__ == "__main__":
    main()
