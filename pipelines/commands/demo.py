"""`vfgan demo`: runs every stage on the embedded corpus, from recordings to a talking video and a table."""

import dataclasses
import math
import time
from pathlib import Path

from pipelines.demo_sizes import FULL, SHORT, DemoSize
from vfgan.config.serialise import to_dict

#: Whose drawn face is in the first picture.
_FIRST_ACTOR = 1


@dataclasses.dataclass(frozen=True)
class Demo:
    """Runs every stage on the embedded corpus. A second run reuses finished stages.

    Stages: corpus, TFRecords, extractor, emotion CNN, judge, CycleGAN, mouth, SavedModels, sheet, talking video,
    evaluation.
    """

    out: Path = Path("runs/demo")
    """Folder for everything it makes."""
    face: Path | None = None
    """Photo of a person, who becomes a further row of the sheet."""
    short: bool = False
    """Run every stage with small networks and few steps, for continuous integration. The pictures are of no use."""

    def main(self) -> None:
        """Runs the stages and says what came of them."""
        from pipelines.console import console

        started = time.monotonic()
        if self.face:
            check_face(self.face)
        stages = DemoStages(self.out, SHORT if self.short else FULL, self.face)
        first_picture(self.out / "first", self.face, console)
        for index, (title, stage) in enumerate(stages.all().items(), start=1):
            console.print(f"[bold]{index}/{len(stages.all())} {title}[/]", highlight=False)
            stages.run(title, stage)
        minutes = (time.monotonic() - started) / 60
        for sentence in closing(self.out, minutes, self.face):
            console.print(sentence, highlight=False, markup=False)


def check_face(photo: Path) -> None:
    """Looks for the face before minutes of work.

    Raises:
        MediaError: it is no picture.
        NoFaceError: it has no face.
    """
    from vfgan.face.finder import FaceFinder, find_face
    from vfgan.media.images import read_image

    with FaceFinder() as finder:
        find_face(finder, read_image(photo), str(photo))


def closing(out: Path, minutes: float, face: Path | None) -> tuple[str, str, str]:
    """Three sentences: what was made, where it is, how good it is."""
    from vfgan.storage.files import read_json

    found = read_json(out / "evaluation" / "evaluation.json")["rows"]
    made, real = found["generated"], found["real faces"]
    mouth = made.get("mouth ~ sound", float("nan"))
    photo = f", with {face} beside them by the shipped model" if face else ""
    moves = f"; they move {made['motion']:.2f} times as far as real ones" if "motion" in made else ""
    speaks = f", and the mouth moves with the sound (correlation {mouth:.2f})" if math.isfinite(mouth) else ""
    return (
        f"Made in {minutes:.1f} minutes: a generator that shows a voice's emotion on a face, learnt from drawn people; "
        f"a sheet of people it had never seen{photo}; a picture of one that speaks.",
        f"Look at {out / 'sheet.png'} and {out / 'talking.mp4'}; the models are in {out / 'saved_models'}, every "
        f"figure in {out / 'evaluation' / 'table.txt'}.",
        f"An independent judge sees the emotion that was heard in {made['judge = heard']:.0%} of the faces (of real "
        f"ones in {real['judge = true']:.0%}, by chance in 14%){moves}{speaks}.",
    )


def first_picture(folder: Path, face: Path | None, console) -> None:
    """Makes a picture with the shipped model, before the long part: of the photo, or of a drawn face."""
    from pipelines.studio_examples import TAKES, speak_take, write_face, write_voice
    from vfgan.errors import SchemaError
    from vfgan.generate.image import generate_image
    from vfgan.generate.voice_face import VoiceFace

    try:
        model = VoiceFace("vfgan")
    except SchemaError as error:
        console.print(f"no first picture: {error}", highlight=False)
        return
    folder.mkdir(parents=True, exist_ok=True)
    source = face or write_face(folder / "face", _FIRST_ACTOR, is_footage=False)
    voice = write_voice(folder / "voice.wav", [speak_take(TAKES["surprised"])])
    heard = generate_image(model, voice, source, folder / "picture.png").heard
    console.print(
        f"a first picture, by the shipped model: {folder / 'picture.png'}, of {source} "
        f"with {folder / 'voice.wav'} (heard: {heard.emotion})",
        highlight=False,
    )


class DemoStages:
    """The stages of the demo. Each runs once."""

    def __init__(self, out: Path, size: DemoSize, face: Path | None = None):
        from vfgan.training.loop import claim_run

        self.out, self.size, self.face = out, size, face
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
            "mouth": self.mouth,
            "SavedModels": self.export,
            self._sheet_title: self.sheet,
            "talking video": self.video,
            "evaluation": self.evaluation,
        }

    @property
    def _sheet_title(self) -> str:
        """With another photo it is another sheet."""
        return f"sheet with {self.face.name}" if self.face else "sheet"

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

    def mouth(self, bar) -> None:
        """Trains the mouth that follows the sound on the training actors' clips."""
        from pipelines.commands.train_mouth import TrainMouth, train_mouth

        config = self.size.mouth
        train_mouth(TrainMouth(self.out / "data", self.out / "mouth", config), self._scores(bar, config.train.steps))

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
                mouth=self.out / "mouth",
                gain=self.size.gain,
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

    def _clear_clip(self, model, emotion: int) -> Path:
        """Of the test actors' strongest takes of an emotion, the one that the extractor recognises best."""
        clips = [self._clip(actor, emotion) for actor in self._test_actors()]
        return max(clips, key=lambda clip: model.hear(model.load_voice(clip)).probabilities[emotion])

    def sheet(self, bar) -> None:
        """Draws faces of test actors with voices of every emotion, spoken by test actors.

        A photo is changed by the shipped model: it has learnt from people, the demo's from drawn ones.
        """
        from pipelines.reports.face_grid import face_rows, first_frame, write_rows
        from vfgan.emotions import EMOTIONS
        from vfgan.generate.voice_face import VoiceFace
        from vfgan.media.images import read_image

        actors = self._test_actors()
        pictures = {actor: first_frame(self._clip(actor, 0)) for actor in actors}
        model = self._model()
        voices = {name: self._clear_clip(model, label) for label, name in enumerate(EMOTIONS)}
        rows = face_rows(model, pictures, voices)
        if self.face:
            rows += face_rows(VoiceFace("vfgan"), {str(self.face): read_image(self.face)}, self._known_voices())
        write_rows(rows, ["source", *voices], self.out / "sheet.png", size_px=192)

    def _known_voices(self) -> dict[str, Path]:
        """Drawn people's voices whose emotion the shipped model hears, which has not learnt from them."""
        from pipelines.studio_examples import TAKES, speak_take, write_voice

        folder = self.out / "first"
        folder.mkdir(parents=True, exist_ok=True)
        return {name: write_voice(folder / f"{name}.wav", [speak_take(take)]) for name, take in TAKES.items()}

    def video(self, bar) -> None:
        """Makes a video: a still picture of a test actor speaks with a happy voice."""
        from pipelines.reports.face_grid import first_frame
        from vfgan.emotions import EMOTIONS
        from vfgan.generate.video import generate_video
        from vfgan.media.images import write_image

        model, still = self._model(), self.out / "still.png"
        write_image(still, first_frame(self._clip(self._test_actors()[0], 0)))
        voice = self._clear_clip(model, EMOTIONS.index("happy"))
        generate_video(model, voice, still, self.out / "talking.mp4", progress=bar.update)

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
            clips=self.size.clips,
        )
        evaluate(args, bar.update)
