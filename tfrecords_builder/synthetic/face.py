"""Renders a synthetic face from action units: warps the resting head, then draws eyes, folds and mouth."""

import dataclasses

import cv2
import numpy as np

from tfrecords_builder.synthetic.actor import Look
from tfrecords_builder.synthetic.eyes import Eye
from tfrecords_builder.synthetic.folds import Folds
from tfrecords_builder.synthetic.head import Canvas, draw_head
from tfrecords_builder.synthetic.motion import FacePose, SkinMotion
from tfrecords_builder.synthetic.mouth import MAX_GAP, Mouth
from tfrecords_builder.synthetic.scene import draw_scene

SUPERSAMPLING = 2
EYE_DISTANCE = 0.2  #: share of the picture's width, at `Look.scale` 1
EYES_AT = (0.5, 0.43)  #: shares of the picture's width and height, head at rest
_GRID_PX = 8
#: Points whose place in the picture is known: of each eye and brow, of the mouth, and the chin.
LANDMARKS = (
    *(f"{side}_{name}" for side in ("left", "right")
      for name in ("brow_inner", "brow_middle", "brow_outer", "upper_lid", "lower_lid")),
    "left_mouth_corner", "right_mouth_corner", "upper_lip_outer", "upper_lip_inner", "lower_lip_inner",
    "lower_lip_outer", "chin",
)  # fmt: skip


@dataclasses.dataclass(frozen=True)
class FaceTruth:
    """The truth about one rendered frame."""

    left_eye_px: tuple[float, float]  #: centre of the left eye of the picture, x and y
    right_eye_px: tuple[float, float]
    mouth_opening: float  #: 0…1: gap between the lips, relative to the widest gap
    mouth_opening_ratio: float  #: gap between the lips in eye distances
    mouth_opening_px: float
    landmarks_px: dict[str, tuple[float, float]]  #: `LANDMARKS`, x and y


class FaceRenderer:
    """Renders pictures of one actor. Making a renderer takes a tenth of a second, a frame some milliseconds."""

    def __init__(self, look: Look, size_px: int):
        self._size_px, self._unit_px = size_px, EYE_DISTANCE * size_px * look.scale
        self._canvas = Canvas(self._unit_px * SUPERSAMPLING)
        self._head = draw_head(look, self._canvas)
        self._scene = draw_scene(look, size_px, self._unit_px, np.array(EYES_AT) * size_px)
        x, y = self._canvas.grid(_GRID_PX)
        self._coarse, self._coarse_motion = x.shape, SkinMotion(np.stack([x.ravel(), y.ravel()], axis=1))
        columns, rows = np.meshgrid(np.arange(self._canvas.width), np.arange(self._canvas.height))
        self._pixels = np.dstack([columns, rows]).astype(np.float32)
        chin = np.array([(0.0, look.chin_y)])
        self._chin, self._chin_motion = chin, SkinMotion(chin)
        self._eyes, self._mouth, self._folds = (Eye(look, -1.0), Eye(look, 1.0)), Mouth(look), Folds(look)

    def render(self, pose: FacePose) -> np.ndarray:
        """Renders a pose: uint8 [size_px, size_px, 3] RGB."""
        head = self._warp(pose)
        image, opacity = cv2.cvtColor(head, cv2.COLOR_RGBA2RGB), cv2.extractChannel(head, 3)
        self._folds.draw(image, pose, self._canvas)
        for eye in self._eyes:
            eye.draw(image, pose, self._canvas)
        self._mouth.draw(image, pose, self._canvas)
        return self._compose(image, opacity, pose)

    def truth(self, pose: FacePose) -> FaceTruth:
        """The truth about what `render` shows at `pose`."""
        eyes = self._in_picture(np.stack([eye.centre(pose) for eye in self._eyes]), pose)
        gap = self._mouth.gap(pose)
        (left, right) = ((float(x), float(y)) for x, y in eyes)
        distance = float(np.hypot(*(eyes[1] - eyes[0])))
        points = {f"{side}_{name}": point for side, eye in zip(("left", "right"), self._eyes)
                  for name, point in eye.landmarks(pose).items()}  # fmt: skip
        points |= self._mouth.landmarks(pose) | {"chin": (self._chin + self._chin_motion.displace(pose))[0]}
        places = self._in_picture(np.stack([points[name] for name in LANDMARKS]), pose)
        landmarks = {name: (float(x), float(y)) for name, (x, y) in zip(LANDMARKS, places)}
        return FaceTruth(left, right, gap / MAX_GAP, gap * self._unit_px / distance, gap * self._unit_px, landmarks)

    def _in_picture(self, points: np.ndarray, pose: FacePose) -> np.ndarray:
        """Pixels of the picture, float [n, 2], of points in eye distances, float [n, 2]."""
        placement = self._placement(pose)
        return self._canvas.px(points) @ placement[:, :2].T + placement[:, 2]

    def _warp(self, pose: FacePose) -> np.ndarray:
        """uint8 [height, width, 4]: the head with its skin moved."""
        moved = self._coarse_motion.displace(pose).astype(np.float32) * self._canvas.unit_px
        moved = moved.reshape(*self._coarse, 2)
        height, width = self._coarse
        moved = cv2.resize(moved, (width * _GRID_PX, height * _GRID_PX), interpolation=cv2.INTER_LINEAR)
        source = self._pixels - moved[: self._canvas.height, : self._canvas.width]
        return cv2.remap(self._head, source, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)

    def _placement(self, pose: FacePose) -> np.ndarray:
        """float [2, 3]: canvas pixels to pixels of the picture; the head turns about the neck."""
        scale, cos, sin = 1.0 / SUPERSAMPLING, np.cos(pose.roll), np.sin(pose.roll)
        turn = np.array([[cos, -sin], [sin, cos]])
        eyes, neck = self._canvas.px((0.0, 0.0)), np.array((0.0, 1.9)) * self._canvas.unit_px
        target = np.array(EYES_AT) * self._size_px + np.array(pose.shift) * self._unit_px
        offset = target + scale * neck - scale * turn @ (eyes + neck)
        return np.concatenate([scale * turn, offset[:, None]], axis=1)

    def _compose(self, image: np.ndarray, opacity: np.ndarray, pose: FacePose) -> np.ndarray:
        size, matrix = (self._size_px, self._size_px), self._placement(pose)
        placed = cv2.warpAffine(image, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        # opacity ends at the canvas' lower edge; below it the scene shows
        mask = cv2.warpAffine(opacity, matrix, size, flags=cv2.INTER_LINEAR) * np.float32(1 / 255)
        return cv2.blendLinear(placed, self._scene, mask, 1 - mask)
