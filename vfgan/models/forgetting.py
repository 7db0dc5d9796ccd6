"""An extractor that unlearns which corpus a voice is of, while it learns emotions."""

import keras
import tensorflow as tf
from keras import layers, ops

from vfgan.emotions import EMOTIONS
from vfgan.models.extractor import Extractor
from vfgan.models.losses import MaskedCrossEntropy, recognised

_UNITS, _EMOTIONS = 64, len(EMOTIONS)


class Forgetting(keras.Model):
    """A classifier learns from the attribute layer which corpus a window is of; the extractor gets its gradient turned
    around, times `share` (Ganin et al., 2016: domain-adversarial training).

    The classifier has an answer for each emotion, and that of the window's own is asked for: corpora differ in which
    emotions they have, and what is forgotten is not to be the emotion (conditional; Long et al., 2018). It learns at
    full rate. Only the extractor is kept after the training.

    Args:
        extractor: learns both.
        corpora: how many there are.
        share: of the gradient that is turned around.
    Input:
        float32 [batch, window_frames, bands, 3].
    Output:
        float32 [batch, 8 + 8 corpora]: logits of emotions, and of corpora for each emotion.
    """

    def __init__(self, extractor: Extractor, corpora: int, share: float):
        super().__init__()
        self.extractor, self.corpora, self.share = extractor, corpora, share
        self.critic = keras.Sequential(
            [
                layers.Dense(_UNITS, activation="relu", dtype="float32"),
                layers.Dense(_EMOTIONS * corpora, dtype="float32"),
            ],
            name="corpus_critic",
        )  # fmt: skip
        self.critic.build((None, extractor.settings["z_size"]))
        self.built = True

    def call(self, windows, training=False):
        attributes = self.extractor.attributes(windows, training=training)
        corpora = self.critic(_turned_around(attributes, self.share))
        return ops.concatenate([self.extractor.head(attributes), corpora], axis=-1)

    def compile(self, optimizer, smoothing: float, **options) -> None:
        """Keras' compile with the losses of both and the share of windows that are recognised.

        Args:
            smoothing: of the emotions' labels.
        """
        emotions = MaskedCrossEntropy(smoothing)

        def loss(labels, logits):
            """Labels: float32 [batch, 8 + corpora] (`vfgan.data.voice_examples.window_dataset`)."""
            shown, corpus = labels[:, :_EMOTIONS], labels[:, _EMOTIONS:]
            each = ops.reshape(logits[:, _EMOTIONS:], (-1, _EMOTIONS, self.corpora))
            right = ops.cast(shown > 0.5, "float32")
            right /= ops.sum(right, axis=1, keepdims=True)
            guessed = ops.sum(each * right[..., None], axis=1)
            found = keras.losses.categorical_crossentropy(corpus, guessed, from_logits=True)
            return emotions.call(shown, logits[:, :_EMOTIONS]) + found

        def of_emotions(labels, logits):
            return recognised(labels[:, :_EMOTIONS], logits[:, :_EMOTIONS])

        of_emotions.__name__ = "recognised"
        super().compile(optimizer, loss, metrics=[of_emotions], **options)


def _turned_around(values, share: float):
    @tf.custom_gradient
    def same(values):
        return tf.identity(values), lambda gradient: -share * gradient

    return same(values)
