"""An extractor that unlearns its corpora."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from vfgan.models.extractor import build_extractor
from vfgan.models.forgetting import Forgetting

RANDOM = np.random.default_rng(4)
WINDOWS = RANDOM.normal(size=(12, 16, 8, 3)).astype(np.float32)
EMOTIONS = np.eye(8, dtype=np.float32)[RANDOM.integers(0, 8, 12)]
CORPORA = np.eye(3, dtype=np.float32)[np.arange(12) % 3]


def small_extractor():
    return build_extractor(16, widths=(4, 4, 4, 4), dense=8, z_size=4, bands=8, dropout=0.0)


def gradients(share, weight_of_corpora=1.0):
    """Of the attribute layer and of the classifier's first one."""
    keras.utils.set_random_seed(7)
    extractor = small_extractor()
    model = Forgetting(extractor, 3, share)
    model.compile(keras.optimizers.SGD(0.0), 0.0)
    with tf.GradientTape() as tape:
        loss = model.compute_loss(y=np.concatenate([EMOTIONS, weight_of_corpora * CORPORA], 1), y_pred=model(WINDOWS))
    attribute, critic = extractor.attribute.kernel, model.critic.layers[0].kernel
    return [np.asarray(one) for one in tape.gradient(loss, [attribute.value, critic.value])]


def test_the_gradient_of_the_corpora_is_turned_around():
    (none, critic), (some, same), (twice, _) = gradients(0.0), gradients(0.5), gradients(1.0)
    np.testing.assert_allclose(critic, same, rtol=1e-4, atol=1e-7)  # the classifier learns at full rate
    assert np.abs(critic).max() > 1e-3
    np.testing.assert_allclose(twice - none, 2 * (some - none), rtol=1e-3, atol=1e-6)
    assert np.abs(some - none).max() > 1e-4
    alone = none - gradients(0.0, 0.0)[0]  # share 0: corpora do not count for z
    np.testing.assert_allclose(alone, 0, atol=1e-7)


def test_what_is_recognised_are_emotions():
    extractor = small_extractor()
    model = Forgetting(extractor, 3, 0.3)
    model.compile(keras.optimizers.SGD(0.0), 0.1)
    logits = np.asarray(model(WINDOWS))
    assert logits.shape == (12, 8 + 24)
    np.testing.assert_allclose(logits[:, :8], extractor(WINDOWS), atol=1e-6)
    told = model.evaluate(WINDOWS, np.concatenate([EMOTIONS, CORPORA], 1), verbose=0, return_dict=True)
    assert told["recognised"] == pytest.approx((logits[:, :8].argmax(1) == EMOTIONS.argmax(1)).mean())
