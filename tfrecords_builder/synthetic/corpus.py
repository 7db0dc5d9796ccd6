"""Writes a corpus of synthetic talking heads in RAVDESS' layout and file types, with a table of truth for each clip."""

import csv
import dataclasses
import functools
import io
import json
import multiprocessing
from collections.abc import Callable, Iterator
from concurrent import futures
from pathlib import Path

import numpy as np

from tfrecords_builder.synthetic.actor import draw_actor
from tfrecords_builder.synthetic.clips import ClipKey, list_clips
from tfrecords_builder.synthetic.config import SyntheticConfig
from tfrecords_builder.synthetic.face import LANDMARKS, FaceRenderer
from tfrecords_builder.synthetic.motion import ACTION_UNITS
from tfrecords_builder.synthetic.performance import Performance, act
from tfrecords_builder.synthetic.voice import SAMPLE_RATE_HZ
from vfgan.errors import SchemaError
from vfgan.media.video_writer import write_video
from vfgan.storage.files import atomic_path, read_json, write_json, write_text

__all__ = ["CONFIG_NAME", "TRUTH_COLUMNS", "VERSION", "SyntheticConfig", "synthesize"]

CONFIG_NAME = "corpus.json"
VERSION = 3  #: version of drawing and speech; another version makes another corpus
METADATA = {"comment": "synthetic: drawn and spoken by vfgan's embedded corpus; shows no real person"}
TRUTH_COLUMNS = (
    "time_seconds",
    "emotion",
    "intensity",
    "mouth_opening",
    "mouth_opening_ratio",
    "mouth_opening_px",
    "left_eye_x_px",
    "left_eye_y_px",
    "right_eye_x_px",
    "right_eye_y_px",
    "f0_hz",
    "energy",
    *(f"au{unit:02d}" for unit in ACTION_UNITS),
    *(f"{name}_{axis}_px" for name in LANDMARKS for axis in "xy"),
)


def synthesize(out: Path, config: SyntheticConfig, *, progress: Callable[[int, int], None] | None = None) -> list[Path]:
    """Writes the missing clips of the corpus `config` to the folder `out`.

    Several workers are new ("spawn") processes: a script that calls this needs `if __name__ == "__main__":`.

    Args:
        out: folder with `corpus.json` and `Actor_NN/`. Clips with all their files are kept.
        config: what the corpus holds.
        progress: called with (clips done, clips in all) after every clip.
    Returns:
        The recordings (not the tables of truth) of the whole corpus, in order.
    Raises:
        SchemaError: `out` holds a corpus of another configuration or version.
        OutputError: a file cannot be written.
    """
    out = Path(out)
    _check_config(out, config)
    clips = list_clips(config)
    missing = [clip for clip in clips if not all(path.exists() for path in _clip_files(out, clip, config))]
    done = len(clips) - len(missing)
    if progress and done:
        progress(done, len(clips))
    for _ in _run(functools.partial(write_clip, out, config), missing, config.workers):
        done += 1
        if progress:
            progress(done, len(clips))
    return [clip.path(out, modality) for clip in clips for modality in config.modalities]


def write_clip(out: Path, config: SyntheticConfig, clip: ClipKey) -> None:
    """Writes one clip's recordings, then its table of truth."""
    performance = act(clip, draw_actor(config.seed, clip.actor), config)
    renderer = _renderer(config.seed, clip.actor, config.size_px)
    for modality in config.modalities:
        path = clip.path(out, modality)
        if modality == "audio-only":
            _write_wav(path, performance.waveform)
            continue
        silent = modality == "video-only"
        waveform = np.zeros_like(performance.waveform) if silent else performance.waveform
        frames = (renderer.render(pose) for pose in performance.poses)
        write_video(path, frames, config.fps, waveform=waveform, sample_rate_hz=SAMPLE_RATE_HZ, metadata=METADATA)
    write_text(clip.truth_path(out), _truth_table(clip, performance, renderer))


def _clip_files(out: Path, clip: ClipKey, config: SyntheticConfig) -> list[Path]:
    return [*(clip.path(out, modality) for modality in config.modalities), clip.truth_path(out)]


def _check_config(out: Path, config: SyntheticConfig) -> None:
    wanted = json.loads(json.dumps({"version": VERSION, **dataclasses.asdict(config)}))
    del wanted["workers"]
    path = out / CONFIG_NAME
    if not path.exists():
        write_json(path, wanted)
        return
    found = read_json(path)
    for name in sorted(wanted.keys() | found.keys()):
        if wanted.get(name) != found.get(name):
            raise SchemaError(
                f"{path}: {name} is {found.get(name)!r}, expected {wanted.get(name)!r}: "
                "choose another folder, or delete this one"
            )


def _run(write: Callable[[ClipKey], None], clips: list[ClipKey], workers: int) -> Iterator[None]:
    """Calls `write` for every clip in `workers` processes; yields after each clip."""
    workers = min(workers, len(clips))
    if workers <= 1:
        yield from map(write, clips)
        return
    # an executor raises an error if a worker is killed; a Pool would wait forever
    context = multiprocessing.get_context("spawn")
    with futures.ProcessPoolExecutor(workers, mp_context=context, initializer=_one_thread) as executor:
        try:
            for future in futures.as_completed([executor.submit(write, clip) for clip in clips]):
                yield future.result()
        except BaseException:
            executor.shutdown(cancel_futures=True)
            raise


def _one_thread() -> None:
    import cv2

    cv2.setNumThreads(1)


@functools.lru_cache(maxsize=2)
def _renderer(seed: int, actor: int, size_px: int) -> FaceRenderer:
    return FaceRenderer(draw_actor(seed, actor).look, size_px)


def _write_wav(path: Path, waveform: np.ndarray) -> None:
    import soundfile

    with atomic_path(path) as temporary:
        soundfile.write(temporary, waveform, SAMPLE_RATE_HZ, subtype="PCM_16")


def _truth_table(clip: ClipKey, performance: Performance, renderer: FaceRenderer) -> str:
    """Writes CSV text with the columns `TRUTH_COLUMNS` and a row for every frame of the video."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(TRUTH_COLUMNS)
    for index, pose in enumerate(performance.poses):
        truth = renderer.truth(pose)
        numbers = (
            performance.intensity[index],
            truth.mouth_opening,
            truth.mouth_opening_ratio,
            truth.mouth_opening_px,
            *truth.left_eye_px,
            *truth.right_eye_px,
            performance.f0_hz[index],
            performance.energy[index],
            *pose.units,
            *(place for point in truth.landmarks_px.values() for place in point),
        )
        writer.writerow([f"{performance.times[index]:.4f}", clip.emotion, *(f"{number:.5f}" for number in numbers)])
    return text.getvalue()
