"""`vfgan adapt-voice`: a generator that hears speakers or a language of your own."""

import dataclasses
import functools
import shutil
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
    from vfgan.savedmodel.load import find_model
    from vfgan.savedmodel.restore import restore_runs
    from vfgan.storage.files import check_writable, claim_folder, read_json, write_json
    from vfgan.training.runs import load_voice_reader

    if not 0 <= args.keep <= 1:
        raise ConfigError(f"--keep: expected 0 to 1, got {args.keep:g}")
    if args.out.resolve() == find_model(args.model).parent.parent.resolve():
        raise ConfigError(f"--out {args.out} is the folder of --model: choose another one")
    check_writable(args.out)
    run = args.run or Path("runs") / args.out.resolve().name
    dataset = DataSet(args.data)
    plan = {"model": str(find_model(args.model).resolve()), "out": str(args.out.resolve())}
    claim_folder(run, "plan.json", plan, "an adaptation of another order")
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
    reader = fit_extractor(
        config, dataset, voices["train"], run / "extractor", progress=progress, start=start, keep=args.keep
    )
    finished = run / "extractor" / "scores.json"
    if not finished.exists():
        hear = {"uar_before": start.reader, "uar": reader}
        scores = {
            f"{split}_{name}": utterance_uar(one, held) for name, one in hear.items() for split, held in voices.items()
        }
        write_json(finished, scores)
    return read_json(finished), _export(args, run, restored)


def _export(args: AdaptVoice, run: Path, restored) -> list[Path]:
    """Writes the extractor and the generator that hears with it, and copies the emotion CNN; returns the folders.

    What this run has written already is not written again.
    """
    from pipelines.commands.export import Export, export
    from vfgan.data.attributes import ATTRIBUTES, save_attributes
    from vfgan.models.build import make_cyclegan
    from vfgan.savedmodel.cards import LICENCE, LIMITS, SUMMARIES, video_summary
    from vfgan.savedmodel.load import find_model
    from vfgan.savedmodel.signatures import GeneratorServing, VideoServing
    from vfgan.savedmodel.write import export_model
    from vfgan.storage.files import atomic_path, read_json, write_json
    from vfgan.training.runs import load_mouth, load_voice_reader

    voice = load_voice_reader(run / "extractor")
    stamp = run / "exported.json"
    written = read_json(stamp) if stamp.exists() else {}
    if written.get("digest") != voice.digest:
        written = {"digest": voice.digest}
    told = {
        "data": f"{args.data.name}, and what {restored.name} has learnt from",
        "command": f"vfgan adapt-voice --model {args.model} --steps {args.steps} --keep {args.keep:g}",
    }

    def once(name: str, write) -> None:
        if name not in written or not Path(written[name]).is_dir():
            written[name] = str(write())
            write_json(stamp, written)

    def copy_emotion_cnn() -> Path:
        source = find_model(find_model(args.model).parent.parent / "emotion_cnn")
        with atomic_path(args.out / "emotion_cnn") as temporary:
            shutil.copytree(source.parent, temporary)
        return args.out / "emotion_cnn" / source.name

    @functools.cache
    def generator() -> GeneratorServing:
        network = make_cyclegan(restored.config, voice.reader.extractor.settings["z_size"], None).g
        restored.load_generator(network)
        size_px, people = restored.config.networks.size_px, restored.resolved["people"]
        mouth = load_mouth(restored.mouth).network if restored.mouth else None
        return GeneratorServing(
            network, voice.reader, restored.neutral_z, size_px, restored.crop, people, restored.gain, mouth
        )

    heard = {"digest": voice.digest, "train_actors": voice.resolved["data"]["train_actors"]}
    attributes = run / ATTRIBUTES
    save_attributes(restored.attributes, attributes)
    card = told | {
        "resolved": restored.resolved | {"extractor": restored.resolved["extractor"] | heard},
        "figures": read_json(run / "extractor" / "scores.json"), "licence": LICENCE, "seed": args.seed,
        "trained": f"{args.steps} steps of the extractor", "limits": LIMITS["vfgan"],
    }  # fmt: skip
    once("extractor", lambda: export(Export(out=args.out, extractor=run / "extractor", **told))[0])
    once("emotion_cnn", copy_emotion_cnn)
    summary = {"summary": SUMMARIES["vfgan"]}
    once("vfgan", lambda: export_model(generator(), "vfgan", args.out, card | summary, (attributes,)))
    summary = {"summary": video_summary("vfgan")}
    once("vfgan_video", lambda: export_model(VideoServing(generator()), "vfgan_video", args.out, card | summary))
    return [Path(written[name]) for name in ("extractor", "emotion_cnn", "vfgan", "vfgan_video")]
