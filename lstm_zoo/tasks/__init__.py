"""The tasks, one folder each: a story from raw data to score. `lstm_zoo.registry` lists them."""
