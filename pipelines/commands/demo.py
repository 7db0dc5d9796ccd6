"""`vfgan demo`: runs every stage on the embedded corpus, from recordings to a talking video and a table."""

import dataclasses
import time
from pathlib import Path

from tfrecords_builder.synthetic.config import SyntheticConfig
from vfgan.config.data import BuildConfig
from vfgan.config.gan import GanConfig
from vfgan.config.networks import ExtractorConfig, FaceClassifierConfig
from vfgan.config.serialise import to_dict
from vfgan.config.training import TrainConfig


def _every(steps: int, batch_size: int, seed: int = 1) -> TrainConfig:
    return TrainConfig(
        steps,
        batch_size,
        seed,
        log_every=max(1, steps // 20),
        evaluate_every=max(1, steps // 3),
        save_every=max(1, steps // 3),
    )


@dataclasses.dataclass(frozen=True)
class DemoSize:
    """What the demo trains, and for how long."""

    corpus: SyntheticConfig = SyntheticConfig(actors=8, statements=1, intensities=(1, 2))
    build: BuildConfig = BuildConfig(face_fps=0.0, test=0.25, validation=0.13, clips_per_shard=24)
    extractor: ExtractorConfig = ExtractorConfig(widths=(16, 32, 48, 48), dense=64, train=_every(450, 32))
    emotion_cnn: FaceClassifierConfig = FaceClassifierConfig(width=16, train=_every(300, 32))
    judge: FaceClassifierConfig = FaceClassifierConfig(
        architecture="separable", width=24, features=96, half="second", train=_every(600, 32, seed=2)
    )
    gan: GanConfig = GanConfig.of(filters=16, blocks=3, discriminator_filters=24, train=_every(900, 8))
    sources_per_voice: int = 4


FULL = DemoSize()
SHORT = DemoSize(
    corpus=SyntheticConfig(actors=4, statements=1, intensities=(1, 2)),
    build=BuildConfig(face_fps=0.0, test=0.25, validation=0.25, clips_per_shard=16),
    extractor=ExtractorConfig(widths=(8, 16, 24, 24), dense=32, train=_every(90, 16)),
    emotion_cnn=FaceClassifierConfig(width=8, train=_every(60, 16)),
    judge=FaceClassifierConfig(
        architecture="separable", width=8, features=32, half="second", train=_every(60, 16, seed=2)
    ),
    gan=GanConfig.of(filters=8, blocks=1, discriminator_filters=8, train=_every(60, 4)),
    sources_per_voice=1,
)


@dataclasses.dataclass(frozen=True)
class Demo:
    """Runs every stage on the embedded corpus. A second run reuses finished stages.

    Stages: corpus, TFRecords, extractor, emotion CNN, judge, CycleGAN, SavedModels, figure, talking video, evaluation.
    """

    out: Path = Path("runs/demo")
    """Folder for everything it makes."""
    short: bool = False
    """Run every stage with small networks and few steps, for continuous integration. The pictures are of no use."""

    def main(self) -> None:
        """Runs the stages and prints where the results are."""
        from pipelines.console import console

        started = time.monotonic()
        self._first_picture(console)
        stages = DemoStages(self.out, SHORT if self.short else FULL)
        for index, (title, stage) in enumerate(stages.all().items(), start=1):
            console.print(f"[bold]{index}/{len(stages.all())} {title}[/]", highlight=False)
            stages.run(title, stage)
        console.print((self.out / "evaluation" / "table.txt").read_text(), highlight=False, markup=False)
        for what, path in stages.results().items():
            console.print(f"{what:18} {path}", highlight=False)
        console.print(f"done in {(time.monotonic() - started) / 60:.1f} minutes", highlight=False)

    def _first_picture(self, console) -> None:
        """Makes a picture with the shipped models, before the long part."""
        from pipelines.reports.face_grid import first_frame
        from tfrecords_builder.synthetic.corpus import synthesize
        from vfgan.errors import SchemaError
        from vfgan.generate.image import generate_image
        from vfgan.generate.voice_face import VoiceFace
        from vfgan.media.images import write_image
        from vfgan.savedmodel.load import find_model

        try:
            find_model("vfgan")
        except SchemaError as error:
            console.print(f"no first picture: {error}", highlight=False)
            return
        folder = self.out / "first"
        clips = synthesize(folder / "corpus", SyntheticConfig(actors=1, statements=1, intensities=(1,), workers=1))
        neutral, happy = (next(p for p in clips if p.name.startswith(f"01-01-{e}")) for e in ("01", "03"))
        write_image(folder / "face.png", first_frame(neutral))
        heard = generate_image(VoiceFace("vfgan"), happy, folder / "face.png", folder / "picture.png").heard
        console.print(
            f"first picture, by the shipped model: {folder / 'picture.png'} (heard: {heard.emotion}); "
            f"its source: {folder / 'face.png'}",
            highlight=False,
        )


class DemoStages:
    """The stages of the demo. Each runs once."""

    def __init__(self, out: Path, size: DemoSize):
        from vfgan.training.loop import claim_run

        self.out, self.size = out, size
        claim_run(out, {"demo": to_dict(size)})

    def all(self) -> dict:
        """Title -> method, in order."""
        return {
            "talking heads": self.corpus,
            "TFRecords": self.dataset,
            "extractor": self.extractor,
            "emotion CNN": self.emotion_cnn,
            "judge": self.judge,
            "CycleGAN": self.gan,
            "SavedModels": self.export,
            "figure": self.figure,
            "talking video": self.video,
            "evaluation": self.evaluation,
        }

    def results(self) -> dict[str, Path]:
        """Name -> path of each result."""
        return {
            "figure": self.out / "figure.png",
            "talking video": self.out / "talking.mp4",
            "evaluation": self.out / "evaluation",
            "SavedModels": self.out / "saved_models",
            "samples": self.out / "gan" / "samples",
            "data set": self.out / "data",
        }

    def run(self, title: str, stage) -> None:
        """Runs a stage, unless its stamp says that it is finished."""
        from pipelines.console import Bar, console
        from vfgan.storage.files import write_text

        stamp = self.out / "done" / title.replace(" ", "-")
        if stamp.exists():
            console.print("  already done", highlight=False)
            return
        started = time.monotonic()
        with Bar(f"  {title}") as bar:
            stage(bar)
        write_text(stamp, f"{time.monotonic() - started:.1f} s\n")

    def corpus(self, bar) -> None:
        """Recordings."""
        from tfrecords_builder.synthetic.corpus import synthesize

        synthesize(self.out / "corpus", self.size.corpus, progress=bar.update)

    def dataset(self, bar) -> None:
        """Recordings -> TFRecords."""
        from tfrecords_builder.build import build

        build(
            [f"ravdess:{self.out / 'corpus'}"],
            self.out / "data",
            self.size.build,
            progress=lambda done, total, rejected, _: bar.update(done, total, f"{rejected} rejected"),
        )

    def _scores(self, bar, total: int):
        from pipelines.console import scores_text

        return lambda step, scores: bar.update(step, total, scores_text(scores))

    def extractor(self, bar) -> None:
        """Trains the extractor on voices of the training actors."""
        from pipelines.commands.train_extractor import TrainExtractor, train_extractor

        config = self.size.extractor
        train_extractor(
            TrainExtractor(self.out / "data", self.out / "extractor", config), self._scores(bar, config.train.steps)
        )

    def emotion_cnn(self, bar) -> None:
        """Trains the emotion CNN on the faces of one half of the training clips."""
        from pipelines.commands.train_faces import TrainEmotionCnn, train_faces

        config = self.size.emotion_cnn
        args = TrainEmotionCnn((self.out / "data",), self.out / "emotion-cnn", config)
        train_faces(args, self._scores(bar, config.train.steps))

    def judge(self, bar) -> None:
        """Trains the judge on the faces of the other half."""
        from pipelines.commands.train_faces import TrainJudge, train_faces

        config = self.size.judge
        train_faces(TrainJudge((self.out / "data",), self.out / "judge", config), self._scores(bar, config.train.steps))

    def _test_actors(self) -> list[str]:
        from vfgan.data.dataset import DataSet

        return sorted(DataSet(self.out / "data").manifest["counts"]["test"]["actor"])

    def gan(self, bar) -> None:
        """Trains the CycleGAN on faces of the training actors and voices that the extractor was not trained on."""
        from pipelines.commands.train_gan import TrainGan, train_gan
        from vfgan.data.dataset import DataSet

        counts = DataSet(self.out / "data").manifest["counts"]
        voices = sorted([*counts["validation"]["actor"], *self._test_actors()[:-1]])
        args = TrainGan(
            faces=(self.out / "data",),
            voices=self.out / "data",
            extractor=self.out / "extractor",
            run=self.out / "gan",
            emotion_cnn=self.out / "emotion-cnn",
            voice_actors=tuple(voices),
            config=self.size.gan,
        )
        train_gan(args, self._scores(bar, self.size.gan.train.steps))

    def export(self, bar) -> None:
        """Exports the runs as SavedModels."""
        import shutil

        from pipelines.commands.export import Export, export

        shutil.rmtree(self.out / "saved_models", ignore_errors=True)  # left by an interrupted export
        export(
            Export(
                out=self.out / "saved_models",
                extractor=self.out / "extractor",
                emotion_cnn=self.out / "emotion-cnn",
                judge=self.out / "judge",
                gan=self.out / "gan",
                data="the embedded corpus",
                command="vfgan demo",
            )
        )

    def _model(self):
        from vfgan.generate.voice_face import VoiceFace

        return VoiceFace(self.out / "saved_models" / "vfgan")

    def _clip(self, actor: str, emotion: int) -> Path:
        folder = self.out / "corpus" / f"Actor_{actor}"
        return sorted(folder.glob(f"01-01-{emotion + 1:02d}-*.mp4"))[-1]  # the strongest take

    def figure(self, bar) -> None:
        """Draws faces of test actors with voices of every emotion, spoken by a test actor."""
        from pipelines.reports.face_grid import draw_figure, first_frame
        from vfgan.emotions import EMOTIONS

        actors = self._test_actors()
        pictures = {actor: first_frame(self._clip(actor, 0)) for actor in actors}
        voices = {name: self._clip(actors[-1], label) for label, name in enumerate(EMOTIONS)}
        draw_figure(self._model(), pictures, voices, self.out / "figure.png")

    def video(self, bar) -> None:
        """Makes a video: a neutral clip of one test actor with the happy voice of another."""
        from vfgan.emotions import EMOTIONS
        from vfgan.generate.video import generate_video

        actors = self._test_actors()
        voice = self._clip(actors[-1], EMOTIONS.index("happy"))
        generate_video(self._model(), voice, self._clip(actors[0], 0), self.out / "talking.mp4", progress=bar.update)

    def evaluation(self, bar) -> None:
        """Writes the table, with the voice of an actor that no network was trained on."""
        from pipelines.commands.evaluate import Evaluate, evaluate

        models = self.out / "saved_models"
        args = Evaluate(
            faces=(self.out / "data",),
            voices=self.out / "data",
            out=self.out / "evaluation",
            model=str(models / "vfgan"),
            judge=str(models / "judge"),
            sources_per_voice=self.size.sources_per_voice,
        )
        evaluate(args, bar.update)
