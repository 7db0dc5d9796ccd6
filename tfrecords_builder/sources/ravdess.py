"""RAVDESS (Livingstone & Russo, 2018): a file's name consists of seven two-digit fields.

    modality-channel-emotion-intensity-statement-repetition-actor    03-01-05-02-01-02-12.wav

Download: Zenodo, record 1188976. Folders and zip files may be nested in any way. Other names are ignored. Files with
the same fields 2 to 7 are one clip. The sound track of a video-only file (02-) is silent and never used as a voice.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from tfrecords_builder.clip import Clip
from tfrecords_builder.media_files import files_below, is_sound, is_video

_NAME = re.compile(r"(0[1-3])-(0[12])-(0[1-8])-(0[12])-(0[12])-(0[12])-([0-9]{2})\.\w+")


def find_clips(folder: Path) -> Iterator[Clip]:
    """Yields a clip for each file in `folder`, at any depth, whose name matches."""
    for path in files_below(folder):
        match = _NAME.fullmatch(path.name)
        if not match:
            continue
        modality, channel, emotion, intensity, statement, repetition, actor = match.groups()
        voice = modality in ("01", "03") and (is_sound(path) or is_video(path))
        face = modality in ("01", "02") and is_video(path)
        if voice or face:
            yield Clip(
                corpus="ravdess",
                key=path.name[3:20],
                emotion=int(emotion) - 1,
                actor=actor,
                intensity=int(intensity),
                statement=int(statement),
                repetition=int(repetition),
                channel="song" if channel == "02" else "speech",
                audio=str(path) if voice else None,
                video=str(path) if face else None,
            )
