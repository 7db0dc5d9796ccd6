"""Folders of items: real ones as cameras leave them, made ones as vfgan does."""

import csv

import numpy as np
import pytest
from PIL import Image

from vfgan.generate.voice_face import SYNTHETIC_NOTE
from vfgan.media.images import write_image
from vfgan.media.video import write_video

EMOTIONS = ("happy", "sad")


def write_table(folder, rows):
    with open(folder / "items.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def a_picture(number, height, width):
    """Smooth colours that differ from item to item."""
    y, x = np.mgrid[0:height, 0:width] / height
    waves = [np.sin((3 + number) * x + channel) * np.cos((2 + number % 3) * y) for channel in range(3)]
    return (127 + 100 * np.stack(waves, axis=-1)).astype(np.uint8)


@pytest.fixture(scope="session")
def faces(tmp_path_factory):
    """Eight faces: two strengths of two emotions, real and made. Size, format and metadata give the made ones away."""
    folder, rows = tmp_path_factory.mktemp("faces"), []
    for number in range(8):
        made, emotion, strength = number < 4, EMOTIONS[number % 2], 1 + number // 2 % 2
        name = f"made-{number}.png" if made else f"IMG_{number}.jpg"
        if made:
            write_image(folder / name, a_picture(number, 96, 96), comment=SYNTHETIC_NOTE)
        else:
            exif = Image.Exif()
            exif[0x0110] = "Camera 1"
            Image.fromarray(a_picture(number, 120, 160)).save(folder / name, quality=80, exif=exif)
        truth = "made" if made else "real"
        rows.append({"file": name, "emotion": emotion, "truth": truth, "strength": strength, "person": number % 3})
    write_table(folder, rows)
    return folder


@pytest.fixture(scope="session")
def videos(tmp_path_factory):
    """Two videos with sound that differ in everything but what they show."""
    folder = tmp_path_factory.mktemp("videos")
    tone = 0.2 * np.sin(np.arange(16_000) / 5).astype(np.float32)
    made = [a_picture(number, 64, 64) for number in range(15)]
    write_video(folder / "made.mp4", made, 25, waveform=tone, metadata={"comment": SYNTHETIC_NOTE})
    real = [a_picture(number, 90, 120) for number in range(30)]
    write_video(folder / "real.mov", real, 30, waveform=0.1 * np.repeat(tone, 3), sample_rate_hz=48_000)
    write_table(
        folder,
        [
            {"file": "made.mp4", "emotion": "angry", "truth": "made"},
            {"file": "real.mov", "emotion": "happy", "truth": "real"},
        ],
    )
    return folder
