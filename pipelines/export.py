"""`vfgan export`: trained runs -> SavedModels."""

import dataclasses
from pathlib import Path

from vfgan.errors import ConfigError

LICENCE = "CC BY-NC-SA 4.0 for weights trained on RAVDESS; otherwise that of the training data"
GEOMETRY = "Faces are aligned crops (eyes level, geometry in card.json); `vfgan generate` makes them."
LIMITS = {
    "extractor": "Acted English speech of North American actors; calm and neutral, and spontaneous speech, are hard.",
    "emotion-cnn": f"Posed and web faces, mostly frontal. {GEOMETRY}",
    "judge": f"Only for evaluations; its errors limit what an evaluation can tell. {GEOMETRY}",
    "vfgan": f"Frontal faces; the mouth follows the emotion, not the words. {GEOMETRY} Use with consent of the person.",
}


@dataclasses.dataclass(frozen=True)
class Export:
    """Writes SavedModels that `vfgan generate`, TF Serving and any TensorFlow program load, each with a model card.

    Give the runs that are to be exported; each becomes the next free version of its model.
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
    """Run of `vfgan train gan` -> vfgan."""
    name: str = "vfgan"
    """Name of the generator's model."""
    data: str = ""
    """For the card: what the data were, and their licences."""
    command: str = ""
    """For the card: the command that trained it."""

    def main(self) -> None:
        """Exports and prints where."""
        from pipelines.console import console

        for path in export(self):
            console.print(f"{path}", highlight=False)


def export(args: Export) -> list[Path]:
    """Returns the version folders that were written."""
    from vfgan.export import export_model
    from vfgan.models.store import load_face_classifier, load_gan, load_voice_reader
    from vfgan.serving_modules import ExtractorServing, FaceClassifierServing, GeneratorServing

    if not any((args.extractor, args.emotion_cnn, args.judge, args.gan)):
        raise ConfigError("nothing to export: give --extractor, --emotion-cnn, --judge or --gan")
    written = []

    def write(module, name, kind, run, resolved, summary):
        card = _card(args, run, resolved) | {"summary": summary, "limits": LIMITS[kind]}
        written.append(export_model(module, name, args.out, card))

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
        gan = load_gan(args.gan)
        module = GeneratorServing(
            gan.model.g, gan.voice.reader, gan.neutral_z, gan.resolved["config"]["size_px"], gan.crop
        )
        summary = "Voice-conditioned generator: waveform + face -> the face with the voice's emotion."
        write(module, args.name, "vfgan", args.gan, gan.resolved, summary)
    return written


def _card(args: Export, run: Path, resolved: dict) -> dict:
    """What a run knows about itself."""
    import csv
    import json

    figures = {}
    if (run / "scores.json").is_file():
        figures = json.loads((run / "scores.json").read_text(encoding="utf-8"))
    trained = ""
    if (run / "log.csv").is_file():
        with open(run / "log.csv", newline="", encoding="utf-8") as file:
            last = list(csv.DictReader(file))[-1]
        trained = f"{last['step']} steps in {float(last['seconds']) / 60:.0f} minutes on CPU"
    return {
        "resolved": resolved,
        "figures": figures,
        "trained": trained,
        "seed": resolved["config"]["train"]["seed"],
        "data": args.data,
        "command": args.command,
        "licence": LICENCE,
    }
