"""Speech: what somebody says, as text.

Data: AN4, the census data of Carnegie Mellon University (Acero 1990, https://apps.dtic.mil/sti/citations/ADA229055), 49
minutes of 84 speakers, free for any use; or LibriSpeech (Panayotov et al. 2015,
https://doi.org/10.1109/ICASSP.2015.7178964).
Metric: word error rate, by jiwer.
Networks: BiLSTMs with CTC (Graves et al. 2006, https://doi.org/10.1145/1143844.1143891) above convolutions (Deep Speech
2, Amodei et al. 2016, https://arxiv.org/abs/1512.02595); LSTMs of one direction, which write while somebody speaks.
The network `speech/keyword`, which tells one word from another, has other data and another metric: see there.
"""

import functools

from lstm_zoo.contract import Task
from lstm_zoo.tasks.speech import batches, pauses
from lstm_zoo.tasks.speech.audio import decode, encode, length, prepare
from lstm_zoo.tasks.speech.context import SURROUNDINGS
from lstm_zoo.tasks.speech.cues import subtitles as subtitles
from lstm_zoo.tasks.speech.likeness import known, profile, unlike
from lstm_zoo.tasks.speech.metrics import baselines, calibrate, evaluate, validator
from lstm_zoo.tasks.speech.networks import NETWORKS
from lstm_zoo.tasks.speech.pairs import DATASETS, SUFFIXES, read, split
from lstm_zoo.tasks.speech.preprocessing import adapt, data_hyperparameters, describe, fine_tune
from lstm_zoo.tasks.speech.searches import with_beams as with_beams
from lstm_zoo.tasks.speech.searches import with_lexicon as with_lexicon
from lstm_zoo.tasks.speech.streams import stream as stream
from lstm_zoo.tasks.speech.timings import plot as plot

TASK = Task(
    name="speech",
    summary="what a recording says",
    example='"recording.wav"',
    hub_task="automatic-speech-recognition",
    extra="speech",
    networks=NETWORKS,
    datasets=DATASETS,
    read=read,
    split=split,
    adapt=adapt,
    data_hyperparameters=data_hyperparameters,
    fine_tune=fine_tune,
    calibrate=calibrate,
    batches=batches.batches,
    num_units=batches.num_units,
    validator=validator,
    monitor="val_cer",
    learning_rate=1.5e-3,
    batch_size=16,
    train_steps=5300,  # AN4: 100 epochs
    patience=20,  # CTC writes nothing at first, and error rates of a hundred recordings are noisy
    column="path",
    suffixes=SUFFIXES,
    chunk=64,  # recordings: a minute takes 4 MB
    items_fail=True,
    prepare=prepare,
    encode=encode,
    length=length,  # samples
    run=pauses.run,
    decode=functools.partial(decode, key="text", unheard=""),
    profile=profile,
    known=known,
    unlike=unlike,
    describe=describe,
    evaluate=evaluate,
    baselines=baselines,
    better=min,
    context=SURROUNDINGS,
)
