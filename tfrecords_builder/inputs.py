"""Finds the clips of all inputs (`--in source:path`), and joins the files of one clip."""

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from tfrecords_builder.archives import find_archives, unpack
from tfrecords_builder.clip import Clip, input_files
from tfrecords_builder.media_files import is_stray
from tfrecords_builder.passed_over import PassedOver
from tfrecords_builder.sources import cremad, footage, grid, images, mead, nemo, people, ravdess, savee
from tfrecords_builder.tables import TABLE_SUFFIXES
from vfgan.errors import ConfigError, MediaError
from vfgan.storage.remote import as_path, is_remote


class Source(NamedTuple):
    """How the clips of one kind of corpus are found."""

    find_clips: Callable[[Path], Iterator[Clip]]
    #: It knows a file by its name, in any folder, so zip files are unpacked for it, too.
    by_name: bool = True
    #: A folder without `source:` is tried with it.
    recognised: bool = True


#: A new source is a module with `find_clips`, and a row here. Folders are recognised in this order.
SOURCES = {
    "ravdess": Source(ravdess.find_clips),
    "cremad": Source(cremad.find_clips),
    "mead": Source(mead.find_clips),
    "savee": Source(savee.find_clips),
    "nemo": Source(nemo.find_clips),
    "grid": Source(grid.find_clips),
    "images": Source(images.find_clips, by_name=False),
    "people": Source(people.find_clips, by_name=False, recognised=False),
    "footage": Source(footage.find_clips, by_name=False, recognised=False),
}
#: Order of preference among the files of one clip in one input, for voice and face separately. The voice comes from the
#: sound file, else from the video with sound; the face from the video with sound, else from the silent one.
_KINDS = ("audio-only", "full-av", "video-only", "image")


def gather_clips(inputs: list[str], cache: Path | None = None, passed_over: PassedOver | None = None) -> list[Clip]:
    """Finds the clips of all inputs, ordered by id.

    Args:
        inputs: `source:path` or a path alone, whose source is then recognised by what lies in it. Of several inputs
            the earlier wins, for each medium by itself; within one input see `_KINDS`.
        cache: where zip files are unpacked; without it they are passed over.
        passed_over: gets the files of the inputs that are in no clip.
    Raises:
        ConfigError: a source does not exist.
        MediaError: a folder does not exist, or the source knows no file in it.
        OutputError: the cache cannot be written.
    """
    if not inputs:
        raise ConfigError("--in: expected at least one input, such as ravdess:/path/to/RAVDESS")
    joined: dict[str, Clip] = {}
    places_of: dict[str, Path] = {}
    places = [parse_input(text) for text in inputs]
    for source, place in places:
        found = sorted(_find(source, place, cache), key=lambda clip: _KINDS.index(clip.modality))
        if not found:
            raise MediaError(f"{place}: no file in it has a name that the source {source!r} knows")
        if passed_over is not None:
            passed_over.note_found(found)
        if not SOURCES[source].by_name:
            _check_names(found, places_of, place)
        for clip in found:
            joined[clip.clip_id] = join(joined[clip.clip_id], clip) if clip.clip_id in joined else clip
    clips = [joined[key] for key in sorted(joined)]
    if passed_over is not None:
        passed_over.look(places, clips, zipped=bool(cache))
    return clips


def _check_names(clips: list[Clip], places_of: dict[str, Path], place: Path) -> None:
    """Raises a ConfigError if a clip of another place has the same name, and notes where these are from.

    Corpora of one's own are called by their folders; only files with a corpus' own names are twins of each other.
    """
    for clip in clips:
        other = places_of.setdefault(clip.clip_id, place)
        if other != place:
            raise ConfigError(
                f"{place} and {other} are both called {clip.corpus!r} and have a {clip.key}: rename one of the folders"
            )


def _find(source: str, place: Path, cache: Path | None) -> Iterator[Clip]:
    """Finds the clips of one input, first in its folder, then in its zip files."""
    archives = find_archives(place) if cache and SOURCES[source].by_name else []
    if archives and (is_remote(place) or is_remote(cache)):
        raise ConfigError(f"{archives[0]}: zip files are unpacked on one machine only; unpack them before the build")
    yield from _find_in(source, place)
    for archive in archives:
        yield from _find_in(source, unpack(archive, cache))


def _find_in(source: str, place: Path) -> Iterator[Clip]:
    for clip in SOURCES[source].find_clips(place):
        inside = [path.relative_to(place) for path in input_files(clip) if path.is_relative_to(place)]
        if not any(is_stray(name) for name in inside):
            yield clip


def parse_input(text: str) -> tuple[str, Path]:
    """Splits `source:path`, or a path alone, into (source, folder).

    Raises:
        ConfigError: the source does not exist, or cannot be recognised.
        MediaError: the folder does not exist.
    """
    source, colon, rest = text.partition(":")
    if colon and source in SOURCES:
        place = as_path(rest)
    elif colon and "/" not in source and not is_remote(text) and not Path(text).exists():
        raise ConfigError(f"--in {text}: unknown source {source!r}; expected one of {', '.join(SOURCES)}")
    else:
        source = ""
        place = as_path(text)
    is_zip = source in SOURCES and SOURCES[source].by_name and place.suffix.lower() == ".zip" and place.is_file()
    is_table = source == "footage" and place.suffix.lower() in TABLE_SUFFIXES and place.is_file()
    if not (is_zip or is_table or _is_folder(place)):
        raise MediaError(f"{place} does not exist or is not a folder: expected a corpus")
    return source or _recognise(place), place.resolve()


def _is_folder(place: Path) -> bool:
    try:
        return place.is_dir()
    except OSError as error:
        raise MediaError(f"{place} cannot be reached: {error}") from error


def _recognise(folder: Path) -> str:
    for name, source in SOURCES.items():
        if source.recognised and next(source.find_clips(folder), None):
            return name
    raise ConfigError(f"--in {folder}: unknown kind of corpus; write source:path, with a source of {list(SOURCES)}")


def join(first: Clip, second: Clip) -> Clip:
    """Joins two clips with the same id. The first one's files win."""
    return dataclasses.replace(
        first,
        audio=first.audio or second.audio,
        video=first.video or second.video,
        image=first.image or second.image,
    )
