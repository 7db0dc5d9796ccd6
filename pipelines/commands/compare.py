"""`vfgan compare`: trains variants of the CycleGAN, or of the extractor, on the same data; writes one table."""

import dataclasses
import re
from pathlib import Path
from typing import Annotated

import tyro

from pipelines.gan.variants import TABLES, TableName
from vfgan.config.gan import GanConfig
from vfgan.config.serialise import with_options
from vfgan.errors import ConfigError, TrainingDiverged

COLUMNS = ("steps", "images/s", "alarms", "judge = heard", "matched - shuffled", "identity", "Frechet", "liveliness")
_NEVER = 1_000_000_000


@dataclasses.dataclass(frozen=True)
class Compare:
    """Trains variants of the CycleGAN for the same time, or the same steps, and writes one table.

    After an interruption, run the same command again to resume; finished variants are kept. --table features compares
    what the extractor sees of a voice, on folds of the people in training and validation; it needs --voices only.
    Columns of the other tables:

    alarms: faults that the guard reported. It repairs only those that would end the run.

    judge = heard: share of test faces in which the judge sees the emotion heard. Chance is a seventh; emotions count
    equally.

    matched - shuffled: that share minus the same against another voice. 0 means that nothing was learnt.

    identity: structural similarity with the source.

    Frechet: Fréchet distance in the judge's features.

    liveliness: movement along with the source's movement. Below 1 is stiff.
    """

    voices: Path
    """Data set with voices, as for `vfgan train gan`."""
    out: Path
    """Folder for the runs, TABLE.json, TABLE.csv, TABLE.md, TABLE.tex and, for the ratios, TABLE.png."""
    faces: tuple[Path, ...] = ()
    """Data sets of faces, as for `vfgan train gan`."""
    extractor: Path | None = None
    """Run of `vfgan train extractor`."""
    emotion_cnn: Path | None = None
    """Run of `vfgan train emotion-cnn`."""
    judge: str = ""
    """Judge: a name in saved_models, or the folder of a SavedModel."""
    voice_actors: tuple[str, ...] = ()
    """Actors whose voices are used for training."""
    test_voice_actors: tuple[str, ...] = ()
    """Other actors, whose voices are used for measuring."""
    table: TableName = "baselines"
    """baselines: leaves out parts of the method, and what it builds on. stability: tries ways to stability. ratio:
    varies the verification weight. features: MFSC against MFCC, three planes against one."""
    minutes: float = 20.0
    """Minutes of training for each variant."""
    steps: int = 0
    """Steps of each variant instead of minutes; 0 uses minutes. Use it where other work shares the machine. With
    --table features: steps of each fold; 0 uses the extractor's default."""
    folds: int = 5
    """Folds of --table features."""
    workers: int = 1
    """Folds of --table features trained side by side, a thread each."""
    config: Annotated[GanConfig, tyro.conf.arg(name="")] = GanConfig.of(
        train=dataclasses.replace(GanConfig().train, steps=_NEVER)
    )

    def main(self) -> None:
        """Trains and measures the variants; prints the table."""
        from pipelines.console import Bar, console
        from pipelines.reports.tables import markdown

        if self.table == "features":
            from pipelines.commands.compare_features import FEATURE_COLUMNS, compare_features

            with Bar("compare features") as bar:
                rows = compare_features(self, lambda done, total, name: bar.update(done, total, name))
            console.print(markdown(comparison_frame(rows, FEATURE_COLUMNS)), highlight=False, markup=False)
            return

        def train(name, args):
            from pipelines.commands.train_gan import train_gan
            from vfgan.training.log import training_seconds

            seconds = round(60 * self.minutes)
            if self.steps:
                with Bar(f"{name}, steps") as bar:
                    train_gan(args, lambda step, _: bar.update(step, self.steps))
                return
            with Bar(f"{name}, seconds") as bar:

                def show(step: int, _: dict) -> None:
                    done = min(seconds, round(training_seconds(args.run)))
                    bar.update(done, seconds, f"step {step}")

                train_gan(args, show)

        rows = compare(self, train)
        console.print(markdown(comparison_frame(rows)), highlight=False, markup=False)


def compare(args: Compare, train) -> dict[str, dict]:
    """Trains and measures the variants; returns name of the variant -> figures, or {"failed": why}.

    Args:
        train: (name, `pipelines.commands.train_gan.TrainGan`) -> None.
    """
    from pipelines.gan.scorer import Scorer
    from pipelines.reports.tables import write_tables
    from vfgan.config.serialise import to_dict
    from vfgan.data.dataset import DataSet
    from vfgan.data.provenance import data_origin
    from vfgan.storage.files import claim_folder, digest_file, read_json, write_json
    from vfgan.training.runs import open_run

    _check_complete(args)
    plan = {
        "config": to_dict(args.config),
        "minutes": args.minutes,
        "steps": args.steps,
        "voices": list(args.voice_actors),
        "test_voices": list(args.test_voice_actors),
        "judge": args.judge,
        "data": [data_origin(DataSet(folder), ())["digest"] for folder in (*args.faces, args.voices)],
        "networks": [
            digest_file(open_run(run, kind)[1])
            for run, kind in ((args.extractor, "extractor"), (args.emotion_cnn, "emotion-cnn"))
        ],
    }
    claim_folder(args.out / args.table, "config.json", plan, "a comparison of another configuration")
    path = args.out / f"{args.table}.json"
    rows = read_json(path)["rows"] if path.exists() else {}
    scorer = None
    for name, changes in TABLES[args.table].items():
        if name in rows:
            continue
        if "verification_schedule" in changes and not args.steps and args.config.train.steps == _NEVER:
            # a schedule needs a last step: that of the constant ratio 1, or if that failed, the longest run's
            others = max((row["steps"] for row in rows.values() if "steps" in row), default=_NEVER)
            steps = rows["ratio 1"].get("steps", others)
            changes = changes | {"train": dataclasses.replace(args.config.train, steps=steps)}
        run = gan_command(args, name, changes)
        scorer = scorer or Scorer(args)
        try:
            train(name, run)
            rows[name] = scorer.row(run.run, run.config)
        except TrainingDiverged as error:
            rows[name] = {"failed": str(error)}
        write_json(path, {"rows": rows, "minutes": args.minutes, "steps": args.steps, "columns": list(COLUMNS)})
        write_tables(path, comparison_frame(rows))
    if args.table == "ratio":
        draw_ratio(path.with_suffix(".png"), rows)
    return rows


def _check_complete(args: Compare) -> None:
    """Raises a ConfigError if an option lacks that all tables of CycleGANs need."""
    for name in ("faces", "extractor", "emotion_cnn", "judge", "voice_actors", "test_voice_actors"):
        if not getattr(args, name):
            raise ConfigError(f"--{name.replace('_', '-')}: expected with --table {args.table}, got nothing")


def gan_command(args: Compare, name: str, changes: dict):
    """The training of a variant. It computes no scores on the way, which would cost training time."""
    from pipelines.commands.train_gan import TrainGan

    config = with_options(args.config, **changes)
    length = {"steps": args.steps} if args.steps else {"minutes": args.minutes}
    train = dataclasses.replace(config.train, evaluate_every=_NEVER, **length)
    config = with_options(config, train=train, guard="tell")
    folder = re.sub(r"[^a-z0-9.]+", "-", name.lower()).strip("-")
    return TrainGan(
        faces=args.faces,
        voices=args.voices,
        extractor=args.extractor,
        run=args.out / args.table / folder,
        emotion_cnn=args.emotion_cnn,
        voice_actors=args.voice_actors,
        config=config,
    )


def comparison_frame(rows: dict[str, dict], columns: tuple[str, ...] = COLUMNS):
    """The rows as a `pandas.DataFrame`; older rows lack some columns. A column tells why, if some failed."""
    import pandas as pd

    names = [*columns, *(["failed"] if any("failed" in row for row in rows.values()) else [])]
    return pd.DataFrame([[row.get(name) for name in names] for row in rows.values()], list(rows), names).rename_axis(
        "variant"
    )


def draw_ratio(path: Path, *tables: dict[str, dict]) -> None:
    """Draws emotion against movement: a point for each ratio, a line through the constant ones.

    Args:
        path: file of the figure.
        tables: rows of one comparison, or of several with other seeds. With several, a point is their mean, and the
            bars are their range.
    """
    import numpy as np

    from vfgan.figures.plots import new_figure, save_figure

    figure, axes = new_figure(6.5, 4.5)
    axis = axes[0, 0]
    constant = []
    for name, changes in TABLES["ratio"].items():
        rows = [rows[name] for rows in tables if "liveliness" in rows.get(name, {})]
        if not rows:
            continue
        measured = np.array([(row["liveliness"], row["judge = heard"]) for row in rows])
        place = measured.mean(axis=0)
        is_constant = "verification_schedule" not in changes
        constant += [place] if is_constant else []
        x_range, y_range = np.abs(np.stack([measured.min(axis=0), measured.max(axis=0)]) - place).T[:, :, None]
        axis.errorbar(*place, xerr=x_range, yerr=y_range, fmt="o", color="tab:blue" if is_constant else "tab:orange")
        axis.annotate(name, place, fontsize=8, xytext=(4, 4), textcoords="offset points")
    axis.plot(*np.transpose(constant or np.empty((0, 2))), color="tab:blue", linewidth=0.7)
    axis.margins(0.15)
    axis.set_xlabel("liveliness: movement as a share of the source's")
    axis.set_ylabel("judge = heard")
    axis.set_title("verification ratio")
    save_figure(figure, path)
