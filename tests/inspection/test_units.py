"""`units`: a planted property is found, scores are those of scikit-learn and SciPy, chance is told as chance."""

import numpy as np
import pytest
from scipy.stats import rankdata, spearmanr
from sklearn.metrics import roc_auc_score
from tiny import TINY, pipeline_for

import lstm_zoo
from lstm_zoo.inspection.units import associations, permuted

MODELS = lstm_zoo.list_models()
TEXTS = ["To be, or not to be", "that is the question", "Whether 'tis nobler", "in the mind to suffer", "The slings"]


@pytest.mark.parametrize("model", MODELS)
def test_a_planted_property_is_found(model):
    raw = TINY[model.partition("/")[0]]["raw"][0]
    layer, gates = next(iter(lstm_zoo.inspect(pipeline_for(model), [raw]).items()))
    found = lstm_zoo.units(pipeline_for(model), [[raw]] * 4, lambda *_: gates["cell"][:, 2], layer, permutations=3)
    assert list(found) == ["layer", "unit", "sign", "spearman", "control", "p_value"]
    best = found[found["spearman"] > 1 - 1e-9]
    assert 2 in set(best["unit"])
    assert set(found["layer"]) == {layer}
    assert found["spearman"].is_monotonic_decreasing


def test_bools_and_their_sign():
    pipeline, seen = pipeline_for("text_generation/character"), {}

    def low(text, _):
        if text not in seen:
            seen[text] = lstm_zoo.inspect(pipeline, text, "lstm_1")["lstm_1"]["cell"][:, 5] < 0
        return seen[text]

    found = lstm_zoo.units(pipeline, TEXTS, low, "lstm_1", permutations=19)
    first = found.iloc[0]
    assert (first["layer"], first["unit"], first["sign"], first["auc"]) == ("lstm_1", 5, -1, 1.0)
    assert first["p_value"] == 1 / 20
    assert first["control"] < 1
    assert lstm_zoo.units(pipeline, TEXTS, low, "lstm_1", permutations=19).equals(found)


def test_scores_are_those_of_others():
    random = np.random.default_rng(0)
    cells = np.round(random.normal(size=(50, 4)), 1)  # with ties
    cells[:, 3] = 2.0
    numbers = np.round(random.normal(size=(50, 1)), 1)
    found = associations(cells, rankdata(numbers, axis=0), bools=False)[:, 0]
    np.testing.assert_allclose(found[:3], [spearmanr(cells[:, unit], numbers[:, 0])[0] for unit in range(3)])
    bools = random.random((50, 1)) < 0.3
    aucs = (1 + associations(cells, bools.astype(float), bools=True)[:, 0]) / 2
    np.testing.assert_allclose(aucs, [roc_auc_score(bools[:, 0], cells[:, unit]) for unit in range(4)])
    assert found[3] == 0
    assert aucs[3] == 0.5


def test_permuted_properties_keep_their_values_and_their_runs():
    parts = [np.repeat([0.0, 1.0], 50), np.repeat(2.0, 30), np.zeros(0)]
    one, other = (permuted(parts, np.random.default_rng(seed)) for seed in (0, 1))
    assert not np.array_equal(one, other)
    np.testing.assert_array_equal(np.sort(one), np.sort(np.concatenate(parts)))
    assert np.count_nonzero(np.diff(one)) <= 6


def test_chance_is_no_find():
    random = np.random.default_rng(0)
    found = lstm_zoo.units(
        pipeline_for("text_generation/character"), TEXTS, lambda _, steps: random.normal(size=len(steps))
    )
    assert found["p_value"].min() > 0.02


def test_steps_that_do_not_count():
    pipeline, seen = pipeline_for("text_generation/character"), []

    def vowels(text, steps):
        seen.append((text, steps))
        return [None if step == "<s>" else step in "aeiou" for step in steps]

    found = lstm_zoo.units(pipeline, TEXTS, vowels, "lstm_0", permutations=2)
    assert "auc" in found
    assert seen[0] == (TEXTS[0], ["<s>", *TEXTS[0]])
    assert len(found) == found["unit"].nunique() == lstm_zoo.inspect(pipeline, "a")["lstm_0"]["cell"].shape[1]


@pytest.mark.parametrize(
    ("items", "property", "options", "message"),
    [
        ("a text", len, {}, "A list of items is expected, .* Received: 'a text'"),
        (5, len, {}, "A list of items is expected, .* Received: 5"),
        (TEXTS[:3], lambda _, steps: range(len(steps)), {}, "At least 4 items are expected: .* Received: 3"),
        ([], lambda _, steps: range(len(steps)), {}, "At least 4 items are expected: .* Received: 0"),
        (TEXTS, "quotes", {}, "property is a function of .* Received: 'quotes'"),
        (TEXTS, lambda _, steps: [1, 2], {}, "each of the 20 characters of item 0. Received: 2, .1, 2."),
        (TEXTS, lambda *_: True, {}, "each of the 20 characters of item 0. Received: 1, True"),
        (TEXTS, lambda _, steps: steps, {}, "property gives numbers, bools or None. Received: '<s>' of item 0"),
        (TEXTS, lambda _, steps: [float("inf")] * len(steps), {}, "numbers, bools or None. Received: inf of item 0"),
        (TEXTS, lambda _, steps: [False] * len(steps), {}, "two values or more .* Received: 0 at each of .* steps of"),
        (TEXTS, lambda _, steps: [None] * len(steps), {}, "two values or more .* Received: no value of the 2 items"),
        ([*TEXTS, 5], lambda _, steps: range(len(steps)), {}, "A text or a list of texts is expected"),
        (TEXTS, len, {"layer": "lstm_7"}, "Unknown layer: 'lstm_7'"),
        (TEXTS, len, {"permutations": 0}, "permutations is a whole number of at least 1. Received: 0"),
    ],
)
def test_bad_input(items, property, options, message):
    with pytest.raises(ValueError, match=message):
        lstm_zoo.units(pipeline_for("text_generation/character"), items, property, **options)


def test_lstms_with_different_steps():
    with pytest.raises(ValueError, match=r"name a layer: encoder_.*subwords of the source.*decoder_.*translation"):
        lstm_zoo.units(pipeline_for("translation/attention"), ["Ein Hund."] * 4, len)
