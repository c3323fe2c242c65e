"""tuning/trials.py: a trial that was interrupted goes on, one that kills its process fails in the end."""

import pytest
from tiny.searches import records, search

from lstm_zoo.tuning import trials, workers


def test_an_interrupted_one_goes_on_from_its_last_epoch(tmp_path, searched, quick, monkeypatch):
    monkeypatch.setattr(workers, "train_trial", trials.train_trial)
    _, whole, options = searched
    folder, epochs = tmp_path / "cut", []
    on_epoch_begin = trials.Watch.on_epoch_begin

    def watched(self, epoch, logs=None):
        epochs.append(epoch)
        if epochs == [0, 1]:
            raise KeyboardInterrupt
        on_epoch_begin(self, epoch, logs)

    monkeypatch.setattr(trials.Watch, "on_epoch_begin", watched)
    with pytest.raises(KeyboardInterrupt):
        search(folder, **{**options, "learning_rate": 0.03})
    search(folder, **{**options, "learning_rate": 0.03})
    assert epochs == [0, 1, 1]
    [resumed], uninterrupted = records(folder), records(whole)[1]
    for key in ("status", "score", "metrics", "epochs"):
        assert resumed[key] == uninterrupted[key]


def test_one_that_kills_its_process_fails_in_the_end(tmp_path):
    for _ in range(trials.MAX_ATTEMPTS):
        trials._count_attempts(tmp_path)
    with pytest.raises(RuntimeError, match="begun 25 times and ended each time before epoch 1 was finished"):
        trials._count_attempts(tmp_path)
    (tmp_path / "checkpoint").mkdir()
    (tmp_path / "checkpoint" / "state.json").write_text('{"history": [{}]}')
    trials._count_attempts(tmp_path)  # an epoch further


def test_two_workers_never_write_to_one_folder(tmp_path):
    study = type("Study", (), {"folder": tmp_path})
    with trials._folder(study, "0003", "worker1") as first, trials._folder(study, "0003", "worker2") as second:
        assert [first.name, second.name] == ["0003", "0003-worker2"]
    with trials._folder(study, "0003", "worker2") as again:
        assert again.name == "0003"
