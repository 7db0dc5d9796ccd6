"""The CycleGAN whose generators bend faces: landmarks first, paint second, the paper's losses last.

stage     what learns                     from what
flow      landmarks and muscles of G, F   where real people's landmarks are, and go
paint     what G and F paint              what is seen between real people's lips
all       everything                      both, and adversarial loss, cycle and verification, small; these move what
                                          paints alone, since pixels pull a flow to 0
"""

import keras
import tensorflow as tf
from keras import ops

from vfgan.config.gan import MotionConfig
from vfgan.face.pixels import luma
from vfgan.models import losses
from vfgan.models.cyclegan import CycleGan, _replicas
from vfgan.models.gradients import gradients

MOTION_TERMS = ("landmarks", "displacement", "back", "voice", "interior")


class MotionGan(CycleGan):
    """See above; arguments as of `CycleGan`, and the weights and stages of `motion`."""

    def __init__(self, *, motion: MotionConfig, seen_px: int, **settings):
        super().__init__(lambda_cycle=motion.cycle, verification_ratio=motion.verification, **settings)
        self.term_weights |= {"g_adversarial": motion.realness, "f_adversarial": motion.realness}
        self.plan, self.seen_px = motion, seen_px
        self.means |= {name: keras.metrics.Mean(name=name) for name in MOTION_TERMS}

    def compile(self, generator_optimizer, discriminator_optimizer, bending_optimizer, **options):
        """Three optimizers: for what paints, what judges, and what bends."""
        super().compile(generator_optimizer, discriminator_optimizer, **options)
        self.bending_optimizer = bending_optimizer
        bending_optimizer.build(self.bending_variables)
        self.built = True

    @property
    def bending_variables(self) -> list:
        """Of both generators."""
        return self.g.bending_variables + self.f.bending_variables

    @property
    def painting_variables(self) -> list:
        """Of both generators."""
        return self.g.painting_variables + self.f.painting_variables

    def stage_of(self, step: int) -> str:
        """Which stage the step that follows so many finished ones is in."""
        if step < self.plan.flow_steps:
            return "flow"
        return "paint" if step < self.plan.flow_steps + self.plan.paint_steps else "all"

    def train_step(self, batch, stage: str = "all"):
        """One step of a stage.

        Args:
            batch: see `vfgan.data.motion_examples.motion_dataset`.
        """
        terms = {}
        if stage in ("flow", "all"):
            terms |= self._learn(lambda: self.bending_terms(batch), self.bending_variables, self.bending_optimizer)
        if stage == "paint":
            terms |= self._learn(lambda: self.painting_terms(batch), self.painting_variables, self.generator_optimizer)
        if stage == "all":
            terms |= self._compete(batch)
        self.average.update(self.steps)
        return self._counted(terms)

    def test_terms(self, batch) -> dict:
        """Those of all stages."""
        return super().test_terms(batch) | self.bending_terms(batch) | self.painting_terms(batch)

    def bending_terms(self, batch) -> dict:
        """Landmarks found and moved, against those of real faces; each with its weight."""
        there = self.g.motion(batch["x"], batch["z"], at_rest=True)
        back = self.f.motion(batch["y"], batch["z"])
        other = [network.motion(batch["other"], batch["z"]).landmarks for network in (self.g, self.f)]
        _, heard = self.g.muscles.heard(batch["voice_z"])
        heard, label = (ops.reshape(one, (-1, heard.shape[-1])) for one in (heard, batch["voice_label"]))
        found = [(there.landmarks, "x_points"), (back.landmarks, "y_points")] + [(one, "other_points") for one in other]
        return {
            "landmarks": sum(losses.landmark_distance(points, batch[name]) for points, name in found),
            "displacement": 4.0 * losses.landmark_distance(there.moved - there.landmarks, batch["moved"]),
            "back": 4.0 * losses.landmark_distance(back.moved - back.landmarks, batch["y_rest"] - batch["y_points"]),
            "voice": self.plan.voice * losses.emotion_cross_entropy(heard, label, self.label_smoothing),
        }

    def painting_terms(self, batch) -> dict:
        """What is painted between the lips of real faces, against what is seen there; with its weight."""
        labels = {"y": batch["label"], "other": batch["other_label"]}
        faces = [(batch[name], batch[f"{name}_points"], label[:, 1:]) for name, label in labels.items()]
        return {"interior": sum(network.paint.distance(*face) for network in (self.g, self.f) for face in faces)}

    def _compete(self, batch) -> dict:
        """The last stage's updates of what paints and what judges: the paper's losses, beside the interior's."""
        x, y, z, z_wrong, label = (batch[name] for name in ("x", "y", "z", "z_wrong", "label"))
        with tf.GradientTape() as tape:
            fake_y, fake_x = self.g([x, z])[0], self.f([y, z])[0]
            terms = self.generator_terms(x, y, z, fake_x, fake_y, label) | self.painting_terms(batch)
            loss = self.generator_optimizer.scale_loss(sum(terms.values())) / _replicas()
        variables = self.painting_variables
        self.generator_optimizer.apply(gradients(tape, loss, variables), variables)
        pooled_y, pooled_z = self.pool_y.exchange(tf.stop_gradient(fake_y), z)
        pooled_x, _ = self.pool_x.exchange(tf.stop_gradient(fake_x), z)

        def judging_terms():
            return self.discriminator_terms(x, y, z, z_wrong, pooled_x, pooled_y, pooled_z, label)

        return terms | self._learn(judging_terms, self.discriminator_variables, self.discriminator_optimizer)

    def _augmented(self, *batches):
        """As the emotion CNN sees them: luma, at its own size."""
        return [seen(faces, self.seen_px) for faces in super()._augmented(*batches)]


def seen(faces, size_px: int):
    """Colour faces as the emotion CNN sees them: luma, averaged down: float32 [batch, size_px, size_px, 1]."""
    faces = luma(faces) if faces.shape[-1] == 3 else faces
    return ops.average_pool(faces, faces.shape[1] // size_px) if faces.shape[1] > size_px else faces
