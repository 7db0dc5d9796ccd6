"""`vfgan train gan`: faces and voices -> voice-conditioned CycleGAN."""

import dataclasses
import shutil
from pathlib import Path
from typing import Annotated, Literal

import tyro

from vfgan.config import GanConfig, to_dict


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
    """Actors whose voices are used; without this all that the extractor was not trained on."""
    strategy: Literal["none", "mirrored"] = "none"
    """none: one device. mirrored: every GPU of this machine in step."""
    config: Annotated[GanConfig, tyro.conf.arg(name="")] = GanConfig()

    def main(self) -> None:
        """Trains and prints."""
        from pipelines.console import Bar, console, scores_text

        with Bar("gan") as bar:
            total = self.config.train.steps
            scores = train_gan(self, lambda step, scores: bar.update(step, total, scores_text(scores)))
        console.print(f"gan: {self.run}  {scores_text(scores)}", highlight=False)


def train_gan(args: TrainGan, progress=lambda step, scores: None) -> dict:
    """Returns the last scores."""
    import keras

    from pipelines.train_extractor import data_origin
    from vfgan.data.pairs import pair_dataset, source_faces, voice_attributes
    from vfgan.data.records import DataSet, load_faces, load_voices, merge_faces
    from vfgan.emotions import FACE_EMOTIONS
    from vfgan.files import write_json
    from vfgan.models.store import load_face_classifier, load_voice_reader, make_cyclegan
    from vfgan.training.loop import Hooks, claim_run, train
    from vfgan.training.strategy import make_strategy

    config = args.config
    faces_sets, voices_set = {path.name: DataSet(path) for path in args.faces}, DataSet(args.voices)
    crop = check_same_crop(faces_sets)
    heard = load_voice_reader(args.extractor)
    check_same_mfsc(heard.resolved["mfsc"], voices_set)
    actors = choose_voice_actors(heard, voices_set, args.voice_actors)
    voices = load_voices(voices_set, ["train", "validation", "test"], actors)
    faces, held_back = (
        merge_faces([load_faces(one, [split], config.size_px) for one in faces_sets.values()]).aligned
        for split in ("train", "test")
    )
    emotion_cnn = load_face_classifier(args.emotion_cnn) if args.emotion_cnn else None
    resolved = {
        "kind": "gan",
        "config": to_dict(config),
        "crop": crop,
        "extractor": {
            "digest": heard.digest,
            "z_size": heard.reader.extractor.settings["z_size"],
            "train_actors": heard.resolved["data"]["train_actors"],
        },
        "emotion_cnn": emotion_cnn.digest if emotion_cnn else None,
        "faces": {name: data_origin(one, faces.actor) for name, one in faces_sets.items()},
        "people": sorted(set(faces.actor.tolist())),
        "voices": data_origin(voices_set, voices.actor) | {"train_actors": list(actors)},
    }
    claim_run(args.run, resolved)
    keep_extractor(args.extractor, args.run / "extractor")
    strategy = make_strategy(args.strategy)
    keras.utils.set_random_seed(config.train.seed)
    with strategy.scope():
        model = make_cyclegan(config, resolved["extractor"]["z_size"], emotion_cnn.network if emotion_cnn else None)
        model.compile(
            keras.optimizers.Adam(config.generator_learning_rate, beta_1=config.beta_1),
            keras.optimizers.Adam(config.discriminator_learning_rate, beta_1=config.beta_1),
        )
    sources, attributes = source_faces(faces, config), voice_attributes(heard.reader, voices)
    neutral = attributes.z[attributes.emotion == FACE_EMOTIONS.index("neutral")]
    write_json(args.run / "neutral_z.json", {"z": (neutral if len(neutral) else attributes.z).mean(axis=0).tolist()})
    sampler = Sampler(args.run / "samples", source_faces(held_back, config), attributes)
    hooks = Hooks(evaluate=lambda step: sampler.draw(model, step), progress=progress)
    return train(
        model,
        lambda start, stop: pair_dataset(sources, faces.showing, attributes, config, start, stop),
        config.train, args.run, resolved=resolved, strategy=strategy, hooks=hooks,
    )  # fmt: skip


def check_same_crop(faces_sets: dict) -> dict:
    """The crop geometry of all data sets of faces.

    Raises:
        SchemaError: two differ; the message names the field.
    """
    from vfgan.config import first_difference
    from vfgan.errors import SchemaError

    crops = {name: to_dict(dataset.config.crop) for name, dataset in faces_sets.items()}
    first = next(iter(crops))
    for name, crop in crops.items():
        difference = first_difference(crops[first], crop)
        if difference:
            raise SchemaError(f"--faces: {first} and {name} have other crops: crop.{difference}; build one again")
    return crops[first]


def check_same_mfsc(mfsc: dict, voices_set) -> None:
    """The extractor hears only what was prepared as its training voices were.

    Raises:
        SchemaError: the data set has another MFSC configuration; the message names the field.
    """
    from vfgan.config import first_difference
    from vfgan.errors import SchemaError

    difference = first_difference(mfsc, to_dict(voices_set.config.mfsc))
    if difference:
        raise SchemaError(f"{voices_set.folder} does not fit the extractor: mfsc.{difference} (here: the extractor's)")


def choose_voice_actors(heard, voices_set, wanted: tuple[str, ...]) -> tuple[str, ...]:
    """The actors whose voices may be used: those the extractor has not learnt from, or the wanted ones of them.

    Raises:
        ConfigError: a wanted actor is one of the extractor's, or none is left.
    """
    from vfgan.errors import ConfigError

    learnt = set(heard.resolved["data"]["train_actors"])
    present = sorted({actor for part in voices_set.manifest["counts"].values() for actor in part["actor"]})
    clash = sorted(set(wanted) & learnt)
    if clash:
        raise ConfigError(
            f"--voice-actors {' '.join(clash)}: the extractor was trained on them and hears them too well; "
            f"others are {' '.join(sorted(set(present) - learnt)) or 'not in this data set'}"
        )
    chosen = tuple(wanted) or tuple(sorted(set(present) - learnt))
    if not chosen:
        raise ConfigError(f"{voices_set.folder}: the extractor was trained on all its actors; train it on fewer")
    return chosen


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
        for pixels in self._faces.pixels:
            source = np.repeat(pm1(pixels)[None], len(self._z), axis=0)
            made = from_pm1(model([source, self._z]))
            effect.append(np.abs(made[1:].astype(float) - made[:-1]).mean())
            rows.append([pixels, *made])
        write_image(self._folder / f"{step:06d}.png", face_grid(rows, self._names), comment="synthetic faces by vfgan")
        return {"voice_effect": float(np.mean(effect))}
