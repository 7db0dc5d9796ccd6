"""The run on real recordings that made `actor01`, emotion CNN and judge: `python -m pipelines.shipped --data …`

How `vfgan` and the extractor that ships were made stands in docs/experiments/motion.md and voices.md. The extractor's
defaults have changed since the run below: `card.json` of `actor01` has the settings of its own.

This run consists of the commands below. Each can be run by itself, resumes after an interruption, and is quick when it
is finished. The model cards say how long each took.

Which voices are used where: the extractor inside the generators is trained on actors 1-16, the CycleGAN on the voices
of 17-19. The evaluation uses actor 20, whom no network was trained on. The extractor that ships by itself is trained on
all 20 actors; the cross-validation measures such networks on actors they were not trained on. Actor 01's face
recordings are split by recording.
"""

import dataclasses
import itertools
import shlex
from pathlib import Path

COMMANDS = """
build --in ravdess:{data}/ravdess --out {out}/data/ravdess --test-actors 17 18 19 20 --validation 0 --keep-waveform
build --in ravdess:{data}/ravdess --out {out}/data/voices --test 0 --validation 0
build --in {data}/ravdess_faces --out {out}/data/faces01
build --in images:{data}/fer2013 --in people:{data}/london --out {out}/data/stills
cross-validate --data {out}/data/ravdess --out {out}/folds --seeds 1 2 3 --workers 2
robustness --data {out}/data/ravdess --cross-validation {out}/folds
train extractor --data {out}/data/voices --run {out}/extractor
train extractor --data {out}/data/ravdess --run {out}/extractor16
train emotion-cnn --data {out}/data/stills {out}/data/faces01 --run {out}/emotion-cnn
train judge --data {out}/data/stills {out}/data/faces01 --run {out}/judge
train gan --faces {out}/data/stills {out}/data/faces01 --voices {out}/data/ravdess --extractor {out}/extractor16
  --emotion-cnn {out}/emotion-cnn --run {out}/anyone --voice-actors 17 18 19 --preset anyone
train gan --faces {out}/data/faces01 --voices {out}/data/ravdess --extractor {out}/extractor16
  --emotion-cnn {out}/emotion-cnn --run {out}/gan01 --start {out}/anyone --voice-actors 17 18 19 --preset actor01
export --out {out}/saved_models --extractor {out}/extractor --data {voices} --command {command}
export --out {out}/saved_models --emotion-cnn {out}/emotion-cnn --data {faces} --command {command}
export --out {out}/saved_models --judge {out}/judge --data {faces} --command {command}
export --out {out}/saved_models --gan {out}/anyone --name anyone --no-video --gain 1.2 --data {both}
  --command {command}
export --out {out}/saved_models --gan {out}/gan01 --name actor01 --no-video --gain 1.1 --data {both}
  --command {command}
evaluate --faces {out}/data/faces01 --voices {out}/data/ravdess --voice-actors 20 --out {out}/evaluation-actor01
  --model {out}/saved_models/actor01 --judge {out}/saved_models/judge
evaluate --faces {out}/data/stills --voices {out}/data/ravdess --voice-actors 20 --out {out}/evaluation-anyone
  --model {out}/saved_models/anyone --judge {out}/saved_models/judge
export --out {out}/saved_models --figures {out}/folds/results.json {out}/evaluation-actor01/evaluation.json
  {out}/evaluation-anyone/evaluation.json
"""

VOICES = "RAVDESS voices (Livingstone & Russo 2018, CC BY-NC-SA 4.0)"
FACES = (
    "Actor 01's face in RAVDESS (CC BY-NC-SA 4.0), FER2013 (research use) and the Face Research Lab London Set "
    "(DeBruine & Jones, CC BY 4.0)"
)


@dataclasses.dataclass(frozen=True)
class Shipped:
    """Builds, trains, exports and evaluates emotion CNN, judge, a generator for anyone, and `actor01` after it."""

    data: Path
    """Folder with ravdess, ravdess_faces, fer2013 and london."""
    out: Path = Path("runs")
    """Folder for data sets, runs, SavedModels and figures."""

    def main(self) -> int:
        """Runs the commands one after the other; stops at the first failure."""
        from pipelines.cli import main
        from pipelines.console import console

        for command in commands(self.data, self.out):
            console.print(f"[bold]vfgan {shlex.join(command)}[/]", highlight=False)
            if is_exported(command):
                console.print("  already exported", highlight=False)
                continue
            code = main(command)
            if code:
                return code
        draw_figures(self.data, self.out)
        return 0


def commands(data: Path, out: Path) -> list[list[str]]:
    """The arguments of each command."""
    lines = COMMANDS.strip().replace("\n  ", " ").splitlines()
    values = {
        "command": "python -m pipelines.shipped --data DATA",
        "data": str(data),
        "out": str(out),
        "voices": VOICES,
        "faces": FACES,
        "both": f"{VOICES}; {FACES}",
    }
    quoted = {name: shlex.quote(value) for name, value in values.items()}
    return [shlex.split(line.format(**quoted)) for line in lines]


def is_exported(command: list[str]) -> bool:
    """Whether the model of an export exists already. A second export would write its next version."""
    if command[0] != "export" or "--figures" in command:
        return False
    options = dict(itertools.pairwise(command))
    kinds = {"--extractor": "extractor", "--emotion-cnn": "emotion_cnn", "--judge": "judge", "--gan": "vfgan"}
    name = options.get("--name") or next(kinds[option] for option in kinds if option in options)
    return (Path(options["--out"]) / name).exists()


def draw_figures(data: Path, out: Path) -> None:
    """Draws figure.png, anyone.png and talking.mp4.

    figure.png shows frames of test recordings with voices of actor 20. anyone.png shows the London set's test people
    with the model for anyone. talking.mp4 is one clip. Each emotion's voice is the strong one that the extractor
    recognises with the highest probability.
    """
    from pipelines.console import console
    from pipelines.reports.face_grid import draw_figure, first_frame
    from vfgan.data.dataset import DataSet
    from vfgan.emotions import EMOTIONS
    from vfgan.generate.video import generate_video
    from vfgan.generate.voice_face import VoiceFace
    from vfgan.media.images import read_image

    model = VoiceFace(out / "saved_models" / "actor01")
    held_back = sorted(
        record["clip_id"].split("/")[1] for record in DataSet(out / "data" / "faces01").records(["test"])
    )
    clips = [data / "ravdess_faces" / "Actor_01" / f"01-{key}.mp4" for key in held_back]

    def clearest(label: int) -> Path:
        takes = sorted((data / "ravdess" / "Actor_20").glob(f"03-01-{label + 1:02d}-*"))[-4:]
        return max(takes, key=lambda path: model.hear(model.load_voice(path)).probabilities[label])

    voices = {name: clearest(label) for label, name in enumerate(EMOTIONS) if name != "calm"}
    pictures = {path.stem: first_frame(path) for path in clips[:4]}
    draw_figure(model, pictures, voices, out / "figure.png", with_source=False)
    stills = sorted(record["clip_id"] for record in DataSet(out / "data" / "stills").records(["test"]))
    people = [clip_id for clip_id in stills if clip_id.startswith("london/neutral/")][:4]
    photos = {clip_id: read_image(data / f"{clip_id}.jpg") for clip_id in people}
    draw_figure(VoiceFace(out / "saved_models" / "anyone"), photos, voices, out / "anyone.png")
    generate_video(model, voices["disgust"], clips[0], out / "talking.mp4")
    made = ", ".join(str(out / name) for name in ("figure.png", "anyone.png", "talking.mp4"))
    console.print(made, highlight=False)


if __name__ == "__main__":
    import sys

    import tyro

    sys.exit(tyro.cli(Shipped).main())
