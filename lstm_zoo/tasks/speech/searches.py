"""A trained pipeline with another search for its texts."""

import os
from collections.abc import Iterable, Mapping, Sequence

import keras

from lstm_zoo import networks, registry
from lstm_zoo.tasks.speech.lexicon import Lexicon, read_lexicon
from lstm_zoo.tasks.speech.pipelines import Transcriber, pipeline
from lstm_zoo.tasks.speech.preprocessing import preprocessing_of

# Of a letter of an unknown word: the least of 1, 1.5, 2, 2.5... at which a lexicon of all their words costs AN4's
# validation speakers none by `speech-streaming-an4`; see `benchmarks/words.py`.
UNKNOWN_COST = 2.5
WORD_BEAMS = 16  # of a search that is held to words: most of its prefixes are within one


def with_beams(trained: keras.Model, beams: int) -> keras.Model:
    """The same pipeline with another search: `beams=1` is greedy.

    Raises:
        ValueError: beams below 1.

    Example:

    >>> lstm_zoo.predict(with_beams(lstm_zoo.load("speech"), beams=1), ["recording.wav"])
    """
    network = networks.network_of(trained)
    layer = trained.get_layer(network.name)
    return pipeline(network, preprocessing_of(trained), beams, type(layer), layer.lexicon)


def with_lexicon(
    trained: keras.Model,
    lexicon: Iterable[str] | Mapping[str, Sequence[str]] | str | os.PathLike | None,
    *,
    hotwords: Mapping[str, float] | None = None,
    unknown: float | None = UNKNOWN_COST,
    beams: int = WORD_BEAMS,
) -> keras.Model:
    """The same pipeline held to words: its texts are of them, and of `[unknown]` where none of them fits.

    It is saved and exported with its words; a pipeline that is trained from it spells openly. A network that has not
    learnt to write spaces writes one word.

    Args:
        trained: pipeline of a network with CTC, `ctc` or `streaming`.
        lexicon: the words, in letters of the network: a list; a mapping of words to further spellings, by which they
            may be heard too, like {"OKAY": ["OK", "OKEY"]}; or the path of a file with a word a line, and its
            spellings behind it. None: the pipeline spells openly again.
        hotwords: word of the lexicon -> weight, a natural logarithm: a text counts as e ** weight times as probable for
            each time that the word is in it, which is ten times for 2.3. None: none. The score of an answer includes
            them.
        unknown: what a letter of a word costs that is none of the lexicon, a natural logarithm: it is `[unknown]` where
            the letters that are heard are more than e ** unknown times as probable, each on average, as those of the
            best words. The lower, the more is unknown. None: nothing is, a word is the one that is the most like it.
        beams: texts that are followed at once.

    Raises:
        FileNotFoundError: a path that does not exist.
        ValueError: a pipeline of another network; an empty lexicon; a word with white space or with letters that the
            network does not know; a spelling of two words; a hotword that is no word of the lexicon, or whose weight is
            no number; an `unknown` that is no number above 0; beams below 1.

    Example:

    >>> digits = with_lexicon(lstm_zoo.load("speech"), ["ONE", "TWO", "THREE"], hotwords={"TWO": 2.0})
    >>> lstm_zoo.predict(digits, ["recording.wav"])
    """
    network = networks.network_of(trained)
    if type(trained.get_layer(network.name)) is not Transcriber:
        raise ValueError(f"A lexicon is for pipelines of networks with CTC. Received: {trained.name}")
    preprocessing = preprocessing_of(trained)
    if lexicon is None:
        if hotwords:
            raise ValueError(f"hotwords are words of a lexicon, and there is none. Received: {dict(hotwords)!r:.160}")
        _, record = registry.records_of(trained)
        return record.pipeline(network, preprocessing)
    characters = trained.get_layer("characters").characters
    words = Lexicon(characters, read_lexicon(lexicon), hotwords, unknown)
    return pipeline(network, preprocessing, beams, lexicon=words)
