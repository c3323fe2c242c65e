"""Sentiment: which label does a text deserve?

Data: IMDb Large Movie Review Dataset (Maas et al. 2011, https://aclanthology.org/P11-1015), `imdb_reviews` in
TensorFlow Datasets: 25,000 labelled reviews for training, 25,000 for the test; free for research, the texts belong to
their authors.
Metrics: accuracy, and macro F1, which a rare label moves as much as a frequent one.
Networks: a BiLSTM with pooling (as in Howard and Ruder 2018, https://arxiv.org/abs/1801.06146) and a BiLSTM with
self-attentive pooling (Lin et al. 2017, https://arxiv.org/abs/1703.03130), which can say which words it weighed.
"""

from lstm_zoo.classification import BESIDE, labels_of
from lstm_zoo.contract import Task
from lstm_zoo.tasks.sentiment import batches
from lstm_zoo.tasks.sentiment.bounds import bounded
from lstm_zoo.tasks.sentiment.context import WORDS
from lstm_zoo.tasks.sentiment.likeness import known, profile
from lstm_zoo.tasks.sentiment.metrics import baselines, calibrate, evaluate
from lstm_zoo.tasks.sentiment.multilabel import with_multilabel
from lstm_zoo.tasks.sentiment.networks import NETWORKS
from lstm_zoo.tasks.sentiment.pairs import CLASSES as CLASSES
from lstm_zoo.tasks.sentiment.pairs import DATASETS, read
from lstm_zoo.tasks.sentiment.pipelines import decode, describe, encode
from lstm_zoo.tasks.sentiment.pipelines import explain as explain
from lstm_zoo.tasks.sentiment.plans import plan
from lstm_zoo.tasks.sentiment.preprocessing import adapt, data_hyperparameters, fine_tune, initialize
from lstm_zoo.tasks.sentiment.preprocessing import separate_words as separate_words
from lstm_zoo.tasks.sentiment.splitting import split
from lstm_zoo.text.inputs import prepare
from lstm_zoo.text.profiles import unlike

TASK = with_multilabel(
    Task(
        name="sentiment",
        summary="which label a text deserves",
        example='"A moving, beautifully shot film."',
        hub_task="text-classification",
        networks=NETWORKS,
        datasets=DATASETS,
        read=read,
        split=split,
        bounded=bounded,
        adapt=adapt,
        data_hyperparameters=data_hyperparameters,
        initialize=initialize,
        fine_tune=fine_tune,
        calibrate=calibrate,
        batches=batches.batches,
        labels=labels_of,
        num_units=batches.num_units,
        monitor="val_loss",  # smoother than the accuracy where the validation split is small
        learning_rate=2e-3,
        batch_size=64,
        train_steps=1050,  # IMDb: 3 epochs; the second or third has the lowest validation loss
        patience=2,
        plan=plan,
        column="text",
        suffixes=(".txt",),
        chunk=4096,
        prepare=prepare,
        encode=encode,
        length=len,  # characters
        decode=decode,
        profile=profile,
        known=known,
        unlike=unlike,
        describe=describe,
        evaluate=evaluate,
        beside=BESIDE,
        baselines=baselines,
        better=max,
        context=WORDS,
    )
)
