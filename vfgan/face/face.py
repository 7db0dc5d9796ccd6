"""A face in a picture: its landmarks and measurements."""

import dataclasses
import functools
import math

import numpy as np

from vfgan.face.head_pose import head_pose_degrees

# indices of the face mesh
_RIGHT_EYE_CORNERS, _LEFT_EYE_CORNERS = (33, 133), (263, 362)  # the person's right eye is left in the picture
_RIGHT_EYE_LIDS, _LEFT_EYE_LIDS = (159, 145), (386, 374)
_SUBNASALE = 2
INNER_LIPS = 13, 14  #: middles of their edges, the upper and the lower one
#: Distance from eye line to nose base in eye distances, for a frontal face; larger for a turned head.
_NOSE_RATIO = 0.80


@dataclasses.dataclass(frozen=True)
class Face:
    """One face in a picture."""

    landmarks: np.ndarray  #: float32 [468, 2], (x, y) in pixels of the picture
    confidence: float = 1.0  #: probability that this is a face, 0…1, from the landmark network

    @functools.cached_property
    def eye_centres(self) -> np.ndarray:
        """float32 [2, 2]: (x, y) of the left and the right eye as seen in the picture."""
        points = self.landmarks
        return np.stack([points[list(_RIGHT_EYE_CORNERS)].mean(0), points[list(_LEFT_EYE_CORNERS)].mean(0)])

    @functools.cached_property
    def eye_distance(self) -> float:
        """Scale of the face in pixels: the distance of the eyes, corrected by the nose if the head is turned."""
        left, right = self.eye_centres
        nose = np.linalg.norm(self.landmarks[_SUBNASALE] - (left + right) / 2)
        return float(max(np.linalg.norm(right - left), nose / _NOSE_RATIO))

    @property
    def log_odds(self) -> float:
        """The confidence on a scale without end: 0 is even odds, 20 a clear face."""
        sure = min(max(self.confidence, 1e-12), 1.0 - 1e-12)
        return math.log(sure / (1.0 - sure))

    @property
    def mouth_opening(self) -> float:
        """Distance of the inner lips in eye distances: about 0 closed, 0.6 wide open."""
        upper, lower = self.landmarks[list(INNER_LIPS)]
        return float(np.linalg.norm(upper - lower)) / self.eye_distance

    @property
    def eye_opening(self) -> float:
        """Mean distance of the lids in eye distances: about 0 closed, 0.15 open."""
        gaps = [np.linalg.norm(self.landmarks[a] - self.landmarks[b]) for a, b in (_RIGHT_EYE_LIDS, _LEFT_EYE_LIDS)]
        return float(np.mean(gaps)) / self.eye_distance

    @property
    def head_pose(self) -> np.ndarray:
        """float64 [3]: yaw, pitch and roll in degrees; see `vfgan.face.head_pose`."""
        return head_pose_degrees(self.landmarks)

    def share_inside(self, height: int, width: int) -> float:
        """Share of the landmarks inside a picture of this size, 0…1; below 1 if its edge cuts the face."""
        return float(((self.landmarks >= 0) & (self.landmarks <= (width, height))).all(axis=1).mean())

    @property
    def box(self) -> np.ndarray:
        """float32 [4]: left, top, right, bottom of the landmarks in pixels."""
        return np.concatenate([self.landmarks.min(0), self.landmarks.max(0)])
