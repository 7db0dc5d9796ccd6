"""Watches a CycleGAN in training: sample pictures, the monitor's scores, and their curves."""

import contextlib
import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np

from pipelines.gan.inputs import GanData
from vfgan.data.attributes import Attributes
from vfgan.data.face_set import Faces, load_faces, merge_faces
from vfgan.data.recipes import choose_faces, shown_faces
from vfgan.emotions import FACE_EMOTIONS
from vfgan.errors import ConfigError
from vfgan.evaluation.monitor import Monitor, WatchedVoices
from vfgan.face.pixels import as_seen, from_pm1, pm1
from vfgan.models.cyclegan import CycleGan
from vfgan.models.face_classifier import classify_faces

#: Scores of the monitor that are drawn as curves.
CURVES = ("agreement", "voice_effect", "identity", "frechet")
_VOICES_OF_AN_EMOTION = 2


class Watch:
    """Computes scores, and writes samples/STEP.png and curves.png. The loop calls it every `evaluate_every` steps.

    Args:
        model: the CycleGAN.
        run: folder of the training.
        data: training data; see `validation_faces`. Without an emotion CNN there are only pictures.
    """

    def __init__(self, model: CycleGan, run: Path, data: GanData):
        self._model, self._run = model, run
        sources, real = validation_faces(data)
        self._sampler = Sampler(self._change, run / "samples", sources, data.attributes)
        self._monitor = None
        if data.emotion_cnn:
            network, seen_px = data.emotion_cnn.network, data.emotion_cnn.size_px
            self._monitor = Monitor(
                self._change,
                lambda pixels: classify_faces(network, as_seen(pixels, seen_px)),
                sources,
                real,
                watched_voices(data.attributes),
                seed=data.config.train.seed,
            )

    def __call__(self, step: int) -> dict[str, float]:
        """Scores the weights that would be exported now."""
        self._model.average.swap()
        scores = self._sampler.draw(step)
        if self._monitor:
            scores |= self._monitor.scores()
            draw_curves(self._run, step, scores)
        self._model.average.swap()
        return scores

    def _change(self, pixels: np.ndarray, z: np.ndarray) -> np.ndarray:
        """Applies G to uint8 faces."""
        parts = []
        for start in range(0, len(pixels), 32):
            part = slice(start, start + 32)
            parts.append(from_pm1(self._model([pm1(pixels[part]), z[part]])))
        return np.concatenate(parts)


class Sampler:
    """Draws fixed held-back faces with a voice of each emotion, and measures how much the voices differ."""

    def __init__(self, change: Callable, folder: Path, faces: Faces, attributes: Attributes, count: int = 4):
        self._change, self._folder = change, folder
        emotions = sorted(set(attributes.emotion.tolist()))
        self._names = ["source"] + [FACE_EMOTIONS[e] for e in emotions]
        self._faces = faces.where(np.linspace(0, len(faces) - 1, min(count, len(faces))).astype(int))
        self._z = np.stack([attributes.z[np.flatnonzero(attributes.emotion == e)[0]] for e in emotions])

    def draw(self, step: int) -> dict[str, float]:
        """Writes samples/STEP.png; returns {"voice_grey_levels": mean difference of faces with two voices}."""
        from vfgan.figures.plots import face_grid
        from vfgan.media.images import write_image

        rows, effect = [], []
        for pixels in self._faces.pixels:
            made = self._change(np.repeat(pixels[None], len(self._z), axis=0), self._z)
            effect.append(np.abs(made[1:].astype(float) - made[:-1]).mean())
            rows.append([pixels, *made])
        write_image(self._folder / f"{step:06d}.png", face_grid(rows, self._names), comment="synthetic faces by vfgan")
        return {"voice_grey_levels": float(np.mean(effect))}


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


def watched_voices(attributes: Attributes) -> WatchedVoices:
    """A few voices of each emotion, spread evenly over all of them."""
    chosen = []
    for emotion in np.unique(attributes.emotion):
        members = np.flatnonzero(attributes.emotion == emotion)
        chosen.append(members[np.linspace(0, len(members) - 1, _VOICES_OF_AN_EMOTION).astype(int)])
    chosen = np.concatenate(chosen)
    return WatchedVoices(attributes.z[chosen], attributes.emotion[chosen])


def draw_curves(run: Path, step: int, scores: dict[str, float]) -> None:
    """Draws the monitor's scores over the steps with standard errors, in curves.png and TensorBoard.

    Args:
        run: folder of the run; its log.csv holds the scores before this step.
        scores: scores of this step.
    """
    import tensorflow as tf

    from vfgan.figures.plots import new_figure, save_figure

    rows = []
    if (run / "log.csv").exists():
        with open(run / "log.csv", newline="", encoding="utf-8") as file:
            rows = [row for row in csv.DictReader(file) if int(row["step"]) < step and row.get("monitor")]
    rows.append({"step": step} | scores)
    figure, axes = new_figure(11, 5.5, 2, 2)
    for axis, name in zip(axes.flat, CURVES):
        steps, values, errors = (
            np.array([float(row[column]) for row in rows]) for column in ("step", name, f"{name}_error")
        )
        # rows of the log repeat the last scores until there are new ones
        new = np.concatenate([[True], np.diff(values) != 0])
        axis.errorbar(steps[new], values[new], errors[new], capsize=3)
        axis.set_title(name)
        axis.set_xlabel("step")
    best = max(rows, key=lambda row: float(row["monitor"]))
    figure.suptitle(f"best so far (voice effect x identity): {float(best['monitor']):.3f} at step {best['step']}")
    save_figure(figure, run / "curves.png")
    with tf.summary.create_file_writer(str(run / "tensorboard")).as_default(step):
        picture = tf.io.decode_png((run / "curves.png").read_bytes(), channels=3)
        tf.summary.image("monitor", picture[None])
