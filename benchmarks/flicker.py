"""Flicker of generated videos with and without smoothing, and whether the smoothed edit still follows the voice.

    python -m benchmarks.flicker --voice speech.flac FOOTAGE …

*ratio*: mean absolute difference of successive frames in the box of the source's face, of the video that was written
over that of the source, head movement included. *added*: what the change (generated - source) differs from frame to
frame in the aligned crops, where the head rests, in grey levels. *follows*: cosine between the changes of the smoothed
result and of the plain one, frame by frame; *size*: the ratio of their sizes.
"""

import argparse
import itertools
import tempfile
from pathlib import Path

import numpy as np

from vfgan.config.data import VideoConfig
from vfgan.face.finder import FaceFinder, find_face
from vfgan.generate.video import generate_video
from vfgan.generate.voice_face import VoiceFace
from vfgan.media.video import read_frames


def face_frames(path: Path, box: tuple[slice, slice]) -> list[np.ndarray]:
    """The part of each frame that the box says: float32."""
    return [rgb[box].astype(np.float32) for _, rgb in read_frames(path)]


def find_box(path: Path) -> tuple[slice, slice]:
    """The face of the first frame."""
    _, rgb = next(read_frames(path))
    with FaceFinder() as finder:
        left, top, right, bottom = np.clip(find_face(finder, rgb, str(path)).box, 0, None).astype(int)
    return slice(top, bottom), slice(left, right)


def flicker(frames: list[np.ndarray]) -> float:
    """Mean absolute difference of successive frames, grey levels."""
    return float(np.mean([np.abs(b - a).mean() for a, b in itertools.pairwise(frames)]))


def measure(model: VoiceFace, voice: Path, footage: Path, folder: Path, seconds: float) -> dict:
    """Figures of one footage."""
    source, changes, row = None, {}, {}
    box = find_box(footage)
    for name, smooth in (("plain", 0.0), ("smooth", seconds)):
        out = folder / f"{name}.mp4"
        report = generate_video(model, voice, footage, out, length="footage", smooth_seconds=smooth)
        source = source or face_frames(footage, box)
        made = face_frames(out, box)
        changes[name] = [b - a for a, b in zip(source, made)]
        row |= {
            "source": flicker(source), f"{name} ratio": flicker(made) / flicker(source),
            f"{name} added": report.added_flicker,
        }  # fmt: skip
    pairs = list(zip(changes["plain"], changes["smooth"]))
    row["follows"] = float(np.mean([(a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum()) for a, b in pairs]))
    row["size"] = float(np.sqrt(np.mean([np.square(b).mean() / np.square(a).mean() for a, b in pairs])))
    return row


def main() -> None:
    """Prints a row for each footage."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("footage", type=Path, nargs="+")
    parser.add_argument("--voice", type=Path, required=True)
    parser.add_argument("--model", default="vfgan")
    parser.add_argument("--seconds", type=float, default=VideoConfig().smooth_seconds)
    args = parser.parse_args()
    model = VoiceFace(args.model)
    for footage in args.footage:
        with tempfile.TemporaryDirectory() as folder:
            row = measure(model, args.voice, footage, Path(folder), args.seconds)
        print(f"{footage.name:32}", *(f"{name} {value:.3f}" for name, value in row.items()), sep="  ", flush=True)


if __name__ == "__main__":
    main()
