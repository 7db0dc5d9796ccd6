"""Your own recordings and videos, described by a table: CSV with the columns file, emotion, speaker, start and end.

    file,emotion,speaker,start,end
    monday/interview.mp4,happy,ann,1:05,1:12.5
    voice.wav,fear,bob,,

The input is the CSV file, or a folder with one CSV file. Files are named relative to it. Speaker, start and end
(seconds, m:ss or h:mm:ss) are optional. A recording without start and end that is longer than `LONGEST_SECONDS` is cut
into clips at its silences.
"""

import csv
import dataclasses
import math
import re
from collections.abc import Iterator
from pathlib import Path

from tfrecords_builder.clip import Clip
from tfrecords_builder.labels import read_mapping
from tfrecords_builder.media_files import is_image
from vfgan.errors import ConfigError, MediaError
from vfgan.media.containers import Media, probe
from vfgan.media.silences import power_per_hop, voiced_spans
from vfgan.storage.local_copies import local_copy

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
    lines = {}
    for number, row in _rows(table):
        where = f"{table}, line {number}"
        label = labels.get(row["emotion"].lower())
        if row["emotion"].lower() not in labels:
            raise ConfigError(f"{where}: unknown emotion {row['emotion']!r}; expected one of {', '.join(labels)}")
        span = _seconds(row["start"], where, _WHOLE[0]), _seconds(row["end"], where, _WHOLE[1])
        if not span[0] < span[1]:
            raise ConfigError(f"{where}: start {row['start']} is not before end {row['end']}")
        if (first := lines.setdefault((row["file"], span), number)) != number:
            raise ConfigError(f"{where} repeats line {first}: {row['file']}")
        path = table.parent / row["file"]
        if not path.parent.is_dir():
            raise ConfigError(f"{where}: there is no folder {path.parent}")
        if label is not None:  # None is a name that the mapping excludes
            clip = Clip(corpus=table.parent.name, key=row["file"], emotion=label, actor=row["speaker"])
            yield from _pieces(clip, path, span)


def _only_table(folder: Path) -> Path:
    tables = sorted(path for path in folder.glob("*.csv") if path.name != "emotions.csv")
    if len(tables) != 1:
        found = ", ".join(path.name for path in tables) or "none"
        raise ConfigError(f"{folder}: expected one CSV file with file,emotion,speaker,start,end; found {found}")
    return tables[0]


def _rows(table: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yields (line number, stripped values of all `COLUMNS`) of each row that is not empty."""
    try:
        reader = csv.DictReader(table.read_text(encoding="utf-8-sig").splitlines(), restval="")
        names = [(name or "").strip().lower() for name in reader.fieldnames or []]
        if not {"file", "emotion"} <= set(names) or set(names) - COLUMNS:
            raise ConfigError(f"{table}: expected the columns file, emotion[, speaker, start, end]; found {names}")
        reader.fieldnames = names
        for row in reader:
            if None in row:
                raise ConfigError(f"{table}, line {reader.line_num}: more values than columns")
            if any(value.strip() for value in row.values()):
                yield reader.line_num, {name: (row.get(name) or "").strip() for name in COLUMNS}
    except (OSError, ValueError, csv.Error) as error:
        raise ConfigError(f"{table} cannot be read as CSV in UTF-8: {error}") from error


def _seconds(text: str, where: str, nothing: float) -> float:
    """Reads seconds from 75.5, 1:15.5 or 0:01:15.5; gives `nothing` for an empty field."""
    if not text:
        return nothing
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
            spans = voiced_spans(power_per_hop(here), LONGEST_SECONDS) or spans
    except MediaError:
        media = Media(0.0, has_audio=True, has_video=False)  # the build rejects it with the reason
    audio = str(path) if media.has_audio or not media.has_video else None
    video = str(path) if media.has_video else None
    for start, end in spans:
        key = clip.key if (start, end) == _WHOLE else f"{clip.key}@{start:.2f}-{end:.2f}"
        yield dataclasses.replace(clip, key=key, start_seconds=start, end_seconds=end, audio=audio, video=video)
