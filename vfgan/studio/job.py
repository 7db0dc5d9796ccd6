"""Makes everything that the page shows from a voice and a face, one result after the other."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np

from vfgan.emotions import EMOTIONS
from vfgan.errors import MediaError
from vfgan.face.chosen import choose_in_picture
from vfgan.figures.emotion_over_time import draw_emotion_over_time
from vfgan.figures.plots import face_grid
from vfgan.generate.image import generate_image
from vfgan.generate.listener import Listener
from vfgan.generate.strips import INTENSITIES, over_intensity, over_voices, rows_shown, strip_crop
from vfgan.generate.video import generate_video
from vfgan.generate.voice_face import SYNTHETIC_NOTE, VoiceEmotion, VoiceFace
from vfgan.media.images import write_image
from vfgan.savedmodel.load import load_model
from vfgan.studio.config import StudioConfig
from vfgan.studio.inputs import GivenFile, Order, check_order, load_voice, picture_of

_SHARE_BEFORE_VIDEO = 0.25  #: share of the progress bar before the video
_STRIP_PX = 160

Progress = Callable[[float, str], None]  #: (share that is done, name of the current stage)


@dataclasses.dataclass
class Made:
    """The results so far. A path is None until its file is complete."""

    heard: VoiceEmotion | None = None
    curve: Path | None = None
    source: Path | None = None
    picture: Path | None = None
    intensities: Path | None = None
    emotions: Path | None = None
    video: Path | None = None
    notes: list[str] = dataclasses.field(default_factory=list)

    def files(self) -> list[Path]:
        """The files that exist so far."""
        values = (self.curve, self.source, self.picture, self.intensities, self.emotions, self.video)
        return [path for path in values if path is not None]


class Studio:
    """Makes the results with the models.

    Args:
        models: generators on offer; the first is loaded at once.
        samples: emotion -> recording of a sample voice.
        config: limits.
        load: loads a model and its card. Each job calls it, because a server may have a newer version by then
            (`vfgan.serving.Client.load`). For models of this machine it should be cached.
    Raises:
        SchemaError: a model is missing or of another version.
        ServerError: the server is down or busy.
    """

    def __init__(
        self, models: tuple[str, ...], samples: Mapping[str, Path], config: StudioConfig, load: Callable = load_model
    ):
        self.models, self._samples, self._config = models, samples, config
        self._load = load
        Listener(load=load, mfsc=VoiceFace(models[0], load=load).mfsc)  # fails now if something is missing

    def make(self, order: Order, folder: Path, progress: Progress) -> Iterator[Made]:
        """Makes all results in the order in which they are shown; yields those so far after each stage.

        Args:
            folder: folder for the files.
        Raises:
            VfganError: the inputs cannot be used. The message has this machine's paths.
        """
        voice, face = check_order(order, self.models)
        progress(0.0, "Checking your files")
        model = VoiceFace(order.model, intensity=float(order.intensity), load=self._load)
        load_voice(model, voice, self._config)
        rgb = picture_of(face, self._config)
        made = Made()
        chosen = choose_in_picture(rgb, face.name)  # fails before anything is made if there is no face
        crop = strip_crop(model, rgb, face.name, chosen.face)
        shown = rows_shown(model, rgb, chosen.face, crop)
        progress(0.05, "Listening")
        heard, made.curve = self._listen(model, voice, folder / "emotion-over-time.png")
        made.heard = heard
        yield made
        progress(0.1, "Changing the face")
        made.source, made.picture = folder / "source.png", folder / "face.png"
        write_image(made.source, rgb)
        report = generate_image(model, voice.path, made.source, made.picture)
        made.notes += _about_people(model, order.model, report.notes)
        yield made
        progress(0.15, "Over strength and emotions")
        faces = over_intensity(model, crop, heard.z, chosen.reading)
        strip, titles = [one[:shown] for one in (crop, *faces)], [f"{i:g}" for i in INTENSITIES]
        made.intensities = self._strip(folder / "strength.png", strip, titles)
        samples = {emotion: self._samples[emotion] for emotion in EMOTIONS if emotion in self._samples}
        voices = {emotion: model.hear(model.load_voice(path)).z for emotion, path in samples.items()}
        faces = over_voices(model, crop, voices, chosen.reading)
        made.emotions = self._strip(folder / "emotions.png", [one[:shown] for one in (crop, *faces)], list(voices))
        yield made
        made.video = self._video(model, voice, face, folder / "video.mp4", made.notes, progress)
        yield made

    def _listen(self, model: VoiceFace, voice: GivenFile, out: Path) -> tuple[VoiceEmotion, Path]:
        heard = list(Listener(load=self._load, mfsc=model.mfsc).listen(voice.path))
        if not heard:
            raise MediaError(f"{voice.name} holds only silence or clicks: expected a voice")
        draw_emotion_over_time(out, heard, "", width=8, height=3.4)
        return model.hear(model.load_voice(voice.path)), out

    def _strip(self, out: Path, faces: list[np.ndarray], titles: list[str]) -> Path:
        """Writes the source's crop and changed ones side by side."""
        grid = face_grid([faces], ["source", *titles], size_px=_STRIP_PX)
        write_image(out, grid, comment=SYNTHETIC_NOTE)
        return out

    def _video(
        self, model: VoiceFace, voice: GivenFile, face: GivenFile, out: Path, notes: list[str], progress: Progress
    ) -> Path:
        def share(done: int, total: int) -> None:
            whole = _SHARE_BEFORE_VIDEO + (1 - _SHARE_BEFORE_VIDEO) * done / total
            progress(whole, f"Making the video: {done} of {total} pictures")

        progress(_SHARE_BEFORE_VIDEO, "Making the video")
        report = generate_video(model, voice.path, face.path, out, progress=share)
        if report.without_face:
            notes.append(f"No face was found in {report.without_face} of {report.frames} pictures; they are unchanged.")
        return out


def _about_people(model: VoiceFace, name: str, said: list[str]) -> list[str]:
    """Notes about the photo, and about a model of one person."""
    notes = [f"{note[0].upper()}{note[1:]}." for note in said]
    if model.only_person:
        notes.append(f"{name} has learnt actor {model.only_person}'s face alone; other faces move as that person does.")
    return notes
