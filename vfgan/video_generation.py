"""A voice and footage (or a photo) -> a video of the person with the voice's emotion and its sound."""

import dataclasses
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import numpy as np

from vfgan.errors import ConfigError, NoFaceError
from vfgan.evaluation.flicker import Flicker
from vfgan.face_follower import FaceFollower, Place
from vfgan.footage import Footage, Photo
from vfgan.generate import SYNTHETIC_NOTE, Heard, VoiceFace
from vfgan.media.faces import Face, FaceFinder, paste_change, warp_crop
from vfgan.media.images import IMAGE_SUFFIXES
from vfgan.media.video import write_video

_BATCH = 8


@dataclasses.dataclass(frozen=True)
class VideoReport:
    """What was heard, and what happened to the video."""

    heard: Heard  #: of the whole voice
    frames: int
    without_face: int  #: frames
    several_faces: int  #: frames
    fps: float
    flicker: float  #: mean absolute difference of successive generated faces, grey levels
    source_flicker: float  #: the same of the source's


def generate_video(
    model: VoiceFace,
    voice: str | Path,
    face: str | Path,
    out: str | Path,
    *,
    length: Literal["voice", "footage"] = "voice",
    only_face: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> VideoReport:
    """Writes an mp4 of the person, the voice as its sound track.

    Footage keeps its frame rate. With length "voice" the video is as long as the voice: shorter footage plays forth and
    back, longer is cut. With "footage" it is as long as the footage. Frames without a face stay as they are.

    Args:
        voice: recording or video with sound.
        face: footage or photo.
        out: .mp4.
        only_face: writes the aligned crop instead of the whole frame.
        progress: called with (frames done, frames in all).
    Raises:
        ConfigError: a photo has no length.
        MediaError: voice or footage cannot be used.
        NoFaceError: there is no face in any frame.
    """
    photo = Path(face).suffix.lower() in IMAGE_SUFFIXES
    if photo and length == "footage":
        raise ConfigError(f"length footage: {face} is a photo, which has none; the video is as long as the voice")
    waveform, source = model.load_voice(voice), Photo(face) if photo else Footage(face)
    rate_hz, counts, flicker = model.mfsc.sample_rate_hz, {"frames": 0, "without": 0, "several": 0}, Flicker()
    wanted = max(1, round(len(waveform) / rate_hz * source.fps)) if length == "voice" else None
    first, track = _first_face(source, wanted, face), model.track(waveform)
    pictures = source.once() if wanted is None else itertools.islice(source.forth_and_back(), wanted)

    def z_of(index: np.ndarray) -> np.ndarray:
        """The voice attribute in the middle of these frames."""
        return track.at((index + 0.5) / float(source.fps))

    def made() -> Iterator[np.ndarray]:
        for faces, rgb in _changed(model, pictures, z_of, first, only_face, flicker):
            counts["frames"] += 1
            counts["without"] += faces == 0
            counts["several"] += faces > 1
            progress(counts["frames"], max(wanted or source.count, counts["frames"]))
            yield rgb

    def sound(video_seconds: float) -> np.ndarray:
        """The voice, cut or padded with silence to the length of the video."""
        samples = round(video_seconds * rate_hz)
        return np.pad(waveform[:samples], (0, max(0, samples - len(waveform))))

    metadata = {"comment": SYNTHETIC_NOTE, "title": "synthetic"}
    write_video(out, made(), source.fps, waveform=sound, sample_rate_hz=rate_hz, metadata=metadata)
    return VideoReport(
        Heard.from_outputs(track.heard), counts["frames"], counts["without"], counts["several"], float(source.fps),
        flicker.generated, flicker.source,
    )  # fmt: skip


def _first_face(source: Photo | Footage, wanted: int | None, name: str | Path) -> Face:
    """The first face of the frames that are going to be shown: where there is none, nothing is to be done.

    Raises:
        NoFaceError: there is none.
    """
    number = 0
    with FaceFinder() as finder:
        for rgb in itertools.islice(source.once(), wanted):
            number += 1
            faces = finder.find(rgb)
            if faces:
                return faces[0]
    raise NoFaceError(
        f"{name}: no face found in any of {number} frames: expected one that looks at the camera, upright"
    )


def _changed(
    model: VoiceFace,
    pictures: Iterator[np.ndarray],
    z_of: Callable[[np.ndarray], np.ndarray],
    first: Face,
    only_face: bool,
    flicker: Flicker,
) -> Iterator[tuple[int, np.ndarray]]:
    """(number of faces, frame with its largest face changed) for each picture; without a face, as it is."""
    size, index = model.crop_size(first), 0
    with FaceFollower(first, model.crop, size) as follower:
        while batch := list(itertools.islice(pictures, _BATCH)):
            places = [follower.follow(rgb) for rgb in batch]
            before = np.stack([warp_crop(rgb, place.matrix, size) for rgb, place in zip(batch, places)])
            after = _change(model, before, places, z_of(np.arange(index, index + len(batch))))
            index += len(batch)
            for rgb, place, source, result in zip(batch, places, before, after):
                if place.faces:
                    flicker.add(source, result)
                else:
                    flicker.interrupt()
                yield place.faces, result if only_face else paste_change(rgb, source, result, place.matrix)


def _change(model: VoiceFace, crops: np.ndarray, places: list[Place], z: np.ndarray) -> np.ndarray:
    """The crops with the emotion of z, but for those in which no face was found."""
    after, rows = crops.copy(), [row for row, place in enumerate(places) if place.faces]
    if rows:
        after[rows] = model.change(crops[rows], z[rows])
    return after
