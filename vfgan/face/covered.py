"""Which parts of a face are covered: by dark glasses, a mask, a hand, or anything else."""

from pathlib import Path

import numpy as np

from vfgan.config.data import CropConfig
from vfgan.face.crop import crop_face
from vfgan.face.face import Face
from vfgan.face.networks import Network, sigmoid

SIDE_PX, CELLS = 48, 12  #: of the network's picture and of its answer


class CoverDetector:
    """A small network that was taught by things drawn over faces (`pipelines.covered_faces`)."""

    def __init__(self):
        self._network = Network(Path(__file__).with_name("covered.tflite"))

    def find(self, rgb: np.ndarray, face: Face) -> np.ndarray:
        """How likely each cell of the aligned crop (`CropConfig`) is covered.

        Args:
            rgb: uint8 [height, width, 3], the whole picture.
        Returns:
            float32 [12, 12], 0…1.
        """
        crop = crop_face(rgb, face, CropConfig(), SIDE_PX)
        (logits,) = self._network.run(crop / np.float32(127.5) - 1.0)
        return sigmoid(logits).astype(np.float32)
