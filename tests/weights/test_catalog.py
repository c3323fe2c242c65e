"""weights/weights.json: every row says what a row has to say, and something is published for every task."""

import pytest

import lstm_zoo
from lstm_zoo import registry
from lstm_zoo.calibration import calibration_error
from lstm_zoo.weights import catalog, checks, places

ROWS = catalog.rows()


def test_something_is_published_for_every_task():
    assert {row["network"].partition("/")[0] for row in ROWS} == set(registry.TASKS)
    assert len({row["name"] for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_has_all_fields_and_no_other(row):
    task = registry.get_task(row["network"])
    fields = {**catalog.FIELDS, **({"signature": str} if task.signature is not None else {})}
    fields |= {name: kind for name, kind in catalog.OPTIONAL.items() if name in row}
    assert checks.is_out_of_domain(row.get("out_of_domain", {}))
    assert ("reliability" in row) == (task.labels is not None)
    if "reliability" in row:
        assert checks.is_reliability(row["reliability"])
        assert calibration_error(row["reliability"]) == row["metrics"]["validation"]["calibration_error"]
    assert {name: type(value) for name, value in row.items()} == fields
    assert row["network"] in lstm_zoo.list_models()
    assert row["name"].startswith(row["network"].replace("/", "-") + "-")
    assert {"validation", "test"} <= row["metrics"].keys()
    assert row["baselines"]
    for metrics in row["baselines"].values():
        assert next(iter(metrics)) == next(iter(row["metrics"]["test"]))
        assert metrics.keys() <= row["metrics"]["test"].keys()
    assert {"python", "lstm-zoo", "tensorflow", "keras"} <= row["versions"].keys()
    *before, last = row["command"].split(" && ")
    if last.startswith("python scripts/gpu_arrays.py finish "):
        job = last.split()[4]
        assert before[0].startswith("python scripts/gpu_arrays.py prepare runs/gpu")
        assert before[-1].startswith(f"KERAS_BACKEND=jax python scripts/gpu_training.py runs/gpu {job} ")
    else:
        assert last.startswith(
            (f"lstm-zoo train {row['network']} ", "python scripts/self_training.py ", "python -m recipes.")
        )
        assert f"--seed {row['seed']}" in last
    assert len(row["commit"]) == 40


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_is_found_by_its_name(row):
    assert catalog.find(row["name"]) == row
    assert catalog.find(row["network"])["network"] == row["network"]


@pytest.mark.parametrize(("name", "successor"), catalog.RETIRED.items())
def test_a_retired_row_names_its_successor(name, successor):
    assert name not in {row["name"] for row in ROWS}
    with pytest.raises(ValueError, match=f"{name} is no longer published. Its successor is {successor}"):
        lstm_zoo.load(name)
    network = catalog.find(successor)["network"]
    with pytest.raises(ValueError, match=f"Its successor is {successor}"):
        lstm_zoo.build(network, weights=name)
    with pytest.raises(ValueError, match=f"Its successor is {successor}"):
        lstm_zoo.build(network, weights=name.removeprefix(f"{network.replace('/', '-')}-"))


def test_the_row_of_a_file(tmp_path):
    path = places.CHECKOUT / ROWS[0]["file"]
    assert catalog.row_of(path) == ROWS[0]
    (tmp_path / path.name).write_bytes(path.read_bytes()[:-1] + b"x")
    assert catalog.row_of(tmp_path / path.name) is None
