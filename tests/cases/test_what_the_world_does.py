"""Consoles, disks and arguments of other kinds: converted where it is plain, else one line."""

import os
import shutil
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from pipelines.cli import as_value
from vfgan.errors import MediaError, OutputError
from vfgan.generate.arguments import as_pictures
from vfgan.voice.samples import as_waveform

SINE = (0.5 * np.sin(np.arange(1_600) / 5)).astype(np.float32)
WAVEFORMS = {
    "float32": SINE, "float64": SINE.astype(np.float64), "float16": SINE.astype(np.float16), "list": SINE.tolist(),
    "int16": np.rint(SINE * 2**15).astype(np.int16), "int32": np.rint(SINE * 2.0**31).astype(np.int32),
    "stereo, first axis": np.stack([SINE, SINE]), "stereo, last axis": np.stack([SINE, SINE], axis=1),
    "one channel": SINE[None], "a column": SINE[:, None], "antiphase": np.stack([SINE, -SINE]),
    "left alone": np.stack([SINE, 0 * SINE]), "tuple": tuple(SINE.tolist()), "big endian": SINE.astype(">f4"),
    "every second sample": np.repeat(SINE, 2)[::2], "int16, stereo": np.rint([SINE * 2**15] * 2).astype(np.int16),
}  # fmt: skip


@pytest.mark.parametrize("name", WAVEFORMS)
def test_waveforms(name):
    heard = as_waveform(WAVEFORMS[name])
    assert heard.dtype == np.float32
    np.testing.assert_allclose(np.abs(heard), np.abs(SINE), atol=1e-3)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ([], "received float64 .0."), ("a.wav", "received str"), (None, "received NoneType"),
        (np.array([0.1, np.nan, 0.2]), "sample 1 is not"), (np.zeros((2, 3, 4)), r"received float64 \[2, 3, 4\]"),
        (np.arange(9), "received int64"), (np.zeros(9, bool), "received bool"),
        ([[0.1], [0.2, 0.3]], "expected an array"),
        (np.zeros((90, 90), np.float32), r"float32 \[90, 90\]"), (np.zeros(5, complex), "array of numbers"),
    ],
)  # fmt: skip
def test_what_is_no_waveform(value, told):
    with pytest.raises(MediaError, match=f"waveform: .*{told}"):
        as_waveform(value)


RGB = np.full((20, 24, 3), (10, 100, 200), np.uint8)
GREY = np.full((20, 24), 90, np.uint8)
PICTURES = {
    "uint8": (RGB[None], RGB), "one": (RGB, RGB), "list": ([RGB, RGB], RGB), "0…1": (RGB / 255, RGB),
    "0…255 as float": (RGB.astype(np.float32), RGB), "grey": (GREY, GREY),
    "several grey": (np.stack([GREY] * 5), GREY), "grey 0…1": (GREY / 255, GREY), "integers": (RGB.astype(int), RGB),
    "PIL": (Image.fromarray(RGB), RGB), "grey PIL": (Image.fromarray(GREY), GREY),
    "RGBA": (np.dstack([RGB, np.full((20, 24), 255, np.uint8)]), RGB), "one channel": (GREY[..., None], GREY),
    "PIL RGBA": (Image.fromarray(RGB).convert("RGBA"), RGB), "uint16": (RGB.astype(np.uint16), RGB),
    "PIL palette": (Image.fromarray(RGB).quantize(2), RGB), "PIL LA": (Image.fromarray(GREY).convert("LA"), GREY),
    "PIL CMYK": (Image.fromarray(RGB).convert("CMYK"), RGB),
}  # fmt: skip


@pytest.mark.parametrize("name", PICTURES)
def test_pictures(name):
    value, expected = PICTURES[name]
    pictures = as_pictures("crops", value)
    assert pictures.dtype == np.uint8
    assert pictures.shape[1:] == (20, 24, 3)
    for picture in pictures:
        np.testing.assert_array_equal(picture, expected if expected.ndim == 3 else np.stack([expected] * 3, axis=-1))


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("a.png", "received str"), (np.full((4, 4, 3), 256), "received int64"), (RGB / 255 - 0.5, "received float64"),
        (np.zeros((0, 4, 4, 3), np.uint8), r"\[0, 4, 4, 3\]"), (np.zeros(5, np.uint8), r"uint8 \[5\]"),
        (np.zeros((1, 4, 4, 2), np.uint8), r"\[1, 4, 4, 2\]"), (RGB * 3.0, "in 30…600"), (None, "NoneType"),
    ],
)  # fmt: skip
def test_what_is_no_picture(value, told):
    with pytest.raises(MediaError, match=f"crops: .*{told}"):
        as_pictures("crops", value)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8", "cp437"])
def test_consoles(root, encoding):
    """Help has an ellipsis in it."""
    environment = os.environ | {"PYTHONIOENCODING": encoding}
    done = subprocess.run([sys.executable, "-m", "pipelines.cli"], cwd=root, capture_output=True, env=environment)
    assert done.returncode == 0
    assert b"usage: vfgan COMMAND" in done.stdout
    assert b"Traceback" not in done.stderr


def test_arguments_with_dashes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "--odd.wav").touch()
    given = ["--voice", "-a.wav", "--odd.wav", "-1", "-0.5", "-h", "--out", "-my out.mp4", "--no-such"]
    expected = ["--voice", "./-a.wav", "./--odd.wav", "-1", "-0.5", "-h", "--out", "./-my out.mp4", "--no-such"]
    assert [as_value(argument) for argument in given] == expected


def test_weights_on_a_full_disk(tmp_path, monkeypatch):
    """HDF5 would end the process."""
    import keras

    from vfgan.storage.weights import load_weights, save_weights

    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(3)])
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=1_000))
    with pytest.raises(OutputError, match=r"cannot write .*a\.weights\.h5: 0\.0 MB are free"):
        save_weights(model, tmp_path / "a.weights.h5")
    assert list(tmp_path.iterdir()) == []
    monkeypatch.undo()
    save_weights(model, tmp_path / "a.weights.h5")
    load_weights(model, tmp_path / "a.weights.h5")


@pytest.mark.parametrize("cut", ["data", "index", "list"])
def test_a_checkpoint_that_was_cut_short(tmp_path, cut):
    """The one before is taken; without the list of them the newest is found by its number."""
    import tensorflow as tf

    from vfgan.training.checkpoint import finished_steps, latest_whole

    folder, step = tmp_path / "checkpoints", tf.Variable(0, dtype=tf.int64)
    saved = tf.train.CheckpointManager(tf.train.Checkpoint(step=step, w=tf.Variable(tf.ones(999))), str(folder), 3)
    for number in (9, 10):
        step.assign(number)
        saved.save(number)
    assert finished_steps(tmp_path) == 10
    name = {"data": "ckpt-10.data-00000-of-00001", "index": "ckpt-10.index", "list": "checkpoint"}[cut]
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: len(content) // 3])
    assert finished_steps(tmp_path) == (10 if cut == "list" else 9)
    assert latest_whole(tmp_path / "nothing") is None
