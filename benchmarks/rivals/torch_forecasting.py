"""PyTorch's forecasters, for benchmarks/forecasting.py.

`segment` is the zoo's network of that name, layer for layer; `neuralforecast` is the LSTM of that package.
"""

import logging
import warnings

import torch
from jobs import answer


class Segment(torch.nn.Module):
    """forecasting/segment: the same layers, inputs and outputs as `lstm_zoo.tasks.forecasting.networks.segment`."""

    def __init__(self, lookback, horizon, segment, units, outputs):
        super().__init__()
        self.past, self.ahead, self.horizon = lookback // segment, horizon // segment, horizon
        self.embed = torch.nn.Linear(2 * segment, units)
        self.lstm = torch.nn.LSTM(units, units, batch_first=True)
        self.positions = torch.nn.Parameter(torch.randn(self.ahead, units))
        self.dropout = torch.nn.Dropout(0.5)
        self.head = torch.nn.Linear(units, segment * outputs)

    def forward(self, history):
        batch = len(history)
        segments = torch.relu(self.embed(history.reshape(batch, self.past, -1)))
        _, (hidden, cell) = self.lstm(segments)
        states = hidden.repeat_interleave(self.ahead, 1), cell.repeat_interleave(self.ahead, 1)
        queries = self.positions.repeat(batch, 1)[:, None]
        decoded, _ = self.lstm(queries, states)
        raw = self.head(self.dropout(decoded.reshape(batch, self.ahead, -1))).reshape(batch, self.horizon, -1)
        gaps = torch.nn.functional.softplus(raw[..., :9]) / 4
        median = raw[..., 4:5]
        below = median - gaps[..., :4].flip(-1).cumsum(-1).flip(-1)
        quantiles = torch.cat([below, median, median + gaps[..., 5:].cumsum(-1)], -1)
        return torch.cat([quantiles.mean(-1, keepdim=True), quantiles], -1)


def loss(target, forecast):
    """The zoo's quantile loss."""
    error = target[..., 1:] * (target[..., :1] - forecast[..., 1:])
    levels = torch.arange(1, 10) / 10
    return 2 * torch.maximum(levels * error, (levels - 1) * error).mean()


def segment(sizes, batch_size, training):
    """A function that trains the network on a batch, or forecasts one."""
    network = Segment(**sizes)
    history = torch.randn(batch_size, sizes["lookback"], 2)
    target = torch.rand(batch_size, sizes["horizon"], 2)
    optimizer = torch.optim.Adam(network.parameters())

    def train():
        optimizer.zero_grad()
        loss(target, network(history)).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()

    def infer():
        with torch.inference_mode():
            network(history)

    network.train(training)
    return train if training else infer


def neuralforecast(sizes, batch_size, steps):
    """A function that fits neuralforecast's LSTM for some steps."""
    warnings.simplefilter("ignore")
    for name in ("lightning.pytorch", "pytorch_lightning", "lightning_fabric"):
        logging.getLogger(name).setLevel(logging.ERROR)
    import numpy as np
    import pandas as pd
    from neuralforecast import NeuralForecast
    from neuralforecast.losses.pytorch import MQLoss
    from neuralforecast.models import LSTM

    hours = pd.date_range("2026-01-01", periods=2000, freq="h")
    wave = np.sin(np.arange(2000) * 2 * np.pi / 24)
    frame = pd.concat([pd.DataFrame({"unique_id": number, "ds": hours, "y": wave}) for number in range(32)])

    def fit():
        model = LSTM(
            h=sizes["horizon"],
            input_size=sizes["lookback"],
            encoder_n_layers=1,
            encoder_hidden_size=sizes["units"],
            decoder_hidden_size=sizes["units"],
            decoder_layers=1,
            loss=MQLoss(level=[20, 40, 60, 80]),
            batch_size=32,
            windows_batch_size=batch_size,
            max_steps=steps,
            enable_progress_bar=False,
            enable_model_summary=False,
            enable_checkpointing=False,
            logger=False,
            accelerator="cpu",
        )
        NeuralForecast(models=[model], freq="h").fit(frame)

    return fit


def prepare(kind, **job):
    """The function of a job of that kind."""
    return {"segment": segment, "neuralforecast": neuralforecast}[kind](**job)


if __name__ == "__main__":
    answer(prepare, torch.set_num_threads)
