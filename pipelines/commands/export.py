"""`vfgan export`: turns trained runs into SavedModels."""

import dataclasses
from pathlib import Path
from typing import Literal

from vfgan.errors import ConfigError
from vfgan.savedmodel.cards import MOST_GAIN


@dataclasses.dataclass(frozen=True)
class Export:
    """Writes SavedModels for `vfgan generate`, TF Serving and any TensorFlow program, each with a model card.

    Give the runs to export; each becomes the next free version of its model. After `vfgan evaluate` or
    `vfgan cross-validate`, --figures copies the results into the card.
    """

    out: Path
    """Folder of models, such as saved_models."""
    extractor: Path | None = None
    """Run of `vfgan train extractor`, or FILE.keras of vfgan.Extractor; becomes `extractor`."""
    emotion_cnn: Path | None = None
    """Run of `vfgan train emotion-cnn`, or FILE.keras of vfgan.FaceClassifier; becomes `emotion_cnn`."""
    judge: Path | None = None
    """Run of `vfgan train judge`, or FILE.keras of vfgan.FaceClassifier; becomes `judge`."""
    gan: Path | None = None
    """Run of `vfgan train gan`, or FILE.keras of vfgan.CycleGan; becomes `vfgan` and `vfgan_video`."""
    mouth: Path | None = None
    """Run of `vfgan train mouth`. With it, the generator's mouth can follow the sound; for --gan of the head motion."""
    weights: Literal["last", "best"] = "last"
    """Weights of the GAN: those of the last step, or those with the best monitor score."""
    name: str = "vfgan"
    """Name of the generator's model."""
    gain: float = 1.0
    """Multiplies the distance of z from the neutral voice, at most 3; 1 leaves it. A whole voice's z lies closer to
    neutral than those of the training windows. Choose the gain on validation people."""
    video: bool = True
    """Also write NAME_video, which takes many faces and their times; it doubles the size."""
    data: str = ""
    """For the card: what the data were, and their licences."""
    command: str = ""
    """For the card: the command that trained the model."""
    figures: tuple[Path, ...] = ()
    """For the card: evaluation.json of `vfgan evaluate`, or results.json of `vfgan cross-validate`. The model must be
    in --out; its card is rewritten."""

    def main(self) -> None:
        """Exports the runs and prints the folders."""
        from pipelines.console import console

        for path in export(self):
            console.print(f"{path}", highlight=False)


def export(args: Export, *, before: dict | None = None) -> list[Path]:
    """Exports the runs; returns the new version folders.

    Args:
        before: config.json of the run that the GAN started from. Its training data count, too.
    """
    from pipelines.reports.card_figures import add_figures, read_figures
    from vfgan.data.attributes import ATTRIBUTES
    from vfgan.data.provenance import joined_origins
    from vfgan.savedmodel.cards import LIMITS, SUMMARIES, video_summary
    from vfgan.savedmodel.signatures import ExtractorServing, FaceClassifierServing, GeneratorServing, VideoServing
    from vfgan.savedmodel.write import export_model
    from vfgan.training.runs import load_face_classifier, load_gan, load_voice_reader

    if args.mouth and not args.gan:
        raise ConfigError("--mouth is exported with its generator: expected --gan, too")
    if not any((args.extractor, args.emotion_cnn, args.judge, args.gan, args.figures)):
        raise ConfigError("nothing to export: give --extractor, --emotion-cnn, --judge, --gan or --figures")
    if not 0 < args.gain <= MOST_GAIN:
        raise ConfigError(f"--gain: expected more than 0, at most {MOST_GAIN:g}, got {args.gain:g}")
    measured = [read_figures(path) for path in args.figures]
    args, written = _export_files(args)

    def write(module, name, kind, run, resolved, summary, extra=()):
        card = _card(args, run, resolved) | {"summary": summary, "limits": LIMITS[kind]}
        written.append(export_model(module, name, args.out, card, extra))

    if args.extractor:
        voice = load_voice_reader(args.extractor)
        summary = SUMMARIES["extractor"]
        write(ExtractorServing(voice.reader), "extractor", "extractor", args.extractor, voice.resolved, summary)
    for kind, run in (("emotion-cnn", args.emotion_cnn), ("judge", args.judge)):
        if run:
            trained = load_face_classifier(run, kind)
            module = FaceClassifierServing(trained.network, trained.size_px, trained.crop)
            write(module, kind.replace("-", "_"), kind, run, trained.resolved, SUMMARIES[kind])
    if args.gan:
        gan = load_gan(args.gan, args.weights)
        mouth = _mouth(args.mouth, gan) if args.mouth else None
        module = GeneratorServing(
            gan.model.g,
            gan.voice.reader,
            gan.neutral_z,
            gan.config.networks.size_px,
            gan.crop,
            gan.resolved["people"],
            args.gain,
            mouth.network if mouth else None,
        )
        resolved = joined_origins(gan.resolved, before) if before else gan.resolved
        resolved |= {"mouth": mouth.resolved} if mouth else {}
        voices = tuple(args.gan.glob(ATTRIBUTES))  # for fine-tuning the exported model
        write(module, args.name, "vfgan", args.gan, resolved, SUMMARIES["vfgan"], voices)
        if args.video:
            summary = video_summary(args.name)
            write(VideoServing(module), f"{args.name}_video", "vfgan", args.gan, resolved, summary)
    return written + [add_figures(args.out, one) for one in measured]


def _export_files(args: Export) -> tuple[Export, list[Path]]:
    """Exports what is a FILE.keras in place of a run; returns the rest of the order, and the new version folders.

    Raises:
        ConfigError: a file holds another kind of model, or none of what is asked for.
    """
    names = {"extractor": "extractor", "emotion_cnn": "emotion_cnn", "judge": "judge", "gan": args.name}
    files = {kind: path for kind in names if (path := getattr(args, kind)) and path.suffix == ".keras"}
    if not files:
        return args, []
    if "gan" in files and (args.mouth or args.weights != "last"):
        raise ConfigError(f"--mouth and --weights best need a run of `vfgan train gan`: --gan {files['gan']} is a file")
    from vfgan.learn.export import export as export_whole
    from vfgan.learn.export import kind_of, load_model

    written = []
    for kind, path in files.items():
        model = load_model(path)
        if kind_of(model) != kind:
            option = kind.replace("_", "-")
            raise ConfigError(f"--{option} {path} holds a model of the kind {kind_of(model)}: expected {kind}")
        written += export_whole(
            model, args.out / names[kind], gain=args.gain, video=args.video, data=args.data, command=args.command
        )
    return dataclasses.replace(args, **dict.fromkeys(files)), written


def _mouth(run: Path, gan):
    """The trained mouth for a generator.

    Raises:
        ConfigError: the generator does not bend faces, or hears other MFSC.
    """
    from vfgan.training.runs import load_mouth

    mouth = load_mouth(run)
    if gan.config.networks.head != "motion":
        raise ConfigError(f"--mouth: expected a --gan of the head motion, got {gan.config.networks.head}")
    if mouth.mfsc != gan.voice.reader.config:
        raise ConfigError(f"--mouth {run}: its data set has other MFSC than the generator's voices: build it alike")
    return mouth


def _card(args: Export, run: Path, resolved: dict) -> dict:
    """The part of a card that stands in the run's folder."""
    import csv

    from vfgan.data.provenance import said_of_data
    from vfgan.savedmodel.cards import LICENCE
    from vfgan.storage.files import read_json

    figures = read_json(run / "scores.json") if (run / "scores.json").is_file() else {}
    trained = ""
    if (run / "log.csv").is_file():
        with open(run / "log.csv", newline="", encoding="utf-8") as file:
            last = list(csv.DictReader(file))[-1]
        trained = f"{last['step']} steps in {float(last['seconds']) / 60:.0f} minutes"
    return {
        "resolved": resolved,
        "figures": figures,
        "trained": trained,
        "seed": resolved["config"]["train"]["seed"],
        "data": args.data or said_of_data(resolved),
        "command": args.command,
        "licence": LICENCE,
    }
