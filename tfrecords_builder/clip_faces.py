"""The face of a clip: the fields of its record that come from pictures."""

import collections
import threading
from typing import TYPE_CHECKING

import numpy as np

from tfrecords_builder.clip import Clip
from vfgan.config.data import BuildConfig
from vfgan.errors import MediaError, NoFaceError

if TYPE_CHECKING:
    from vfgan.face.face import Face
    from vfgan.face.finder import FaceFinder
    from vfgan.face.readability import Reader

#: Of a video: a face of which less than this share lies in the picture has an eye outside: it is leaving, and left out.
LEAST_INSIDE = 0.85
#: Of a video: how well the face can be read is measured on one crop of so many.
_READ_EVERY = 5
#: A picture of at most this many pixels a side is taken whole where it shows no landmarks (FER2013 has 48).
_SMALL_PX = 256
#: name -> shape of one face's value
_NUMBERS = {
    "face_times": (), "face_boxes": (4,), "eye_centres": (4,), "mouth_opening": (), "eye_opening": (),
    "head_pose": (3,), "face_confidence": (), "sharpness": (), "landmarks": (468, 2),
}  # fmt: skip


def face_fields(clip: Clip, config: BuildConfig, notes: list[str]) -> dict:
    """The faces of a clip's video or picture, one for each moment: the one that `config.face` says.

    Args:
        notes: gets what a person may want to know.
    Raises:
        NoFaceError: there is no face where one is expected.
        MediaError: the file cannot be read.
    """
    rows, frames = [], 0
    if clip.image:
        rows, frames = [_image_face(clip, config, notes)], 1
    elif clip.video:
        rows, frames = _video_faces(clip, config, notes)
    columns = {name: [row[name] for row in rows] for name in _NUMBERS}
    fields = {name: np.asarray(columns[name], np.float32).reshape(-1, *shape) for name, shape in _NUMBERS.items()}
    return {"faces": [row["faces"] for row in rows], "frames_seen": frames, **fields}


def _video_faces(clip: Clip, config: BuildConfig, notes: list[str]) -> tuple[list[dict], int]:
    """(a row for each frame with a face, how many frames were looked at)."""
    from vfgan.face.crop import crop_face
    from vfgan.face.readability import ReadingNotes
    from vfgan.face.selection import WhichFace
    from vfgan.media.video import read_frames

    rows, counts, before, face = [], collections.Counter(), None, None
    which, readings = WhichFace(config.face), ReadingNotes()
    interval = 1.0 / config.face_fps if config.face_fps else 0.0
    part = {"start_seconds": clip.start_seconds, "end_seconds": clip.end_seconds, "threads": 1}  # a process a core
    with _finder(tracking=True) as finder:
        for time, rgb in read_frames(
            clip.video, interval_seconds=interval, max_seconds=config.max_clip_seconds, **part
        ):
            counts["frames"] += 1
            faces = finder.find(rgb, face)
            counts["none"] += not faces
            counts["several"] += len(faces) > 1
            face = which.next(faces, rgb.shape, before)
            inside = face.share_inside(*rgb.shape[:2]) if face else 1.0
            counts["leaving"] += inside < LEAST_INSIDE
            counts["cut"] += LEAST_INSIDE <= inside < 1.0
            before = face or before
            if face and inside >= LEAST_INSIDE:
                if len(rows) % _READ_EVERY == 0:
                    readings.add(_reader().read(rgb, face))
                rows.append(_row(crop_face(rgb, face, config.crop), time, face, config))
            del rgb  # so that the next frame takes its memory, which the system need not find and clear again
    if not rows:
        gone = f" (leaving the picture in {counts['leaving']})" if counts["leaving"] else ""
        raise NoFaceError(f"{clip.video}: no face found in any of {counts['frames']} frames{gone}")
    notes += _notes(counts, which.named) + readings.doubts()
    return rows, counts["frames"]


def _notes(counts: dict[str, int], chosen: str) -> list[str]:
    """A line for each thing that happened in some frames."""
    said = {
        "none": "no face in {}",
        "several": "several faces in {}: " + chosen + " was taken",
        "leaving": "face leaving the picture in {}: left out",
        "cut": "face cut by the picture's edge in {}",
    }
    return [text.format(f"{counts[kind]} of {counts['frames']} frames") for kind, text in said.items() if counts[kind]]


def _image_face(clip: Clip, config: BuildConfig, notes: list[str]) -> dict:
    """The face of a picture; a picture without landmarks is taken whole (small pictures of sets such as FER2013)."""
    from vfgan.face.crop import crop_face, warp_crop, whole_picture_matrix
    from vfgan.face.selection import WhichFace, said_of_several
    from vfgan.media.images import read_image

    rgb = read_image(clip.image)
    faces = _finder(tracking=False).find(rgb)
    height, width = rgb.shape[:2]
    if faces:
        which = WhichFace(config.face)
        face = which.first(faces, rgb.shape)
        notes += said_of_several(len(faces), which) + _reader().read(rgb, face).doubts()
        if face.share_inside(height, width) < LEAST_INSIDE:
            notes.append("face cut by the picture's edge")
        return _row(crop_face(rgb, face, config.crop), 0.0, face, config)
    if max(height, width) > _SMALL_PX or min(height, width) < 16:
        raise NoFaceError(f"{clip.image}: no face found in {width}x{height} pixels")
    size = config.crop.size_px
    return _row(warp_crop(rgb, whole_picture_matrix(height, width, size), size), 0.0, None, config)


_finders = threading.local()


def _reader() -> "Reader":
    """One a thread, as `_finder`."""
    from vfgan.face.readability import Reader

    kept = _finders.__dict__
    if "reader" not in kept:
        kept["reader"] = Reader()
    return kept["reader"]


def _finder(tracking: bool) -> "FaceFinder":
    """One detector of each kind a thread: loading its networks takes longer than a picture."""
    from vfgan.face.finder import FaceFinder

    kept = _finders.__dict__
    if tracking not in kept:
        kept[tracking] = FaceFinder(tracking=tracking)
    return kept[tracking]


def _row(crop: np.ndarray, time: float, face: "Face | None", config: BuildConfig) -> dict:
    """One face's part of each field; without landmarks what they tell is NaN."""
    from vfgan.face.crop import landmarks_in_crop, sharpness

    if face is None:
        measured = {name: np.full(shape, np.nan) for name, shape in _NUMBERS.items()}
    else:
        measured = {
            "face_boxes": face.box,
            "eye_centres": face.eye_centres.ravel(),
            "mouth_opening": face.mouth_opening,
            "eye_opening": face.eye_opening,
            "head_pose": face.head_pose,
            "face_confidence": face.confidence,
            "landmarks": landmarks_in_crop(face, config.crop),
        }
    encoded = encode_picture(crop, config.jpeg_quality)
    return measured | {"faces": encoded, "face_times": time, "sharpness": sharpness(crop)}


def encode_picture(rgb: np.ndarray, jpeg_quality: int) -> bytes:
    """JPEG of the quality, or PNG where it is 0."""
    import cv2

    options = [cv2.IMWRITE_JPEG_QUALITY, jpeg_quality] if jpeg_quality else []
    bgr = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)
    done, content = cv2.imencode(".jpg" if jpeg_quality else ".png", bgr, options)
    if not done:
        raise MediaError(f"a crop of {rgb.shape} cannot be encoded")
    return content.tobytes()
