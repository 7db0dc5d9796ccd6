"""The index of a data set: what is light of every clip and face, and where in the shards the rest lies.

A shard has its index beside it: train-00000-of-00016.index. With it a training starts without reading the shards, and
reads any picture or voice by its number. `vfgan build` writes it. An index that is missing, or does not belong to its
shard, is derived from the shard and written again.
"""

import contextlib
import dataclasses
import io
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from vfgan.config.data import MfscConfig
from vfgan.data import schema
from vfgan.errors import MediaError, OutputError, SchemaError
from vfgan.storage.files import atomic_path, digest_file
from vfgan.storage.remote import AnyPath, RemotePath, as_path, first_line

#: Raised when an index of before can no longer be read; it is then derived anew.
VERSION = 1
#: Bytes of a TFRecord before the record (its length, and a checksum of that) and behind it.
_BEFORE, _BEHIND = 12, 4
#: column -> type; of each clip, of each face, of each MFSC frame. Clips stand in the order of their names.
_CLIPS = {
    "clip_id": np.str_, "actor": np.str_, "channel": np.str_, "emotion": np.int32, "intensity": np.int32,
    "statement": np.int32, "frames": np.int32, "faces": np.int32, "mfsc_offset": np.int64, "mfsc_crc": np.uint32,
    "level": np.float32, "spectrum": np.float32, "landmarks_offset": np.int64,
}  # fmt: skip
_FACES = {
    "picture_offset": np.int64, "picture_bytes": np.int32, "picture_crc": np.uint32, "landmarks_crc": np.uint32,
    "time": np.float32, "mouth_opening": np.float32, "voice_phase": np.int32,
}  # fmt: skip
_FRAMES = {"active": bool}
#: Bytes of one face's landmarks: float16 [468, 2].
LANDMARKS_BYTES = 2 * 468 * 2


@dataclasses.dataclass(frozen=True)
class RecordIndex:
    """The columns of some clips, their faces and their MFSC frames.

    level: mean loudness of the active frames (`vfgan.voice.windows.voice_level`). spectrum: mean level-free energies of
    the active frames, [clips, bands]. voice_phase: -1 before, 0 during, 1 after the voice.
    """

    paths: tuple[AnyPath, ...]  #: of the shards
    shard: np.ndarray  #: int32 [clips], number of each clip's shard
    clips: dict[str, np.ndarray]
    faces: dict[str, np.ndarray]
    active: np.ndarray  #: bool [frames]

    def __len__(self) -> int:
        return len(self.shard)

    def where(self, chosen: np.ndarray) -> "RecordIndex":
        """Some of the clips: `chosen` is int [clips], their order."""
        return RecordIndex(
            self.paths,
            self.shard[chosen],
            {name: values[chosen] for name, values in self.clips.items()},
            {name: values[_members(self.clips["faces"], chosen)] for name, values in self.faces.items()},
            self.active[_members(self.clips["frames"], chosen)],
        )

    def of_faces(self, name: str) -> np.ndarray:
        """A column of the clips, for each face: [faces]."""
        values = self.shard if name == "shard" else self.clips[name]
        return np.repeat(values, self.clips["faces"])


def _members(counts: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Places of the members of the chosen clips, where each clip's `counts` members follow one another."""
    starts, mine = np.cumsum(counts) - counts, counts[chosen]
    first = np.cumsum(mine) - mine
    return np.arange(mine.sum()) + np.repeat(starts[chosen] - first, mine)


def join_indices(parts: Sequence[RecordIndex], config: MfscConfig) -> RecordIndex:
    """The clips of several shards, or of none, sorted by their names."""
    parts = [_no_clips(config), *parts]
    first = np.cumsum([0, *(len(part.paths) for part in parts)])
    joined = RecordIndex(
        tuple(path for part in parts for path in part.paths),
        np.concatenate([part.shard + begin for part, begin in zip(parts, first)]).astype(np.int32),
        {name: np.concatenate([part.clips[name] for part in parts]) for name in _CLIPS},
        {name: np.concatenate([part.faces[name] for part in parts]) for name in _FACES},
        np.concatenate([part.active for part in parts]),
    )
    return joined.where(np.argsort(joined.clips["clip_id"], kind="stable"))


def _no_clips(config: MfscConfig) -> RecordIndex:
    clips: dict[str, np.ndarray] = {name: np.zeros(0, kind) for name, kind in _CLIPS.items()}
    clips["spectrum"] = np.zeros((0, config.mel_bands), np.float32)
    faces = {name: np.zeros(0, kind) for name, kind in _FACES.items()}
    return RecordIndex((), np.zeros(0, np.int32), clips, faces, np.zeros(0, bool))


def index_path(shard: AnyPath) -> Path | RemotePath:
    """Where the index of a shard is."""
    return as_path(shard).with_suffix(".index")


def derive_index(shard: AnyPath, config: MfscConfig) -> RecordIndex:
    """Reads a shard whole, and what is to be known of it.

    Raises:
        SchemaError: it is damaged, or a record is of another version.
        MediaError: its store cannot be reached.
    """
    import tensorflow as tf

    clips: dict[str, list] = {name: [] for name in _CLIPS}
    faces: dict[str, list] = {name: [np.zeros(0, kind)] for name, kind in _FACES.items()}
    active, offset = [np.zeros(0, bool)], 0
    try:
        for serialized in tf.data.TFRecordDataset(str(shard)).as_numpy_iterator():
            record = schema.decode(serialized)
            voice = _voice(record, serialized, offset + _BEFORE, config)
            for columns, values in (
                (clips, {name: record[name] for name in ("clip_id", "actor", "channel", "emotion", "intensity")}),
                (clips, {"statement": record["statement"], "frames": len(record["mfsc"])}),
                (clips, {name: voice[name] for name in ("mfsc_offset", "mfsc_crc", "level", "spectrum")}),
                (clips, {"faces": len(record["faces"])}),
                (faces, _faces(record, serialized, offset + _BEFORE, voice["active"])),
            ):
                for name, value in values.items():
                    columns[name].append(value)
            clips["landmarks_offset"].append(offset + _BEFORE + serialized.find(record["landmarks"].tobytes()))
            active.append(voice["active"])
            offset += _BEFORE + len(serialized) + _BEHIND
    except tf.errors.DataLossError as error:
        raise SchemaError(f"{shard} is damaged: {error.message}; build the data set again") from error
    except tf.errors.OpError as error:  # a store that has gone
        raise MediaError(f"{shard} cannot be read: {first_line(error)}; run the same command again") from error
    spectra = np.asarray(clips.pop("spectrum"), np.float32).reshape(-1, config.mel_bands)
    of_clips: dict[str, np.ndarray] = {name: np.asarray(values, _CLIPS[name]) for name, values in clips.items()}
    of_clips["spectrum"] = spectra
    count = len(of_clips["clip_id"])
    return RecordIndex(
        (shard,), np.zeros(count, np.int32), of_clips,
        {name: np.concatenate(values).astype(_FACES[name]) for name, values in faces.items()}, np.concatenate(active),
    )  # fmt: skip


def _voice(record: dict, serialized: bytes, start: int, config: MfscConfig) -> dict:
    """What is to be known of a clip's sound; zeros without sound."""
    from vfgan.voice.windows import clip_level, level_free_energy

    planes = record["mfsc"]
    if not len(planes):
        nothing = np.zeros(config.mel_bands, np.float32)
        return {"active": np.zeros(0, bool), "level": 0.0, "spectrum": nothing, "mfsc_offset": start, "mfsc_crc": 0}
    level, active = clip_level(planes, config)
    energy, content = level_free_energy(planes[..., 0], level, config), planes.tobytes()
    return {
        "active": active, "level": level, "spectrum": energy[active].mean(axis=0),
        "mfsc_offset": start + serialized.find(content), "mfsc_crc": zlib.crc32(content),
    }  # fmt: skip


def _faces(record: dict, serialized: bytes, start: int, active: np.ndarray) -> dict[str, np.ndarray]:
    """What is to be known of a clip's faces."""
    offsets, place = [], 0
    for content in record["faces"]:
        place = serialized.find(content, place)
        offsets.append(start + place)
    times, phase = record["face_times"], np.zeros(len(record["face_times"]), np.int32)
    if len(active):
        heard = record["mfsc_times"][active]
        phase = np.where(times < heard[0], -1, np.where(times > heard[-1], 1, 0))
    values = {
        "picture_offset": offsets, "picture_bytes": [len(content) for content in record["faces"]],
        "picture_crc": [zlib.crc32(content) for content in record["faces"]],
        "landmarks_crc": [zlib.crc32(points.tobytes()) for points in record["landmarks"]],
        "time": times, "mouth_opening": record["mouth_opening"], "voice_phase": phase,
    }  # fmt: skip
    return {name: np.asarray(column, _FACES[name]) for name, column in values.items()}


def write_index(index: RecordIndex, shard: AnyPath, digest: str) -> None:
    """Writes the index of one shard beside it: the same bytes for the same shard.

    Args:
        digest: SHA-256 of the shard.
    Raises:
        OutputError: it cannot be written.
    """
    with atomic_path(index_path(shard)) as temporary, open(temporary, "wb") as file:
        about = {"version": VERSION, "digest": digest, "bytes": as_path(shard).stat().st_size}
        np.savez(file, active=index.active, **about, **index.clips, **index.faces)


def read_index(shard: AnyPath, digest: str) -> RecordIndex | None:
    """What `write_index` wrote; None if there is none of this shard, or it is of another version.

    Raises:
        SchemaError: the shard is not as long as it was when the index was made.
        MediaError: its store cannot be reached.
    """
    path = index_path(shard)
    try:
        content = path.read_bytes() if isinstance(path, Path) else path.read_range(0, path.stat().st_size)
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            if (int(arrays["version"]), str(arrays["digest"])) != (VERSION, digest):
                return None
            expected, columns = int(arrays["bytes"]), {name: arrays[name] for name in (*_CLIPS, *_FACES, *_FRAMES)}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error):
        return None  # missing, or cut off by a power failure
    try:
        found = as_path(shard).stat().st_size
    except OSError as error:
        raise MediaError(f"{shard} cannot be reached: {error}; run the same command again") from error
    if found != expected:
        raise SchemaError(f"{shard} is damaged: it has {found} bytes of {expected}; build the data set again")
    clips, faces = ({name: columns[name] for name in kinds} for kinds in (_CLIPS, _FACES))
    return RecordIndex((shard,), np.zeros(len(clips["clip_id"]), np.int32), clips, faces, columns["active"])


def find_index(shard: AnyPath, digest: str, config: MfscConfig) -> RecordIndex:
    """The index beside a shard, or one that is derived, and written there if that is allowed.

    Raises:
        SchemaError: the shard is damaged, or is not the one that the manifest describes.
    """
    index = read_index(shard, digest)
    if index is None:
        index = derive_index(shard, config)
        if digest_file(shard) != digest:
            raise SchemaError(f"{shard} is not what the manifest describes: build the data set again")
        with contextlib.suppress(OutputError):  # a folder that may only be read: it is derived every time
            write_index(index, shard, digest)
    return index
