"""The CycleGAN whose generators bend faces, as a whole Keras model."""

import keras

from vfgan.config.presets import PresetName
from vfgan.data.gan_material import GanMaterial
from vfgan.emotions import FACE_EMOTIONS
from vfgan.learn.calibrate import calibrate
from vfgan.learn.cyclegan import CycleGan
from vfgan.learn.fitting import Shape
from vfgan.models import motion_gan as steps


@keras.saving.register_keras_serializable("vfgan.learn")
class MotionGan(CycleGan, steps.MotionGan):
    """A CycleGAN that bends faces by their landmarks and paints the rest; arguments as of `vfgan.CycleGan`.

    It learns in stages (`vfgan.models.motion_gan`): `motion=MotionConfig(flow_steps=…, paint_steps=…)`. `fit` goes from
    one to the next.

    Inputs:
        [x float32 [batch, size, size, 3], RGB, -1…1, z float32 [batch, z_size]].
    Output:
        float32 [batch, size, size, 3], -1…1.
    """

    bends = True

    def __init__(self, extractor=None, emotion_cnn=None, *, preset: PresetName = "anyone", **options):
        super().__init__(extractor, emotion_cnn, preset=preset, **options)
        self.stage = self.stage_of(0)

    def train_step(self, batch, stage: str | None = None):
        """One step of the stage that `fit` has come to, or of another."""
        return super().train_step(batch, stage or self.stage)

    def _adapt(self, material: GanMaterial, origin: dict) -> None:
        """The first time it also takes the shapes of faces, and how they move."""
        if self.origin is None:
            material.measure(self)
            material.measure_voices(self)
        super()._adapt(material, origin)

    def _own_callbacks(self, material: GanMaterial | None) -> tuple[list, list]:
        return [_StageTeller()], [_Calibration(material)] if material else []

    def _shapes(self) -> dict[str, Shape]:
        face, points = super()._shapes()["x"], (None, 468, 2)
        labels = dict.fromkeys(("label", "other_label"), (None, len(FACE_EMOTIONS)))
        return super()._shapes() | labels | {"other": face} | dict.fromkeys(("x_points", "y_points", "moved"), points)


class _StageTeller(keras.callbacks.Callback):
    """Goes from one stage to the next: each has a graph of its own."""

    def on_train_batch_begin(self, batch, logs=None):
        stage = self.model.stage_of(int(self.model.steps))
        if stage != self.model.stage:
            self.model.stage = stage
            self.model.make_train_function(force=True)


class _Calibration(keras.callbacks.Callback):
    """At the end faces move as far as real ones; while it learns, by the mean displacements as they are."""

    def __init__(self, material: GanMaterial):
        super().__init__()
        self._material = material

    def on_train_begin(self, logs=None):
        self.model.g.measure_motion(self._material.emotion_displacements())

    def on_train_end(self, logs=None):
        self.model.average.swap()  # which is exported
        calibrate(self.model, self._material)
        self.model.average.swap()
