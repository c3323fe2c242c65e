"""Language models on a GPU, see scripts/gpu_training.py: of reviews without labels, and of Shakespeare's plays."""

import functools
import json
import math

import jax
import jax.numpy as jnp
import keras
import numpy as np
from gpu_steps import Training, language, plays, say, schedule
from gpu_weights import load, save

from lstm_zoo import layers
from lstm_zoo.layers.language_model import zero_states

ROWS = 64  # parts of the text for validation that are read side by side


def with_states(network, dropout):
    """A language model whose states are an input and an output, on the same layers; `dropout` is its last one."""
    given = network.get_layer("encoder").input[1]
    ids, states = (
        keras.Input((None,), dtype="int32"),
        keras.tree.map_structure(lambda state: keras.Input(state.shape[1:]), given),
    )
    names = {layer.name for layer in network.layers}
    vectors = network.get_layer("embedding")(ids)
    if "embedding_dropout" in names:
        vectors = network.get_layer("embedding_dropout")(vectors, ids)
    steps, after = network.get_layer("encoder")([vectors, states])
    steps = layers.variational_dropout(dropout)(steps)
    tied = "head" not in names
    logits = network.get_layer("embedding")(steps, reverse=True) if tied else network.get_layer("head")(steps)
    return keras.Model([ids, states], [logits, after])


def nats(logits, ids):
    """Nats of each token."""
    logits = logits.astype("float32")
    return jax.nn.logsumexp(logits, -1) - jnp.take_along_axis(logits, ids[..., None], -1)[..., 0]


def train(network, module, stream, held_out, folder, name, *, dropout, epochs, rate, batch, window, seed):
    """Train a language model as `lstm-zoo train` does: a ring that rows go round, with random lengths of batches.

    Returns the history, a list of dicts; `folder` and the network have the weights of the best epoch.
    """
    model, encoder = with_states(network, dropout), network.get_layer("encoder")
    stream, held_out = jnp.asarray(stream.astype("int32")), jnp.asarray(held_out.astype("int32"))
    batches = math.ceil(math.ceil(len(stream) / window) / batch)
    module.compile_network(network)

    @functools.partial(jax.jit, static_argnums=2)
    def cut(begin, place, length):
        rows = begin + jnp.arange(batch) * batches * window + place
        return stream[(rows[:, None] + jnp.arange(length + 1)) % len(stream)]

    def loss(trainable, other, ids, states):
        (logits, after), other = model.stateless_call(trainable, other, [ids[:, :-1], states], training=True)
        return nats(logits, ids[:, 1:]).mean(), (other, after)

    def gradients(trainable, *data):
        (found, (other, after)), changes = jax.value_and_grad(loss, has_aux=True)(trainable, *data)
        return found, changes, other, after

    @jax.jit
    def measured(trainable, other, ids, states):
        (logits, after), _ = model.stateless_call(trainable, other, [ids[:, :-1], states], training=False)
        return nats(logits, ids[:, 1:]).sum(), after

    def validate(trainable, other):
        rows = min(ROWS, (len(held_out) - 1) // window)
        part = (len(held_out) - 1) // rows
        total, states, places = 0.0, zero_states(encoder, rows), range(0, part - window + 1, window)
        for place in places:
            ids = held_out[jnp.arange(rows)[:, None] * part + place + jnp.arange(window + 1)]
            found, states = measured(trainable, other, ids, states)
            total += found
        return float(total) / (rows * window * len(places))

    training = Training(model.trainable_variables, model.non_trainable_variables, network.optimizer, gradients)
    training.begin()
    rates, random, history = iter(schedule(rate, epochs * batches)), np.random.default_rng(seed), []
    for epoch in range(epochs):
        begin, place, states, losses = int(random.integers(len(stream))), 0, zero_states(encoder, batch), []
        more = random.integers(0, 3, batches // 2) * (window // 4)
        lengths = [*np.stack([window - more, window + more], 1).ravel().tolist(), *[window] * (batches % 2)]
        for length in lengths:
            found, states = training.step(next(rates), cut(begin, place, length), states)
            place += length
            losses.append(found)
        score = validate(*training.state[:2])
        history.append({"epoch": epoch + 1, "loss": float(sum(losses)) / batches, "val_loss": score})
        say(name, json.dumps(history[-1]))
        if score == min(one["val_loss"] for one in history):
            training.end()
            save(folder, name, network)
    load(folder, name, network)
    return history


def language_model(arrays, folder, *, epochs=9, rate=0.004, batch=256, window=72, seed=0, **hyperparameters):
    """`text_generation/awd` on the texts of IMDb."""
    keras.utils.set_random_seed(seed)
    chosen = {"dropout": 0.15, "embedding_dropout": 0.02, "weight_dropout": 0.15, "activation": 0.0, "temporal": 0.0}
    chosen |= hyperparameters
    network = language.awd(vocabulary=int(arrays["vocabulary"]), **chosen)
    say(network.count_params(), "parameters")
    options = {"epochs": epochs, "rate": rate, "batch": batch, "window": window, "seed": seed}
    streams = arrays["stream_train"], arrays["stream_validation"]
    history = train(network, language, *streams, folder, "language_model", dropout=chosen["dropout"], **options)
    return {**options, "hyperparameters": chosen, "history": history}


def characters(arrays, folder, *, epochs=20, rate=0.003, batch=32, window=128, seeds=(0, 1, 2), dropout=0.45):
    """`text_generation/character` on tiny Shakespeare, of several seeds: the best on validation is the run."""
    options = {"epochs": epochs, "rate": rate, "batch": batch, "window": window}
    streams, histories = (arrays["plays_train"], arrays["plays_validation"]), {}
    for seed in seeds:
        keras.utils.set_random_seed(seed)
        network = plays.character(vocabulary=int(arrays["characters"]), dropout=dropout)
        name = f"characters_{seed}"
        histories[seed] = train(network, plays, *streams, folder, name, dropout=dropout, seed=seed, **options)
    seeds = {seed: min(one["val_loss"] for one in history) for seed, history in histories.items()}
    best = min(seeds, key=seeds.get)
    save(folder, "characters", load(folder, f"characters_{best}", network))
    told = {**options, "seed": best, "hyperparameters": {"dropout": dropout}}
    return {**told, "history": histories[best], "val_loss_of_seeds": seeds}
