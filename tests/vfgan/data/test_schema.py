"""One record to bytes and back."""

import numpy as np
import pytest
import tensorflow as tf

from vfgan.data import schema
from vfgan.errors import SchemaError


def record(frames=5, faces=2):
    rng = np.random.default_rng(frames)
    return {
        "clip_id": "ravdess/01-ä", "corpus": "ravdess", "actor": "", "emotion": 7, "intensity": 2, "statement": 1,
        "repetition": 0, "channel": "song", "modality": "full-av", "sample_rate_hz": 16_000, "num_samples": 3200,
        "mfsc": rng.normal(size=(frames, 40, 3)).astype(np.float32), "mfsc_times": np.arange(frames, dtype=np.float32),
        "waveform": rng.normal(size=3200 if frames else 0).astype(np.float32),
        "faces": [bytes([index]) * 9 for index in range(faces)],
        "face_times": np.arange(faces, dtype=np.float32), "face_boxes": rng.normal(size=(faces, 4)).astype(np.float32),
        "eye_centres": np.full((faces, 4), np.nan, np.float32), "mouth_opening": np.zeros(faces, np.float32),
        "eye_opening": np.ones(faces, np.float32), "head_pose": rng.normal(size=(faces, 3)).astype(np.float32),
        "face_confidence": np.full(faces, 0.5, np.float32), "sharpness": np.ones(faces, np.float32), "frames_seen": 9,
        "landmarks": rng.uniform(size=(faces, 468, 2)).astype(np.float16),
    }  # fmt: skip


@pytest.mark.parametrize(("frames", "faces"), [(5, 2), (0, 2), (5, 0), (1, 1)])
def test_a_record_survives_and_gives_the_same_bytes(frames, faces):
    written = record(frames, faces)
    content = schema.encode(written)
    read = schema.decode(content)
    assert list(read) == list(schema.NAMES)
    for name, value in written.items():
        if isinstance(value, np.ndarray):
            assert (read[name].shape, read[name].dtype) == (value.shape, value.dtype)
            np.testing.assert_array_equal(read[name], value)
        else:
            assert read[name] == value
    assert schema.encode(dict(reversed(written.items()))) == content
    assert schema.encode(read) == content


def test_the_table_is_plain_values_with_a_meaning_each():
    table = schema.field_table()
    assert [row["name"] for row in table] == list(schema.NAMES)
    assert len(set(schema.NAMES)) == len(schema.NAMES)
    assert all(row["meaning"] and isinstance(row["shape"], list) for row in table)


@pytest.mark.parametrize(
    ("change", "pattern"),
    [
        ({"mfsc": np.zeros((5, 40))}, r"field mfsc: expected shape \(None, None, 3\), got \(5, 40\)"),
        ({"mfsc": np.zeros((5, 40, 2))}, r"got \(5, 40, 2\)"),
        ({"face_boxes": np.zeros((2, 3))}, r"field face_boxes: expected shape \(None, 4\), got \(2, 3\)"),
        ({"landmarks": np.zeros((2, 478, 2))}, r"field landmarks: expected shape \(None, 468, 2\), got \(2, 478, 2\)"),
        ({"mood": 1}, r"fields differ from the schema: \['mood'\]"),
    ],
)
def test_a_record_that_does_not_fit_is_not_written(change, pattern):
    with pytest.raises(SchemaError, match=pattern):
        schema.encode(record() | change)
    with pytest.raises(SchemaError, match=r"\['mfsc'\]"):
        schema.encode({name: value for name, value in record().items() if name != "mfsc"})


@pytest.mark.parametrize("content", [b"\xff\xff\xff", b"no record at all", b""])
def test_bytes_that_are_no_record_are_refused(content):
    with pytest.raises(SchemaError):
        schema.decode(content)


@pytest.mark.parametrize("name", ["emotion", "clip_id", "mfsc", "face_times"])
def test_a_field_of_another_kind_is_refused_by_its_name(name):
    example = tf.train.Example.FromString(schema.encode(record()))
    example.features.feature[name].Clear()
    example.features.feature[name].float_list.value.append(1.0)
    with pytest.raises(SchemaError, match=f"record field {name} holds no"):
        schema.decode(example.SerializeToString())
    example.features.feature[name].bytes_list.value.extend([b"\xff\xfe\x00", b"123"])
    with pytest.raises(SchemaError, match=f"record field {name} holds no"):
        schema.decode(example.SerializeToString())
