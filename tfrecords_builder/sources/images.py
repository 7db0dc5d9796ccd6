"""A folder of pictures for each emotion, of people without names: `<emotion>/*.jpg`, such as FER2013.

Folders have our names of emotions, those of common sets (fear, smiling, …), or names that `emotions.json` or
`emotions.csv` beside them maps. Other folders are ignored.
"""

from collections.abc import Iterator
from pathlib import Path

from tfrecords_builder.clip import Clip
from tfrecords_builder.labels import read_mapping
from tfrecords_builder.media_files import is_image


def find_clips(folder: Path) -> Iterator[Clip]:
    """Yields a clip for each picture in the folders that are named by emotions."""
    labels = read_mapping(folder)
    for emotion in sorted(path for path in folder.iterdir() if path.is_dir()):
        label = labels.get(emotion.name.lower())
        if label is None:
            continue
        for path in sorted(emotion.rglob("*")):
            if is_image(path):
                key = f"{emotion.name}/{path.relative_to(emotion).with_suffix('')}"
                yield Clip(corpus=folder.name, key=key, emotion=label, image=str(path))
