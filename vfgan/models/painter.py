"""What bending cannot make: teeth, the dark of a mouth, furrows."""

import keras
from keras import layers, ops

from vfgan.layers.condition import ConditionedConvolution

#: Weights of emotions at which all that is painted shows; below it fades with them.
_FULL = 0.5


@keras.saving.register_keras_serializable("vfgan")
class Painter(keras.layers.Layer):
    """A U-net (Ronneberger et al., 2015) between a bent face and what is added to it: m r, r of -2…2, m of 0…1.

    Args:
        filters: of the stage at half the size; the stages below have two, four and five times as many.
        channels: of a face.
    Inputs:
        [bent float32 [batch, size, size, channels], -1…1; where float32 [batch, size, size, 3]: flow, and 0…1 where the
        mouth opened; w float32 [batch, weights], how much of each emotion].
    Outputs:
        (m r float32 of bent's shape; m float32 [batch, size, size, 1]); 0 where w is 0 and no mouth opened.
    """

    def __init__(self, filters: int = 24, channels: int = 3, **kwargs):
        super().__init__(**kwargs)
        self.settings = {"filters": filters, "channels": channels}
        f = filters
        widths = (f, 2 * f, 4 * f, 5 * f)
        self.down = [
            ConditionedConvolution(width, 5 if index == 0 else 3, 2, name=f"down_{index}")
            for index, width in enumerate(widths)
        ]
        self.deep = ConditionedConvolution(5 * f, 3, name="deep")
        self.up = [
            ConditionedConvolution(width, 3, upsample=True, name=f"up_{index}")
            for index, width in enumerate((4 * f, 2 * f, f, max(8, 2 * f // 3)))
        ]
        self.residual = layers.Conv2D(channels, 3, padding="same", kernel_initializer="zeros", name="residual")
        self.mask = layers.Conv2D(
            1, 3, padding="same", kernel_initializer="zeros", bias_initializer=keras.initializers.Constant(-1.0),
            name="mask",
        )  # fmt: skip

    def build(self, shapes):
        bent, where, w = shapes
        shape = (None, bent[1], bent[2], bent[3] + where[3])
        skips = [shape]
        for stage in self.down:
            stage.build([shape, w])
            shape = (None, shape[1] // 2, shape[2] // 2, stage.settings["filters"])
            skips.append(shape)
        self.deep.build([shape, w])
        for stage, skip in zip(self.up, reversed(skips[:-1])):
            stage.build([shape, w])
            shape = (*skip[:3], stage.settings["filters"] + skip[3])
        self.residual.build(shape)
        self.mask.build(shape)

    def call(self, inputs):
        bent, where, w = inputs
        h = ops.concatenate([bent, where], axis=-1)
        skips = [h]
        for stage in self.down:
            h = stage([h, w])
            skips.append(h)
        h = self.deep([h, w])
        for stage, skip in zip(self.up, reversed(skips[:-1])):
            h = ops.concatenate([stage([h, w]), skip], axis=-1)
        mask = ops.sigmoid(self.mask(h))
        shown = ops.minimum(1.0, ops.sqrt(ops.sum(ops.square(w), axis=-1) + 1e-12) / _FULL)[:, None, None, None]
        mask = mask * ops.maximum(shown, where[..., 2:])
        return mask * 2.0 * ops.tanh(self.residual(h)), mask

    def get_config(self) -> dict:
        return {**super().get_config(), **self.settings}
