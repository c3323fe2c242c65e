"""Keywords: which of a few words does somebody say?

Data: the Free Spoken Digit Dataset (Jackson et al. 2018, https://doi.org/10.5281/zenodo.1342401), `spoken_digit` in
TensorFlow Datasets: 2,500 recordings of ten digits by five speakers, CC BY-SA 4.0; or the Speech Commands (Warden 2018,
https://arxiv.org/abs/1804.03209), `speech_commands`.
Metrics: accuracy, and macro F1, which a rare word moves as much as a frequent one.
"""

import dataclasses
import functools

from lstm_zoo.classification import BESIDE, labels_of
from lstm_zoo.tasks import speech
from lstm_zoo.tasks.speech.audio import decode
from lstm_zoo.tasks.speech.context import BEGINNING
from lstm_zoo.tasks.speech.keyword import batches
from lstm_zoo.tasks.speech.keyword.metrics import baselines, calibrate, evaluate
from lstm_zoo.tasks.speech.keyword.networks import NETWORKS
from lstm_zoo.tasks.speech.keyword.pairs import DATASETS, read, split
from lstm_zoo.tasks.speech.keyword.preprocessing import adapt, data_hyperparameters, fine_tune
from lstm_zoo.tasks.speech.keyword.rejection import closing, describe

TASK = dataclasses.replace(
    speech.TASK,
    summary="which of a few words a recording says",
    hub_task="audio-classification",
    networks=NETWORKS,
    datasets=DATASETS,
    read=read,
    split=split,
    adapt=adapt,
    data_hyperparameters=data_hyperparameters,
    fine_tune=fine_tune,
    calibrate=calibrate,
    closing=closing,
    batches=batches.batches,
    labels=labels_of,
    num_units=batches.num_units,
    validator=None,
    monitor="val_loss",  # smoother than the accuracy where the validation split is small
    learning_rate=2e-3,
    batch_size=32,
    train_steps=5000,  # spoken digits: 80 epochs
    run=None,  # one word is looked for, in the beginning
    decode=functools.partial(decode, key="label"),
    describe=describe,
    evaluate=evaluate,
    beside=BESIDE,
    baselines=baselines,
    better=max,
    context=BEGINNING,
)
