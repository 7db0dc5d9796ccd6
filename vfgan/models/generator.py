"""The generator: a residual network between faces (Johnson et al., 2016), conditioned at every stage."""

import keras
from keras import layers, ops

from vfgan.config.gan import NetworksConfig
from vfgan.config.networks import ExtractorConfig
from vfgan.face.pixels import fade_mask
from vfgan.layers.condition import ConditionedConvolution, build_stages, concatenate_z


@keras.saving.register_keras_serializable("vfgan")
class Generator(keras.Model):
    """G: (x, z) -> y, or, unconditional, F: y -> x.

    Args:
        filters: of the first stage; doubled twice on the way down.
        blocks: residual blocks at a quarter of the size.
        head: "residual": y = x + r, r of -2…2; r begins as 0, the identity. "attention": y = x + m r with a mask m of
            0…1 and the same r; with the colour c = x + r this is GANimation's m c + (1 - m) x (Pumarola et al., 2018).
            "plain": y is the network's picture.
        condition: how z enters: "add", "film" or "concat" at every stage, "concat-all": at the last convolution, too,
            "input": concatenated to the picture only, "none": not at all.
        oval: nothing changes outside of `vfgan.face.pixels.fade_mask`: y = x + fade (y - x).
        equal_contrast: the stages see (x - m) / s, and r is of that picture: y = x + s r; m, s: `mean_and_contrast`.
        channels: of a face (1: luma).
        z_size: numbers of z.
    Inputs:
        [face float32 [batch, size, size, channels], -1…1, z float32 [batch, z_size]].
    Output:
        (face float32 of the input's shape, -1…1; mask float32 [batch, size, size, 1], 0…1, all 1 but for "attention").
    """

    def __init__(
        self,
        filters: int = NetworksConfig.filters,
        blocks: int = NetworksConfig.blocks,
        head: str = NetworksConfig.head,
        condition: str = NetworksConfig.condition,
        oval: bool = NetworksConfig.oval,
        equal_contrast: bool = NetworksConfig.equal_contrast,
        channels: int = 1,
        z_size: int = ExtractorConfig.z_size,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.settings = {
            "filters": filters, "blocks": blocks, "head": head, "condition": condition, "oval": oval,
            "equal_contrast": equal_contrast, "channels": channels, "z_size": z_size,
        }  # fmt: skip
        stage = "concat" if condition == "concat-all" else condition
        first = "concat" if condition == "input" else stage
        later = "none" if condition == "input" else stage
        self.down = [
            ConditionedConvolution(filters, 7, mode=first, name="input"),
            ConditionedConvolution(2 * filters, 3, 2, mode=later, name="down_1"),
            ConditionedConvolution(4 * filters, 3, 2, mode=later, name="down_2"),
        ]
        self.residual = [
            (
                ConditionedConvolution(4 * filters, mode=later, name=f"block_{index}_a"),
                ConditionedConvolution(4 * filters, mode=later, activation="linear", name=f"block_{index}_b"),
            )
            for index in range(blocks)
        ]
        self.up = [
            ConditionedConvolution(2 * filters, upsample=True, mode=later, name="up_1"),
            ConditionedConvolution(filters, upsample=True, mode=later, name="up_2"),
        ]
        start = "glorot_uniform" if head == "plain" else "zeros"
        self.picture = layers.Conv2D(
            channels, 7, padding="same", activation="tanh", kernel_initializer=start, name="picture"
        )
        self.mask = (
            layers.Conv2D(1, 7, padding="same", activation="sigmoid", name="mask") if head == "attention" else None
        )

    def build(self, shapes):
        """Makes the weights of all layers; Keras would trace the whole call for it."""
        face, z = shapes
        blocks = [stage for pair in self.residual for stage in pair]
        channels = build_stages([*self.down, *blocks, *self.up], face[-1], z)
        channels += z[-1] if self.settings["condition"] == "concat-all" else 0
        for last in (self.picture, self.mask):
            if last:
                last.build((None, None, None, channels))

    def call(self, inputs, training=False):
        face, z = inputs
        # whatever the stages compute in
        face, scale = ops.cast(face, "float32"), 1.0
        h = face
        if self.settings["equal_contrast"]:
            mean, scale = mean_and_contrast(face)
            h = (face - mean) / scale
        for stage in self.down:
            h = stage([h, z])
        for first, second in self.residual:
            h = h + second([first([h, z]), z])
        for stage in self.up:
            h = stage([h, z])
        if self.settings["condition"] == "concat-all":
            h = concatenate_z(h, z)
        picture = self.picture(h)
        mask = self.mask(h) if self.mask else ops.ones_like(face[..., :1])
        picture, mask = ops.cast(picture, "float32"), ops.cast(mask, "float32")
        change = picture - face if self.settings["head"] == "plain" else mask * scale * 2.0 * picture
        if self.settings["oval"]:
            change = change * ops.convert_to_tensor(fade_mask(face.shape[1])[None, :, :, None])
        return ops.clip(face + change, -1.0, 1.0), mask

    def get_config(self) -> dict:
        return {**super().get_config(), **self.settings}


def mean_and_contrast(face):
    """Mean and contrast of pictures where `vfgan.face.pixels.fade_mask` is.

    Instance normalisation hides a picture's contrast from the stages behind it, and what they paint would be as strong
    in a pale studio photo as in a harsh snapshot.

    Args:
        face: float32 [batch, size, size, channels], -1…1.
    Returns:
        (mean, standard deviation times 2, at least 0.1), each float32 [batch, 1, 1, 1].
    """
    weight = fade_mask(face.shape[1])[None, :, :, None]
    weight = ops.convert_to_tensor(weight / (weight.sum() * face.shape[-1]))
    mean = ops.sum(weight * face, axis=(1, 2, 3), keepdims=True)
    variance = ops.sum(weight * ops.square(face - mean), axis=(1, 2, 3), keepdims=True)
    return mean, ops.maximum(2.0 * ops.sqrt(variance + 1e-6), 0.1)


def build_generator(size_px: int, **settings) -> Generator:
    """A generator with all its weights made."""
    generator = Generator(**settings)
    channels, z_size = generator.settings["channels"], generator.settings["z_size"]
    generator.build([(None, size_px, size_px, channels), (None, z_size)])
    return generator
