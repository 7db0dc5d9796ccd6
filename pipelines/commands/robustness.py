"""`vfgan robustness`: measures extractors on degraded recordings of actors they were not trained on."""

import dataclasses
from pathlib import Path


@dataclasses.dataclass(frozen=True)
class Robustness:
    """Scores the extractors of a finished cross-validation on degraded recordings of each fold's test actors.

    After an interruption, run the same command again; finished folds are kept.
    """

    data: Path
    """Data set built with --keep-waveform and the MFSC options of the cross-validation."""
    cross_validation: Path
    """Folder of a finished `vfgan cross-validate`; robustness.json and robustness.txt are written there."""
    seed: int = 1
    """Which of its seeds to use; also the seed of the noise."""

    def main(self) -> None:
        """Scores the extractors and prints the table."""
        from pipelines.console import Bar, console

        with Bar("robustness") as bar:
            scores = robustness(self, lambda done, total, name: bar.update(done, total, name))
        console.print(robustness_table(scores), highlight=False, markup=False)


def robustness(args: Robustness, progress=lambda done, total, name: None) -> dict[str, float]:
    """Returns degradation -> UAR over all folds, and writes it to robustness.json and robustness.txt."""
    import numpy as np

    from vfgan.data.chances import emotions_of
    from vfgan.errors import SchemaError
    from vfgan.evaluation.by_corpus import calm_as_neutral, recall_of
    from vfgan.evaluation.degradations import DEGRADATIONS
    from vfgan.storage.files import read_json, write_json, write_text

    results = args.cross_validation / "results.json"
    if not results.is_file():
        raise SchemaError(f"{args.cross_validation} holds no finished cross-validation (no results.json)")
    folds = [row for row in read_json(results)["folds"] if row["seed"] == args.seed]
    if not folds:
        raise SchemaError(f"{results} has no seed {args.seed}")
    clips = load_waveforms(args.data)
    emotion, domain = [], []
    heard = {name: [] for name in DEGRADATIONS}
    done = 0
    for fold in folds:
        run = args.cross_validation / f"seed-{args.seed}" / f"fold-{fold['fold']:02d}"
        mine = [clip for clip in clips if clip["person"] in fold["actors"].split()]
        part = hear_degraded(
            run, mine, args, lambda count, before=done, name=run.name: progress(before + count, len(clips), name)
        )
        emotion += [clip["emotion"] for clip in mine]
        domain += [clip["domain"] for clip in mine]
        for name in DEGRADATIONS:
            heard[name] += part[name]
        done += len(mine)
    label = np.array(emotion)
    present = emotions_of(np.array(domain), label)
    scores = {name: recall_of(label, calm_as_neutral(np.array(heard[name]), present)) for name in DEGRADATIONS}
    write_json(args.cross_validation / "robustness.json", scores)
    write_text(args.cross_validation / "robustness.txt", robustness_table(scores))
    return scores


def hear_degraded(run: Path, clips: list[dict], args: Robustness, progress) -> dict[str, list[list[float]]]:
    """Gives degradation -> the probabilities of the emotions that a fold's extractor hears in each clip.

    The result is kept in the fold's folder.
    """
    import numpy as np

    from vfgan.config.serialise import digest
    from vfgan.evaluation.degradations import DEGRADATIONS
    from vfgan.storage.files import digest_file, read_json, write_json

    kept, names = run / "degraded.json", [clip["clip_id"] for clip in clips]
    weights = digest_file(run / "model.weights.h5")
    key = digest({"seed": args.seed, "probabilities of": list(DEGRADATIONS), "clips": names, "weights": weights})
    if kept.is_file() and (before := read_json(kept))["key"] == key:
        progress(len(clips))
        return before["heard"]
    hear, heard = listener(run, args.data), {name: [] for name in DEGRADATIONS}
    for count, clip in enumerate(clips, 1):
        for index, (name, degrade) in enumerate(DEGRADATIONS.items()):
            random = np.random.default_rng([args.seed, index, clip["number"]])
            heard[name].append(hear(degrade(clip["waveform"], clip["sample_rate_hz"], random)))
        progress(count)
    write_json(kept, {"key": key, "heard": heard})
    return heard


def load_waveforms(data: Path) -> list[dict]:
    """Loads person, domain, emotion and waveform of every clip with sound, ordered by name.

    Raises:
        SchemaError: the data set holds no waveforms.
    """
    from vfgan.data.dataset import DataSet
    from vfgan.data.voice_set import domain_of
    from vfgan.errors import SchemaError

    wanted = ("clip_id", "emotion", "sample_rate_hz", "waveform")
    records = DataSet(data).records(["train", "validation", "test"])
    clips = [
        {name: record[name] for name in wanted}
        | {"person": f"{record['corpus']}/{record['actor']}", "domain": domain_of(record["corpus"], record["channel"])}
        for record in records
        if len(record["waveform"])
    ]
    if not clips:
        raise SchemaError(f"{data} holds no waveforms: build it with --keep-waveform")
    clips.sort(key=lambda clip: clip["clip_id"])
    return [clip | {"number": number} for number, clip in enumerate(clips)]


def listener(run: Path, data: Path):
    """Gives a function from a waveform to the probabilities that a run's extractor gives.

    Raises:
        SchemaError: the data set was built with another MFSC.
    """
    import tensorflow as tf

    from vfgan.data.dataset import DataSet
    from vfgan.errors import SchemaError
    from vfgan.training.runs import load_voice_reader

    reader = load_voice_reader(run).reader
    if reader.config != DataSet(data).config.mfsc:
        raise SchemaError(f"{data} was built with another MFSC than the extractor of {run}")
    read = tf.function(reader.read, [tf.TensorSpec([1, None], tf.float32), tf.TensorSpec([1], tf.int32)])

    def hear(waveform) -> list[float]:
        _, probabilities = read(tf.constant(waveform[None]), tf.constant([len(waveform)]))
        return probabilities[0].numpy().tolist()

    return hear


def robustness_table(scores: dict[str, float]) -> str:
    """Writes the UAR of each degradation, and its difference from the clean recordings in percentage points."""
    reference = next(iter(scores.values()))
    rows = [f"{name:20} {uar:.3f}  {100 * (uar - reference):+6.1f}" for name, uar in scores.items()]
    return "\n".join([f"{'':20}   UAR  points", *rows]) + "\n"
