"""Recurrent stacks with lengths, pooling, attention and augmentation: the parts every network is made of.

Sequences are right-padded. What marks the padding is a vector of lengths, one integer a row, 0 allowed, and never
an implicit Keras mask: on TensorFlow the fused cuDNN kernel refuses masks with an empty row at run time, on JAX and
PyTorch any mask means the slow generic loop, and Keras after 3.15 no longer hands masks on through recurrent layers.
A forward LSTM needs no mask at all: up to its length a row never sees what comes after. A backward one reads each
row reversed by its own length. So every LSTM here runs unmasked, on the fastest kernel its backend has.

Shapes below: `batch` rows, `steps` time steps, `features` values a step.
"""

from lstm_zoo.layers.attention import AttentionPooling as AttentionPooling
from lstm_zoo.layers.attention import Copying as Copying
from lstm_zoo.layers.attention import LuongAttention as LuongAttention
from lstm_zoo.layers.chrono import ChronoInitializer as ChronoInitializer
from lstm_zoo.layers.dropout import WordDropout as WordDropout
from lstm_zoo.layers.dropout import variational_dropout as variational_dropout
from lstm_zoo.layers.embedding_bag import EmbeddingBag as EmbeddingBag
from lstm_zoo.layers.lstm import LSTM as LSTM
from lstm_zoo.layers.masking import Lengths as Lengths
from lstm_zoo.layers.masking import Reverse as Reverse
from lstm_zoo.layers.masking import ZeroPadding as ZeroPadding
from lstm_zoo.layers.masking import step_numbers as step_numbers
from lstm_zoo.layers.masking import steps_within as steps_within
from lstm_zoo.layers.masking import valid_steps as valid_steps
from lstm_zoo.layers.pool import LogitPool as LogitPool
from lstm_zoo.layers.pool import LogLinearPool as LogLinearPool
from lstm_zoo.layers.pooling import Pooling as Pooling
from lstm_zoo.layers.recording import Call as Call
from lstm_zoo.layers.recording import recorded_calls as recorded_calls
from lstm_zoo.layers.serialization import registered as registered
from lstm_zoo.layers.stacks import lstm_stack as lstm_stack
from lstm_zoo.layers.thresholds import Thresholds as Thresholds
