"""`vfgan evaluate`: a generator's figures, each beside its baselines: table, JSON, figure."""

import dataclasses
import math
from pathlib import Path

from vfgan.errors import ConfigError


@dataclasses.dataclass(frozen=True)
class Evaluate:
    """Measures a generator on held-back faces and voices, beside real faces, unchanged input and a shuffled voice."""

    faces: tuple[Path, ...]
    """Data sets whose test faces are sources and yardstick, by the generator's recipe; of one person to another both
    people's."""
    voices: Path
    """Data set with the voices."""
    out: Path
    """Folder for evaluation.json, .csv, .md, .tex and .png, and table.txt."""
    voice_actors: tuple[str, ...] = ()
    """Actors whose voices are used; without this all that neither extractor nor generator was trained on."""
    model: str = "vfgan"
    """Generator: a name in saved_models, or a SavedModel's folder."""
    judge: str = "judge"
    """Judge: the same."""
    sources_per_voice: int = 8
    """Source faces drawn for each voice."""
    clips: int = 24
    """Test clips whose mouths are followed, frame by frame; fewer take less time."""
    seed: int = 0
    """Seed of the draws."""
    items: int = 0
    """Faces for `vfgan rate`, half of them made and half real: pictures and items.csv in OUT; 0: none."""

    def main(self) -> None:
        """Measures, prints, writes."""
        from pipelines.console import Bar, console

        with Bar("evaluate") as bar:
            result = evaluate(self, bar.update)
        console.print(result["table"], highlight=False, markup=False)
        console.print(f"{self.out}/evaluation.json, {self.out}/evaluation.png", highlight=False)
        if self.items:
            console.print(f"people judge with: vfgan rate --items {self.out} --out answers.csv", highlight=False)


def evaluate(args: Evaluate, progress=lambda done, total: None) -> dict:
    """Returns what evaluation.json holds, and the table as text."""
    import numpy as np

    from pipelines.reports.evaluation import EXPLANATION, by_emotion_notes, draw_evaluation, figures_frame
    from pipelines.reports.tables import aligned, write_tables
    from vfgan.config.gan import GanConfig
    from vfgan.config.serialise import from_dict
    from vfgan.data.dataset import DataSet
    from vfgan.data.held_back_faces import load_test_faces
    from vfgan.data.provenance import check_same_mfsc, unheard_actors
    from vfgan.data.recipes import choose_faces
    from vfgan.data.voice_set import load_voices
    from vfgan.evaluation.liveliness import liveliness
    from vfgan.evaluation.measure import measure, shares
    from vfgan.evaluation.subject import (
        ask_judge,
        dial_of,
        dynamics_of,
        edit_faces,
        find_landmarks,
        hear,
        kept_mouth,
        load_judge,
        motion_of,
    )
    from vfgan.generate.voice_face import VoiceFace
    from vfgan.rating.items import MAX_ITEMS
    from vfgan.storage.files import check_writable, write_json, write_text

    if args.sources_per_voice < 1:
        raise ConfigError(f"--sources-per-voice: expected at least 1, got {args.sources_per_voice}")
    if args.clips < 1:
        raise ConfigError(f"--clips: expected at least 1, got {args.clips}")
    if not 0 <= args.items <= MAX_ITEMS:
        raise ConfigError(f"--items: expected 0 to {MAX_ITEMS}, got {args.items}")
    check_writable(args.out)
    model, (judge, judge_card) = VoiceFace(args.model), load_judge(args.judge)
    voices_set, resolved = DataSet(args.voices), model.card["resolved"]
    check_same_mfsc(model.card["mfsc"], voices_set)
    gan = from_dict(GanConfig, resolved["config"])
    seen = (resolved["faces"], resolved.get("seen", {}), judge_card["resolved"]["data"])
    crops = {f"the model {args.model}": model.card["crop"], f"the judge {args.judge}": judge_card["crop"]}
    faces, faces_sets = load_test_faces(args.faces, gan.networks.size_px, crops, seen, gan.channels)
    learnt = set(resolved["voices"]["train_actors"]) | set(resolved["extractor"]["train_actors"])
    actors = unheard_actors(learnt, voices_set, args.voice_actors)
    voices = load_voices(voices_set, ["train", "validation", "test"], actors)
    heard = hear(model, voices)
    sources, real = choose_faces(faces, gan)
    if args.items:
        size_px = min(one.config.crop.size_px for one in faces_sets)
        coloured, _ = load_test_faces(args.faces, size_px, crops, seen, 3)
        write_items(args, model, *choose_faces(coloured, gan), heard)
    result = measure(
        lambda pixels, z: edit_faces(model, pixels, z), lambda pixels: ask_judge(judge, pixels),
        sources, real, heard, landmarks=find_landmarks,
        sources_per_voice=args.sources_per_voice, seed=args.seed, progress=progress,
    )  # fmt: skip
    dynamics = dynamics_of(model, faces_sets, args.clips)
    for row, value in dynamics.rows.items():
        result.rows[row]["mouth ~ sound"] = value
    kept = kept_mouth(model, faces_sets, heard.z, args.clips)
    if math.isfinite(kept):
        result.rows["generated"]["mouth ~ source"] = kept
    flicker = liveliness(lambda pixels, z: edit_faces(model, pixels, z), faces, heard.z)
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
    further = {name: found["strong"] for name, found in motion.items() if "strong" in found}
    if further:
        each = ", ".join(f"{name} {ratio:.2f}" for name, ratio in further.items())
        notes.append(
            f"strong voices move a face {np.mean(list(further.values())):.2f} times as far as normal ones: {each}"
        )
    notes += by_emotion_notes(result.by_emotion)
    notes += [f"judge on real faces of {name}: accuracy {found['accuracy']:.3f}, UAR {found['UAR']:.3f}, "
              f"{found['faces']} faces" for name, found in result.by_corpus.items()]  # fmt: skip
    notes += [f"{name}: {value:.3f}" for name, value in shares(result).items()]
    notes += [f"{column} is absent: {why}" for column, why in absent.items()]
    for row, (low, high) in dynamics.intervals.items():
        notes.append(f"mouth ~ sound of {row}: {low:.3f} to {high:.3f} (95 %, bootstrap over clips)")
    frame = figures_frame(result.rows)
    text = "\n".join([aligned(frame), *notes])
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
    write_tables(args.out / "evaluation", frame)
    draw_evaluation(args.out / "evaluation.png", result)
    return values | {"table": text}


def write_items(args: Evaluate, model, sources, real, heard) -> None:
    """Writes pictures for people to judge, and the table that says what they are.

    Args:
        sources, real: faces in colour, of the size at which they are stored.
        heard: `vfgan.evaluation.measure.PredictedVoices`.
    """
    from vfgan.evaluation.rated_faces import draw_faces
    from vfgan.evaluation.subject import edit_faces
    from vfgan.generate.voice_face import SYNTHETIC_NOTE
    from vfgan.media.images import write_image
    from vfgan.rating.items import TABLE, write_table
    from vfgan.storage.files import atomic_path

    def edit(pixels, z):
        return edit_faces(model, pixels, z)

    faces = draw_faces(edit, sources, real, heard, args.items, seed=args.seed)
    if not faces:
        raise ConfigError("--items: no test face has an emotion that is heard in the voices; add --faces or --voices")
    rows = []
    with atomic_path(args.out / "items") as folder:
        folder.mkdir()
        for number, face in enumerate(faces, start=1):
            name = f"{number:04d}.png"
            write_image(folder / name, face.pixels, comment=SYNTHETIC_NOTE if face.made else "")
            truth, strength = "made" if face.made else "real", face.intensity or ""
            rows.append(
                {"file": f"items/{name}", "emotion": face.emotion, "truth": truth, "strength": strength,
                 "person": face.person}
            )  # fmt: skip
    write_table(args.out / TABLE, rows)
