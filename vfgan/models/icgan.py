"""IcGAN (Perarnau, van de Weijer, Raducanu & Álvarez, 2016): a conditional DCGAN and two encoders, for comparison.

symbol   attribute             equation
n        -                     noise, normal
G        g.decode              G(n, z) -> y, a conditional DCGAN (Radford et al., 2016; Mirza & Osindero, 2014)
E_z      g.encode              E_z(y) -> n, learnt on generated faces
E_y      g.encode_attribute    E_y(y) -> z, learnt on real faces
D        d_y                   D(y, z): a real face, and does the voice fit it?

A face x is changed to fit a voice by G(E_z(x), z). The authors train the encoders after G; here they learn beside it,
which changes nothing but the first steps, since no gradient goes from them to G.
"""

import keras
import tensorflow as tf
from keras import layers, ops

from vfgan.layers.condition import concatenate_z
from vfgan.models.cyclegan import CycleGan, _part, _replicas
from vfgan.models.gradients import gradients

#: Numbers of the noise, and halvings of the picture, as in DCGAN.
CODE, HALVINGS = 100, 4
_TERMS = ("g_adversarial", "code", "attribute", "d_y", "d_y_wrong_voice")


@keras.saving.register_keras_serializable("vfgan")
class IcGenerator(keras.Model):
    """(x, z) -> G(E_z(x), z).

    Args:
        size_px: width and height of the faces.
        filters: of the last stage before the picture; doubled at each before it.
        channels: of a face (1: luma).
        z_size: numbers of z.
    Inputs:
        [face float32 [batch, size, size, channels], -1…1, z float32 [batch, z_size]].
    Output:
        (face float32 of the input's shape, -1…1; mask float32 [batch, size, size, 1], all 1).
    """

    def __init__(self, size_px: int, filters: int, channels: int, z_size: int, **kwargs):
        super().__init__(**kwargs)
        self.settings = {
            "size_px": size_px, "filters": filters, "channels": channels, "z_size": z_size, "condition": "input",
        }  # fmt: skip
        widths = [filters * 2**index for index in reversed(range(HALVINGS))]
        start = size_px // 2**HALVINGS
        self.decoder = keras.Sequential(
            [
                layers.Dense(start * start * widths[0], use_bias=False), layers.Reshape((start, start, widths[0])),
                layers.BatchNormalization(), layers.ReLU(),
                *_each(_grow(width) for width in widths[1:]),
                layers.Conv2DTranspose(channels, 4, 2, padding="same", activation="tanh", dtype="float32"),
            ],
            name="decoder",
        )  # fmt: skip
        self.encoder = _encoder(filters, CODE, "encoder")
        self.attribute_encoder = _encoder(filters, z_size, "attribute_encoder")

    def build(self, shapes):
        face, z = shapes
        self.decoder.build((None, CODE + z[-1]))
        self.encoder.build(face)
        self.attribute_encoder.build(face)

    def decode(self, noise, z, training: bool = False):
        """G: float32 [batch, CODE] and [batch, z_size] -> [batch, size, size, channels]."""
        return self.decoder(ops.concatenate([noise, z], axis=-1), training=training)

    def encode(self, face, training: bool = False):
        """E_z: float32 [batch, CODE]."""
        return self.encoder(face, training=training)

    def encode_attribute(self, face, training: bool = False):
        """E_y: float32 [batch, z_size]."""
        return self.attribute_encoder(face, training=training)

    def call(self, inputs, training: bool = False):
        face, z = inputs
        made = self.decode(self.encode(face, training=training), z, training=training)
        return made, ops.ones_like(made[..., :1])

    def reconstruct(self, face):
        """G(E_z(y), E_y(y))."""
        return self.decode(self.encode(face), self.encode_attribute(face))

    def get_config(self) -> dict:
        return {**super().get_config(), **{k: v for k, v in self.settings.items() if k != "condition"}}


@keras.saving.register_keras_serializable("vfgan")
class DcganDiscriminator(keras.Model):
    """D: (y, z) -> one score a face; z joins behind the first convolution, where IcGAN's authors found it best.

    Args:
        filters: of the first stage; doubled at each.
    """

    def __init__(self, filters: int, **kwargs):
        super().__init__(**kwargs)
        self.filters = filters
        self.first = keras.Sequential([layers.Conv2D(filters, 4, 2, padding="same"), layers.LeakyReLU(0.2)])
        stages = ((layers.Conv2D(filters * 2**index, 4, 2, padding="same", use_bias=False),
                   layers.BatchNormalization(), layers.LeakyReLU(0.2)) for index in range(1, HALVINGS))  # fmt: skip
        self.rest = keras.Sequential([*_each(stages), layers.Flatten(), layers.Dense(1, dtype="float32")])

    def call(self, inputs, training: bool = False):
        face, z = inputs
        score = self.rest(concatenate_z(self.first(face), z), training=training)
        return score[:, None, None]  # [batch, 1, 1, 1], as a patch discriminator's

    def get_config(self) -> dict:
        return {**super().get_config(), "filters": self.filters}


class IcGan(CycleGan):
    """The training step; arguments as of `CycleGan`, of which there is no F, no D_X, no cycle and no verification."""

    def __init__(self, **settings):
        super().__init__(**settings)
        # what the guard looks at: nothing of their own
        self.f = lambda inputs: (self.g.reconstruct(inputs[0]), None)
        self.d_x = lambda inputs: self.d_y(inputs)
        self.means = {name: keras.metrics.Mean(name=name) for name in _TERMS}

    @property
    def networks(self) -> dict[str, keras.Model]:
        """G with its encoders, and D."""
        return {"G": self.g, "D_Y": self.d_y}

    @property
    def painting_variables(self) -> list:
        """Of G and its encoders."""
        return self.g.trainable_variables

    def train_step(self, batch):
        """One update of G and its encoders, then one of D.

        Args:
            batch: as of `CycleGan.train_step`; x is not used, as in IcGAN.
        """
        y, z, z_wrong = batch["y"], batch["z"], batch["z_wrong"]
        noise = self._noise(ops.shape(z)[0])
        with tf.GradientTape() as tape:
            fake = self.g.decode(noise, z, training=True)
            terms = {
                "g_adversarial": self.generator_loss(self.d_y([self._shown(fake), z], training=True)),
                "code": ops.mean(ops.square(self.g.encode(tf.stop_gradient(fake), training=True) - noise)),
                "attribute": ops.mean(ops.square(self.g.encode_attribute(y, training=True) - z)),
            }
            loss = self.generator_optimizer.scale_loss(sum(terms.values())) / _replicas()
        variables = self.painting_variables
        self.generator_optimizer.apply(gradients(tape, loss, variables), variables)
        self.average.update(self.steps)

        pooled, pooled_z = self.pool_y.exchange(tf.stop_gradient(fake), z)

        def judging_terms():
            return self._judging_terms(self._shown(y), z, z_wrong, self._shown(pooled), pooled_z)

        return self._counted(
            terms | self._learn(judging_terms, self.discriminator_variables, self.discriminator_optimizer)
        )

    def _judging_terms(self, y, z, z_wrong, fake, fake_z) -> dict:
        """D learns that a fake is fake, and that a wrong voice is as bad (Reed et al., 2016)."""
        real, false = (self.d_y(pair, training=True) for pair in ([y, z], [fake, fake_z]))
        terms = {"d_y": 0.5 * self.discriminator_loss(real, false, self.real_smoothing)}
        if self.wrong_voices != "none":
            wrong = self.d_y([y, z_wrong], training=True)
            terms["d_y_wrong_voice"] = 0.5 * self.discriminator_loss(real, wrong, self.real_smoothing)
        return terms

    def _noise(self, count):
        """Of this step: float32 [batch, CODE]; replicas draw what one alone would draw."""
        which, parts = _part()
        seed = tf.stack([tf.constant(self.seed + 2, tf.int64), self.steps])
        return tf.random.stateless_normal([parts, count, CODE], seed)[which]


def build_icgan_networks(size_px: int, filters: int, discriminator_filters: int, channels: int, z_size: int) -> tuple:
    """G with its encoders, and D, with all their weights made."""
    generator = IcGenerator(size_px, filters, channels, z_size)
    discriminator = DcganDiscriminator(discriminator_filters)
    face, z = ops.zeros((1, size_px, size_px, channels)), ops.zeros((1, z_size))
    generator([face, z])
    discriminator([face, z])
    return generator, discriminator


def _encoder(filters: int, size: int, name: str) -> keras.Sequential:
    """Four convolutions and two dense layers, as in IcGAN."""
    stages = ((layers.Conv2D(filters * 2**index, 5, 2, padding="same", use_bias=False),
               layers.BatchNormalization(), layers.ReLU()) for index in range(HALVINGS))  # fmt: skip
    dense = [layers.Flatten(), layers.Dense(4 * CODE, use_bias=False), layers.BatchNormalization(), layers.ReLU()]
    return keras.Sequential([*_each(stages), *dense, layers.Dense(size, dtype="float32")], name=name)


def _grow(filters: int) -> tuple[keras.Layer, ...]:
    """Twice the size."""
    grown = layers.Conv2DTranspose(filters, 4, 2, padding="same", use_bias=False)
    return grown, layers.BatchNormalization(), layers.ReLU()


def _each(stages) -> list[keras.Layer]:
    return [layer for stage in stages for layer in stage]
