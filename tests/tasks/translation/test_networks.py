"""networks.py: what decoding may rely on."""

import numpy as np
import pytest
import tensorflow as tf

from lstm_zoo.tasks.translation import graphs, networks


@pytest.fixture(scope="module", params=networks.NETWORKS)
def network(request):
    """An untrained network of each kind. Not to be changed."""
    return networks.NETWORKS[request.param].build(vocabulary=20, embedding=6, units=8, depth=2)


def test_step_by_step_as_at_once(network):
    source, target = tf.constant([[5, 6, 7, 3], [8, 3, 0, 0]]), tf.constant([[2, 9, 4], [2, 11, 12]])
    at_once = network({"source": source, "target": target})
    table, decoder, memory, lengths, states = graphs.read_source(network, source)
    for number in range(3):
        vectors = table(target[:, number : number + 1])
        answered, weights, states = decoder([vectors, memory, lengths, states])
        logits = graphs.logits_of(network, answered, weights, source)
        np.testing.assert_allclose(logits[:, 0], at_once[:, number], atol=1e-5)


def test_padding_changes_nothing(network):
    target = tf.constant([[2, 9, 4]])
    short = network({"source": tf.constant([[5, 6, 3]]), "target": target})
    long = network({"source": tf.constant([[5, 6, 3, 0, 0, 0]]), "target": tf.pad(target, [[0, 0], [0, 2]])})
    np.testing.assert_allclose(long[:, :3], short, atol=1e-6)


def test_bad_depth():
    with pytest.raises(ValueError, match="depth is at least 1"):
        networks.attention(depth=0)
    with pytest.raises(ValueError, match="depth is at least 2, and units are even. Received: depth=1, units=256"):
        networks.gnmt(depth=1)
