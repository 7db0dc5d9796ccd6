"""`vfgan personalise`: fine-tunes a generator on footage of one person."""

import dataclasses
from pathlib import Path

from tfrecords_builder.tables import TABLE_SUFFIXES
from vfgan.errors import ConfigError, MediaError

#: Steps in which only F and the discriminators learn, because they do not ship with a generator. G is frozen.
WARM_UP_STEPS = 60
#: Decay of the running average of G's weights, which is exported.
AVERAGE_DECAY = 0.998
#: Lower than for many people: one person's faces differ less.
LAMBDA_CYCLE = 2.0
#: The discriminators see only a few hundred faces: without augmentation they memorise them.
DISCRIMINATOR_CHANGE = 0.3
#: Processes that find faces.
WORKERS = 2
_BATCH, _NEVER = 8, 1_000_000


@dataclasses.dataclass(frozen=True)
class Personalise:
    """Fine-tunes a generator on a few minutes of footage in which one person speaks with different emotions.

    It reports what is in the footage and what is too little. Then it trains, draws previews (RUN/gan/samples), and
    writes a SavedModel for --model of the other commands. Part of the footage is held back for scores. After an
    interruption, run the same command again to resume. Use it with the consent of the person shown.
    """

    footage: tuple[Path, ...]
    """Videos of the person; the extractor recognises the emotion of each utterance. To label it yourself, give one
    table (.csv, .xlsx) with the columns file,emotion[,start,end]."""
    out: Path
    """Model to write: a folder such as models/teammate."""
    model: str = "vfgan"
    """Generator to start from: a name in saved_models, or the folder of a SavedModel. The extractor and the emotion CNN
    beside it are used, too."""
    minutes: float = 30.0
    """Minutes of training, without interruptions. Two cores make about 90 steps a minute."""
    seed: int = 1
    """Seed for every random choice."""
    run: Path | None = None
    """Folder for data set, weights and previews; by default runs/NAME, with the name of the model."""
    look: bool = False
    """Only report what is in the footage."""

    def main(self) -> None:
        """Fine-tunes the generator and prints where the results are."""
        from pipelines.console import Bar, console

        if self.minutes <= 0:
            raise ConfigError(f"--minutes: expected more than 0, got {self.minutes:g}")
        stages = PersonaliseStages(self)
        for text in stages.examine(Bar):
            console.print(text, highlight=False, markup=False)
        if self.look:
            return
        stages.learn(Bar, lambda text: console.print(text, style="yellow", markup=False, highlight=False))
        for path in stages.export():
            console.print(f"{path}", highlight=False)
        console.print(f"previews: {stages.run / 'gan' / 'samples'}", highlight=False)


class PersonaliseStages:
    """The stages of a fine-tuning. Each runs once.

    Raises:
        ConfigError, MediaError, SchemaError: the footage does not exist, the run folder belongs to another command, or
            the model cannot be fine-tuned.
    """

    def __init__(self, args: Personalise):
        from vfgan.savedmodel.restore import restore_runs
        from vfgan.storage.files import check_writable
        from vfgan.training.loop import claim_run

        self.args, self.name = args, args.out.resolve().name
        self.run = args.run or Path("runs") / self.name
        self.table = args.footage[0] if args.footage[0].suffix.lower() in TABLE_SUFFIXES else None
        if self.table and len(args.footage) > 1:
            raise ConfigError(f"--footage {self.table}: expected either one table or videos, not both")
        for path in args.footage:
            if not path.is_file():
                raise MediaError(f"--footage {path} does not exist or is not a file: expected a video of the person")
        check_writable(args.out.parent)
        self.start = restore_runs(args.model, self.run / "start")
        plan = {"from": self.start.name, "extractor": self.start.resolved["extractor"]["digest"], "seed": args.seed}
        claim_run(self.run, plan | {"footage": [str(path.resolve()) for path in args.footage]})

    def examine(self, bar) -> list[str]:
        """Builds the data set; returns a report of what is in it.

        Raises:
            MediaError: there is too little to learn from; not with --look.
        """
        from tfrecords_builder.build import build
        from vfgan.config.data import BuildConfig
        from vfgan.data.dataset import DataSet
        from vfgan.data.footage_report import find
        from vfgan.savedmodel.load import find_model
        from vfgan.storage.files import read_json, write_json

        table, kept = self.run / "footage" / "table.csv", self.run / "footage" / "notes.json"
        if not (self.run / "data" / "manifest.json").exists():
            with bar("footage") as shown:
                notes = self._write_table(table, find_model(self.args.model).parent.parent / "extractor", shown.update)
            write_json(kept, {"notes": notes})
            if not table.exists():
                lines = [*notes, "too little: no emotion has 3 s of speech"]
                if not self.args.look:
                    raise MediaError("\n".join(lines))
                return lines
            config = BuildConfig(
                mfsc=self.start.mfsc,
                crop=self.start.crop,
                split="recording",
                validation=0.15,
                test=0.0,
                clips_per_shard=16,
                seed=self.args.seed,
            )
            with bar("data set") as shown:
                build(
                    [f"footage:{table}"],
                    self.run / "data",
                    config,
                    workers=WORKERS,
                    progress=lambda done, total, *_: shown.update(done, total),
                )
        findings = find(DataSet(self.run / "data"))
        notes = read_json(kept)["notes"] if kept.exists() else []
        lines = [*findings.lines(), *notes, *(f"note: {text}" for text in findings.weak())]
        lacks = findings.too_little(bends=self.start.config.networks.head == "motion")
        if lacks and not self.args.look:
            raise MediaError("\n".join([*lines, f"too little: {lacks}"]))
        return [*lines, f"too little: {lacks}"] if lacks else lines

    def _write_table(self, path: Path, extractor: Path, progress) -> list[str]:
        """Writes the table of utterances, if there are any; returns notes for the user."""
        from pipelines.reports.footage_table import given_rows, heard_rows, write_table

        if self.table:
            write_table(path, given_rows(self.table, self.name), self.table.parent)
            return []
        rows, rare = heard_rows(self.args.footage, extractor, self.name, progress)
        if rows:
            write_table(path, rows)
        if not rare:
            return []
        found = ", ".join(f"{name} ({seconds:.1f} s)" for name, seconds in rare.items())
        return [f"left out, because there is less than 3 s of it: {found}"]

    def learn(self, bar, alarm) -> dict:
        """Trains F and the discriminators for a while, then all four networks; returns the last scores.

        Of a generator that bends, the inside of the mouth alone: how faces move, it knows from more people than one.
        """
        from pipelines.commands.train_gan import train_gan
        from pipelines.console import scores_text
        from vfgan.training.log import training_seconds
        from vfgan.training.runs import load_networks

        def rest(model):
            self.start.load_generator(model.g)
            model.g.trainable = False

        bends = self.start.config.networks.head == "motion"
        if not bends:
            with bar("warm-up") as shown:
                train_gan(
                    self._command("warm-up"),
                    lambda step, _: shown.update(step, WARM_UP_STEPS),
                    begin=rest,
                    before=self.start,
                )

        def begin(model):
            if bends:
                self.start.load_generator(model.g)
            else:
                load_networks(model, self.run / "warm-up")

        seconds = round(60 * self.args.minutes)
        with bar("learning, seconds") as shown:
            return train_gan(
                self._command("gan"),
                lambda step, scores: shown.update(
                    min(seconds, round(training_seconds(self.run / "gan"))),
                    seconds,
                    f"step {step} {scores_text(scores)}",
                ),
                alarm,
                begin=begin,
                before=self.start,
            )

    def _command(self, name: str):
        """The options of `vfgan train gan` for one of the two parts."""
        from pipelines.commands.train_gan import TrainGan
        from vfgan.config.presets import ACTOR01
        from vfgan.config.serialise import with_options
        from vfgan.config.training import TrainConfig

        motion = self.start.config.motion
        motion = dataclasses.replace(
            motion,
            flow_steps=0,
            paint_steps=_NEVER,
            shading=min(motion.shading, ACTOR01.motion.shading),
            emphasis=ACTOR01.motion.emphasis,
        )
        train = TrainConfig(
            steps=_NEVER,
            batch_size=_BATCH,
            seed=self.args.seed,
            log_every=10,
            evaluate_every=50,
            save_every=50,
            minutes=self.args.minutes,
        )
        config = with_options(
            self.start.config,
            recipe="same-people",
            target="",
            source=self._source(),
            own_voice=False,
            attribute="voice",
            average_decay=AVERAGE_DECAY,
            verification_schedule="constant",
            precision="float32",
            xla=False,
            lambda_cycle=LAMBDA_CYCLE,
            discriminator_change=DISCRIMINATOR_CHANGE,
            motion=motion,
            train=train,
        )
        if name == "warm-up":
            train = dataclasses.replace(train, steps=WARM_UP_STEPS, evaluate_every=WARM_UP_STEPS, minutes=0.0)
            config = with_options(config, guard="off", average_decay=0.0, train=train)
        return TrainGan(
            faces=(self.run / "data",),
            voices=self.run / "data",
            extractor=self.start.extractor,
            run=self.run / name,
            emotion_cnn=self.start.emotion_cnn,
            voice_actors=(self.name,),
            config=config,
        )

    def _source(self) -> str:
        """--source: neutral faces if there are any, else every face."""
        from vfgan.data.dataset import DataSet
        from vfgan.emotions import EMOTIONS

        calm = {EMOTIONS.index("neutral"), EMOTIONS.index("calm")}
        records = DataSet(self.run / "data").records(["train"])
        return "neutral" if any(record["emotion"] in calm and record["faces"] for record in records) else "any"

    def export(self) -> list[Path]:
        """Exports the model and its variant for videos, once; returns the version folders."""
        from pipelines.commands.export import Export, export
        from vfgan.storage.files import read_json, write_json

        stamp = self.run / "exported.json"
        if stamp.exists():
            written = [Path(path) for path in read_json(stamp)["written"]]
            if all(path.is_dir() for path in written):
                return written
        args = Export(
            out=self.args.out.parent,
            gan=self.run / "gan",
            mouth=self.start.mouth,
            name=self.name,
            gain=self.start.gain,
            data=f"footage of one person, from {self.start.name}",
            command=f"vfgan personalise --model {self.args.model} --minutes {self.args.minutes:g}",
        )
        written = export(args, before=self.start.resolved)
        write_json(stamp, {"written": [str(path) for path in written]})
        return written
