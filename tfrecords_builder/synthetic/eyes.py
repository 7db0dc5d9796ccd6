"""Draws eyes and brows of a synthetic face over the moved skin."""

import numpy as np

from tfrecords_builder.synthetic.actor import Look
from tfrecords_builder.synthetic.head import Canvas
from tfrecords_builder.synthetic.motion import FacePose, SkinMotion
from tfrecords_builder.synthetic.paint import blend, mask_area, moved, paint_area, paint_stroke, smooth_curve

PUPIL_X = 0.5
_ALONG = np.linspace(-1.0, 1.0, 17)  # from the inner to the outer corner


class Eye:
    """One eye and its brow; `side` is -1 for the left eye of the picture."""

    def __init__(self, look: Look, side: float):
        self._look, self._side = look, side
        self._centre = SkinMotion(np.array([(side * PUPIL_X, 0.0)]))
        self._brow = self._resting_brow()
        self._brow_motion = SkinMotion(self._brow)

    def centre(self, pose: FacePose) -> np.ndarray:
        """float [2], eye distances: the centre of the eye. Action units move brows and cheeks, but not the eyeball."""
        still = FacePose(np.zeros_like(pose.units), pose.yaw, pose.pitch)
        return np.array((self._side * PUPIL_X, 0.0)) + self._centre.displace(still)[0]

    def landmarks(self, pose: FacePose) -> dict[str, np.ndarray]:
        """Name -> float [2], eye distances: three points of the brow's middle line, and the middles of both lids."""
        brow, (upper, lower) = self._moved_brow(pose), self._lids(pose)
        line = 0.5 * (brow[: len(brow) // 2] + brow[: len(brow) // 2 - 1 : -1])  # outwards
        half, lid = len(line) // 2, len(upper) // 2
        return {
            "brow_inner": line[1], "brow_middle": line[half], "brow_outer": line[-1], "upper_lid": upper[lid],
            "lower_lid": lower[lid],
        }  # fmt: skip

    def draw(self, image: np.ndarray, pose: FacePose, canvas: Canvas) -> None:
        """Draws on uint8 [height, width, 3], in place."""
        upper, lower = self._lids(pose)
        self._draw_ball(image, upper, lower, pose, canvas)
        self._draw_lids(image, upper, lower, pose, canvas)
        self._draw_brow(image, pose, canvas)

    def _lids(self, pose: FacePose) -> tuple[np.ndarray, np.ndarray]:
        """float [17, 2] each, eye distances: edge of the upper and of the lower lid, inner to outer corner."""
        look, closed = self._look, pose.unit(45)
        sad = min(pose.unit(1), pose.unit(15))  # the outer part of the lid hangs
        wide = 1 + 0.75 * pose.unit(5) - 0.38 * pose.unit(7) - 0.16 * pose.unit(6) - 0.15 * pose.unit(9)
        wide *= 1 - closed
        narrow = (1 + 0.25 * pose.unit(5) - 0.62 * pose.unit(7) - 0.6 * pose.unit(6)) * (1 - 0.6 * closed)
        arch = np.clip(1 - np.abs(_ALONG) ** 2.4, 0, 1)
        tilt = -(look.eye_tilt - 0.05 * sad) * _ALONG
        scowl = 0.03 * pose.unit(4) * np.clip(-_ALONG + 0.3, 0, 1) * arch
        bow = 0.035 * closed * arch
        up = tilt - 0.125 * look.eye_height * arch * (wide - 0.3 * sad * (_ALONG > 0) * _ALONG) + bow + scowl
        down = tilt + 0.075 * look.eye_height * arch * narrow + bow
        x = self.centre(pose)[0] + self._side * look.eye_width * _ALONG
        y = self.centre(pose)[1]
        return np.stack([x, y + np.minimum(up, down)], axis=1), np.stack([x, y + down], axis=1)

    def _draw_ball(self, image, upper, lower, pose: FacePose, canvas: Canvas) -> None:
        """Draws white, iris, pupil and glint, only between the lids."""
        almond = canvas.px(np.concatenate([upper, lower[::-1]]))
        low, high = almond.min(axis=0).astype(int) - 2, almond.max(axis=0).astype(int) + 3
        if high[1] - low[1] < 6:
            return
        part = image[low[1] : high[1], low[0] : high[0]]
        ball = np.empty_like(part)
        ball[:] = np.minimum(np.array(self._look.skin) * 0.25 + 184, 240)
        unit = canvas.unit_px
        middle = canvas.px(self.centre(pose) + pose.gaze + (0.0, -0.012)) - low
        radius, iris = 0.112 * unit, np.array(self._look.iris, np.float64)
        self._disc(ball, middle, radius, iris * 0.45)
        self._disc(ball, middle, 0.86 * radius, iris)
        self._disc(ball, moved(middle, 0, 0.25 * radius), 0.5 * radius, iris * 1.25, blur=0.2 * radius)
        self._disc(ball, middle, 0.42 * radius, (14, 12, 12))
        shade = canvas.px(np.concatenate([moved(upper, 0, -0.05), moved(upper, 0, 0.03)[::-1]])) - low
        paint_area(ball, shade, (40, 26, 24), 0.55, 0.02 * unit)
        glint = moved(middle, np.sign(self._look.light[0]) * 0.35 * radius, -0.35 * radius)
        self._disc(ball, glint, 0.2 * radius, (252, 252, 250))
        blend(part, ball, mask_area(part.shape[:2], almond - low).astype(np.float32) / 255.0)

    @staticmethod
    def _disc(image, centre_px, radius_px: float, rgb, blur: float = 0.0) -> None:
        angle = np.linspace(0, 2 * np.pi, 24, endpoint=False)
        points = np.stack([np.cos(angle), np.sin(angle)], axis=1) * radius_px + centre_px
        paint_area(image, points, np.minimum(rgb, 255), 1.0, blur)

    def _draw_lids(self, image, upper, lower, pose: FacePose, canvas: Canvas) -> None:
        look, unit = self._look, canvas.unit_px
        dark = np.array(look.skin) * (0.3, 0.22, 0.2)
        opening = float((lower - upper)[:, 1].max())
        crease = upper + np.stack([0 * _ALONG, -0.05 - 0.035 * np.cos(_ALONG * 1.4) * (0.5 + opening / 0.4)], axis=1)
        paint_stroke(image, canvas.px(crease), dark, 0.018 * unit, 0.5 + 0.2 * pose.unit(5), 0.01 * unit)
        bag, deep = moved(lower[3:-2], 0, 0.06), max(pose.unit(6), pose.unit(7))
        paint_stroke(image, canvas.px(bag), dark, 0.025 * unit, 0.18 + 0.35 * deep, 0.02 * unit)
        paint_stroke(image, canvas.px(lower), dark, 0.014 * unit, 0.45, 0.008 * unit)
        lash = (0.032 + 0.02 * look.lashes) * unit
        paint_stroke(image, canvas.px(upper), dark * 0.4, lash, 0.9, 0.006 * unit)
        if look.lashes > 0.5:
            tip = moved(upper[-1], self._side * 0.05, -0.035)
            paint_stroke(image, canvas.px(np.stack([upper[-3], upper[-1], tip])), dark * 0.4, 0.025 * unit, 0.8)

    def _resting_brow(self) -> np.ndarray:
        """float [26, 2]: upper edge outwards, then lower edge back."""
        look, t = self._look, np.linspace(0, 1, 13)
        x = self._side * (0.17 + 0.64 * t)
        arch = look.brow_arch * np.sin(np.pi * 0.85 * t)
        middle = -look.brow_height - arch + 0.02 * (1 - t) + 0.07 * t**3
        half = 0.5 * look.brow_thickness * np.clip(1.15 - 0.9 * t**2, 0.1, 1) * np.clip(0.45 + 4 * t, 0, 1)
        upper = np.stack([x, middle - half], axis=1)
        return np.concatenate([upper, np.stack([x, middle + half], axis=1)[::-1]])

    def _moved_brow(self, pose: FacePose) -> np.ndarray:
        """float [26, 2], eye distances, like `_resting_brow`; hair moves a little further than the skin below it."""
        return self._brow + 1.25 * self._brow_motion.displace(pose)

    def _draw_brow(self, image, pose: FacePose, canvas: Canvas) -> None:
        brow = canvas.px(self._moved_brow(pose))
        rgb = np.array(self._look.hair) * 0.62
        unit = canvas.unit_px
        paint_area(image, smooth_curve(brow, 2, closed=True), rgb, 0.6, 0.022 * unit)
        paint_area(image, brow, rgb, 0.75, 0.01 * unit)
