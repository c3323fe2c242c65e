"""Options of `predict`: how a text is written."""

from __future__ import annotations

import dataclasses

from lstm_zoo.options import fields_of, option, type_of

INT32 = 2**31 - 1  # the greatest


@dataclasses.dataclass(frozen=True, kw_only=True)
class Options:
    """How a text is written. The same prompt, options and seed give the same text; see `decoding.sample`."""

    max_new_tokens: int = option(
        200,
        "The most tokens that are written: characters, or subwords of text_generation/awd.",
        minimum=0,
        maximum=INT32,
        graph_input="length",
        served_maximum=2048,
    )
    temperature: float = option(
        0.8,
        "0: always the most probable token; 1: as the network has learnt it; above: bolder.",
        minimum=0,
        maximum=2**31,
        graph_input="temperature",
    )
    top_k: int = option(
        0,
        "Write only tokens among the so many most probable ones; 0: among all.",
        minimum=0,
        maximum=INT32,
        graph_input="top_k",
    )
    top_p: float = option(
        1.0,
        "Write only the most probable tokens, as few as have this probability together; 1: all.",
        minimum=0,
        maximum=1,
        graph_input="top_p",
    )
    repetition_penalty: float = option(
        1.0,
        "Above 1: tokens that were read or written before are less probable.",
        minimum=1e-3,
        maximum=1e3,
        graph_input="repetition_penalty",
    )
    seed: int = option(
        0,
        "The same prompt, options and seed give the same text.",
        minimum=0,
        maximum=INT32,
        graph_input="seed",
    )
    beams: int | None = option(
        None,
        "Write the most probable text that a search with so many beams finds, in the place of a random one, with "
        "max_new_tokens as the only other option. None: as the pipeline does, which samples.",
        minimum=1,
    )


# Input of a pipeline -> the option that it is, and its dtype. A pipeline that searches has `length` alone.
INPUTS = {
    field.metadata["bounds"].graph_input: (name, {int: "int32", float: "float32"}[type_of(Options, name)])
    for name, field in fields_of(Options).items()
    if field.metadata["bounds"].graph_input
}
