"""Trainings on a machine with a GPU, JAX and Keras, and without TensorFlow.

    python scripts/gpu_arrays.py prepare runs/gpu             (where TensorFlow is; the folder then goes to the GPU)
    KERAS_BACKEND=jax python scripts/gpu_training.py runs/gpu language_model epochs=9 batch=256 rate=0.004
    KERAS_BACKEND=jax python scripts/gpu_training.py runs/gpu characters
    KERAS_BACKEND=jax python scripts/gpu_training.py runs/gpu classifier
    KERAS_BACKEND=jax python scripts/gpu_training.py runs/gpu student
    KERAS_BACKEND=jax python scripts/gpu_training.py runs/gpu few_labels
    python scripts/gpu_arrays.py finish runs/gpu language_model runs/text_generation-awd    (where TensorFlow is)

The networks and the optimizers are those of the zoo, and the LSTMs run on cuDNN. `classifier`, `student` and
`few_labels` begin from what `language_model` left in the folder; `few_labels` goes on where it was. Options are the
keywords of the job's function. A job writes its best weights and what it measured on validation to the folder; `finish`
makes of them the run that `lstm-zoo train` makes.
"""

import argparse
import ast
import json
import pathlib
import time

import keras
import numpy as np
from gpu_classifiers import classifier, few_labels, student
from gpu_language_models import characters, language_model
from gpu_steps import BEGAN, MACHINE, say

JOBS = {job.__name__: job for job in (language_model, characters, classifier, student, few_labels)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path, help="that gpu_arrays.py prepared")
    parser.add_argument("job", choices=JOBS)
    parser.add_argument("options", nargs="*", help="like epochs=9")
    given = parser.parse_args()
    if keras.backend.backend() != "jax":
        parser.error(f"the environment variable KERAS_BACKEND is jax. Received: {keras.backend.backend()}")
    if wrong := [word for word in given.options if "=" not in word]:
        parser.error(f"options are like epochs=9. Received: {' '.join(wrong)}")
    options = {name: ast.literal_eval(value) for name, value in (word.split("=", 1) for word in given.options)}
    arrays = dict(np.load(given.folder / "arrays.npz"))
    told = JOBS[given.job](arrays, given.folder, **options)
    told |= {"options": given.options, "machine": MACHINE, "seconds": round(time.time() - BEGAN)}
    (given.folder / f"{given.job}.json").write_text(json.dumps(told, indent=2) + "\n")
    say("done")


if __name__ == "__main__":
    main()
