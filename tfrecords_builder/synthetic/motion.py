"""Moves the skin by facial action units: a smooth displacement of the face's plane.

Coordinates are in eye distances from the point between the pupils, x to the right of the picture, y down. Each unit is
a few Gaussian bumps, after the Facial Action Coding System (Ekman, Friesen & Hager 2002). Turning the head moves points
in proportion to their depth.
"""

import dataclasses

import numpy as np

#: Action units: 1/2 inner/outer brow raiser, 4 brow lowerer, 5 upper lid raiser, 6 cheek raiser, 7 lid tightener,
#: 9 nose wrinkler, 10 upper lip raiser, 12 lip corner puller, 15 lip corner depressor, 17 chin raiser, 20 lip
#: stretcher, 23 lip tightener, 24 lip pressor, 26 jaw drop, 45 blink.
ACTION_UNITS = (1, 2, 4, 5, 6, 7, 9, 10, 12, 15, 17, 20, 23, 24, 26, 45)
JAW_DROP = 0.46  #: drop of the chin at full AU26, eye distances
MOUTH_Y = 1.17

# action unit, centre x, y (of the picture's right side), extent x, y, movement x, y
_BUMPS = (
    (1, 0.22, -0.42, 0.26, 0.30, -0.01, -0.16),
    (2, 0.74, -0.38, 0.34, 0.30, 0.02, -0.15),
    (4, 0.24, -0.34, 0.34, 0.24, -0.09, 0.15),
    (6, 0.58, 0.42, 0.38, 0.24, 0.01, -0.11),
    (9, 0.17, 0.58, 0.22, 0.28, 0.02, -0.10),
    (9, 0.20, -0.22, 0.26, 0.20, -0.03, 0.08),
    (10, 0.20, 0.98, 0.24, 0.17, 0.0, -0.10),
    (12, 0.46, 1.14, 0.32, 0.32, 0.17, -0.19),
    (12, 0.62, 0.62, 0.34, 0.28, 0.02, -0.07),
    (15, 0.44, 1.22, 0.22, 0.24, 0.02, 0.17),
    (17, 0.10, 1.50, 0.36, 0.26, 0.0, -0.09),
    (20, 0.48, 1.20, 0.32, 0.30, 0.19, 0.05),
    (23, 0.42, 1.17, 0.26, 0.22, -0.10, 0.0),
    (24, 0.42, 1.17, 0.26, 0.22, -0.05, 0.0),
)


@dataclasses.dataclass(frozen=True)
class FacePose:
    """Everything that changes from frame to frame."""

    units: np.ndarray  #: float [16], 0…1, strength of each of `ACTION_UNITS`
    yaw: float = 0.0  #: radians, positive turns to the right of the picture
    pitch: float = 0.0  #: radians, positive looks down
    roll: float = 0.0  #: radians, positive is clockwise in the picture
    shift: tuple[float, float] = (0.0, 0.0)  #: of the head, eye distances, x and y
    gaze: tuple[float, float] = (0.0, 0.0)  #: of the pupils, eye distances, x and y

    def unit(self, number: int) -> float:
        """Strength of the action unit `number`, 0…1."""
        return float(self.units[ACTION_UNITS.index(number)])


class SkinMotion:
    """Displaces fixed points of the face by a pose. What depends on the points only is computed once."""

    def __init__(self, points: np.ndarray):
        """Args: points: float [n, 2], eye distances."""
        x, y = points[:, 0], points[:, 1]
        table = np.array(list(_BUMPS) + [(b[0], -b[1], *b[2:5], -b[5], b[6]) for b in _BUMPS])
        self._unit = np.array([ACTION_UNITS.index(int(u)) for u in table[:, 0]])
        self._move = table[:, 5:7]
        self._bump = np.exp(
            -(((x[:, None] - table[:, 1]) / table[:, 3]) ** 2) - (((y[:, None] - table[:, 2]) / table[:, 4]) ** 2)
        )  # [n, bumps]
        below = 1.0 / (1.0 + np.exp(-np.clip((y - MOUTH_Y - 0.02) / (0.06 + 0.35 * x**2), -30, 30)))
        self._jaw = JAW_DROP * below * np.exp(-((x / 1.15) ** 6))
        self._depth = _depth(x, y)

    def displace(self, pose: FacePose, *, jaw: bool = True) -> np.ndarray:
        """Computes the displacement of the points: float [n, 2], eye distances. `jaw` False leaves AU26 out."""
        strength = pose.units[self._unit, None] * self._move  # [bumps, 2]
        moved = np.einsum("nb,bc->nc", self._bump, strength)
        moved[:, 0] += pose.yaw * self._depth
        moved[:, 1] += pose.pitch * self._depth
        if jaw:
            moved[:, 1] += pose.unit(26) * self._jaw
        return moved


def _depth(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Depth of the face at (x, y), eye distances: an ellipsoid with a nose."""
    head = np.sqrt(np.clip(1 - (x / 1.3) ** 2 - ((y - 0.2) / 2.2) ** 2, 0, 1))
    return head + 0.35 * np.exp(-((x / 0.2) ** 2) - ((y - 0.55) / 0.35) ** 2)
