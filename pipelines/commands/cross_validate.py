"""`vfgan cross-validate`: how well extractors hear people, or corpora, that they have not learnt from."""

import dataclasses
import functools
from pathlib import Path
from typing import Annotated, Literal

import tyro

from vfgan.config.networks import ExtractorConfig
from vfgan.config.serialise import to_dict

#: In the folder of a fold.
PREDICTIONS = "predictions.csv"


@dataclasses.dataclass(frozen=True)
class CrossValidate:
    """Trains an extractor for each fold of people, or for each corpus that is left out, and scores those once.

    Within a fold all others are learnt from, for a fixed number of steps: nothing is chosen on those who are tested.
    Finished folds are kept when it is interrupted; the same command goes on.
    """

    data: Path
    """Data set made by `vfgan build`; its own split into training and test is not used."""
    out: Path
    """Folder for the runs, folds.csv (a row a fold, as it comes), results.json, .csv, .md, .tex and .png, table.txt."""
    folds: int = 5
    """Folds of people, in each of every corpus; 0: leave one person out at a time."""
    seeds: tuple[int, ...] = (1,)
    """Each is a cross-validation of its own; the figures are their means."""
    config: Annotated[ExtractorConfig, tyro.conf.arg(name="")] = ExtractorConfig()
    workers: int = 1
    """Folds trained side by side, a thread each; 1: one after the other, with all threads."""
    by: Literal["speaker", "corpus"] = "speaker"
    """What is left out: some people of every corpus, or one corpus at a time."""
    left: tuple[str, ...] = ()
    """With --by corpus: only these corpora are left out in turn, such as cremad savee (none named: each)."""

    inner: bool = False
    """Only people in the data set's training and validation: to choose settings without a look at the test people."""

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
    from pipelines.folds import Fold, run_folds
    from pipelines.reports.cross_validation import draw_cross_validation, recall_frame, recall_table
    from pipelines.reports.tables import write_csv, write_tables
    from vfgan.data.provenance import data_origin
    from vfgan.errors import ConfigError
    from vfgan.evaluation.cross_validation import corpora_of, folds_of
    from vfgan.storage.files import claim_folder, write_json, write_text

    dataset, voices = everybody(args.data, args.inner)
    by_number = corpora_of(voices.corpus, args.left) if args.by == "corpus" else folds_of(voices.person, args.folds)
    if args.config.patience:
        raise ConfigError("--patience: a fold has no validation actors to stop by; leave it at 0")
    resolved = {
        "kind": "cross-validation", "config": to_dict(args.config), "mfsc": to_dict(dataset.config.mfsc),
        "data": data_origin(dataset, voices.actor), "folds": by_number,
    }  # fmt: skip
    claim_folder(args.out, "config.json", resolved, "a cross-validation of another configuration")  # but for its seeds
    folds = [
        Fold(seed, number, tuple(test), args.out / f"seed-{seed}" / f"fold-{number:02d}")
        for seed in args.seeds
        for number, test in enumerate(by_number, 1)
    ]
    steps = args.config.train.steps
    done = {fold: steps for fold in folds if (fold.run / PREDICTIONS).exists()}
    found = {fold: read_fold(fold, voices) for fold in done}

    def report(fold: Fold, step: int, scores: dict) -> None:
        done[fold] = step
        progress(sum(done.values()), steps * len(folds), fold.name, scores)

    missing = [fold for fold in folds if fold not in done]
    for fold in run_folds(functools.partial(train_fold, args), missing, args.workers, report):
        found[fold] = read_fold(fold, voices)
        write_csv(args.out / "folds.csv", rows_of(found))
        report(fold, steps, {"uar": found[fold].uar})
    write_csv(args.out / "folds.csv", rows_of(found))
    results = summary(args.out, found)
    write_json(args.out / "results.json", results)
    write_text(args.out / "table.txt", recall_table(results))
    write_tables(args.out / "results", recall_frame(results))
    draw_cross_validation(args.out / "results.png", results["all_seeds"])
    return results


@functools.lru_cache(maxsize=1)
def everybody(data: Path, inner: bool):
    """The data set and all its utterances (`inner`: but those of the test), read once for all folds of this process."""
    from vfgan.data.dataset import DataSet
    from vfgan.data.voice_set import load_voices

    dataset = DataSet(data)
    return dataset, load_voices(dataset, ["train", "validation", *([] if inner else ["test"])])


def train_fold(args: CrossValidate, fold, progress) -> None:
    """Trains on everybody but those that a fold is tested on, and writes what it hears in their voices.

    Where people are left out, voices without a name are not learnt from: they might be of one of these people.
    """
    from pipelines.commands.train_extractor import fit_extractor
    from vfgan.data.attributes import read_voices
    from vfgan.storage.files import write_json

    dataset, voices = everybody(args.data, args.inner)
    tested = fold.tests(voices)
    test, training = voices.where(tested), voices.where(~tested & ((voices.person != "") | (args.by == "corpus")))
    config = dataclasses.replace(args.config, train=dataclasses.replace(args.config.train, seed=fold.seed))
    reader = fit_extractor(config, dataset, training, fold.run, progress=progress)
    z, probabilities = read_voices(reader, test)
    write_json(fold.run / "probes.json", probe(read_voices(reader, training)[0], training, z, test))
    write_predictions(fold.run / PREDICTIONS, test, probabilities)


def read_fold(fold, voices):
    """`vfgan.evaluation.cross_validation.Predictions` for the test people of a finished fold."""
    from vfgan.evaluation.cross_validation import Predictions

    test = voices.where(fold.tests(voices))
    probabilities = read_probabilities(fold.run / PREDICTIONS, test.clip_id)
    return Predictions(test.clip_id, test.domain, test.person, test.emotion, test.intensity, probabilities)


def rows_of(found: dict) -> list[dict]:
    """A row a finished fold, in order."""
    return [
        {"seed": fold.seed, "fold": fold.number, "actors": " ".join(fold.test), "uar": found[fold].uar}
        for fold in sorted(found, key=lambda fold: (fold.seed, fold.number))
    ]


def summary(out: Path, found: dict) -> dict:
    """Figures of each seed and of all, from the predictions of every fold."""
    from vfgan.evaluation.cross_validation import join, summarise

    rows = rows_of(found)
    by_seed = {
        seed: join([found[fold] for fold in sorted(found, key=lambda fold: fold.number) if fold.seed == seed])
        for seed in dict.fromkeys(row["seed"] for row in rows)
    }
    return {
        "folds": rows,
        "seeds": {str(seed): summarise(part) for seed, part in by_seed.items()},
        "uar": sum(part.uar for part in by_seed.values()) / len(by_seed),
        "all_seeds": summarise(join(list(by_seed.values()))),
        "probes": mean_probes(out, rows),
    }


def mean_probes(out: Path, rows: list[dict]) -> dict[str, float]:
    """Mean balanced accuracy over folds and seeds of what z tells."""
    import numpy as np

    from vfgan.storage.files import read_json

    found = [read_json(out / f"seed-{row['seed']}" / f"fold-{row['fold']:02d}" / "probes.json") for row in rows]
    return {
        name: float(np.mean([one[name] for one in found if name in one]))
        for name in dict.fromkeys(name for one in found for name in one)
    }


def probe(z, training, new_z, test) -> dict[str, float]:
    """What a linear probe of z tells of people that neither it nor the extractor has learnt from."""
    import numpy as np

    from vfgan.evaluation.cross_validation import sex_of
    from vfgan.evaluation.probe import linear_probe

    def sides(voices):
        emotional = (voices.emotion > 0) & (voices.intensity > 0)  # neutral has one intensity
        sexes = sex_of(voices.person)
        return {"intensity": (voices.intensity == 2, emotional), "sex": (sexes == "male", sexes != "")}

    told = {}
    for name, (label, known) in sides(training).items():
        new_label, new_known = sides(test)[name]
        told[name] = linear_probe(z[known], label[known], new_z[new_known], new_label[new_known])
    return {name: value for name, value in told.items() if np.isfinite(value)}


def write_predictions(path: Path, voices, probabilities) -> None:
    """A row an utterance: clip, person, true emotion, and the probability of each emotion."""
    from pipelines.reports.tables import write_csv
    from vfgan.emotions import EMOTIONS

    rows = [
        {"clip_id": clip_id, "person": person, "emotion": EMOTIONS[emotion]}
        | {name: f"{value:.6f}" for name, value in zip(EMOTIONS, row)}
        for clip_id, person, emotion, row in zip(voices.clip_id, voices.person, voices.emotion, probabilities)
    ]
    write_csv(path, rows)


def read_probabilities(path: Path, clip_id):
    """float [clips, 8] of what `write_predictions` wrote.

    Raises:
        SchemaError: it holds other clips.
    """
    import pandas as pd

    from vfgan.emotions import EMOTIONS
    from vfgan.errors import SchemaError

    rows = pd.read_csv(path, dtype={"clip_id": str}, keep_default_na=False)
    if rows["clip_id"].tolist() != clip_id.tolist():
        raise SchemaError(f"{path} holds predictions of other clips: the data set has changed; choose another --out")
    return rows[list(EMOTIONS)].to_numpy(float)
