"""Splits clips into training, validation and test: by actor, or by recording if there are too few actors."""

import dataclasses
import math
import random
from collections.abc import Callable

from tfrecords_builder.clip import Clip
from vfgan.config.data import BuildConfig
from vfgan.emotions import EMOTIONS
from vfgan.errors import ConfigError

SPLITS = ("train", "validation", "test")
#: Fewer actors than this cannot be split in three.
LEAST_ACTORS = 3
#: Of fewer recordings an emotion's pieces cannot be split in three, file by file.
LEAST_FILES = 3


def assign_splits(
    clips: list[Clip], config: BuildConfig, near_duplicates: Callable[[list[Clip]], dict[str, str]] = lambda clips: {}
) -> tuple[dict[str, str], dict[str, str]]:
    """Splits clips, corpus by corpus.

    By actor, all clips of a person are in one split. By recording, the sentences of each emotion are shuffled with a
    seed and split; repetitions and near-duplicates stay together.

    Args:
        near_duplicates: clips of a corpus that is split by recording -> {clip id: name of its group}.
    Returns:
        ({clip id: split}, {corpus: "actor" or "recording"}).
    Raises:
        ConfigError: named actors are not in the corpus, or the corpus cannot be split by actor as asked.
    """
    split_of: dict[str, str] = {}
    basis_of: dict[str, str] = {}
    _check_actors(clips, config)
    for corpus in sorted({clip.corpus for clip in clips}):
        mine = [clip for clip in clips if clip.corpus == corpus]
        actors = sorted({clip.actor for clip in mine})
        named = _named_in(corpus, config)
        by_actor = _is_by_actor(corpus, actors, named)
        basis_of[corpus] = "actor" if by_actor else "recording"
        split_of |= _by_actor(mine, actors, named) if by_actor else _by_recording(mine, config, near_duplicates(mine))
    return split_of, basis_of


def _named_in(corpus: str, config: BuildConfig) -> BuildConfig:
    """The configuration with the named actors as one corpus calls them: "savee/DC" is DC in savee, and nobody else."""
    prefix = f"{corpus}/"
    return dataclasses.replace(
        config,
        test_actors=tuple(name.removeprefix(prefix) for name in config.test_actors),
        validation_actors=tuple(name.removeprefix(prefix) for name in config.validation_actors),
    )


def _is_by_actor(corpus: str, actors: list[str], config: BuildConfig) -> bool:
    """Whether a corpus is split by actor; raises a ConfigError if that contradicts the options."""
    named = all(actors) and len(actors) >= LEAST_ACTORS
    if config.split in ("actor", "one-actor-out") and not named:
        raise ConfigError(
            f"--split {config.split}: {corpus} has {len(actors)} named actors, expected at least {LEAST_ACTORS}; "
            "use --split recording"
        )
    by_actor = config.split != "recording" and named
    held_out = sorted({*config.test_actors, *config.validation_actors} & set(actors))
    if held_out and not by_actor:
        raise ConfigError(
            f"actors {', '.join(held_out)} are named for test or validation, but {corpus} is split by recording "
            f"(--split {config.split}, {len(actors)} actors; by actor needs {LEAST_ACTORS}): name no actors"
        )
    folds = len(actors) if config.split == "one-actor-out" else config.folds
    if by_actor and (folds > len(actors) or config.fold >= max(1, folds)):
        raise ConfigError(
            f"--folds {config.folds} --fold {config.fold}: {corpus} has {len(actors)} actors; expected at most as many "
            "folds, and a fold number from 0"
        )
    return by_actor


def _check_actors(clips: list[Clip], config: BuildConfig) -> None:
    present = {clip.actor for clip in clips} | {f"{clip.corpus}/{clip.actor}" for clip in clips}
    missing = sorted((set(config.test_actors) | set(config.validation_actors)) - present)
    if missing:
        raise ConfigError(f"actors {', '.join(missing)} are not in the inputs, which have {_names(clips)}")


def _names(clips: list[Clip]) -> str:
    return ", ".join(sorted({clip.actor for clip in clips}))


def _by_actor(clips: list[Clip], actors: list[str], config: BuildConfig) -> dict[str, str]:
    """Splits by actor: the named ones, else the last by name, or in the seeded order of `split_seed`.

    With k folds, every k-th actor belongs to one fold. Actors of the test fold are put last.
    """
    order = list(actors)
    if config.split_seed is not None:
        random.Random(config.split_seed).shuffle(order)
    folds = len(order) if config.split == "one-actor-out" else config.folds
    test = set(config.test_actors) & set(actors)
    if folds:
        order, test = _fold_last(order, folds, config.fold)
    elif not test and config.test:
        free = [actor for actor in order if actor not in config.validation_actors]
        test = set(free[-max(1, round(config.test * len(actors))) :])
    validation = set(config.validation_actors) & set(actors)
    if not validation and config.validation:
        free = [actor for actor in order if actor not in test]
        validation = set(free[-max(1, round(config.validation * len(actors))) :])

    def split(actor: str) -> str:
        if actor in test:
            return "test"
        return "validation" if actor in validation else "train"

    return {clip.clip_id: split(clip.actor) for clip in clips}


def _fold_last(order: list, folds: int, fold: int) -> tuple[list, set]:
    """Reorders things by fold: later folds, earlier folds, this fold. Returns also the things of this fold."""
    groups = [order[index::folds] for index in range(folds)]
    turned = groups[fold + 1 :] + groups[: fold + 1]
    return [thing for group in turned for thing in group], set(groups[fold])


def _by_recording(clips: list[Clip], config: BuildConfig, group_of: dict[str, str]) -> dict[str, str]:
    """Splits by recording, emotion by emotion. Clips of one take (`_take`) stay together: they are nearly the same.

    A share above 0 gets at least one take if there are three or more; with two takes, only the test does. A file with
    several emotions stays where the first of them has put it.
    """
    split_of: dict[str, str] = {}
    group_of = _pieces_together(clips) | group_of
    side: dict[tuple, str] = {}
    for label in range(len(EMOTIONS)):
        mine = [clip for clip in clips if clip.emotion == label]
        takes = sorted({_take(clip, group_of) for clip in mine})
        random.Random(f"{config.split_seed}/{label}").shuffle(takes)
        test = _share_of(takes, config.test, least=2)
        if config.folds:
            takes, last = _fold_last(takes, config.folds, config.fold)
            takes, test = takes[::-1], len(last)
        wanted = {"test": test, "validation": _share_of(takes, config.validation, least=3)}
        there = [side[take] for take in takes if take in side]
        free = [take for take in takes if take not in side]
        test = max(0, wanted["test"] - there.count("test"))
        validation = max(0, wanted["validation"] - there.count("validation"))
        side |= {take: SPLITS[2 if i < test else 1 if i < test + validation else 0] for i, take in enumerate(free)}
        split_of |= {clip.clip_id: side[_take(clip, group_of)] for clip in mine}
    return split_of


def _pieces_together(clips: list[Clip]) -> dict[str, str]:
    """Pieces of recordings that stay together: {clip id: name of the group}.

    Those of one file; where an emotion has pieces of fewer than `LEAST_FILES`, only those that overlap.
    """
    pieces: dict[str, list[Clip]] = {}
    for clip in clips:
        if (clip.start_seconds, clip.end_seconds) != (0.0, math.inf):
            pieces.setdefault(str(clip.audio or clip.video), []).append(clip)
    files_of = [{clip.audio or clip.video for clip in clips if clip.emotion == label} for label in range(len(EMOTIONS))]
    few = any(0 < len(files) < LEAST_FILES for files in files_of)
    group_of = {}
    for file, mine in pieces.items():
        end, name = -math.inf, ""
        for clip in sorted(mine, key=lambda clip: (clip.start_seconds, clip.end_seconds)):
            if few and clip.start_seconds >= end:
                name = f"{file} from {clip.start_seconds:.2f}"
            group_of[clip.clip_id] = name or file
            end = max(end, clip.end_seconds)
    return group_of


def _take(clip: Clip, group_of: dict[str, str]) -> tuple:
    """Key of clips that stay together: of a group, or repetitions of a sentence by an actor; else one clip."""
    if clip.clip_id in group_of or not clip.statement:
        return (clip.actor, clip.channel, group_of.get(clip.clip_id, clip.clip_id))
    return (clip.actor, clip.channel, clip.emotion, clip.intensity, clip.statement)


def _share_of(takes: list, share: float, *, least: int) -> int:
    """Number of takes in a share: at least one if there are `least` or more; 0 for a share of 0."""
    return max(round(share * len(takes)), int(share > 0 and len(takes) >= least))
