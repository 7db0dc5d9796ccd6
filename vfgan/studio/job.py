"""From a voice and a face to everything that the page shows, one result after the other."""

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
from vfgan.generate.strips import INTENSITIES, over_intensity, over_voices, strip_crop
from vfgan.generate.video import generate_video
from vfgan.generate.voice_face import SYNTHETIC_NOTE, VoiceEmotion, VoiceFace
from vfgan.media.images import write_image
from vfgan.savedmodel.load import load_model
from vfgan.studio.config import StudioConfig
from vfgan.studio.inputs import GivenFile, Order, check_order, load_voice, picture_of

_SHARE_BEFORE_VIDEO = 0.25  #: of the progress bar
_STRIP_PX = 160

Progress = Callable[[float, str], None]  #: (share that is done, what is being done)


@dataclasses.dataclass
class Made:
    """What has been made so far; a path is None until its file is whole."""

    heard: VoiceEmotion | None = None
    curve: Path | None = None
    source: Path | None = None
    picture: Path | None = None
    intensities: Path | None = None
    emotions: Path | None = None
    video: Path | None = None
    notes: list[str] = dataclasses.field(default_factory=list)

    def files(self) -> list[Path]:
        """Those that are there."""
        values = (self.curve, self.source, self.picture, self.intensities, self.emotions, self.video)
        return [path for path in values if path is not None]


class Studio:
    """What is made with the models.

    Args:
        models: generators on offer; the first is loaded at once.
        samples: emotion -> recording of a sample voice.
        config: limits.
        load: gives a model and its card, for each job anew, because a server may have got a newer version
            (`vfgan.serving.Client.load`); of this machine's own it had better remember them.
    Raises:
        SchemaError: a model is missing or of another version.
        ServerError: the server is away or busy.
    """

    def __init__(
        self, models: tuple[str, ...], samples: Mapping[str, Path], config: StudioConfig, load: Callable = load_model
    ):
        self.models, self._samples, self._config = models, samples, config
        self._load = load
        Listener(load=load, mfsc=VoiceFace(models[0], load=load).mfsc)  # what lacks is said now

    def make(self, order: Order, folder: Path, progress: Progress) -> Iterator[Made]:
        """Everything, in the order in which it is shown; each time all that is there so far.

        Args:
            folder: where the files go.
        Raises:
            VfganError: what the visitor gave cannot be used; its text names this machine's paths.
        """
        voice, face = check_order(order, self.models)
        progress(0.0, "Looking at what you gave")
        model = VoiceFace(order.model, intensity=float(order.intensity), load=self._load)
        load_voice(model, voice, self._config)
        rgb, made = picture_of(face, self._config), Made()
        chosen = choose_in_picture(rgb, face.name)  # no face: said before anything is made
        crop = strip_crop(model, rgb, face.name, chosen.face)
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
        made.intensities = self._strip(folder / "strength.png", crop, faces, [f"{i:g}" for i in INTENSITIES])
        samples = {emotion: self._samples[emotion] for emotion in EMOTIONS if emotion in self._samples}
        voices = {emotion: model.hear(model.load_voice(path)).z for emotion, path in samples.items()}
        faces = over_voices(model, crop, voices, chosen.reading)
        made.emotions = self._strip(folder / "emotions.png", crop, faces, list(voices))
        yield made
        made.video = self._video(model, voice, face, folder / "video.mp4", made.notes, progress)
        yield made

    def _listen(self, model: VoiceFace, voice: GivenFile, out: Path) -> tuple[VoiceEmotion, Path]:
        heard = list(Listener(load=self._load, mfsc=model.mfsc).listen(voice.path))
        if not heard:
            raise MediaError(f"{voice.name} is nothing but silence or clicks: expected a voice")
        draw_emotion_over_time(out, heard, "", width=8, height=3.4)
        return model.hear(model.load_voice(voice.path)), out

    def _strip(self, out: Path, crop: np.ndarray, faces: list[np.ndarray], titles: list[str]) -> Path:
        grid = face_grid([[crop, *faces]], ["source", *titles], size_px=_STRIP_PX)
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
            notes.append(
                f"In {report.without_face} of {report.frames} pictures no face is found; they stay as they are."
            )
        return out


def _about_people(model: VoiceFace, name: str, said: list[str]) -> list[str]:
    """What is worth knowing of a photo with several people, and of a model of one person."""
    notes = [f"{note[0].upper()}{note[1:]}." for note in said]
    if model.only_person:
        notes.append(f"{name} has learnt one person's face (actor {model.only_person}): on others expect blotches.")
    return notes
