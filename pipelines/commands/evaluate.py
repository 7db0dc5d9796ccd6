"""`vfgan evaluate`: a generator's figures, each beside its baselines: table, JSON, figure."""

import dataclasses
import itertools
import math
from collections.abc import Sequence
from pathlib import Path

from pipelines.reports.evaluation import EXPLANATION, by_emotion_notes, draw, table
from vfgan.errors import ConfigError, SchemaError


@dataclasses.dataclass(frozen=True)
class Evaluate:
    """Measures a generator on held-back faces and voices, beside real faces, unchanged input and a shuffled voice."""

    faces: tuple[Path, ...]
    """Data sets whose test faces are sources and yardstick, by the generator's recipe; of one person to another both
    people's."""
    voices: Path
    """Data set with the voices."""
    out: Path
    """Folder for evaluation.json, table.txt and evaluation.png."""
    voice_actors: tuple[str, ...] = ()
    """Actors whose voices are used; without this all that neither extractor nor generator was trained on."""
    model: str = "vfgan"
    """Generator: a name in saved_models, or a SavedModel's folder."""
    judge: str = "judge"
    """Judge: the same."""
    sources_per_voice: int = 8
    """Source faces drawn for each voice."""
    seed: int = 0
    """Of the draws."""

    def main(self) -> None:
        """Measures, prints, writes."""
        from pipelines.console import Bar, console

        with Bar("evaluate") as bar:
            result = evaluate(self, bar.update)
        console.print(result["table"], highlight=False, markup=False)
        console.print(f"{self.out}/evaluation.json, {self.out}/evaluation.png", highlight=False)


def evaluate(args: Evaluate, progress=lambda done, total: None) -> dict:
    """Returns what evaluation.json holds, and the table as text."""
    import numpy as np

    from vfgan.config.gan import GanConfig
    from vfgan.config.serialise import from_dict
    from vfgan.data.dataset import DataSet
    from vfgan.data.provenance import check_same_mfsc, unheard_actors
    from vfgan.data.recipes import choose_faces
    from vfgan.data.voice_set import load_voices
    from vfgan.evaluation.liveliness import liveliness
    from vfgan.evaluation.measure import measure, shares
    from vfgan.generate.voice_face import VoiceFace
    from vfgan.storage.files import check_writable, write_json, write_text

    if args.sources_per_voice < 1:
        raise ConfigError(f"--sources-per-voice: expected at least 1, got {args.sources_per_voice}")
    check_writable(args.out)
    model, (judge, judge_card) = VoiceFace(args.model), load_judge(args.judge)
    voices_set, resolved = DataSet(args.voices), model.card["resolved"]
    check_same_mfsc(model.card["mfsc"], voices_set)
    gan = from_dict(GanConfig, resolved["config"])
    seen = (resolved["faces"], resolved.get("seen", {}), judge_card["resolved"]["data"])
    crops = {f"the model {args.model}": model.card["crop"], f"the judge {args.judge}": judge_card["crop"]}
    faces, faces_sets = held_back_faces(args.faces, gan.size_px, crops, seen, gan.channels)
    learnt = set(resolved["voices"]["train_actors"]) | set(resolved["extractor"]["train_actors"])
    actors = unheard_actors(learnt, voices_set, args.voice_actors)
    voices = load_voices(voices_set, ["train", "validation", "test"], actors)
    heard = hear(model, voices)
    sources, real = choose_faces(faces, gan)
    result = measure(
        lambda pixels, z: change_faces(model, pixels, z), lambda pixels: ask_judge(judge, pixels),
        sources, real, heard, landmarks=find_landmarks,
        sources_per_voice=args.sources_per_voice, seed=args.seed, progress=progress,
    )  # fmt: skip
    dynamics = dynamics_of(model, faces_sets)
    for row, value in dynamics.rows.items():
        result.rows[row]["mouth ~ sound"] = value
    kept = kept_mouth(model, faces_sets, heard.z)
    if math.isfinite(kept):
        result.rows["generated"]["mouth ~ source"] = kept
    flicker = liveliness(lambda pixels, z: change_faces(model, pixels, z), faces, heard.z)
    if math.isfinite(flicker):
        result.rows["generated"]["flicker"] = flicker
    absent = {"mouth ~ sound": dynamics.absent} if dynamics.absent else {}
    dial = dial_of(model, judge, sources, heard, sources_per_voice=args.sources_per_voice, seed=args.seed)
    notes = [f"dial: {', '.join(f'{mark:g}: {score:.3f}' for mark, score in dial.items())}"] if dial else []
    motion = motion_of(model, faces_sets, gan, sources, heard, seed=args.seed)
    for column in ("motion", "direction", "paint"):
        if motion:
            result.rows["generated"][column] = float(np.mean([found[column] for found in motion.values()]))
    notes += [f"{name}: motion {found['motion']:.2f}, direction {found['direction']:.2f}, paint {found['paint']:.2f} "
              f"of {found['pairs']} real pairs" for name, found in motion.items()]  # fmt: skip
    notes += by_emotion_notes(result.by_emotion)
    notes += [f"judge on real faces of {name}: accuracy {found['accuracy']:.3f}, UAR {found['UAR']:.3f}, "
              f"{found['faces']} faces" for name, found in result.by_corpus.items()]  # fmt: skip
    notes += [f"{name}: {value:.3f}" for name, value in shares(result).items()]
    notes += [f"{column} is absent: {why}" for column, why in absent.items()]
    for row, (low, high) in dynamics.intervals.items():
        notes.append(f"mouth ~ sound of {row}: {low:.3f} to {high:.3f} (95 %, bootstrap over clips)")
    text = "\n".join([table(result.rows), *notes])
    values = {
        "rows": result.rows, "counts": result.counts, "confusion": result.confusion.tolist(),
        "voice_actors": list(actors), "model": f"{model.card['name']} {model.card['version']}",
        "judge": f"{judge_card['name']} {judge_card['version']}", "columns": EXPLANATION,
        "absent": absent, "by_emotion": result.by_emotion, "by_corpus": result.by_corpus, "dial": dial,
        "motion": motion,
        "shares": shares(result), "intervals": {"mouth ~ sound": dynamics.intervals},
    }  # fmt: skip
    write_json(args.out / "evaluation.json", values)
    write_text(args.out / "table.txt", text + "\n\n" + EXPLANATION + "\n")
    draw(args.out / "evaluation.png", result)
    return values | {"table": text}


def held_back_faces(folders, size_px: int, crops: dict[str, dict], seen: Sequence[dict], channels: int = 1):
    """Test faces that are new to all networks: (`vfgan.data.face_set.Faces` of all data sets, the data sets).

    Args:
        crops: whose geometry it is -> the geometry that the faces must have.
        channels: 1 gives luma, 3 gives RGB.
        seen: origins (`vfgan.data.provenance.data_origin` by name) of what the networks have learnt from.
    Raises:
        SchemaError: some faces may have been in a training, or are cut out otherwise.
        ConfigError: there are no test faces.
    """
    from vfgan.data.face_set import load_faces, merge_faces
    from vfgan.data.provenance import check_held_back, check_same_crop, open_face_sets

    sets, parts = list(open_face_sets(folders).values()), []
    for one in sets:
        for whose, crop in crops.items():
            check_same_crop(crop, one, whose)
        if one.manifest["counts"]["test"]["faces"]:
            parts.append(load_faces(one, ["test"], size_px, channels).aligned)
            for origins in seen:
                check_held_back(origins, one, set(parts[-1].actor.tolist()))
    if not parts:
        raise ConfigError("--faces: none of these data sets has test faces to measure with")
    return merge_faces(parts), sets


def clips_of_tests(faces_sets):
    """Clips of the test splits."""
    return itertools.chain.from_iterable(one.records(["test"]) for one in faces_sets)


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


def change_faces(model, pixels, z):
    """`VoiceFace.change` on colour, or on luma: uint8 [n, size, size, channels]."""
    from vfgan.face.pixels import luma_uint8

    made = model.change(in_colour(pixels), z)
    return made if pixels.shape[3] == 3 else luma_uint8(made)


def in_colour(pixels):
    """uint8 [n, size, size, 3] of that, or of luma."""
    import numpy as np

    return pixels if pixels.shape[3] == 3 else np.repeat(pixels, 3, axis=3)


def ask_judge(judge, pixels):
    """The judge's (probabilities, features) of faces, luma or colour."""
    import numpy as np
    import tensorflow as tf

    parts = []
    for start in range(0, len(pixels), 256):
        parts.append(judge.signatures["serving_default"](face=tf.constant(in_colour(pixels[start : start + 256]))))
    return tuple(np.concatenate([part[name].numpy() for part in parts]) for name in ("probabilities", "features"))


def find_landmarks(pixels):
    """Landmarks of faces, enlarged to what the mesh sees: float [n, 468, 2], crop sides, NaN where there is no face."""
    import cv2
    import numpy as np

    from vfgan.face.finder import FaceFinder

    out = np.full((len(pixels), 468, 2), np.nan)
    with FaceFinder() as finder:
        for index, picture in enumerate(pixels):
            large = cv2.resize(in_colour(picture[None])[0], (256, 256), interpolation=cv2.INTER_CUBIC)
            if found := finder.find(large):
                out[index] = found[0].landmarks / 256
    return out


def motion_of(model, faces_sets, gan, sources, heard, **draws) -> dict[str, dict[str, float]]:
    """`measure_motion` beside all pairs of real people in the data sets: training's count, as a yardstick."""
    from vfgan.data.face_set import load_faces, merge_faces
    from vfgan.evaluation.motion import measure_motion, real_pairs

    splits = ["train", "validation", "test"]
    pairs = real_pairs(merge_faces([load_faces(one, splits, gan.size_px, gan.channels) for one in faces_sets]))
    return measure_motion(
        lambda pixels, z: change_faces(model, pixels, z), find_landmarks, sources, pairs, heard, **draws
    )


def dial_of(model, judge, sources, heard, **draws) -> dict[float, float]:
    """`measure_dial` over the marks of a strip."""
    from vfgan.evaluation.dial import measure_dial
    from vfgan.generate.strips import INTENSITIES

    def change(pixels, z, intensity):
        model.intensity = intensity
        return change_faces(model, pixels, z)

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
