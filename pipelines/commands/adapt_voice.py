"""`vfgan adapt-voice`: a generator that hears speakers or a language of your own."""

import dataclasses
from pathlib import Path

from vfgan.errors import ConfigError


@dataclasses.dataclass(frozen=True)
class AdaptVoice:
    """Lets a generator hear your own speakers: its extractor goes on with labelled recordings, in minutes.

    The recordings are a data set of `vfgan build`, such as `--in footage:table.csv` with the columns file,emotion. The
    layer after z learns nothing, so z means the same and faces move as before. The mean of the old and new weights is
    kept, so that the extractor does not forget the voices that it knew. It tells how well it hears the data set's
    validation and test people, before and after. After an interruption, run the same command again to resume.
    """

    data: Path
    """Data set with labelled voices, made by `vfgan build`."""
    out: Path
    """Folder of models to write: extractor, emotion_cnn, vfgan and vfgan_video."""
    model: str = "vfgan"
    """Generator to start from: a name in saved_models, or the folder of a SavedModel. The emotion CNN beside it is
    copied."""
    run: Path | None = None
    """Folder for weights and curves; by default runs/NAME, with the name of --out."""
    steps: int = 400
    """Training steps of 64 windows."""
    learning_rate: float = 5e-4
    """Adam's step, falling to 0 along a cosine."""
    keep: float = 0.5
    """Share of the old weights in the mean, 0 to 1: 0 forgets most, 1 learns nothing."""
    seed: int = 1
    """Seed for every random choice."""

    def main(self) -> None:
        """Adapts, measures, exports and prints where the models are."""
        from pipelines.console import Bar, console, scores_text

        with Bar("adapting") as bar:
            scores, written = adapt_voice(self, lambda step, told: bar.update(step, self.steps, scores_text(told)))
        console.print(scores_text(scores), highlight=False)
        for path in written:
            console.print(f"{path}", highlight=False)


def adapt_voice(args: AdaptVoice, progress=lambda step, scores: None) -> tuple[dict, list[Path]]:
    """Adapts the extractor inside a generator and exports both.

    Returns:
        (UAR of each split of the data before and after, by name; the new version folders).
    Raises:
        ConfigError: an option is out of range.
        SchemaError: the model cannot be gone on from, or the data have other MFSC.
    """
    from pipelines.commands.train_extractor import fit_extractor, utterance_uar
    from vfgan.config.networks import ExtractorConfig
    from vfgan.config.serialise import from_dict, to_dict
    from vfgan.config.training import TrainConfig
    from vfgan.data.dataset import DataSet
    from vfgan.data.provenance import check_same_mfsc
    from vfgan.data.voice_set import load_voices
    from vfgan.savedmodel.restore import restore_runs
    from vfgan.storage.files import check_writable, read_json, write_json
    from vfgan.training.runs import load_voice_reader

    if not 0 <= args.keep <= 1:
        raise ConfigError(f"--keep: expected 0 to 1, got {args.keep:g}")
    check_writable(args.out)
    run = args.run or Path("runs") / args.out.resolve().name
    dataset = DataSet(args.data)
    restored = restore_runs(args.model, run / "start")
    check_same_mfsc(to_dict(restored.mfsc), dataset)
    start = load_voice_reader(restored.extractor)
    config = dataclasses.replace(
        from_dict(ExtractorConfig, start.resolved["config"]),
        learning_rate=args.learning_rate,
        patience=0,
        train=TrainConfig(
            steps=args.steps, batch_size=64, seed=args.seed, log_every=25, evaluate_every=100, save_every=100
        ),
    )
    counts = dataset.manifest["counts"]
    voices = {
        split: load_voices(dataset, [split])
        for split in ("train", "validation", "test")
        if split == "train" or counts[split]["clips"]
    }
    finished = run / "scores.json"
    scores = read_json(finished) if finished.exists() else {}
    if not scores:
        scores = {f"{split}_uar_before": utterance_uar(start.reader, held) for split, held in voices.items()}
    reader = fit_extractor(
        config, dataset, voices["train"], run / "extractor", progress=progress, start=start, keep=args.keep
    )
    if not finished.exists():
        scores |= {f"{split}_uar": utterance_uar(reader, held) for split, held in voices.items()}
        write_json(finished, scores)
    return scores, _export(args, run, restored)


def _export(args: AdaptVoice, run: Path, restored) -> list[Path]:
    """Writes extractor, emotion CNN and the generator that hears with it, once; returns the version folders."""
    from pipelines.commands.export import Export, export
    from vfgan.data.attributes import ATTRIBUTES, save_attributes
    from vfgan.models.build import make_cyclegan
    from vfgan.savedmodel.cards import LICENCE, LIMITS, SUMMARIES, video_summary
    from vfgan.savedmodel.signatures import GeneratorServing, VideoServing
    from vfgan.savedmodel.write import export_model
    from vfgan.storage.files import read_json, write_json
    from vfgan.training.runs import load_mouth, load_voice_reader

    stamp = run / "exported.json"
    if stamp.exists():
        written = [Path(path) for path in read_json(stamp)["written"]]
        if all(path.is_dir() for path in written):
            return written
    told = {
        "data": f"{args.data.name}, and what {restored.name} has learnt from",
        "command": f"vfgan adapt-voice --model {args.model} --steps {args.steps} --keep {args.keep:g}",
    }
    written = export(Export(out=args.out, extractor=run / "extractor", emotion_cnn=restored.emotion_cnn, **told))
    voice = load_voice_reader(run / "extractor")
    generator = make_cyclegan(restored.config, voice.reader.extractor.settings["z_size"], None).g
    restored.load_generator(generator)
    module = GeneratorServing(
        generator,
        voice.reader,
        restored.neutral_z,
        restored.config.networks.size_px,
        restored.crop,
        restored.resolved["people"],
        restored.gain,
        load_mouth(restored.mouth).network if restored.mouth else None,
    )
    heard = {"digest": voice.digest, "train_actors": voice.resolved["data"]["train_actors"]}
    resolved = restored.resolved | {"extractor": restored.resolved["extractor"] | heard}
    attributes = run / ATTRIBUTES
    save_attributes(restored.attributes, attributes)
    card = told | {
        "resolved": resolved, "figures": read_json(run / "scores.json"), "licence": LICENCE, "seed": args.seed,
        "trained": f"{args.steps} steps of the extractor", "limits": LIMITS["vfgan"],
    }  # fmt: skip
    for serving, name, summary, extra in (
        (module, "vfgan", SUMMARIES["vfgan"], (attributes,)),
        (VideoServing(module), "vfgan_video", video_summary("vfgan"), ()),
    ):
        written.append(export_model(serving, name, args.out, card | {"summary": summary}, extra))
    write_json(stamp, {"written": [str(path) for path in written]})
    return written
