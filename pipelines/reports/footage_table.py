"""Writes the table of utterances and emotions of one person's footage, for the builder's source `footage`."""

import csv
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from pipelines.reports.tables import write_csv
from tfrecords_builder.tables import read_table
from vfgan.data.footage_report import LEAST_EMOTION_SECONDS, by_face
from vfgan.emotions import EMOTIONS, FACE_EMOTIONS, FACE_LABEL
from vfgan.errors import ConfigError, MediaError
from vfgan.storage.files import atomic_path

COLUMNS = ("file", "emotion", "speaker", "start", "end")
#: Files beside a table that map its names of emotions (`tfrecords_builder.labels`).
_MAPPINGS = ("emotions.json", "emotions.csv")


def heard_rows(
    files: Sequence[Path], extractor: Path, speaker: str, progress: Callable[[int, int], None]
) -> tuple[list[dict], dict[str, float]]:
    """Makes a row for each utterance, labelled with the emotion that the extractor predicts.

    The prediction is the right label here, whatever the person meant. z comes from the same extractor, and a face
    belongs to the z of its own sound. Emotions with less than 3 s in total are probably errors and are left out.

    Returns:
        (rows of `COLUMNS`, seconds of the emotions that were left out).
    Raises:
        MediaError: a file cannot be read, or no file has a voice.
    """
    from vfgan.generate.listener import Listener
    from vfgan.media.video import noticed_delay_seconds

    listener = Listener(extractor)
    found = []
    for number, path in enumerate(files):
        delay = noticed_delay_seconds(path)  # a row's seconds count from the first picture
        found += [(path, one, delay) for one in listener.listen(path)]
        progress(number + 1, len(files))
    if not found:
        raise MediaError(f"{files[0]}: no voice found in the footage: expected a person who speaks")
    seconds = dict.fromkeys(EMOTIONS, 0.0)
    for _, one, _ in found:
        seconds[one.emotion] += one.end_seconds - one.start_seconds
    rare = {name: value for name, value in by_face(seconds).items() if value < LEAST_EMOTION_SECONDS}
    rows = [
        {
            "file": str(path.resolve()),
            "emotion": one.emotion,
            "speaker": speaker,
            "start": f"{max(0.0, one.start_seconds + delay):.2f}",
            "end": f"{one.end_seconds + delay:.2f}",
        }
        for path, one, delay in found
        if FACE_EMOTIONS[FACE_LABEL[EMOTIONS.index(one.emotion)]] not in rare
    ]
    return rows, rare


def given_rows(table: Path, speaker: str) -> list[dict]:
    """Reads the rows of the user's own table (CSV or Excel's), for one speaker. The builder checks them.

    Raises:
        ConfigError: it cannot be read as a table.
    """
    try:
        (_, names), *lines = read_table(table)
    except (OSError, ValueError, csv.Error) as error:
        raise ConfigError(f"{table} cannot be read as a table: {error}") from error
    rows = [dict(zip([name.lower() for name in names], cells)) for _, cells in lines]
    if not rows or not {"file", "emotion"} <= set(rows[0]):
        raise ConfigError(f"{table}: expected the columns file,emotion[,start,end] and a row for each piece of footage")
    return [
        {name: row.get(name) or "" for name in COLUMNS}
        | {"file": str((table.parent / row["file"].strip()).resolve()), "speaker": speaker}
        for row in rows
    ]


def write_table(path: Path, rows: list[dict], beside: Path | None = None) -> None:
    """Writes the table, and copies the files that map its emotions.

    Args:
        path: .csv to write.
        rows: rows with `COLUMNS`.
        beside: folder of the user's own table.
    """
    write_csv(path, rows)
    for name in _MAPPINGS if beside else ():
        if (beside / name).is_file():
            with atomic_path(path.parent / name) as temporary:
                shutil.copyfile(beside / name, temporary)
