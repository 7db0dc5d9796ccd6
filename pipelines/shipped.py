"""The run on real recordings that made what ships: `python -m pipelines.shipped --data …`

It consists of the commands below. Each can be run by itself, resumes after an interruption, and is quick when it is
finished. The model cards say how long each took.

Which voices are used where: the extractor inside the generators has not learnt from RAVDESS 17-20 and CREMA-D
1061-1080. The CycleGAN learns with the voices of 17-19 and 1061-1080. The evaluation uses actor 20, whom none of these
has heard. The extractor that ships by itself is trained on everybody. Actor 01's face recordings are split by
recording.
"""

import dataclasses
import itertools
import shlex
from pathlib import Path

#: Voices that the generators learn with.
GAN_VOICES = " ".join(["17", "18", "19", *map(str, range(1061, 1081))])
#: People whom the extractor inside the generators has not heard.
NOT_HEARD = " ".join([*(f"ravdess/{n}" for n in range(17, 21)), *(f"cremad/{n}" for n in range(1061, 1081))])

COMMANDS = """
build --in ravdess:{data}/ravdess --in ravdess:{data}/ravdess_song --in cremad:{data}/cremad --in savee:{data}/savee
  --in nemo:{data}/nemo --out {out}/data/everybody --test 0 --validation 0
build --in ravdess:{data}/ravdess --in cremad:{data}/cremad --out {out}/data/voices --test-actors 20
build --in images:{data}/fer2013 --in people:{data}/london --out {out}/data/stills
build --in {data}/ravdess_faces --out {out}/data/faces01
build --in people:{data}/people/nimstim --in people:{data}/people/kdef --in people:{data}/people/yale
  --in people:{data}/people/jaffe --in people:{data}/people/ckplus --in people:{data}/london --out {out}/data/pairs
build --in images:{data}/wild --out {out}/data/wild
build --in grid:{data}/grid_s1 --out {out}/data/s1 --face-fps 0 --split recording --test 0 --validation 0.2
train extractor --data {out}/data/everybody --run {out}/extractor --precision bfloat16
train extractor --data {out}/data/everybody --run {out}/inside --precision bfloat16 --held-out {not_heard}
train emotion-cnn --data {out}/data/stills {out}/data/faces01 --run {out}/emotion-cnn
train judge --data {out}/data/stills {out}/data/faces01 {out}/data/pairs {out}/data/wild --size-px 96
  --run {out}/judge
train mouth --data {out}/data/s1 --run {out}/mouth
train gan --preset anyone --faces {out}/data/pairs {out}/data/wild --voices {out}/data/voices
  --voice-actors {gan_voices} --extractor {out}/inside --emotion-cnn {out}/emotion-cnn --run {out}/vfgan
train gan --preset actor01 --faces {out}/data/faces01 --voices {out}/data/voices --voice-actors {gan_voices}
  --extractor {out}/inside --emotion-cnn {out}/emotion-cnn --run {out}/gan01 --start {out}/vfgan
export --out {out}/saved_models --extractor {out}/extractor --data {voices} --command {command}
export --out {out}/saved_models --emotion-cnn {out}/emotion-cnn --data {faces} --command {command}
export --out {out}/saved_models --judge {out}/judge --data {faces} --command {command}
export --out {out}/saved_models --gan {out}/vfgan --mouth {out}/mouth --gain 1.4 --data {both} --command {command}
export --out {out}/saved_models --gan {out}/gan01 --mouth {out}/mouth --gain 1.4 --name actor01 --data {both}
  --command {command}
evaluate --faces {out}/data/pairs --voices {out}/data/voices --voice-actors 20 --out {out}/evaluation-vfgan
  --model {out}/saved_models/vfgan --judge {out}/saved_models/judge
evaluate --faces {out}/data/faces01 --voices {out}/data/voices --voice-actors 20 --out {out}/evaluation-actor01
  --model {out}/saved_models/actor01 --judge {out}/saved_models/judge
export --out {out}/saved_models --figures {out}/evaluation-vfgan/evaluation.json
  {out}/evaluation-actor01/evaluation.json
"""

VOICES = (
    "RAVDESS speech and song (Livingstone & Russo 2018, CC BY-NC-SA 4.0), CREMA-D (Cao et al. 2014, ODbL 1.0), SAVEE "
    "(Haq & Jackson, research use) and nEMO (Christop 2024, CC BY-NC-SA 4.0); the mouth: GRID speaker s1 (Cooke et al. "
    "2006, CC BY 4.0)"
)
FACES = (
    "Faces: London Set (DeBruine & Jones, CC BY 4.0) and Actor 01 in RAVDESS (CC BY-NC-SA 4.0). Research use, pictures "
    "not redistributed: FER2013, NimStim, KDEF, JAFFE, Yale, CK+. Research use, photographers unknown: 2,475 colour "
    "faces from the web."
)


@dataclasses.dataclass(frozen=True)
class Shipped:
    """Builds, trains, exports and evaluates extractor, emotion CNN, judge, `vfgan`, and `actor01` after it."""

    data: Path
    """Folder with ravdess, ravdess_song, ravdess_faces, cremad, savee, nemo, grid_s1, fer2013, london, people and
    wild."""
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
    quoted |= {"gan_voices": GAN_VOICES, "not_heard": NOT_HEARD}
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
    stills = sorted(record["clip_id"] for record in DataSet(out / "data" / "pairs").records(["test"]))
    people = [clip_id for clip_id in stills if clip_id.startswith("london/neutral/")][:4]
    photos = {clip_id: read_image(data / f"{clip_id}.jpg") for clip_id in people}
    draw_figure(VoiceFace(out / "saved_models" / "vfgan"), photos, voices, out / "anyone.png", size_px=176)
    generate_video(model, voices["disgust"], clips[0], out / "talking.mp4")
    made = ", ".join(str(out / name) for name in ("figure.png", "anyone.png", "talking.mp4"))
    console.print(made, highlight=False)


if __name__ == "__main__":
    import sys

    import tyro

    sys.exit(tyro.cli(Shipped).main())
