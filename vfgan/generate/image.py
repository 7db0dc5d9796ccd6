"""A voice and a face -> a picture of that face with the voice's emotion."""

import dataclasses
from pathlib import Path

from vfgan.face.chosen import choose_in_picture
from vfgan.face.crop import crop_matrix, paste_edit, warp_crop
from vfgan.face.selection import WhichFace
from vfgan.generate.voice_face import SYNTHETIC_NOTE, VoiceEmotion, VoiceFace
from vfgan.media.images import read_image, write_image


@dataclasses.dataclass(frozen=True)
class ImageReport:
    """What was heard, and what is to be known of the photo's face."""

    heard: VoiceEmotion
    faces: int  #: one of them is meant
    changed: bool  #: False: it cannot be read
    notes: list[str]  #: how many faces there are, and what makes this one hard to read


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
        which: which face, where there are several (`vfgan.face.selection.WhichFace`).
    Raises:
        ConfigError: which is none of these.
        MediaError: the voice or the photo cannot be used.
    """
    WhichFace(which)  # says what is wrong with it
    waveform, rgb = model.load_voice(voice), read_image(face)
    chosen = choose_in_picture(rgb, str(face), which)
    heard = model.hear(waveform)
    size = model.crop_size(chosen.face)
    matrix = crop_matrix(chosen.face, model.crop, size)
    before = warp_crop(rgb, matrix, size)
    after = chosen.reading.without_spoilt(before, model.edit(chosen.reading.shown(before)[None], heard.z[None])[0])
    write_image(out, after if only_face else paste_edit(rgb, before, after, matrix), comment=SYNTHETIC_NOTE)
    return ImageReport(heard, chosen.faces, chosen.reading.level != "hopeless", chosen.notes)
