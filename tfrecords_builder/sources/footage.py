"""Your own recordings and videos, described by a table with the columns file, emotion, speaker, start and end.

    file,emotion,speaker,start,end
    monday/interview.mp4,happy,ann,1:05,1:12.5
    voice.wav,fear,bob,,

The input is the table (CSV or Excel's .xlsx), or a folder with one table in it; files are named from there. Speaker,
start and end (seconds, m:ss or h:mm:ss) may be missing. What has neither start nor end and is longer than
`LONGEST_SECONDS` is cut into clips at its silences.
"""

import csv
import dataclasses
import logging
import math
import os
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from tfrecords_builder.clip import Clip
from tfrecords_builder.labels import MAPPING_NAMES, read_mapping
from tfrecords_builder.media_files import is_image, is_stray
from tfrecords_builder.tables import TABLE_SUFFIXES, read_table
from vfgan.errors import ConfigError, MediaError
from vfgan.media.containers import Media, probe
from vfgan.media.silences import power_per_hop, voiced_spans
from vfgan.media.video import noticed_delay_seconds
from vfgan.storage.files import digest_file
from vfgan.storage.local_copies import local_copy
from vfgan.storage.remote import has_folder, is_remote

_log = logging.getLogger(__name__)
LONGEST_SECONDS = 20.0
COLUMNS = {"file", "emotion", "speaker", "start", "end"}
_WHOLE = (0.0, math.inf)


def find_clips(place: Path) -> Iterator[Clip]:
    """Yields a clip for each row of the table, or for each piece of a long recording.

    Raises:
        ConfigError: there is no table, or more than one, or a line of it cannot be used.
    """
    table = place if place.is_file() else _only_table(place)
    labels = read_mapping(table.parent)
    lines: dict[tuple, int] = {}
    files: dict[Path, str] = {}
    clips = []
    for number, row in _rows(table):
        where = f"{table}, line {number}"
        label = labels.get(row["emotion"].lower())
        if row["emotion"].lower() not in labels:
            raise ConfigError(f"{where}: unknown emotion {row['emotion']!r}; expected one of {', '.join(labels)}")
        span = _seconds(row["start"], where, _WHOLE[0]), _seconds(row["end"], where, _WHOLE[1])
        if not span[0] < span[1]:
            raise ConfigError(f"{where}: start {row['start']} is not before end {row['end']}")
        path = _file_of(table, row["file"])
        if (first := lines.setdefault((os.path.normpath(path), span), number)) != number:
            raise ConfigError(f"{where} repeats line {first}: {row['file']}")
        files.setdefault(path, where)
        if not has_folder(path):
            raise ConfigError(f"{where}: there is no folder {path.parent}")
        if label is not None:  # None is a name that the mapping excludes
            clip = Clip(corpus=table.parent.name, key=row["file"], emotion=label, actor=row["speaker"])
            clips.append((clip, path, span))
    _tell_copies(files)
    for found in clips:
        yield from _pieces(*found)


def _tell_copies(files: dict[Path, str]) -> None:
    """Warns of files of this machine that are the same, byte for byte: one may be learnt from, the other tested on.

    Args:
        files: path -> where it is named.
    """
    by_size: dict[int, list[Path]] = {}
    for path in files:
        if not is_remote(path) and path.is_file():
            by_size.setdefault(path.stat().st_size, []).append(path)
    for size, alike in by_size.items():
        first: dict[str, Path] = {}
        for path in alike if size and len(alike) > 1 else ():
            if (other := first.setdefault(digest_file(path), path)) is not path:
                _log.warning(
                    "%s: %s is byte for byte the same recording as %s: keep one of them, lest it is learnt from and "
                    "tested on", files[path], path.name, other.name,
                )  # fmt: skip


def _only_table(folder: Path) -> Path:
    tables = [path for path in sorted(folder.iterdir()) if _is_table(path)]
    if len(tables) != 1:
        found = ", ".join(path.name for path in tables) or "none"
        raise ConfigError(
            f"{folder}: expected one table (.csv, .xlsx) with file, emotion, speaker, start, end; found {found}"
        )
    return tables[0]


def _is_table(path: Path) -> bool:
    is_lock = path.name.startswith("~$")  # Excel's, while a table is open
    own = path.name not in MAPPING_NAMES and not is_stray(Path(path.name)) and not is_lock
    return own and path.suffix.lower() in TABLE_SUFFIXES and path.is_file()


def _rows(table: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """(line number, values of all `COLUMNS`) of each row that is not empty; further columns are passed over."""
    names: list[str] = []
    try:
        for number, cells in read_table(table):
            if not names:
                names = [name.lower() for name in cells]
                if not {"file", "emotion"} <= set(names):
                    raise ConfigError(
                        f"{table}: expected the columns file, emotion[, speaker, start, end]; found {names}"
                    )
                continue
            if any(cells[len(names) :]):
                raise ConfigError(f"{table}, line {number}: more values than columns")
            row = dict(zip(names, cells))
            yield number, {name: row.get(name, "") for name in COLUMNS}
    except (OSError, ValueError, csv.Error) as error:
        raise ConfigError(f"{table} cannot be read as a table: {error}") from error
    if not names:
        raise ConfigError(f"{table}: expected the columns file, emotion[, speaker, start, end]; found none")


def _file_of(table: Path, name: str) -> Path:
    """The file that a row names: also with Windows' backslashes, and with accents as another system writes them."""
    forms = [name, name.replace("\\", "/")]
    forms += [unicodedata.normalize(form, forms[-1]) for form in ("NFC", "NFD")]
    places = [table.parent / form for form in forms]
    return next((place for place in places if place.is_file()), places[0] if "\\" not in name else places[1])


def _seconds(text: str, where: str, nothing: float) -> float:
    """Reads seconds from 75.5, 1:15.5 or 0:01:15.5; gives `nothing` for an empty field."""
    if not text:
        return nothing
    text = text.replace(",", ".")  # the decimal comma
    if not re.fullmatch(r"(\d+:){0,2}\d+(\.\d*)?", text):
        raise ConfigError(f"{where}: {text!r} is not a time; expected seconds, m:ss or h:mm:ss")
    return sum(float(part) * 60**power for power, part in enumerate(reversed(text.split(":"))))


def _pieces(clip: Clip, path: Path, span: tuple[float, float]) -> Iterator[Clip]:
    if is_image(path):
        yield dataclasses.replace(clip, image=str(path))
        return
    spans = [span]
    try:
        here = local_copy(path)
        media = probe(here)
        if span == _WHOLE and media.has_audio and media.seconds > LONGEST_SECONDS:
            delay = noticed_delay_seconds(here) if media.has_video else 0.0
            spans = voiced_spans(power_per_hop(here), LONGEST_SECONDS)
            spans = [(max(0.0, start + delay), end + delay) for start, end in spans] or [span]
    except MediaError:
        media = Media(0.0, has_audio=True, has_video=False)  # the build rejects it with the reason
    audio = str(path) if media.has_audio or not media.has_video else None
    video = str(path) if media.has_video else None
    for start, end in spans:
        key = clip.key if (start, end) == _WHOLE else f"{clip.key}@{start:.2f}-{end:.2f}"
        yield dataclasses.replace(clip, key=key, start_seconds=start, end_seconds=end, audio=audio, video=video)
