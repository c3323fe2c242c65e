"""Text while it is written: the state of a network from one call to the next, in a process and in a SavedModel."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
import tensorflow as tf

from lstm_zoo.caching import cached_in_model
from lstm_zoo.layers.states import named_states
from lstm_zoo.options import check_options
from lstm_zoo.registry import model_of
from lstm_zoo.tasks.text_generation.generator import Generator
from lstm_zoo.tasks.text_generation.options import INPUTS, Options
from lstm_zoo.tasks.text_generation.pipelines import generator_of
from lstm_zoo.text.inputs import check_text

CHUNK = 8  # tokens that are written before they are shown


def endpoints(pipeline: keras.Model, network: keras.Model) -> dict[str, tuple[Callable, list]]:
    """Signatures of a SavedModel beside that of the pipeline: name -> (function of a dict, its input specs).

    `start` takes nothing and gives the state of a text before it begins. `step` takes the state, `text` string (1,),
    which is read, and may be empty, `length`, the most tokens that are then written, and the other options of the
    pipeline, (1,) each; it gives `text` string (1,), what was written, `count` int32 (1,), of how many tokens, `ended`
    bool (1,), whether the last of them ends the text, and the state.
    """
    generator = Generator(network, generator_of(pipeline).tokens)

    def start():
        return _flat(generator.first_state(1))

    def step(inputs):
        state = _nested({name: value for name, value in inputs.items() if name not in ("text", *INPUTS)})
        state = generator.read(state, generator.tokens(inputs["text"]))
        token, position = state["token"], state["position"]
        written, _, state = generator.sample(state, inputs)
        count = state["position"] - position
        ended = (count > 0) & tf.equal(state["token"], generator.tokens.end)
        return {"text": generator.detokenize(token, written), "count": count, "ended": ended, **_flat(state)}

    specs = {"text": tf.TensorSpec([1], "string", name="text")}
    specs |= {name: tf.TensorSpec([1], dtype, name=name) for name, (_, dtype) in INPUTS.items()}
    specs |= {name: tf.TensorSpec(value.shape, value.dtype, name=name) for name, value in start().items()}
    return {"start": (start, []), "step": (step, [specs])}


def _flat(state):
    """A state whose LSTMs' states are entries of the dict too: `hidden_0`, `cell_0` and so on."""
    return {**{name: value for name, value in state.items() if name != "states"}, **named_states(state["states"])}


def _nested(flat):
    """What `_flat` made flat."""
    depth = sum(name.startswith("hidden_") for name in flat)
    states = [[flat[f"hidden_{number}"], flat[f"cell_{number}"]] for number in range(depth)]
    return {**{name: flat[name] for name in ("token", "position", "seen")}, "states": states}


class GenerationSession:
    """A text that is read and written bit by bit; what came before is remembered, in memory that does not grow.

    What it reads and writes is what the pipeline does with the whole prompt and all tokens at once, with the same
    options and seed. (Subwords: if the parts of a prompt end where words do.)

    Args:
        pipeline: of the task, one that samples.
        options: those of `predict` that tell how to sample: `temperature`, `top_k`, `top_p`, `repetition_penalty` and
            `seed`; None stands for the default.

    Raises:
        ValueError: a pipeline that searches; another option, or one outside of what it may be.

    Example:

    >>> session = GenerationSession(lstm_zoo.load("text_generation"), seed=1)
    >>> session.read("ROMEO:")
    >>> for part in session.write(500):
    ...     print(part, end="", flush=True)
    >>> session.read("JULIET:")  # and so on
    """

    def __init__(self, pipeline: keras.Model, **options: Any):
        if generator_of(pipeline).beams > 1:
            raise ValueError("A pipeline that samples is expected: with_beams(pipeline, 1) makes one of this.")
        if "beams" in options:
            raise ValueError(f"A session samples, and searches with no beams. Received: beams={options['beams']!r}")
        if "max_new_tokens" in options:
            raise ValueError(
                "`write` takes max_new_tokens, each time how much it writes. Received here: "
                f"max_new_tokens={options['max_new_tokens']!r}"
            )
        self._model = model_of(pipeline)
        checked = check_options(self._model, options)
        self._options = {name: tf.constant([getattr(checked, field)], dtype) for name, (field, dtype) in INPUTS.items()}
        self._step, self._first = _compiled(pipeline)
        self.reset()

    def reset(self) -> None:
        """Forget what came before: what comes now begins a text."""
        self._state = self._first

    def read(self, text: str) -> None:
        """Go on from the text, as if it had been written."""
        self._run(check_text(text), 0)

    def write(self, max_new_tokens: int | None = None) -> Iterator[str]:
        """Write at most so many tokens; None: as many as `predict` does.

        Returns:
            Iterator of str: the next few of them, often one character or word. Joined they are the text.

        Raises:
            ValueError: max_new_tokens is no whole number from 0.
        """
        return self._written(check_options(self._model, {"max_new_tokens": max_new_tokens}).max_new_tokens)

    def _written(self, limit):
        ended = False
        while limit > 0 and not ended:
            text, count, ended = self._run("", min(CHUNK, limit))
            limit -= count
            yield text

    def _run(self, text, limit):
        inputs = {**self._options, "text": tf.constant([text]), "length": tf.constant([limit], "int32"), **self._state}
        self._state = dict(self._step(inputs))
        text, count, ended = (self._state.pop(name).numpy()[0] for name in ("text", "count", "ended"))
        return text.decode(), int(count), bool(ended)


@cached_in_model
def _compiled(pipeline):
    """The endpoint `step` of a pipeline, and the state before a text."""
    step, specs = endpoints(pipeline, generator_of(pipeline).network)["step"]
    return tf.function(step, input_signature=specs, autograph=False), _flat(generator_of(pipeline).first_state(1))


def stream(pipeline: keras.Model, prompts: Sequence[str], options: Options) -> Iterator[str] | None:
    """Prompts, and behind each bit by bit what is written, as a terminal shows it; None for a pipeline that searches,
    whose text is known as a whole only."""
    return None if generator_of(pipeline).beams > 1 else _streamed(pipeline, prompts, options)


def _streamed(pipeline, prompts, options):
    sampling = {name: value for name, value in dataclasses.asdict(options).items() if name != "beams"}
    max_new_tokens = sampling.pop("max_new_tokens")
    session = GenerationSession(pipeline, **sampling)
    for prompt in prompts:
        session.reset()
        session.read(prompt)
        yield prompt
        yield from session.write(max_new_tokens)
        yield "\n"
