"""What is evaluated, and by whom: a generator's SavedModel, the judge's, and how both are asked."""

import itertools
from collections.abc import Iterator

import cv2
import numpy as np
import tensorflow as tf

from vfgan.data.dataset import DataSet
from vfgan.data.face_set import load_faces, merge_faces
from vfgan.emotions import FACE_LABEL
from vfgan.errors import SchemaError
from vfgan.evaluation.dial import measure_dial
from vfgan.evaluation.dynamics import Dynamics, measure_dynamics, measure_kept_mouth
from vfgan.evaluation.measure import PredictedVoices, face_probabilities
from vfgan.evaluation.motion import measure_motion, real_pairs
from vfgan.face.crop import going_on_below
from vfgan.face.finder import FaceFinder
from vfgan.face.pixels import luma_uint8
from vfgan.generate.strips import INTENSITIES
from vfgan.savedmodel.load import load_model
from vfgan.voice.attribute_track import VoiceTrack


def clips_of_tests(faces_sets: list[DataSet]) -> Iterator[dict]:
    """Clips of the test splits."""
    return itertools.chain.from_iterable(one.records(["test"]) for one in faces_sets)


def load_judge(name: str) -> tuple[object, dict]:
    """The judge's SavedModel and its card.

    Raises:
        SchemaError: there is none, or it was trained for something else.
    """
    judge, card = load_model(name)
    if card.get("resolved", {}).get("kind") != "judge":
        raise SchemaError(f"--judge {name} is no judge: expected what `vfgan train judge` and `vfgan export` made")
    return judge, card


def hear(model, voices):
    """Every utterance as the generator's extractor hears it."""
    signature = model.signature("from_mfsc")
    out = [signature(mfsc=tf.constant(voices.clip(index)[None])) for index in range(len(voices))]
    probabilities = face_probabilities(np.stack([one["probabilities"].numpy() for one in out]))
    return PredictedVoices(
        np.stack([one["z"].numpy() for one in out]), probabilities.argmax(1), np.array(FACE_LABEL)[voices.emotion],
        voices.intensity,
    )  # fmt: skip


def edit_faces(model, pixels, z, mouth=None):
    """`VoiceFace.edit` on colour, or on luma: uint8 [n, size, size, channels].

    Data sets hold no neck. Their lowest row goes on in its place, so that a jaw drops as in a whole picture.
    """
    made = model.edit(going_on_below(in_colour(pixels), model.crop_height), z, mouth)[:, : pixels.shape[1]]
    return made if pixels.shape[3] == 3 else luma_uint8(made)


def in_colour(pixels):
    """uint8 [n, size, size, 3] of that, or of luma."""
    return pixels if pixels.shape[3] == 3 else np.repeat(pixels, 3, axis=3)


def ask_judge(judge, pixels):
    """The judge's (probabilities, features) of faces, luma or colour."""
    parts = []
    for start in range(0, len(pixels), 256):
        parts.append(judge.signatures["serving_default"](face=tf.constant(in_colour(pixels[start : start + 256]))))
    return tuple(np.concatenate([part[name].numpy() for part in parts]) for name in ("probabilities", "features"))


def find_landmarks(pixels):
    """Landmarks of faces, enlarged to what the mesh sees: float [n, 468, 2], crop sides, NaN where there is no face.

    Args:
        pixels: uint8 [n, height, size, channels], whose upper square is the crop.
    """
    out = np.full((len(pixels), 468, 2), np.nan)
    with FaceFinder() as finder:
        for index, picture in enumerate(pixels):
            size = 256, round(256 * picture.shape[0] / picture.shape[1])
            large = cv2.resize(in_colour(picture[None])[0], size, interpolation=cv2.INTER_CUBIC)
            if found := finder.find_in_crop(large):
                out[index] = found.landmarks / 256
    return out


def motion_of(model, faces_sets, gan, sources, heard, **draws) -> dict[str, dict[str, float]]:
    """`measure_motion` beside all pairs of real people in the data sets: training's count, as a yardstick."""
    splits, size_px = ["train", "validation", "test"], gan.networks.size_px
    pairs = real_pairs(merge_faces([load_faces(one, splits, size_px, gan.channels) for one in faces_sets]))
    return measure_motion(
        lambda pixels, z: edit_faces(model, pixels, z), find_landmarks, sources, pairs, heard, **draws
    )


def dial_of(model, judge, sources, heard, **draws) -> dict[float, float]:
    """`measure_dial` over the marks of a strip."""

    def edit(pixels, z, intensity):
        model.intensity = intensity
        return edit_faces(model, pixels, z)

    before = model.intensity
    try:
        return measure_dial(edit, lambda pixels: ask_judge(judge, pixels), sources, heard, INTENSITIES, **draws)
    finally:
        model.intensity = before


def dynamics_of(model, faces_sets, clips: int):
    """Mouth and sound of test clips that have both: `vfgan.evaluation.dynamics.Dynamics`.

    A still face (the clip's first) is driven by the clip's own voice, and its mouth by the clip's sound where the
    model has learnt that; its opening is measured by landmarks.
    """
    if model.talks and not any(one.config.keep_waveform for one in faces_sets):
        return Dynamics({}, {}, "this model's mouths follow the sound itself: build the data set with --keep-waveform")

    def drive(record, face):
        track = VoiceTrack(model.signature("from_mfsc")(mfsc=tf.constant(record["mfsc"][None])), model.mfsc)
        times = record["face_times"]
        mouth = model.mouth_track(record["waveform"]).at(times) if model.talks else None
        return edit_faces(model, np.repeat(face[None], len(times), axis=0), track.at(times), mouth)

    with FaceFinder(tracking=True) as finder:
        heard = [one for one in faces_sets if one.config.keep_waveform or not model.talks]
        return measure_dynamics(drive, clips_of_tests(heard), finder, clips)


def kept_mouth(model, faces_sets, z, clips: int) -> float:
    """`measure_kept_mouth` of test clips, each with one of the voices' z."""

    def edit(number, faces):
        return edit_faces(model, faces, np.repeat(z[number % len(z)][None], len(faces), axis=0))

    with FaceFinder(tracking=True) as finder:
        return measure_kept_mouth(edit, clips_of_tests(faces_sets), finder, clips)
