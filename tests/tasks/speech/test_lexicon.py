"""lexicon.py and searches.py: words, their spellings and weights, and pipelines that are held to them."""

import json

import numpy as np
import pytest
import soundfile
import tensorflow as tf
from tiny import pipeline_for
from tiny.speech import tones

import lstm_zoo
from lstm_zoo.tasks import speech
from lstm_zoo.tasks.speech.audio import RATE
from lstm_zoo.tasks.speech.lexicon import UNKNOWN, Lexicon, read_lexicon
from lstm_zoo.weights import archive


def test_what_a_lexicon_may_be(tmp_path):
    (tmp_path / "words.txt").write_text("\ufeffOKAY:\tOK  OKEY\n\nYES\nOKAY: OKE\n", encoding="utf-8")
    assert read_lexicon(tmp_path / "words.txt") == {"OKAY": ["OK", "OKEY", "OKE"], "YES": []}
    assert read_lexicon({"OKAY": ["OK"], "YES": "YEAH"}) == {"OKAY": ["OK"], "YES": ["YEAH"]}
    assert read_lexicon(np.array(["NO", "YES", "NO"])) == {"NO": [], "YES": []}


def test_a_phrase_is_no_word(tmp_path):
    (tmp_path / "words.txt").write_text("BOSTON\nNEW YORK\n")
    with pytest.raises(ValueError, match="behind a colon, like ZERO: OH. Received: 'NEW YORK'"):
        read_lexicon(tmp_path / "words.txt")


def test_the_trie_has_what_a_search_reads():
    lexicon = Lexicon(" ANO", {"NO": ["O"], "NON": [], "AN": []}, {"NON": 3.0, "AN": -2.0})
    root, n, no, o, non, a, an = range(7)
    assert lexicon.transitions.tolist() == [
        [root, -1, a, n, o],
        [n, -1, -1, -1, no],
        [no, root, -1, non, -1],
        [o, root, -1, -1, -1],
        [non, root, -1, -1, -1],
        [a, -1, -1, an, -1],
        [an, root, -1, -1, -1],
    ]
    assert lexicon.ends.tolist() == [0, 0, 1, 1, 2, 0, 3]
    assert lexicon.weights.tolist() == [0, 0, 0, 0, 3, 0, -2]
    assert lexicon.promises.tolist() == [0, 1, 2, 0, 3, -1, -2]
    assert lexicon.letters.tolist() == [[0, 0, 0], [3, 4, 0], [3, 4, 3], [2, 3, 0]]


@pytest.mark.parametrize(
    ("lexicon", "hotwords", "message"),
    [
        ([], None, r"The lexicon is empty: it holds no word. Received: \[\]"),
        (["a", "a b"], None, "words without white space.* Received: 'a b'"),
        (["a", 7], None, "words without white space.* Received: 7"),
        ([""], None, "words without white space.* Received: ''"),
        (3, None, "A lexicon is a list of words, or the path of a file. Received: 3"),
        (["ab", "bad"], None, "writes with the letters ab. Received: 'bad', a spelling of 'bad', with d.$"),
        (["ab", "BA"], None, "Received: 'BA', a spelling of 'BA', with A, B. Did you mean 'ba'?"),
        ({"ab": None}, None, "The spellings of a word are a text or a list of texts. Received: 'ab': None"),
        ({"ab": ["b", "aé"]}, None, "Received: 'aé', a spelling of 'ab', with é"),
        ({"ab": ["b"], "b": []}, None, "A spelling is of one word. Received: 'b' of 'ab' and of 'b'"),
        (["ab"], {"ba": 1}, "Unknown hotword, which is no word of the lexicon: 'ba'. Did you mean 'ab'?"),
        (["ab"], {"ab": "high"}, "The weight of 'ab' in hotwords is a number from -1000 to 1000. Received: 'high'"),
        (["ab"], {"ab": float("nan")}, "The weight of 'ab' in hotwords is a number .* Received: nan"),
        (["ab"], {"ab": 1e300}, r"The weight of 'ab' in hotwords is a number .* Received: 1e\+300"),
        (["ab"], {"ab": True}, "The weight of 'ab' in hotwords is a number .* Received: True"),
        (["ab"], [], r"hotwords is a dict word -> weight. Received: \[\]"),
        (["ab"], "ab=1", "hotwords is a dict word -> weight. Received: 'ab=1'"),
        (["ab"], ["ab"], r"hotwords is a dict word -> weight. Received: \['ab'\]"),
        (None, {"ab": 1}, "hotwords are words of a lexicon, and there is none. Received: {'ab': 1}"),
    ],
)
def test_bad_words(lexicon, hotwords, message):
    with pytest.raises(ValueError, match=message):
        speech.with_lexicon(pipeline_for("speech/ctc"), lexicon, hotwords=hotwords)


def test_bad_pipelines_and_files(tmp_path):
    for model in ("speech/attention", "speech/keyword"):
        with pytest.raises(ValueError, match="A lexicon is for pipelines of networks with CTC. Received: speech-"):
            speech.with_lexicon(pipeline_for(model), ["a"])
    with pytest.raises(ValueError, match="A pipeline of the zoo is expected.* Received: 'speech'"):
        speech.with_lexicon("speech", ["a"])
    with pytest.raises(FileNotFoundError, match="none.txt does not exist. A lexicon is a list of words, or the path"):
        speech.with_lexicon(pipeline_for("speech/ctc"), "none.txt")
    (tmp_path / "latin.txt").write_bytes("é".encode("latin-1"))
    with pytest.raises(ValueError, match="latin.txt is not a text in UTF-8.* A lexicon is a list of words"):
        speech.with_lexicon(pipeline_for("speech/ctc"), tmp_path / "latin.txt")
    with pytest.raises(ValueError, match="is a folder. A lexicon is a list of words, or the path"):
        speech.with_lexicon(pipeline_for("speech/ctc"), tmp_path)
    for beams in (0, 2.5, "3", True):
        with pytest.raises(ValueError, match=f"beams is a whole number of at least 1. Received: {beams!r}"):
            speech.with_lexicon(pipeline_for("speech/ctc"), ["a"], beams=beams)
    for name, least in (("language_model_weight", 0), ("word_bonus", -1000)):
        for value in ("high", 1e300):
            with pytest.raises(ValueError, match=f"{name} is a number from {least} to 1000. Received: "):
                speech.with_lexicon(pipeline_for("speech/ctc"), ["a"], language_model=["a"], **{name: value})
    for cost in (0, -1.0, float("inf"), float("nan"), 1001, "high", True):
        with pytest.raises(ValueError, match=f"a number above 0 and up to 1000, or None. Received: {cost!r}"):
            speech.with_lexicon(pipeline_for("speech/ctc"), ["a"], unknown=cost)


@pytest.mark.parametrize("model", ["speech/ctc", "speech/streaming"])
def test_a_pipeline_is_held_to_words(trained, model, tmp_path):
    items = [(tones(word, seed=7), RATE) for word in ("ab", "a", "ba")] + [([], RATE), (np.zeros(RATE), RATE)]
    held = speech.with_lexicon(trained(model), {"ab": [], "ba": ["a"]})
    answers = lstm_zoo.predict(held, items, alignment=True)
    assert [answer["text"] for answer in answers[:4]] == ["ab", "ba", "ba", ""]
    assert answers[4]["text"] in ("", "ab", "ba", UNKNOWN)
    assert answers[0]["alignment"][0]["word"] == "ab"
    assert answers[3]["score"] is None

    lstm_zoo.save(held, tmp_path / "held.keras")
    again = lstm_zoo.load(tmp_path / "held.keras")
    told = lstm_zoo.info(tmp_path / "held.keras")
    assert (told["lexicon"], told["spellings"], told["unknown"]) == (["ab", "ba"], {"ba": ["a"]}, 2.5)
    assert "hotwords" not in told
    assert lstm_zoo.predict(again, items) == lstm_zoo.predict(held, items)
    name = model.partition("/")[2]
    assert speech.with_beams(again, 4).get_layer(name).lexicon.words == {"ab": [], "ba": ["a"]}
    openly, before = (pipeline.get_layer(name) for pipeline in (speech.with_lexicon(again, None), trained(model)))
    assert (openly.lexicon, openly.beams) == (None, before.beams)


def test_predict_takes_words(trained, tmp_path, call):
    items = [(tones(word, seed=7), RATE) for word in ("ab", "a", "ba")]
    (tmp_path / "words.txt").write_text("ab\nba: a\n")
    openly, held = trained("speech/ctc"), speech.with_lexicon(trained("speech/ctc"), tmp_path / "words.txt")
    texts_of = lambda *given, **options: [row["text"] for row in lstm_zoo.predict(*given, items, **options)]  # noqa: E731
    assert texts_of(openly, lexicon=tmp_path / "words.txt") == texts_of(held) == ["ab", "ba", "ba"]
    assert texts_of(held, lexicon=None) == texts_of(held, lexicon="none") == texts_of(openly) == ["ab", "a", "ba"]
    assert texts_of(held, lexicon=["ab", "b"], hotwords={"b": 500}) == ["b", "b", "b"]
    assert texts_of(held, hotwords="ab=500") == ["ab", "ab", "ab"]
    (likely,), (unlikely,) = (
        lstm_zoo.predict(held, items[2], **more) for more in ({}, {"language_model": ["ab"] * 99})
    )
    assert unlikely["score"] < likely["score"] - 1
    soundfile.write(tmp_path / "a.wav", *items[1])
    lstm_zoo.save(held, tmp_path / "held.keras")
    words = ["predict", tmp_path / "held.keras", tmp_path / "a.wav", "--json"]
    for options, text in (([], "ba"), (["--lexicon", "none"], "a"), (["--hotwords", "ab=500,ba=0"], "ab")):
        assert json.loads(call(*words, *options))[0]["text"] == text
    for options, message in (
        ({"hotwords": {"ab": 1}}, "hotwords are words of a lexicon, and there is none. Received: {'ab': 1}"),
        (
            {"language_model": ["ab"]},
            r"a language model is of words of a lexicon, and there is none. Received: \['ab'\]",
        ),
        ({"lexicon": ["ab"], "hotwords": "ab"}, "hotwords are words and weights, like TWO=2,NINE=1.5. Received: 'ab'"),
        ({"lexicon": True}, "A lexicon is a list of words, or the path of a file. Received: True"),
    ):
        with pytest.raises(ValueError, match=message):
            lstm_zoo.predict(openly, items, **options)
    with pytest.raises(ValueError, match="'lexicon' is an option of speech/ctc, speech/streaming. Its options: beams"):
        lstm_zoo.predict(pipeline_for("speech/attention"), items, lexicon=["ab"])


def test_a_table_is_answered_with_words_of_any_kind(trained, tmp_path):
    soundfile.write(tmp_path / "a.wav", tones("a", seed=7), RATE)
    (tmp_path / "words.txt").write_text("ab\nba: a\n")
    for number, lexicon in enumerate(
        (tmp_path / "words.txt", {"ba", "ab"}, np.array(["ab", "ba"]), iter(["ab", "ba"]), {"ba": ["a"], "ab": []})
    ):
        options = {"output": tmp_path / f"{number}.csv", "lexicon": lexicon, "hotwords": {"ba": np.float32(9)}}
        lstm_zoo.predict(trained("speech/ctc"), data=[{"path": tmp_path / "a.wav"}], **options)
        assert ",ba," in (tmp_path / f"{number}.csv").read_text()


def test_a_file_with_words_tells_what_it_began_as(trained, tmp_path):
    pipeline = trained("speech/ctc")
    archive.set_record(pipeline, {"name": "mine", "network": "speech/ctc", "data": "an4", "data_license": "free"})
    try:
        lstm_zoo.save(speech.with_lexicon(pipeline, ["ab"]), tmp_path / "held.keras")
    finally:
        archive.set_record(pipeline, {})
    begun = {"name": "mine", "network": "speech/ctc", "data": "an4", "data_license": "free"}
    assert lstm_zoo.info(tmp_path / "held.keras")["begun_from"] == begun


def test_what_evaluate_tells_of_words(trained):
    examples = speech.TASK.read(
        [((tones(word, seed=7), RATE), "ab" if word == "aab" else word) for word in ("ba", "aab")]
    )
    held = speech.with_lexicon(trained("speech/ctc"), {"ba": [], "ab": ["aab"]})
    scores = speech.TASK.score(held, examples)
    openly = speech.TASK.score(trained("speech/ctc"), examples)
    assert scores["wer"] == 0
    assert (scores["open_wer"], scores["open_cer"]) == (openly["wer"], openly["cer"]) == (50, 25)
    assert "open_wer" not in openly


def test_a_hotword_is_heard_rather(trained):
    item, texts = (tones("ab", seed=7), RATE), []
    for hotwords in (None, {"b": 500}):
        held = speech.with_lexicon(trained("speech/ctc"), ["ab", "b"], hotwords=hotwords)
        (answer,) = lstm_zoo.predict(held, item)
        texts.append(answer["text"])
    assert texts == ["ab", "b"]
    assert answer["score"] > 300  # with the weight


def test_a_stream_writes_what_is_unknown(trained):
    pipeline = speech.with_lexicon(trained("speech/streaming"), ["bb"], unknown=0.1)
    wave = tones("ab", seed=7).astype("float32")
    assert lstm_zoo.predict(pipeline, (wave, RATE))[0]["text"] == UNKNOWN
    assert "".join(speech.stream(pipeline, np.array_split(wave, 5))) == UNKNOWN


def test_a_stream_and_a_saved_model_are_held_to_words(trained, tmp_path):
    texts = ["ab ba", "ba ab ba"]
    pipeline = speech.with_lexicon(
        trained("speech/streaming"), ["ab", "ba"], hotwords={"ba": 1.5}, language_model=texts
    )
    lstm_zoo.save(pipeline, tmp_path / "held.keras")
    pipeline = lstm_zoo.load(tmp_path / "held.keras")
    assert pipeline.get_layer("streaming").lexicon.language_model.ngrams["ab ba"][0] < 0
    wave = np.concatenate([tones(word, seed=4) for word in ("ab", "a", "ba")]).astype("float32")
    whole = lstm_zoo.predict(pipeline, (wave, RATE))[0]["text"]
    chunks = [wave[start : start + 3200] for start in range(0, len(wave), 3200)]
    assert "".join(speech.stream(pipeline, chunks)) == whole
    lstm_zoo.export(pipeline, tmp_path / "saved_model")
    served = tf.saved_model.load(str(tmp_path / "saved_model"))
    answer = served.signatures["serving_default"](waveform=tf.constant(wave[None]), samples=tf.constant([len(wave)]))
    assert answer["text"].numpy()[0].decode() == whole
    state, text = served.signatures["start"](), ""
    for number, chunk in enumerate(chunks, 1):
        last = tf.constant(number == len(chunks))
        state = served.signatures["stream"](chunk=tf.constant(chunk[None]), last=last, **state)
        text += state.pop("text").numpy()[0].decode()
    assert text == whole
