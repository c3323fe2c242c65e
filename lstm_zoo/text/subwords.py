"""Subwords: the parts of words that texts are cut into, by SentencePiece (Kudo and Richardson 2018,
https://aclanthology.org/D18-2012), inside the graph through tensorflow-text."""

import base64
import io
import pathlib
from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from lstm_zoo import batching
from lstm_zoo.layers import registered
from lstm_zoo.optional import need
from lstm_zoo.text.rules import SPACES, replaced, written_out

PADDING, UNKNOWN, START, END = range(4)  # the first ids; then come the subwords
FILE = "subwords.model"
MAX_CHARACTERS = 10_000_000  # about, that subwords are found in
LINE = 1000  # characters: SentencePiece leaves out texts of more than 4,192 bytes


def spaced(texts: Any) -> tf.Tensor:
    """Texts with one space for any run of spaces, line breaks and control signs. Input and output: strings."""
    return replaced(texts, [SPACES])


def lines_of(texts: Sequence[str]) -> list[str]:
    """Lines of at most `LINE` characters of texts, see `spaced`; each n-th where all have twice `MAX_CHARACTERS`."""
    every = max(1, sum(map(len, texts)) // MAX_CHARACTERS)
    lines = [text[place : place + LINE] for text in texts for place in range(0, len(text), LINE)]
    return [line.decode() for line in spaced(lines[::every]).numpy()]


def train_subwords(texts: Sequence[str], vocabulary: int, symbols: Sequence[str] = ()) -> bytes:
    """A unigram model (Kudo 2018, https://aclanthology.org/P18-1007) of texts: case and signs are kept.

    Args:
        texts: list of str, see `spaced`.
        vocabulary: the most ids; few texts give fewer.
        symbols: what is always a subword of its own, whatever stands beside it and whether or not the texts have it.

    Returns:
        The SentencePiece model, which `Subwords` takes.

    Raises:
        ValueError: `vocabulary` is smaller than the characters of the texts need.
        ImportError: the extra `translation`, which brings SentencePiece, is not installed.

    Example:

    >>> Subwords(train_subwords(["low lower lowest"] * 9, vocabulary=20))(tf.constant(["low"]))  # [[..., 3]]
    """
    model = io.BytesIO()
    try:
        need("sentencepiece", "translation").SentencePieceTrainer.train(
            sentence_iterator=iter(texts),
            model_writer=model,
            vocab_size=vocabulary,
            hard_vocab_limit=False,
            character_coverage=1.0,
            normalization_rule_name="identity",
            user_defined_symbols=list(symbols),
            pad_id=PADDING,
            unk_id=UNKNOWN,
            bos_id=START,
            eos_id=END,
            minloglevel=2,
            num_threads=1,  # several give another model each time
        )
    except RuntimeError as error:
        raise ValueError(f"No subwords of at most {vocabulary} ids from {len(texts)} texts: {error}") from error
    return model.getvalue()


@registered
class Subwords(keras.layers.Layer):
    """Texts as subwords, and with `reverse=True` subwords as texts, without loss but for spaces.

    Input: strings (batch,). Output: int32 (batch, steps): the subwords of each text and `END`, padded with 0.
    In reverse: int32 (..., steps) -> strings (...); what is no part of a text is skipped.

    A language model asks it what `Characters` is asked too: `start`, `end`, `first_written`, `joined`, `normalized` and
    `counts`.

    Args:
        model: bytes of a SentencePiece model. A `.keras` file keeps it as an asset.
    """

    start = end = END  # ids of a language model: what a text begins after, the end of the one before, and what ends it
    first_written = END  # the ids below are never written
    rules = (SPACES,)  # by which texts are changed before they are cut

    def __init__(self, model: bytes | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        need("tensorflow_text", "translation")  # here too, since Keras forgets the error of `load_assets`
        self.tokenizer = None
        if model is not None:
            self.load(model)

    def load(self, model: bytes) -> None:
        """Use another SentencePiece model."""
        self.model = model
        # Not SentencepieceTokenizer, whose resource is gone after `keras.utils.set_random_seed`.
        self.tokenizer = need("tensorflow_text", "translation").FastSentencepieceTokenizer(model, add_eos=True)

    def vocabulary_size(self) -> int:
        """Number of ids."""
        return int(self.tokenizer.vocab_size())

    def metadata(self) -> dict[str, Any]:
        """What the ids mean, as JSON: `sentencepiece`, the SentencePiece model in base64, and the `rules` before it,
        see `lstm_zoo.text.rules.written_out`."""
        return {"sentencepiece": base64.b64encode(self.model).decode(), "rules": written_out(self.rules)}

    def joined(self, texts: Sequence[str]) -> list[str]:
        """The texts as they are read in one stream: one by one, since each brings its end."""
        return list(texts)

    def normalized(self, texts: Sequence[str]) -> list[str]:
        """The texts as the ids tell them apart: single spaces, none at either end."""
        return [text.decode() for text in tf.strings.strip(spaced(texts)).numpy()]

    def counts(self, texts: Sequence[str]) -> dict[str, int]:
        """How much the texts have in one stream: `characters` and `words` between spaces, as `normalized` gives them,
        and the end of each text is one of both."""
        normalized = self.normalized(texts)
        return {
            "characters": sum(len(text) + 1 for text in normalized),
            "words": sum(len(text.split()) + 1 for text in normalized),
        }

    def lengths(self, texts: Sequence[str]) -> list[int]:
        """How many tokens each text has in one stream, with its end."""
        return batching.tokens_of(self.joined(texts), self).row_lengths().numpy().tolist()

    def call(self, inputs, reverse=False):
        if not reverse:
            ids = self.tokenizer.tokenize(replaced(inputs, self.rules)).to_tensor(PADDING)
            # A batch of no texts has a step too: Keras' LSTM cannot run none.
            return tf.pad(ids, [[0, 0], [0, tf.cast(tf.equal(tf.shape(ids)[1], 0), "int32")]])
        shape = tf.shape(inputs)
        rows = tf.reshape(inputs, [tf.reduce_prod(shape[:-1]), shape[-1]])
        return tf.reshape(self.tokenizer.detokenize(rows), shape[:-1])

    def compute_output_spec(self, inputs, reverse=False):
        if reverse:
            return keras.KerasTensor(inputs.shape[:-1], "string")
        return keras.KerasTensor((*inputs.shape, None), "int32")

    def get_config(self):
        """Everything but the model, which is an asset."""
        return super().get_config()

    def save_assets(self, folder: str) -> None:
        """Write the SentencePiece model; Keras calls it."""
        pathlib.Path(folder, FILE).write_bytes(self.model)

    def load_assets(self, folder: str) -> None:
        """Read what `save_assets` wrote."""
        self.load(pathlib.Path(folder, FILE).read_bytes())


def processor(model: bytes) -> Any:
    """The model outside of TensorFlow, as a SentencePieceProcessor, which knows how subwords are written."""
    return need("sentencepiece", "translation").SentencePieceProcessor(model_proto=model)
