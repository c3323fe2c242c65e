"""cards/markdown.py: the page of a card, whatever is in it."""

import html.parser

import pytest

import lstm_zoo
from lstm_zoo.cards.markdown import _table, page

HOSTILE = [
    "a|b",
    "a\nb",
    "a`b",
    "`",
    "``",
    "",
    " ",
    "<script>alert(1)</script>",
    "`<b>`",
    "[/red]",
    "a\rb\u2028c",
    "👍🏽",
]


@pytest.fixture(scope="session")
def known(trained_once):
    """The card of a run."""
    return lstm_zoo.info(trained_once[1] / "pipeline.keras")


def row_of(text, name):
    """The row of a table that begins with a cell."""
    [line] = [line for line in text.splitlines() if line.startswith(f"| {name} |")]
    return line


def html_of(text):
    """What rich's parser, which follows CommonMark with tables, makes of a page."""
    markdown_it = pytest.importorskip("markdown_it")
    return markdown_it.MarkdownIt("commonmark").enable("table").render(text)


class Reader(html.parser.HTMLParser):
    """Tags of a page, and the texts of its codes."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.codes = [], []
        self.feed(html_of(text))

    def handle_starttag(self, tag, _):
        self.tags.append(tag)
        self.codes += [""] if tag == "code" else []

    def handle_data(self, data):
        if self.tags[-1] == "code":
            self.codes[-1] += data

    def handle_endtag(self, tag):
        self.tags.append(f"/{tag}")


class TestSections:
    """What a page tells."""

    def test_all(self, known):
        text = page(
            {**known, "languages": ["de"], "license": "MIT"}, "runs/mine.keras", "curves.png", "reliability.png"
        )
        titles = [line for line in text.splitlines() if line.startswith("#")]
        assert titles == [
            "# pipeline.keras",
            *(f"## {name}" for name in ("Use", "Scores", "Calibration", "Training", "Network", "Limits", "File")),
        ]
        for part in (
            "`sentiment/bilstm` of lstm_zoo, LSTMs that just work, in Keras.",
            "What it answers: which label a text deserves.",
            "Languages: de. Licence: MIT.",
            'lstm_zoo.load("runs/mine.keras")',
            'lstm_zoo.predict(pipeline, "your text here")',
            "Data: the user's own examples (36 for training, 4 for validation).",
            "```text\nlstm_zoo.train('sentiment/bilstm', data, ",
            "\n\nSeed 0.\n\n",
            "![Learning curves](curves.png)",
            "![Reliability on validation](reliability.png)",
            "| **all** |  | ",
            "On other data it is worse than its score",
            f"SHA-256: `{known['sha256']}`.",
            f"lstm-zoo {lstm_zoo.__version__}",
        ):
            assert part in text
        assert text.endswith(".\n")
        assert "None" not in text

    def test_the_code_runs(self, known, trained_once):
        text = page(known, str(trained_once[1] / "pipeline.keras"))
        code = text.partition("```python\n")[2].partition("```")[0]
        assert len(code.splitlines()) == 4  # one of them is empty
        names = {}
        exec(code, names)
        assert names["pipeline"].name == "sentiment-bilstm"

    def test_the_address_is_quoted(self, known):
        for address in ('runs/"quoted"/pipeline.keras', "C:\\runs\\new.keras", "Läufe/pipeline.keras"):
            code = page(known, address).partition("```python\n")[2].partition("```")[0]
            assert compile(code, "card", "exec").co_consts.count(address) == 1

    def test_of_what_little_is_known(self, known):
        nothing = dict.fromkeys(known) | {"name": "mine.keras", "network": "sentiment/bilstm", "parameters": 10}
        text = page(nothing, "mine.keras")
        assert [line for line in text.splitlines() if line.startswith("#")] == [
            "# mine.keras",
            "## Use",
            "## Network",
            "## Limits",
        ]
        assert "None" not in text

    def test_what_it_began_as(self, known):
        oldest = {"name": "speech-ctc-an4", "data": "an4", "data_license": "AN4, free"}
        begun = {"name": "pipeline.keras", "data": "calls.csv", "begun_from": oldest}
        text = page({**known, "begun_from": begun}, "mine.keras")
        chain = (
            "It began as pipeline.keras, trained on calls.csv; that began as speech-ctc-an4, trained on an4, AN4, free."
        )
        assert f"{chain}\n\n" in text
        assert "It began as old.keras.\n" in page({**known, "begun_from": {"name": "old.keras"}}, "mine.keras")


class TestScores:
    """Metrics and baselines side by side."""

    def test_a_baseline_lacks_a_metric(self, known):
        metrics = {"validation": {"a": 0.5}, "test": {"a": 12.3456, "b": 1e-3}}
        text = page({**known, "metrics": metrics, "baselines": {"x": {"a": 7}}}, "mine.keras")
        assert row_of(text, "a") == "| a | 0.5000 | 12.35 | 7 |"
        assert row_of(text, "b") == "| b |  | 0.0010 |  |"

    def test_not_a_number(self, known):
        assert row_of(page({**known, "metrics": {"validation": {"mase": float("nan")}}}, "x.keras"), "mase")

    def test_of_hyperparameters(self, known):
        values = {"dropout": 0.5, "epsilon": 1e-6, "units": (64, 1024), "cell": "a|b", "calendar": True, "size": 30000}
        text = page({**known, "hyperparameters": {**values, "bound": None, "names": []}}, "mine.keras")
        shown = ["0.5", "1e-06", "`64`, `1024`", "`a\\|b`", "True", "30,000", "none", "none"]
        for name, cell in zip([*values, "bound", "names"], shown):
            assert row_of(text, f"`{name}`") == f"| `{name}` | {cell} |"


class TestOutOfDomain:
    """Scores on other kinds of examples."""

    def test_side_by_side(self, known):
        told = {
            "tweets": {"metrics": {"a": 0.5, "b": 7}, "baselines": {"x": {"a": 0.25}}},
            "mails|<b>": {"metrics": {"a": None}, "baselines": {"y": {"a": 0.75}}},
        }
        text = page({**known, "out_of_domain": told}, "mine.keras").partition("## Outside of its data\n\n")[2]
        assert text.splitlines()[0] == "| examples | metric | score | x | y |"
        assert "| tweets | a | 0.5000 | 0.2500 |  |\n| tweets | b | 7 |  |  |" in text
        assert "| mails\\|\\<b> | a |  |  | 0.7500 |" in text

    def test_nothing(self, known):
        for told in (None, {}):
            assert "## Outside" not in page({**known, "out_of_domain": told}, "mine.keras")


class TestCalibration:
    """How often labels hold, by their probability."""

    def test_without_a_picture(self, known):
        told = {"counts": [0, 1200], "confidence": [None, 0.9], "accuracy": [None, 0.75]}
        text = page({**known, "reliability": told}, "mine.keras").partition("## Calibration\n\n")[2]
        assert text.splitlines()[0] == "| probability | count | mean probability | share that holds |"
        assert text.splitlines()[2] == "| from 0.50 | 1,200 | 0.9000 | 0.7500 |"
        assert not text.splitlines()[3]

    def test_nothing(self, known):
        assert "## Calibration" not in page({**known, "reliability": None}, "mine.keras", None, "reliability.png")


class TestHostile:
    """Texts of users, which are no markup."""

    @pytest.mark.parametrize("label", HOSTILE)
    def test_labels(self, known, label):
        clean = Reader(page(known, "mine.keras"))
        found = Reader(page({**known, "labels": [label, "other"]}, "mine.keras"))
        assert found.tags == clean.tags
        [*_, told] = [code for code, old in zip(found.codes, clean.codes) if old == "negative"]
        assert told.split() == label.split()

    @pytest.mark.parametrize("field", ["name", "data", "data_license", "license", "limits", "command"])
    def test_fields(self, known, field):
        clean = Reader(page({**known, field: "plain"}, "mine.keras"))
        for text in ("<script>alert(1)</script>", "[a](javascript:alert)", "```\n<b>", "`<i>`"):
            assert Reader(page({**known, field: text}, "mine.keras")).tags == clean.tags

    def test_names_of_scores(self, known):
        metrics = {"test": {"a|<b>": 0.5}}
        text = page({**known, "metrics": metrics, "baselines": {"c|<i>": {"a|<b>": 0.25}}}, "mine.keras")
        assert "| a\\|\\<b> | 0.5000 | 0.2500 |" in text
        assert "b" not in Reader(text).tags

    def test_a_thousand_labels(self, known):
        text = page({**known, "labels": [f"label {number}" for number in range(1000)]}, "mine.keras")
        assert "`label 19`, ... (1,000) |" in text
        assert "label 20" not in text


def test_table():
    assert _table(["a", "b|"], [["x", 1], ["y\nz", 1000]]) == "| a | b\\| |\n| :-- | --: |\n| x | 1 |\n| y z | 1,000 |"
