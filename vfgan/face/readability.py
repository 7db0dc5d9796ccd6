"""How well a face can be read: whether it may be changed, and which parts of it are left alone.

Each measure grows the less a face can be read. Between its two limits a face is doubtful: it is changed, with a note.
Beyond the second it is hopeless, and not changed. The limits were chosen on pictures of three sets of faces.
"""

import dataclasses
import functools
import math
from typing import Literal

import numpy as np

from vfgan.config.data import CropConfig
from vfgan.face.covered import CELLS, CoverDetector
from vfgan.face.crop import crop_face
from vfgan.face.face import Face
from vfgan.face.pixels import fade_mask, luma_uint8

#: measure -> (doubtful from here, hopeless from here, what is said)
LIMITS: dict[str, tuple[float, float, str]] = {
    "covered": (0.07, 0.55, "parts of it are covered"),
    "blown_out": (0.55, 0.65, "it is blown out"),
    "dark": (0.45, 0.85, "it is too dark"),
    "turned": (40.0, 60.0, "it is turned away"),
    "cut": (0.08, 0.40, "the picture's edge cuts it"),
    "drawn": (0.35, math.inf, "it seems to be drawn"),
    "unsure": (-5.0, -3.0, "it hardly looks like a face"),
}
_SIDE_PX = 96  #: of the crop on which light is measured
_WHITE, _BLACK = 248, 24  #: grey levels of pixels that show nothing
_FLAT = 1  #: grey levels among a pixel and its neighbours where nothing was photographed
_SURE = 0.5  #: probability from which a cell counts as covered
_OVAL = 0.3  #: of `fade_mask`: where the face may change


@dataclasses.dataclass(frozen=True)
class Readability:
    """What was measured on a face."""

    measures: dict[str, float]  #: a value for each of `LIMITS`
    spoilt: np.ndarray  #: float32 [12, 12], 0…1: cells of the aligned crop that are covered or blown out

    @property
    def level(self) -> Literal["clear", "doubtful", "hopeless"]:
        """The worst that a measure says."""
        if any(self.measures[name] >= hopeless for name, (_, hopeless, _) in LIMITS.items()):
            return "hopeless"
        return "doubtful" if self.reasons else "clear"

    @property
    def reasons(self) -> list[str]:
        """Why it is not clear, in words."""
        return [said for name, (doubtful, _, said) in LIMITS.items() if self.measures[name] >= doubtful]

    def note(self) -> list[str]:
        """What is said of a face that is not clear."""
        hopeless = "; it is not changed" if self.level == "hopeless" else ""
        return [doubt + hopeless for doubt in self.doubts()]

    def doubts(self) -> list[str]:
        """The same where nothing is to be changed."""
        return [f"the face is hard to read: {', '.join(self.reasons)}"] if self.reasons else []

    def after(self, before: "Readability | None", keep: float) -> "Readability":
        """Smoothed over the frames of a video: `keep` of the frame before, 0…1."""
        if before is None:
            return self
        mixed = {name: keep * before.measures[name] + (1 - keep) * value for name, value in self.measures.items()}
        return Readability(mixed, keep * before.spoilt + (1 - keep) * self.spoilt)

    def shown(self, crop: np.ndarray) -> np.ndarray:
        """A crop as generators are to see it: plain skin where it is spoilt, for black lenses upset them.

        Args:
            crop: uint8 [height, size, 3], aligned; what is below its upper square stays as it is.
        Returns:
            uint8 [height, size, 3].
        """
        if self.spoilt.max() <= _SURE / 2:
            return crop
        share = self._spoilt_share(crop)
        side = crop.shape[1]
        seen = (share[:side, :, 0] < 0.1) & _oval(side)
        if not seen.any():
            return crop
        return np.rint(crop * (1.0 - share) + np.median(crop[:side][seen], axis=0) * share).astype(np.uint8)

    def without_spoilt(self, before: np.ndarray, after: np.ndarray) -> np.ndarray:
        """A changed crop, of which the parts that cannot be seen stay as they were.

        Args:
            before: uint8 [height, size, 3], the aligned crop.
            after: uint8 [height, size, 3], what a generator made of `shown(before)`.
        Returns:
            uint8 [height, size, 3]; `before` where the face is hopeless.
        """
        if self.level == "hopeless":
            return before
        change = after.astype(np.float32) - self.shown(before)
        return np.clip(np.rint(before + (1.0 - self._spoilt_share(before)) * change), 0, 255).astype(np.uint8)

    def _spoilt_share(self, crop: np.ndarray) -> np.ndarray:
        """float32 [height, size, 1]: 1 where the crop is to stay, with soft edges outwards; 0 below its square."""
        import cv2

        share = np.clip((self.spoilt - _SURE / 2) / (_SURE / 2), 0.0, 1.0)
        share = cv2.dilate(share, np.ones((3, 3), np.uint8)) if share.max() > 0 else share
        share = np.clip(cv2.resize(share, (crop.shape[1],) * 2, interpolation=cv2.INTER_LINEAR), 0.0, 1.0)
        return np.pad(share, ((0, crop.shape[0] - crop.shape[1]), (0, 0)))[:, :, None]


class ReadingNotes:
    """Counts frames in which a face is hard to read."""

    def __init__(self):
        self.frames = self.doubtful = self.hopeless = 0
        self._reasons: dict[str, None] = {}  # in order, each once

    def add(self, reading: Readability) -> None:
        """One more frame."""
        self.frames += 1
        self.doubtful += reading.level == "doubtful"
        self.hopeless += reading.level == "hopeless"
        self._reasons |= dict.fromkeys(reading.reasons)

    def said(self) -> list[str]:
        """A note, where there is something to be said."""
        left = f"; it is not changed in {self.hopeless}" if self.hopeless else ""
        return [doubt + left for doubt in self.doubts()]

    def doubts(self) -> list[str]:
        """The same where nothing is to be changed."""
        hard = self.doubtful + self.hopeless
        return [f"the face is hard to read in {hard} of {self.frames} frames: {', '.join(self._reasons)}"] * (hard > 0)


class Reader:
    """Measures how well faces can be read; some 1 ms a face."""

    def __init__(self):
        self._cover = CoverDetector()

    def read(self, rgb: np.ndarray, face: Face) -> Readability:
        """What a picture shows of a face.

        Args:
            rgb: uint8 [height, width, 3], the whole picture.
        """
        crop = crop_face(rgb, face, CropConfig(), _SIDE_PX)
        white, black = crop.min(axis=2) >= _WHITE, luma_uint8(crop)[:, :, 0] < _BLACK
        cover, oval = self._cover.find(rgb, face), _oval(_SIDE_PX)
        measures = {
            "covered": float((cover >= _SURE)[_oval(CELLS)].mean()),
            "blown_out": float(white[oval].mean()),
            "dark": float(black[oval].mean()),
            "turned": float(abs(face.head_pose[0])),
            "cut": 1.0 - face.share_inside(*rgb.shape[:2]),
            "drawn": _flat_share(rgb, face),
            "unsure": -face.log_odds,
        }
        blown = white.reshape(CELLS, _SIDE_PX // CELLS, CELLS, -1).mean(axis=(1, 3), dtype=np.float32)
        spoilt = np.maximum(cover, blown) if measures["blown_out"] >= LIMITS["blown_out"][0] else cover
        return Readability(measures, spoilt)


@functools.cache
def _oval(size: int) -> np.ndarray:
    return fade_mask(size) > _OVAL


def _flat_share(rgb: np.ndarray, face: Face) -> float:
    """Share of a face's pixels that have the grey level of their neighbours: near 0 in photos, half in drawings."""
    import cv2

    height, width = rgb.shape[:2]
    left, top, right, bottom = np.clip(np.rint(face.box), 0, [width, height, width, height]).astype(int)
    if right - left < 3 or bottom - top < 3:
        return 0.0
    grey = cv2.cvtColor(rgb[top:bottom, left:right], cv2.COLOR_RGB2GRAY)
    around = np.ones((3, 3), np.uint8)
    flat = cv2.dilate(grey, around) - cv2.erode(grey, around) <= _FLAT
    return float((flat & (grey > _BLACK) & (grey < _WHITE)).mean())
