"""The discriminator: a patch network (Isola et al., 2017), conditioned at every stage."""

import keras
from keras import layers, ops

from vfgan.layers.condition import ConditionedConvolution


@keras.saving.register_keras_serializable("vfgan")
class Discriminator(keras.Model):
    """D_Y: (y, z) -> real with a fitting voice?, or, unconditional, D_X: x -> real?

    Args:
        filters: of the first stage; doubled at each.
        depth: strided stages.
        condition: "add", "film" or "concat" at every stage, "input": concatenated to the picture only, "none".
        spectral: spectral normalisation of every convolution.
        channels: of a face (1: luma).
        z_size: numbers of z.
    Inputs:
        [face float32 [batch, size, size, channels], -1…1, z float32 [batch, z_size]].
    Output:
        float32 [batch, patches, patches, 1], a score for each patch, without activation.
    """

    def __init__(
        self,
        filters: int = 32,
        depth: int = 3,
        condition: str = "add",
        spectral: bool = True,
        channels: int = 1,
        z_size: int = 32,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.settings = {
            "filters": filters, "depth": depth, "condition": condition, "spectral": spectral, "channels": channels,
            "z_size": z_size,
        }  # fmt: skip
        self.stages = [
            ConditionedConvolution(
                filters * min(8, 2**index), 4, 2,
                mode=("concat" if index == 0 else "none") if condition == "input" else condition,
                normalise=index > 0, spectral=spectral, activation="leaky_relu", name=f"stage_{index}",
            )
            for index in range(depth)
        ]  # fmt: skip
        last = layers.Conv2D(1, 4, padding="same")
        self.patch = layers.SpectralNormalization(last, dtype="float32") if spectral else last

    def call(self, inputs, training=False):
        h, z = inputs
        for stage in self.stages:
            h = stage([h, z], training=training)
        scores = self.patch(h, training=training) if self.settings["spectral"] else self.patch(h)
        return ops.cast(scores, "float32")  # whatever the stages compute in

    def get_config(self) -> dict:
        return {**super().get_config(), **self.settings}


def build_discriminator(size_px: int, **settings) -> Discriminator:
    """A discriminator with all its weights made."""
    discriminator = Discriminator(**settings)
    channels, z_size = discriminator.settings["channels"], discriminator.settings["z_size"]
    discriminator([ops.zeros((1, size_px, size_px, channels)), ops.zeros((1, z_size))])
    return discriminator
