"""Damaged media of every kind: something is read, or one line told. No process dies, hangs or eats the memory."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
import soundfile
from PIL import Image

from tests.cases.films import film, recording, sine

RGB = np.random.default_rng(1).integers(0, 256, (96, 128, 3)).astype(np.uint8)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A folder with a file of each kind."""
    import pillow_heif

    folder = tmp_path_factory.mktemp("whole")
    for name in ("jpg", "png", "webp", "bmp", "tif", "avif", "gif"):
        Image.fromarray(RGB).save(folder / f"picture.{name}")
    pillow_heif.from_pillow(Image.fromarray(RGB)).save(folder / "picture.heic")
    for name in ("mp4", "mov", "mkv", "avi"):
        film(folder / f"video.{name}", [RGB] * 12)
    film(folder / "video.webm", [RGB] * 12, codec="libvpx", options={"crf": "10"})
    film(folder / "video.vob", [RGB] * 25, codec="mpeg2video")
    for name, codec in (("m4a", "aac"), ("mka", "flac"), ("mp3", "libmp3lame"), ("opus", "libopus"), ("aac", "aac")):
        recording(folder / f"sound.{name}", [(sine(440)[None], True)], codec=codec)
    recording(folder / "tracks.mkv", [(sine(440)[None], True), (sine(880)[None], False)])
    for name in ("wav", "flac", "aiff", "ogg"):
        soundfile.write(folder / f"sound.{name}", sine(440, rate=16_000), 16_000)
    return folder


def read_damaged(folder, seed, count):
    """What `tests.cases.fuzz` found."""
    command = [sys.executable, "-m", "tests.cases.fuzz", str(folder), str(seed), str(count)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60 + 3 * count, env=dict(os.environ))
    assert done.returncode == 0, f"seed {seed}: code {done.returncode}\n{done.stderr[-3000:]}"
    return json.loads(done.stdout.splitlines()[-1])


def check(found, count):
    assert found["read"] + found["told"] == 2 * count
    assert found["told"] > 0.2 * count  # the damage is felt
    assert found["read"] > 0.2 * count  # and not everything is refused
    assert found["slowest"] < 20.0
    assert found["peak_mib"] < 1536


@pytest.mark.medium
def test_a_few_damaged_files(whole):
    check(read_damaged(whole, 0, 60), 60)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 21))
def test_two_thousand_damaged_files(whole, seed):
    check(read_damaged(whole, seed, 100), 100)
