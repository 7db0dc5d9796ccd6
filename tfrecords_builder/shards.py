"""Builds one TFRecord file: processes clips, writes them, reads them back, and writes index and description."""

import contextlib
import csv
import dataclasses
import io
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tfrecords_builder.clip import Clip, input_files
from vfgan.config.data import BuildConfig
from vfgan.emotions import EMOTIONS
from vfgan.errors import MediaError, OutputError, SchemaError
from vfgan.storage.files import atomic_path, digest_file, read_json, write_json
from vfgan.storage.remote import has_folder

if TYPE_CHECKING:
    from vfgan.data.record_index import RecordIndex

#: Called with ("started", clip id), and then ("done" or "rejected", seconds of footage).
Tick = Callable[[str, str | float], None]


@dataclasses.dataclass(frozen=True)
class Shard:
    """The clips of one TFRecord file."""

    name: str  #: such as train-00000-of-00016.tfrecord
    split: str
    clips: tuple[Clip, ...]


def plan_shards(clips: list[Clip], split_of: dict[str, str], config: BuildConfig) -> list[Shard]:
    """Distributes the clips of each split over shards, in a seeded random order."""
    import random

    shards = []
    for split in ("train", "validation", "test"):
        mine = [clip for clip in clips if split_of[clip.clip_id] == split]
        random.Random(f"{config.seed}/{split}").shuffle(mine)
        count = -(-len(mine) // config.clips_per_shard)
        for index in range(count):
            name = f"{split}-{index:05d}-of-{count:05d}.tfrecord"
            shards.append(Shard(name, split, tuple(mine[index::count])))
    return shards


def build_shard(shard: Shard, config: BuildConfig, out: Path, strict: bool, tick: Tick, threads: int = 1) -> dict:
    """Builds one shard and its description, unless both are finished.

    Args:
        strict: stop the build at a clip that cannot be used.
        tick: called before and after each clip; before it in another thread.
        threads: voices that are read at once.
    Returns:
        The description: name, split, digest, a row for each clip, rows of rejected clips, sums for the statistics.
    Raises:
        MediaError: with `strict`, a clip cannot be used; or the folder of its files disappeared.
        OutputError: the shard cannot be written.
    """
    from vfgan.data.record_index import find_index, write_index

    about = out / "shards" / f"{shard.name}.json"
    description = _finished(about, out / shard.name)
    if description:
        find_index(out / shard.name, description["digest"], config.mfsc)
        for row in description["rows"]:
            tick("done", row["seconds"])
        for _ in range(len(shard.clips) - len(description["rows"])):
            tick("rejected", 0.0)
        return description
    description = {"name": shard.name, "split": shard.split, "rows": [], "rejected": [], "sums": None}
    sums = np.zeros((3, config.mfsc.mel_bands, 3))  # frames, sum, sum of squares of each band and plane
    with atomic_path(out / shard.name) as temporary:
        _write_records(temporary, shard, config, strict, tick, threads, description, sums)
        index = _read_back(temporary, len(description["rows"]), config)
        description["digest"] = digest_file(temporary)
    write_index(index, out / shard.name, description["digest"])
    description["sums"] = sums.tolist()
    write_json(about, description)
    return description


def _finished(about: Path, path: Path) -> dict | None:
    """The description of a complete shard, else None. A damaged shard is built again."""
    try:
        description = read_json(about) if path.exists() else None
    except SchemaError:  # missing, or cut off by a power failure
        return None
    return description if description and digest_file(path) == description.get("digest") else None


def _write_records(temporary, shard, config, strict, tick, threads, description, sums) -> None:
    import tensorflow as tf

    from tfrecords_builder.clip_graph import make_records

    def started(clip: Clip) -> None:
        tick("started", clip.clip_id)

    made = make_records(shard.clips, config, strict=strict, started=started, threads=threads)
    try:
        with contextlib.closing(made), tf.io.TFRecordWriter(str(temporary)) as writer:
            for clip, content, reading in made:
                if isinstance(reading, MediaError):
                    _check_folders(clip)
                    if strict:
                        raise reading
                    description["rejected"].append({"clip_id": clip.clip_id, "kept": "", "reason": str(reading)})
                    tick("rejected", 0.0)
                    continue
                writer.write(content)
                row = _row(clip, reading.record, reading.notes, shard.split, config)
                description["rows"].append(row)
                description["rejected"] += [{"clip_id": clip.clip_id, **loss} for loss in reading.lost]
                planes = reading.record["mfsc"].astype(np.float64)
                sums += np.stack([np.full(planes.shape[1:], len(planes)), planes.sum(0), (planes**2).sum(0)])
                tick("done", row["seconds"])
    except tf.errors.OpError as error:
        raise OutputError(f"cannot write {temporary}: {error.message}") from error


def _check_folders(clip: Clip) -> None:
    """Checks that the folder of a clip's files still exists.

    A missing file is a rejected clip, but a missing folder is a disk that was removed.

    Raises:
        MediaError: a folder is gone or empty. The shard stays unfinished, so no clip is rejected because of it.
    """
    for path in input_files(clip):
        if not has_folder(path):
            raise MediaError(
                f"{path.parent} disappeared during the build: bring it back and run the same command again to resume"
            )


def _read_back(path: Path, expected: int, config: BuildConfig) -> "RecordIndex":
    """Checks that every written record can be read and parsed; returns their index."""
    from vfgan.data.record_index import derive_index

    index = derive_index(path, config.mfsc)
    if len(index) != expected:
        raise SchemaError(f"{path}: {len(index)} records read back of {expected} written")
    return index


def _row(clip: Clip, record: dict, notes: list[str], split: str, config: BuildConfig) -> dict:
    """A clip's line of dataset.csv."""
    opening = record["mouth_opening"]
    return {
        "clip_id": clip.clip_id,
        "split": split,
        "corpus": clip.corpus,
        "actor": clip.actor,
        "emotion": EMOTIONS[clip.emotion],
        "intensity": clip.intensity,
        "statement": clip.statement,
        "repetition": clip.repetition,
        "channel": clip.channel,
        "modality": record["modality"],
        "seconds": round(record["num_samples"] / config.mfsc.sample_rate_hz, 3),
        "faces": len(record["faces"]),
        "mean_mouth_opening": round(float(np.nanmean(opening)), 4) if np.isfinite(opening).any() else "",
        "notes": "; ".join(notes),
        "files": " ".join(dict.fromkeys(path for path in (clip.audio, clip.video, clip.image) if path)),
    }


def csv_text(rows: list[dict], columns: tuple[str, ...]) -> str:
    """Writes rows as CSV with a header line."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


REJECTED_COLUMNS = ("clip_id", "kept", "reason")
ROW_COLUMNS = (
    "clip_id",
    "split",
    "corpus",
    "actor",
    "emotion",
    "intensity",
    "statement",
    "repetition",
    "channel",
    "modality",
    "seconds",
    "faces",
    "mean_mouth_opening",
    "notes",
    "files",
)
