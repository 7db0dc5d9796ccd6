"""A folder of pictures for each emotion, whose file names are the people: `<emotion>/<person>.jpg`.

An example is the Face Research Lab London Set (DeBruine & Jones): `neutral/012.jpg` and `smiling/012.jpg` are one
person.
"""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

from tfrecords_builder.clip import Clip
from tfrecords_builder.sources import images


def find_clips(folder: Path) -> Iterator[Clip]:
    """Yields a clip for each picture; the file's name is the actor."""
    for clip in images.find_clips(folder):
        yield dataclasses.replace(clip, actor=Path(clip.image).stem)
