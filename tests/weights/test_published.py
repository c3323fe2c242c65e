"""weights/*.keras: every published file is what its row says, and answers as well as its row says."""

import json
import re

import jiwer
import numpy as np
import pooch
import pytest

import lstm_zoo
from lstm_zoo import networks, registry
from lstm_zoo.datasets import debian
from lstm_zoo.training.preparing import accepted_kwargs
from lstm_zoo.weights import catalog, places

# Whose answers anybody can check.
REVIEWS = {
    "One of the best films I have seen in years: wonderful acting, clever script, a moving end.": "positive",
    "A complete waste of time. The plot makes no sense, the dialogue is awful, and I nearly fell asleep.": "negative",
    "I did not expect to like it, but it is a funny, warm and beautiful little movie. Highly recommended.": "positive",
    "The worst sequel ever made; boring, badly edited, and an insult to the original. Avoid it.": "negative",
}
# Data -> a sentence, and words that its translation holds.
SENTENCES = {
    "general/de-en": ("Mein Name ist Katharina Wagner.", {"name", "Katharina", "Wagner"}),
    "general/en-de": ("My name is Katharina Wagner.", {"Name", "Katharina", "Wagner"}),
    "multi30k/de-en": ("Zwei Kinder spielen im Schnee.", {"Two", "children", "snow"}),
    "multi30k/en-de": ("A man is playing the guitar.", {"Mann", "spielt", "Gitarre"}),
}
COMMON = " the and to of i a my you that in is not with be for your his it this but have as he me what so "
# A review may end early.
PROMPTS = ["ROMEO:", "I have seen", "The best of", "What a", "It was", "JULIET:", "They are", "He says", "We", "There"]


@pytest.fixture(scope="module", params=catalog.rows(), ids=lambda row: row["name"])
def row(request):
    """A row of weights.json."""
    return request.param


@pytest.fixture(scope="module")
def pipeline(row):
    """Its pipeline, loaded once for all its tests."""
    return lstm_zoo.load(row["name"])


def check_prepared(prepared, data):
    """Skip unless all is prepared that the data set of a row is made of."""
    kind, _, pair = data.partition("/")
    parts = [f"multi30k/{pair}", *(f"debian/{kind}" for kind in debian.KINDS)]
    for name in parts if kind == "general" else [data.removesuffix("/unseen").removesuffix("/all")]:
        prepared(name)


def test_what_its_numbers_mean_is_known_of_files_of_any_age(pipeline):
    _, record = registry.records_of(pipeline)
    assert json.loads(json.dumps(record.metadata(pipeline), allow_nan=False))


def test_file_is_what_the_row_says(row, pipeline):
    path = places.CHECKOUT / row["file"]
    assert pooch.file_hash(str(path)) == row["sha256"]
    assert path.stat().st_size == row["bytes"] < 40e6
    assert pipeline.count_params() == row["parameters"]


def test_its_hyperparameters_build_its_network(row, pipeline):
    own = accepted_kwargs(registry.get_network(row["network"]).build, row["hyperparameters"])
    network, built = networks.network_of(pipeline), lstm_zoo.build(row["network"], **own)
    assert [weight.shape for weight in built.weights] == [weight.shape for weight in network.weights]
    assert rates(built) == rates(network)


def rates(network):
    """Rates of dropout of all layers, in their order."""
    layers = network._flatten_layers()
    return [
        (key, config[key])
        for layer in layers
        for config in [layer.get_config()]
        for key in networks.RATES
        if key in config
    ]


def test_answers_that_a_person_can_check(row, pipeline, prepared):
    if row["network"].startswith("sentiment/"):
        answers = lstm_zoo.predict(pipeline, list(REVIEWS))
        assert [answer["label"] for answer in answers] == list(REVIEWS.values())
        return
    if row["network"].startswith("translation/"):
        sentence, words = SENTENCES[row["data"]]
        answer = lstm_zoo.predict(pipeline, sentence)[0]["text"]
        assert words <= set(answer.rstrip(".").split()), answer
        return
    if row["network"].startswith("speech/"):
        check_prepared(prepared, row["data"])
        examples = registry.get_task(row["network"]).data("validation", row["data"])[:20]
        answers = lstm_zoo.predict(pipeline, [recording for recording, *_ in examples])
        if row["network"] == "speech/keyword":
            labels = [answer["label"] for answer in answers]
            assert sum(label == reference for label, (_, reference, _) in zip(labels, examples)) >= 16, labels
        else:
            heard = " ".join(answer["text"] for answer in answers)
            assert jiwer.wer(" ".join(reference for _, reference, _ in examples), heard) < 0.3, heard
        return
    if row["network"].startswith("text_generation/"):
        answers = lstm_zoo.predict(pipeline, PROMPTS, max_new_tokens=160, temperature=0.5)
        text = " ".join(answer["text"] for answer in answers)
        words = re.findall("[a-z]+", text.lower())
        assert len(words) > 200, text
        assert sum(f" {word} " in COMMON for word in words) > 0.25 * len(words), text
        return
    # The seasons of a series that it never saw go on: nearer to them than the last value, or their mean, is.
    season = row["hyperparameters"]["seasons"][0]
    wave = 50 + 10 * np.sin(np.arange(2000) * 2 * np.pi / season)
    median = lstm_zoo.predict(pipeline, wave[:1200])[0, :, 5]
    future = wave[1200 : 1200 + len(median)]
    errors = [np.abs(forecast - future).mean() for forecast in (median, wave[1199], wave[:1200].mean())]
    assert errors[0] < min(errors[1:])


def test_validation_score_is_measured_again(row, pipeline, prepared):
    check_prepared(prepared, row["data"])
    task, _ = registry.records_of(pipeline)
    examples = task.read(task.data("validation", row["data"]))
    # Two reviews, a digit, a word in %, a word of a sentence in BLEU, or the last of the four digits of a row.
    share = 1 / len(examples)
    keyword = row["network"] == "speech/keyword"
    tolerances = {
        "sentiment": 2 * share,
        "speech": 1.01 * share if keyword else 0.17,
        "translation": 0.05,
        "forecasting": 2e-4,
        "text_generation": 2e-4,
    }
    tolerance = tolerances[row["network"].partition("/")[0]]
    assert task.score(pipeline, examples) == pytest.approx(row["metrics"]["validation"], abs=tolerance)


def test_all_files_together_stay_small():
    assert sum(path.stat().st_size for path in places.CHECKOUT.iterdir()) < 200e6
