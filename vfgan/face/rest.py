"""Where the landmarks of a face would be at rest, guessed from those that expressions hardly move."""

import numpy as np

#: Of the face mesh: corners of the eyes, bridge and tip of the nose, sides of the face.
STEADY = (33, 133, 362, 263, 168, 6, 197, 195, 5, 4, 127, 356, 234, 454)
#: Weight of small coefficients in the ridge regression, crop sides squared times faces.
_RIDGE = 1e-4


class RestingShape:
    """Ridge regression (Hoerl & Kennard, 1970) of all landmarks on the steady ones, learnt from neutral faces.

    For one person it is a guess; over many people of whom only the expression is known, its errors cancel.

    Args:
        neutral: float [faces, 468, 2], crop sides.
    """

    def __init__(self, neutral: np.ndarray):
        places = _places(neutral)
        self._mean, self._rest = places.mean(axis=0), neutral.reshape(len(neutral), -1).mean(axis=0, dtype=np.float64)
        places = places - self._mean
        wanted = neutral.reshape(len(neutral), -1) - self._rest
        square = places.T @ places + _RIDGE * len(neutral) * np.eye(places.shape[1])
        self._slope = np.linalg.solve(square, places.T @ wanted)

    def of(self, landmarks: np.ndarray) -> np.ndarray:
        """Resting landmarks of faces float [faces, 468, 2]: float32 of the same shape."""
        guess = self._rest + (_places(landmarks) - self._mean) @ self._slope
        return guess.reshape(-1, 468, 2).astype(np.float32)


def _places(landmarks: np.ndarray) -> np.ndarray:
    return landmarks[:, list(STEADY)].reshape(len(landmarks), -1).astype(np.float64)
