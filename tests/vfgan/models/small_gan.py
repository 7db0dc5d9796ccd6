"""A small CycleGAN and a batch, for tests of its step."""

import keras
import numpy as np
import tensorflow as tf

from vfgan.config.gan import GanConfig
from vfgan.config.training import TrainConfig
from vfgan.models.build import make_cyclegan
from vfgan.models.face_classifier import build_face_classifier

SMALL = {
    "size_px": 32,
    "filters": 4,
    "blocks": 1,
    "discriminator_filters": 4,
    "discriminator_layers": 2,
    "pool_size": 3,
    "verification_change": 0.0,
    "verification_target": "face",
    "adversarial": "least-squares",
    "oval": False,
}


def make_gan(*, generator_rate=0.1, discriminator_rate=0.1, phi=True, **changes):
    keras.utils.set_random_seed(4)
    config = GanConfig.of(**(SMALL | changes), train=TrainConfig(steps=9, batch_size=2))
    gan = make_cyclegan(config, 3, build_face_classifier(32, width=4, features=8) if phi else None)
    random = np.random.default_rng(6)
    for generator in (gan.g, gan.f):  # they begin as the identity, where most weights have no gradient
        generator.picture.kernel.assign(0.1 * random.normal(size=generator.picture.kernel.shape))
    gan.compile(keras.optimizers.SGD(generator_rate), keras.optimizers.SGD(discriminator_rate))
    return gan


def make_batch(batch=2, seed=1):
    random = np.random.default_rng(seed)
    batch = {
        "x": random.uniform(-1, 1, size=(batch, 32, 32, 1)), "y": random.uniform(-1, 1, size=(batch, 32, 32, 1)),
        "z": random.normal(size=(batch, 3)), "z_wrong": random.normal(size=(batch, 3)),
    }  # fmt: skip
    return {name: tf.constant(value, tf.float32) for name, value in batch.items()}


def networks(gan):
    return {"g": gan.g, "f": gan.f, "d_x": gan.d_x, "d_y": gan.d_y, "phi": gan.phi}


def weights_of(gan):
    return {name: [w.numpy() for w in network.weights] for name, network in networks(gan).items()}


def moved(gan, before):
    """Networks of which a weight has changed."""
    return {
        name for name, network in networks(gan).items()
        if any((weight.numpy() != value).any() for weight, value in zip(network.weights, before[name]))
    }  # fmt: skip


def generator_terms(gan, batch):
    x, y, z = batch["x"], batch["y"], batch["z"]
    return gan.generator_terms(x, y, z, gan.f([y, z])[0], gan.g([x, z])[0])
