"""What the conformance tests know of sentiment."""

import csv

TINY = {
    "examples": [
        ("A good film!", "positive"),
        ("bad, so bad", "negative"),
        ("good good good", "positive"),
        ("a bad film", "negative"),
        # line breaks of all kinds, which no token may hold
        ("What a good plot\x85this is,\u2028and what a good end.\x1c", "positive"),
        ("The plot is bad and so is the end of it", "negative"),
        ("good", "positive"),
        ("bad", "negative"),
    ],
    "sizes": {"vocabulary": 40, "embedding": 8, "units": 8},
    "networks": {"awd": {"vocabulary": 60, "depth": 2, "weight_dropout": 0.0, "encoder_dropout": 0.0}},
    # Whatever people type.
    "raw": [
        "A good film!",
        "",
        "?!... --",
        "zyxwv qponm",
        "bad",
        "the plot " * 200,
        "👍🏽 فيلم جيد",
        "<br /> good",
    ],
    "empty": "",
    "served_with": {"awd": ["tensorflow_text"]},
}


def write(folder):
    """The examples as a user's file, and what is asked on a command line: path, and words."""
    with (folder / "data.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("text", "label"), *TINY["examples"]])
    return folder / "data.csv", ["A good film!", "bad, so bad"]
