"""`vfgan generate`: makes a picture or a video from a voice and a face."""

import dataclasses
from pathlib import Path
from typing import Literal

from vfgan.config.data import VideoConfig
from vfgan.errors import ConfigError


@dataclasses.dataclass(frozen=True)
class Generate:
    """Shows the emotion of a voice on a face.

    --out person.png makes a picture. --out person.mp4 makes a video whose sound is the voice. From footage it keeps the
    frame rate and the background; from a photo the face follows the voice over time. Use it with the consent of the
    person shown. The metadata of every result say that it is synthetic.
    """

    voice: Path
    """Recording of speech, or a video with sound. Any container, codec and sample rate; at most one hour."""
    face: Path
    """Photo of the person, or footage of any length."""
    out: Path
    """Result: .png, .jpg, .webp or .bmp for a picture, .mp4, .mov or .mkv for a video."""
    model: str = "vfgan"
    """Generator: a name in saved_models, or the folder of a SavedModel."""
    intensity: float = 1.0
    """Strength of the emotion, 0 to 2: 0 is a neutral voice, 1 the voice itself; more exaggerates it."""
    length: Literal["voice", "footage"] = "voice"
    """Length of a video. voice: as the voice; shorter footage plays forwards and backwards. footage: as the footage."""
    only_face: bool = False
    """Write the aligned face crop instead of the whole picture."""
    which: str = "largest"
    """Which of several faces: largest, central, left, right, or a number by size (0 is the largest)."""
    audio_track: int | None = None
    """Of several audio tracks of the voice, 1 is the first. Default: the one with the voice."""
    no_face: Literal["pass", "hold", "fail"] = "pass"
    """Frames without the face. pass: leave them. hold: change the last place of the face while the
    picture looks alike there. fail: stop with an error."""
    mouth: Literal["auto", "sound", "footage"] = "auto"
    """What moves the mouth in a video. sound: the voice's sound. footage: the footage's own mouth, or none in a photo.
    auto: sound for a photo, footage for footage."""
    smooth_seconds: float = VideoConfig().smooth_seconds
    """Temporal smoothing of videos in seconds, 0 to 1; 0 disables it. Where the face moves, the change follows at
    once."""
    server: str = ""
    """host:port of a server's gRPC (`vfgan serve`, TF Serving), which computes instead of this machine."""

    def main(self) -> None:
        """Generates the result and prints the recognised emotion."""
        from pipelines.console import console
        from vfgan.storage.files import check_writable

        video = self._check()
        check_writable(self.out.parent)
        model = self._model()
        if model.only_person:
            console.print(
                f"{self.model} has learnt actor {model.only_person}'s face alone; other faces move as that person does",
                style="yellow",
                highlight=False,
            )
        heard, notes = self._video(model) if video else self._picture(model)
        for note in notes:
            console.print(note, highlight=False)
        if heard.unlike:
            console.print(
                "this voice is unlike any that the model has learnt from: its emotion is a guess", style="yellow"
            )
        console.print(f"heard: {heard.emotion} ({heard.probabilities.max():.0%})   {self.out}", highlight=False)

    def _model(self):
        """Loads the generator, here or on a server.

        Raises:
            ServerError: the server is down or busy.
        """
        from vfgan.generate.voice_face import VoiceFace
        from vfgan.savedmodel.load import load_model_once

        if not self.server:
            return VoiceFace(self.model, intensity=self.intensity, load=load_model_once)
        from vfgan.serving import Client

        return VoiceFace(self.model, intensity=self.intensity, load=Client(self.server).load)

    def _check(self) -> bool:
        """Checks the options; returns whether the result is a video.

        Raises:
            ConfigError: two options contradict each other.
        """
        from vfgan.generate.arguments import check_kept
        from vfgan.media import images, video_writer
        from vfgan.media.kinds import kind_of_face, kind_of_name
        from vfgan.storage.remote import is_remote

        if is_remote(self.out):
            raise ConfigError(f"--out {self.out}: expected a file of this machine")
        kind = self.out.suffix.lower()
        is_video = kind in video_writer.WRITTEN_SUFFIXES
        if not is_video and kind not in images.WRITTEN_SUFFIXES:
            raise ConfigError(
                f"--out {self.out}: expected a name that ends in .png, .jpg, .webp, .bmp, .mp4, .mov or .mkv"
            )
        # a face that does not exist is told when it is read
        there = self.face.is_file() or self.face.is_dir()
        photo = (kind_of_face(self.face) if there else kind_of_name(self.face.name)) == "picture"
        if not is_video and not photo:
            raise ConfigError(f"--out {self.out}: footage makes a video; write to a name that ends in .mp4")
        if photo and self.length == "footage":
            raise ConfigError(f"--length footage: --face {self.face} is a photo and has no length; leave it out")
        check_kept(self.out, **{"--voice": self.voice, "--face": self.face})
        return is_video

    def _picture(self, model) -> tuple:
        """Makes a picture; returns the recognised emotion and the notes to print."""
        from vfgan.generate.image import generate_image

        report = generate_image(
            model, self.voice, self.face, self.out, only_face=self.only_face, which=self.which,
            audio_track=self.audio_track,
        )  # fmt: skip
        return report.heard, list(report.notes)

    def _video(self, model) -> tuple:
        """Makes a video; returns the recognised emotion and the notes to print."""
        from pipelines.console import Bar
        from vfgan.generate.video import generate_video

        with Bar("video") as bar:
            report = generate_video(
                model, self.voice, self.face, self.out, length=self.length, only_face=self.only_face,
                which=self.which, no_face=self.no_face, mouth=self.mouth, audio_track=self.audio_track,
                smooth_seconds=self.smooth_seconds, progress=bar.update,
            )  # fmt: skip
        notes = list(report.notes)
        if report.without_face:
            what = "left unchanged" if self.no_face == "pass" else "changed at the face's last place"
            notes.append(f"no face found in {report.without_face} of {report.frames} frames; they are {what}")
        notes.append(
            f"movement from frame to frame in grey levels: result {report.flicker:.1f}, source "
            f"{report.source_flicker:.1f}, the added change {report.added_flicker:.2f}"
        )
        return report.heard, notes
