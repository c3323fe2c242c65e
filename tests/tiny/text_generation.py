"""What the conformance tests know of text generation."""

TINY = {
    "examples": [
        "To be, or not to be, that is the question:\n",
        "Whether 'tis nobler in the mind to suffer\n",
        "The slings and arrows of outrageous fortune,\n",
        "Or to take arms against a sea of troubles\n",
    ],
    "sizes": {"embedding": 16, "units": 48, "weight_dropout": 0.0, "dropout": 0.0},
    "networks": {"awd": {"vocabulary": 60, "embedding": 32, "depth": 2, "embedding_dropout": 0.0}},
    "learning": {"character": (0.02, 120), "awd": (0.02, 120)},
    # Until it knows the lines: what an untrained network writes hangs on the last digits.
    "training": {"epochs": 60, "batch_size": 8, "learning_rate": 0.02, "patience": 60},
    # Whatever people type.
    "raw": [
        "To be",
        "",
        "♞ 你好 👍🏽",
        "\n\n",
        "To be, or not to be, " * 20,
        "whether\t'tis <br />",
        "nul\0byte",
    ],
    "empty": "",
    "served_with": {"awd": ["tensorflow_text"]},
}


def write(folder):
    """The examples as a user's file, and what is asked on a command line: path, and words."""
    (folder / "data.txt").write_text("".join(TINY["examples"]) * 4, encoding="utf-8")
    return folder / "data.txt", ["To be", "Whether"]
