"""The name under which files know the layers, losses and functions of the zoo: `lstm_zoo>NAME`."""

import keras

registered = keras.saving.register_keras_serializable("lstm_zoo")
