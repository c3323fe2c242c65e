"""Synthetic voices that read aloud: those of espeak-ng and flite, as Debian has them.

No training may hear these voices. Both programs answer the same to the bit for the same text.
"""

import functools
import pathlib
import re
import shutil
import subprocess
import tempfile

import numpy as np
import soundfile

VOICES = {
    "espeak-ng": ("en-us", "en-us+f2", "en-gb+m3", "en-gb-scotland+f4"),
    "flite": ("awb", "kal16", "rms", "slt"),
}
INSTALLED_BY = "apt-get install espeak-ng flite"
USUAL_SPEED = 175  # words a minute of espeak-ng
# Words of AN4 that the programs would say otherwise than people do: A as the article, RUBOUT by the rules of spelling.
SAID = {
    "espeak-ng": {"A": "[['eI]]", "RUBOUT": "rub out"},  # in the phonemes of espeak-ng
    "flite": {"A": "ay", "RUBOUT": "rub out"},
}


def missing() -> list[str]:
    """The programs that are not installed."""
    return [program for program in VOICES if shutil.which(program) is None]


def version(program: str) -> str:
    """Of a program, like "1.51"."""
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    return re.search(r"\d+\.\d+[\d.]*", told.stdout + told.stderr)[0]


def wording(program: str, text: str) -> str:
    """A text of AN4 as a program is to read it: letters, which are capitals, by their names, and words.

    Example:

    >>> wording("flite", "RUBOUT A X SIX")
    'rub out ay X six'
    """
    words = (SAID[program].get(word, word if len(word) == 1 else word.lower()) for word in text.split())
    return " ".join(words)


@functools.cache
def read_aloud(program: str, voice: str, text: str, speed: float = 1.0) -> tuple[np.ndarray, int]:
    """Samples int16 (samples,) of a text, and their rate.

    Args:
        program: of `VOICES`.
        voice: one of its voices.
        text: in capitals, letters with spaces between them.
        speed: times as fast as usual.
    """
    with tempfile.TemporaryDirectory() as folder:
        path, text = pathlib.Path(folder) / "voice.wav", wording(program, text)
        words = {
            "espeak-ng": ["-v", voice, "-s", str(round(USUAL_SPEED * speed)), "-w", str(path), text],
            "flite": ["-voice", voice, "--setf", f"duration_stretch={1 / speed:.3f}", "-o", str(path), "-t", text],
        }
        subprocess.run([program, *words[program]], check=True, capture_output=True)
        return soundfile.read(path, dtype="int16")
