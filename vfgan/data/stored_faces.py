"""Pictures and landmarks of faces that lie in the shards, and are read face by face."""

import numpy as np

from vfgan.data.record_index import LANDMARKS_BYTES, RecordIndex
from vfgan.data.rows import LazyRows, Memory, RowStore
from vfgan.errors import SchemaError
from vfgan.face.pixels import luma_uint8
from vfgan.storage.ranges import read_range


def stored_pictures(index: RecordIndex, stored_px: int, size_px: int, channels: int, memory: Memory) -> LazyRows:
    """The crops of an index's faces at one size: uint8 [faces, size, size, channels].

    Args:
        stored_px: size of the crops in the shards.
        channels: 1 gives luma, 3 gives RGB.
    """
    shard, columns = index.of_faces("shard"), index.faces

    def read(face: int) -> np.ndarray:
        path = index.paths[shard[face]]
        place, length = int(columns["picture_offset"][face]), int(columns["picture_bytes"][face])
        content = read_range(path, place, length, int(columns["picture_crc"][face]))
        return _decode(content, str(path), stored_px, size_px, channels)

    count = len(shard)
    return LazyRows.of(RowStore(count, (size_px, size_px, channels), np.uint8, read, memory), count)


def _decode(content: bytes, path: str, stored_px: int, size_px: int, channels: int) -> np.ndarray:
    import cv2

    bgr = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    if bgr is None or bgr.shape[:2] != (stored_px, stored_px):
        found = "none" if bgr is None else f"{bgr.shape[1]}x{bgr.shape[0]} px"
        raise SchemaError(f"{path}: a crop is {found}, the manifest says {stored_px} px; build the data set again")
    smaller = cv2.INTER_AREA if size_px < stored_px else cv2.INTER_CUBIC
    rgb = cv2.resize(bgr[..., ::-1], (size_px, size_px), interpolation=smaller)
    return luma_uint8(rgb) if channels == 1 else rgb


def stored_landmarks(index: RecordIndex, memory: Memory) -> LazyRows:
    """The landmarks of an index's faces: float32 [faces, 468, 2], crop sides; NaN: none."""
    shard, checksums = index.of_faces("shard"), index.faces["landmarks_crc"]
    first = np.cumsum(index.clips["faces"]) - index.clips["faces"]
    within = np.arange(len(shard)) - np.repeat(first, index.clips["faces"])
    offsets = index.of_faces("landmarks_offset") + LANDMARKS_BYTES * within

    def read(face: int) -> np.ndarray:
        content = read_range(index.paths[shard[face]], int(offsets[face]), LANDMARKS_BYTES, int(checksums[face]))
        return np.frombuffer(content, "<f2").reshape(468, 2).astype(np.float32)

    count = len(shard)
    return LazyRows.of(RowStore(count, (468, 2), np.float32, read, memory), count)
