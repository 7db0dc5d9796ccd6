"""`--in source:path` -> the clips of all inputs, twins joined."""

import dataclasses
from pathlib import Path

from tfrecords_builder.clip import Clip, input_files
from tfrecords_builder.sources import images, people, ravdess
from vfgan.errors import ConfigError, MediaError

#: A new source is a module with `find_clips(folder) -> Iterator[Clip]`, and a line here.
SOURCES = {"ravdess": ravdess.find_clips, "images": images.find_clips, "people": people.find_clips}


def gather_clips(inputs: list[str]) -> list[Clip]:
    """The clips of all inputs, ordered by id.

    Args:
        inputs: `source:path` or a path alone, whose source is then recognised by what lies in it. Of several inputs
            (and several files of one clip) the earlier wins, for each medium by itself.
    Raises:
        ConfigError: no such source.
        MediaError: no such folder, or nothing in it that the source knows.
    """
    if not inputs:
        raise ConfigError("--in: expected at least one input, such as ravdess:/path/to/RAVDESS")
    joined: dict[str, Clip] = {}
    for text in inputs:
        source, folder = parse_input(text)
        count = 0
        for clip in SOURCES[source](folder):
            if any(_is_hidden(path.relative_to(folder)) for path in input_files(clip)):
                continue
            count += 1
            joined[clip.clip_id] = join(joined[clip.clip_id], clip) if clip.clip_id in joined else clip
        if not count:
            raise MediaError(f"{folder}: no file in it has a name that the source {source!r} knows")
    return [joined[key] for key in sorted(joined)]


def parse_input(text: str) -> tuple[str, Path]:
    """(source, folder) of `source:path`, or of a path alone.

    Raises:
        ConfigError: no such source, or it cannot be recognised.
        MediaError: no such folder.
    """
    source, colon, rest = text.partition(":")
    if colon and source in SOURCES:
        folder = Path(rest)
    elif colon and "/" not in source and not Path(text).exists():
        raise ConfigError(f"--in {text}: unknown source {source!r}; expected one of {', '.join(SOURCES)}")
    else:
        source, folder = "", Path(text)
    if not folder.is_dir():
        raise MediaError(f"{folder} does not exist or is no folder: expected a corpus")
    return source or _recognise(folder), folder.resolve()


def _is_hidden(path: Path) -> bool:
    """Copies that programs keep for themselves (.ipynb_checkpoints, .Trash) are none of the corpus."""
    return any(part.startswith(".") for part in path.parts)


def _recognise(folder: Path) -> str:
    if next(iter(ravdess.find_clips(folder)), None):
        return "ravdess"
    if next(iter(images.find_clips(folder)), None):
        return "images"
    raise ConfigError(f"--in {folder}: cannot tell what corpus this is; write source:path, source of {list(SOURCES)}")


def join(first: Clip, second: Clip) -> Clip:
    """One clip of two with the same id; what the first has, it keeps."""
    return dataclasses.replace(
        first,
        audio=first.audio or second.audio,
        video=first.video or second.video,
        image=first.image or second.image,
    )
