"""A voice and a face -> a picture of that face with the voice's emotion."""

import dataclasses
from pathlib import Path

from vfgan.face.crop import crop_matrix, paste_edit, warp_crop
from vfgan.face.finder import FaceFinder, find_face
from vfgan.face.selection import WhichFace
from vfgan.generate.voice_face import SYNTHETIC_NOTE, VoiceEmotion, VoiceFace
from vfgan.media.images import read_image, write_image


@dataclasses.dataclass(frozen=True)
class ImageReport:
    """What was heard, and how many faces the photo has."""

    heard: VoiceEmotion
    faces: int  #: one of them was changed


def generate_image(
    model: VoiceFace,
    voice: str | Path,
    face: str | Path,
    out: str | Path,
    *,
    only_face: bool = False,
    which: str = "largest",
) -> ImageReport:
    """Writes the picture of a person with a voice's emotion.

    Args:
        voice: recording or video with sound.
        face: photo.
        out: .png or .jpg; has the photo's size.
        only_face: writes the aligned crop instead of the whole picture.
        which: which face, where there are several: largest, left, or a number (`vfgan.face.selection.WhichFace`).
    Raises:
        ConfigError: which is none of these.
        MediaError: the voice or the photo cannot be used.
    """
    choice, waveform, rgb = WhichFace(which), model.load_voice(voice), read_image(face)
    with FaceFinder() as finder:
        faces = finder.find(rgb) or [find_face(finder, rgb, str(face))]  # which says why there is none
    chosen = choice.first(faces)
    if chosen is None:
        raise choice.missing(len(faces), str(face))
    heard = model.hear(waveform)
    size = model.crop_size(chosen)
    matrix = crop_matrix(chosen, model.crop, size)
    before = warp_crop(rgb, matrix, size)
    after = model.edit(before[None], heard.z[None])[0]
    write_image(out, after if only_face else paste_edit(rgb, before, after, matrix), comment=SYNTHETIC_NOTE)
    return ImageReport(heard, len(faces))
