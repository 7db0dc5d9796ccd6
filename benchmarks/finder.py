"""How long finding every face of a picture takes, and following one in footage, on one core.

taskset -c 0 python -m benchmarks.finder

The pictures hold faces drawn by the embedded corpus. Milliseconds of processor time a picture, the least of some runs.
"""

import os
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("OPENCV_FOR_THREADS_NUM", "1")

import cv2
import numpy as np

_SIZES = {"512 x 512": (512, 512), "1280 x 720": (720, 1280), "3840 x 2160": (2160, 3840), "7680 x 4320": (4320, 7680)}
_FRAMES = 300  #: in which far faces are searched for once


def main() -> None:
    """Prints a table."""
    face = drawn_face()
    print(f"{'picture':12} {'faces':>5} {'found':>5} {'one picture':>12} {'a followed frame':>17}")
    for name, shape in _SIZES.items():
        for count in (1, 5):
            found, once, film = measured(with_faces(shape, face, count))
            print(f"{name:12} {count:5} {found:5} {once:9.1f} ms {film:14.2f} ms", flush=True)


def measured(picture: np.ndarray) -> tuple[int, float, float]:
    """(faces found, milliseconds of one picture, milliseconds of a frame in which they are followed)."""
    from vfgan.face.finder import FaceFinder

    with FaceFinder() as alone, FaceFinder(tracking=True) as following:
        found, once = len(alone.find(picture)), least(lambda: alone.find(picture), 3)
        return found, once, least(lambda: [following.find(picture) for _ in range(_FRAMES)], 1) / _FRAMES


def drawn_face() -> np.ndarray:
    """uint8 [512, 512, 3]."""
    from tfrecords_builder.synthetic.actor import draw_actor
    from tfrecords_builder.synthetic.clips import ClipKey
    from tfrecords_builder.synthetic.config import SyntheticConfig
    from tfrecords_builder.synthetic.face import FaceRenderer
    from tfrecords_builder.synthetic.performance import act

    actor = draw_actor(1, 2)
    pose = act(ClipKey("speech", "neutral", 1, 1, 1, 2), actor, SyntheticConfig(seconds=0.4)).poses[0]
    return FaceRenderer(actor.look, 512).render(pose)


def with_faces(shape: tuple[int, int], face: np.ndarray, count: int) -> np.ndarray:
    """One large face at the left, the others a quarter as large beside it."""
    height, width = shape
    picture = np.full((height, width, 3), face[0, 0], np.uint8)
    side = min(height, width) * 3 // (3 if count == 1 else 5)
    picture[:side, :side] = cv2.resize(face, (side, side), interpolation=cv2.INTER_AREA)
    small = side // 4
    for index in range(1, count):
        left = side + (index - 1) % 2 * small
        top = (index - 1) // 2 * small
        picture[top : top + small, left : left + small] = cv2.resize(face, (small, small), interpolation=cv2.INTER_AREA)
    return picture


def least(work, runs: int) -> float:
    """Milliseconds of processor time, the least of some runs."""
    taken = []
    for _ in range(runs):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return 1000 * min(taken)


if __name__ == "__main__":
    main()
