"""SAVEE (Haq & Jackson, 2010): four British men; speaker, emotion and sentence in a file's name or its folder's.

    DC/a01.wav    AudioData/KL/su15.wav    DC_a01.wav

The letters are a (anger), d (disgust), f (fear), h (happiness), n (neutral), sa (sadness) and su (surprise). Sentences
1 to 3 are the same in all emotions; the others differ, so a sentence is told by its number within its emotion.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from tfrecords_builder.clip import Clip
from tfrecords_builder.media_files import is_sound, is_video
from vfgan.emotions import emotion_label

_LETTERS = {
    "a": "angry", "d": "disgust", "f": "fearful", "h": "happy", "n": "neutral", "sa": "sad", "su": "surprised",
}  # fmt: skip
_NAME = re.compile(rf"(DC|JE|JK|KL)[/_]({'|'.join(_LETTERS)})([0-9]{{2}})")


def find_clips(folder: Path) -> Iterator[Clip]:
    """A clip for each file below `folder` whose name, with its folder's, fits."""
    for path in sorted(folder.rglob("*")):
        match = _NAME.fullmatch(path.stem) or _NAME.fullmatch(f"{path.parent.name}/{path.stem}")
        if match and (is_sound(path) or is_video(path)):
            speaker, letters, number = match.groups()
            yield Clip(
                corpus="savee",
                key=f"{speaker}-{letters}{number}",
                emotion=emotion_label(_LETTERS[letters]),
                actor=speaker,
                statement=int(number),
                channel="speech",
                audio=str(path),
                video=str(path) if is_video(path) else None,
            )
