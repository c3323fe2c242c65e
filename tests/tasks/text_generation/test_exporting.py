"""What runs without lstm_zoo."""

import numpy as np
import pytest
import tensorflow as tf

import lstm_zoo
from lstm_zoo.serving import requests
from lstm_zoo.tasks.text_generation.pipelines import generator_of


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """The SavedModel of a pipeline, written once."""
    written = {}

    def export(pipeline):
        if pipeline.name not in written:
            written[pipeline.name] = tf.saved_model.load(
                str(lstm_zoo.export(pipeline, tmp_path_factory.mktemp("exported") / "saved"))
            )
        return written[pipeline.name]

    return export


def test_state_goes_in_and_out(trained, exported, write, inputs_of):
    served = exported(trained)
    state, parts, counts = served.signatures["start"](), [], []
    for text, length in (("To be, or", 0), (" not to", 4), ("", 26)):
        options = inputs_of(trained, (text, {"max_new_tokens": length}))
        inputs = {**options, **state, "text": options.pop("prompt")}
        state = served.signatures["step"](**{name: inputs[name] for name in inputs if name != "prompt"})
        parts.append(state.pop("text").numpy()[0].decode())
        counts.append(int(state.pop("count")[0]))
        ended = bool(state.pop("ended")[0])
    assert parts[0] == ""
    assert ended == (generator_of(trained).tokens.end == int(state["token"][0]))
    assert counts[:2] == [0, 4]
    assert "".join(parts) == write(trained, "To be, or not to")[0]


def test_seed_temperature_and_length_are_inputs(character, exported, write, inputs_of):
    options = {"max_new_tokens": 9, "seed": 5, "temperature": 1.5}
    inputs = inputs_of(character, *((prompt, options) for prompt in ("To be", "")))
    served = exported(character)
    texts = served.signatures["serving_default"](**inputs)["text"].numpy()
    assert [text.decode() for text in texts] == write(character, ["To be", ""], **options)


def test_litert_says_that_it_cannot(character, tmp_path):
    with pytest.raises(ValueError, match="text_generation-character cannot be exported as litert, but as saved_model"):
        lstm_zoo.export(character, tmp_path / "file", format="litert")


def test_served_options_are_numbers():
    spec = tf.TensorSpec([None], "int32")
    values = [requests.numbers_of(value, "length", spec, 0) for value in (3, 4)]
    np.testing.assert_array_equal(requests.batched(values, spec, behind=False), [3, 4])
    with pytest.raises(Exception, match="400") as caught:
        requests.numbers_of([3], "length", spec, 0)
    assert '"length" is a number' in caught.value.detail
