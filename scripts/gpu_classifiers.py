"""Classifiers of reviews on a GPU, see scripts/gpu_training.py: from the language model, or from nothing."""

import json

import jax
import jax.numpy as jnp
import keras
import numpy as np
from gpu_reviews import labelled, right, together, unlabelled
from gpu_steps import MACHINE, Training, language, say, schedule, sentiment, unfreezing, values
from gpu_weights import load, save

from lstm_zoo.training.preparing import with_dropout


class Classifier:
    """A `sentiment/awd` of the sizes of a language model, whose steps JAX compiles once, however often it is trained.

    Args:
        model: the language model.
        dropout_scale: factor of all rates of dropout.
    """

    def __init__(self, model, dropout_scale=1.0):
        self.make = lambda: with_dropout(sentiment.awd(**sentiment.sizes_of(model)), dropout_scale)
        self.model, self.network, self.trainings = model, self.make(), {}
        table = self.network.get_layer("embedding")
        self.table, self.rest = table.embeddings, keras.Model([table.output, self.network.input], self.network.output)
        self.trainable, self.other = [self.table, *self.rest.trainable_variables], self.rest.non_trainable_variables
        self.lstms = [layer for layer in unfreezing.pretrained(self.network) if hasattr(layer, "use_cudnn")]

        @jax.jit
        def odds(trainable, other, ids):
            # Not on cuDNN: there the log-odds of a trained network were wrong (JAX 0.11.2, H100), its training was not.
            for layer in self.lstms:
                layer.use_cudnn = False
            vectors = jnp.take(trainable[0], ids, axis=0)
            logits, _ = self.rest.stateless_call(trainable[1:], other, [vectors, ids], training=False)
            for layer in self.lstms:
                layer.use_cudnn = "auto"
            return logits[:, 1] - logits[:, 0]

        self._odds = odds

    def begin(self, seed, pretrained=True):
        """New weights, and those of the language model where it has some."""
        keras.utils.set_random_seed(seed)
        self.network.set_weights(self.make().get_weights())
        for part in ("embedding", "encoder") if pretrained else ():
            self.network.get_layer(part).set_weights(self.model.get_layer(part).get_weights())

    def odds(self, some, state=None):
        """Log-odds of "positive" of whole reviews."""
        trainable, other = state or (values(self.trainable), values(self.other))
        found = np.zeros(len(some), "float32")
        for ids, rows in some.whole():
            found[rows] = np.asarray(self._odds(trainable, other, ids))[: len(rows)]
        return found

    def gradients(self, adversarial):
        """Those of the cross-entropy, and if adversarial also where the vectors are moved, by a share of their length,
        in the direction that makes it greatest (Miyato et al. 2017, https://arxiv.org/abs/1605.07725)."""

        def entropy(trainable, moved, other, ids, positive):
            vectors = jnp.take(trainable[0], ids, axis=0) + moved
            logits, other = self.rest.stateless_call(trainable[1:], other, [vectors, ids], training=True)
            answers = jnp.stack([1 - positive, positive], 1)
            return -(answers * jax.nn.log_softmax(logits.astype("float32"))).sum(1).mean(), other

        def gradients(trainable, other, share, *data):
            ids, _ = data
            nowhere = jnp.zeros((*ids.shape, self.table.shape[1]), "float32")
            found = jax.value_and_grad(entropy, argnums=(0, 1) if adversarial else 0, has_aux=True)
            (loss, after), changes = found(trainable, nowhere, other, *data)
            if not adversarial:
                return loss, changes, after, None
            changes, direction = changes
            real = (ids > 0)[..., None]
            vectors, direction = (
                jnp.where(real, side, 0.0) for side in (jnp.take(trainable[0], ids, axis=0), direction)
            )
            length, slope = (jnp.sqrt((side**2).sum((1, 2), keepdims=True)) for side in (vectors, direction))
            moved = share * length / (slope + 1e-12) * direction
            (worst, _), others = jax.value_and_grad(entropy, has_aux=True)(trainable, moved, other, *data)
            return loss + worst, [one + another for one, another in zip(changes, others)], after, None

        return gradients

    def training(self, *kind):
        """Steps that are adversarial or not, and unfreeze a pretrained network from the top down or not."""
        if kind not in self.trainings:
            adversarial, layerwise = kind
            sentiment.compile_network(unfreezing.freeze(self.network, layerwise))
            parts = self.trainable, self.other, self.network.optimizer
            self.trainings[kind] = Training(*parts, self.gradients(adversarial))
        return self.trainings[kind]

    def train(self, name, training, held_out, *, epochs, rate, batch, seed, adversarial=0.0, layerwise=True):
        """Train from the weights that the network has. Returns the history; it then has those of the best epoch."""
        run = self.training(bool(adversarial), layerwise)
        run.begin()
        history, best, random = [], None, np.random.default_rng(seed)
        rates = iter(schedule(rate, epochs * -(-len(training) // batch)))
        for epoch in range(epochs):
            losses = [run.step(next(rates), adversarial, *data)[0] for data in training.one_pass(batch, random)]
            accuracy = right(self.odds(held_out, run.state[:2]), held_out)
            history.append({"epoch": epoch + 1, "loss": float(sum(losses)) / len(losses), "val_accuracy": accuracy})
            say(name, json.dumps(history[-1]))
            if accuracy == max(one["val_accuracy"] for one in history):
                run.end()
                best = self.network.get_weights()
        self.network.set_weights(best)
        return history


def pretrained(arrays, folder):
    """The language model in the folder."""
    told = json.loads((folder / "language_model.json").read_text())
    return load(folder, "language_model", language.awd(vocabulary=int(arrays["vocabulary"]), **told["hyperparameters"]))


def classifier(arrays, folder, *, epochs=4, rate=0.003, batch=64, seed=0, adversarial=0.0, dropout_scale=1.0):
    """`sentiment/awd` begins as the language model and learns the labelled reviews."""
    learner = Classifier(pretrained(arrays, folder), dropout_scale)
    learner.begin(seed)
    told = {"epochs": epochs, "rate": rate, "batch": batch, "seed": seed, "adversarial": adversarial}
    history = learner.train("classifier", labelled(arrays, "train"), labelled(arrays, "validation"), **told)
    save(folder, "classifier", learner.network)
    return {**told, "history": history, "hyperparameters": sentiment.sizes_of(learner.model)}


def student(
    arrays,
    folder,
    *,
    epochs=2,
    rate=0.003,
    last_epochs=2,
    last_rate=0.0005,
    batch=64,
    seed=0,
    adversarial=0.0,
    dropout_scale=1.0,
):
    """`sentiment/awd` begins as the language model and learns the labelled reviews, and what the teachers (teachers.py)
    say of those without labels; then the labelled ones again. The better of the two on validation is the run."""
    learner = Classifier(pretrained(arrays, folder), dropout_scale)
    training, held_out, others = labelled(arrays, "train"), labelled(arrays, "validation"), unlabelled(arrays)
    learner.begin(seed)
    told, history = {"epochs": epochs, "rate": rate, "batch": batch, "seed": seed, "adversarial": adversarial}, []
    last = {**told, "epochs": last_epochs, "rate": last_rate, "layerwise": False}
    for name, some, options in ("student", together(training, others), told), ("student, last", training, last):
        before = max((one["val_accuracy"] for one in history), default=0)
        more = learner.train(name, some, held_out, **options)
        if max(one["val_accuracy"] for one in more) >= before:
            save(folder, "student", learner.network)
        history += more
    return {**told, "history": history, "hyperparameters": sentiment.sizes_of(learner.model)}


def few_labels(arrays, folder, *, labels=None):
    """Accuracy on reviews of the test split with few labels, as scripts/few_labels.py measures it.

    What the folder has of it already is not measured again.
    """
    plan, options = json.loads(str(arrays["few_plan"])), json.loads(str(arrays["few_training"]))
    model = pretrained(arrays, folder)
    learners = {name: Classifier(model, some["dropout_scale"]) for name, some in options.items()}
    every, test = together(labelled(arrays, "train"), labelled(arrays, "validation")), labelled(arrays, "test")
    result = folder / "few_labels.json"
    points = json.loads(result.read_text())["points"] if result.exists() else []
    known = [(point["learner"], point["labels"], point["seed"]) for point in points]
    for count in labels or map(int, plan):
        seeds, passes = plan[str(count)]
        for seed in range(seeds):
            sides = [every.part(arrays[f"few_{count}_{seed}_{side}"]) for side in ("train", "validation")]
            for name, learner in learners.items():
                if (name, count, seed) in known:
                    continue
                begun = name == "pretrained"
                learner.begin(seed, begun)
                point = {"learner": name, "labels": count, "seed": seed}
                rate = options[name]["learning_rate"]
                learner.train(point, *sides, rate=rate, seed=seed, layerwise=begun, **passes)
                points.append({**point, "accuracy": right(learner.odds(test), test)})
                say(points[-1])
                told = {"points": points, "machine": MACHINE}
                result.write_text(json.dumps(told, indent=2))
    return {"points": points}
