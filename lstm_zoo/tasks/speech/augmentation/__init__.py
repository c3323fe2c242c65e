"""What training does to samples, so that other voices, rooms and telephones are nothing new.

SpecAugment, which masks frames, is in the networks.
"""

from collections.abc import Callable, Sequence

import numpy as np

from lstm_zoo.contract import unknown
from lstm_zoo.tasks.speech.augmentation import channels, noises, rooms, silences, voices

# Name -> share of the recordings, and what is done to them, in the order in which it happens on the way from a voice to
# a file. Two in three keep their band, and nearly half have neither a room nor a noise: nothing may be lost where the
# microphone is close.
AUGMENTATIONS = {
    "speed": (1.0, voices.speed),
    "pitch": (0.3, voices.pitch),
    "vocal_tract": (0.5, voices.vocal_tract),
    "silence": (0.3, silences.silence),
    "room": (0.25, rooms.room),
    "babble": (0.15, noises.babble),
    "noise": (0.3, noises.noise),
    "level": (1.0, channels.level),
    "clipping": (0.1, channels.clipping),
    "telephone": (0.2, channels.telephone),
    "g711": (0.1, channels.g711),
    "mp3": (0.1, channels.mp3),
    "zeros": (0.15, silences.zeros),
}


def augmentation_names(augmentation: str | Sequence[str]) -> tuple[str, ...]:
    """Names of augmentations in the order in which they are done, of what `train` was given.

    Args:
        augmentation: "all", "none", or some of the names of `AUGMENTATIONS`, in a list or with a comma between them.

    Raises:
        ValueError: something else.

    Example:

    >>> augmentation_names("noise, pitch")
    ('pitch', 'noise')
    """
    names = augmentation.split(",") if isinstance(augmentation, str) else augmentation
    if not isinstance(names, (list, tuple)) or not all(isinstance(name, str) for name in names):
        raise ValueError(f'augmentation is "all", "none" or a list of names. Received: {augmentation!r:.160}')
    names = [name.strip() for name in names]
    if names in (["all"], ["none"]):
        return tuple(AUGMENTATIONS) if names == ["all"] else ()
    for name in names:
        if name not in AUGMENTATIONS:
            raise unknown("augmentation", name, [*AUGMENTATIONS])
    return tuple(name for name in AUGMENTATIONS if name in names)


def augmenter(
    names: Sequence[str], recordings: Sequence[np.ndarray]
) -> Callable[[np.ndarray, np.random.Generator], np.ndarray]:
    """A function that augments samples float32 (samples,) at 16 kHz, as a numpy.random.Generator decides, it alone.

    Without speed they become no shorter, with it by `max(voices.SPEEDS)`.

    Args:
        names: as `augmentation_names` gives them.
        recordings: samples (samples,) at 16 kHz, of which babble is made.

    Example:

    >>> samples = np.ones(16_000, "float32")
    >>> augmenter(["speed"], [])(samples, np.random.default_rng(0)).shape  # (16922,): slower
    """
    changes = [AUGMENTATIONS[name] for name in names]

    def augment(samples, random):
        for share, change in changes if len(samples) else ():
            if random.random() < share:
                samples = change(samples, random, *([recordings] if change is noises.babble else []))
        return samples.astype("float32")

    return augment
