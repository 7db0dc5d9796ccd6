"""`vfgan figure film`: several people side by side, each with several voices, one after the other."""

import dataclasses
import itertools
import tempfile
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np

from vfgan.errors import NoFaceError
from vfgan.figures.plots import face_grid
from vfgan.generate.frames import Footage, Photo
from vfgan.generate.video import generate_video
from vfgan.generate.voice_face import SYNTHETIC_NOTE, VoiceFace
from vfgan.media.images import read_picture
from vfgan.media.kinds import kind_of_face
from vfgan.media.video_writer import write_video

#: Frames a second of a film, whatever the footage has.
_FPS = 25


@dataclasses.dataclass(frozen=True)
class FigureFilm:
    """Films people side by side: each row is a person, as filmed and by each model. Voices follow one another.

    With generators that were trained with and without the emotion CNN it is the paper's demonstration, with sound.
    """

    faces: tuple[Path, ...]
    """Footage or photo of each person."""
    voices: tuple[Path, ...]
    """Recordings of speech, in their order."""
    out: Path
    """.mp4, .m4v, .mov or .mkv."""
    models: tuple[str, ...] = ("vfgan",)
    """Generators: names in saved_models, or folders of SavedModels."""
    titles: tuple[str, ...] = ()
    """A name above each column of a model; by default its name."""
    size_px: int = 256
    """Width and height of each face, pixels."""

    def main(self) -> None:
        """Writes the film and prints its path."""
        from pipelines.console import console

        film(self)
        console.print(f"{self.out}", highlight=False)


def film(args: FigureFilm) -> None:
    """Writes the film, with the voices as its sound.

    Raises:
        ConfigError: there is another number of titles than of models, or a size is too small.
        NoFaceError: somebody's face is not found.
    """
    from vfgan.config.checks import require
    from vfgan.media.video_writer import check_written

    require(len(args.titles) in (0, len(args.models)), "titles", f"{len(args.models)}, one a model", len(args.titles))
    require(args.size_px >= 64, "size_px", "at least 64", args.size_px)
    require(bool(args.faces), "faces", "at least one", "none")
    require(bool(args.voices), "voices", "at least one", "none")
    check_written(args.out)
    models = [VoiceFace(name) for name in args.models]
    columns = ["source", *(args.titles or args.models)]
    rate = models[0].mfsc.sample_rate_hz
    waveforms = [models[0].load_voice(voice) for voice in args.voices]
    counts = [max(1, round(_FPS * len(waveform) / rate)) for waveform in waveforms]
    with tempfile.TemporaryDirectory() as folder:

        def pictures() -> Iterator[np.ndarray]:
            for voice, count in zip(args.voices, counts):
                rows = [_row(models, voice, face, Path(folder) / str(row)) for row, face in enumerate(args.faces)]
                for faces in itertools.islice(zip(*(zip(*row) for row in rows)), count):
                    yield face_grid(faces, columns, size_px=args.size_px)

        sound = [_as_long(waveform, count * rate // _FPS) for waveform, count in zip(waveforms, counts)]
        metadata = {"comment": SYNTHETIC_NOTE, "title": "synthetic"}
        write_video(args.out, pictures(), _FPS, waveform=np.concatenate(sound), sample_rate_hz=rate, metadata=metadata)


def _row(models: list[VoiceFace], voice: Path, face: Path, videos: Path) -> list[Iterator[np.ndarray]]:
    """Crops of one person, without end: as filmed, and by each model with the voice: uint8 [size, size, 3].

    Args:
        videos: what the names of the models' videos begin with.
    """
    row = [_source(models[0], face)]
    for index, model in enumerate(models):
        path = videos.with_name(f"{videos.name}-{index}.mp4")
        generate_video(model, voice, face, path, only_face=True)
        made = Footage(path)
        row.append(_held(_timed(made.once(), made.fps)))
    return row


def _held(frames: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    """Frames, and then the last one for ever."""
    last = None
    for last in frames:
        yield last
    while True:
        yield last


def _source(model: VoiceFace, path: Path) -> Iterator[np.ndarray]:
    """Crops of a person as filmed, forth and back without end."""
    from vfgan.face.crop import crop_face
    from vfgan.face.finder import FaceFinder

    source = Photo(read_picture(path)) if kind_of_face(path) == "picture" else Footage(path)
    face = None
    with FaceFinder(tracking=True) as finder:
        for rgb in _timed(source.forth_and_back(), source.fps):
            face = next(iter(finder.find(rgb, face)), face)  # where it is lost, it is taken to be where it was
            if face is None:
                raise NoFaceError(f"{path}: no face found in its first frame")
            yield crop_face(rgb, face, model.crop, model.crop_size(face))


def _timed(frames: Iterable[np.ndarray], fps: Fraction) -> Iterator[np.ndarray]:
    """Frames of another rate at that of a film: some left out, or shown again."""
    shown = 0
    for index, rgb in enumerate(frames):
        until = round((index + 1) * _FPS / float(fps))
        yield from itertools.repeat(rgb, until - shown)
        shown = until


def _as_long(waveform: np.ndarray, samples: int) -> np.ndarray:
    return np.pad(waveform, (0, max(0, samples - len(waveform))))[:samples]
