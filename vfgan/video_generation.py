"""A voice and footage (or a photo) -> a video of the person with the voice's emotion and its sound."""

import dataclasses
import itertools
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Literal

import numpy as np

from vfgan.errors import MediaError, NoFaceError
from vfgan.generate import SYNTHETIC_NOTE, VoiceFace
from vfgan.media.faces import FaceFinder, crop_matrix, paste_change, warp_crop
from vfgan.media.images import IMAGE_SUFFIXES, read_image
from vfgan.media.video import probe_video, read_frames, write_video

PHOTO_FPS = Fraction(25)
#: Frames held in memory where footage has to play back and forth.
MAX_HELD_BYTES = 2 * 1024**3
_BATCH = 8
#: Share of the last frame's place in the next one's: quiets the landmarks' jitter.
_STEADY = 0.5


@dataclasses.dataclass(frozen=True)
class VideoReport:
    """What happened to a video."""

    frames: int
    without_face: int
    several_faces: int
    fps: float


def generate_video(
    model: VoiceFace,
    voice: str | Path,
    face: str | Path,
    out: str | Path,
    *,
    length: Literal["voice", "footage"] = "voice",
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> VideoReport:
    """Writes an mp4 of the person, the voice as its sound track.

    Footage keeps its frame rate. With length "voice" the video is as long as the voice: shorter footage plays forth and
    back, longer is cut. With "footage" it is as long as the footage. Frames without a face stay as they are.

    Args:
        voice: recording or video with sound.
        face: footage or photo.
        out: .mp4.
        progress: called with (frames done, frames in all).
    Raises:
        MediaError: voice or footage cannot be used.
        NoFaceError: there is no face in any frame.
    """
    waveform = model.load_voice(voice)
    photo = Path(face).suffix.lower() in IMAGE_SUFFIXES
    fps = PHOTO_FPS if photo else probe_video(face).fps
    seconds = len(waveform) / model.mfsc.sample_rate_hz
    wanted = max(1, round(seconds * fps)) if length == "voice" or photo else None
    counts = {"frames": 0, "without": 0, "several": 0}
    frames = _photo_frames(face, wanted) if photo else _footage_frames(face, wanted)
    total = wanted or max(1, round(probe_video(face).seconds * fps))

    def made() -> Iterator[np.ndarray]:
        for rgb in _change_frames(model, frames, waveform, fps, counts):
            counts["frames"] += 1
            progress(counts["frames"], max(total, counts["frames"]))
            yield rgb
        if counts["without"] == counts["frames"]:
            raise NoFaceError(f"{face}: no face found in any of {counts['frames']} frames")

    def sound(video_seconds: float) -> np.ndarray:
        """The voice, cut or padded with silence to the length of the video."""
        samples = round(video_seconds * model.mfsc.sample_rate_hz)
        return np.pad(waveform[:samples], (0, max(0, samples - len(waveform))))

    write_video(
        out, made(), fps, waveform=sound, sample_rate_hz=model.mfsc.sample_rate_hz,
        metadata={"comment": SYNTHETIC_NOTE, "title": "synthetic"},
    )  # fmt: skip
    return VideoReport(counts["frames"], counts["without"], counts["several"], float(fps))


def _photo_frames(path: str | Path, count: int) -> Iterator[np.ndarray]:
    return itertools.repeat(read_image(path), count)


def _footage_frames(path: str | Path, wanted: int | None) -> Iterator[np.ndarray]:
    """`wanted` frames, playing forth and back where there are fewer; all once if None."""
    if wanted is None:
        yield from (rgb for _, rgb in read_frames(path))
        return
    held, size, count = [], 0, 0
    for _, rgb in read_frames(path):
        if count == wanted:
            return
        held.append(rgb)
        size += rgb.nbytes
        if size > MAX_HELD_BYTES:
            held, size = [], -(10**18)  # long footage: hope that it is long enough, and let go of it
        yield rgb
        count += 1
    if count == 0:
        raise MediaError(f"{path} has no frames: expected footage of a face")
    if count < wanted and not held:
        raise MediaError(f"{path} has {count} frames, too many to play back and forth: use --length footage")
    order = itertools.cycle([*range(len(held) - 2, -1, -1), *range(1, len(held))] or [0])
    for index in itertools.islice(order, wanted - count):
        yield held[index]


def _change_frames(model: VoiceFace, frames: Iterator[np.ndarray], waveform, fps: Fraction, counts: dict) -> Iterator:
    """Each frame with its face changed, in batches; a frame without a face as it is."""
    size, steady, index, track = None, None, 0, model.track(waveform)
    with FaceFinder(tracking=True) as finder:
        while batch := list(itertools.islice(frames, _BATCH)):
            times = (np.arange(index, index + len(batch)) + 0.5) / float(fps)
            index += len(batch)
            places = []
            for rgb in batch:
                faces = finder.find(rgb)
                counts["several"] += len(faces) > 1
                counts["without"] += not faces
                if not faces:
                    steady = None
                    places.append(None)
                    continue
                size = size or model.crop_size(faces[0])
                matrix = crop_matrix(faces[0], model.crop, size)
                steady = matrix if steady is None else _follow(steady, matrix)
                places.append(steady)
            yield from _change_batch(model, batch, places, track.at(times), size)


def _follow(before: np.ndarray, now: np.ndarray) -> np.ndarray:
    """Small movements are smoothed, large ones followed at once: float64 [2, 3]."""
    moved = np.abs(now - before).max() / max(1e-6, np.abs(now[:, 2]).max())
    share = _STEADY * max(0.0, 1.0 - moved / 0.05)
    return share * before + (1.0 - share) * now


def _change_batch(model: VoiceFace, batch: list, places: list, z: np.ndarray, size: int | None) -> Iterator[np.ndarray]:
    rows = [row for row, place in enumerate(places) if place is not None]
    after = {}
    if rows:
        before = np.stack([warp_crop(batch[row], places[row], size) for row in rows])
        changed = model.change(before, z[rows])
        after = {row: (before[i], changed[i]) for i, row in enumerate(rows)}
    for row, rgb in enumerate(batch):
        yield paste_change(rgb, *after[row], places[row]) if row in after else rgb
