"""What the API reference reads docstrings with: an extension of Griffe, which mkdocstrings loads.

The docstrings of lstm_zoo are Google's, but for examples, which are not indented, so that a terminal shows them as they
can be pasted:

    Example:

    >>> predict("sentiment", ["Good film."])
    [{'label': 'positive', 'score': 0.99...}]

A module of a task tells its data, its metrics and its networks in lines that begin so, which are paragraphs here. And
an option of `predict` is described where it is declared: `temperature: float = option(0.8, "0: always the ...")`.
"""

import ast
import re
import textwrap

import griffe

EXAMPLE = re.compile(r"^Example:\n+(?P<lines> *>>> .*?)(?=\n\n\S|\Z)", re.DOTALL | re.MULTILINE)

STORY = re.compile(r"\n(?=(?:Data|Metrics?|Networks?): )")


def indented(match: re.Match) -> str:
    """An example as Google has it: a section `Examples`, indented."""
    return f"Examples:\n{textwrap.indent(textwrap.dedent(match['lines']), '    ')}"


class Docstrings(griffe.Extension):
    """Makes sections of the examples of docstrings, and docstrings of the descriptions of options."""

    def on_object(self, *, obj: griffe.Object, **_: object) -> None:
        """Rewrite the docstring of an object that was read."""
        if obj.docstring is not None:
            obj.docstring.value = EXAMPLE.sub(indented, obj.docstring.value)
            if obj.is_module:
                obj.docstring.value = STORY.sub("\n\n", obj.docstring.value)

    def on_attribute(self, *, attr: griffe.Attribute, **_: object) -> None:
        """Describe an option, and show its default in the place of the call that declares it."""
        if attr.value is None or not str(attr.value).startswith("option("):
            return
        default, description = ast.parse(str(attr.value), mode="eval").body.args
        attr.docstring = griffe.Docstring(ast.literal_eval(description), parent=attr)
        attr.value = ast.unparse(default)
