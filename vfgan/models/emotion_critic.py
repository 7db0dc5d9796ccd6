"""The emotion critic: an emotion CNN that goes on learning beside the discriminators."""

import keras
from keras import layers, ops

from vfgan.models.face_classifier import FaceClassifier


@keras.saving.register_keras_serializable("vfgan")
class EmotionCritic(keras.Model):
    """The seven emotions and an eighth class, "generated": the discriminator of semi-supervised GANs (Salimans et al.,
    2016, section 5), begun as the emotion CNN.

    A generator finds what a frozen network takes for a smile without being one; this one has learnt by then that it is
    generated. The running means of the emotion CNN's batch normalisation stay: a batch of a few faces has no good ones.

    Args:
        emotion_cnn: arguments of `vfgan.models.face_classifier.FaceClassifier`.
    Input:
        float32 [batch, size, size, 1], luma, -1…1.
    Output:
        float32 [batch, 8], logits in the order of `vfgan.emotions.FACE_EMOTIONS`, then of "generated".
    """

    def __init__(self, emotion_cnn: dict, **kwargs):
        super().__init__(**kwargs)
        self.settings = {"emotion_cnn": emotion_cnn}
        self.emotions = FaceClassifier(**emotion_cnn)
        self.generated = layers.Dense(1, name="generated")

    def build(self, shape):
        self.emotions.build(shape)
        self.generated.build((None, self.emotions.settings["features"]))

    def call(self, face, training: bool = False):
        features = self.emotions.features(face, training=False)
        return ops.concatenate([self.emotions.head(features), self.generated(features)], axis=-1)

    def get_config(self) -> dict:
        return {**super().get_config(), **self.settings}


def build_critic(size_px: int, phi: FaceClassifier) -> EmotionCritic:
    """A critic that sees emotions as phi does, and does not know yet what is generated."""
    critic = EmotionCritic(phi.settings)
    critic(ops.zeros((1, size_px, size_px, 1)))
    critic.emotions.set_weights(phi.get_weights())
    return critic
