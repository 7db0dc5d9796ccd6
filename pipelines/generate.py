"""`vfgan generate`: a voice and a face -> a picture or a video."""

import dataclasses
from pathlib import Path
from typing import Literal

from vfgan.config import VideoConfig
from vfgan.errors import ConfigError


@dataclasses.dataclass(frozen=True)
class Generate:
    """Shows the emotion of a voice on a face.

    --out person.png makes a picture; --out person.mp4 a video with the voice as its sound, from footage (its frame rate
    and background stay) or from a photo (the face follows the voice over time). Use it with the consent of the person
    shown; what it makes says in its metadata that it is synthetic.
    """

    voice: Path
    """Recording of speech, or a video with sound: any container, codec and rate, up to an hour."""
    face: Path
    """Photo, or footage of the person, of any length."""
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
    which: str = "largest"
    """Of several faces: largest, left, or a number (0 is the largest, 1 the next)."""
    no_face: Literal["pass", "hold", "fail"] = "pass"
    """Frames in which the face is not found: stay as they are, are changed where it was last, or end in an error."""
    smooth_seconds: float = VideoConfig().smooth_seconds
    """In videos, how long what trembles is held (0: not); what moves is followed at once."""
    server: str = ""
    """host:port of a server's gRPC (`vfgan serve`, TF Serving), which computes instead of this machine."""

    def main(self) -> None:
        """Generates and says what was heard."""
        from pipelines.console import console
        from vfgan.files import check_writable

        video = self._check()
        check_writable(self.out.parent)
        model = self._model()
        if model.only_person:
            console.print(
                f"{self.model} has learnt one person's face (actor {model.only_person}): on others expect blotches",
                style="yellow", highlight=False,
            )  # fmt: skip
        heard, notes = self._video(model) if video else self._picture(model)
        for note in notes:
            console.print(note, highlight=False)
        if heard.unlike:
            console.print(
                "the voice is unlike any that the model has learnt from: what it hears is a guess", style="yellow"
            )
        console.print(f"heard: {heard.emotion} ({heard.probabilities.max():.0%})   {self.out}", highlight=False)

    def _model(self):
        """The generator, here or on a server.

        Raises:
            ServerError: the server is away or busy.
        """
        from vfgan.generate import VoiceFace

        if not self.server:
            return VoiceFace(self.model, intensity=self.intensity)
        from vfgan.serving import Client

        return VoiceFace(self.model, intensity=self.intensity, load=Client(self.server).load)

    def _check(self) -> bool:
        """Whether the result is a video.

        Raises:
            ConfigError: options do not fit each other.
        """
        from vfgan.media.images import IMAGE_SUFFIXES

        kind, photo = self.out.suffix.lower(), self.face.suffix.lower() in IMAGE_SUFFIXES
        if kind not in {".png", ".jpg", ".jpeg", ".mp4"}:
            raise ConfigError(f"--out {self.out}: expected a name that ends in .png, .jpg or .mp4")
        if kind != ".mp4" and not photo:
            raise ConfigError(f"--out {self.out}: footage makes a video; write to a name that ends in .mp4")
        if photo and self.length == "footage":
            raise ConfigError(f"--length footage: --face {self.face} is a photo, which has no length; leave it out")
        for option, path in (("--voice", self.voice), ("--face", self.face)):
            if self.out.resolve() == path.resolve():
                raise ConfigError(f"--out {self.out} is the file of {option}, which it would overwrite; choose another")
        return kind == ".mp4"

    def _picture(self, model) -> tuple:
        """What was heard, and what is to be said."""
        from vfgan.generate import generate_image

        report = generate_image(model, self.voice, self.face, self.out, only_face=self.only_face, which=self.which)
        note = f"{self.face} has {report.faces} faces: --which {self.which} was changed"
        return report.heard, [note] * (report.faces > 1)

    def _video(self, model) -> tuple:
        """The same."""
        from pipelines.console import Bar
        from vfgan.video_generation import generate_video

        with Bar("video") as bar:
            report = generate_video(
                model, self.voice, self.face, self.out, length=self.length, only_face=self.only_face,
                which=self.which, no_face=self.no_face, smooth_seconds=self.smooth_seconds, progress=bar.update,
            )  # fmt: skip
        notes = []
        if report.without_face:
            what = "stay as they are" if self.no_face == "pass" else "are changed where it was last"
            notes.append(f"the face is not found in {report.without_face} of {report.frames} frames, which {what}")
        if report.several_faces:
            notes.append(
                f"several faces in {report.several_faces} of {report.frames} frames: --which {self.which} was changed"
            )
        notes.append(
            f"from frame to frame the face changes by {report.flicker:.1f} grey levels (source: "
            f"{report.source_flicker:.1f}), its change by {report.added_flicker:.2f}"
        )
        return report.heard, notes
