"""Draws the mouth of a synthetic face (lips, teeth, tongue, inside) and measures its opening."""

import numpy as np

from tfrecords_builder.synthetic.actor import Look
from tfrecords_builder.synthetic.head import Canvas
from tfrecords_builder.synthetic.motion import JAW_DROP, MOUTH_Y, FacePose, SkinMotion
from tfrecords_builder.synthetic.paint import blend, mask_area, moved, paint_area, paint_stroke

_ALONG = np.linspace(-1.0, 1.0, 25)  # from the corner at the left of the picture to the other
_ARCH = np.clip(1 - _ALONG**2, 0, 1)
MAX_GAP = JAW_DROP * 1.12 + 0.06  #: gap between the lips at full AU26 and AU12, eye distances


class Mouth:
    """Lips that follow the skin, and the inside of the mouth."""

    def __init__(self, look: Look):
        self._look = look
        line = np.stack([look.mouth_width * _ALONG, np.full_like(_ALONG, MOUTH_Y)], axis=1)
        self._line, self._motions = line, (SkinMotion(moved(line, 0, -0.03)), SkinMotion(moved(line, 0, 0.05)))

    def gap(self, pose: FacePose) -> float:
        """Distance between the inner edges of the lips in the middle of the mouth, eye distances."""
        parted = 0.06 * max(pose.unit(12), 0.7 * pose.unit(10), 0.5 * pose.unit(20))
        return (1.12 * JAW_DROP * pose.unit(26) + parted) * (1 - 0.9 * pose.unit(24))

    def edges(self, pose: FacePose) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """float [25, 2] each, eye distances: upper lip outer and inner, lower lip inner and outer edge."""
        look = self._look
        base = self._line * np.array((1 - 0.14 * pose.unit(26) - 0.08 * pose.unit(23), 1.0))
        # the line between the lips moves by the mean of both edges, so that they are not torn apart
        line = base + (0.65 + 0.35 * _ALONG**2)[:, None] * 0.5 * sum(m.displace(pose, jaw=False) for m in self._motions)
        line[:, 1] += 0.3 * JAW_DROP * pose.unit(26) * np.abs(_ALONG) ** 3
        thin = 1 - 0.25 * pose.unit(12) - 0.3 * pose.unit(20) - 0.55 * pose.unit(23) - 0.7 * pose.unit(24)
        thin = max(0.25, thin - 0.15 * pose.unit(10))
        bow = _ARCH**0.8 * (1 - 0.22 * np.exp(-((_ALONG / 0.12) ** 2)))
        gap = self.gap(pose) * _ARCH**0.7
        upper_inner, lower_inner = _raise(line, 0.12 * gap), _raise(line, -0.88 * gap)
        upper_outer = _raise(upper_inner, look.lip_upper * thin * bow)
        lower_outer = _raise(lower_inner, -look.lip_lower * thin * _ARCH**0.75)
        return upper_outer, upper_inner, lower_inner, lower_outer

    def landmarks(self, pose: FacePose) -> dict[str, np.ndarray]:
        """Name -> float [2], eye distances: the corners of the mouth, and the middles of the lips' edges."""
        upper_outer, upper_inner, lower_inner, lower_outer = self.edges(pose)
        middle = len(_ALONG) // 2
        return {
            "left_mouth_corner": upper_outer[0], "right_mouth_corner": upper_outer[-1],
            "upper_lip_outer": upper_outer[middle], "upper_lip_inner": upper_inner[middle],
            "lower_lip_inner": lower_inner[middle], "lower_lip_outer": lower_outer[middle],
        }  # fmt: skip

    def draw(self, image: np.ndarray, pose: FacePose, canvas: Canvas) -> None:
        """Draws on uint8 [height, width, 3], in place."""
        upper_outer, upper_inner, lower_inner, lower_outer = self.edges(pose)
        unit, lips, skin = canvas.unit_px, np.array(self._look.lips), np.array(self._look.skin)
        shadow = moved(lower_outer[6:-6], 0, 0.055)
        paint_stroke(image, canvas.px(shadow), skin * 0.4, 0.07 * unit, 0.3, 0.035 * unit)
        whole = canvas.px(np.concatenate([upper_outer, lower_outer[::-1]]))
        paint_area(image, whole, lips, 0.9, 0.012 * unit)
        upper = canvas.px(np.concatenate([upper_outer, upper_inner[::-1]]))
        paint_area(image, upper, lips * (0.72, 0.66, 0.66), 0.75, 0.014 * unit)
        shine = 0.45 * lower_inner[7:-7] + 0.55 * lower_outer[7:-7]
        paint_stroke(image, canvas.px(shine), np.minimum(lips * 1.25 + 30, 255), 0.04 * unit, 0.5, 0.02 * unit)
        self._draw_inside(image, upper_inner, lower_inner, pose, canvas)
        line = 0.5 * (upper_inner + lower_inner) if self.gap(pose) < 0.02 else upper_inner
        paint_stroke(image, canvas.px(line), lips * (0.3, 0.22, 0.22), 0.022 * unit, 0.8, 0.008 * unit)
        for end, side in ((0, -1), (-1, 1)):
            down = 0.012 - 0.03 * pose.unit(12) + 0.03 * pose.unit(15)
            corner = np.stack([line[end], moved(line[end], side * 0.03, down)])
            paint_stroke(image, canvas.px(corner), skin * (0.36, 0.27, 0.26), 0.03 * unit, 0.7, 0.014 * unit)

    def _draw_inside(self, image, upper_inner, lower_inner, pose: FacePose, canvas: Canvas) -> None:
        hole = canvas.px(np.concatenate([upper_inner, lower_inner[::-1]]))
        low, high = np.floor(hole.min(axis=0)).astype(int) - 2, np.ceil(hole.max(axis=0)).astype(int) + 3
        part, unit, gap = image[low[1] : high[1], low[0] : high[0]], canvas.unit_px, self.gap(pose)
        if gap * unit < 0.8:
            return
        inside = np.empty_like(part)
        inside[:] = (52, 18, 20)
        x_shrink = np.array((0.8, 1.0))
        middle = 0.5 * (upper_inner[12] + lower_inner[12])
        tongue = (lower_inner - middle) * x_shrink + middle
        tongue = _raise(tongue, 0.32 * gap * _ARCH)
        tongue = np.concatenate([tongue, moved(lower_inner[::-1], 0, 0.1)])
        paint_area(inside, canvas.px(tongue) - low, (166, 78, 80), 0.9, 0.03 * unit)
        bared = 0.6 * max(pose.unit(20), pose.unit(23), 0.6 * pose.unit(12))
        if bared > 0.1:
            self._draw_teeth(inside, moved(lower_inner[::-1], 0, 0.02), -0.07 * bared - 0.02, canvas, low)
        length = 0.085 + 0.05 * max(pose.unit(12), pose.unit(10))
        self._draw_teeth(inside, moved(upper_inner, 0, -0.03), length, canvas, low)
        top = canvas.px(np.concatenate([moved(upper_inner, 0, -0.05), moved(upper_inner[::-1], 0, 0.015)])) - low
        paint_area(inside, top, (40, 12, 14), 0.6, 0.015 * unit)
        blend(part, inside, mask_area(part.shape[:2], hole - low).astype(np.float32) / 255.0)

    @staticmethod
    def _draw_teeth(inside, edge: np.ndarray, length: float, canvas: Canvas, low) -> None:
        far = _raise(edge, -length * np.clip(_ARCH * 1.6, 0, 1))
        row = np.concatenate([edge[3:-3], far[-4:2:-1]])
        paint_area(inside, canvas.px(row) - low, (236, 230, 216), 0.95, 0.01 * canvas.unit_px)
        for index in range(5, 20, 2):
            gap = np.stack([edge[index], moved(edge[index], 0, length)])
            paint_stroke(inside, canvas.px(gap) - low, (150, 132, 122), 0.012 * canvas.unit_px, 0.4)


def _raise(points: np.ndarray, by: np.ndarray) -> np.ndarray:
    """The points float [n, 2] moved up by float [n]."""
    return points - np.stack([np.zeros_like(by), by], axis=1)
