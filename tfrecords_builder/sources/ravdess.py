"""RAVDESS (Livingstone & Russo, 2018): seven two-digit fields in a file's name say everything.

    modality-channel-emotion-intensity-statement-repetition-actor    03-01-05-02-01-02-12.wav

Download: Zenodo, record 1188976. Any nesting of folders; names that do not fit are passed over. The files that share
fields 2 to 7 are one clip: its voice comes from the audio-only file, else from the full-AV one, and its face from the
full-AV file, else from the video-only one. The sound track of a video-only file is silent and never taken for a voice.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from tfrecords_builder.clip import Clip

_NAME = re.compile(r"(0[1-3])-(0[12])-(0[1-8])-(0[12])-(0[12])-(0[12])-([0-9]{2})\.(\w+)")
_AUDIO, _VIDEO = {"wav", "flac", "mp3", "m4a", "ogg", "aac"}, {"mp4", "mov", "mkv", "avi", "flv", "webm"}


def find_clips(folder: Path) -> Iterator[Clip]:
    """The clips below `folder`, one for each file; `tfrecords_builder.join` brings the twins together.

    Audio-only files come first, then full-AV, then video-only: the earlier wins for each medium.
    """
    named = [(match, path) for path in folder.rglob("*") if (match := _NAME.fullmatch(path.name)) and path.is_file()]
    for match, path in sorted(named, key=lambda item: ("312".index(item[0][1][1]), str(item[1]))):
        modality, channel, emotion, intensity, statement, repetition, actor, suffix = match.groups()
        suffix = suffix.lower()
        voice = modality in ("01", "03") and suffix in _AUDIO | _VIDEO
        face = modality in ("01", "02") and suffix in _VIDEO
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
