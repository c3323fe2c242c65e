"""Text while it is written: the state of a network from one call to the next, in a process and in a SavedModel."""

import tensorflow as tf

from lstm_zoo import networks
from lstm_zoo.tasks.text_generation.pipelines import OPTIONS, Writer, inputs, writer
from lstm_zoo.text import inputs

TOKENS = 8  # that are written before they are shown


def endpoints(pipeline, network):
    """Signatures of a SavedModel beside that of the pipeline: name -> (function of a dict, its input specs).

    `start` takes nothing and gives the state of a text before it begins. `step` takes the state, `text` string (1,),
    which is read, and may be empty, `length`, the most tokens that are then written, and the other options of the
    pipeline, (1,) each; it gives `text` string (1,), what was written, `count` int32 (1,), of how many tokens, `ended`
    bool (1,), whether the last of them ends the text, and the state.
    """
    layer = Writer(network, writer(pipeline).tokens)

    def start():
        return _flat(layer.first_state(1))

    def step(given):
        state = _nested({name: value for name, value in given.items() if name not in ("text", *OPTIONS)})
        state = layer.read(state, layer.tokens(given["text"]))
        token, position = state["token"], state["position"]
        found, _, state = layer.sample(state, given)
        count = state["position"] - position
        ended = (count > 0) & tf.equal(state["token"], layer.end)
        return {"text": layer.spell(token, found), "count": count, "ended": ended, **_flat(state)}

    specs = {"text": tf.TensorSpec([1], "string", name="text")}
    specs |= {name: tf.TensorSpec([1], dtype, name=name) for name, (_, dtype) in OPTIONS.items()}
    for name, value in start().items():
        specs[name] = tf.TensorSpec(value.shape, value.dtype, name=name)
    return {"start": (start, []), "step": (step, [specs])}


def _flat(state):
    states = {
        f"{part}_{number}": value
        for number, pair in enumerate(state["states"])
        for part, value in zip(("hidden", "cell"), pair)
    }
    return {**{name: value for name, value in state.items() if name != "states"}, **states}


def _nested(flat):
    depth = sum(name.startswith("hidden_") for name in flat)
    states = [[flat[f"hidden_{number}"], flat[f"cell_{number}"]] for number in range(depth)]
    return {**{name: flat[name] for name in ("token", "position", "seen")}, "states": states}


class Writing:
    """A text that is read and written bit by bit; what came before is remembered, in memory that does not grow.

    What it reads and writes is what the pipeline does with the whole prompt and the whole length at once, with the same
    options and seed. (Subwords: if the parts of a prompt end where words do.)

    Args:
        pipeline: of the task, one that samples.
        options: those of `predict` but `length`: `temperature`, `top_k`, `top_p`, `repetition_penalty`, `seed`.

    Raises:
        ValueError: a pipeline that searches; another option, or one outside of what it may be.

    Example:

    >>> text = Writing(lstm_zoo.load("text_generation"), seed=1)
    >>> text.read("ROMEO:")
    >>> for part in text.write(500):
    ...     print(part, end="", flush=True)
    >>> text.read("JULIET:")  # and so on
    """

    def __init__(self, pipeline, **options):
        if writer(pipeline).beams > 1:
            raise ValueError("A pipeline that samples is expected: with_search(pipeline, beams=1) makes one of this.")
        if "length" in options:
            raise ValueError("`write` takes the length of what it writes. Received here: length")
        (given,) = inputs("", **options)
        self._options = {name: tf.constant([given[name]], dtype) for name, (_, dtype) in OPTIONS.items()}
        function, specs = endpoints(pipeline, networks.network_of(pipeline))["step"]
        self._step = tf.function(function, input_signature=specs)
        self._first = _flat(writer(pipeline).first_state(1))
        self.begin()

    def _run(self, text, length):
        given = {**self._options, "text": tf.constant([text]), "length": tf.constant([length]), **self._state}
        self._state = dict(self._step(given))
        text, count, ended = (self._state.pop(name).numpy()[0] for name in ("text", "count", "ended"))
        return text.decode(), int(count), bool(ended)

    def begin(self):
        """Forget what came before: what comes now begins a text."""
        self._state = self._first

    def read(self, text):
        """Go on from the text, as if it had been written."""
        self._run(inputs.check_text(text), 0)

    def write(self, length):
        """Write at most so many tokens.

        Returns:
            Iterator of str: the next few of them, often one character or word. Joined they are the text.

        Raises:
            ValueError: a length that is no whole number from 0.
        """
        inputs("", length=length)
        return self._written(length)

    def _written(self, length):
        ended = False
        while length > 0 and not ended:
            text, count, ended = self._run("", min(TOKENS, length))
            length -= count
            yield text


def parts(trained, items):
    """Prompts of checked inputs, and behind each bit by bit what is written, as a terminal shows it; None for a
    pipeline that searches, whose text is known as a whole only."""
    return None if writer(trained).beams > 1 else _parts(trained, items)


def _parts(trained, items):
    if not items:
        return
    text = Writing(trained, **{name: items[0][name] for name in OPTIONS if name != "length"})  # the same for all
    for item in items:
        text.begin()
        text.read(item["prompt"])
        yield item["prompt"]
        yield from text.write(item["length"])
        yield "\n"
