"""Translation: sentences in another language.

Data: Multi30k (Elliott et al. 2016, https://aclanthology.org/W16-3210), captions of pictures in English, German and
French, 29,000 pairs of sentences for training, CC BY-NC-SA 4.0; or TED talks (Qi et al. 2018,
https://aclanthology.org/N18-2084).
Metric: BLEU (Papineni et al. 2002, https://aclanthology.org/P02-1040) of cased, detokenized text, as sacrebleu
computes it (Post 2018, https://aclanthology.org/W18-6319).
Networks: LSTM encoder and decoder with attention (Luong et al. 2015, https://arxiv.org/abs/1508.04025), and a deep one
(GNMT, Wu et al. 2016, https://arxiv.org/abs/1609.08144), on subwords (Kudo and Richardson 2018,
https://aclanthology.org/D18-2012).
"""

from lstm_zoo.contract import Task
from lstm_zoo.tasks.translation import batches
from lstm_zoo.tasks.translation.context import WORDS
from lstm_zoo.tasks.translation.likeness import known, profile, unlike
from lstm_zoo.tasks.translation.metrics import baselines, evaluate, signature, validator
from lstm_zoo.tasks.translation.networks import NETWORKS
from lstm_zoo.tasks.translation.pairs import DATASETS, read, split
from lstm_zoo.tasks.translation.pipelines import with_beams as with_beams
from lstm_zoo.tasks.translation.plots import plot as plot
from lstm_zoo.tasks.translation.preprocessing import adapt, data_hyperparameters, describe, fine_tune
from lstm_zoo.tasks.translation.sentences import decode, encode, length, prepare

TASK = Task(
    name="translation",
    summary="a sentence in another language",
    example='"Ein Hund rennt über die Wiese."',
    hub_task="translation",
    extra="translation",
    networks=NETWORKS,
    datasets=DATASETS,
    read=read,
    split=split,
    adapt=adapt,
    data_hyperparameters=data_hyperparameters,
    fine_tune=fine_tune,
    batches=batches.batches,
    num_units=batches.num_units,
    validator=validator,
    monitor="val_bleu",
    learning_rate=2e-3,
    batch_size=1200,  # target tokens
    batch_option="max_tokens",
    train_steps=5000,  # Multi30k: 12 epochs
    patience=2,
    column="source",
    suffixes=(".txt",),
    chunk=1024,
    prepare=prepare,
    encode=encode,
    length=length,  # characters
    decode=decode,
    profile=profile,
    known=known,
    unlike=unlike,
    describe=describe,
    evaluate=evaluate,
    baselines=baselines,
    better=max,
    context=WORDS,
    signature=signature,
)
