"""nEMO (Christop, 2024): nine Polish actors; speaker, emotion and sentence in a file's name.

    SM0_anger_12.wav    EB0_surprised_3.opus

Six emotions: there is neither disgust nor calm.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from tfrecords_builder.clip import Clip
from tfrecords_builder.media_files import files_below, is_sound
from vfgan.emotions import emotion_label

_NAME = re.compile(r"([A-Z]{2}[0-9])_(anger|fear|happiness|neutral|sadness|surprised)_([0-9]+)")


def find_clips(folder: Path) -> Iterator[Clip]:
    """Yields a clip for each file in `folder`, at any depth, whose name matches."""
    for path in files_below(folder):
        match = _NAME.fullmatch(path.stem)
        if match and is_sound(path):
            speaker, emotion, number = match.groups()
            yield Clip(
                corpus="nemo",
                key=path.stem,
                emotion=emotion_label(emotion),
                actor=speaker,
                statement=int(number),
                channel="speech",
                audio=str(path),
            )
