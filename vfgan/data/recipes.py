"""Whose faces are X and Y: the recipes of a CycleGAN's training."""

import numpy as np

from vfgan.config.gan import GanConfig
from vfgan.data.face_set import Faces
from vfgan.emotions import FACE_EMOTIONS
from vfgan.errors import ConfigError

_LEAST_CLEAR = 20  # faces of an emotion


def source_faces(faces: Faces, config: GanConfig) -> Faces:
    """X: faces of neutral and calm clips, or all.

    Faces before the voice of an emotional clip are no neutral ones: they often show its emotion already.

    Raises:
        ConfigError: there are none.
    """
    if config.data.source == "any":
        return faces
    neutral = faces.where(faces.emotion == FACE_EMOTIONS.index("neutral"))
    if not len(neutral):
        raise ConfigError("--source neutral: the data set has no neutral faces; use --source any")
    return neutral


def clear_faces(faces: Faces, seen: np.ndarray) -> Faces:
    """Y without the faces in which another emotion is seen than the one that they are labelled with.

    Labels of pictures from the web are often wrong or anyone's guess, and a face during a sad voice need not look sad.
    With such faces D_Y learns that every face fits every voice, and the verification loss pulls everywhere at once.

    Args:
        seen: int [faces], what the emotion CNN sees.
    """
    clear = seen == faces.emotion
    count = np.bincount(faces.emotion[clear], minlength=len(FACE_EMOTIONS))
    return faces.where(clear | (count[faces.emotion] < _LEAST_CLEAR))


def choose_faces(faces: Faces, config: GanConfig) -> tuple[Faces, Faces]:
    """(X, Y) of a recipe.

    same-people: everyone's neutral faces become emotional; edits photos of people who were never seen.
    person-to-person: all others' faces become the target's; their footage then drives the target person.
    one-person: as same-people, of the target alone: a few minutes of footage of one person.

    Raises:
        ConfigError: as of `of_target`, or there is nobody else.
    """
    shown = shown_faces(faces, config)
    if config.data.recipe == "same-people":
        return source_faces(faces, config), shown
    mine = of_target(faces, config)
    if config.data.recipe == "one-person":
        return source_faces(faces.where(mine), config), shown
    if mine.all():
        raise ConfigError(f"--recipe person-to-person: all faces are of {config.data.target}; add --faces of others")
    return source_faces(faces.where(~mine), config), shown


def shown_faces(faces: Faces, config: GanConfig) -> Faces:
    """Y of a recipe: faces that show their emotion, of everyone or of the target.

    Raises:
        ConfigError: as of `of_target`.
    """
    if config.data.recipe == "same-people":
        return faces.showing
    return faces.where(of_target(faces, config)).showing


def of_target(faces: Faces, config: GanConfig) -> np.ndarray:
    """Which faces are the target's, bool [faces]: an actor such as 01, or where corpora share that name, nimstim/01.

    Raises:
        ConfigError: the target has no faces, or the name is that of several people.
    """
    target = config.data.target
    mine = (faces.actor == target) | (faces.person == target)
    people = sorted(set(faces.person[mine].tolist()))
    if not people:
        known = ", ".join(sorted(set(faces.person.tolist()) - {""})) or "nobody with a name"
        raise ConfigError(f"--target {target}: has no training faces here; there are {known}")
    if len(people) > 1:
        raise ConfigError(f"--target {target}: is several people here; expected one of {', '.join(people)}")
    return mine
