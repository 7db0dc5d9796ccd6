"""MEAD (Wang et al., 2020): person, emotion, level and sentence in the names of folders, or in a file's name.

    M003/video/front/angry/level_1/001.mp4    M003/audio/angry/level_1/001.m4a    M003_level_1_angry_001.mp4

The recording and the frontal video of a sentence are one clip. Videos from other sides are ignored, because their faces
are turned. Contempt is ignored, because it is none of the eight emotions. Level 3 is strong intensity.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from tfrecords_builder.clip import Clip
from tfrecords_builder.media_files import files_below, is_sound, is_video
from vfgan.emotions import emotion_label

_EMOTION = "(?P<emotion>angry|disgusted|fear|happy|neutral|sad|surprised)"
_NESTED = re.compile(
    rf"(?P<actor>[MW]\d{{3}})/(?:video/front|audio)/{_EMOTION}/level_(?P<level>[1-3])/(?P<take>\d{{3}})$"
)
_FLAT = re.compile(rf"(?P<actor>[MW]\d{{3}})_level_(?P<level>[1-3])_{_EMOTION}_(?P<take>\d{{3}})")


def find_clips(folder: Path) -> Iterator[Clip]:
    """Yields a clip for each file in `folder`, at any depth, whose path matches."""
    for path in files_below(folder):
        nested = "/".join(path.with_suffix("").parts[-6:])  # `folder` itself may be a person's
        match = _FLAT.fullmatch(path.stem) or _NESTED.search(nested)
        if match and (is_sound(path) or is_video(path)):
            actor, emotion, level, take = match["actor"], match["emotion"], match["level"], match["take"]
            yield Clip(
                corpus="mead",
                key=f"{actor}-{emotion}-{level}-{take}",
                emotion=emotion_label(emotion),
                actor=actor,
                intensity=2 if level == "3" else 1,
                statement=int(take),
                channel="speech",
                audio=str(path),
                video=str(path) if is_video(path) else None,
            )
