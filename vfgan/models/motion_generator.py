"""The generator that bends a face, and paints only what bending cannot make."""

import dataclasses
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from vfgan.face.pixels import fade_mask, luma
from vfgan.layers.warp import upscale, warp
from vfgan.models.landmark_net import LandmarkNet
from vfgan.models.muscles import Muscles, Relaxation
from vfgan.models.painter import Painter
from vfgan.models.spread import around_mouth, darken, open_mouth, spread

#: Landmarks are looked for at this size, pixels.
_LOOK_PX = 64
#: Of a flow before the painter sees it: one crop side is far more than a face moves.
_FLOW_SCALE = 10.0


@dataclasses.dataclass(frozen=True)
class Motion:
    """What a generator is about to do with faces; all places in crop sides."""

    landmarks: Any  #: float32 [batch, 468, 2], where they are
    moved: Any  #: float32 [batch, 468, 2], where they are to be
    weights: Any  #: float32 [batch, weights], how much of each emotion


@keras.saving.register_keras_serializable("vfgan")
class MotionGenerator(keras.Model):
    """G: (x, z) -> y = warp(x, flow) + mask * residual, or, unconditional, F: y -> x.

    The flow is spread from landmarks that a network finds in x to where muscles, told by z, take them: it bends what
    is there, at any size, and learns from where real people's landmarks go.

    Args:
        grid: nodes of the flow either way.
        components: of the shape of a face.
        corrections: components of the way back to rest (F).
        paint_filters: of the painter.
        condition: "none": z is not used (F).
        channels: of a face, 3: RGB.
        z_size: numbers of z.
    Inputs:
        [face float32 [batch, size, size, channels], -1…1, z float32 [batch, z_size]].
    Output:
        (face float32 of the input's shape, -1…1; mask float32 [batch, size, size, 1], 0…1).
    """

    def __init__(
        self,
        grid: int = 32,
        components: int = 40,
        corrections: int = 12,
        paint_filters: int = 24,
        condition: str = "add",
        channels: int = 3,
        z_size: int = 32,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.settings = {
            "grid": grid, "components": components, "corrections": corrections, "paint_filters": paint_filters,
            "condition": condition, "channels": channels, "z_size": z_size,
        }  # fmt: skip
        self.look = LandmarkNet(components, name="look")
        if condition == "none":
            self.muscles = Relaxation(corrections, name="muscles")
        else:
            self.muscles = Muscles(name="muscles")
        self.paint = Painter(paint_filters, channels, name="paint")
        self.shrink = layers.AveragePooling2D(2)

    def call(self, inputs, training=False):
        face, z = inputs
        face = ops.cast(face, "float32")
        motion = self.motion(face, z)
        change, mask = self.painted(*self.bend(face, motion), motion)
        return change, mask

    def motion(self, face, z) -> Motion:
        """Where the landmarks of faces are and are to be.

        Args:
            face, z: as of the call.
        """
        small = luma(face) if face.shape[-1] == 3 else face
        while small.shape[1] > _LOOK_PX:
            small = self.shrink(small)
        landmarks, a = self.look(small)
        if self.settings["condition"] == "none":
            displacement, weights = self.muscles(a)
        else:
            displacement, weights = self.muscles(z)
        return Motion(landmarks, landmarks + displacement, weights)

    def flow(self, motion: Motion):
        """float32 [batch, grid, grid, 2], crop sides."""
        return spread(motion.landmarks, motion.moved, self.settings["grid"])

    def bend(self, face, motion: Motion):
        """`bend_by` the flow of a motion; the face's size is static."""
        return self.bend_by(upscale(self.flow(motion), *face.shape[1:3]), face, motion)

    def bend_by(self, flow, face, motion: Motion):
        """Moves pixels to where landmarks are to be; a mouth that opens is dark inside.

        Args:
            flow: float32 [batch, height, width, 2], of the motion, at the face's size.
            face: float32 [batch, height, width, channels], -1…1.
        Returns:
            (bent faces of the input's shape; float32 [batch, height, width, 3], their flow in 1/10 crop sides and
            where the mouth opened).
        """
        _, height, width, _ = ops.shape(face)
        was_open = open_mouth(motion.landmarks, height, width)
        both = warp(ops.concatenate([face + 1.0, was_open], axis=-1), flow)
        opened = ops.maximum(0.0, open_mouth(motion.moved, height, width) - both[..., -1:])
        bent = darken(both[..., :-1], opened, around_mouth(motion.moved, height, width)) - 1.0
        return bent, ops.concatenate([_FLOW_SCALE * flow, opened], axis=-1)

    def painted(self, bent, where, motion: Motion):
        """(bent faces with paint, -1…1; the mask)."""
        change, mask = self.change(bent, where, motion)
        return ops.clip(bent + change, -1.0, 1.0), mask

    def change(self, bent, where, motion: Motion):
        """What is painted on bent faces, both from `bend`: (mask * residual, mask)."""
        size = bent.shape[1]
        change, mask = self.paint([bent, where, ops.stop_gradient(motion.weights)])
        # elsewhere pairs are too far from the pixel to paint by: brows that came down were covered with skin
        near = fade_mask(size)[None, :, :, None] * around_mouth(motion.moved, size, size)
        return change * near, mask * near

    @property
    def bending_variables(self) -> list:
        """Weights that say where landmarks are and go."""
        return self.look.trainable_variables + self.muscles.trainable_variables

    @property
    def painting_variables(self) -> list:
        """Weights that paint."""
        return self.paint.trainable_variables

    def measure(self, faces: np.ndarray, displacements: np.ndarray, emotion: np.ndarray) -> None:
        """Takes shapes, and how they move, from landmarks.

        Args:
            faces: float [faces, 468, 2], crop sides.
            displacements: float [pairs, 468, 2], of one person from neutral to an emotion.
            emotion: int [pairs], 1…6.
        """
        self.look.measure(faces)
        if self.settings["condition"] == "none":
            self.muscles.measure(-displacements)
        else:
            self.muscles.measure(displacements, emotion)

    def get_config(self) -> dict:
        return {**super().get_config(), **self.settings}


def build_motion_generator(size_px: int, **settings) -> MotionGenerator:
    """A generator with all its weights made; without measures it moves nothing."""
    generator = MotionGenerator(**settings)
    channels, z_size = generator.settings["channels"], generator.settings["z_size"]
    generator([ops.zeros((1, size_px, size_px, channels)), ops.zeros((1, z_size))])
    return generator
