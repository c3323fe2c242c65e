"""How good a transcript is, how sure that is, and the cheap rival of every network."""

import itertools

import numpy as np

from lstm_zoo.optional import need
from lstm_zoo.tasks.speech.features import LogMel
from lstm_zoo.tasks.speech.pairs import waveforms

RESAMPLES, LEVEL = 10_000, 95  # of the bootstrap; % of the interval
STEPS = 32  # that the nearest recording is looked for by


def measures(guesses, truth, groups=None):
    """Word and character error rate, and an interval of the former, by jiwer, in %.

    Args:
        guesses, truth: texts.
        groups: speaker of each text, whose errors hang together; None: each text is a group of its own. The interval is
            that of the percentile bootstrap over groups (Bisani and Ney 2004,
            https://doi.org/10.1109/ICASSP.2004.1326009).

    Returns:
        Dict of `wer`, `cer`, and `wer_low` and `wer_high`, where 95 % of the resampled rates lie.
    """
    jiwer = need("jiwer", "speech")
    single = [jiwer.process_words(one, other) for one, other in zip(truth, guesses)]
    errors = np.array([one.substitutions + one.deletions + one.insertions for one in single], float)
    words = np.array([one.substitutions + one.deletions + one.hits for one in single], float)
    _, places = np.unique(groups if groups is not None else np.arange(len(truth)), return_inverse=True)
    errors, words = (np.bincount(places, values) for values in (errors, words))
    draws = np.random.default_rng(0).integers(len(words), size=(RESAMPLES, len(words)))
    tails = [(100 - LEVEL) / 2, (100 + LEVEL) / 2]
    low, high = np.percentile(100 * errors[draws].sum(1) / words[draws].sum(1), tails)
    return {
        "wer": round(100 * float(errors.sum() / words.sum()), 2),
        "cer": round(100 * jiwer.cer(list(truth), list(guesses)), 2),
        "wer_low": round(float(low), 2),
        "wer_high": round(float(high), 2),
    }


def shrunk(pairs):
    """Each recording as `STEPS` log-mel frames, its mean spectrum taken away: float32 (recordings, features)."""
    log_mel, rows = LogMel(), []
    for waveform in waveforms(pairs):
        frames, lengths = log_mel(waveform[None], np.array([len(waveform)]))
        frames = frames.numpy()[0, : max(1, int(lengths[0]))]
        edges = np.linspace(0, len(frames), STEPS + 1)
        parts = [frames[int(a) : max(int(a) + 1, int(b))].mean(0) for a, b in itertools.pairwise(edges)]
        rows.append(np.ravel(np.array(parts) - frames.mean(0)))
    return np.array(rows)


def baselines(_, training, pairs):
    """Name -> measures of the cheap rival: the transcript of the nearest training recording."""
    from sklearn.neighbors import NearestNeighbors

    neighbours = NearestNeighbors(n_neighbors=1, metric="cosine")
    neighbours.fit(shrunk(training))
    nearest = neighbours.kneighbors(shrunk(pairs), return_distance=False)[:, 0]
    _, truth, speakers = zip(*pairs)
    guesses = [training[row][1] for row in nearest]
    return {"nearest training recording": measures(guesses, truth, None if "" in speakers else speakers)}
