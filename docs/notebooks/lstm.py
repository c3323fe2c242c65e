# ---
# jupyter:
#   jupytext:
#     text_representation:
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Inside an LSTM
#
# The way of the chapter "What an LSTM is" in the documentation, to change and to try: the equations, the gates of a
# trained network on a sentence, one unit on a text, how far a network remembers, and why a plain recurrent network
# does not learn what an LSTM does.

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

import lstm_zoo
from lstm_zoo.layers import LSTM, ChronoInitializer

keras.utils.set_random_seed(0)

# %% [markdown]
# ## The equations
#
# An LSTM layer is six lines. What they give from the weights of a layer is what the layer gives.


# %%
def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def lstm(inputs, kernel, recurrent, bias):
    """The hidden states (steps, units) of one sequence (steps, features), h and c after each other from zero on."""
    h = c = np.zeros(len(recurrent))
    hiddens = []
    for x in inputs:
        i, f, g, o = np.split(x @ kernel + h @ recurrent + bias, 4)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        hiddens.append(h)
    return np.array(hiddens)


layer = LSTM(8, return_sequences=True)
inputs = np.random.default_rng(0).normal(size=(1, 20, 3)).astype("float32")
outputs = keras.ops.convert_to_numpy(layer(inputs))[0]
difference = np.abs(lstm(inputs[0], *layer.get_weights()) - outputs).max()
assert difference < 1e-6
print(f"greatest difference: {difference:.1e}")

# %% [markdown]
# ## The gates of a trained network
#
# The forward LSTM of the network that labels texts, on a sentence with a "not" and a "but". A row is a unit, a column
# a word. At "but" most units forget.

# %%
sentence = "The film is not bad, but the ending is terrible."
gates = lstm_zoo.inspect("sentiment", sentence)["lstm_0_forward"]
words = gates["steps"]

figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
order = np.argsort(gates["forget"].mean(axis=0))
shown = axes.imshow(gates["forget"][:, order].T, aspect="auto", cmap="cividis", vmin=0, vmax=1)
axes.set_xticks(range(len(words)), words, rotation=45)
axes.set(title="Forget gates: 1 keeps the memory, 0 drops it", ylabel="unit")
figure.colorbar(shown)
plt.show()

for word, kept in zip(words, gates["forget"].mean(axis=1)):
    print(f"{word:10} keeps {kept:.2f}")

# %% [markdown]
# ## One unit on a text
#
# Unit 421 of the upper LSTM of the network that writes Shakespeare was found by `lstm_zoo.units`: its cell is low while
# the name of a speaker is read. Nobody told it about names.

# %%
play = "ROMEO:\nIt is my lady, O, it is my love!\n\nJULIET:\nAy me!\n"
cell = lstm_zoo.inspect("text_generation", play, "lstm_1")["lstm_1"]["cell"][1:, 421]  # without <s>, the beginning
lines = play.splitlines(keepends=True)
name = np.array([line.endswith(":\n") and character not in ":\n" for line in lines for character in line])

figure, axes = plt.subplots(figsize=(10, 3), layout="constrained")
axes.bar(range(len(play)), np.tanh(cell), color=np.where(name, "#D55E00", "#0072B2"))
axes.set_xticks(range(len(play)), play.replace("\n", "¶"), family="monospace", fontsize=8)
axes.set(title="One cell, character by character; orange in the names of speakers", ylabel="tanh(c)")
plt.show()

print(f"in names {cell[name].mean():.2f}, elsewhere {cell[~name].mean():.2f}")
assert cell[name].mean() < cell[~name].mean()

# %% [markdown]
# ## How far it remembers
#
# The gradient of the next character's score with respect to what was read, by distance, and the half-lives of the
# cells: after how many steps half of what was written is forgotten.

# %%
found = lstm_zoo.memory("text_generation", play)
figure, axes = plt.subplots(1, 2, figsize=(10, 3.5), layout="constrained")
axes[0].semilogy(found["distance"], found["gradient"])
axes[0].set(title="What the next character hangs on", xlabel="steps back", ylabel="gradient")
for lstm_name, half_life in found["half_life"].items():
    axes[1].semilogy(np.sort(half_life)[::-1], label=lstm_name)
axes[1].set(title="Half-life of a cell", xlabel="unit, the longest first", ylabel="steps")
axes[1].legend()
plt.show()

# %% [markdown]
# ## Why a plain recurrent network does not learn it
#
# The adding problem (Hochreiter and Schmidhuber 1997): of many numbers two are marked, one in each half; the answer is
# their sum. Without memory the best answer is 1, and the error 1/6 = 0.167.

# %%
STEPS, ROWS = 60, 32


def adding(random, rows):
    """Numbers from 0 to 1 and marks, (rows, steps, 2), and the sums of the marked numbers, (rows, 1)."""
    numbers, marks = random.random((rows, STEPS)), np.zeros((rows, STEPS))
    for begin, end in ((0, STEPS // 2), (STEPS // 2, STEPS)):
        marks[np.arange(rows), random.integers(begin, end, rows)] = 1
    return np.stack([numbers, marks], 2).astype("float32"), (numbers * marks).sum(1, keepdims=True).astype("float32")


def trained(layer, updates=400):
    """A network with a recurrent layer that has tried to learn to add."""
    keras.utils.set_random_seed(0)
    network = keras.Sequential([keras.Input((STEPS, 2)), layer, keras.layers.Dense(1)])
    network.compile(keras.optimizers.Adam(0.01, clipnorm=1.0), "mse")
    network.fit(*adding(np.random.default_rng(1), ROWS * updates), batch_size=ROWS, verbose=0)
    return network


def gradients(network):
    """The norm of the gradient of the error with respect to each step that is read, (steps,)."""
    inputs, sums = map(tf.constant, adding(np.random.default_rng(2), 64))
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        error = tf.reduce_mean((network(inputs) - sums) ** 2)
    return np.linalg.norm(tape.gradient(error, inputs), axis=2).mean(0)


networks = {
    "LSTM": trained(LSTM(32, bias_initializer=ChronoInitializer(STEPS))),
    "SimpleRNN": trained(keras.layers.SimpleRNN(64)),
}
figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
errors = {}
for label, network in networks.items():
    errors[label] = network.evaluate(*adding(np.random.default_rng(3), 500), verbose=0)
    norms = gradients(network)
    print(f"{label}: error {errors[label]:.4f}, gradient of the first step {norms[0] / norms[-1]:.0e} times the last's")
    # Where float32 has nothing so small, nothing is drawn.
    axes.semilogy(range(1, STEPS + 1), np.where(norms > 0, norms / norms[-1], np.nan), label=label)
axes.set(title="What reaches a step of the error, after training", xlabel="step", ylabel="gradient, of the last step's")
axes.legend()
plt.show()

assert errors["LSTM"] < 0.05 < errors["SimpleRNN"]
