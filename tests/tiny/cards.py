"""What the card of a run tells, of whatever network."""

import lstm_zoo
from lstm_zoo import registry
from tiny import sizes_of


def check(model, folder, data):
    """A run's file and folder tell what it is, how it came about and how good it is."""
    known, task = lstm_zoo.info(folder / "pipeline.keras"), registry.get_task(model)
    pipeline = lstm_zoo.load(folder / "pipeline.keras")
    assert known["network"] == model
    assert list(known["metrics"]) == ["validation"]
    assert known["metrics"]["validation"].keys() == task.score(pipeline, task.read(data)).keys()
    assert known["data"] == data.name
    assert known["command"].startswith(f"lstm-zoo train {model} --data {data.name} ")
    assert str(folder.parent) not in known["command"]
    facts = task.describe(pipeline)
    assert facts
    assert {name: known[name] for name in facts} == facts
    for name, value in sizes_of(model).items():
        assert known["hyperparameters"][name] == value or name in facts, name
    assert sum(layer["parameters"] for layer in known["layers"]) == known["parameters"] == pipeline.count_params()
    card = (folder / "card.md").read_text(encoding="utf-8")
    assert (known["reliability"] is None) == (task.labels is None) != (folder / "reliability.png").exists()
    assert ("](reliability.png)" in card) == (task.labels is not None)
    for part in (known["command"], known["sha256"], str(folder / "pipeline.keras"), "](curves.png)", *facts):
        assert part in card, part
