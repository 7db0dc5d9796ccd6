"""The pure functions from a clip's files to its record."""

import dataclasses

import numpy as np

from tfrecords_builder.clip import MEDIA, Clip, input_files
from tfrecords_builder.clip_faces import face_fields
from vfgan.config.data import BuildConfig
from vfgan.errors import MediaError, NoFaceError, VfganError
from vfgan.storage.local_copies import local_copy
from vfgan.storage.remote import is_remote

#: Share of samples at full scale from which a person may want to know.
_CLIPPED = 0.01
_LABELS = ("clip_id", "corpus", "actor", "emotion", "intensity", "statement", "repetition", "channel", "modality")


@dataclasses.dataclass
class Reading:
    """What was read of a clip."""

    record: dict  #: a value for every field of `vfgan.data.schema`; those of MFSC come by `add_mfsc`
    waveform: np.ndarray  #: float32 [samples]; empty without sound
    notes: list[str]  #: what a person may want to know
    lost: list[dict]  #: a row with "kept" and "reason" for each medium that was given up


def process_clip(clip: Clip, config: BuildConfig, *, strict: bool = False) -> tuple[dict, list[str], list[dict]]:
    """Makes the record of one clip by itself: (record, notes, lost), as `Reading` says.

    `tfrecords_builder.clip_graph` makes the same of many.

    Raises:
        MediaError: see `read_clip`.
    """
    from vfgan.voice.mfsc import mfsc_of_waveform

    reading, bands = read_clip(clip, config, strict=strict), config.mfsc.mel_bands
    heard = len(reading.waveform) > 0
    planes = mfsc_of_waveform(reading.waveform, config.mfsc) if heard else np.zeros((0, bands, 3), np.float32)
    add_mfsc(reading, planes, config)
    return reading.record, reading.notes, reading.lost


def add_mfsc(reading: Reading, planes: np.ndarray, config: BuildConfig) -> None:
    """Gives a record its MFSC: float32 [frames, bands, 3], [0, bands, 3] without sound."""
    from vfgan.voice.mfsc import frame_times

    reading.record |= {"mfsc": planes, "mfsc_times": frame_times(len(planes), config.mfsc)}


def read_clip(clip: Clip, config: BuildConfig, *, strict: bool = False) -> Reading:
    """Reads a clip's files: all of its record but MFSC.

    The result depends on the files and the configuration only. A file that cannot be read is given up whole, with all
    it would have given; what the clip's other file gives is kept. Where only the face is missing, the voice is kept.

    Args:
        strict: nothing is given up.
    Raises:
        MediaError: nothing of the clip can be used, or with `strict` not all of it.
    """
    here, names = _copied_here(clip)
    try:
        reading = _read(here, config, strict)
    except MediaError as error:
        raise type(error)(_renamed(str(error), names)) from error
    reading.lost = [loss | {"reason": _renamed(loss["reason"], names)} for loss in reading.lost]
    return reading


def _copied_here(clip: Clip) -> tuple[Clip, dict[str, str]]:
    """The clip with copies of those of its files that lie on other machines, and {copy: file}."""
    media = {medium: getattr(clip, medium) for medium in MEDIA}
    copies = {path: str(local_copy(path)) for path in media.values() if path and is_remote(path)}
    here = {medium: copies[path] for medium, path in media.items() if path in copies}
    return dataclasses.replace(clip, **here), {copy: path for path, copy in copies.items()}


def _renamed(text: str, names: dict[str, str]) -> str:
    """A message about copies as one about the files that were given."""
    for copy, path in names.items():
        text = text.replace(copy, path)
    return text


def _read(clip: Clip, config: BuildConfig, strict: bool) -> Reading:
    """`read_clip` of files of this machine."""
    fields: dict = {}
    notes: list[str] = []
    lost: list[dict] = []
    for medium, read in (("voice", _voice), ("face", face_fields)):
        try:
            fields |= _guarded(read, clip, config, notes)
        except MediaError as error:
            kept = "face" if medium == "voice" else "voice"
            rest = _without(clip, medium, error)
            if strict or rest is None:
                raise MediaError("; ".join([*(loss["reason"] for loss in lost), str(error)])) from error
            clip = rest
            lost.append({"kept": kept, "reason": str(error)})
            fields |= read(clip, config, notes)  # the empty values
    waveform = fields["waveform"]
    fields["waveform"] = waveform if config.keep_waveform else waveform[:0]
    return Reading({name: getattr(clip, name) for name in _LABELS} | fields, waveform, notes, lost)


def _guarded(read, clip: Clip, config: BuildConfig, notes: list[str]) -> dict:
    """`read`, where what a decoder stumbles over (struct.error, cv2.error, MemoryError, …) is the file's fault."""
    try:
        return read(clip, config, notes)
    except VfganError:
        raise
    except Exception as error:
        files = " or ".join(map(str, input_files(clip)))
        raise MediaError(f"{files} cannot be decoded: {type(error).__name__} {' '.join(str(error).split())}") from error


def _without(clip: Clip, medium: str, error: MediaError) -> Clip | None:
    """What is left of a clip without its voice or its face; None where that is nothing."""
    two_files = bool(clip.audio and clip.video and clip.audio != clip.video)
    if medium == "voice":
        return dataclasses.replace(clip, audio=None) if two_files else None
    heard = two_files or (clip.audio and isinstance(error, NoFaceError))
    return dataclasses.replace(clip, video=None) if heard else None


def _voice(clip: Clip, config: BuildConfig, notes: list[str]) -> dict:
    """The record's fields that come from sound, but MFSC."""
    from vfgan.media.audio import load_waveform, track_note
    from vfgan.media.video import noticed_delay_seconds
    from vfgan.voice.mfsc import check_length

    settings, waveform = config.mfsc, np.zeros(0, np.float32)
    if clip.audio:
        # a clip's seconds count from its first picture
        delay = noticed_delay_seconds(clip.video) if clip.audio == clip.video else 0.0
        start = clip.start_seconds - delay
        waveform = load_waveform(
            clip.audio, settings.sample_rate_hz, max_seconds=config.max_clip_seconds,
            start_seconds=max(0.0, start), end_seconds=clip.end_seconds - delay,
        )  # fmt: skip
        waveform = np.concatenate([np.zeros(round(max(0.0, -start) * settings.sample_rate_hz), np.float32), waveform])
        notes += filter(None, [track_note(clip.audio)])
        if delay:
            begins = "after" if delay > 0 else "before"
            notes.append(f"the sound begins {abs(delay):.2f} s {begins} the pictures: both are laid on one clock")
        if not np.any(np.abs(waveform) > 1e-5):
            raise MediaError(f"{clip.audio} is silent: expected a voice")
        clipped = float(np.mean(np.abs(waveform) >= 0.999))
        if clipped > _CLIPPED:
            notes.append(f"{100 * clipped:.0f} % of the samples are at full scale: the sound is clipped")
        try:
            check_length(waveform, settings)
        except MediaError as error:
            raise MediaError(f"{clip.audio}: {error}") from error
    return {"sample_rate_hz": settings.sample_rate_hz, "num_samples": len(waveform), "waveform": waveform}
