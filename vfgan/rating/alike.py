"""Makes items alike, so that nothing but what they show tells real ones from generated ones.

All faces get one size, one format and one quality; all videos also one frame rate, one length, and the same sound:
none, or mono of one rate and one level. Size and rate are those of the poorest item: more would stand out. Metadata
stay behind, the note that an item is synthetic among them: copies are shown on this page only. Files are padded to one
length.
"""

import itertools
import struct
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np

from vfgan.errors import MediaError
from vfgan.media.audio import load_waveform
from vfgan.media.images import read_image, write_image
from vfgan.media.video import probe_video, read_frames, sound_delay_seconds
from vfgan.media.video_writer import write_video
from vfgan.rating.config import RatingConfig
from vfgan.rating.framing import frame
from vfgan.rating.items import Item

SUFFIXES = {"face": ".jpg", "video": ".mp4"}
MEDIA_TYPES = {"face": "image/jpeg", "video": "video/mp4"}
SOUND_HZ = 16_000
_MAX_FPS = 30
_SHORTEST_SECONDS = 0.5
_LEVEL, _PEAK = 0.07, 0.99  #: root mean square of a sound, -23 dB; its largest sample

Progress = Callable[[int, int], None]  #: (items done, of all)


def make_alike(
    items: Sequence[Item], numbers: Sequence[int], folder: Path, config: RatingConfig, progress: Progress
) -> list[Path]:
    """Writes a copy of every item, named by its number alone.

    Args:
        items: what `vfgan.rating.items.read_items` gave.
        numbers: number of each item.
        folder: empty folder.
        progress: called after each item.
    Returns:
        The copies, in the order of the items.
    Raises:
        MediaError: an item cannot be read, a video is too short, or no face is found where one is to be cut out.
    """
    paths = [folder / f"{number}{SUFFIXES[item.kind]}" for item, number in zip(items, numbers)]
    makers = {"face": _face_maker(items, config), "video": _video_maker(items, config)}
    for done, (item, path) in enumerate(zip(items, paths), start=1):
        makers[item.kind](item, path)
        progress(done, len(items))
    for kind, pad in (("face", _pad_jpeg), ("video", _pad_mp4)):
        same = [path for item, path in zip(items, paths) if item.kind == kind]
        longest = max((path.stat().st_size for path in same), default=0) + 8  # a box of an mp4 has 8 bytes or more
        for path in same:
            pad(path, longest - path.stat().st_size)
    return paths


def sound_is_heard(items: Sequence[Item]) -> bool:
    """Whether videos are shown with sound: if all of them have it."""
    videos = [item for item in items if item.kind == "video"]
    return bool(videos) and all(probe_video(item.path).has_audio for item in videos)


def _face_maker(items: Sequence[Item], config: RatingConfig) -> Callable[[Item, Path], None]:
    framings = {item.path: frame(item, config.crop) for item in items if item.kind == "face"}
    side = min([config.face_px, *(framing.side_px for framing in framings.values())])

    def make(item: Item, path: Path) -> None:
        write_image(path, framings[item.path].cut(read_image(item.path), side))

    return make


def _video_maker(items: Sequence[Item], config: RatingConfig) -> Callable[[Item, Path], None]:
    known = {item.path: probe_video(item.path) for item in items if item.kind == "video"}
    framings = {item.path: frame(item, config.crop) for item in items if item.kind == "video"}
    side = min([config.video_px, *(framing.side_px for framing in framings.values())]) // 2 * 2  # 4:2:0
    fps = min([Fraction(_MAX_FPS), *(info.fps for info in known.values())])
    seconds = min([config.video_seconds, *(info.seconds for info in known.values() if info.seconds)])
    if seconds < _SHORTEST_SECONDS:
        path = min(known, key=lambda one: known[one].seconds)
        raise MediaError(f"{path} is {seconds:.2f} s long: expected at least {_SHORTEST_SECONDS} s; all are cut to it")
    count = int(seconds * fps)
    with_sound = sound_is_heard(items)

    def make(item: Item, path: Path) -> None:
        cut = framings[item.path].cut
        frames = (cut(rgb, side) for _, rgb in read_frames(item.path, interval_seconds=float(1 / fps)))
        sound = _sound(item.path, round(count / fps * SOUND_HZ)) if with_sound else None
        write_video(path, _exactly(frames, count), fps, waveform=sound, sample_rate_hz=SOUND_HZ)

    return make


def _exactly(frames, count: int):
    """So many frames; the last one again where there are fewer."""
    last = None
    given = 0
    for last in itertools.islice(frames, count):
        given += 1
        yield last
    if last is not None:
        yield from itertools.repeat(last, count - given)


def _sound(path: Path, samples: int) -> np.ndarray:
    """A video's sound from its first frame on: float32 [samples] of one level."""
    delay = round(sound_delay_seconds(path) * SOUND_HZ)
    start = max(0.0, -delay / SOUND_HZ)
    wave = load_waveform(path, SOUND_HZ, start_seconds=start, end_seconds=start + samples / SOUND_HZ, max_seconds=3600)
    out = np.zeros(samples, np.float32)
    heard = wave[: max(0, samples - max(0, delay))]
    out[max(0, delay) : max(0, delay) + len(heard)] = heard
    loud = float(np.sqrt(np.mean(np.square(out))))
    if loud > 0:
        out *= min(_LEVEL / loud, _PEAK / float(np.abs(out).max()))
    return out


def _pad_jpeg(path: Path, count: int) -> None:
    """Zeros behind the picture's end, which readers pass over."""
    with open(path, "ab") as file:
        file.write(bytes(count))


def _pad_mp4(path: Path, count: int) -> None:
    """A box `free` (ISO/IEC 14496-12) of `count` bytes, at least 8, at the end."""
    with open(path, "ab") as file:
        file.write(struct.pack(">I4s", count, b"free") + bytes(count - 8))
