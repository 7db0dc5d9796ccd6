"""The voice-conditioned CycleGAN.

symbol   attribute   equation
x, y                 source face; face that shows an emotion
z, z'                voice attribute that fits y; one of another emotion
G        g           G(x, z) -> y
F        f           F(y) -> x
D_X      d_x         D_X(x): a real source face?
D_Y      d_y         D_Y(y, z): a real face, and does the voice fit it?
phi      phi         penultimate features of the pre-trained emotion CNN, frozen
C        critic      C(y): which emotion, or generated? phi and what follows it, going on to learn
"""

import keras
import tensorflow as tf
from keras import ops

from vfgan.face.pixels import fade_mask
from vfgan.models import losses
from vfgan.models.augment import augment_faces
from vfgan.models.gradients import gradients
from vfgan.models.image_pool import PER_REPLICA, ImagePool
from vfgan.models.running_average import RunningAverage

GENERATOR_TERMS = ("g_adversarial", "f_adversarial", "cycle_x", "cycle_y", "verification")
DISCRIMINATOR_TERMS = ("d_y", "d_y_wrong_voice", "d_x", "r1", "critic")


def term_weights(lambda_cycle: float, verification_ratio: float, r1_penalty: float) -> dict[str, float]:
    """The weight of each term of both objectives; a term of weight 0 is not computed."""
    return {
        "g_adversarial": 1.0, "f_adversarial": 1.0, "cycle_x": lambda_cycle, "cycle_y": lambda_cycle,
        "verification": verification_ratio,
        "d_y": 0.5, "d_y_wrong_voice": 0.5, "d_x": 1.0, "r1": r1_penalty, "critic": 1.0,
    }  # fmt: skip


class CycleGan(keras.Model):
    """Four networks, one or two that see emotions, and one training step.

    `vfgan.CycleGan` is this with the configuration's defaults, `adapt`, `compile` and `fit` (`vfgan.learn.cyclegan`).

    Args:
        g: (x, z) -> (y, mask).
        f: (y, z) -> (x, mask); takes z for the sake of one signature and does not use it.
        d_x: (x, z) -> scores; the same.
        d_y: (y, z) -> scores.
        phi: the emotion CNN, or None without verification loss.
        critic: faces -> scores of emotions and of "generated"; for the verification target of that name, else None.
        size_px: width and height of the faces.
        adversarial: key of `losses.ADVERSARIAL`.
        lambda_cycle, verification_ratio, r1_penalty: weights of the terms (`term_weights`).
        verification_target: "face": phi(G(x, z)) is to be phi(y); "emotion": phi's emotion is to be y's;
            "critic": the critic's is to be.
        verification_realness: weight of "not generated" beside the emotion, with the critic.
        verification_schedule: "constant", "rise" or "fall" over `total_steps`.
        total_steps: of the training.
        verification_change, discriminator_change: strength of the augmentation of faces before phi, or a
            discriminator, sees them, 0…1 (the latter as in DiffAugment, Zhao et al., 2020).
        label_smoothing: of the emotions that phi and the critic are to see.
        wrong_voices: D_Y refuses z' with no face ("none"), with "real" ones, or with "both" real ones and fakes;
            "generated": with real ones, and G(x, z') with z' and with z.
        real_smoothing: of the real faces' target.
        oval: discriminators see what is in `vfgan.face.pixels.fade_mask`, grey around it.
        average_decay: of the running average of G's weights that `average.swap` puts in their place; 0: none.
        pool_size: earlier fakes kept for each discriminator.
        seed: of the pools and the augmentation.
    """

    def __init__(
        self,
        *,
        g: keras.Model,
        f: keras.Model,
        d_x: keras.Model,
        d_y: keras.Model,
        phi: keras.Model | None,
        critic: keras.Model | None,
        size_px: int,
        adversarial: str,
        lambda_cycle: float,
        verification_ratio: float,
        verification_target: str,
        verification_realness: float,
        verification_schedule: str,
        total_steps: int,
        verification_change: float,
        label_smoothing: float,
        wrong_voices: str,
        real_smoothing: float,
        r1_penalty: float,
        discriminator_change: float,
        oval: bool,
        average_decay: float,
        pool_size: int,
        seed: int,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.g, self.f, self.d_x, self.d_y, self.phi, self.critic = g, f, d_x, d_y, phi, critic
        if phi is not None:
            phi.trainable = False
        self.discriminator_loss, self.generator_loss = losses.ADVERSARIAL[adversarial]
        self.term_weights = term_weights(lambda_cycle, verification_ratio if phi is not None else 0.0, r1_penalty)
        self.verification_target, self.verification_realness = verification_target, verification_realness
        self.verification_schedule, self.total_steps = verification_schedule, total_steps
        self.verification_change, self.discriminator_change = verification_change, discriminator_change
        self.label_smoothing, self.wrong_voices, self.real_smoothing = label_smoothing, wrong_voices, real_smoothing
        self.oval = fade_mask(size_px)[None, :, :, None] if oval else None
        self.average = RunningAverage(g.trainable_variables if average_decay else [], average_decay)
        self.seed = seed
        # a checkpoint holds the step: a resumed run draws the same
        self.steps = tf.Variable(0, dtype=tf.int64, **PER_REPLICA)
        shape = (size_px, size_px, g.settings["channels"])
        self.pool_x = ImagePool(pool_size, shape, g.settings["z_size"], seed)
        self.pool_y = ImagePool(pool_size, shape, g.settings["z_size"], seed + 1)
        self.built = True
        self.means = {name: keras.metrics.Mean(name=name) for name in GENERATOR_TERMS + DISCRIMINATOR_TERMS}

    def compile(self, generator_optimizer, discriminator_optimizer, **options):
        """Two optimizers: one for G and F, one for all that judges them; options as of Keras, such as run_eagerly."""
        super().compile(optimizer=None, **options)
        self.generator_optimizer, self.discriminator_optimizer = generator_optimizer, discriminator_optimizer
        generator_optimizer.build(self.painting_variables)
        discriminator_optimizer.build(self.discriminator_variables)

    @property
    def painting_variables(self) -> list:
        """What the first update of a step moves."""
        return self.g.trainable_variables + self.f.trainable_variables

    @property
    def networks(self) -> dict[str, keras.Model]:
        """What learns, by its letter in the papers."""
        networks = {"G": self.g, "F": self.f, "D_X": self.d_x, "D_Y": self.d_y}
        return networks if self.critic is None else networks | {"C": self.critic}

    @property
    def discriminator_variables(self) -> list:
        """What the second update of a step moves."""
        networks = [network for name, network in self.networks.items() if name not in ("G", "F")]
        return [variable for network in networks for variable in network.trainable_variables]

    @property
    def own_variables(self) -> list[tf.Variable]:
        """What is no weight of a network, but goes on with the training: steps, running average, pools."""
        pools = [pool for pool in (self.pool_x, self.pool_y) if pool.size]
        pooled = [variable for pool in pools for variable in (pool.faces, pool.z, pool.steps, pool.filled)]
        return [self.steps, *self.average.values, *pooled]

    @property
    def metrics(self):
        return list(self.means.values())

    def call(self, inputs, training=False):
        """G(x, z) of [x, z]."""
        return self.g(inputs, training=training)[0]

    def train_step(self, batch):
        """One update of G and F, then one of D_X, D_Y and the critic.

        Args:
            batch: x, y float32 [batch, size, size, channels], -1…1; z, z_wrong float32 [batch, z_size]; label float32
                [batch, emotions], y's emotion, where the verification's target is that. Other keys are ignored.
        """
        x, y, z, z_wrong = batch["x"], batch["y"], batch["z"], batch["z_wrong"]
        with tf.GradientTape() as tape:
            fake_y, _ = self.g([x, z], training=True)
            fake_x, _ = self.f([y, z], training=True)
            terms = self.generator_terms(x, y, z, fake_x, fake_y, batch.get("label"))
            loss = self.generator_optimizer.scale_loss(sum(terms.values())) / _replicas()
        variables = self.painting_variables
        self.generator_optimizer.apply(gradients(tape, loss, variables), variables)
        self.average.update(self.steps)

        pooled_y, pooled_z = self.pool_y.exchange(tf.stop_gradient(fake_y), z)
        pooled_x, _ = self.pool_x.exchange(tf.stop_gradient(fake_x), z)

        def judging_terms():
            return self.discriminator_terms(x, y, z, z_wrong, pooled_x, pooled_y, pooled_z, batch.get("label"))

        return self._counted(
            terms | self._learn(judging_terms, self.discriminator_variables, self.discriminator_optimizer)
        )

    def _learn(self, terms_of, variables, optimizer) -> dict:
        """One update by some terms, each with its weight: () -> {name: loss}."""
        with tf.GradientTape() as tape:
            terms = terms_of()
            loss = optimizer.scale_loss(sum(terms.values())) / _replicas()
        optimizer.apply(gradients(tape, loss, variables), variables)
        return terms

    def _counted(self, terms: dict) -> dict:
        """Counts the step; the running means of all terms."""
        self.steps.assign_add(1)
        return self._told(terms)

    def test_step(self, batch):
        """The terms of both objectives for a batch as of `train_step`; nothing learns."""
        return self._told(self.test_terms(batch))

    def test_terms(self, batch) -> dict:
        """Every term of both objectives, each with its weight."""
        x, y, z, label = batch["x"], batch["y"], batch["z"], batch.get("label")
        fake_y, fake_x = self.g([x, z])[0], self.f([y, z])[0]
        d_terms = self.discriminator_terms(x, y, z, batch["z_wrong"], fake_x, fake_y, z, label, training=False)
        return self.generator_terms(x, y, z, fake_x, fake_y, label) | d_terms

    def _told(self, terms: dict) -> dict:
        """The running means of all terms so far."""
        for name, value in terms.items():
            self.means[name].update_state(value)
        return {name: mean.result() for name, mean in self.means.items()}

    def generator_terms(self, x, y, z, fake_x, fake_y, label=None) -> dict:
        """The generators' objective, term by term, each with its weight."""
        weights = self.term_weights
        terms = {
            # training=False: spectral normalisation must not move D's weights here
            "g_adversarial": self.generator_loss(self.d_y([self._shown(fake_y), z], training=False)),
            "f_adversarial": self.generator_loss(self.d_x([self._shown(fake_x), z], training=False)),
        }
        if weights["cycle_x"]:
            terms["cycle_x"] = losses.cycle_consistency(x, self.f([fake_y, z], training=True)[0])
            terms["cycle_y"] = losses.cycle_consistency(y, self.g([fake_x, z], training=True)[0])
        if weights["verification"]:
            terms["verification"] = self._schedule() * self._verification(fake_y, y, label)
        return self._weighted(terms, GENERATOR_TERMS)

    def _weighted(self, terms: dict, names: tuple[str, ...]) -> dict:
        """Every term times its weight; those that were not computed are 0. Their sum is what is minimised."""
        return {name: self.term_weights[name] * terms[name] if name in terms else ops.zeros(()) for name in names}

    def _verification(self, fake_y, y, label):
        """Whether the emotion CNN, or the critic, sees in G(x, z) what it is to see."""
        if self.verification_target == "face":
            fake_y, y = self._augmented(fake_y, y)
            return losses.verification(self.phi.features(fake_y), self.phi.features(y))
        (fake_y,) = self._augmented(fake_y)
        if self.critic is None:
            return losses.emotion_cross_entropy(self.phi(fake_y, training=False), label, self.label_smoothing)
        scores = self.critic(fake_y, training=False)
        emotion = losses.emotion_cross_entropy(scores[:, :-1], label, self.label_smoothing)
        return emotion + self.verification_realness * losses.not_generated(scores)

    def _schedule(self):
        """The share of the verification loss's weight in this step."""
        share = tf.minimum(1.0, tf.cast(self.steps, tf.float32) / self.total_steps)
        return {"constant": 1.0, "rise": share, "fall": 1.0 - share}[self.verification_schedule]

    def cut_out(self, faces):
        """What discriminators are to see of faces."""
        return faces if self.oval is None else faces * self.oval

    def _shown(self, faces):
        """Faces as a discriminator sees them: cut out, then changed at random, real ones and fakes alike."""
        faces = self.cut_out(faces)
        if not self.discriminator_change:
            return faces
        seed = tf.stack([tf.constant(self.seed + 1, tf.int64), self.steps])
        return augment_faces(faces, seed, self.discriminator_change, _part())

    def _augmented(self, *batches):
        """Batches as the emotion CNN sees them: augmented at random, all in the same way."""
        if not self.verification_change:
            return batches
        seed = tf.stack([tf.constant(self.seed, tf.int64), self.steps])
        return [augment_faces(faces, seed, self.verification_change, _part()) for faces in batches]

    def discriminator_terms(self, x, y, z, z_wrong, fake_x, fake_y, fake_z, label=None, training=True) -> dict:
        """The discriminators' objective: D_Y learns that a fake is fake, and that a wrong voice is as bad."""
        shown_x, shown_y, shown_fake_x, shown_fake_y = (self._shown(faces) for faces in (x, y, fake_x, fake_y))
        pairs = [(shown_y, z), (shown_fake_y, fake_z)]
        pairs += [] if self.wrong_voices == "none" else [(shown_y, z_wrong)]
        pairs += [(shown_fake_y, z_wrong)] if self.wrong_voices == "both" else []
        if self.wrong_voices == "generated":
            shown_wrong = self._shown(tf.stop_gradient(self.g([x, z_wrong], training=True)[0]))
            pairs += [(shown_wrong, z_wrong), (shown_wrong, z)]
        faces, voices = (ops.concatenate(column) for column in zip(*pairs))
        real, fake, *wrong = ops.split(self.d_y([faces, voices], training=training), len(pairs))
        scores_x = self.d_x([ops.concatenate([shown_x, shown_fake_x]), ops.concatenate([z, z])], training=training)
        terms = {
            "d_y": self.discriminator_loss(real, fake, self.real_smoothing),
            "d_x": self.discriminator_loss(*ops.split(scores_x, 2), self.real_smoothing),
        }
        if wrong:
            terms["d_y_wrong_voice"] = self.discriminator_loss(real, ops.concatenate(wrong), self.real_smoothing)
        if self.term_weights["r1"]:
            terms["r1"] = self._steepness(self.d_y, shown_y, z) + self._steepness(self.d_x, shown_x, z)
        if self.critic is not None and label is not None:
            scores = self.critic(ops.concatenate(self._augmented(y, fake_y)))
            terms["critic"] = losses.critic(*ops.split(scores, 2), label, self.label_smoothing)
        return self._weighted(terms, DISCRIMINATOR_TERMS)

    def _steepness(self, discriminator, faces, z):
        """R1 of one discriminator at real faces."""
        with tf.GradientTape() as tape:
            tape.watch(faces)
            scores = discriminator([faces, z], training=False)  # spectral normalisation has moved in this step
            total = ops.sum(ops.mean(scores, axis=(1, 2, 3)))
        return losses.r1_penalty(*gradients(tape, total, [faces]))


def _replicas() -> float:
    """Gradients are summed over replicas; a mean over the whole batch wants each divided by their number."""
    return float(tf.distribute.get_strategy().num_replicas_in_sync)


def _part() -> tuple:
    """Which part of the batch this replica has, and of how many."""
    context = tf.distribute.get_replica_context()
    return context.replica_id_in_sync_group, context.num_replicas_in_sync
