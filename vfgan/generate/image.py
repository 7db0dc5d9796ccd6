"""A voice and a face -> a picture of that face with the voice's emotion."""

import dataclasses
from pathlib import Path
from typing import Any

from vfgan.face.chosen import choose_in_picture
from vfgan.face.crop import crop_matrix, paste_edit, warp_crop
from vfgan.face.selection import WhichFace
from vfgan.generate.arguments import as_path, check_kept
from vfgan.generate.given import GivenFace, GivenVoice
from vfgan.generate.voice_face import SYNTHETIC_NOTE, VoiceEmotion, VoiceFace
from vfgan.media.images import ALPHA_SUFFIXES, Picture, check_written, write_image


@dataclasses.dataclass(frozen=True)
class ImageReport:
    """What was heard, and what is to be known of the photo's face."""

    heard: VoiceEmotion
    faces: int  #: one of them is meant
    changed: bool  #: False: it cannot be read
    notes: list[str]  #: how many faces there are, what makes this one hard to read, and what else is to be known


def generate_image(
    model: VoiceFace,
    voice: Any,
    face: Any,
    out: str | Path,
    *,
    only_face: bool = False,
    which: str | int = "largest",
    audio_track: int | None = None,
) -> ImageReport:
    """Writes the picture of a person with a voice's emotion.

    Args:
        model: or what `VoiceFace` takes: its name or folder.
        voice: path of a recording or video with sound; or samples (`vfgan.generate.given.GivenVoice`).
        face: path of a photo; or an array or Pillow's picture (`vfgan.generate.arguments.as_picture`).
        out: .png, .jpg, .webp, … (`vfgan.media.images.WRITTEN_SUFFIXES`); has the photo's size.
        only_face: writes the aligned crop instead of the whole picture.
        which: which face, where there are several (`vfgan.face.selection.WhichFace`).
        audio_track: of a recording with several, 1 is the first; None: `vfgan.media.tracks.choose_track`.
    Raises:
        ConfigError: which is none of these, out names no format that is written, or would overwrite voice or face.
        MediaError: the voice or the photo cannot be used.
    """
    out, model = as_path("out", out), VoiceFace.of(model)
    check_written(out)
    check_kept(out, voice=voice, face=face)
    choice = WhichFace(which)  # says what is wrong with it
    sound, given = GivenVoice(voice, model.mfsc.sample_rate_hz, audio_track), GivenFace(face)
    waveform, picture = sound.waveform(model.mfsc), given.picture()
    rgb = picture.over_white()
    chosen = choose_in_picture(rgb, given.name, choice.which)
    heard = model.hear(waveform)
    size = model.crop_size(chosen.face)
    matrix = crop_matrix(chosen.face, model.crop, size)
    before = warp_crop(rgb, matrix, size, model.crop_height)
    after = chosen.reading.without_spoilt(before, model.edit(chosen.reading.shown(before)[None], heard.z[None])[0])
    made = Picture(after[:size]) if only_face else picture.with_change(paste_edit(rgb, before, after, matrix))
    write_image(out, made.rgb, alpha=made.alpha, comment=SYNTHETIC_NOTE)
    notes = [*chosen.notes, *sound.notes(), *filter(None, [given.note()])]
    if made.alpha is not None and out.suffix.lower() not in ALPHA_SUFFIXES:
        notes.append(f"the photo is transparent in part and {out.suffix} cannot be: it is white there; .png keeps it")
    return ImageReport(heard, chosen.faces, chosen.reading.level != "hopeless", notes)
