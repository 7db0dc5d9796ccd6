"""The generator that bends a face, and shades and paints only what bending cannot make."""

import dataclasses
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from vfgan.emotions import FACE_EMOTIONS
from vfgan.face.pixels import luma
from vfgan.layers.warp import upscale, warp
from vfgan.models.closing import over_teeth
from vfgan.models.eyes import unsqueezed
from vfgan.models.landmark_net import LandmarkNet
from vfgan.models.lips import mouth_rows, mouth_width, opened_mouth
from vfgan.models.mouth_interior import MouthInterior, skin_of
from vfgan.models.muscles import Muscles, Relaxation, Resting
from vfgan.models.shading import Shading
from vfgan.models.spread import spread_and_share

#: Landmarks are looked for at this size, pixels.
_LOOK_PX = 128


@dataclasses.dataclass(frozen=True)
class Motion:
    """What a generator is about to do with faces; all places in crop sides."""

    landmarks: Any  #: float32 [batch, 468, 2], where they are
    moved: Any  #: float32 [batch, 468, 2], where they are to be
    #: float32 [batch, emotions], how much of each is shaded and painted; below 0: is taken from a face; None: none
    emotions: Any = None


@keras.saving.register_keras_serializable("vfgan")
class MotionGenerator(keras.Model):
    """G: (x, z) -> y = shade(warp(x, flow), z) + mask * residual, or, unconditional, F: y -> x.

    The flow is spread from landmarks that a network finds in x to where muscles, told by z, take them: it bends what
    is there, at any size, and learns from where real people's landmarks go. Furrows and folds are shaded as they are
    seen in real people.

    Args:
        grid: nodes of the flow either way.
        components: of the shape of a face.
        corrections: components of the way back to rest (F).
        paint_units: of the layers that paint the inside of a mouth.
        condition: "none": z is not used (F).
        shading: whether emotions shade a face (G).
        strong: how far a strong voice moves a face, in ways of a mean one (G); 1: as far.
        channels: of a face; the inside of a mouth is painted in 3: RGB.
        z_size: numbers of z.
    Inputs:
        [face float32 [batch, size, size, 3], RGB, -1…1, z float32 [batch, z_size]].
    Output:
        (face float32 of the input's shape, -1…1; mask float32 [batch, size, size, 1], 0…1).
    """

    def __init__(
        self,
        grid: int = 32,
        components: int = 40,
        corrections: int = 12,
        paint_units: int = 64,
        condition: str = "add",
        shading: bool = False,
        strong: float = 1.0,
        channels: int = 3,
        z_size: int = 32,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if channels != 3:
            raise ValueError(f"channels: expected 3, RGB, got {channels}")
        self.settings = {
            "grid": grid, "components": components, "corrections": corrections, "paint_units": paint_units,
            "condition": condition, "shading": shading, "strong": strong, "channels": channels, "z_size": z_size,
        }  # fmt: skip
        self.look = LandmarkNet(components, name="look")
        if condition == "none":
            self.muscles = Relaxation(corrections, name="muscles")
        else:
            self.muscles = Muscles(strong=strong, name="muscles")
            self.resting = Resting(name="resting")
        emotions = self.muscles.settings.get("emotions", 0)
        self.shading = Shading(name="shading") if shading and condition != "none" else None
        self.paint = MouthInterior(paint_units, emotions, name="paint")
        self.shrink = layers.AveragePooling2D(2)

    def build(self, shapes):
        """Makes the weights of all layers; Keras would trace the whole call for it."""
        face, z = shapes
        side = face[1]
        while side > _LOOK_PX:
            side //= 2
        self.look.build((None, side, side, 1))
        components = self.look.settings["components"]
        self.muscles.build((None, components if self.settings["condition"] == "none" else z[-1]))
        if self.settings["condition"] != "none":
            self.resting.build([(None, 468, 2), (None, components)])
        points, w = (None, 468, 2), (None, self.muscles.settings.get("emotions", 0))
        if self.shading:
            self.shading.build([face, points, w])
        self.paint.build([points, (None, face[-1]), w])

    def call(self, inputs, training=False):
        face, z = inputs
        face = ops.cast(face, "float32")
        return self.drawn(face, self.motion(face, z))

    def motion(self, face, z, *, at_rest: bool = False) -> Motion:
        """Where the landmarks of faces are and are to be.

        Args:
            face, z: as of the call.
            at_rest: faces are known to be at rest, as in training: none is looked at for a smile.
        """
        small = luma(face)
        while small.shape[1] > _LOOK_PX:
            small = self.shrink(small)
        landmarks, a = self.look(small)
        if self.settings["condition"] == "none":
            displacement, _ = self.muscles(a)
            return Motion(landmarks, landmarks + displacement)
        if at_rest:
            displacement, w = self.muscles(z)
        else:
            smiles, to_rest = self.resting([landmarks, a])
            displacement, w = self.muscles(z, smiles)
            back = smiles * self.muscles.other_than_happy(w)
            displacement += back[..., None] * to_rest
            w = w - back * self.muscles.happy
        return Motion(landmarks, landmarks + displacement, w)

    def flow(self, motion: Motion, rows=None):
        """Spreads a motion over a picture; more rows than `grid` are of one that goes on below the crop.

        Returns:
            (float32 [batch, rows, grid, 2], crop sides; the motion as far as it goes without a fold).
        """
        flow, share = spread_and_share(motion.landmarks, motion.moved, self.settings["grid"], rows)
        moved = motion.landmarks + share[:, 0] * (motion.moved - motion.landmarks)
        return flow, dataclasses.replace(motion, moved=moved)

    def rows_of(self, height, width):
        """Rows of the flow of a picture, int32: `grid` for a square one."""
        grid = self.settings["grid"]
        rows = ops.round(grid * ops.cast(height, "float32") / ops.cast(width, "float32"))
        return ops.maximum(grid, ops.cast(rows, "int32"))

    def drawn(self, face, motion: Motion, flow=None):
        """Moves pixels to where landmarks are to be, shades them, and paints the inside of a mouth that opens.

        Args:
            face: float32 [batch, height, width, 3], -1…1; taller than wide, it goes on below the crop (`face.flow`).
            flow: float32 [batch, height, width, 2], of the motion (`flow`); None: scaled up to the face's static size.
        Returns:
            (faces of the same shape; mask float32 [batch, height, width, 1], 0…1: where they are painted).
        """
        _, height, width, _ = ops.shape(face)
        if flow is None:
            flow, motion = self.flow(motion, round(self.settings["grid"] * max(1.0, height / width)))
            flow = upscale(flow, height, width)
        part = mouth_rows(width)
        flow = unsqueezed(flow, motion.landmarks, motion.moved)
        flow, shown = over_teeth(flow, motion.landmarks, motion.moved, part)
        bent = warp(face, flow)
        if self.shading and motion.emotions is not None:
            bent = self.shading([bent, motion.moved, motion.emotions])
        opened = opened_mouth(motion.landmarks, motion.moved, height, width, part)
        mask = (1.0 - shown) * opened
        skin = skin_of(face, motion.landmarks)
        inside = self.paint.picture(motion.moved, skin, height, width, motion.emotions, part)
        above, around, below = bent[:, : part.start], bent[:, part], bent[:, part.stop :]
        face = ops.concatenate([above, around + mask * (inside - around), below], axis=1)
        return face, ops.concatenate([ops.zeros_like(above[..., :1]), mask, ops.zeros_like(below[..., :1])], axis=1)

    @property
    def bending_variables(self) -> list:
        """Weights that say where landmarks are and go."""
        return self.look.trainable_variables + self.muscles.trainable_variables

    @property
    def painting_variables(self) -> list:
        """Weights that paint."""
        return self.paint.trainable_variables

    def measure(self, faces: np.ndarray, displacements: np.ndarray) -> None:
        """Takes shapes, and how they move, from landmarks.

        Args:
            faces: float [faces, 468, 2], crop sides.
            displacements: of `Muscles.measure`, or of `Relaxation.measure` (F).
        """
        self.look.measure(faces)
        self.measure_motion(displacements)

    def measure_rest(self, faces: np.ndarray, displacements: np.ndarray, emotion: np.ndarray) -> None:
        """Takes what a smile is, and how it goes back to rest as far as another emotion is heard (G).

        Args:
            faces: float [faces, 468, 2], crop sides, of people in all emotions.
            displacements: from each to the same person at rest, float [faces, 468, 2].
            emotion: int [faces], 0 neutral; some are happy.
        """
        widths = np.asarray(mouth_width(faces))[:, 0]
        neutral, happy = (widths[emotion == FACE_EMOTIONS.index(name)] for name in ("neutral", "happy"))
        self.resting.measure(self.look.coefficients_of(faces), displacements, neutral, happy)

    def measure_motion(self, displacements: np.ndarray) -> None:
        """Takes how faces move; how they are shaded then is measured after it."""
        self.muscles.measure(displacements)
        if self.shading:
            self.shading.forget()

    def get_config(self) -> dict:
        return {**super().get_config(), **self.settings}


def build_motion_generator(size_px: int, **settings) -> MotionGenerator:
    """A generator with all its weights made; without measures it moves nothing."""
    generator = MotionGenerator(**settings)
    generator.build([(None, size_px, size_px, 3), (None, generator.settings["z_size"])])
    return generator
