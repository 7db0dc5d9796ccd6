"""What is evaluated, and by whom: a generator's SavedModel, the judge's, and how both are asked."""

from pipelines.commands.evaluate import clips_of_tests
from vfgan.errors import SchemaError


def load_judge(name: str) -> tuple[object, dict]:
    """The judge's SavedModel and its card.

    Raises:
        SchemaError: there is none, or it was trained for something else.
    """
    from vfgan.savedmodel.load import load_model

    judge, card = load_model(name)
    if card.get("resolved", {}).get("kind") != "judge":
        raise SchemaError(f"--judge {name} is no judge: expected what `vfgan train judge` and `vfgan export` made")
    return judge, card


def hear(model, voices):
    """Every utterance as the generator's extractor hears it."""
    import numpy as np
    import tensorflow as tf

    from vfgan.emotions import FACE_LABEL
    from vfgan.evaluation.measure import HeardVoices, face_probabilities

    signature = model.signature("from_mfsc")
    out = [signature(mfsc=tf.constant(voices.clip(index)[None])) for index in range(len(voices))]
    probabilities = face_probabilities(np.stack([one["probabilities"].numpy() for one in out]))
    return HeardVoices(
        np.stack([one["z"].numpy() for one in out]), probabilities.argmax(1), np.array(FACE_LABEL)[voices.emotion],
        voices.intensity,
    )  # fmt: skip


def change_luma(model, pixels, z):
    """`VoiceFace.change` on luma: uint8 [n, size, size, 1]."""
    import numpy as np

    from vfgan.face.pixels import luma_uint8

    return luma_uint8(model.change(np.repeat(pixels, 3, axis=3), z))


def ask_judge(judge, pixels):
    """The judge's (probabilities, features) of luma faces."""
    import numpy as np
    import tensorflow as tf

    parts = []
    for start in range(0, len(pixels), 256):
        parts.append(
            judge.signatures["serving_default"](face=tf.constant(np.repeat(pixels[start : start + 256], 3, axis=3)))
        )
    return tuple(np.concatenate([part[name].numpy() for part in parts]) for name in ("probabilities", "features"))


def find_landmarks(pixels):
    """Landmarks of luma faces, enlarged to what the mesh sees: float [n, 468, 2], NaN where there is no face."""
    import cv2
    import numpy as np

    from vfgan.face.finder import FaceFinder

    out = np.full((len(pixels), 468, 2), np.nan)
    with FaceFinder() as finder:
        for index, picture in enumerate(pixels):
            large = cv2.resize(picture[..., 0], (256, 256), interpolation=cv2.INTER_CUBIC)
            if found := finder.find(np.repeat(large[..., None], 3, axis=2)):
                out[index] = found[0].landmarks
    return out


def dial_of(model, judge, sources, heard, **draws) -> dict[float, float]:
    """`measure_dial` over the marks of a strip."""
    from vfgan.evaluation.dial import measure_dial
    from vfgan.generate.strips import INTENSITIES

    def change(pixels, z, intensity):
        model.intensity = intensity
        return change_luma(model, pixels, z)

    before = model.intensity
    try:
        return measure_dial(change, lambda pixels: ask_judge(judge, pixels), sources, heard, INTENSITIES, **draws)
    finally:
        model.intensity = before


def dynamics_of(model, faces_sets):
    """Mouth and sound of test clips that have both: `vfgan.evaluation.dynamics.Dynamics`.

    A still face (the clip's first) is driven by the clip's own voice; its opening is measured by landmarks.
    """
    import numpy as np
    import tensorflow as tf

    from vfgan.evaluation.dynamics import measure_dynamics
    from vfgan.face.finder import FaceFinder
    from vfgan.voice.attribute_track import VoiceTrack

    def drive(record, face):
        track = VoiceTrack(model.signature("from_mfsc")(mfsc=tf.constant(record["mfsc"][None])), model.mfsc)
        return model.change(np.repeat(face[None], len(record["face_times"]), axis=0), track.at(record["face_times"]))

    with FaceFinder() as finder:
        return measure_dynamics(drive, clips_of_tests(faces_sets), finder)


def kept_mouth(model, faces_sets, z) -> float:
    """`measure_kept_mouth` of test clips, each with one of the voices' z."""
    import numpy as np

    from vfgan.evaluation.dynamics import measure_kept_mouth
    from vfgan.face.finder import FaceFinder

    def change(number, faces):
        return model.change(faces, np.repeat(z[number % len(z)][None], len(faces), axis=0))

    with FaceFinder() as finder:
        return measure_kept_mouth(change, clips_of_tests(faces_sets), finder)
