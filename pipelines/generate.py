"""`vfgan generate`: a voice and a face -> a picture or a video."""

import dataclasses
from pathlib import Path
from typing import Literal

from vfgan.errors import ConfigError


@dataclasses.dataclass(frozen=True)
class Generate:
    """Shows the emotion of a voice on a face.

    --out person.png makes a picture; --out person.mp4 a video with the voice as its sound, from footage (its frame rate
    and background stay) or from a photo (the face follows the voice over time). Use it with the consent of the person
    shown; what it makes says in its metadata that it is synthetic.
    """

    voice: Path
    """Recording of speech, or a video with sound: any container, codec and rate."""
    face: Path
    """Photo, or footage of the person."""
    out: Path
    """Result: .png or .jpg for a picture, .mp4 for a video."""
    model: str = "vfgan"
    """Generator: a name in saved_models, or a SavedModel's folder."""
    intensity: float = 1.0
    """0: as with a neutral voice. 1: as the voice. Up to 2: more than the voice."""
    length: Literal["voice", "footage"] = "voice"
    """How long a video is: as the voice (shorter footage plays forth and back), or as the footage."""
    only_face: bool = False
    """Write the aligned face crop instead of the whole picture."""

    def main(self) -> None:
        """Generates and says what was heard."""
        from pipelines.console import Bar, console
        from vfgan.files import check_writable
        from vfgan.generate import VoiceFace, generate_image
        from vfgan.media.images import IMAGE_SUFFIXES
        from vfgan.video_generation import generate_video

        kind = self.out.suffix.lower()
        if kind not in {".png", ".jpg", ".jpeg", ".mp4"}:
            raise ConfigError(f"--out {self.out}: expected a name that ends in .png, .jpg or .mp4")
        if kind != ".mp4" and self.face.suffix.lower() not in IMAGE_SUFFIXES:
            raise ConfigError(f"--out {self.out}: footage makes a video; write to a name that ends in .mp4")
        check_writable(self.out.parent)
        model = VoiceFace(self.model, intensity=self.intensity)
        people = [name for name in model.card["resolved"]["people"] if name]
        if len(people) == 1:
            console.print(
                f"{self.model} has learnt the face of one person (actor {people[0]}): on others expect blotches",
                style="yellow", highlight=False,
            )  # fmt: skip
        if kind != ".mp4":
            heard = generate_image(model, self.voice, self.face, self.out, only_face=self.only_face)
        else:
            with Bar("video") as bar:
                report = generate_video(model, self.voice, self.face, self.out, length=self.length, progress=bar.update)
            heard = model.hear(model.load_voice(self.voice))
            if report.without_face:
                console.print(f"{report.without_face} of {report.frames} frames have no face and stay as they are")
            if report.several_faces:
                console.print(
                    f"several faces in {report.several_faces} of {report.frames} frames: the largest was changed"
                )
        share = heard.probabilities.max()
        console.print(f"heard: {heard.emotion} ({share:.0%})   {self.out}", highlight=False)
