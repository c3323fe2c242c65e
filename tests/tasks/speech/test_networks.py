"""networks.py: what differs from network to network stands in its record."""

import pytest
from tiny import pipeline_for

import lstm_zoo
from lstm_zoo.tasks.speech import TASK, losses, pipelines


def test_attention_spells_and_the_others_transcribe():
    searches = {"ctc": (pipelines.Transcriber, 10), "streaming": (pipelines.Transcriber, 1)}
    searches["attention"] = (pipelines.Speller, 10)
    for name, (search, beams) in searches.items():
        layer = pipeline_for(f"speech/{name}").get_layer(name)
        assert type(layer) is search
        assert layer.beams == beams
        assert type(layer.with_network(layer.network)) is search


def test_each_has_its_loss():
    kinds = {"ctc": losses.CTC, "streaming": losses.CTC, "attention": losses.CharacterCrossEntropy}
    for name, kind in kinds.items():
        network = TASK.networks[name].compile(TASK.networks[name].build(units=8, channels=4), 0.001)
        assert type(network.loss) is kind


def test_alignment_needs_ctc(tune):
    for name in ("attention", "keyword"):
        with pytest.raises(ValueError, match="'alignment' is an option of .*speech/ctc, speech/streaming"):
            lstm_zoo.predict(pipeline_for(f"speech/{name}"), (tune(0.1), 16_000), alignment=True)
