"""How the moment's sound moves a mouth."""

import dataclasses
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from vfgan.face.face import INNER_LIPS
from vfgan.models.motion_generator import Motion
from vfgan.voice.mouth_sound import SILENCE

_NOSE = 2  #: of the face mesh: below the nose
_UPPER, _LOWER = INNER_LIPS


@keras.saving.register_keras_serializable("vfgan")
class Mouth(keras.Model):
    """d = sum_k c_k(s) b_k,   c(s) = a (f(s) - f(silence))

    b: principal components of how far mouth and jaw of talking people are from rest, each times its deviation. f: two
    dense layers. Silence moves nothing. What the sound does not tell, a mean makes small (regression to the mean): a
    makes up for it, so that mouths open as far as people's do.

    Args:
        components: how many b.
        context: MFSC frames before and behind the moment.
        units: of the two dense layers.
        dropout: share of units dropped in training.
        noise: deviation of the noise added to the sound in training, log energy.
        bands: mel bands.
    Input:
        s float32 [batch, 2 context + 1, bands] (`vfgan.voice.mouth_sound`).
    Output:
        c float32 [batch, components].
    """

    def __init__(
        self,
        *,
        components: int,
        context: int,
        units: tuple[int, int],
        dropout: float,
        noise: float,
        bands: int,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.settings: dict[str, Any] = {
            "components": components, "context": context, "units": tuple(units), "dropout": dropout, "noise": noise,
            "bands": bands,
        }  # fmt: skip
        hidden = [layer for width in units for layer in (layers.Dense(width, "relu"), layers.Dropout(dropout))]
        self.noise = layers.GaussianNoise(noise)
        self.stages = keras.Sequential([layers.Flatten(), *hidden, layers.Dense(components)], name="stages")

    def build(self, shape):
        count = self.settings["components"]
        self.stages.build(shape)
        self.basis = self.add_weight(shape=(count, 936), initializer="zeros", trainable=False, name="basis")
        self.range = self.add_weight(shape=(), initializer="ones", trainable=False, name="range")

    def call(self, sound, training=False):
        sound = self.noise(sound, training=training)
        return self.range * (self.stages(sound, training=training) - self._of_silence())

    def _of_silence(self):
        frames, bands = 2 * self.settings["context"] + 1, self.settings["bands"]
        return self.stages(ops.full((1, frames, bands), SILENCE), training=False)

    def displacement(self, c):
        """d: float32 [batch, 468, 2], crop sides."""
        return ops.reshape(ops.matmul(c, self.basis), (-1, 468, 2))

    def moved(self, motion: Motion, c, closed) -> Motion:
        """What a generator is about to do, and the mouth moved with it.

        Where the emotion presses lips together, what opens them lets them go first: an angry mouth speaks, too.

        Args:
            motion: of a `MotionGenerator`.
            c: float32 [batch, components].
            closed: float32 [batch], 0…1: how far a mouth that is open in the face is closed first, by the first
                component, which opens it.
        """
        opening = ops.convert_to_tensor(np.eye(1, self.settings["components"], dtype=np.float32))
        opens = ops.maximum(_gap(self.displacement(opening)), 1e-6)
        before, after = _gap(motion.landmarks), _gap(motion.moved)
        first = -closed * ops.maximum(before, 0.0) / opens
        pressed = ops.maximum(before - after, 0.0)
        first += ops.minimum(pressed, ops.maximum(_gap(self.displacement(c)), 0.0)) / opens
        return dataclasses.replace(motion, moved=motion.moved + self.displacement(c + first[:, None] * opening))

    def measure(self, displacements: np.ndarray) -> None:
        """Takes b from displacements of talking people, float [faces, 468, 2], crop sides."""
        flat = displacements.reshape(len(displacements), -1).astype(np.float64)
        _, strength, directions = np.linalg.svd(flat, full_matrices=False)
        count = min(self.settings["components"], len(directions))
        basis = np.zeros((self.settings["components"], 936))
        basis[:count] = (directions * (strength / np.sqrt(len(flat)))[:, None])[:count]
        opens = basis[:, 2 * _LOWER + 1] - basis[:, 2 * _UPPER + 1]
        self.basis.assign(basis * np.where(opens < 0, -1.0, 1.0)[:, None])

    def measure_range(self, told: np.ndarray, real: np.ndarray, most: float) -> None:
        """Takes a, of 1 to `most`, from c as told and as they were, float [faces, components], of people held back."""
        told, real = (c @ np.asarray(self.basis) for c in (told, real))
        self.range.assign(np.clip(self.range * np.sqrt(real.var(axis=0).sum() / told.var(axis=0).sum()), 1.0, most))

    def coefficients(self, displacements: np.ndarray) -> np.ndarray:
        """c of displacements float [faces, 468, 2]: float32 [faces, components], least squares."""
        flat = displacements.reshape(len(displacements), -1).astype(np.float64)
        return (flat @ np.linalg.pinv(np.asarray(self.basis, np.float64))).astype(np.float32)

    def unexplained(self, real, told):
        """Share of the displacement's square that is not told: |d - d'|^2 / mean |d|^2, float32 [batch]; a loss."""
        weight = ops.sum(ops.square(self.basis), axis=1)
        return ops.sum(weight * ops.square(real - told), axis=1) / ops.sum(weight)

    def get_config(self) -> dict:
        return {**super().get_config(), **self.settings}


def _gap(landmarks):
    """How far the lips are apart in the middle: float32 [batch], crop sides; below 0 they are pressed together."""
    return landmarks[:, _LOWER, 1] - landmarks[:, _UPPER, 1]


def build_mouth(**settings) -> Mouth:
    """A network with all its weights made; without measures it moves nothing."""
    mouth = Mouth(**settings)
    mouth(ops.zeros((1, 2 * mouth.settings["context"] + 1, mouth.settings["bands"])))
    return mouth


def below_nose(landmarks: np.ndarray) -> np.ndarray:
    """Which landmarks are mouth and jaw: 0 to 1 between the nose and the upper lip, float32 [468, 1].

    Args:
        landmarks: float [468, 2], a mean face.
    """
    top, bottom = landmarks[_NOSE, 1], landmarks[_UPPER, 1]
    ramp = np.clip((landmarks[:, 1:] - top) / (0.8 * (bottom - top)), 0.0, 1.0)
    return (ramp * ramp * (3.0 - 2.0 * ramp)).astype(np.float32)
