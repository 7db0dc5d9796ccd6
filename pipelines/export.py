"""`vfgan export`: trained runs -> SavedModels."""

import dataclasses
from pathlib import Path
from typing import Literal

from vfgan.errors import ConfigError

LICENCE = "CC BY-NC-SA 4.0 for weights trained on RAVDESS; otherwise that of the training data"
#: Beyond this z is nothing that any voice has.
MOST_GAIN = 3.0
GEOMETRY = "Faces are aligned crops (eyes level, geometry in card.json); `vfgan generate` makes them."
LIMITS = {
    "extractor": "Acted speech and song, English and Polish. Voices of other corpora and languages are heard much "
    "worse; it says when a voice is unlike those it knows (strangeness above 1.33). Spontaneous speech was not tried.",
    "emotion-cnn": f"Posed and web faces, mostly frontal. {GEOMETRY}",
    "judge": f"Only for evaluations; its errors limit what an evaluation can tell. {GEOMETRY}",
    "vfgan": f"Frontal faces; the mouth follows the emotion, not the words. {GEOMETRY} Use with consent of the person.",
}


@dataclasses.dataclass(frozen=True)
class Export:
    """Writes SavedModels that `vfgan generate`, TF Serving and any TensorFlow program load, each with a model card.

    Give the runs that are to be exported; each becomes the next free version of its model. After `vfgan evaluate` or
    `vfgan cross-validate`, --figures takes what was measured into the card.
    """

    out: Path
    """Folder of models, such as saved_models."""
    extractor: Path | None = None
    """Run of `vfgan train extractor` -> extractor."""
    emotion_cnn: Path | None = None
    """Run of `vfgan train emotion-cnn` -> emotion_cnn."""
    judge: Path | None = None
    """Run of `vfgan train judge` -> judge."""
    gan: Path | None = None
    """Run of `vfgan train gan` -> vfgan and vfgan_video."""
    weights: Literal["last", "best"] = "last"
    """Of the GAN: those of its last step, or those of the best score of the training's monitor."""
    name: str = "vfgan"
    """Name of the generator's model."""
    gain: float = 1.0
    """The generator gets z so many times as far from the neutral voice's as it is (1: as heard), before which the
    intensity dial acts. Whole voices have a milder z than the windows that it learns with; choose it on validation
    people."""
    video: bool = True
    """Write the generator as NAME_video, too, which takes many faces and their times; as large again."""
    data: str = ""
    """For the card: what the data were, and their licences."""
    command: str = ""
    """For the card: the command that trained it."""
    figures: tuple[Path, ...] = ()
    """For the card: evaluation.json of `vfgan evaluate` of a model in --out, or results.json of `vfgan cross-validate`
    for the extractor there; the card of that model is written anew."""

    def main(self) -> None:
        """Exports and prints where."""
        from pipelines.console import console

        for path in export(self):
            console.print(f"{path}", highlight=False)


def export(args: Export, *, before: dict | None = None) -> list[Path]:
    """Returns the version folders that were written.

    Args:
        before: config.json of the run that the GAN's went on from: what it had learnt from counts, too.
    """
    from pipelines.export_figures import add_figures, read_figures
    from pipelines.provenance import joined_origins
    from vfgan.data.attributes import ATTRIBUTES
    from vfgan.export import export_model
    from vfgan.models.store import load_face_classifier, load_gan, load_voice_reader
    from vfgan.serving_modules import ExtractorServing, FaceClassifierServing, GeneratorServing, VideoServing

    if not any((args.extractor, args.emotion_cnn, args.judge, args.gan, args.figures)):
        raise ConfigError("nothing to export: give --extractor, --emotion-cnn, --judge, --gan or --figures")
    if not 0 < args.gain <= MOST_GAIN:
        raise ConfigError(f"--gain: expected more than 0, at most {MOST_GAIN:g}, got {args.gain:g}")
    measured = [read_figures(path) for path in args.figures]
    written = []

    def write(module, name, kind, run, resolved, summary, extra=()):
        card = _card(args, run, resolved) | {"summary": summary, "limits": LIMITS[kind]}
        written.append(export_model(module, name, args.out, card, extra))

    if args.extractor:
        voice = load_voice_reader(args.extractor)
        summary = "Voice attribute extractor: waveform -> probabilities of eight emotions and the attribute z."
        write(ExtractorServing(voice.reader), "extractor", "extractor", args.extractor, voice.resolved, summary)
    for kind, run in (("emotion-cnn", args.emotion_cnn), ("judge", args.judge)):
        if run:
            trained = load_face_classifier(run, kind)
            module = FaceClassifierServing(trained.network, trained.size_px, trained.crop)
            summary = "Face -> probabilities of the seven emotions that a face can show, and features."
            write(module, kind.replace("-", "_"), kind, run, trained.resolved, summary)
    if args.gan:
        gan = load_gan(args.gan, args.weights)
        module = GeneratorServing(
            gan.model.g, gan.voice.reader, gan.neutral_z, gan.resolved["config"]["size_px"], gan.crop,
            gan.resolved["people"], args.gain,
        )  # fmt: skip
        summary = "Voice-conditioned generator: waveform + face -> the face with the voice's emotion."
        resolved = joined_origins(gan.resolved, before) if before else gan.resolved
        voices = tuple(args.gan.glob(ATTRIBUTES))  # for a training that goes on from here
        write(module, args.name, "vfgan", args.gan, resolved, summary, voices)
        if args.video:
            summary = (
                f"{args.name} for videos, unbatched: one waveform, N faces, N times -> N faces. Its figures: there."
            )
            write(VideoServing(module), f"{args.name}_video", "vfgan", args.gan, resolved, summary)
    return written + [add_figures(args.out, one) for one in measured]


def _card(args: Export, run: Path, resolved: dict) -> dict:
    """What a run knows about itself."""
    import csv

    from vfgan.files import read_json

    figures = read_json(run / "scores.json") if (run / "scores.json").is_file() else {}
    trained = ""
    if (run / "log.csv").is_file():
        with open(run / "log.csv", newline="", encoding="utf-8") as file:
            last = list(csv.DictReader(file))[-1]
        trained = f"{last['step']} steps in {float(last['seconds']) / 60:.0f} minutes"
    return {
        "resolved": resolved, "figures": figures, "trained": trained, "seed": resolved["config"]["train"]["seed"],
        "data": args.data, "command": args.command, "licence": LICENCE,
    }  # fmt: skip
