"""`vfgan train gan`: faces and voices -> voice-conditioned CycleGAN."""

import dataclasses
import shutil
from pathlib import Path
from typing import Annotated, Literal

import tyro

from vfgan.config import GanConfig
from vfgan.plain import to_dict


@dataclasses.dataclass(frozen=True)
class TrainGan:
    """Trains the CycleGAN that shows a voice's emotion on a face.

    Faces X (neutral) and Y (showing an emotion) come from --faces, voices from --voices. The extractor must not have
    been trained on the actors whose voices are used here: what it hears in them is overconfident.
    """

    faces: tuple[Path, ...]
    """Data sets whose training faces are X and Y (those that are aligned by landmarks)."""
    voices: Path
    """Data set with voices (may be the same)."""
    extractor: Path
    """Run of `vfgan train extractor`."""
    run: Path
    """Folder for weights, checkpoints, samples and curves; the same command goes on where it was interrupted."""
    emotion_cnn: Path | None = None
    """Run of `vfgan train emotion-cnn`; without it there is no verification loss."""
    voice_actors: tuple[str, ...] = ()
    """Actors whose voices are used; without this all that the extractor was not trained on, but the last: its voice
    is kept for `vfgan evaluate`."""
    strategy: Literal["none", "mirrored"] = "none"
    """none: one device. mirrored: every GPU of this machine in step."""
    config: Annotated[GanConfig, tyro.conf.arg(name="")] = GanConfig()

    def main(self) -> None:
        """Trains and prints."""
        from pipelines.console import Bar, console, scores_text

        with Bar("gan") as bar:
            total = self.config.train.steps
            scores = train_gan(
                self,
                lambda step, scores: bar.update(step, total, scores_text(scores)),
                lambda alarm: console.print(f"gan: {alarm}", style="yellow", markup=False, highlight=False),
            )
        console.print(f"gan: {self.run}  {scores_text(scores)}", highlight=False)


def train_gan(args: TrainGan, progress=lambda step, scores: None, alarm=lambda text: None) -> dict:
    """Returns the last scores."""
    import keras

    from pipelines.provenance import check_same_mfsc, data_origin, open_face_sets, unheard_actors
    from vfgan.data.pairs import pair_dataset, source_faces, voice_attributes
    from vfgan.data.records import DataSet, load_faces, load_voices, merge_faces
    from vfgan.files import write_json
    from vfgan.models.store import load_voice_reader, make_cyclegan
    from vfgan.training.guard import Guard
    from vfgan.training.loop import Hooks, claim_run, train
    from vfgan.training.strategy import check_batch, make_strategy

    config = args.config
    strategy = make_strategy(args.strategy)
    check_batch(config.train.batch_size, strategy)
    faces_sets, voices_set = open_face_sets(args.faces), DataSet(args.voices)
    first_set = next(iter(faces_sets.values()))
    heard = load_voice_reader(args.extractor)
    check_same_mfsc(heard.resolved["mfsc"], voices_set)
    learnt = set(heard.resolved["data"]["train_actors"])
    actors = unheard_actors(learnt, voices_set, args.voice_actors, keep_last=True)
    voices = load_voices(voices_set, ["train", "validation", "test"], actors)
    parts = {name: load_faces(one, ["train"], config.size_px).aligned for name, one in faces_sets.items()}
    faces = merge_faces(list(parts.values()))
    emotion_cnn = load_emotion_cnn(args.emotion_cnn, config, first_set) if args.emotion_cnn else None
    resolved = {
        "kind": "gan",
        "config": to_dict(config),
        "crop": to_dict(first_set.config.crop),
        "extractor": {
            "digest": heard.digest,
            "z_size": heard.reader.extractor.settings["z_size"],
            "train_actors": sorted(learnt),
        },
        "emotion_cnn": emotion_cnn.digest if emotion_cnn else None,
        "faces": {name: data_origin(one, parts[name].actor) for name, one in faces_sets.items()},
        "people": sorted(set(faces.actor.tolist())),
        "voices": data_origin(voices_set, voices.actor),
    }
    claim_run(args.run, resolved)
    keep_extractor(args.extractor, args.run / "extractor")
    keras.utils.set_random_seed(config.train.seed)
    with strategy.scope():
        model = make_cyclegan(config, resolved["extractor"]["z_size"], emotion_cnn.network if emotion_cnn else None)
        model.compile(
            keras.optimizers.Adam(config.generator_learning_rate, beta_1=config.beta_1),
            keras.optimizers.Adam(config.discriminator_learning_rate, beta_1=config.beta_1),
        )
    sources, attributes = source_faces(faces, config), voice_attributes(heard.reader, voices)
    write_json(args.run / "neutral_z.json", {"z": neutral_z(heard.reader, voices).tolist()})
    sampler = Sampler(args.run / "samples", sample_faces(faces_sets, config), attributes)

    def make_dataset(start, stop):
        return pair_dataset(sources, faces.showing, attributes, config, start, stop)

    hooks = Hooks(
        evaluate=lambda step: sampler.draw(model, step), progress=progress, alarm=alarm,
        exchange=model.average.swap,  # what is exported is the average
        guard=None if config.guard == "off" else Guard(model, make_dataset, act=config.guard == "act"),
    )  # fmt: skip
    return train(model, make_dataset, config.train, args.run, resolved=resolved, strategy=strategy, hooks=hooks)


def load_emotion_cnn(run: Path, config: GanConfig, faces_set):
    """The emotion CNN of the verification loss.

    Raises:
        SchemaError: there is none, or it has learnt from faces of another size or geometry.
    """
    from pipelines.provenance import check_same_crop
    from vfgan.errors import SchemaError
    from vfgan.models.store import load_face_classifier

    trained = load_face_classifier(run, "emotion-cnn")
    check_same_crop(trained.resolved["crop"], faces_set, f"--emotion-cnn {run}")
    if trained.size_px != config.size_px:
        raise SchemaError(f"--emotion-cnn {run} sees {trained.size_px} px, the CycleGAN {config.size_px}: make it one")
    return trained


def neutral_z(reader, voices):
    """0 on the intensity dial: the mean z of neutral voices (else calm ones, else all), float32 [z_size]."""
    from vfgan.emotions import EMOTIONS

    z, _ = reader.read_voices(voices)
    for name in ("neutral", "calm"):
        chosen = z[voices.emotion == EMOTIONS.index(name)]
        if len(chosen):
            return chosen.mean(axis=0)
    return z.mean(axis=0)


def sample_faces(faces_sets: dict, config: GanConfig):
    """Sources X of the sample pictures: of validation clips where there are such, else of training clips."""
    from vfgan.data.pairs import source_faces
    from vfgan.data.records import load_faces, merge_faces
    from vfgan.emotions import FACE_EMOTIONS

    def load(split):
        sets = [one for one in faces_sets.values() if one.manifest["counts"][split]["faces"]]
        return [load_faces(one, [split], config.size_px).aligned for one in sets]

    faces = load("validation")
    if not any(FACE_EMOTIONS.index("neutral") in part.emotion for part in faces):
        faces = load("train")
    return source_faces(merge_faces(faces), config)


def keep_extractor(source: Path, target: Path) -> None:
    """A GAN's run carries the extractor that it was trained with: z of two trainings cannot be exchanged."""
    target.mkdir(parents=True, exist_ok=True)
    for name in ("config.json", "model.weights.h5"):
        if (source / name).resolve() != (target / name).resolve():
            shutil.copyfile(source / name, target / name)


class Sampler:
    """A picture of fixed held-back faces with a voice of each emotion, and how far apart the voices move a face."""

    def __init__(self, folder: Path, faces, attributes, count: int = 4):
        import numpy as np

        from vfgan.emotions import FACE_EMOTIONS

        self._folder, self._emotions = folder, sorted(set(attributes.emotion.tolist()))
        self._names = ["source"] + [FACE_EMOTIONS[e] for e in self._emotions]
        self._faces = faces.where(np.linspace(0, len(faces) - 1, min(count, len(faces))).astype(int))
        self._z = np.stack([attributes.z[np.flatnonzero(attributes.emotion == e)[0]] for e in self._emotions])

    def draw(self, model, step: int) -> dict:
        """Writes samples/step.png; returns {"voice_effect": mean difference of two voices' faces, in grey levels}."""
        import numpy as np

        from vfgan.data.faces import from_pm1, pm1
        from vfgan.media.images import write_image
        from vfgan.plots import face_grid

        rows, effect = [], []
        model.average.swap()
        for pixels in self._faces.pixels:
            source = np.repeat(pm1(pixels)[None], len(self._z), axis=0)
            made = from_pm1(model([source, self._z]))
            effect.append(np.abs(made[1:].astype(float) - made[:-1]).mean())
            rows.append([pixels, *made])
        model.average.swap()
        write_image(self._folder / f"{step:06d}.png", face_grid(rows, self._names), comment="synthetic faces by vfgan")
        return {"voice_effect": float(np.mean(effect))}
