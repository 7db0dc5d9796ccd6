"""Parts of files, and what is said where they cannot be had."""

import zlib

import pytest
import tensorflow as tf

from vfgan.errors import MediaError, SchemaError
from vfgan.storage.ranges import read_range

CONTENT = bytes(range(200))


@pytest.fixture(params=["here", "elsewhere"])
def path(request, tmp_path):
    path = str(tmp_path / "a.tfrecord") if request.param == "here" else f"ram://ranges/{tmp_path.name}/a.tfrecord"
    tf.io.gfile.makedirs(path.rpartition("/")[0])
    with tf.io.gfile.GFile(path, "wb") as file:
        file.write(CONTENT)
    return path


def test_a_part_is_read(path):
    assert read_range(path, 50, 20, zlib.crc32(CONTENT[50:70])) == CONTENT[50:70]
    assert read_range(path, 180, 20, zlib.crc32(CONTENT[180:])) == CONTENT[180:]


def test_a_file_that_ends_early_is_damaged(path):
    with pytest.raises(SchemaError, match=r"a\.tfrecord is damaged: at byte 190 it ends 5 bytes early; build the"):
        read_range(path, 190, 15, 0)


def test_other_bytes_are_damage(path):
    with pytest.raises(SchemaError, match=r"a\.tfrecord is damaged: at byte 50 it holds other bytes"):
        read_range(path, 50, 20, zlib.crc32(CONTENT[50:70]) ^ 1)


def test_a_file_that_went_away_says_how_to_go_on(path):
    tf.io.gfile.remove(path)
    with pytest.raises(MediaError, match=r"a\.tfrecord cannot be read: .*bring it back and run the same command") as e:
        read_range(path, 0, 10, 0)
    assert "\n" not in str(e.value)
