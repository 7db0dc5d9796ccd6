"""How far each landmark moves: the mean displacements of emotions, weighted by what is heard."""

import keras
import numpy as np
from keras import layers, ops

from vfgan.emotions import FACE_EMOTIONS
from vfgan.models.lips import mouth_width, smooth

_HAPPY = FACE_EMOTIONS.index("happy") - 1
#: By how much p is sharper than what is learnt, which on a speaker not learnt from is unsure: what is heard is shown.
_SHARPNESS = 2.0
#: Inverse of the ridge of what tells strong voices from normal ones, chosen on RAVDESS 19 with the voices of 17 and 18.
_LOOSE = 10.0
#: How far beyond 1 weights go in all.
_FURTHER = 0.3
#: Ridge of the way back to rest, in faces; chosen on validation people (docs/experiments/smiles.md).
_RIDGE = 10.0
#: From no smile to a whole one, the least difference in width; widths before there are any; crop sides.
_STEEPEST, _NOBODY_SMILES = 0.03, (2.0, 3.0)


@keras.saving.register_keras_serializable("vfgan")
class Muscles(keras.layers.Layer):
    """d = sum_k w_k(z) b_k,   w(z) = f(r e(u) p(u)),   r = |z - n| / s,   u = (z - n) / |z - n|

    b_k: the mean displacement of an emotion, measured on real people, over the mean w_k of the training voices in which
    it is heard (`calibrate`). Learnt along with w it makes up for voices in doubt, and faces move too far. It is the
    same for everyone, and begins where each one's landmarks are.
    n: the neutral voice; s: how far emotional voices are from it. p tells from the direction alone which emotion it is
    (a softmax, of which neutral is a part, too), and w grows with the distance of z from n: the intensity dial moves
    every landmark along a straight line, and a neutral voice moves none.
    e(u) = (2 - v) + (2 v - 2) q(u), the mean of v for a strong voice and 2 - v for a normal one; q(u) is how likely the
    voice is a strong one, by logistic regression on the training voices. r hardly tells that: of RAVDESS 19, not learnt
    from, strong voices have a larger r than normal ones in 0.71 of the pairs, a larger q in 0.82 to 0.88.
    f leaves weights of a sum t up to 1, and makes a larger sum 1 + a tanh((t - 1) / a): no voice and no dial bends a
    face much further than people go.

    Args:
        emotions: how many b.
        hidden: units of the network p.
        strong: v; 1: e is 1, and w has no limit.
    Inputs:
        z float32 [batch, z_size]; smile float32 [batch, 1], how much of one a face shows already (`Resting`): so
        much less of happy is added. It may be left out.
    Outputs:
        (d float32 [batch, 468, 2], crop sides; w float32 [batch, emotions]).
    """

    def __init__(self, emotions: int = 6, hidden: int = 64, strong: float = 1.0, **kwargs):
        super().__init__(**kwargs)
        self.settings = {"emotions": emotions, "hidden": hidden, "strong": strong}
        self.first = layers.Dense(hidden, activation="relu", name="first")
        self.second = layers.Dense(1 + emotions, name="second")

    def build(self, shape):
        self.first.build((None, shape[-1]))
        self.second.build((None, self.settings["hidden"]))
        self.distance = self.add_weight(shape=(), initializer="ones", trainable=False, name="distance")
        self.neutral = self.add_weight(shape=(shape[-1],), initializer="zeros", trainable=False, name="neutral")
        self.basis = self.add_weight(
            shape=(self.settings["emotions"], 936), initializer="zeros", trainable=False, name="basis"
        )
        if self.settings["strong"] > 1.0:  # the line of q, and its offset
            self.line = self.add_weight(shape=(shape[-1], 1), initializer="zeros", trainable=False, name="line")
            self.offset = self.add_weight(shape=(1,), initializer="zeros", trainable=False, name="offset")

    def measure_voices(self, z: np.ndarray, neutral_z: np.ndarray, is_strong: np.ndarray | None = None) -> None:
        """Takes n, s and q from emotional voices.

        Args:
            z: float [voices, z_size].
            neutral_z: n, float [z_size].
            is_strong: float [voices]: 1 strong, 0 normal, NaN unknown; without both kinds, e is 1.
        """
        self.neutral.assign(neutral_z)
        away = z - neutral_z
        length = np.linalg.norm(away, axis=1, keepdims=True)
        self.distance.assign(length.mean())
        known = np.isfinite(is_strong) if is_strong is not None else np.zeros(len(z), bool)
        if self.settings["strong"] > 1.0 and is_strong is not None and len(np.unique(is_strong[known])) == 2:
            from sklearn.linear_model import LogisticRegression

            line = LogisticRegression(C=_LOOSE, class_weight="balanced", max_iter=5_000)
            line.fit((away / length)[known].astype(np.float64), is_strong[known].astype(bool))
            self.line.assign(line.coef_.T)
            self.offset.assign(line.intercept_)

    def measure(self, displacements: np.ndarray) -> None:
        """Takes b, float [emotions, 468, 2], crop sides; 0 of an emotion that nobody shows."""
        self.basis.assign(displacements.reshape(self.settings["emotions"], -1))

    def calibrate(self, z: np.ndarray, emotion: np.ndarray) -> np.ndarray:
        """Scales b so that the mean voice of an emotion moves a face by the mean displacement: no softmax gives all.

        Args:
            z: float [voices, z_size], of training voices.
            emotion: int [voices], 0 neutral, 1…emotions; counted are those that are heard as what they are.
        Returns:
            float64 [emotions], by how much b was multiplied.
        """
        w = np.asarray(self.weights_of(z))
        scale = np.ones(self.settings["emotions"])
        for k in range(self.settings["emotions"]):
            own = w[(emotion == k + 1) & (w.argmax(axis=1) == k), k]
            if len(own):
                scale[k] = 1.0 / own.mean(dtype=np.float64)
        self.basis.assign(np.asarray(self.basis) * scale[:, None])
        return scale

    def heard(self, z):
        """(r float32 [batch, 1]; logits of p float32 [batch, 1 + emotions], neutral first)."""
        length, direction = self._polar(z)
        return length / self.distance, self.second(self.first(direction))

    def _polar(self, z):
        """(|z - n| float32 [batch, 1], u float32 [batch, z_size])."""
        away = z - self.neutral
        length = ops.sqrt(ops.sum(ops.square(away), axis=-1, keepdims=True) + 1e-12)
        return length, away / length

    def weights_of(self, z):
        """w: float32 [batch, emotions]."""
        r, logits = self.heard(z)
        w = r * self.effort(z) * ops.softmax(_SHARPNESS * logits)[..., 1:]
        if self.settings["strong"] <= 1.0:
            return w
        total = ops.maximum(ops.sum(w, axis=-1, keepdims=True), 1.0)
        return w * (1.0 + _FURTHER * ops.tanh((total - 1.0) / _FURTHER)) / total

    def effort(self, z):
        """e: float32 [batch, 1]."""
        strong = self.settings["strong"]
        if strong <= 1.0:
            return 1.0
        _, direction = self._polar(z)
        return 2.0 - strong + (2.0 * strong - 2.0) * ops.sigmoid(ops.matmul(direction, self.line) + self.offset)

    def call(self, z, smile=None):
        w = self.weights_of(z)
        if smile is not None:
            w = w - w * smile * self.happy
        return ops.reshape(ops.matmul(w, self.basis), (-1, 468, 2)), w

    def other_than_happy(self, w):
        """How much of emotions without a smile there is, at most 1: float32 [batch, 1]."""
        return ops.minimum(ops.sum(w * (1.0 - self.happy), axis=-1, keepdims=True), 1.0)

    @property
    def happy(self):
        """1 for the emotion that smiles, 0 for others: float32 [emotions]."""
        return ops.convert_to_tensor(np.eye(self.settings["emotions"], dtype=np.float32)[_HAPPY])

    def get_config(self) -> dict:
        return {**super().get_config(), **self.settings}


@keras.saving.register_keras_serializable("vfgan")
class Relaxation(keras.layers.Layer):
    """d = sum_j g_j(a) b_j: how far each landmark of an emotional face is from its neutral place; for F.

    Args:
        corrections: how many b.
        hidden: units of the network g.
    Input:
        a float32 [batch, components].
    Outputs:
        (d float32 [batch, 468, 2], crop sides; g float32 [batch, corrections]).
    """

    def __init__(self, corrections: int, hidden: int = 64, **kwargs):
        super().__init__(**kwargs)
        self.settings = {"corrections": corrections, "hidden": hidden}
        self.first = layers.Dense(hidden, activation="tanh", name="first")
        self.second = layers.Dense(corrections, kernel_initializer="zeros", name="second")

    def build(self, shape):
        self.first.build((None, shape[-1]))
        self.second.build((None, self.settings["hidden"]))
        self.basis = self.add_weight(
            shape=(self.settings["corrections"], 936), initializer="zeros", trainable=False, name="basis"
        )

    def measure(self, displacements: np.ndarray) -> None:
        """Takes b from displacements float [pairs, 468, 2] of one person from neutral to an emotion."""
        flat = -displacements.reshape(len(displacements), -1).astype(np.float64)
        _, strength, directions = np.linalg.svd(flat, full_matrices=False)
        count = min(self.settings["corrections"], len(directions))
        basis = np.zeros((self.settings["corrections"], 936))
        basis[:count] = (directions * (strength / np.sqrt(len(flat)))[:, None])[:count]
        self.basis.assign(basis)

    def call(self, a):
        g = self.second(self.first(a))
        return ops.reshape(ops.matmul(g, self.basis), (-1, 468, 2)), g

    def get_config(self) -> dict:
        return {**super().get_config(), **self.settings}


@keras.saving.register_keras_serializable("vfgan")
class Resting(keras.layers.Layer):
    """s: how much of a smile a face shows, and d = A a + b: how far each landmark is from where it would be at rest.

    Ridge regression (Hoerl & Kennard, 1970) of real people's ways back to rest on the shape of their faces. A smile
    that shows teeth has further to go back than one with closed lips, and no lips cross. A mouth tells by its width
    that it smiles: s rises smoothly from the width that one in twenty neutral mouths has to that of the median smile.

    Inputs:
        [landmarks float32 [batch, 468, 2], crop sides; a float32 [batch, components], of
        `vfgan.models.landmark_net.LandmarkNet`].
    Outputs:
        (s float32 [batch, 1], 0…1; d float32 [batch, 468, 2], crop sides). Both are 0 until they are measured.
    """

    def build(self, shapes):
        self.slope = self.add_weight(shape=(shapes[1][-1], 936), initializer="zeros", trainable=False, name="slope")
        self.offset = self.add_weight(shape=(936,), initializer="zeros", trainable=False, name="offset")
        nobody = keras.initializers.Constant(_NOBODY_SMILES)
        self.widths = self.add_weight(shape=(2,), initializer=nobody, trainable=False, name="widths")

    def measure(self, a: np.ndarray, displacements: np.ndarray, neutral: np.ndarray, happy: np.ndarray) -> None:
        """Takes A, b and the two widths.

        Args:
            a: float [faces, components].
            displacements: from each face to the same person at rest, float [faces, 468, 2].
            neutral, happy: widths of mouths, float [mouths], crop sides.
        """
        mean, flat = a.mean(axis=0), displacements.reshape(len(a), -1).astype(np.float64)
        away = a - mean
        square = away.T @ away + _RIDGE * np.eye(a.shape[1])
        slope = np.linalg.solve(square, away.T @ (flat - flat.mean(axis=0)))
        self.slope.assign(slope)
        self.offset.assign(flat.mean(axis=0) - mean @ slope)
        widest = np.quantile(neutral, 0.95)
        self.widths.assign([widest, max(np.median(happy), widest + _STEEPEST)])

    def call(self, inputs):
        landmarks, a = inputs
        smiles = smooth((mouth_width(landmarks) - self.widths[0]) / (self.widths[1] - self.widths[0]))
        return smiles, ops.reshape(ops.matmul(a, self.slope) + self.offset, (-1, 468, 2))
