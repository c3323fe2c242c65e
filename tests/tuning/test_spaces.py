"""tuning/spaces.py: what is searched, and what is fixed."""

import pytest

import lstm_zoo
from lstm_zoo import registry
from lstm_zoo.registry import get_network
from lstm_zoo.tuning import spaces


def space_of(model, **requested):
    """The space of a network as JSON has it, what is fixed, and the defaults."""
    space, fixed = spaces.space_of(registry.get_task(model), get_network(model), requested)
    return spaces.described(space), fixed, spaces.defaults_of(space)


def test_whole():
    space, fixed, first = space_of("sentiment/bilstm")
    assert not fixed
    assert space["units"] == [64, 128, 192, 256]
    assert space["dropout"] == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]  # KerasTuner's own steps leave out 0.6
    assert space["learning_rate"] == [2e-4, 2e-2, "log"]
    assert space["batch_size"] == [32, 64, 128]
    assert first["learning_rate"] == lstm_zoo.sentiment.TASK.learning_rate
    assert first["batch_size"] == lstm_zoo.sentiment.TASK.batch_size
    assert first["units"] == 128


@pytest.mark.parametrize(
    ("requested", "values", "default"),
    [
        ({"units": (64, 100)}, [64, 100], 100),
        ({"units": "64:192"}, [64, 128, 192], 128),
        ({"dropout": "0.2:0.4"}, [0.2, 0.3, 0.4], 0.4),
        ({"learning_rate": "1e-4:1e-3"}, [1e-4, 1e-3, "log"], 1e-3),
        ({"learning_rate": [0.001, 1]}, [0.001, 1.0], 0.001),
        ({"classes": "2:4"}, [2, 3, 4], 2),
    ],
)
def test_narrowed(requested, values, default):
    space, fixed, first = space_of("sentiment/bilstm", **requested)
    (name,) = requested
    assert space[name] == values
    assert first[name] == default
    assert not fixed


@pytest.mark.parametrize("value", [100, [100], "100:100"])
def test_fixed(value):
    space, fixed, _ = space_of("sentiment/bilstm", units=value)
    assert "units" not in space
    assert fixed == {"units": 100}


@pytest.mark.parametrize(
    ("requested", "message"),
    [
        ({"unit": 8}, "Unknown hyperparameter: 'unit'. Did you mean 'units'?"),
        ({"units": []}, "units needs at least one value"),
        ({"units": "128:64"}, "The range of units is empty. Received: '128:64'"),
        ({"dropout": "0.6:0.1"}, "The range of dropout is empty"),
        ({"learning_rate": "1e-2:1e-4"}, "The range of learning_rate is empty"),
        ({"learning_rate": "0:1e-2"}, "learning_rate is above 0"),
        ({"units": "few:many"}, "units is a range like 1e-4:1e-2, low before high. Received: 'few:many'"),
        ({"units": "1:2:3"}, "units is a range like"),
        ({"units": 6.5}, "units takes values like 128. Received: 6.5"),
        ({"units": [8, "many"]}, "units takes values like 128. Received: 'many'"),
        ({"dropout": float("nan")}, "dropout takes values like 0.5"),
    ],
)
def test_bad(requested, message):
    with pytest.raises(ValueError, match=message):
        space_of("sentiment/bilstm", **requested)


def test_a_tuple_that_is_a_value():
    space, fixed, _ = space_of("forecasting/segment", seasons=(24, 168), segment=[12, 24])
    assert fixed == {"seasons": (24, 168)}
    assert space["segment"] == [12, 24]


@pytest.mark.parametrize("model", lstm_zoo.list_models())
def test_every_network_has_one(model):
    space, _, _ = space_of(model)
    assert {"learning_rate", registry.get_task(model).batch_option, "units"} < space.keys()
