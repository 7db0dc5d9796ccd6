"""GRID (Cooke et al., 2006): a file's name is its sentence, one character for each of six words.

    s1/bbaf2n.mpg    s1/bbaf2n.wav    grid_lbax4n.mpg

"Bin blue at F two now." The sentences are commands without emotion, so all are neutral. The speaker is the folder above
the file, s1 … s34 or grid_s1; without one the speaker is unknown.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from tfrecords_builder.clip import Clip
from tfrecords_builder.media_files import files_below, is_sound, is_video
from vfgan.emotions import emotion_label

_NAME = re.compile(r"(?:grid_)?([blps][bgrw][abiw][a-vx-z][1-9z][anps])")
_SPEAKER = re.compile(r"(?:grid_)?(s[1-9]\d?)")


def find_clips(folder: Path) -> Iterator[Clip]:
    """Yields a clip for each file in `folder`, at any depth, whose name matches."""
    for path in files_below(folder):
        match = _NAME.fullmatch(path.stem)
        if match and (is_sound(path) or is_video(path)):
            speakers = [found[1] for part in path.parts[:-1] if (found := _SPEAKER.fullmatch(part))]
            speaker = speakers[-1] if speakers else ""
            yield Clip(
                corpus="grid",
                key=f"{speaker}-{match[1]}" if speaker else match[1],
                emotion=emotion_label("neutral"),
                actor=speaker,
                intensity=1,
                channel="speech",
                audio=str(path),
                video=str(path) if is_video(path) else None,
            )
