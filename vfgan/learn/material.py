"""What a whole CycleGAN learns from, as it hears and sees it: `Pairs` -> `GanMaterial`."""

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from vfgan.config.serialise import to_dict
from vfgan.data.dataset import DataSet
from vfgan.data.face_set import load_faces, merge_faces
from vfgan.data.gan_material import GanMaterial, gan_material, gan_origin
from vfgan.data.provenance import check_same_crop, check_same_mfsc, unheard_actors
from vfgan.data.split import Pairs
from vfgan.data.voice_set import Voices, load_voices
from vfgan.errors import ConfigError
from vfgan.learn.extractor import Extractor
from vfgan.models.face_classifier import FaceClassifier, classify_faces
from vfgan.training.runs import weights_digest

if TYPE_CHECKING:
    from vfgan.learn.cyclegan import CycleGan

_SPLITS = ("train", "validation", "test")


def read_material(pairs: Pairs, gan: "CycleGan") -> tuple[GanMaterial, dict]:
    """Reads faces and voices for a CycleGAN, with the record of their origin (config.json of a run).

    Voices are of people whom the extractor has not learnt from: it hears those too well.

    Raises:
        ConfigError: the CycleGAN has no extractor that is trained, or the pairs lack what it needs.
        SchemaError: data sets, extractor and emotion CNN do not fit together.
        MediaError: there are no faces, or no voices.
    """
    extractor, emotion_cnn, config = gan.extractor, gan.emotion_cnn, pairs.config(gan.config)
    if extractor is None or extractor.origin is None or not extractor.standardise_z.measured:
        raise ConfigError(
            "the CycleGAN needs a trained extractor to hear voices: CycleGan(extractor=extractor), after fit"
        )
    sets = [split.dataset for split in pairs.splits]
    crop = to_dict(sets[0].config.crop)
    for one in sets:
        check_same_crop(crop, one, str(sets[0].folder))
    if emotion_cnn is not None and emotion_cnn.crop is not None:
        check_same_crop(to_dict(emotion_cnn.crop), sets[0], "the emotion CNN")
    check_same_mfsc(to_dict(extractor.mfsc), pairs.voices)
    learnt = set(extractor.origin["train_actors"])
    actors = unheard_actors(learnt, pairs.voices, pairs.voice_actors, keep_last=True)
    voices = load_voices(pairs.voices, _SPLITS, actors)
    size_px, channels = config.networks.size_px, config.channels
    parts = [load_faces(split.dataset, [split.name], size_px, channels).aligned for split in pairs.splits]

    material = gan_material(
        config, merge_faces(parts), extractor.reader, voices, talking=lambda: _voices_of_faces(pairs, extractor),
        learnt=learnt,
        see=emotion_cnn and functools.partial(_seen_emotion, emotion_cnn),
    )  # fmt: skip
    heard = {
        "digest": weights_digest(extractor),
        "z_size": material.z_size,
        "train_actors": sorted(learnt),
        "config": to_dict(extractor.config),
    }
    origin = gan_origin(
        material,
        crop=crop,
        extractor=heard,
        emotion_cnn=None if emotion_cnn is None else weights_digest(emotion_cnn),
        seen={} if emotion_cnn is None else emotion_cnn.origin or {},
        faces=_actors_of_sets(sets, [part.actor.tolist() for part in parts]),
        voices=(pairs.voices, voices.actor.tolist()),
    )
    return material, origin


def _actors_of_sets(sets: Sequence[DataSet], actors: Sequence[list[str]]) -> dict[str, tuple[DataSet, Sequence[str]]]:
    """Data sets by the name of their folder, each with the actors of all its splits.

    Raises:
        ConfigError: two folders have the same name.
    """
    found: dict[str, tuple[DataSet, Sequence[str]]] = {}
    for one, some in zip(sets, actors):
        name = one.folder.name
        known, before = found.get(name, (one, []))
        if known.folder != one.folder:
            raise ConfigError(f"{one.folder} and {known.folder} have the same name, by which they are told apart")
        found[name] = (one, [*before, *some])
    return found


def _seen_emotion(emotion_cnn: FaceClassifier, pixels: np.ndarray) -> np.ndarray:
    return classify_faces(emotion_cnn, pixels)[0].argmax(axis=1)


def _voices_of_faces(pairs: Pairs, extractor: Extractor) -> list[Voices]:
    """The voices of the faces' own clips, of those data sets that have voices as the extractor hears them."""
    mfsc = to_dict(extractor.mfsc)
    return [split.voices for split in pairs.splits if split.has_voices and to_dict(split.dataset.config.mfsc) == mfsc]
