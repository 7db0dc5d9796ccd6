"""CREMA-D (Cao et al., 2014): actor, sentence, emotion and level in a file's name.

    1001_DFA_ANG_XX.flv    1001_DFA_ANG_XX.wav    1091_WSI_SAD_HI.mp4

Recordings of sound (AudioWAV, AudioMP3) and of video (VideoFlash) with the same name are one clip. Level HI is strong
intensity, LO and MD are normal, XX is unknown.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from tfrecords_builder.clip import Clip
from tfrecords_builder.media_files import files_below, is_sound, is_video
from vfgan.emotions import emotion_label

_SENTENCES = ("IEO", "TIE", "IOM", "IWW", "TAI", "MTI", "IWL", "ITH", "DFA", "ITS", "TSI", "WSI")
_LEVELS = {"XX": 0, "X": 0, "LO": 1, "MD": 1, "HI": 2}  # one file of the release ends in _X
_NAME = re.compile(rf"(1[0-9]{{3}})_({'|'.join(_SENTENCES)})_(ANG|DIS|FEA|HAP|NEU|SAD)_({'|'.join(_LEVELS)})")


def find_clips(folder: Path) -> Iterator[Clip]:
    """Yields a clip for each file in `folder`, at any depth, whose name matches."""
    for path in files_below(folder):
        match = _NAME.fullmatch(path.stem)
        if match and (is_sound(path) or is_video(path)):
            actor, sentence, emotion, level = match.groups()
            yield Clip(
                corpus="cremad",
                key=path.stem,
                emotion=emotion_label(emotion),
                actor=actor,
                intensity=_LEVELS[level],
                statement=_SENTENCES.index(sentence) + 1,
                channel="speech",
                audio=str(path),
                video=str(path) if is_video(path) else None,
            )
