"""Draws wrinkles and folds that action units raise in the skin."""

import numpy as np

from tfrecords_builder.synthetic.actor import Look
from tfrecords_builder.synthetic.head import Canvas
from tfrecords_builder.synthetic.motion import FacePose, SkinMotion
from tfrecords_builder.synthetic.paint import moved, paint_stroke, smooth_curve


def _forehead(y: float) -> np.ndarray:
    x = np.linspace(-0.5, 0.5, 9)
    return np.stack([x, y - 0.035 * np.cos(6 * x) + 0.1 * x**2], axis=1)


# course (on the picture's right side if mirrored), mirrored, width, strength of each unit, strength at rest
_LINES = (
    (_forehead(-0.74), False, 0.024, {1: 0.26, 2: 0.22}, 0.0),
    (_forehead(-0.87), False, 0.024, {1: 0.22, 2: 0.2}, 0.0),
    (_forehead(-0.98), False, 0.02, {1: 0.14, 2: 0.14}, 0.0),
    (np.array([(0.07, -0.52), (0.055, -0.4), (0.065, -0.27)]), True, 0.026, {4: 0.6}, 0.0),
    (np.array([(-0.13, -0.16), (0.0, -0.19), (0.13, -0.16)]), False, 0.035, {9: 0.4, 4: 0.12}, 0.0),
    (np.array([(-0.12, -0.06), (0.0, -0.09), (0.12, -0.06)]), False, 0.035, {9: 0.4}, 0.0),
    (np.array([(0.08, 0.1), (0.17, 0.2), (0.2, 0.32)]), True, 0.04, {9: 0.4}, 0.0),
    (np.array([(0.3, 0.64), (0.44, 0.78), (0.55, 0.98), (0.58, 1.16)]), True, 0.06,
     {12: 0.3, 9: 0.2, 10: 0.25, 6: 0.1, 20: 0.18, 15: 0.08}, 0.08),
    (np.array([(0.8, -0.02), (0.92, -0.07)]), True, 0.022, {6: 0.6}, 0.0),
    (np.array([(0.81, 0.05), (0.94, 0.07)]), True, 0.022, {6: 0.6}, 0.0),
    (np.array([(0.47, 1.25), (0.52, 1.36), (0.5, 1.46)]), True, 0.03, {15: 0.42, 20: 0.25}, 0.03),
    (np.array([(-0.16, 1.47), (0.0, 1.43), (0.16, 1.47)]), False, 0.04, {17: 0.6, 24: 0.3}, 0.08),
)  # fmt: skip


class Folds:
    """Soft dark lines with a lighter ridge below, which fade at their ends. Their depth follows their action units."""

    def __init__(self, look: Look):
        self._dark = np.array(look.skin) * (0.36, 0.26, 0.24)
        self._light = np.minimum(np.array(look.skin) * 1.1 + 12, 255)
        self._lines = []
        for course, mirrored, width, units, rest in _LINES:
            for side in (1, -1) if mirrored else (1,):
                points = smooth_curve(course * (side, 1), 4)
                self._lines.append((points, SkinMotion(points), width, units, rest))

    def draw(self, image: np.ndarray, pose: FacePose, canvas: Canvas) -> None:
        """Draws on uint8 [height, width, 3], in place."""
        unit = canvas.unit_px
        for points, motion, width, units, rest in self._lines:
            depth = min(rest + sum(gain * pose.unit(number) for number, gain in units.items()), 0.85)
            if depth < 0.03:
                continue
            course = canvas.px(points + motion.displace(pose))
            paint_stroke(image, moved(course, 0, 0.03 * unit), self._light, width * unit, 0.4 * depth, 0.025 * unit)
            paint_stroke(image, course, self._dark, width * unit, depth, 0.5 * width * unit, fading=True)
