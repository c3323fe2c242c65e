"""A trained pipeline with another search for its texts."""

import json
import os
from collections.abc import Iterable, Mapping

import keras

from lstm_zoo import networks, registry
from lstm_zoo.caching import cached_in_model
from lstm_zoo.options import Bounds, check_value
from lstm_zoo.tasks.speech.lexicon import UNKNOWN_COST, WEIGHTS, Lexicon, Words, read_hotwords, read_lexicon
from lstm_zoo.tasks.speech.ngrams import read_language_model
from lstm_zoo.tasks.speech.options import OPENLY, OWN, Options
from lstm_zoo.tasks.speech.pipelines import WORD_BEAMS, pipeline
from lstm_zoo.tasks.speech.preprocessing import preprocessing_of

# With trigrams of AN4's training texts the best of 0.25 to 1.5 and of 0 to 3 for its validation speakers, by
# `speech-streaming-an4`; see `benchmarks/words.py`.
LANGUAGE_MODEL_WEIGHT, WORD_BONUS = 0.5, 1.5


@cached_in_model
def with_beams(trained: keras.Model, beams: int) -> keras.Model:
    """The same pipeline with another search: `beams=1` is greedy.

    Raises:
        ValueError: a pipeline of another task, or of a network that does not spell; beams that are no whole number of
            at least 1.

    Example:

    >>> lstm_zoo.predict(with_beams(lstm_zoo.load("speech"), beams=1), ["recording.wav"])
    """
    _, record = registry.records_of(trained)
    if record.with_beams is not with_beams:
        raise ValueError(f"A pipeline of a network of speech that spells is expected. Received: {trained.name}")
    network = networks.network_of(trained)
    return pipeline(network, preprocessing_of(trained), beams, type(trained.get_layer(network.name)))


def with_lexicon(
    trained: keras.Model,
    lexicon: Words,
    *,
    hotwords: Mapping[str, float] | None = None,
    language_model: Iterable[str] | str | os.PathLike | None = None,
    language_model_weight: float = LANGUAGE_MODEL_WEIGHT,
    word_bonus: float = WORD_BONUS,
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
            spellings behind a colon. None: the pipeline spells openly again.
        hotwords: word of the lexicon -> weight, a natural logarithm: a text counts as e ** weight times as probable for
            each time that the word is in it, which is ten times for 2.3. None: none. The score of an answer includes
            them. Of single words from -1000 to 1000.
        language_model: which words follow one another: the path of an ARPA file, of any order; or texts, a list of
            sentences or the path of a file with one a line, of which trigrams are estimated (Witten and Bell 1991,
            https://doi.org/10.1109/18.87000). A text is a sentence, and its begin and end count. Words that the model
            does not know, and `[unknown]`, are as probable as its `<unk>`, or, if there is none, as the least probable
            word that it knows of them. None: any words follow one another alike. The score of an answer includes it.
        language_model_weight: factor of the natural logarithms of its probabilities (Hannun et al. 2014,
            https://arxiv.org/abs/1408.2873), from 0 to 1000.
        word_bonus: what each word is worth beside a language model, a natural logarithm: that makes long texts
            improbable. From -1000 to 1000.
        unknown: what a letter of a word costs that is none of the lexicon, a natural logarithm: it is `[unknown]` where
            the letters that are heard are more than e ** unknown times as probable, each on average, as those of the
            best words. The lower, the more is unknown, above 0 and up to 1000. None: nothing is, a word is the one that
            is the most like it.
        beams: texts that are followed at once.

    Raises:
        FileNotFoundError: a path that does not exist.
        ValueError: a pipeline of another network; an empty lexicon; a word with white space or with letters that the
            network does not know; a spelling of two words; a hotword that is no word of the lexicon, or whose weight is
            no number in its range; a language model that is malformed, empty, or has none of the words, or another
            number of it or `unknown` outside of its range; beams that are no whole number of at least 1.

    Example:

    >>> digits = with_lexicon(lstm_zoo.load("speech"), ["ONE", "TWO", "THREE"], hotwords={"TWO": 2.0})
    >>> lstm_zoo.predict(digits, ["recording.wav"])
    """
    model = {"source": language_model, "weight": language_model_weight, "word_bonus": word_bonus}
    return _searching(trained, _json_of(_lexicon_of(trained, lexicon, hotwords, model, unknown)), beams)


def with_words(trained: keras.Model, options: Options) -> keras.Model:
    """A pipeline held to the words that options of `predict` ask for; itself where they ask for nothing.

    Raises:
        ValueError, FileNotFoundError: see `with_lexicon`; hotwords or a language model without a lexicon.

    Example:

    >>> with_words(lstm_zoo.load("speech"), Options(lexicon=["YES", "NO"]))
    """
    lexicon, hotwords, texts = options.lexicon, read_hotwords(options.hotwords), options.language_model
    named = lexicon if isinstance(lexicon, str) else None
    if named == OWN and hotwords is None and texts is None:
        return trained
    layer = trained.get_layer(networks.network_of(trained).name)
    if named != OWN or layer.lexicon is None:
        lexicon = None if named in (OWN, OPENLY) else lexicon
        words, beams = _lexicon_of(trained, lexicon, hotwords, {"source": texts}), WORD_BEAMS
    else:
        model = None if texts is None else _model_of(texts)
        further = {
            name: value for name, value in (("hotwords", hotwords), ("language_model", model)) if value is not None
        }
        words, beams = Lexicon.from_config(layer.lexicon.get_config() | further), layer.beams
    return _searching(trained, _json_of(words), beams)


def _json_of(lexicon):
    """A lexicon as what tells it from others; None for none."""
    return None if lexicon is None else json.dumps(lexicon.get_config())


@cached_in_model
def _searching(trained, config, beams):
    """A pipeline with a search for words of a lexicon, as JSON; None: with the usual one, which spells openly."""
    lexicon = None if config is None else Lexicon.from_config(json.loads(config))
    _, record = registry.records_of(trained)
    preprocessing = {**preprocessing_of(trained), "lexicon": lexicon}
    return record.pipeline(networks.network_of(trained), preprocessing, beams=None if lexicon is None else beams)


def _lexicon_of(trained, lexicon, hotwords, model, unknown=UNKNOWN_COST):
    """What `with_lexicon` was given, `model` as arguments of `_model_of`, as a Lexicon; None for no words."""
    _, record = registry.records_of(trained)
    if record.with_words is None:
        raise ValueError(f"A lexicon is for pipelines of networks with CTC. Received: {trained.name}")
    if lexicon is not None:
        characters = trained.get_layer("characters").characters
        return Lexicon(characters, read_lexicon(lexicon), hotwords, unknown, _model_of(**model))
    for kind, given in (("hotwords are", hotwords), ("a language model is of", model["source"])):
        if given is not None:
            raise ValueError(f"{kind} words of a lexicon, and there is none. Received: {given!r:.160}")
    return None


def _model_of(source, weight=LANGUAGE_MODEL_WEIGHT, word_bonus=WORD_BONUS):
    """Arguments of a LanguageModel of an ARPA file or texts; None for none."""
    if source is None:
        return None
    check_value("language_model_weight", weight, float, Bounds(minimum=0, maximum=WEIGHTS.maximum))
    check_value("word_bonus", word_bonus, float, WEIGHTS)
    return {"ngrams": read_language_model(source), "weight": float(weight), "word_bonus": float(word_bonus)}
