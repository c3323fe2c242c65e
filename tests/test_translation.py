"""Translation: data, subwords, networks, pipeline, and what people give it."""

import gzip
import inspect
import json

import keras
import numpy as np
import pytest
import tensorflow as tf
from conftest import TINY

from lstm_zoo import networks
import lstm_zoo
from lstm_zoo import decoding, optional, layers, weights
from lstm_zoo.layers import seq2seq
from lstm_zoo.text import subwords
from lstm_zoo.tasks import translation
from lstm_zoo.tasks.translation import batches, networks, pipelines

PAIRS = TINY["translation"]["pairs"]
SIZES = TINY["translation"]["sizes"]


@pytest.fixture(scope="module")
def trained():
    """A tiny pipeline that knows its pairs by heart. Not to be changed."""
    keras.utils.set_random_seed(0)
    preprocessing = translation.adapt(PAIRS, vocabulary=SIZES["vocabulary"])
    network = lstm_zoo.build("translation", **{**SIZES, "units": 32, **translation.sizes(preprocessing)})
    translation.compile_network(network, 0.01)
    examples = translation.examples(PAIRS, preprocessing, 200, seed=0)
    network.fit(examples, steps_per_epoch=1, epochs=250, shuffle=False, verbose=0)
    uncompiled = keras.Model.from_config(network.get_config())
    uncompiled.set_weights(network.get_weights())
    return translation.pipeline(uncompiled, preprocessing)


class TestRead:
    def test_pairs_and_a_data_set_of_pairs(self):
        assert translation.read([("a", "b"), [b"c", "d "]]) == [("a", "b"), ("c", "d")]
        assert translation.read(tf.data.Dataset.from_tensor_slices((["ä"], ["b"]))) == [("ä", "b")]

    @pytest.mark.parametrize("zipped", [False, True])
    def test_two_line_aligned_files(self, tmp_path, zipped):
        paths = [tmp_path / f"train.{language}{'.gz' if zipped else ''}" for language in ("de", "en")]
        # a line break of Unicode within a line is none
        for path, text in zip(paths, ("Ein Hund.\nEine\u2028Katze.\n", "A dog.\r\nA cat.\r\n")):
            (gzip.open if zipped else open)(path, "wt", encoding="utf-8", newline="").write(text)
        expected = [("Ein Hund.", "A dog."), ("Eine\u2028Katze.", "A cat.")]
        assert translation.read(tuple(paths)) == expected
        assert translation.read(",".join(map(str, paths))) == expected

    def test_files_of_unequal_length_are_counted(self, tmp_path):
        (tmp_path / "a").write_text("1\n2\n3\n")
        (tmp_path / "b").write_text("1\n2\n")
        with pytest.raises(ValueError, match=r"as many lines .* 3 lines in .*a and 2 lines in .*b"):
            translation.read((tmp_path / "a", tmp_path / "b"))

    def test_tables(self, tmp_path):
        (tmp_path / "a.tsv").write_text('Ein "Hund\tA "dog\n\nb\tc\n', encoding="utf-8")
        assert translation.read(tmp_path / "a.tsv") == [('Ein "Hund', 'A "dog'), ("b", "c")]
        (tmp_path / "b.tsv").write_text("source\ttarget\nb\tc\n")
        assert translation.read(str(tmp_path / "b.tsv")) == [("b", "c")]
        (tmp_path / "c.csv").write_text('target,id,source\n"c, d",1,b\n')
        assert translation.read(tmp_path / "c.csv") == [("b", "c, d")]

    def test_malformed_tables(self, tmp_path):
        (tmp_path / "a.tsv").write_text("a\tb\nc\n")
        with pytest.raises(ValueError, match=r"a.tsv, line 2: a sentence and its translation .* \['c'\]"):
            translation.read(tmp_path / "a.tsv")
        (tmp_path / "b.csv").write_text("source,english\na,b\n")
        with pytest.raises(ValueError, match="lacks the column target"):
            translation.read(tmp_path / "b.csv")
        (tmp_path / "c.tsv").write_bytes(b"\xff\xfe\xfa")
        with pytest.raises(ValueError, match=r"c.tsv, near line 1"):
            translation.read(tmp_path / "c.tsv")
        with pytest.raises(FileNotFoundError):
            translation.read(tmp_path / "none.tsv")

    def test_empty_sides_are_left_out_and_counted(self):
        with pytest.warns(UserWarning, match="2 of 3 pairs are left out"):
            assert translation.read([("a", "b"), ("", "b"), ("a", " \n")]) == [("a", "b")]
        with pytest.raises(ValueError, match="of 1 pairs none has text on both sides"):
            translation.read([("a", "")])

    @pytest.mark.parametrize("source", [[], [("a",)], ["ab"], [("a", None)], [("a", 3)], 7, None])
    def test_what_are_no_pairs(self, source):
        with pytest.raises(ValueError, match="Received|empty"):
            translation.read(source)

    def test_split(self):
        pairs = [(str(number), "x") for number in range(50)]
        training, validating = translation.split(pairs, seed=1)
        assert len(validating) == 5
        assert sorted(training + validating) == sorted(pairs)
        with pytest.raises(ValueError, match="one pair only"):
            translation.split(pairs[:1])

    def test_unknown_data(self):
        with pytest.raises(ValueError, match="data sets are multi30k/de-en"):
            translation.data("train", "multi30k/de-nl")
        with pytest.raises(ValueError, match="train, validation, test"):
            translation.data("valid")


class TestSubwords:
    def test_without_loss(self, trained):
        layer = trained.get_layer("subwords")
        texts = [text for pair in PAIRS for text in pair]
        pieces = layer(tf.constant(texts))
        assert [text.decode() for text in layer(pieces, reverse=True).numpy()] == texts

    def test_in_the_graph_as_outside(self, trained):
        layer = trained.get_layer("subwords")
        texts = [text for text in TINY["translation"]["raw"] if text.isprintable()]
        outside = subwords.processor(layer.model).encode(texts)
        for row, expected in zip(layer(tf.constant(texts)).numpy(), outside):
            assert row[: len(expected)].tolist() == expected
            assert row[len(expected)] == subwords.END
            assert not row[len(expected) + 1 :].any()

    def test_any_space_is_one(self, trained):
        layer = trained.get_layer("subwords")
        given = tf.constant(["Ein\nHund\trennt.", "Ein\u2028Hund \x00 rennt.", "Ein\xa0Hund rennt."])
        np.testing.assert_array_equal(layer(given), layer(tf.constant(["Ein Hund rennt."] * 3)))

    def test_answers_after_new_seeds(self, trained):
        # keras.utils.set_random_seed empties TensorFlow's cache of kernels, and with it what they own
        layer = trained.get_layer("subwords")
        before = layer(tf.constant(["Ein Hund."]))
        keras.utils.set_random_seed(3)
        np.testing.assert_array_equal(layer(tf.constant(["Ein Hund."])), before)

    def test_the_same_texts_give_the_same_model(self):
        texts = [text for pair in PAIRS for text in pair]
        assert subwords.train_subwords(texts, 60) == subwords.train_subwords(texts, 60)

    def test_too_few_pieces(self):
        with pytest.raises(ValueError, match="No subwords of at most 5 pieces from 16 texts"):
            translation.adapt(PAIRS, vocabulary=5)

    def test_missing_package(self):
        with pytest.raises(ImportError, match=r"translation needs nonesuch: pip install 'lstm_zoo\[translation\]'"):
            extras.need("nonesuch", "translation")


class TestExamples:
    def test_a_pass_holds_every_pair_once(self):
        preprocessing = translation.adapt(PAIRS, vocabulary=80)
        pieces = translation.count(PAIRS, preprocessing)
        batch = 30
        seen = []
        for given, target, weight in translation.examples(PAIRS, preprocessing, batch, seed=3).take(
            -(-pieces // batch)
        ):
            assert given["source"].shape[1] % batches.STEPS == 0
            np.testing.assert_array_equal(given["target"][:, 0], subwords.START)
            np.testing.assert_array_equal(given["target"][:, 1:], target[:, :-1])
            np.testing.assert_array_equal(weight, target.numpy() > 0)
            text = preprocessing["subwords"]
            seen += zip(text(given["source"], reverse=True).numpy(), text(target, reverse=True).numpy())
        assert sorted((a.decode(), b.decode()) for a, b in seen) == sorted(PAIRS)

    def test_passes_repeat_and_differ(self):
        preprocessing = translation.adapt(PAIRS, vocabulary=80)

        def first(**options):
            return next(iter(translation.examples(PAIRS, preprocessing, 40, **options)))[1].numpy().tolist()

        assert first(seed=1) == first(seed=1)
        assert len({str(first(seed=1, first_epoch=epoch)) for epoch in range(5)}) > 1

    def test_too_long_pairs_are_left_out_and_counted(self):
        pairs = [*PAIRS, ("Hund " * 300, "dog")]
        preprocessing = translation.adapt(PAIRS, vocabulary=80)
        with pytest.warns(UserWarning, match="1 of 9 pairs are left out: a side of each has more than 200 pieces"):
            assert translation.count(pairs, preprocessing) == translation.count(PAIRS, preprocessing)

    def test_a_batch_of_sentences(self):
        preprocessing = translation.adapt(PAIRS, vocabulary=80)
        with pytest.raises(ValueError, match="batch counts target pieces, at least the .* Received: 4"):
            translation.examples(PAIRS, preprocessing, 4, seed=0)


@pytest.mark.parametrize("name", networks.NETWORKS)
class TestNetwork:
    def test_step_by_step_as_at_once(self, name):
        network = networks.NETWORKS[name][0](vocabulary=20, embedding=6, units=8, depth=2)
        source, target = tf.constant([[5, 6, 7, 3], [8, 3, 0, 0]]), tf.constant([[2, 9, 4], [2, 11, 12]])
        at_once = network({"source": source, "target": target})
        table, decoder, memory, lengths, states = pipelines._read(network, source)
        for number in range(3):
            vectors = table(target[:, number : number + 1])
            answered, _, states = decoder([vectors, memory, lengths, states])
            np.testing.assert_allclose(table(answered, reverse=True)[:, 0], at_once[:, number], atol=1e-5)

    def test_padding_changes_nothing(self, name):
        network = networks.NETWORKS[name][0](vocabulary=20, embedding=6, units=8, depth=2)
        target = tf.constant([[2, 9, 4]])
        short = network({"source": tf.constant([[5, 6, 3]]), "target": target})
        long = network({"source": tf.constant([[5, 6, 3, 0, 0, 0]]), "target": tf.pad(target, [[0, 0], [0, 2]])})
        np.testing.assert_allclose(long[:, :3], short, atol=1e-6)


def test_bad_depth():
    with pytest.raises(ValueError, match="depth is at least 1"):
        networks.attention(depth=0)
    with pytest.raises(ValueError, match="depth is at least 2, and units are even. Received: depth=1, units=256"):
        networks.gnmt(depth=1)


def test_smoothed_cross_entropy_is_its_definition():
    random = np.random.default_rng(0)
    logits, target = random.normal(size=(2, 3, 7)).astype("float32"), random.integers(0, 7, (2, 3))
    logs = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    wanted = 0.9 * np.eye(7)[target] + 0.1 / 7
    weight = np.array([[1, 1, 0], [1, 0, 0]], "float32")
    expected = (-(wanted * logs).sum(-1) * weight).sum() / weight.sum()
    assert float(seq2seq.SmoothedCrossEntropy(0.1)(target, logits, weight)) == pytest.approx(expected, rel=1e-5)


def test_attention_looks_at_valid_steps_alone():
    random = np.random.default_rng(0)
    query, memory = random.normal(size=(2, 3, 4)).astype("float32"), random.normal(size=(2, 5, 6)).astype("float32")
    layer = layers.LuongAttention()
    context, weight = layer(query, memory, np.array([5, 2]))
    asked = query @ layer.kernel.numpy() @ memory.transpose(0, 2, 1) / np.sqrt(6)
    asked[1, :, 2:] = -np.inf
    expected = np.exp(asked) / np.exp(asked).sum(-1, keepdims=True)
    np.testing.assert_allclose(weight, expected, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(context, expected @ memory, rtol=1e-4, atol=1e-5)


class TestPipeline:
    def test_translates_what_it_has_learnt(self, trained):
        answers = lstm_zoo.predict(trained, [source for source, _ in PAIRS])
        assert [answer["text"] for answer in answers] == [target for _, target in PAIRS]
        assert all(answer["score"] < 0 for answer in answers)
        assert lstm_zoo.evaluate(trained, PAIRS)["bleu"] == 100

    def test_whatever_people_type(self, trained):
        raw = [*TINY["translation"]["raw"], "Hund " * 2000, b"Ein Hund rennt."]
        answers = lstm_zoo.predict(trained, raw)
        assert [answers[0]["text"], answers[1], answers[-1]["text"]] == [
            "A dog runs.",
            {"text": "", "score": 0.0},
            "A dog runs.",
        ]
        alone = [lstm_zoo.predict(trained, text)[0] for text in raw[:3]]
        for one, other in zip(alone, answers):
            assert one["text"] == other["text"]
            assert one["score"] == pytest.approx(other["score"], abs=1e-4)

    @pytest.mark.parametrize("raw", [None, [None], [1.5], {"text": "a"}, ["a", ("b", "c")]])
    def test_what_is_no_text(self, trained, raw):
        with pytest.raises(ValueError, match="text"):
            lstm_zoo.predict(trained, raw)

    def test_never_longer_than_the_bound(self):
        # A network that never ends by itself: the end's vector is far from all that it answers.
        preprocessing = translation.adapt(PAIRS, vocabulary=80)
        network = lstm_zoo.build("translation", **{**SIZES, **translation.sizes(preprocessing)})
        table = network.get_layer("embedding").embeddings
        table.assign(tf.tensor_scatter_nd_update(table, [[subwords.END]], tf.zeros([1, SIZES["embedding"]])))
        decoder = network.get_layer("decoder").get_layer("answered")
        decoder.bias.assign(tf.ones_like(decoder.bias) * 9)
        table.assign(tf.tensor_scatter_nd_update(table, [[7]], tf.ones([1, SIZES["embedding"]])))
        translator = translation.pipelines.Translator(network)
        pieces = preprocessing["subwords"](tf.constant(["Hund", "Hund " * 10, "Hund " * 200]))
        counts = np.count_nonzero(pieces, axis=1) - 1
        found = translator(pieces)["pieces"][:, 0].numpy()
        lengths = (found != subwords.END).sum(1)
        assert lengths.tolist() == [min(2 * count + 10, pipelines.LONGEST_ANSWER) for count in counts]

    def test_one_beam_is_greedy_and_more_never_score_below(self, trained):
        raw = [*(source for source, _ in PAIRS), *TINY["translation"]["raw"]]
        network, layer = networks.network_of(trained), trained.get_layer("subwords")
        greedy = lstm_zoo.predict(translation.with_search(trained, beams=1), raw)
        table, decoder, memory, lengths, states = pipelines._read(network, layer(tf.constant(raw)))

        def step(pieces, states):
            answered, _, states = decoder([table(pieces[:, None]), memory, lengths, states])
            logits = table(answered, reverse=True)[:, 0]
            never = tf.one_hot([subwords.PADDING, subwords.UNKNOWN, subwords.START], table.input_dim, 1e9)
            return tf.nn.log_softmax(logits) - tf.reduce_sum(never, 0), states

        limits = tf.where(lengths > 1, tf.minimum(2 * lengths + 8, 256), 0)
        pieces, scores = decoding.greedy(step, states, limits, start=subwords.START, end=subwords.END)
        assert [answer["text"] for answer in greedy] == [
            text.decode("utf-8", "replace") for text in layer(pieces, reverse=True).numpy()
        ]
        np.testing.assert_allclose([answer["score"] for answer in greedy], scores, rtol=1e-4, atol=1e-4)
        for one, best in zip(greedy, lstm_zoo.predict(trained, raw)):
            assert best["score"] >= one["score"] - 1e-5

    def test_alternatives(self, trained):
        answer = lstm_zoo.predict(trained, ["Ein Hund rennt."], alternatives=3)[0]
        found = answer["alternatives"]
        assert found[0] == {"text": answer["text"], "score": answer["score"]}
        assert len({one["text"] for one in found}) == 3
        assert [one["score"] for one in found] == sorted((one["score"] for one in found), reverse=True)
        with pytest.raises(ValueError, match="alternatives is at least 1 and at most 4"):
            lstm_zoo.predict(trained, ["Ein Hund rennt."], alternatives=5)

    def test_alignment_and_its_picture(self, trained, tmp_path):
        raw = ["Ein Hund rennt.", "", "Zwei Hunde spielen im Schnee."]
        answers = lstm_zoo.predict(trained, raw, alignment=True)
        for text, answer in zip(raw, answers):
            source, target, weight = (answer["alignment"][key] for key in ("source", "target", "weights"))
            assert "".join(source[:-1]).replace("▁", " ").strip() == text
            assert "".join(target[:-1]).replace("▁", " ").strip() == answer["text"]
            assert np.shape(weight) == (len(target), len(source))
            np.testing.assert_allclose(np.sum(weight, 1), 1, rtol=1e-4)
        json.dumps(answers)
        picture = translation.plot(answers[2], tmp_path / "alignment.png")
        assert picture.read_bytes().startswith(b"\x89PNG")
        with pytest.raises(ValueError, match="alignment=True"):
            translation.plot({"text": "a"}, tmp_path / "b.png")

    def test_options_of_another_task(self, trained):
        with pytest.raises(ValueError, match="explain is for sentiment/attention. Received: translation-attention"):
            lstm_zoo.predict(trained, "Ein Hund.", explain=True)

    def test_bad_search(self, trained):
        with pytest.raises(ValueError, match="beams is at least 1. Received: 0"):
            translation.with_search(trained, beams=0)

    def test_survives_export_with_another_batch(self, trained, tmp_path):
        lstm_zoo.export(trained, tmp_path / "saved_model")
        served = tf.saved_model.load(str(tmp_path / "saved_model"))
        for raw in (["Ein Hund rennt."], [source for source, _ in PAIRS], []):
            answer = served.signatures["serving_default"](text=tf.constant(raw, "string"))
            expected = lstm_zoo.predict(trained, raw)
            assert [text.decode() for text in answer["text"].numpy()] == [one["text"] for one in expected]
            np.testing.assert_allclose(answer["score"], [one["score"] for one in expected], rtol=1e-4, atol=1e-5)

    def test_other_formats_are_refused(self, trained, tmp_path):
        with pytest.raises(ValueError, match="onnx is for sentiment alone"):
            lstm_zoo.export(trained, tmp_path / "a.onnx", format="onnx")


class TestTraining:
    def test_selects_by_bleu_and_averages(self, tmp_path):
        options = {"batch": 200, "learning_rate": 0.02, "patience": 9, "verbose": False, **SIZES}
        lstm_zoo.train("translation", PAIRS, PAIRS, folder=tmp_path / "a", epochs=4, average=3, **options)
        history = (tmp_path / "a" / "history.csv").read_text()
        assert "val_bleu" in history.splitlines()[0]
        assert json.loads((tmp_path / "a" / "settings.json").read_text())["average"] == 3

    def test_fine_tunes(self, trained, tmp_path):
        trained.save(tmp_path / "before.keras")
        more = [("Ein Hund liest.", "A dog reads."), ("Eine Katze singt.", "A cat sings.")] * 4
        options = {"epochs": 30, "batch": 200, "learning_rate": 0.01, "patience": 30, "verbose": False}
        weights_path = str(tmp_path / "before.keras")
        tuned = lstm_zoo.train("translation", more, more, weights=weights_path, folder=tmp_path / "run", **options)
        assert lstm_zoo.predict(tuned, "Ein Hund liest.")[0]["text"] == "A dog reads."
        assert tuned.get_layer("subwords").model == trained.get_layer("subwords").model

    def test_bf16_on_a_cpu(self, tmp_path):
        options = {"batch": 200, "epochs": 2, "mixed_precision": True, "verbose": False, **SIZES}
        pipeline = lstm_zoo.train("translation/gnmt", PAIRS, PAIRS, folder=tmp_path / "a", depth=2, **options)
        found = [layer for layer in networks.network_of(pipeline)._flatten_layers() if isinstance(layer, layers.LSTM)]
        assert found
        assert all(layer.matmul_dtype is None for layer in found)


def test_every_option_of_train_is_documented():
    for name in inspect.signature(lstm_zoo.train).parameters:
        assert f"{name}: " in lstm_zoo.train.__doc__


def test_baselines_are_worse_than_knowing():
    found = translation.baselines(None, PAIRS, [("Ein Hund rennt schnell.", "A dog runs fast.")])
    assert set(found) == {"nearest training sentence", "source, untranslated"}
    assert found["nearest training sentence"]["chrf"] > found["source, untranslated"]["chrf"]
    assert "tok:13a" in translation.signature()


class TestPublished:
    """The published pipeline and the real data."""

    def test_real_data(self, prepared):
        prepared("multi30k/de-en")
        pairs = translation.data("validation")
        assert len(pairs) == 1014
        assert pairs[0] == (
            "Eine Gruppe von Männern lädt Baumwolle auf einen Lastwagen",
            "A group of men are loading cotton onto a truck",
        )

    def test_rows_say_how_bleu_is_computed(self):
        rows = [row for row in weights.rows() if row["network"].startswith("translation/")]
        assert len(rows) >= 2
        for row in rows:
            assert row["signature"] == translation.signature()
            assert {"bleu", "bleu_lowercase"} <= row["metrics"]["test"].keys()


def test_loading_without_the_extra(trained, tmp_path, monkeypatch):
    def missing(package, extra):
        raise ImportError(f"Translation needs {package}: pip install 'lstm_zoo[translation]'")

    trained.save(tmp_path / "a.keras")
    monkeypatch.setattr(subwords, "need", missing)
    with pytest.raises(ImportError, match="needs tensorflow_text"):
        lstm_zoo.load(str(tmp_path / "a.keras"))


def test_keras_keeps_the_subwords(trained, tmp_path):
    trained.save(tmp_path / "a.keras")
    again = keras.saving.load_model(tmp_path / "a.keras", compile=False)
    assert again.get_layer("subwords").model == trained.get_layer("subwords").model
