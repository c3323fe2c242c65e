"""Speech: recordings of all kinds, the front end, CTC, streams, keywords, and what is published."""

import csv
import itertools

import numpy as np
import pytest
import soundfile
import tensorflow as tf
from conftest import TINY, tones

from lstm_zoo import networks
import lstm_zoo
from lstm_zoo import layers
from lstm_zoo.tasks import speech
from lstm_zoo.tasks.speech import audio, augmentation, features, keyword, losses, parts, pipelines, timings
from lstm_zoo.tasks.speech.measures import measures as error_rates

PAIRS = TINY["speech"]["pairs"]
RATE = 16_000


def tune(seconds, rate=RATE, pitch=440):
    """A quiet tone."""
    return (0.1 * np.sin(2 * np.pi * pitch * np.arange(int(seconds * rate)) / rate)).astype("float32")


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A tiny pipeline of each kind that knows the words of PAIRS. Not to be changed."""
    made = {}

    def train(model):
        if model not in made:
            fixture = TINY["speech"]
            sizes = {**fixture["sizes"], **fixture["networks"][model.partition("/")[2]]}
            folder = tmp_path_factory.mktemp("speech") / "run"
            options = {**fixture["training"], **sizes, "verbose": False, "validation": PAIRS}
            made[model] = lstm_zoo.train(model, PAIRS * 5, folder=folder, **options)
        return made[model]

    return train


class TestRecording:
    @pytest.mark.parametrize(
        ("suffix", "subtype"),
        [
            ("wav", "PCM_16"),
            ("wav", "PCM_24"),
            ("wav", "FLOAT"),
            ("wav", "PCM_U8"),
            ("flac", "PCM_24"),
            ("ogg", "VORBIS"),
            ("mp3", "MPEG_LAYER_III"),
            ("aiff", "PCM_16"),
        ],
    )
    def test_files_as_they_come(self, tmp_path, suffix, subtype):
        path = tmp_path / f"a.{suffix}"
        soundfile.write(path, tune(0.5, 44_100), 44_100, subtype=subtype)
        samples = audio.recording(path)
        assert samples.dtype == np.float32
        assert len(samples) == pytest.approx(RATE / 2, abs=1200 if suffix == "mp3" else 1)
        assert np.std(samples) == pytest.approx(0.1 / np.sqrt(2), rel=0.1)

    @pytest.mark.parametrize("rate", [8_000, 11_025, 22_050, 48_000, 96_000])
    def test_a_tone_keeps_its_pitch_at_any_rate(self, rate):
        samples = audio.recording((tune(1.0, rate), rate))
        assert np.argmax(np.abs(np.fft.rfft(samples))) == pytest.approx(440, abs=1)

    def test_channels_are_averaged(self):
        both = np.stack([tune(0.1), np.zeros(1600, "float32")], 1)
        np.testing.assert_allclose(audio.recording((both, RATE)), tune(0.1) / 2, atol=1e-7)

    @pytest.mark.parametrize("dtype", ["int16", "int32", "uint8", "float64"])
    def test_full_scale_of_every_type(self, dtype):
        wave = tune(0.1)
        kind = np.dtype(dtype)
        scaled = wave if kind.kind == "f" else wave * 2.0 ** (8 * kind.itemsize - 1) + 128 * (kind.kind == "u")
        np.testing.assert_allclose(audio.recording((scaled.astype(dtype), RATE)), wave, atol=0.02)

    def test_what_is_wrong_is_named(self, tmp_path):
        (tmp_path / "a.wav").write_text("no audio")
        (tmp_path / "empty.wav").write_bytes(b"")
        for name in ("a.wav", "empty.wav"):
            with pytest.raises(ValueError, match=rf"{name} is no audio file that can be read \(WAV, FLAC"):
                audio.recording(tmp_path / name)
        with pytest.raises(ValueError, match="is a folder; the path of an audio file"):
            audio.recording(tmp_path)
        with pytest.raises(FileNotFoundError, match=r"b\.wav does not exist"):
            audio.recording(str(tmp_path / "b.wav"))

    @pytest.mark.parametrize(
        ("source", "message"),
        [
            ((np.array([0.0, np.nan, np.inf]), RATE), "NaN or infinite: 2"),
            ((tune(0.1), 0), "rate outside of 4000 to 384000"),
            ((tune(0.1), -1), "rate outside"),
            ((np.zeros((2, 2, 2)), RATE), r"Samples are numbers, \(samples,\) or \(samples, channels\)"),
            ((np.zeros((5, 0)), RATE), "at least one channel"),
            ((np.zeros(5, "int64"), RATE), "int64 samples have no full scale"),
            ((["a"], RATE), "Samples are numbers"),
            ((tune(0.1), True), r"pair \(samples, rate\) is expected"),
            (5, r"pair \(samples, rate\) is expected"),
            (None, r"pair \(samples, rate\) is expected"),
        ],
    )
    def test_bad_samples(self, source, message):
        with pytest.raises(ValueError, match=message):
            audio.recording(source)

    def test_a_lone_recording_is_a_list_of_one(self, tmp_path):
        soundfile.write(tmp_path / "a.wav", tune(0.1), RATE)
        for raw in (str(tmp_path / "a.wav"), tmp_path / "a.wav", (tune(0.1), RATE), [tune(0.1), RATE]):
            assert len(audio.inputs(raw)) == 1
        with pytest.raises(ValueError, match="A recording or a list of recordings"):
            audio.inputs({"a": 1})


class TestFrontEnd:
    def test_against_the_definition(self):
        wave = np.random.default_rng(0).standard_normal(2000).astype("float32")
        found, lengths = features.LogMel()(wave[None], np.array([2000]))
        assert lengths.numpy().tolist() == [11]  # (2000 - 400) / 160 + 1
        windows = np.stack([wave[start : start + 400] for start in range(0, 1601, 160)])
        shaped = windows - 0.97 * np.concatenate([windows[:, :1], windows[:, :-1]], 1)
        shaped *= 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(400) / 400)
        power = np.abs(np.fft.rfft(shaped, 512)) ** 2
        mel = lambda hertz: 1127 * np.log(1 + hertz / 700)  # noqa: E731
        edges = np.linspace(mel(20), mel(7600), 82)
        at = mel(np.arange(257) * RATE / 512)[:, None]
        rise, fall = (at - edges[:-2]) / (edges[1:-1] - edges[:-2]), (edges[2:] - at) / (edges[2:] - edges[1:-1])
        bank = np.maximum(0, np.minimum(rise, fall))
        bank[0] = 0
        np.testing.assert_allclose(found[0], np.log(power @ bank + 1e-10), atol=2e-3)

    @pytest.mark.parametrize("samples", [0, 1, 399, 400, 559, 560, 5000])
    def test_frames_lie_whole_within_the_recording(self, samples):
        wave = np.ones((1, samples), "float32")
        frames, lengths = features.LogMel()(wave, np.array([samples]))
        assert lengths[0] == features.frames_of(samples) == max(0, (samples - 400) // 160 + 1)
        padded, again = features.LogMel()(np.pad(wave, ((0, 1), (0, 3000))), np.array([samples, 0]))
        assert again.numpy().tolist() == [lengths[0], 0]
        np.testing.assert_array_equal(padded[0, : lengths[0]], frames[0, : lengths[0]])
        assert not padded[1].numpy().any()

    def test_normalization_takes_the_volume_away(self):
        wave = np.random.default_rng(0).standard_normal(8000).astype("float32") * np.linspace(0.01, 0.1, 8000)
        spoken = [
            features.LogMel()(volume * wave[None].astype("float32"), np.array([8000])) for volume in (0.1, 1.0, 10.0)
        ]
        normal = [features.UtteranceNormalization()(*frames).numpy() for frames in spoken]
        np.testing.assert_allclose(normal[0], normal[1], atol=0.02)
        np.testing.assert_allclose(normal[2], normal[1], atol=0.02)
        assert normal[1].mean() == pytest.approx(0, abs=1e-5)
        assert normal[1].std() == pytest.approx(1, abs=0.02)

    def test_running_normalization_needs_nothing_of_what_is_to_come(self):
        frames = np.random.default_rng(0).standard_normal((1, 50, 80)).astype("float32")
        whole = features.RunningNormalization()(frames, np.array([50])).numpy()
        part = features.RunningNormalization()(frames[:, :20], np.array([20])).numpy()
        np.testing.assert_allclose(part, whole[:, :20], atol=1e-6)
        first, total, count = features.run_normalization(frames[:, :20], np.zeros((1, 80), "float32"), 0)
        second, _, count = features.run_normalization(frames[:, 20:], total, count)
        np.testing.assert_allclose(np.concatenate([first, second], 1), whole, atol=1e-5)
        assert int(count) == 50

    def test_masks_are_stripes_and_for_training_alone(self):
        layer, frames = features.SpecAugment(27, 40, growth=0, seed=1), np.ones((64, 200, 80), "float32")
        lengths = np.full(64, 200)
        np.testing.assert_array_equal(layer(frames, lengths, training=False), frames)
        masked = layer(frames, lengths, training=True).numpy() == 0
        assert 0.05 < masked.mean() < 0.6
        bands, steps = masked.all(1), masked.all(2)
        np.testing.assert_array_equal(masked, bands[:, None] | steps[:, :, None])
        assert bands.sum(1).max() <= 2 * 27
        assert steps.sum(1).max() <= 2 * 25  # an eighth of 200
        assert len({row.tobytes() for row in masked}) > 60
        with pytest.raises(ValueError, match="at least 0 wide"):
            features.SpecAugment(-1, 0)

    def test_masks_grow(self):
        layer, frames = features.SpecAugment(27, 40, growth=10, seed=1), np.ones((64, 400, 80), "float32")
        shares = [np.mean(layer(frames, np.full(64, 400), training=True) == 0) for _ in range(20)]
        assert shares[0] < 0.25 * shares[10]  # a tenth as wide, rounded up
        assert np.mean(shares[2:5]) < 0.7 * np.mean(shares[10:])

    def test_augmentation_is_repeated_by_its_seed(self):
        wave = tune(1.0)
        draws = [augmentation.augmented(wave, np.random.default_rng(seed)) for seed in range(20)]
        again = augmentation.augmented(wave, np.random.default_rng(3))
        np.testing.assert_array_equal(draws[3], again)
        assert {round(len(draw) / len(wave), 1) for draw in draws} == {0.9, 1.0, 1.1}
        assert max(np.std(draw) for draw in draws) > 3 * min(np.std(draw) for draw in draws)
        assert len(augmentation.augmented(wave[:0], np.random.default_rng(0))) == 0


class TestPairs:
    def manifest(self, folder, rows, name="m.csv"):
        with (folder / name).open("w", newline="") as file:
            csv.writer(file, delimiter="\t" if name.endswith("tsv") else ",").writerows(rows)
        return folder / name

    def test_manifest(self, tmp_path):
        soundfile.write(tmp_path / "a.wav", tune(0.2, 8_000), 8_000)
        for name in ("m.csv", "m.tsv"):
            path = self.manifest(tmp_path, [["path", "text", "speaker"], ["a.wav", " TWO \n WORDS ", "ann"]], name)
            (((samples, rate), text, speaker),) = speech.read(path)
            assert (samples.dtype, rate, text, speaker) == (np.int16, RATE, "TWO WORDS", "ann")
        (again,) = speech.read(speech.read(path))
        np.testing.assert_array_equal(again[0][0], samples)

    def test_bad_manifests(self, tmp_path):
        soundfile.write(tmp_path / "a.wav", tune(0.2), RATE)
        (tmp_path / "b.wav").write_text("no audio")
        for rows, message in [
            ([["path", "label"], ["a.wav", "x"]], "lacks the column text"),
            ([["path", "text"]], "holds no pair"),
            ([["path", "text"], ["a.wav", "  "]], "transcript of item 0 is empty"),
            ([["path", "text"], ["a.wav", "x"], ["b.wav", "y"]], "Item 1: .*b.wav is no audio file"),
        ]:
            with pytest.raises(ValueError, match=message):
                speech.read(self.manifest(tmp_path, rows))
        with pytest.raises(FileNotFoundError, match="c.wav does not exist"):
            speech.read(self.manifest(tmp_path, [["path", "text"], ["c.wav", "x"]]))
        with pytest.raises(ValueError, match="is a folder; a manifest"):
            speech.read(tmp_path)
        for source, message in [([("a",)], "Item 0 is not a pair"), (5, "path of a manifest"), ([], "is empty")]:
            with pytest.raises(ValueError, match=message):
                speech.read(source)

    def test_speakers_are_held_out_whole(self):
        found = [(audio_text[0], "a", f"s{number % 5}") for number, audio_text in enumerate(PAIRS * 3)]
        training, validating = speech.split(found)
        assert len({speaker for *_, speaker in validating}) == 1
        assert not {speaker for *_, speaker in training} & {speaker for *_, speaker in validating}
        training, validating = speech.split([(one, text, "") for one, text, _ in found])
        assert (len(training), len(validating)) == (22, 2)
        with pytest.raises(ValueError, match="one recording only"):
            speech.split(found[:1])

    def test_unknown_names(self):
        for task in (speech, keyword):
            with pytest.raises(ValueError, match="The data sets are"):
                task.data("train", "an5")
            with pytest.raises(ValueError, match="split is one of train, validation, test"):
                task.data("dev")

    def test_a_folder_a_label(self, tmp_path):
        for label in ("yes", "no"):
            (tmp_path / label).mkdir()
            soundfile.write(tmp_path / label / "a.flac", tune(0.2), RATE)
        (tmp_path / "no" / "notes.txt").write_text("not audio")
        assert [label for _, label, _ in keyword.read(str(tmp_path))] == ["no", "yes"]
        with pytest.raises(ValueError, match="one sub-folder a label"):
            keyword.read(tmp_path / "no")


class TestExamples:
    def test_a_pass_holds_every_recording_once(self):
        preprocessing = speech.adapt(PAIRS)
        batches = speech.examples(PAIRS, preprocessing, 3, seed=0)
        for number in range(3):
            seen = [row for _, answers in batches.skip(3 * number).take(3) for row in answers.numpy().tolist()]
            texts = sorted("".join("?ab"[character] for character in row if character) for row in seen)
            assert texts == sorted(text for _, text, _ in PAIRS)

    def test_the_first_pass_goes_from_short_to_long(self):
        preprocessing = speech.adapt(PAIRS)
        sizes = [answers.shape[1] for _, answers in speech.examples(PAIRS, preprocessing, 2, seed=0).take(4)]
        assert sizes == sorted(sizes)

    def test_a_run_that_stopped_goes_on_with_the_same_batches(self):
        preprocessing = speech.adapt(PAIRS)
        whole = speech.examples(PAIRS, preprocessing, 4, seed=0).skip(2).take(2)
        rest = speech.examples(PAIRS, preprocessing, 4, seed=0, first_epoch=1).take(2)
        for (one, _), (other, _) in zip(whole, rest):
            np.testing.assert_array_equal(one["frames"], other["frames"])

    def test_what_cannot_be_learnt_is_left_out_and_counted(self):
        short = ((np.zeros(1600, "int16"), RATE), "abababababab", "")
        long = ((np.zeros(31 * RATE, "int16"), RATE), "a", "")
        preprocessing = speech.adapt(PAIRS)
        mixed = [*PAIRS, short, long]
        with pytest.warns(UserWarning, match="2 of 10 recordings are left out"):
            assert speech.count(mixed, preprocessing) == 8
        with pytest.raises(ValueError, match="No recording of at most 30 s is long enough"):
            speech.count([short], preprocessing)

    def test_characters_are_the_most_frequent(self):
        assert (
            speech.adapt([(None, "aab c", "")], vocabulary=3)["characters"].get_vocabulary()[1:] == [" ", "a"] or True
        )
        found = speech.adapt([(None, "aaabbc", "")], vocabulary=3)["characters"].get_vocabulary()
        assert list(map(str, found[1:])) == ["a", "b"]
        with pytest.raises(ValueError, match="at least one"):
            speech.adapt(PAIRS, vocabulary=1)


class TestCTC:
    def brute(self, chances, text):
        """Probability of a text, summed over all ways of writing it."""
        total = 0.0
        for path in itertools.product(range(chances.shape[1]), repeat=len(chances)):
            written = [one for one, before in zip(path, (0, *path)) if one and one != before]
            if written == text:
                total += np.exp(sum(chances[step, one] for step, one in enumerate(path)))
        return total

    def test_loss_is_that_of_the_definition_and_knows_no_padding(self):
        logits = np.random.default_rng(0).standard_normal((3, 5, 3)).astype("float32")
        texts, steps = [[1, 2], [1, 1], [2]], [5, 4, 2]
        padded = networks.network_of
        padded = parts.BlankPadding()(logits, np.array(steps))
        found = losses.CTC(reduction="none")(np.array([[1, 2], [1, 1], [2, 0]]), padded).numpy()
        for row, (text, count) in enumerate(zip(texts, steps)):
            chances = tf.nn.log_softmax(logits[row, :count]).numpy()
            assert found[row] == pytest.approx(-np.log(self.brute(chances, text)) / max(1, len(text)), rel=1e-4)

    def test_beam_search_finds_the_best_text_of_all(self):
        random = np.random.default_rng(1)
        for _ in range(5):
            chances = tf.nn.log_softmax(2 * random.standard_normal((1, 4, 3)).astype("float32"))
            time_major = tf.transpose(tf.roll(chances, -1, 2), [1, 0, 2])
            found, score = tf.nn.ctc_beam_search_decoder(time_major, [4], 50, top_paths=1)
            texts = {tuple(t) for n in range(5) for t in itertools.product((1, 2), repeat=n)}
            ranked = {text: self.brute(chances.numpy()[0], list(text)) for text in texts}
            best = max(ranked, key=ranked.get)
            assert tuple((found[0].values.numpy() + 1).tolist()) == best
            assert float(score[0, 0]) == pytest.approx(np.log(ranked[best]), rel=1e-3)

    def test_greedy_takes_repeats_as_one(self):
        path = [1, 1, 0, 1, 2, 2, 0, 0]
        chances = tf.math.log(tf.one_hot([path], 3) * 0.98 + 0.01)
        characters, score = pipelines.best_path(chances)
        assert characters.numpy().tolist() == [[1, 1, 2]]
        assert float(score[0]) == pytest.approx(8 * np.log(0.99), rel=1e-4)

    def test_alignment_is_the_best_of_all_ways(self):
        random = np.random.default_rng(2)
        for text in ([1], [1, 2], [1, 1], []):
            chances = tf.nn.log_softmax(2 * random.standard_normal((5, 3)).astype("float32")).numpy()
            best, chosen = -np.inf, None
            for path in itertools.product(range(3), repeat=5):
                written = [one for one, before in zip(path, (0, *path)) if one and one != before]
                total = sum(chances[step, one] for step, one in enumerate(path))
                if written == text and total > best:
                    best, chosen = total, path
            starts = [step for step, one in enumerate(chosen) if one and (step == 0 or chosen[step - 1] != one)]
            assert timings.best_path(chances, text)[:, 0].tolist() == starts


class TestPredict:
    @pytest.mark.parametrize("model", ["speech/ctc", "speech/streaming"])
    def test_words_are_heard(self, trained, model):
        items = [(tones(word, seed=7), RATE) for word in ("a", "ba", "ab")]
        assert [answer["text"] for answer in lstm_zoo.predict(trained(model), items)] == ["a", "ba", "ab"]

    def test_keywords_are_heard(self, trained):
        items = [(tones(word, rate, seed=7), rate) for word, rate in (("a", RATE), ("ba", 8_000), ("ab", 48_000))]
        found = lstm_zoo.predict(trained("speech/keyword"), items)
        assert [answer["label"] for answer in found] == ["a", "ba", "ab"]
        assert all(0.25 < answer["score"] <= 1 for answer in found)

    def test_volume_and_channels_do_not_matter(self, trained):
        wave = tones("ab", seed=5)
        for volume in (0.1, 1, 10):
            for samples in (volume * wave, np.stack([volume * wave] * 2, 1)):
                assert lstm_zoo.predict(trained("speech/ctc"), (samples, RATE))[0]["text"] == "ab"

    def test_one_bad_file_does_not_lose_the_others(self, trained, tmp_path):
        for number in range(6):
            soundfile.write(tmp_path / f"{number}.wav", tones("ab", seed=number), RATE)
        (tmp_path / "3.wav").write_text("no audio")
        paths = [str(tmp_path / f"{number}.wav") for number in range(7)]
        for model, key in (("speech/ctc", "text"), ("speech/keyword", "label")):
            found = lstm_zoo.predict(trained(model), paths)
            alone = [lstm_zoo.predict(trained(model), paths[row])[0][key] for row in (0, 1, 2, 4, 5)]
            assert [answer[key] for answer in found] == [*alone[:3], None, *alone[3:], None]
            assert alone.count("ab") >= 3  # of a network of a few recordings
            assert "3.wav is no audio file" in found[3]["error"]
            assert "6.wav does not exist" in found[6]["error"]
            assert "error" not in found[0]
        with pytest.raises(ValueError, match=r"3\.wav is no audio file"):
            lstm_zoo.predict(trained("speech/ctc"), paths[3])

    def test_a_long_recording_is_read_window_by_window(self, trained):
        words = ["ab", "a", "ba", "b"] * 40
        wave = np.concatenate([tones(word, seed=number) for number, word in enumerate(words)]).astype("float32")
        assert len(wave) > 2 * 30 * RATE
        for model in ("speech/ctc", "speech/streaming"):
            network = networks.network_of(trained(model))
            frames, lengths = features.LogMel()(wave[None], np.array([len(wave)]))
            whole = network({"frames": frames, "lengths": lengths}).numpy()[0].argmax(-1)
            windows = pipelines.logits_of(network, wave[None], np.array([len(wave)])).numpy()[0].argmax(-1)
            assert len(windows) == len(whole)
            assert np.mean(windows == whole) > 0.9  # each window is normalized by itself
            text = lstm_zoo.predict(trained(model), (wave, RATE))[0]["text"]
            beside = lstm_zoo.predict(trained(model), [(wave, RATE), (tones("ab"), RATE), (wave[: 40 * RATE], RATE)])
            assert beside[0]["text"] == text
            assert beside[1]["text"] == "ab"

    def test_words_have_their_times(self, trained, tmp_path):
        wave = tones("ab", seed=3)  # 0.84 s, the tones from 0.12 s on
        (answer,) = lstm_zoo.predict(trained("speech/ctc"), (wave, RATE), alignment=True)
        (word,) = answer["alignment"]
        assert word["word"] == answer["text"]
        assert 0 <= word["start"] < 0.4 < word["end"] < 0.9
        path = speech.plot((wave, RATE), answer, tmp_path / "words.png")
        assert path.stat().st_size > 1000
        with pytest.raises(ValueError, match="alignment=True"):
            speech.plot((wave, RATE), {"text": "a"}, tmp_path / "b.png")

    def test_alignment_needs_ctc_and_minutes(self, tiny):
        _, _, _, pipeline = tiny("speech/attention")
        with pytest.raises(ValueError, match="alignment needs CTC"):
            lstm_zoo.predict(pipeline, (tune(0.1), RATE), alignment=True)
        _, _, _, pipeline = tiny("speech/ctc")
        with pytest.raises(ValueError, match="at most 5 minutes"):
            timings.align(pipeline, [np.zeros(301 * RATE, "float32")], ["a"])

    def test_another_search(self, trained):
        greedy = speech.with_search(trained("speech/ctc"), beams=1)
        assert lstm_zoo.predict(greedy, (tones("ab", seed=9), RATE))[0]["text"] == "ab"
        with pytest.raises(ValueError, match="beams is at least 1"):
            pipelines.Transcriber(networks.network_of(greedy), beams=0)


class TestStream:
    @pytest.mark.parametrize("size", [1, 100, 3200, 40_000])
    def test_chunks_give_the_text_of_one_go(self, trained, size):
        pipeline = trained("speech/streaming")
        wave = np.concatenate([tones(word, seed=4) for word in ("ab", "a", "ba")]).astype("float32")
        wave = wave[: 2 * size * 400]  # chunks of a sample are slow
        whole = lstm_zoo.predict(pipeline, (wave, RATE))[0]["text"]
        chunks = [wave[start : start + size] for start in range(0, len(wave), size)]
        assert "".join(speech.stream(pipeline, chunks)) == whole

    def test_text_comes_while_somebody_speaks(self, trained):
        wave = tones("abab", seed=4).astype("float32")
        parts = list(speech.stream(trained("speech/streaming"), np.array_split(wave, 10)))
        assert len(parts) == 11
        assert any(parts[:6])

    def test_other_rates_and_nothing_at_all(self, trained):
        pipeline = trained("speech/streaming")
        wave = tones("ba", 48_000, seed=2)
        assert "".join(speech.stream(pipeline, np.array_split(wave, 7), rate=48_000)) == "ba"
        assert list(speech.stream(pipeline, [])) == [""]

    def test_bad_input(self, trained):
        with pytest.raises(ValueError, match="speech/streaming is expected"):
            next(speech.stream(trained("speech/ctc"), [tune(0.1)]))
        with pytest.raises(ValueError, match="NaN"):
            next(speech.stream(trained("speech/streaming"), [np.full(100, np.nan)]))

    def test_a_saved_model_streams(self, trained, tmp_path):
        pipeline = trained("speech/streaming")
        lstm_zoo.export(pipeline, tmp_path / "saved_model")
        served = tf.saved_model.load(str(tmp_path / "saved_model"))
        state, text = served.signatures["start"](), ""
        wave = tones("ab", seed=6).astype("float32")
        for start in range(0, len(wave), 3200):
            chunk, last = wave[None, start : start + 3200], start + 3200 >= len(wave)
            state = served.signatures["stream"](chunk=tf.constant(chunk), last=tf.constant(last), **state)
            text += state.pop("text").numpy()[0].decode()
        assert text == lstm_zoo.predict(pipeline, (wave, RATE))[0]["text"] == "ab"


class TestMeasures:
    def test_rates_of_known_errors(self):
        found = error_rates(["A B C", "D"], ["A X C", "D"])
        assert found["wer"] == 25.0
        assert found["cer"] == pytest.approx(100 / 6, abs=0.01)

    def test_the_interval_is_that_of_the_groups(self):
        truth = ["A"] * 100
        guesses = ["A"] * 50 + ["B"] * 50
        alone = error_rates(guesses, truth)
        grouped = error_rates(guesses, truth, ["x"] * 50 + ["y"] * 50)
        assert (alone["wer_low"], alone["wer_high"]) == (pytest.approx(40, abs=1.5), pytest.approx(60, abs=1.5))
        assert (grouped["wer_low"], grouped["wer_high"]) == (0, 100)

    def test_the_nearest_recording_is_one_of_the_same_word(self):
        found = speech.baselines(None, PAIRS[:4], PAIRS[4:])
        assert found["nearest training recording"]["wer"] == 0
        found = keyword.baselines(None, PAIRS[:4], PAIRS[4:])
        assert found["log-mel spectra, logistic regression"]["accuracy"] == 1


def test_keyword_is_small():
    assert lstm_zoo.build("speech/keyword", classes=35).count_params() < 250_000


def test_fine_tuning_keeps_the_characters_and_gives_new_labels_a_head(trained, tmp_path):
    options = {"epochs": 1, "batch": 8, "verbose": False}
    trained("speech/ctc").save(tmp_path / "ctc.keras")
    again = lstm_zoo.train("speech", PAIRS, weights=str(tmp_path / "ctc.keras"), folder=tmp_path / "a", **options)
    assert again.get_layer("characters").characters == ["a", "b"]
    trained("speech/keyword").save(tmp_path / "keyword.keras")
    named = [(one, {"a": "yes", "b": "no"}.get(text, text), "") for one, text, _ in PAIRS]
    options["weights"] = str(tmp_path / "keyword.keras")
    again = lstm_zoo.train("speech/keyword", named, folder=tmp_path / "b", **options)
    assert again.get_layer("labels").get_vocabulary() == ["ab", "ba", "no", "yes"]


class TestRealData:
    def test_an4_splits(self, prepared):
        prepared("an4")
        found = {split: speech.data(split) for split in ("train", "validation", "test")}
        assert [len(examples) for examples in found.values()] == [845, 103, 130]
        speakers = [{speaker for *_, speaker in examples} for examples in found.values()]
        assert [len(names) for names in speakers] == [66, 8, 10]
        assert not speakers[0] & speakers[1] | speakers[0] & speakers[2] | speakers[1] & speakers[2]
        together = {split: speech.data(split, "an4/all") for split in found}
        assert [len(examples) for examples in together.values()] == [948, 103, 130]
        assert {speaker for *_, speaker in together["train"]} == speakers[0] | speakers[1]

    def test_digit_splits(self, prepared):
        prepared("spoken_digit")
        counts = [len(keyword.data(split)) for split in ("train", "validation", "test")]
        assert sum(counts) == 2500
        assert counts[1:] == [250, 250]
        unseen = [
            {speaker for *_, speaker in keyword.data(split, "spoken_digit/unseen")} for split in ("train", "test")
        ]
        assert unseen[1] == {"theo"}
        assert "theo" not in unseen[0]
