"""tasks/translation/sampling.py: other subwords for the same text."""

import numpy as np
import pytest
import tensorflow as tf

from lstm_zoo import batching
from lstm_zoo.tasks import translation
from lstm_zoo.tasks.translation.sampling import Sampler
from lstm_zoo.text.subwords import Subwords, train_subwords

TEXTS = ["Ein Hund rennt über die Wiese.", "Zwei Hunde rennen im Schnee.", "", "A dog runs through the snow."]


@pytest.fixture(scope="module")
def subwords():
    return Subwords(train_subwords(TEXTS * 5, vocabulary=60))


@pytest.fixture(scope="module")
def tokens(subwords):
    return batching.tokens_of(TEXTS, subwords)


def test_texts_stay(subwords, tokens):
    sampled = Sampler(subwords, 0.9)(tokens, seed=[0, 0])
    assert subwords(sampled.to_tensor(), reverse=True).numpy().tolist() == [text.encode() for text in TEXTS]
    assert sampled.row_lengths().numpy()[0] > tokens.row_lengths().numpy()[0]
    assert sampled.dtype == tokens.dtype


def test_as_many_are_cut_as_are_asked_for(subwords, tokens):
    sampler = Sampler(subwords, 0.25)
    can_be = int(np.sum(sampler.counts[tokens.flat_values.numpy()] > 0))
    cut = [
        int(tf.size(sampler(tokens, seed=[1, step]).flat_values) - tf.size(tokens.flat_values)) for step in range(60)
    ]
    assert sum(cut) / (60 * can_be) == pytest.approx(0.25, abs=0.04)


def test_the_seed_decides(subwords, tokens):
    first, same, other = (Sampler(subwords, 0.5)(tokens, seed=seed) for seed in ([0, 7], [0, 7], [0, 8]))
    assert first.to_list() == same.to_list() != other.to_list()


def test_training_goes_on_with_what_the_pass_would_have_had():
    pairs = [("Ein Hund rennt.", "A dog runs."), ("Eine Katze schläft.", "A cat sleeps.")] * 8
    preprocessing = translation.TASK.adapt(pairs, vocabulary=60, subword_sampling=0.5)
    passes = -(-translation.TASK.num_units(pairs, preprocessing) // 60)
    whole = list(translation.TASK.batches(pairs, preprocessing, 60, seed=0).take(2 * passes))
    [(resumed, *_)] = translation.TASK.batches(pairs, preprocessing, 60, seed=0, first_epoch=1).take(1)
    np.testing.assert_array_equal(resumed["source"], whole[passes][0]["source"])
    plain = {**preprocessing, "subword_sampling": 0.0}
    [(unsampled, *_)] = translation.TASK.batches(pairs, plain, 60, seed=0).take(1)
    assert unsampled["source"].shape != whole[0][0]["source"].shape


@pytest.mark.parametrize("share", [-0.1, 1.0])
def test_what_is_no_share(share):
    with pytest.raises(ValueError, match="subword_sampling is a share, at least 0 and below 1. Received"):
        translation.TASK.adapt([("Ein Hund.", "A dog.")], subword_sampling=share)
