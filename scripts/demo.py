"""The whole path in a minute: load a pretrained pipeline, ask it, export it, ask the SavedModel without lstm_zoo."""

import json
import pathlib
import subprocess
import sys
import tempfile
import time

import lstm_zoo

REVIEWS = [
    "A moving, beautifully shot film. I laughed, I cried, and I would gladly watch it again.",
    "Two hours of my life that I will never get back: a dull plot, wooden acting and a silly ending.",
]

SERVE = """
import json, sys
import tensorflow as tf

served = tf.saved_model.load(sys.argv[1])
answer = served.signatures["serving_default"](text=tf.constant(json.loads(sys.argv[2])))
assert "lstm_zoo" not in sys.modules
print(json.dumps([answer["label"].numpy().astype(str).tolist(), answer["score"].numpy().tolist()]))
"""


def step(text, start):
    print(f"[{time.perf_counter() - start:5.1f} s] {text}", flush=True)


def main():
    start = time.perf_counter()
    step('pipeline = lstm_zoo.load("sentiment")', start)
    pipeline = lstm_zoo.load("sentiment")
    step("lstm_zoo.predict(pipeline, reviews)", start)
    answers = lstm_zoo.predict(pipeline, REVIEWS)
    for review, answer in zip(REVIEWS, answers):
        print(f"          {answer['label']} {answer['score']:.4f}  {review}")
    with tempfile.TemporaryDirectory() as folder:
        saved_model = pathlib.Path(folder, "saved_model")
        step('lstm_zoo.export(pipeline, "saved_model")', start)
        lstm_zoo.export(pipeline, saved_model)
        step("the same questions to the SavedModel, in a process that imports tensorflow alone", start)
        served = subprocess.run(
            [sys.executable, "-c", SERVE, saved_model, json.dumps(REVIEWS)], capture_output=True, text=True, check=False
        )
        if served.returncode:
            sys.exit(served.stderr)
    labels, scores = json.loads(served.stdout)
    for review, label, score in zip(REVIEWS, labels, scores):
        print(f"          {label} {score:.4f}  {review}")
    difference = max(abs(score - answer["score"]) for score, answer in zip(scores, answers))
    agree = labels == [answer["label"] for answer in answers] and difference < 1e-5
    step(f"the answers {'agree' if agree else 'DIFFER'}: scores at most {difference:.0e} apart", start)
    sys.exit(0 if agree else 1)


if __name__ == "__main__":
    main()
