"""What is looked at while a CycleGAN trains: held-back faces, and the monitor's scores of them."""

import contextlib
from pathlib import Path

from pipelines.gan.inputs import GanData
from vfgan.data.face_set import Faces, load_faces, merge_faces
from vfgan.data.recipes import choose_faces, shown_faces
from vfgan.errors import ConfigError
from vfgan.learn.monitor import Monitor
from vfgan.models.cyclegan import CycleGan


def make_monitor(model: CycleGan, run: Path, data: GanData) -> Monitor:
    """The monitor of a training.

    Args:
        model: the CycleGAN.
        run: folder of the training.
        data: training data; see `validation_faces`. Without an emotion CNN there are only pictures.
    """
    sources, real = validation_faces(data)
    trained = data.emotion_cnn
    return Monitor(folder=run).watch(
        model, sources, real, data.attributes, trained.network if trained else None,
        seen_px=trained.size_px if trained else 0, seed=data.config.train.seed,
    )  # fmt: skip


def validation_faces(data: GanData) -> tuple[Faces, Faces]:
    """X and Y of validation clips. What the recipe does not find there, often neutral faces, is of training clips."""
    sets = [one for one in data.faces_sets.values() if one.manifest["counts"]["validation"]["faces"]]
    size_px, channels = data.config.networks.size_px, data.config.channels
    parts = [load_faces(one, ["validation"], size_px, channels, data.memory).aligned for one in sets]
    sources, real = data.sources, data.faces
    if parts:
        held = merge_faces(parts)
        with contextlib.suppress(ConfigError):
            real = shown_faces(held, data.config)
        with contextlib.suppress(ConfigError):
            sources, _ = choose_faces(held, data.config)
    return sources, real
