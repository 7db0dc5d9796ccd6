"""A voice and footage (or a photo) -> a video of the person with the voice's emotion and its sound."""

import contextlib
import dataclasses
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from vfgan.config.checks import require
from vfgan.config.data import VideoConfig
from vfgan.errors import ConfigError, NoFaceError
from vfgan.face.crop import paste_edit, warp_crop
from vfgan.face.face import Face
from vfgan.face.finder import FaceFinder
from vfgan.face.pixels import likeness
from vfgan.face.readability import Readability, ReadingNotes
from vfgan.face.selection import WhichFace, said_of_several
from vfgan.face.tracker import CropPlacement, FaceTracker
from vfgan.generate.ahead import ahead
from vfgan.generate.arguments import as_path, check_kept
from vfgan.generate.flicker import Flicker
from vfgan.generate.frames import Footage, Photo
from vfgan.generate.given import GivenFace, GivenVoice
from vfgan.generate.smoothing import SmoothedEdit, kept_share, smooth_z
from vfgan.generate.voice_face import SYNTHETIC_NOTE, VoiceEmotion, VoiceFace
from vfgan.media.video_writer import check_written, write_video

_BATCH = 8
#: A covered or blurred face is as like the one before; other scenes are less.
_ALIKE = 0.3
NoFace = Literal["pass", "hold", "fail"]
Length = Literal["voice", "footage"]
MouthFrom = Literal["auto", "sound", "footage"]
#: (crops uint8 [n, height, size, 3], numbers of their frames int [n]) -> the crops, changed.
Edit = Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclasses.dataclass(frozen=True)
class VideoReport:
    """What was heard, and what happened to the video."""

    heard: VoiceEmotion  #: of the whole voice
    frames: int
    without_face: int  #: frames
    several_faces: int  #: frames
    unreadable: int  #: frames in which the face cannot be read: they stay as they are
    notes: list[str]  #: which sound was taken, how many faces there are, what makes the chosen one hard to read
    fps: float
    flicker: float  #: mean absolute difference of successive generated faces, grey levels
    source_flicker: float  #: the same of the source's
    added_flicker: float  #: the same of what was changed: generated - source


def generate_video(
    model: VoiceFace,
    voice: Any,
    face: Any,
    out: str | Path,
    *,
    length: Length = "voice",
    only_face: bool = False,
    which: str | int = "largest",
    no_face: NoFace = "pass",
    mouth: MouthFrom = "auto",
    audio_track: int | None = None,
    smooth_seconds: float = VideoConfig().smooth_seconds,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> VideoReport:
    """Writes a video of the person, with the voice as its sound, as it came (`vfgan.media.sound_track`).

    Footage keeps its frame rate and its frames. A variable rate becomes the mean one (`frames.evenly_timed`).
    With length "voice" the video is as long as the voice: shorter footage plays forth and back, longer is cut. With
    "footage" it is as long as the footage. Footage that is the voice, too, stays in sync with its sound.

    Args:
        model: or what `VoiceFace` takes: its name or folder.
        voice: path of a recording or video with sound; or samples (`vfgan.generate.given.GivenVoice`).
        face: path of footage or a photo; or an array or Pillow's picture (`vfgan.generate.arguments.as_picture`).
        out: .mp4, … (`vfgan.media.video_writer.WRITTEN_SUFFIXES`).
        only_face: writes the aligned crop instead of the whole frame.
        which: which face, where there are several: `vfgan.face.selection.WhichFace`.
        no_face: what becomes of frames in which that face is not found. pass: they stay as they are. hold: the face is
            taken to be where it was last, while the picture looks alike there. fail: nothing is written.
        mouth: what moves the mouth. sound: the voice's sound; the footage's own mouth is closed. footage: the footage's
            own mouth, none in a photo. auto: sound for a photo, where the model can (`VoiceFace.talks`), else footage.
        audio_track: of a recording with several, 1 is the first; None: `vfgan.media.tracks.choose_track`.
        smooth_seconds: how long what trembles is held (`vfgan.generate.smoothing`); 0: nothing is smoothed.
        progress: called with (frames done, frames in all).
    Raises:
        ConfigError: a photo has no length, out names no format that is written or would overwrite voice or face, which
            is none of these, smooth_seconds is out of range, mouth is none of these, or the model's mouth cannot
            follow a sound.
        MediaError: voice or footage cannot be used.
        NoFaceError: there is no face in any frame, or with "fail" in one.
    """
    VideoConfig(smooth_seconds)  # says what is wrong with it
    require(length in get_args(Length), "length", "voice or footage", length)
    require(no_face in get_args(NoFace), "no_face", "pass, hold or fail", no_face)
    out, model, choice = as_path("out", out), VoiceFace.of(model), WhichFace(which)
    check_written(out)
    check_kept(out, voice=voice, face=face)
    sound, given = GivenVoice(voice, model.mfsc.sample_rate_hz, audio_track), GivenFace(face)
    photo = not given.is_footage
    if photo and length == "footage":
        raise ConfigError(f"length footage: {given.name} is a photo, which has none; the video is as long as the voice")
    require(mouth in get_args(MouthFrom), "mouth", "auto, sound or footage", mouth)
    talking = mouth == "sound" or (mouth == "auto" and photo and model.talks)
    if talking and not model.talks:
        raise ConfigError("mouth sound: this model has no mouth that follows a sound; export it with one (--mouth)")
    waveform = sound.waveform(model.mfsc)
    source = Footage(given.path) if given.path and given.is_footage else Photo(given.picture())
    flicker = Flicker()
    counts, most, readings = {"frames": 0, "without_face": 0, "several_faces": 0}, 0, ReadingNotes()
    delay = sound.delay_seconds(given)
    voice_seconds = len(waveform) / model.mfsc.sample_rate_hz + delay  # from the first frame on
    wanted = max(1, round(voice_seconds * source.fps)) if length == "voice" else None
    first, track = _first_face(source, wanted, given.name, choice), model.track(waveform)
    pictures = source.once() if wanted is None else itertools.islice(source.forth_and_back(), wanted)
    keep = kept_share(smooth_seconds, float(source.fps))
    tracker = FaceTracker(first, model.crop, model.crop_size(first), choice, keep)
    steady = SmoothedEdit(0.0 if photo or talking else keep)  # what speaks is not to be dragged along
    faces = _FrameFaces(tracker, steady, no_face, only_face, flicker, model.crop_height)
    mouths = model.mouth_track(waveform) if talking else None

    def edit(crops: np.ndarray, index: np.ndarray) -> np.ndarray:
        """The crops of these frames with the voice attribute in their middle, and the mouth at their beginning."""
        z = smooth_z(track.at, (index + 0.5) / float(source.fps) - delay, smooth_seconds)
        moved = mouths.at(index / float(source.fps) - delay) if mouths else None
        return model.edit(crops, z, moved, closed=0.0 if photo else 1.0)

    def made(edited: Iterator[_Frame]) -> Iterator[np.ndarray]:
        nonlocal most
        for place, rgb in faces.pasted(edited):
            counts["frames"] += 1
            counts["without_face"] += not place.found
            counts["several_faces"] += place.faces > 1
            most = max(most, place.faces)
            if place.found and place.reading:
                readings.add(place.reading)
            progress(counts["frames"], max(wanted or source.count, counts["frames"]))
            yield rgb

    metadata = {"comment": SYNTHETIC_NOTE, "title": "synthetic"}
    with (
        contextlib.closing(ahead(pictures)) as decoded,
        contextlib.closing(ahead(faces.edited(decoded, edit, given.name))) as edited,
        contextlib.closing(ahead(made(edited))) as frames,
    ):
        write_video(out, frames, source.fps, sound=sound.sound_track(delay), metadata=metadata)
    notes = [*sound.notes(), given.note()]
    if isinstance(source, Photo) and source.is_transparent:
        notes.append("the photo is transparent in part and a video cannot be: it is white there")
    return VideoReport(
        VoiceEmotion.from_outputs(track.outputs), **counts, unreadable=readings.hopeless,
        notes=[*filter(None, notes), *said_of_several(most, choice), *readings.said()], fps=float(source.fps),
        flicker=flicker.generated, source_flicker=flicker.source, added_flicker=flicker.added,
    )  # fmt: skip


def _first_face(source: Photo | Footage, wanted: int | None, name: str | Path, which: WhichFace) -> Face:
    """The first face of the frames that are going to be shown: where there is none, nothing is to be done.

    Raises:
        NoFaceError: there is none.
    """
    number, most = 0, 0
    with FaceFinder(tracking=True) as finder:
        for rgb in itertools.islice(source.once(), wanted):
            faces = finder.find(rgb)
            chosen = which.first(faces, rgb.shape)
            if chosen is not None:
                return chosen
            number, most = number + 1, max(most, len(faces))
    if most:
        raise which.missing(most, str(name))
    raise NoFaceError(f"{name}: no face found in any of {number} frames: expected one that looks at the camera")


@dataclasses.dataclass(frozen=True)
class _Frame:
    """A picture on its way."""

    rgb: np.ndarray
    place: CropPlacement  #: where the face lies
    source: np.ndarray  #: the crop
    edited: np.ndarray  #: the same, changed
    is_changed: bool  #: False: it stays as it is


class _FrameFaces:
    """Changes the face that is meant in each frame: two stages, which may work in a thread each.

    Args:
        tracker: knows where the face is.
        steady: smooths what is changed.
        no_face: what becomes of frames without it.
        only_face: gives the aligned crop instead of the whole frame.
        flicker: is told of each face before and after.
        height: of a crop, in widths.
    """

    def __init__(
        self,
        tracker: FaceTracker,
        steady: SmoothedEdit,
        no_face: NoFace,
        only_face: bool,
        flicker: Flicker,
        height: float,
    ):
        self._tracker, self._steady, self._flicker, self._height = tracker, steady, flicker, height
        self._no_face, self._only_face, self._before = no_face, only_face, (False, False)
        self._last: np.ndarray | None = None  # the crop in which the face was found last

    def edited(self, pictures: Iterator[np.ndarray], edit: Edit, name: str) -> Iterator[_Frame]:
        """Finds the face of each picture and changes its crop.

        Raises:
            NoFaceError: one has no face, and that is not to be.
        """
        index = 0
        with self._tracker as tracker:
            while batch := list(itertools.islice(pictures, _BATCH)):
                places = [tracker.placement(rgb) for rgb in batch]
                self._check(places, index, name)
                size = tracker.size_px
                cuts = [warp_crop(rgb, place.matrix, size, self._height) for rgb, place in zip(batch, places)]
                before = np.stack(cuts)
                after, changed = self._change(before, places, edit, index)
                index += len(batch)
                for row, (rgb, place) in enumerate(zip(batch, places)):
                    yield _Frame(rgb, place, before[row], after[row], row in changed)

    def pasted(self, frames: Iterator[_Frame]) -> Iterator[tuple[CropPlacement, np.ndarray]]:
        """(where the face lies, picture with the face changed) of each frame, smoothed and measured."""
        for frame in frames:
            result = self._smoothed(frame.place, frame.is_changed, frame.source, frame.edited)
            if self._only_face:
                yield frame.place, result[: result.shape[1]]
            else:
                yield frame.place, paste_edit(frame.rgb, frame.source, result, frame.place.matrix)

    def _smoothed(self, place: CropPlacement, is_changed: bool, source: np.ndarray, result: np.ndarray) -> np.ndarray:
        """The crop of a frame, smoothed and measured; one with the face does not go on from one without it."""
        if (place.found, is_changed) != self._before:
            self._steady.interrupt()
            self._flicker.interrupt()
        self._before = (place.found, is_changed)
        result = self._steady.smooth(source, result)
        if place.found:
            self._flicker.add(source, result)
        return result

    def _check(self, places: list[CropPlacement], index: int, name: str) -> None:
        missing = [index + row for row, place in enumerate(places) if not place.found]
        if missing and self._no_face == "fail":
            raise NoFaceError(
                f"{name}: the face is not found in frame {missing[0] + 1}: cut the footage, or let such frames pass or "
                "hold"
            )

    def _holds(self, crop: np.ndarray) -> bool:
        """Whether a crop in which no face was found is still changed: on titles and other scenes none is drawn."""
        return self._no_face == "hold" and self._last is not None and likeness(crop, self._last) > _ALIKE

    def _change(
        self, crops: np.ndarray, places: list[CropPlacement], edit: Edit, first: int
    ) -> tuple[np.ndarray, set[int]]:
        """The crops of frames from `first` on, changed, and the rows of those that do not stay as they are."""
        readings: dict[int, Readability] = {}
        for row, (crop, place) in enumerate(zip(crops, places)):
            self._last = crop if place.found else self._last
            if place.reading and (place.found or self._holds(crop)):
                readings[row] = place.reading
        after = crops.copy()
        if readings:
            shown = np.stack([reading.shown(crops[row]) for row, reading in readings.items()])
            edited = edit(shown, first + np.array(list(readings)))
            for (row, reading), face in zip(readings.items(), edited):
                after[row] = reading.without_spoilt(crops[row], face)
        return after, set(readings)
