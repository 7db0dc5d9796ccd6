"""How well the mouth of a generated video follows its sound: a photo, made to talk, against the real clip.

python -m benchmarks.mouth CLIP … [--face PHOTO] [--model vfgan]

Each clip's sound moves the mouth of a photo, by default that frame of the clip in which it is closed most. The opening
of the mouth in the video, as the face mesh sees it, is compared with the real clip's: correlation with the same clip
and with the others, and how far it opens, in eye distances. Flicker is that of the video; that of a photo is 0.
"""

import argparse
import os
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np


def main() -> None:
    """Prints the figures."""
    from vfgan.evaluation.mouth import opening_scores
    from vfgan.generate.video import generate_video
    from vfgan.generate.voice_face import VoiceFace
    from vfgan.media.images import write_image

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clips", nargs="+", type=Path)
    parser.add_argument("--face", type=Path)
    parser.add_argument("--model", default="vfgan")
    args = parser.parse_args()
    model, told, real, flicker = VoiceFace(args.model), [], [], []
    with tempfile.TemporaryDirectory() as folder:
        photo, out = Path(folder) / "photo.png", Path(folder) / "out.mp4"
        for clip in args.clips:
            opening, frames = openings(clip)
            if not args.face:
                write_image(photo, frames[int(np.nanargmin(opening))])
            report = generate_video(model, clip, args.face or photo, out, mouth="sound")
            found, _ = openings(out)
            known = np.isfinite(opening[: len(found)]) & np.isfinite(found[: len(opening)])
            told.append(found[: len(known)][known])
            real.append(opening[: len(known)][known])
            flicker.append(report.flicker)
            print(f"{clip.name:24} {opening_scores(told[-1:], real[-1:])['correlation']:6.2f}")
    for name, value in opening_scores(told, real).items():
        print(f"{name:24} {value:6.3f}")
    print(f"{'flicker, grey levels':24} {np.mean(flicker):6.2f}")


def openings(clip: Path) -> tuple[np.ndarray, list[np.ndarray]]:
    """The opening of the mouth in each frame, NaN without a face; and the frames."""
    from vfgan.face.finder import FaceFinder
    from vfgan.media.video import read_frames

    found, frames, before = [], [], None
    with FaceFinder(tracking=True) as finder:
        for _, rgb in read_frames(clip):
            faces = finder.find(rgb, before)
            before = faces[0] if faces else before
            found.append(faces[0].mouth_opening if faces else np.nan)
            frames.append(rgb)
    return np.array(found), frames


if __name__ == "__main__":
    main()
