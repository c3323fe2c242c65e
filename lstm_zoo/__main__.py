"""`python -m lstm_zoo`: the same as `lstm-zoo`."""

from lstm_zoo.cli import main

if __name__ == "__main__":
    main()
