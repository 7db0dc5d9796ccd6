"""How far each landmark moves: the mean displacements of emotions, weighted by what is heard."""

import keras
import numpy as np
from keras import layers, ops

#: By how much p is sharper than what is learnt, which on a speaker not learnt from is unsure: what is heard is shown.
_SHARPNESS = 2.0


@keras.saving.register_keras_serializable("vfgan")
class Muscles(keras.layers.Layer):
    """d = sum_k w_k(z) b_k,   w(z) = r p(u),   r = |z - n| / s,   u = (z - n) / |z - n|

    b_k: the mean displacement of an emotion, measured on real people, over the mean w_k of the training voices in which
    it is heard (`calibrate`). Learnt along with w it makes up for voices in doubt, and faces move too far. It is the
    same for everyone, and begins where each one's landmarks are.
    n: the neutral voice; s: how far emotional voices are from it. p tells from the direction alone which emotion it is
    (a softmax, of which neutral is a part, too), and w is as many times as large as z is further from n: the intensity
    dial moves every landmark along a straight line, and a neutral voice moves none.

    Args:
        emotions: how many b.
        hidden: units of the network p.
    Input:
        z float32 [batch, z_size].
    Outputs:
        (d float32 [batch, 468, 2], crop sides; w float32 [batch, emotions]).
    """

    def __init__(self, emotions: int = 6, hidden: int = 64, **kwargs):
        super().__init__(**kwargs)
        self.settings = {"emotions": emotions, "hidden": hidden}
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

    def measure_voices(self, z: np.ndarray, neutral_z: np.ndarray) -> None:
        """Takes n, float [z_size], and s from emotional voices, float [voices, z_size]."""
        self.neutral.assign(neutral_z)
        self.distance.assign(np.linalg.norm(z - neutral_z, axis=1).mean())

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
        away = z - self.neutral
        length = ops.sqrt(ops.sum(ops.square(away), axis=-1, keepdims=True) + 1e-12)
        return length / self.distance, self.second(self.first(away / length))

    def weights_of(self, z):
        """w: float32 [batch, emotions]."""
        r, logits = self.heard(z)
        return r * ops.softmax(_SHARPNESS * logits)[..., 1:]

    def call(self, z):
        w = self.weights_of(z)
        return ops.reshape(ops.matmul(w, self.basis), (-1, 468, 2)), w

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
