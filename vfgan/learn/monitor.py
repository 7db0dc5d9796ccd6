"""Watches a CycleGAN in training: sample pictures, the monitor's scores, and their curves."""

import csv
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np

from vfgan.data.attributes import Attributes
from vfgan.data.face_set import Faces
from vfgan.data.split import Pairs
from vfgan.emotions import FACE_EMOTIONS
from vfgan.errors import ConfigError
from vfgan.evaluation.monitor import MonitorScores, WatchedVoices
from vfgan.face.pixels import as_seen, from_pm1, pm1
from vfgan.models.cyclegan import CycleGan
from vfgan.models.face_classifier import FaceClassifier, classify_faces

#: Scores of the monitor that are drawn as curves.
CURVES = ("agreement", "voice_effect", "identity", "frechet")
_VOICES_OF_AN_EMOTION = 2


class Monitor(keras.callbacks.Callback):
    """At the end of each epoch: the scores of `vfgan.evaluation.monitor`, FOLDER/samples/STEP.png, FOLDER/curves.png.

        monitor = vfgan.Monitor(data.validation.pairs(8), "runs/mine")
        best = keras.callbacks.ModelCheckpoint("best.keras", monitor="monitor", mode="max", save_best_only=True)
        gan.fit(data.train.pairs(8), epochs=20, callbacks=[monitor, best])

    The scores join the epoch's logs; put it before callbacks that use them. Without an emotion CNN there are only
    pictures and `voice_grey_levels`.

    Args:
        pairs: held-back faces, and voices that are to be seen in them; for `fit`.
        folder: to write to.
    """

    def __init__(self, pairs: Pairs | None = None, folder: str | Path = "."):
        super().__init__()
        self.pairs, self._folder = pairs, Path(folder)
        self._sampler: Sampler | None = None
        self._scores: MonitorScores | None = None
        self._rows: list[dict] = []

    def watch(
        self, model: CycleGan, sources: Faces, real: Faces, attributes: Attributes, emotion_cnn: FaceClassifier | None,
        *, seen_px: int, seed: int,
    ) -> "Monitor":  # fmt: skip
        """Says what is watched; `CycleGan.fit` does so itself.

        Args:
            model: the CycleGAN.
            sources: held-back faces X.
            real: held-back faces that show their emotion.
            attributes: voices.
            emotion_cnn: what sees the emotions.
            seen_px: width and height of faces as it sees them.
            seed: of what is drawn.
        """
        self.set_model(model)
        self._sampler = Sampler(self._change, self._folder / "samples", sources, attributes)
        if emotion_cnn is not None:
            self._scores = MonitorScores(
                self._change,
                lambda pixels: classify_faces(emotion_cnn, as_seen(pixels, seen_px)),
                sources,
                real,
                watched_voices(attributes),
                seed=seed,
            )
        return self

    def on_train_begin(self, logs=None):
        if self._sampler is None:
            kind = type(self.model).__name__
            raise ConfigError(f"vfgan.Monitor: expected Monitor(data.validation.pairs(8), FOLDER) in the fit of a "
                              f"vfgan.CycleGan, got {kind}")  # fmt: skip

    def on_epoch_end(self, epoch, logs=None):
        scores = self.look(int(self.model.steps))
        if logs is not None:
            logs.update(scores)

    def look(self, step: int) -> dict[str, float]:
        """Scores the weights that would be exported now.

        Args:
            step: finished steps.
        """
        if self._sampler is None:
            raise ConfigError("vfgan.Monitor: nothing is watched yet")
        self.model.average.swap()
        try:
            scores = self._sampler.draw(step)
            if self._scores:
                scores |= self._scores.scores()
                logged = rows_of_log(self._folder, step)
                draw_curves(self._folder, step, scores, self._rows if logged is None else logged)
        finally:
            self.model.average.swap()
        self._rows.append({"step": step} | scores)
        return scores

    def _change(self, pixels: np.ndarray, z: np.ndarray) -> np.ndarray:
        """Applies G to uint8 faces."""
        parts = []
        for start in range(0, len(pixels), 32):
            part = slice(start, start + 32)
            parts.append(from_pm1(self.model([pm1(pixels[part]), z[part]])))
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
        for pixels in np.asarray(self._faces.pixels):
            made = self._change(np.repeat(pixels[None], len(self._z), axis=0), self._z)
            effect.append(np.abs(made[1:].astype(float) - made[:-1]).mean())
            rows.append([pixels, *made])
        write_image(self._folder / f"{step:06d}.png", face_grid(rows, self._names), comment="synthetic faces by vfgan")
        return {"voice_grey_levels": float(np.mean(effect))}


def watched_voices(attributes: Attributes) -> WatchedVoices:
    """A few voices of each emotion, spread evenly over all of them."""
    chosen = []
    for emotion in np.unique(attributes.emotion):
        members = np.flatnonzero(attributes.emotion == emotion)
        chosen.append(members[np.linspace(0, len(members) - 1, _VOICES_OF_AN_EMOTION).astype(int)])
    chosen = np.concatenate(chosen)
    return WatchedVoices(attributes.z[chosen], attributes.emotion[chosen])


def rows_of_log(run: Path, step: int) -> list[dict] | None:
    """The scores before a step in a run's log.csv; None where there is no log, or one of Keras' by epochs."""
    if not (run / "log.csv").exists():
        return None
    with open(run / "log.csv", newline="", encoding="utf-8") as file:
        rows = csv.DictReader(file)
        if "step" not in (rows.fieldnames or ()):
            return None
        return [row for row in rows if int(row["step"]) < step and row.get("monitor")]


def draw_curves(folder: Path, step: int, scores: dict[str, float], before: list[dict]) -> None:
    """Draws the monitor's scores over the steps with standard errors, in curves.png and TensorBoard.

    Args:
        folder: to write to.
        scores: scores of this step.
        before: of the steps before; also their numbers.
    """
    import tensorflow as tf

    from vfgan.figures.plots import new_figure, save_figure

    rows = [*before, {"step": step} | scores]
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
    save_figure(figure, folder / "curves.png")
    with tf.summary.create_file_writer(str(folder / "tensorboard")).as_default(step):
        picture = tf.io.decode_png((folder / "curves.png").read_bytes(), channels=3)
        tf.summary.image("monitor", picture[None])
