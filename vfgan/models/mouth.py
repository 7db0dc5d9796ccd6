"""The mouth reader: how far a mouth is open, for generators that hear the sound of the moment."""

import keras
from keras import layers, ops

#: Its unit, in eye distances: mouths of speakers differ by about so much.
OPENING_UNIT = 0.1


@keras.saving.register_keras_serializable("vfgan")
class MouthReader(keras.Model):
    """How far is the mouth open? It learns from real faces, in which landmarks have measured it.

    What the emotion CNN is for the emotion, this is for the sound: patches alone do not learn in a few thousand steps
    that loud moments have open mouths.

    Args:
        filters: of the first of four strided stages; doubled at each.
    Input:
        float32 [batch, size, size, 1], luma, -1…1.
    Output:
        float32 [batch], in `OPENING_UNIT`.
    """

    def __init__(self, filters: int = 16, **kwargs):
        super().__init__(**kwargs)
        self.settings = {"filters": filters}
        self.stages = [layers.Conv2D(filters * 2**index, 4, 2, padding="same", activation="relu") for index in range(4)]
        self.opening = layers.Dense(1, dtype="float32")

    def build(self, shape):
        for stage in self.stages:
            stage.build(shape)
            shape = stage.compute_output_shape(shape)
        self.opening.build((None, shape[1] * shape[2] * shape[3]))

    def call(self, face, training: bool = False):
        for stage in self.stages:
            face = stage(face)
        return self.opening(ops.reshape(face, (ops.shape(face)[0], -1)))[:, 0]

    def get_config(self) -> dict:
        return {**super().get_config(), **self.settings}


def build_mouth_reader(size_px: int) -> MouthReader:
    """One that has learnt nothing yet."""
    reader = MouthReader()
    reader(ops.zeros((1, size_px, size_px, 1)))
    return reader
