"""Faces that are told apart by their grey level."""

import numpy as np

from vfgan.data.face_set import Faces


def make_faces(emotions, intensities, voice_phase=None):
    count = len(emotions)
    # emotions 0…6 as grey levels far enough apart to be told after a small change of light
    return Faces(
        pixels=np.broadcast_to(np.array(emotions, np.uint8)[:, None, None, None] * 40, (count, 32, 32, 1)).copy(),
        emotion=np.array(emotions, np.int32), intensity=np.array(intensities, np.int32),
        voice_phase=np.array([0] * count if voice_phase is None else voice_phase, np.int32),
        time=np.zeros(count, np.float32),
        statement=np.zeros(count, np.int32),
        mouth_opening=np.zeros(count, np.float32), actor=np.array(["01"] * count),
        clip_id=np.array([f"c/{i}" for i in range(count)]),
    )  # fmt: skip
