"""A folder of pictures for each emotion, of people without names: `<emotion>/*.jpg`, such as FER2013."""

from collections.abc import Iterator
from pathlib import Path

from tfrecords_builder.clip import Clip
from vfgan.emotions import ALIASES, EMOTIONS, emotion_label
from vfgan.media.images import IMAGE_SUFFIXES


def find_clips(folder: Path) -> Iterator[Clip]:
    """A clip for each picture in the folders of `folder` whose names are emotions, ours or an alias."""
    for emotion in sorted(path for path in folder.iterdir() if path.is_dir() and is_emotion(path.name)):
        for path in sorted(emotion.rglob("*")):
            if path.suffix.lower() in IMAGE_SUFFIXES and not path.name.startswith("."):
                key = f"{emotion.name}/{path.relative_to(emotion).with_suffix('')}"
                yield Clip(corpus=folder.name, key=key, emotion=emotion_label(emotion.name), image=str(path))


def is_emotion(name: str) -> bool:
    """Whether a folder's name is an emotion's."""
    return name.lower() in EMOTIONS or name.lower() in ALIASES
