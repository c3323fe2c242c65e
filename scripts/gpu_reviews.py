"""Reviews in pieces, their batches, and what is said of them, see scripts/gpu_training.py."""

import numpy as np

END = 3  # the piece after a text
WINDOW = 400  # pieces of a review that a pass of training sees, as in lstm_zoo.tasks.sentiment.awd
STEPS = 200, 400, 800, 1600, 3200  # of padded batches, so that few shapes are compiled; longer reviews are cut
MOST = 400_000  # pieces in a padded batch of whole reviews: the loop of a batch takes as long however wide it is
POOL = 100  # batches sorted by length together, as in lstm_zoo.batching


class Reviews:
    """Rows of pieces, and the share of each that is positive: 0 or 1, or what a teacher says."""

    def __init__(self, ids, begins, lengths, positive):
        self.ids, self.begins, self.lengths = ids, begins, lengths
        self.positive = np.asarray(positive, "float32")

    def __len__(self):
        return len(self.lengths)

    def part(self, rows):
        return Reviews(self.ids, self.begins[rows], self.lengths[rows], self.positive[rows])

    def padded(self, rows, starts, sizes, steps):
        """Pieces (rows, steps), of each row so many from its start."""
        found = np.zeros((len(rows), steps), "int32")
        for place, (begin, size) in enumerate(zip(self.begins[rows] + starts, sizes)):
            found[place, :size] = self.ids[begin : begin + size]
        return found

    def one_pass(self, batch, random):
        """Batches of like length of random windows, all of `batch` rows: chance fills up the last one."""
        sizes, order, batches = np.minimum(self.lengths, WINDOW), random.permutation(len(self)), []
        for begin in range(0, len(order), batch * POOL):
            rows = order[begin : begin + batch * POOL]
            rows = rows[np.argsort(sizes[rows], kind="stable")]
            batches += [rows[place : place + batch] for place in range(0, len(rows), batch)]
        for number in random.permutation(len(batches)):
            rows = batches[number]
            rows = np.concatenate([rows, random.choice(len(self), batch - len(rows))])
            starts = (random.random(batch) * (self.lengths[rows] - sizes[rows] + 1)).astype(int)
            yield self.padded(rows, starts, sizes[rows], _steps(sizes[rows].max())), self.positive[rows]

    def whole(self):
        """Batches of whole reviews of like length, and their rows; what is behind these is padding."""
        sizes = np.minimum(self.lengths, STEPS[-1])
        order, begin = np.argsort(sizes, kind="stable"), 0
        while begin < len(order):
            steps = _steps(sizes[order[begin]])
            batch = MOST // steps
            rows = order[begin : begin + batch]
            rows = rows[sizes[rows] <= steps]
            ids = self.padded(rows, 0, sizes[rows], steps)
            yield np.pad(ids, [[0, batch - len(rows)], [0, 0]]), rows
            begin += len(rows)


def _steps(size):
    return next(steps for steps in STEPS if steps >= size)


def labelled(arrays, name):
    """The reviews of a split."""
    lengths = arrays[f"{name}_lengths"]
    begins = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    return Reviews(arrays[f"{name}_ids"], begins, lengths, arrays[f"{name}_positive"])


def unlabelled(arrays):
    """The last ones in the stream of the language model, each from the end of the one before it to its own."""
    ends, positive = np.flatnonzero(arrays["stream_train"] == END), arrays["unlabelled_positive"]
    begins, lengths = ends[-len(positive) - 1 : -1], np.diff(ends[-len(positive) - 1 :]) + 1
    return Reviews(arrays["stream_train"], begins, lengths, positive)


def together(*some):
    """Several sets of reviews as one."""
    offsets = np.cumsum([0, *(len(one.ids) for one in some[:-1])])
    return Reviews(
        np.concatenate([one.ids for one in some]),
        np.concatenate([one.begins + offset for one, offset in zip(some, offsets)]),
        np.concatenate([one.lengths for one in some]),
        np.concatenate([one.positive for one in some]),
    )


def right(odds, some):
    """Accuracy of log-odds of "positive"."""
    return round(float(np.mean((odds > 0) == (some.positive > 0.5))), 4)
