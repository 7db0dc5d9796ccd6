"""How the voice attribute z enters a convolutional stage."""

from typing import Literal

import keras
from keras import layers, ops

from vfgan.layers.instance_norm import InstanceNorm

Mode = Literal["add", "film", "concat", "none"]


def concatenate_z(h, z):
    """z tiled over the picture, behind the channels: [batch, height, width, channels + z_size]."""
    tiled = ops.broadcast_to(z[:, None, None, :], (*ops.shape(h)[:3], z.shape[-1]))
    return ops.concatenate([h, ops.cast(tiled, h.dtype)], axis=-1)


def build_stages(stages: list, channels: int, z: tuple) -> int:
    """Makes the weights of stages that follow each other.

    Args:
        channels: of the first one's input.
        z: shape of the condition.
    Returns:
        Channels of the last one's output.
    """
    for stage in stages:
        stage.build([(None, None, None, channels), z])
        channels = stage.settings["filters"]
    return channels


@keras.saving.register_keras_serializable("vfgan")
class ConditionedConvolution(keras.layers.Layer):
    """Convolution, normalisation, condition, activation: a(norm(conv(h)) + W z).

    Tiling z and concatenating it *before* the convolution, then normalising each channel over the picture, removes it
    again: it is a constant of the channel. So "add" and "film" act after normalisation; "concat" is there to compare.

    Args:
        filters: channels of the output.
        kernel: size of the convolution.
        stride: step of the convolution.
        upsample: doubles the size (nearest neighbour) before the convolution.
        mode: "add": + W z. "film": * (1 + V z) + W z (Perez et al., 2018). "concat": z tiled into the input. "none".
        normalise: instance normalisation.
        spectral: spectral normalisation of the convolution (Miyato et al., 2018).
        activation: name of a Keras activation.
    Inputs:
        [h float32 [batch, height, width, channels], z float32 [batch, z_size]] (z is not used by "none").
    """

    def __init__(
        self,
        filters: int,
        kernel: int = 3,
        stride: int = 1,
        *,
        upsample: bool = False,
        mode: Mode = "add",
        normalise: bool = True,
        spectral: bool = False,
        activation: str = "relu",
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.settings = {
            "filters": filters, "kernel": kernel, "stride": stride, "upsample": upsample, "mode": mode,
            "normalise": normalise, "spectral": spectral, "activation": activation,
        }  # fmt: skip
        self.mode = mode
        self.upsample = layers.UpSampling2D(2) if upsample else None
        # before instance normalisation a bias would be removed again
        convolution = layers.Conv2D(filters, kernel, stride, padding="same", use_bias=not normalise)
        # in float32 also where the convolutions compute in less: the one overwrites weights, the other squares
        self.convolution = layers.SpectralNormalization(convolution, dtype="float32") if spectral else convolution
        self.norm = InstanceNorm(dtype="float32") if normalise else None
        # small at first: a random z would drown the features before anything has been learnt from them
        start = keras.initializers.RandomNormal(stddev=0.05)
        self.shift = layers.Dense(filters, kernel_initializer=start, name="shift") if mode in ("add", "film") else None
        self.scale = layers.Dense(filters, kernel_initializer=start, name="scale") if mode == "film" else None
        self.activation = layers.Activation(activation)

    def build(self, shapes):
        h, z = shapes
        channels = h[-1] + (z[-1] if self.mode == "concat" else 0)
        size = (None, None) if self.upsample else h[1:3]
        self.convolution.build((h[0], *size, channels))
        if self.norm:
            self.norm.build((None, None, None, self.settings["filters"]))
        for dense in (self.shift, self.scale):
            if dense:
                dense.build(z)

    def call(self, inputs, training=False):
        h, z = inputs
        if self.upsample:
            h = self.upsample(h)
        if self.mode == "concat":
            h = concatenate_z(h, z)
        h = self.convolution(h, training=training) if self.settings["spectral"] else self.convolution(h)
        if self.norm:
            h = self.norm(h)
        h = ops.cast(h, self.compute_dtype)
        if self.scale:
            h = h * (1.0 + self.scale(z)[:, None, None, :])
        if self.shift:
            h = h + self.shift(z)[:, None, None, :]
        return self.activation(h)

    def get_config(self) -> dict:
        return {**super().get_config(), **self.settings}
