"""What the conformance tests know of translation."""

import csv

TINY = {
    "examples": [
        ("Ein Hund rennt.", "A dog runs."),
        ("Eine Katze schläft.", "A cat sleeps."),
        ("Ein Mann liest ein Buch.", "A man reads a book."),
        ("Zwei Hunde spielen im Schnee.", "Two dogs play in the snow."),
        ("Eine Frau singt.", "A woman sings."),
        ("Ein Kind isst einen Apfel.", "A child eats an apple."),
        ("Der Mann schläft.", "The man sleeps."),
        ("Die Katze rennt.", "The cat runs."),
    ],
    "sizes": {"vocabulary": 80, "embedding": 12, "units": 12, "dropout": 0.0},
    "networks": {"gnmt": {"depth": 2, "units": 24}},
    "batch_size": 200,  # tokens
    # Until it knows the pairs: what an untrained network writes hangs on the last digits.
    "training": {"epochs": 60, "max_tokens": 200, "learning_rate": 0.02, "patience": 60},
    # Whatever people type.
    "raw": [
        "Ein Hund rennt.",
        "",
        "♞ 你好 👍🏽",
        "The quick brown fox, in English.",
        "Hund " * 40,
        "12.500 € auf https://example.org/a?b=c",
        "   Die   Katze   schläft.  ",
        "ein\nMann\t<br />",
    ],
    "empty": "",
    "served_with": {"attention": ["tensorflow_text"], "gnmt": ["tensorflow_text"]},
}


def write(folder):
    """The examples as a user's file, and what is asked on a command line: path, and words."""
    with (folder / "data.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("source", "target"), *TINY["examples"]])
    return folder / "data.csv", ["Ein Hund rennt.", "Die Katze schläft."]
