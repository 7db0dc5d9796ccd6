"""`vfgan figure paper` draws the paper's figure, `vfgan figure intensity` a face over the intensity dial."""

import dataclasses
from pathlib import Path

import numpy as np

from pipelines.reports.face_grid import first_frame
from vfgan.errors import ConfigError
from vfgan.face.chosen import choose_in_picture
from vfgan.face.crop import crop_face
from vfgan.face.finder import FaceFinder, find_face
from vfgan.face.pixels import luma_uint8
from vfgan.figures.plots import face_grid
from vfgan.generate.strips import INTENSITIES, over_intensity, rows_shown, strip_crop
from vfgan.generate.voice_face import SYNTHETIC_NOTE, VoiceFace
from vfgan.media.images import read_image, write_image
from vfgan.media.kinds import kind_of_face


@dataclasses.dataclass(frozen=True)
class FigurePaper:
    """Draws the paper's figure of results: a happy and a sad voice, with and without emotion CNN.

    One block shows the target person, driven by another person's footage. The other shows a person who was not in
    training. Rows of a block: source, happy with and without emotion CNN, sad with and without.
    """

    happy: Path
    """A happy voice."""
    sad: Path
    """A sad voice."""
    driver: Path
    """Footage or photo of another person, who drives the target person."""
    target_models: tuple[str, str]
    """Generators of the target person (recipe person-to-person): with emotion CNN, without."""
    unseen: Path
    """Footage or photo of a person who was not in training."""
    unseen_models: tuple[str, str]
    """Generators for anyone: with emotion CNN, without."""
    out: Path
    """.png or .jpg."""
    frames: int = 5
    """Number of frames of each footage, spread evenly over it."""
    grey: bool = False
    """Draw in grey. Use it if the target's footage is grey: the colours would be the driver's."""

    def main(self) -> None:
        """Draws the figure and prints its path."""
        from pipelines.console import console

        draw_paper(self)
        console.print(f"{self.out}", highlight=False)


@dataclasses.dataclass(frozen=True)
class FigureIntensity:
    """Draws a face over the intensity dial, from 0 (a neutral voice) to 1.5."""

    voice: Path
    """Recording of speech, or a video with sound."""
    face: Path
    """Photo, or footage (its first frame)."""
    out: Path
    """.png or .jpg."""
    model: str = "vfgan"
    """Generator: a name in saved_models, or the folder of a SavedModel."""
    judge: str = ""
    """Judge, whose probability of the emotion heard is written above each face."""

    def main(self) -> None:
        """Draws the figure and prints the judge's probabilities."""
        from pipelines.console import console

        scores = draw_intensity(self)
        console.print(" ".join(f"{score:.2f}" for score in scores) + f"  {self.out}", highlight=False)


def draw_paper(args: FigurePaper) -> None:
    """Writes the paper's figure.

    Raises:
        ConfigError: --frames is below 1.
        NoFaceError: a frame has no face.
    """
    if args.frames < 1:
        raise ConfigError(f"--frames: expected at least 1, got {args.frames}")
    rows = []
    for source, models in ((args.driver, args.target_models), (args.unseen, args.unseen_models)):
        loaded = [VoiceFace(name) for name in models]
        crops = source_crops(loaded[0], source, args.frames)
        rows.append(_squares(crops))
        for voice in (args.happy, args.sad):
            for model in loaded:
                z = model.hear(model.load_voice(voice)).z
                rows.append(_squares(model.edit(crops, np.repeat(z[None], len(crops), axis=0))))
    names = ["source", "happy, with emotion CNN", "happy, without", "sad, with emotion CNN", "sad, without"] * 2
    picture = face_grid(rows)
    if args.grey:
        picture = np.repeat(luma_uint8(picture), 3, axis=2)
    write_image(args.out, with_row_names(picture, names), comment=SYNTHETIC_NOTE)


def _squares(crops: np.ndarray) -> list[np.ndarray]:
    """The crops alone, without what goes on below them."""
    return list(crops[:, : crops.shape[2]])


def source_crops(model: VoiceFace, source: Path, count: int) -> np.ndarray:
    """Crops faces from frames spread evenly over footage; repeats a photo.

    Returns:
        uint8 [count, size * crop_height, size, 3].
    """
    from vfgan.media.video import read_frames

    if kind_of_face(source) == "picture":
        pictures = [read_image(source)] * count
    else:
        total = sum(1 for _ in read_frames(source))
        wanted = set(np.linspace(0, total - 1, count).astype(int).tolist())
        pictures = [frame for index, (_, frame) in enumerate(read_frames(source)) if index in wanted]
    size, crops = None, []
    with FaceFinder() as finder:
        for picture in pictures:
            face = find_face(finder, picture, str(source))
            size = size or max(128, model.crop_size(face))
            crops.append(crop_face(picture, face, model.crop, size, model.crop_height))
    return np.stack(crops)


def with_row_names(picture: np.ndarray, names: list[str], width_px: int = 190) -> np.ndarray:
    """Puts a column of names to the left of a picture that has as many rows as names."""
    import cv2

    height = picture.shape[0] // len(names)
    column = np.full((picture.shape[0], width_px, 3), 255, np.uint8)
    for row, name in enumerate(names):
        place = (4, row * height + height // 2)
        cv2.putText(column, name, place, cv2.FONT_HERSHEY_SIMPLEX, 0.42, (0, 0, 0), 1, cv2.LINE_AA)
    return np.hstack([column, picture])


def draw_intensity(args: FigureIntensity) -> list[float]:
    """Writes the strip.

    Returns:
        The judge's probability of the emotion heard at each mark of the dial; empty without a judge.
    """
    from vfgan.emotions import FACE_LABEL
    from vfgan.evaluation.subject import load_judge

    judge = load_judge(args.judge)[0] if args.judge else None
    model = VoiceFace(args.model)
    heard = model.hear(model.load_voice(args.voice))
    picture = read_image(args.face) if kind_of_face(args.face) == "picture" else first_frame(args.face)
    chosen = choose_in_picture(picture, str(args.face))
    crop = strip_crop(model, picture, str(args.face), chosen.face)
    faces = over_intensity(model, crop, heard.z, chosen.reading)
    shown = rows_shown(model, picture, chosen.face, crop)
    scores = []
    if judge is not None:
        label = FACE_LABEL[int(heard.probabilities.argmax())]
        seen = judge.signatures["serving_default"](face=_tensor(np.stack(faces)[:, : crop.shape[1]]))[
            "probabilities"
        ].numpy()
        scores = seen[:, label].tolist()
    notes = [""] * len(INTENSITIES)
    if scores:
        notes = [f" ({heard.emotion} {score:.2f})" for score in scores]
    titles = ["source", *(f"{intensity:g}{note}" for intensity, note in zip(INTENSITIES, notes))]
    write_image(
        args.out, face_grid([[one[:shown] for one in (crop, *faces)]], titles, size_px=160), comment=SYNTHETIC_NOTE
    )
    return scores


def _tensor(values: np.ndarray):
    import tensorflow as tf

    return tf.constant(values)
