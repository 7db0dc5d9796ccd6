"""Finds near-duplicate pictures: mirrored, turned, shifted, scaled or brightened copies, as in FER2013's disgust.

A picture's middle is described by signs: those of the brightness differences between neighbouring points of a grid. Two
pictures of one emotion are near-duplicates if this holds for one of `VARIANTS` of the second picture:

    (signs that agree - signs that differ) / all signs >= `THRESHOLD`

Near-duplicates of near-duplicates belong to the same group. Some pictures that only look alike are grouped, too. That
does no harm; what matters is that copies stay together. All numbers are integers, so every machine finds the same
groups. The cost grows with the square of the number of pictures of an emotion.
"""

import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tfrecords_builder.clip import Clip
from vfgan.config.serialise import digest
from vfgan.errors import SchemaError
from vfgan.media.images import read_image
from vfgan.storage.files import read_json, write_json
from vfgan.storage.local_copies import local_copy
from vfgan.storage.remote import as_path

SIZE_PX = 48
#: Mirrored, degrees, scale, shift to the right and down in pixels of `SIZE_PX`.
VARIANTS = tuple(
    itertools.product((False, True), (0, -20, -10, 10, 20), (1.0, 1 / 1.15, 1.15), *[(0, -6, -3, 3, 6)] * 2)
)
THRESHOLD = 0.6
#: Variants of a first, coarse search over all pairs, with fewer shifts and half of the signs. It only saves time.
COARSE = tuple(itertools.product((False, True), (0, -20, -10, 10, 20), (1.0, 1 / 1.15, 1.15), *[(0, -5, 5)] * 2))
LIKELY = 0.45
#: Called with (pictures compared, pictures in all).
Searching = Callable[[int, int], None]
_GRID = np.linspace(-13.0, 13.0, 14)  # points either way from the middle, in pixels of SIZE_PX
_BLOCK = 512
_BITS_SET = np.array([bin(byte).count("1") for byte in range(256)], np.uint8)


class NearDuplicates:
    """Finds groups of near-duplicates, and saves them, so that a resumed build does not search again.

    Args:
        path: JSON file for the groups.
        searching: see `Searching`.
    """

    def __init__(self, path: Path, searching: Searching = lambda *_: None):
        self._path, self._searching = path, searching
        self.counts: dict[str, dict[str, int]] = {}  #: corpus -> number of groups and of pictures in them

    def __call__(self, clips: list[Clip]) -> dict[str, str]:
        """Gives {clip id: name of its group} for the pictures of one corpus that have near-duplicates."""
        pictures = [clip for clip in clips if clip.image]
        if not pictures:
            return {}
        corpus = pictures[0].corpus
        key = digest({clip.clip_id: _stamp(clip) for clip in pictures})
        kept = self._kept()
        if kept.get(corpus, {}).get("key") != key:
            kept[corpus] = {"key": key, "groups": find_groups(pictures, self._searching)}
            write_json(self._path, kept)
        groups = kept[corpus]["groups"]
        self.counts[corpus] = {"groups": len(groups), "pictures": sum(map(len, groups))}
        return {clip_id: group[0] for group in groups for clip_id in group}

    def _kept(self) -> dict:
        try:
            return read_json(self._path)
        except SchemaError:  # the first build
            return {}


def _stamp(clip: Clip) -> list[int]:
    path = as_path(clip.image)
    stat = path.stat() if path.exists() else None
    return [clip.emotion, *((stat.st_size, stat.st_mtime_ns) if stat else ())]


def find_groups(clips: list[Clip], searching: Searching = lambda *_: None) -> list[list[str]]:
    """Finds groups of two or more clip ids, sorted. A picture that cannot be read is in none."""
    groups, before = [], 0
    for emotion in sorted({clip.emotion for clip in clips}):
        mine = [clip for clip in clips if clip.emotion == emotion]

        def compared(share: float, done: int = before, count: int = len(mine)) -> None:
            searching(done + round(share * count), len(clips))

        small = {clip.clip_id: _small(clip) for clip in mine}
        names = [name for name, picture in small.items() if picture is not None]
        if len(names) > 1:
            pairs = similar_pairs(np.stack([small[name] for name in names]), compared)
            groups += [[names[i] for i in group] for group in _connected(len(names), pairs)]
        compared(1.0)
        before += len(mine)
    return sorted(sorted(group) for group in groups)


def _small(clip: Clip) -> np.ndarray | None:
    """Reads a picture as uint8 [SIZE_PX, SIZE_PX], grey and slightly blurred; None if it cannot be read."""
    import cv2

    try:
        grey = cv2.cvtColor(read_image(local_copy(clip.image)), cv2.COLOR_RGB2GRAY)
    except Exception:  # any decoder error: the build rejects the picture with the reason
        return None
    return cv2.blur(cv2.resize(grey, (SIZE_PX, SIZE_PX), interpolation=cv2.INTER_AREA), (3, 3))


def similar_pairs(pictures: np.ndarray, compared: Callable[[float], None] = lambda _: None) -> list[tuple[int, int]]:
    """Finds pairs (i < j) of near-duplicates.

    Args:
        pictures: uint8 [pictures, SIZE_PX, SIZE_PX].
        compared: called with the finished share of the coarse search, which takes nearly all of the time.
    """
    plain = _signs(pictures, VARIANTS[0])
    first, second = np.array(sorted(_likely_pairs(pictures, plain, compared)), int).reshape(-1, 2).T
    fewest = np.full(len(first), plain.shape[1])  # signs that differ, under the best variant
    bits = np.packbits(plain, axis=1)[first]
    for variant in VARIANTS:
        changed = np.packbits(_signs(pictures, variant), axis=1)[second]
        fewest = np.minimum(fewest, _BITS_SET[bits ^ changed].sum(axis=1))
    alike = plain.shape[1] - 2 * fewest >= THRESHOLD * plain.shape[1]
    return list(zip(first[alike].tolist(), second[alike].tolist()))


def _likely_pairs(pictures: np.ndarray, plain: np.ndarray, compared: Callable) -> set[tuple[int, int]]:
    """Finds pairs (i < j) to compare in detail: those that are alike in half of the signs under a coarse variant."""
    half = _plus_minus(plain[:, ::2])
    pairs = set()
    for step, variant in enumerate(COARSE):
        compared(step / len(COARSE))
        changed = _plus_minus(_signs(pictures, variant)[:, ::2])
        for start in range(0, len(pictures), _BLOCK):
            agreement = half[start : start + _BLOCK] @ changed[start:].T  # [block, pictures from start on]
            rows, columns = np.nonzero(agreement >= LIKELY * half.shape[1])
            pairs |= {(start + i, start + j) for i, j in zip(rows.tolist(), columns.tolist()) if i < j}
    return pairs


def _plus_minus(signs: np.ndarray) -> np.ndarray:
    """Signs as float32 +1 and -1. Sums of their products are exact: agreeing minus differing signs."""
    return signs.astype(np.float32) * 2 - 1


def _signs(pictures: np.ndarray, variant: tuple) -> np.ndarray:
    """Whether the second of two neighbouring points is brighter: bool [pictures, pairs of points]."""
    mirrored, degrees, scale, right, down = variant
    y, x = np.meshgrid(_GRID, _GRID, indexing="ij")
    cos, sin = np.cos(np.radians(degrees)) / scale, np.sin(np.radians(degrees)) / scale
    across, along = (cos * x - sin * y + right) * (-1 if mirrored else 1), sin * x + cos * y + down
    middle = (SIZE_PX - 1) / 2
    row, column = (np.clip(np.rint(place + middle), 0, SIZE_PX - 1).astype(int) for place in (along, across))
    points = pictures[:, row, column]  # [pictures, grid, grid]
    signs = (points[:, :, 1:] > points[:, :, :-1], points[:, 1:] > points[:, :-1])
    return np.concatenate([sign.reshape(len(pictures), -1) for sign in signs], axis=1)


def _connected(count: int, pairs: list[tuple[int, int]]) -> list[list[int]]:
    """Groups of two or more of `count` things that pairs connect."""
    group = list(range(count))
    for i, j in pairs:
        old, new = group[j], group[i]
        if old != new:
            group = [new if name == old else name for name in group]
    members: dict[int, list[int]] = {}
    for i, name in enumerate(group):
        members.setdefault(name, []).append(i)
    return [indices for indices in members.values() if len(indices) > 1]
