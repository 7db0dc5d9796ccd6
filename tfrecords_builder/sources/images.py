"""A folder of pictures for each emotion, of people without names: `<emotion>/*.jpg`, such as FER2013.

Folders have our names of emotions, those of common sets (fear, smiling, …), or names that `emotions.json` or
`emotions.csv` beside them explains. Other folders are entered, such as `train/<emotion>/*.jpg` of Kaggle's sets; what
lies elsewhere in them is passed over.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tfrecords_builder.clip import Clip
from tfrecords_builder.labels import read_mapping
from tfrecords_builder.media_files import files_below, is_image, is_stray

_DEEPEST = 3  # folders above those of the emotions, such as train/ and test/


def find_clips(folder: Path) -> Iterator[Clip]:
    """Yields a clip for each picture in the folders that are named by emotions."""
    labels = read_mapping(folder)
    for emotion, label in emotion_folders(folder, labels):
        pictures = [path for path in files_below(emotion) if is_image(path)]
        names = [path.relative_to(folder) for path in pictures]
        keys = Counter(name.with_suffix("") for name in names)
        for path, name in zip(pictures, names):
            key = name.with_suffix("") if keys[name.with_suffix("")] == 1 else name  # 001.jpg and 001.png are two
            yield Clip(corpus=folder.name, key=str(key), emotion=label, image=str(path))


def emotion_folders(folder: Path, labels: dict[str, int | None], depth: int = 0) -> Iterator[tuple[Path, int]]:
    """(folder, label) of each folder whose name is an emotion; others, such as train/ and test/, are entered.

    Args:
        labels: of the names; None for one that is passed over.
        depth: folders that were entered.
    """
    for inner in sorted(path for path in folder.iterdir() if path.is_dir() and not is_stray(Path(path.name))):
        name = inner.name.lower()
        label = labels.get(name)
        if label is not None:
            yield inner, label
        elif name not in labels and depth < _DEEPEST:
            yield from emotion_folders(inner, labels, depth + 1)
