"""benchmarks.strangers speech: recordings are disturbed as its page says, and what is told of answers is true."""

import doctest
import itertools
import json
import pathlib
import sys
import types

import numpy as np
import pytest
import soundfile
import tiny
from tiny.speech import tones

import lstm_zoo
from lstm_zoo import registry
from lstm_zoo.datasets import Dataset
from lstm_zoo.tasks import speech
from lstm_zoo.tasks.speech.audio import RATE, recording
from lstm_zoo.weights import catalog, checks

ROOT = pathlib.Path(__file__).parents[2]
KEYWORDS = registry.get_task("speech/keyword")
DIGITS = [str(digit) for digit in range(10)]
SYNTHETIC = "read by espeak-ng"


@pytest.fixture
def strangers(monkeypatch):
    monkeypatch.syspath_prepend(ROOT)
    from benchmarks.strangers import __main__, disturbances, hearing, recordings, sounds, voices

    modules = {"disturbances": disturbances, "hearing": hearing, "recordings": recordings, "sounds": sounds}
    yield types.SimpleNamespace(main=__main__.main, voices=voices, **modules)
    for function in itertools.chain.from_iterable(vars(module).values() for module in (hearing, sounds, voices)):
        if hasattr(function, "cache_clear"):
            function.cache_clear()


@pytest.fixture
def small(strangers, monkeypatch):
    """Data sets and voices of tones, which are there in every installation."""
    words = [
        (heard, said, f"speaker {place % 4}") for place, (heard, said, _) in enumerate(tiny.TINY["speech"]["examples"])
    ]
    digits = [((tones("ab"[int(digit) % 2], seed=int(digit)), RATE), digit, "anna") for digit in DIGITS]
    for datasets, name, examples in ((speech.DATASETS, "an4", words), (KEYWORDS.datasets, "spoken_digit", digits)):
        monkeypatch.setitem(
            datasets, name, Dataset(load=lambda split, examples=examples: examples, license="", limits="")
        )

    def read_aloud(program, voice, text, speed=1.0):
        return tones("ab", round(RATE * speed), seed=len(voice)), RATE

    monkeypatch.setattr(strangers.sounds, "read_aloud", read_aloud)
    monkeypatch.setattr(strangers.voices, "missing", list)
    monkeypatch.setattr(strangers.voices, "version", lambda program: "0.0")
    monkeypatch.setattr(strangers.disturbances, "VOICES", 3)


class TestDisturbances:
    """What is done to recordings."""

    def changed(self, strangers, name, samples):
        others = [tones("ba", seed=seed).astype("float32") for seed in range(7)]
        return strangers.disturbances.DISTURBANCES[name](samples, np.random.default_rng(0), others)

    @pytest.mark.parametrize(("name", "decibels"), [("babble at 10 dB", 10), ("white noise at 20 dB", 20)])
    def test_noise_is_as_far_below_as_it_is_called(self, strangers, name, decibels):
        samples = tones("ab").astype("float32")
        changed, rate = self.changed(strangers, name, samples)
        power = np.mean(np.square(samples)) / np.mean(np.square(changed - samples))
        assert (10 * np.log10(power), rate) == (pytest.approx(decibels, abs=0.01), RATE)
        assert np.array_equal(changed, self.changed(strangers, name, samples)[0])

    @pytest.mark.parametrize("name", ["8 kHz", "G.711 and MP3"])
    def test_telephones_have_no_sound_above_4_khz(self, strangers, name):
        samples = np.random.default_rng(0).normal(0, 0.1, RATE).astype("float32")
        heard = recording(self.changed(strangers, name, samples))
        power = np.square(np.abs(np.fft.rfft(heard)))
        edge = len(power) * 4_200 // 8_000
        assert power[edge:].mean() < 1e-4 * power[:edge].mean()
        assert RATE <= len(heard) < 1.2 * RATE  # an MP3 file has whole frames

    def test_a_sound_in_the_room_dies_away_as_fast_as_its_page_says(self, strangers):
        response = strangers.disturbances.impulse_response()
        left = 10 * np.log10(np.cumsum(np.square(response[::-1]))[::-1] / np.sum(np.square(response)))
        fallen = [int(np.argmax(left < level)) / RATE for level in (-5, -25)]
        assert 3 * (fallen[1] - fallen[0]) == pytest.approx(strangers.disturbances.REVERBERATION, rel=0.25)
        assert np.argmax(np.abs(response)) == 0


class TestVoices:
    """What reads aloud."""

    def test_letters_have_names_and_words_are_words(self, strangers):
        assert doctest.testmod(strangers.voices).failed == 0
        assert strangers.voices.wording("espeak-ng", "ERASE A I TWO") == "erase [['eI]] I two"

    def test_programs_get_the_voice_the_speed_and_the_text(self, strangers, monkeypatch, tmp_path):
        soundfile.write(tmp_path / "tone.wav", tones("ab"), RATE)
        for program in strangers.voices.VOICES:
            copy = f'case $1 in -w|-o) cp {tmp_path}/tone.wav "$2";; esac'
            script = f'#!/bin/sh\necho "$*" > {tmp_path}/{program}.txt\nwhile [ $# -gt 0 ]; do {copy}; shift; done\n'
            (tmp_path / program).write_text(script)
            (tmp_path / program).chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
        for program, words in {
            "espeak-ng": "-v en-us -s 140 -w",
            "flite": "-voice slt --setf duration_stretch=1.250",
        }.items():
            voice = words.split()[1]
            samples, rate = strangers.voices.read_aloud(program, voice, "GO A", speed=0.8)
            assert (len(samples), rate) == (len(tones("ab")), RATE)
            told = (tmp_path / f"{program}.txt").read_text()
            assert told.startswith(words)
            assert strangers.voices.wording(program, "GO A") in told
        monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
        assert strangers.voices.missing() == ["espeak-ng", "flite"]

    def test_real_ones_say_the_same_again_and_each_its_own(self, strangers):
        if lacking := strangers.voices.missing():
            pytest.skip(f"{', '.join(lacking)} is not installed: {strangers.voices.INSTALLED_BY}")
        for program, names in strangers.voices.VOICES.items():
            said = [strangers.voices.read_aloud(program, name, "A SEVEN")[0] for name in names]
            strangers.voices.read_aloud.cache_clear()
            again = [strangers.voices.read_aloud(program, name, "A SEVEN")[0] for name in names]
            assert all(map(np.array_equal, said, again))
            assert not any(np.array_equal(*pair) for pair in itertools.combinations(said, 2))


def test_it_says_where_predict_warns(strangers, monkeypatch):
    random = np.random.default_rng(0)
    wide = [((random.normal(0, 3000, RATE).astype("int16"), RATE), "a", "anna")]
    monkeypatch.setattr(strangers.hearing.archive, "profile_of", lambda pipeline: speech.TASK.profile(None, wide, []))
    narrow = strangers.disturbances.narrow(wide[0][0][0] / np.float32(32768))
    for heard, expected in ((wide, "no"), (speech.TASK.read([(narrow, "a")]), "yes")):
        assert strangers.hearing.warned(tiny.pipeline_for("speech/ctc"), heard) == expected


class TestShares:
    """What is told of the answers of keyword spotters."""

    def test_a_low_score_rejects_where_nothing_else_can(self, strangers):
        digits = [(None, "1", "anna"), (None, "2", "anna"), (None, "3", "otto")]
        given = [{"label": "1", "score": 0.9}, {"label": "1", "score": 0.6}, {"label": "3", "score": 0.5}]
        found = strangers.hearing.shares(digits, given, DIGITS)
        assert found == {"accuracy": 0.6667, "worst voice's accuracy": 0.5, "kept": 0.6667}
        others = [(None, strangers.sounds.NO_DIGIT, "")] * 3
        assert strangers.hearing.shares(others, given, DIGITS) == {"rejected": 0.3333}

    def test_a_label_of_its_own_rejects_alone(self, strangers):
        given = [{"label": "1", "score": 0.4}, {"label": "[none]", "score": 0.9}, {"label": None, "score": None}]
        others = [(None, strangers.sounds.NO_DIGIT, "")] * 3
        assert strangers.hearing.shares(others, given, [*DIGITS, "[none]"]) == {"rejected": 0.6667}


class TestSounds:
    """What is played."""

    def test_words_without_digits_have_none(self, strangers, monkeypatch):
        texts = ("a ONE", "b", "OH", "NINETEEN b", "TEN ONLY")
        examples = [((tones("ab", seed=seed), RATE), text, text) for seed, text in enumerate(texts)]
        data = Dataset(load=lambda split: examples, license="", limits="")
        monkeypatch.setitem(speech.DATASETS, "an4", data)
        found = strangers.sounds.spotted("AN4 without digits", "spoken_digit", None)
        assert {speaker for *_, speaker in found} == {"b", "TEN ONLY"}
        assert {label for _, label, _ in found} == {strangers.sounds.NO_DIGIT}

    def test_silence_is_exact_and_noise_as_loud_as_is_said(self, strangers):
        levels = {
            round(20 * np.log10(np.sqrt(np.mean(np.square(noise))) + 1e-10)) for noise in strangers.sounds.noises()
        }
        assert levels == {-200, -50, -20}

    def test_other_words_are_no_digits(self, strangers):
        assert not {*strangers.sounds.OTHER_WORDS} & {*strangers.sounds.DIGITS}


class TestCommand:
    """Rows, pages, and what goes into the rows of published files."""

    @pytest.fixture
    def run(self, strangers, small, monkeypatch, tmp_path):
        def called(*words):
            output = tmp_path / "result.json"
            words = ["speech", "--output", output, "--folder", tmp_path / "runs", *words]
            monkeypatch.setattr(sys, "argv", ["strangers", *map(str, words)])
            strangers.main()
            return json.loads(output.read_text(encoding="utf-8"))

        return called

    def test_a_transcriber_is_heard_with_its_words_and_without(self, strangers, run, monkeypatch, tmp_path):
        path = str(tmp_path / "streaming.keras")
        lstm_zoo.save(speech.with_lexicon(tiny.pipeline_for("speech/streaming"), ["a", "ab"]), path)
        result = run("--models", path, "--recordings", f"as they are,babble at 10 dB,{SYNTHETIC}", "--limit", 4)
        assert [(row["words"], row.get("recordings")) for row in result["table"]] == [
            (words, recordings)
            for words in ("its lexicon", "spelled openly")
            for recordings in ("as they are", "babble at 10 dB", SYNTHETIC, None)
        ]
        for row in result["table"]:
            if "recordings" in row:
                assert row["worst voice's WER"] >= row["WER"] >= 0
                assert row["warned"] == "no"  # the file has no profile
                assert row["WER of the baseline"] == 0 or row["recordings"] != "as they are"  # it learnt these
            else:
                assert row["texts that differ"] == 0
                assert min(row["seconds for a second, at once"], row["seconds for a second, streamed"]) > 0
        clean, babble, *_ = result["table"]
        assert babble["times clean"] == pytest.approx(babble["WER"] / clean["WER"], abs=0.01)

        then = run("--models", path, "--recordings", "room", "--limit", 4)
        assert [row.get("recordings") for row in then["table"][:4]] == [
            "as they are",
            "room",
            "babble at 10 dB",
            SYNTHETIC,
        ]
        assert [row for row in then["table"] if row.get("recordings") != "room"] == result["table"]
        monkeypatch.setattr(catalog, "rows", lambda: [{"name": path, "network": "speech/streaming"}])
        assert strangers.recordings.published() == [path]
        told = strangers.recordings.out_of_domain(then["table"])
        assert checks.is_out_of_domain(told[path])
        assert list(told[path]) == ["room", "babble at 10 dB", SYNTHETIC]
        assert told[path]["room"]["metrics"] == {"wer": then["table"][1]["WER"]}
        from scripts import results

        page = results.result_page(then)
        assert page.count(f"| {path} | its lexicon | room | no |") == 1
        assert page.count("| texts that differ |") == 1

    def test_a_keyword_spotter_keeps_digits_and_rejects_the_rest(self, strangers, run, tmp_path):
        path, examples = str(tmp_path / "digits.keras"), KEYWORDS.read(KEYWORDS.data("train", "spoken_digit"))
        preprocessing = KEYWORDS.adapt(examples)
        sizes = {**tiny.sizes_of("speech/keyword"), **KEYWORDS.data_hyperparameters(preprocessing)}
        network = lstm_zoo.build("speech/keyword", **sizes)
        lstm_zoo.save(registry.get_network("speech/keyword").pipeline(network, preprocessing), path)
        names = ["as they are", "digits read by flite", "other words read by flite", "silence and noise"]
        table = run("--models", path, "--recordings", ",".join(names), "--limit", 4)["table"]
        assert [row["recordings"] for row in table] == names
        for row in table[:2]:
            assert row["accuracy"] >= row["worst voice's accuracy"] >= 0
            assert "rejected" not in row
        assert [row["rejected"] for row in table[2:]] == [1.0, 1.0]  # it has learnt nothing: every score is low
        assert table[0]["accuracy of the baseline"] == 1.0  # it learnt these
        assert {*strangers.recordings.out_of_domain(table)[path]} == {*names[1:]}

    @pytest.mark.parametrize(
        ("words", "message"),
        [
            (["--recordings", "room,cellar"], "silence and noise. Received: cellar"),
            (["--limit", "0"], "--limit is at least 1. Received: 0"),
            (["--limit", "2", "--output", ROOT / "benchmarks" / "results" / "strangers_speech.json"], "for a trial"),
            (["--models", "speech-ctc-an5"], "--models: Unknown weights"),
        ],
    )
    def test_odd_options_are_refused(self, run, words, message, capsys):
        with pytest.raises(SystemExit):
            run(*words)
        assert message in capsys.readouterr().err

    def test_who_lacks_the_voices_is_told_how_to_get_them(self, strangers, run, monkeypatch, capsys):
        monkeypatch.setattr(strangers.voices, "missing", lambda: ["flite"])
        with pytest.raises(SystemExit):
            run("--recordings", f"room,{SYNTHETIC},read by flite")
        told = capsys.readouterr().err
        assert "flite is not installed: `apt-get install espeak-ng flite`" in told
        assert "something else than: read by flite\n" in told

    def test_other_pipelines_are_refused(self, strangers, monkeypatch):
        for model, message in (("sentiment/bilstm", "of speech is expected"), ("speech/keyword", "digits 0 to 9")):
            monkeypatch.setattr(
                strangers.recordings.lstm_zoo, "load", lambda name, model=model: tiny.pipeline_for(model)
            )
            with pytest.raises(ValueError, match=message):
                strangers.recordings.opened("own.keras")
