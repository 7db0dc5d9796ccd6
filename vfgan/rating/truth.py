"""The truth about the items, and how answers are joined with it: for the report, never for the page."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from vfgan.emotions import FACE_EMOTIONS
from vfgan.errors import ConfigError, SchemaError
from vfgan.evaluation.judgements import Judgements
from vfgan.rating.answers import Answer, key_path, read_answers
from vfgan.rating.config import RatingConfig
from vfgan.rating.items import Item
from vfgan.storage.files import digest_file, read_json


def number_items(items: Sequence[Item], seed: int) -> list[int]:
    """Opaque numbers 1…n: a permutation, so that they tell nothing of the order in the table."""
    return (np.random.default_rng(seed).permutation(len(items)) + 1).tolist()


def key_of(items: Sequence[Item], numbers: Sequence[int], config: RatingConfig) -> dict:
    """What a report needs to know of the items, by number, and how they are shown: plain JSON values.

    Raises:
        ConfigError: two items are the same file, byte by byte.
    """
    digests = [digest_file(item.path) for item in items]
    names: dict[str, str] = {}
    for item, digest in zip(items, digests):
        if names.setdefault(digest, item.path.name) != item.path.name:
            raise ConfigError(f"{item.path} is the same as {names[digest]}: expected different items; leave one out")
    return {
        "seed": config.seed,
        "shown": {name: getattr(config, name) for name in ("crop", "face_px", "video_px", "video_seconds")},
        "items": {
            str(number): {
                "digest": digest, "file": item.path.name, "kind": item.kind, "emotion": item.emotion,
                "made": item.made, "strength": None if np.isnan(item.strength) else item.strength,
                "person": item.person,
            }
            for item, number, digest in zip(items, numbers, digests)
        },
    }  # fmt: skip


def join(paths: Sequence[Path]) -> dict[str, Judgements]:
    """Joins files of answers with the truth in the keys beside them.

    The same item may have other numbers in another file: items are known by their content. The same name is the same
    rater in all files.

    Returns:
        Kind ("face", "video") -> the answers to items of that kind.
    Raises:
        SchemaError: a file or its key cannot be read, they do not belong together, or two keys contradict each other.
        ConfigError: there are no answers, or a rater has rated an item twice.
    """
    found: dict[tuple[str, str], tuple[Answer, dict]] = {}
    truths: dict[str, dict] = {}
    for path in paths:
        for answer, truth in _with_truth(path):
            known = truths.setdefault(truth["digest"], truth)
            if any(known[name] != truth[name] for name in ("emotion", "made", "strength")):
                raise SchemaError(f"{key_path(path)} says something else of {truth['file']} than another key")
            rater = (answer.rater, truth["digest"])
            if rater in found:
                raise ConfigError(
                    f"{path}: {answer.rater} has rated {truth['file']} in another file, too; leave one out"
                )
            found[rater] = answer, truth
    if not found:
        raise ConfigError(f"{paths[0]} has no answers yet: open the page and rate some items first")
    kinds = sorted({truth["kind"] for _, truth in found.values()})
    return {kind: _judgements([pair for pair in found.values() if pair[1]["kind"] == kind]) for kind in kinds}


def _with_truth(path: Path) -> list[tuple[Answer, dict]]:
    """The answers of a file, each with what its key says of the item."""
    if not path.is_file():
        raise SchemaError(f"{path} does not exist: expected answers of `vfgan rate --out {path.name}`")
    answers = read_answers(path)
    if not key_path(path).is_file():
        raise SchemaError(
            f"{key_path(path)} does not exist: expected it beside {path.name}, as `vfgan rate` writes both"
        )
    key = read_json(key_path(path))
    for answer in answers:
        if answer.seed != key.get("seed") or str(answer.item) not in key.get("items", {}):
            raise SchemaError(f"{path}: item {answer.item} of seed {answer.seed} is not in {key_path(path).name}")
    return [(answer, key["items"][str(answer.item)]) for answer in answers]


def _judgements(pairs: Sequence[tuple[Answer, dict]]) -> Judgements:
    names = sorted({answer.rater for answer, _ in pairs})
    digests = sorted({truth["digest"] for _, truth in pairs})
    strengths = [float("nan") if truth["strength"] is None else truth["strength"] for _, truth in pairs]
    return Judgements(
        rater=np.array([names.index(answer.rater) for answer, _ in pairs]),
        item=np.array([digests.index(truth["digest"]) for _, truth in pairs]),
        emotion=np.array([FACE_EMOTIONS.index(truth["emotion"]) for _, truth in pairs]),
        made=np.array([truth["made"] for _, truth in pairs]),
        strength=np.array(strengths, float),
        seen_emotion=np.array([FACE_EMOTIONS.index(answer.emotion) for answer, _ in pairs]),
        seen_strength=np.array([answer.strength for answer, _ in pairs], float),
        taken_for_real=np.array([answer.real for answer, _ in pairs]),
    )
