"""Maps a corpus' names of emotions to labels: our names, those of common sets, and those of a mapping file."""

import csv
import json
from pathlib import Path

from tfrecords_builder.tables import read_table
from vfgan.emotions import ALIASES, EMOTIONS, emotion_label
from vfgan.errors import ConfigError

#: Mapping files of a corpus: {"wut": "angry", "contempt": ""}, or lines of name,emotion.
MAPPING_NAMES = ("emotions.json", "emotions.csv")


def read_mapping(folder: Path) -> dict[str, int | None]:
    """Gives the label of every known name of a folder; None for names that its mapping file excludes ("").

    Raises:
        ConfigError: the mapping file cannot be read, or maps to an emotion that does not exist.
    """
    labels: dict[str, int | None] = {name: emotion_label(name) for name in (*EMOTIONS, *ALIASES)}
    for path in (folder / name for name in MAPPING_NAMES):
        if path.is_file():
            for name, emotion in _pairs(path):
                try:
                    labels[name.strip().lower()] = emotion_label(emotion) if emotion.strip() else None
                except ConfigError as error:
                    raise ConfigError(f"{path}: {name!r}: {error}") from error
    return labels


def _pairs(path: Path) -> list[tuple[str, str]]:
    try:
        if path.suffix == ".json":
            pairs = list(json.loads(path.read_text(encoding="utf-8-sig")).items())
        else:
            pairs = [tuple(cells) for _, cells in read_table(path)]
        pairs = [(name, emotion) for name, emotion in pairs]
        if not all(isinstance(emotion, str) for _, emotion in pairs):
            raise ValueError("an emotion is not text")
    except (OSError, ValueError, AttributeError, csv.Error) as error:
        expected = '{"name": "emotion", …}' if path.suffix == ".json" else "lines of name,emotion"
        raise ConfigError(f"{path}: expected {expected}: {error}") from error
    return [pair for pair in pairs if pair != ("name", "emotion")]
