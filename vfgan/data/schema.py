"""The records of a data set: one table, from which the writer and the reader both derive.

A record is one `tf.train.Example`, one clip. Audio-only and picture-only clips are valid: the missing part is empty.
"""

import dataclasses
from typing import Literal

import numpy as np
import tensorflow as tf

from vfgan.errors import SchemaError

#: Raised when a record of before can no longer be read.
VERSION = 3

Codec = Literal["text", "integer", "tensor", "halves", "pictures"]


@dataclasses.dataclass(frozen=True)
class Feature:
    """One field of a record."""

    name: str
    codec: Codec  #: text: UTF-8; integer: int64; tensor: int32 shape, float32 values; halves: the same,
    #: float16 values; pictures: JPEG or PNG bytes
    shape: tuple[int | None, ...]  #: of one record; None is the record's own length
    meaning: str


FEATURES = (
    Feature("clip_id", "text", (), "unique in the data set: corpus/key"),
    Feature("corpus", "text", (), "name of the source"),
    Feature("actor", "text", (), "who speaks; empty where unknown"),
    Feature("emotion", "integer", (), "0…7, index in vfgan.emotions.EMOTIONS"),
    Feature("intensity", "integer", (), "1 normal, 2 strong, 0 unknown"),
    Feature("statement", "integer", (), "number of the sentence, 0 unknown"),
    Feature("repetition", "integer", (), "number of the take, 0 unknown"),
    Feature("channel", "text", (), "speech, song, or empty for pictures"),
    Feature("modality", "text", (), "full-av, audio-only, video-only or image: what the record holds"),
    Feature("sample_rate_hz", "integer", (), "rate of the waveform that the MFSC were made from"),
    Feature("num_samples", "integer", (), "length of that waveform; 0 without sound"),
    Feature(
        "mfsc",
        "tensor",
        (None, None, 3),
        "[frames, bands, 3]: log mel energy and its differences, before normalisation",
    ),
    Feature("mfsc_times", "tensor", (None,), "seconds, middle of each MFSC frame"),
    Feature("waveform", "tensor", (None,), "mono, -1…1; empty unless asked for"),
    Feature("frames_seen", "integer", (), "frames in which a face was looked for; each of `faces` is of one of them"),
    Feature("faces", "pictures", (None,), "aligned crops, RGB, crop.size_px square"),
    Feature("face_times", "tensor", (None,), "seconds, of each crop"),
    Feature("face_boxes", "tensor", (None, 4), "left, top, right, bottom in pixels of the frame"),
    Feature("eye_centres", "tensor", (None, 4), "x, y of the left, x, y of the right eye in pixels of the frame"),
    Feature("mouth_opening", "tensor", (None,), "distance of the inner lips in eye distances; NaN unaligned"),
    Feature("eye_opening", "tensor", (None,), "mean distance of the lids in eye distances; NaN unaligned"),
    Feature("head_pose", "tensor", (None, 3), "degrees: yaw (right), pitch (down), roll (clockwise); NaN unaligned"),
    Feature("face_confidence", "tensor", (None,), "that it is a face, 0…1, says the network; NaN unaligned"),
    Feature(
        "landmarks",
        "halves",
        (None, 468, 2),
        "x, y of the face mesh in the crop, in crop sides (0 its left or upper edge, 1 the other); NaN unaligned",
    ),
    Feature("sharpness", "tensor", (None,), "variance of the Laplacian of the crop's luma (0…255)"),
)
#: codec -> type of the values
_VALUES = {"tensor": "<f4", "halves": "<f2"}
NAMES = tuple(feature.name for feature in FEATURES)


def field_table() -> list[dict]:
    """The table as plain values, for the manifest."""
    return [{**dataclasses.asdict(feature), "shape": list(feature.shape)} for feature in FEATURES]


def encode(record: dict) -> bytes:
    """Serialises one clip.

    Args:
        record: a value for every name of `FEATURES`: str, int, float array, or list of encoded pictures.
    Raises:
        SchemaError: a field is missing, unknown, or of another shape.
    """
    if set(record) != set(NAMES):
        raise SchemaError(f"record fields differ from the schema: {sorted(set(record) ^ set(NAMES))}")
    features = {feature.name: _encode_feature(feature, record[feature.name]) for feature in FEATURES}
    # sorted keys: a protocol buffer map has no order of its own, and the same clip must give the same bytes
    example = tf.train.Example(features=tf.train.Features(feature={k: features[k] for k in sorted(features)}))
    return example.SerializeToString(deterministic=True)


def _encode_feature(feature: Feature, value) -> tf.train.Feature:
    if feature.codec == "integer":
        return tf.train.Feature(int64_list=tf.train.Int64List(value=[int(value)]))
    if feature.codec == "text":
        content = [value.encode()]
    elif feature.codec == "pictures":
        content = list(value)
    else:
        array = np.asarray(value, _VALUES[feature.codec])
        fits = array.ndim == len(feature.shape) and all(w in (None, g) for w, g in zip(feature.shape, array.shape))
        if not fits:
            raise SchemaError(f"record field {feature.name}: expected shape {feature.shape}, got {array.shape}")
        content = [np.asarray(array.shape, "<i4").tobytes(), array.tobytes()]
    return tf.train.Feature(bytes_list=tf.train.BytesList(value=content))


def decode(serialized: bytes) -> dict:
    """One clip from its bytes: str, int, float32 or float16 array, or list of encoded pictures by name.

    Raises:
        SchemaError: the bytes are no record of this version.
    """
    example = tf.train.Example()
    try:
        example.ParseFromString(bytes(serialized))
    except Exception as error:  # protobuf's DecodeError has another module in each implementation
        raise SchemaError(f"a record cannot be parsed: {error}") from error
    stored = example.features.feature
    if set(stored) != set(NAMES):
        raise SchemaError(f"a record has other fields than version {VERSION}: {sorted(set(stored) ^ set(NAMES))}")
    record = {}
    for feature in FEATURES:
        try:
            record[feature.name] = _decode_feature(feature, stored[feature.name])
        except (IndexError, ValueError) as error:
            raise SchemaError(f"record field {feature.name} holds no {feature.codec}: {error}") from error
    return record


def _decode_feature(feature: Feature, stored: tf.train.Feature):
    if feature.codec == "integer":
        return int(stored.int64_list.value[0])
    content = stored.bytes_list.value
    if feature.codec == "text":
        return content[0].decode()
    if feature.codec == "pictures":
        return list(content)
    return np.frombuffer(content[1], _VALUES[feature.codec]).reshape(np.frombuffer(content[0], "<i4"))
