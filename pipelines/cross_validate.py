"""`vfgan cross-validate`: how well extractors hear actors that they have not learnt from."""

import csv
import dataclasses
from pathlib import Path
from typing import Annotated

import tyro

from vfgan.config import ExtractorConfig
from vfgan.plain import to_dict


@dataclasses.dataclass(frozen=True)
class CrossValidate:
    """Trains an extractor for each fold of actors, and scores each fold's test actors once.

    Within a fold all other actors are learnt from, for a fixed number of steps: nothing is chosen on the test actors.
    Finished folds are kept when it is interrupted; the same command goes on.
    """

    data: Path
    """Data set made by `vfgan build`; its own split into training and test is not used."""
    out: Path
    """Folder for the runs, folds.csv (a row a fold, as it comes), results.json, table.txt and results.png."""
    folds: int = 5
    """Folds of neighbouring actors; 0: leave one actor out at a time."""
    seeds: tuple[int, ...] = (1,)
    """Each is a cross-validation of its own; the figures are their means."""
    config: Annotated[ExtractorConfig, tyro.conf.arg(name="")] = ExtractorConfig()

    def main(self) -> None:
        """Trains, scores, prints, writes."""
        from pipelines.console import Bar, console, scores_text

        with Bar("cross-validate") as bar:
            results = cross_validate(
                self, lambda done, total, name, scores: bar.update(done, total, f"{name} {scores_text(scores)}")
            )
        console.print((self.out / "table.txt").read_text(encoding="utf-8"), highlight=False, markup=False)
        console.print(f"UAR {results['uar']:.3f}   {self.out / 'results.json'}", highlight=False)


def cross_validate(args: CrossValidate, progress=lambda done, total, name, scores: None) -> dict:
    """Returns what results.json holds."""
    from vfgan.data.records import DataSet, load_voices
    from vfgan.evaluation.cross_validation import folds_of, join, summarise
    from vfgan.files import write_json, write_text
    from vfgan.training.loop import claim_run

    dataset = DataSet(args.data)
    voices = load_voices(dataset, ["train", "validation", "test"])
    folds = folds_of([actor for actor in voices.actor if actor], args.folds)
    claim_run(
        args.out, {"kind": "cross-validation", "config": to_dict(args.config), "folds": folds}
    )  # seeds may be added later
    steps, total = args.config.train.steps, args.config.train.steps * len(folds) * len(args.seeds)
    rows, by_seed = [], {}
    for seed in args.seeds:
        parts = []
        for index, test_actors in enumerate(folds):
            before, name = len(rows) * steps, f"seed {seed} fold {index + 1}"
            parts.append(
                run_fold(
                    args, dataset, voices, test_actors, seed, args.out / f"seed-{seed}" / f"fold-{index + 1:02d}",
                    lambda step, scores, before=before, name=name: progress(before + step, total, name, scores),
                )
            )  # fmt: skip
            rows.append({"seed": seed, "fold": index + 1, "actors": " ".join(test_actors), "uar": parts[-1].uar})
            write_rows(args.out / "folds.csv", rows)
            progress(len(rows) * steps, total, name, {"uar": parts[-1].uar})
        by_seed[seed] = join(parts)
    results = {"folds": rows, "seeds": {str(seed): summarise(part) for seed, part in by_seed.items()}}
    results |= {"uar": sum(part.uar for part in by_seed.values()) / len(by_seed)}
    results |= {"all_seeds": summarise(join(list(by_seed.values())))}
    results |= {"probes": mean_probes(args.out, rows)}
    write_json(args.out / "results.json", results)
    write_text(args.out / "table.txt", table(results))
    draw(args.out / "results.png", results["all_seeds"])
    return results


def run_fold(args: CrossValidate, dataset, voices, test_actors: list[str], seed: int, run: Path, progress):
    """Predictions for the test actors of one fold; read again where the fold was finished before."""
    import numpy as np

    from pipelines.train_extractor import fit_extractor
    from vfgan.evaluation.cross_validation import Predictions
    from vfgan.files import write_json

    path = run / "predictions.csv"
    test = voices.where(np.isin(voices.actor, test_actors))
    if not path.exists():
        config = dataclasses.replace(args.config, train=dataclasses.replace(args.config.train, seed=seed))
        training = voices.where(~np.isin(voices.actor, [*test_actors, ""]))
        reader = fit_extractor(config, dataset, training, run, progress=progress)
        z, probabilities = reader.read_voices(test)
        write_json(run / "probes.json", probe(reader.read_voices(training)[0], training, z, test))
        write_predictions(path, test, probabilities)
    return Predictions(test.clip_id, test.actor, test.emotion, test.intensity, read_probabilities(path, test.clip_id))


def mean_probes(out: Path, rows: list[dict]) -> dict[str, float]:
    """Mean balanced accuracy over folds and seeds of what z tells."""
    import numpy as np

    from vfgan.files import read_json

    found = [read_json(out / f"seed-{row['seed']}" / f"fold-{row['fold']:02d}" / "probes.json") for row in rows]
    return {
        name: float(np.mean([one[name] for one in found if name in one]))
        for name in dict.fromkeys(name for one in found for name in one)
    }


def probe(z, training, new_z, test) -> dict[str, float]:
    """What a linear probe of z tells of people that neither it nor the extractor has learnt from."""
    import numpy as np

    from vfgan.evaluation.probe import linear_probe

    def sides(voices):
        emotional = voices.emotion > 0  # neutral has one intensity
        numbers = np.array([int(actor) if actor.isdigit() else 0 for actor in voices.actor])
        return {"intensity": (voices.intensity == 2, emotional), "sex": (numbers % 2 == 1, numbers > 0)}

    told = {}
    for name, (label, known) in sides(training).items():
        new_label, new_known = sides(test)[name]
        told[name] = linear_probe(z[known], label[known], new_z[new_known], new_label[new_known])
    return {name: value for name, value in told.items() if np.isfinite(value)}


def write_predictions(path: Path, voices, probabilities) -> None:
    """A row an utterance: clip, actor, true emotion, and the probability of each emotion."""
    from vfgan.emotions import EMOTIONS

    rows = [
        {"clip_id": clip_id, "actor": actor, "emotion": EMOTIONS[emotion]}
        | {name: f"{value:.6f}" for name, value in zip(EMOTIONS, row)}
        for clip_id, actor, emotion, row in zip(voices.clip_id, voices.actor, voices.emotion, probabilities)
    ]
    write_rows(path, rows)


def read_probabilities(path: Path, clip_id):
    """float [clips, 8] of what `write_predictions` wrote.

    Raises:
        SchemaError: it holds other clips.
    """
    import numpy as np

    from vfgan.emotions import EMOTIONS
    from vfgan.errors import SchemaError

    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    if [row["clip_id"] for row in rows] != clip_id.tolist():
        raise SchemaError(f"{path} holds predictions of other clips: the data set has changed; choose another --out")
    return np.array([[float(row[name]) for name in EMOTIONS] for row in rows])


def write_rows(path: Path, rows: list[dict]) -> None:
    """A CSV table, whole or not at all."""
    from vfgan.files import atomic_path

    with atomic_path(path) as temporary, open(temporary, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def table(results: dict) -> str:
    """The figures as text."""
    whole = results["all_seeds"]
    lines = ["seed     UAR  accuracy   mean over actors (95 % interval)"]
    for seed, one in results["seeds"].items():
        mean, (low, high) = one["mean_over_actors"], one["interval_95"] or (float("nan"), float("nan"))
        lines.append(f"{seed:>4}  {one['uar']:6.3f}    {one['accuracy']:6.3f}   {mean:.3f} ({low:.3f} to {high:.3f})")
    lines.append(f"mean  {results['uar']:6.3f}    {whole['accuracy']:6.3f}")
    for title in ("by_emotion", "by_intensity", "by_sex", "by_actor"):
        cells = "  ".join(f"{name} {value:.3f}" for name, value in whole[title].items())
        lines.append(f"{title.replace('_', ' ')}: {cells}")
    cells = "  ".join(f"{name} {value:.3f}" for name, value in results["probes"].items())
    lines.append(f"told by a linear probe of z (chance 0.5): {cells}")
    lines.append(f"expected calibration error: {whole['calibration']['expected_error']:.3f}")
    return "\n".join(lines) + "\n"


def draw(path: Path, summary: dict) -> None:
    """Confusions, UAR of each actor, calibration."""
    import numpy as np

    from vfgan.emotions import EMOTIONS
    from vfgan.plots import draw_confusion, new_figure, save_figure

    figure, axes = new_figure(14, 4.6, 1, 3)
    draw_confusion(axes[0, 0], np.array(summary["confusion"]), EMOTIONS)
    axes[0, 0].set_xlabel("heard")
    axes[0, 0].set_ylabel("meant")
    actors = sorted(summary["by_actor"].items(), key=lambda item: item[1])
    axes[0, 1].barh([name for name, _ in actors], [value for _, value in actors])
    axes[0, 1].axvline(summary["mean_over_actors"], color="k", linestyle=":")
    if summary["interval_95"]:
        axes[0, 1].axvspan(*summary["interval_95"], color="grey", alpha=0.25)
    axes[0, 1].set_xlabel("UAR of each actor; mean and its 95 % interval")
    axes[0, 1].tick_params(labelsize=7)
    curve = summary["calibration"]
    axes[0, 2].plot([0, 1], [0, 1], color="grey", linestyle=":")
    axes[0, 2].plot(curve["confidence"], curve["share_right"], marker="o")
    axes[0, 2].set_xlabel("probability of what was heard")
    axes[0, 2].set_ylabel("share that was right")
    save_figure(figure, path)
