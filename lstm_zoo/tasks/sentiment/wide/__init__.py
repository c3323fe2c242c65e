"""Sentiment by words in their order and by n-grams without: a BiLSTM, and beside it the baseline that it has to beat.

A bag of n-grams with a logistic regression is right as often as an LSTM on long texts, and more often where labels are
few; the two err on different texts. `sentiment/wide` has both, as wide and deep learning (Cheng et al. 2016,
https://arxiv.org/abs/1606.07792), and hears each as much as it is worth on validation. Data and metrics are those of
`sentiment`.
"""

import dataclasses

from lstm_zoo import classification
from lstm_zoo.contract import Network
from lstm_zoo.tasks import sentiment
from lstm_zoo.tasks.sentiment.multilabel import with_multilabel
from lstm_zoo.tasks.sentiment.pipelines import graphs, inference_network, read_item
from lstm_zoo.tasks.sentiment.wide.networks import initialize, trained_part, wide, wide_space
from lstm_zoo.tasks.sentiment.wide.pipelines import describe, metadata, pipeline
from lstm_zoo.tasks.sentiment.wide.preprocessing import adapt, data_hyperparameters, fine_tune
from lstm_zoo.tasks.sentiment.wide.stacking import calibrate, calibrate_multilabel, refit

NETWORKS = {
    "wide": Network(
        build=wide,
        space=wide_space,
        compile=classification.compile_network,
        pipeline=pipeline,
        read_item=read_item,
        options=classification.Options,
        annotate=classification.annotate,
        graphs=graphs,
        metadata=metadata,
        portable=True,
        inference_network=inference_network,
        trained_part=trained_part,
    )
}
TASK = with_multilabel(
    dataclasses.replace(
        sentiment.TASK,
        networks=NETWORKS,
        adapt=adapt,
        data_hyperparameters=data_hyperparameters,
        fine_tune=fine_tune,
        initialize=initialize,
        calibrate=calibrate,
        refit=refit,
        describe=describe,
    ),
    calibrate=calibrate_multilabel,
)
