"""The discriminator: a patch network (Isola et al., 2017), conditioned at every stage, and a projection."""

import keras
from keras import layers, ops

from vfgan.config.gan import NetworksConfig, StabilityConfig
from vfgan.config.networks import ExtractorConfig
from vfgan.face.pixels import luma
from vfgan.layers.condition import ConditionedConvolution, concatenate_z
from vfgan.models.face_classifier import FaceClassifier, emotion_features

#: What the emotion CNN has learnt at.
_SEEN_PX = 64


@keras.saving.register_keras_serializable("vfgan")
class Discriminator(keras.Model):
    """D_Y: (y, z) -> real with a fitting voice?, or, unconditional, D_X: x -> real?

    Args:
        filters: of the first stage; doubled at each.
        depth: strided stages.
        condition: "add", "film" or "concat" at every stage, "concat-all": at the last convolution, too, "input":
            concatenated to the picture only, "none".
        spectral: spectral normalisation of every convolution.
        channels: of a face (1: luma).
        z_size: numbers of z.
        emotion_cnn: arguments of `vfgan.models.face_classifier.FaceClassifier`: each patch's score is added to by
            w phi(y) + (V z) phi(y) / sqrt(n), a projection discriminator (Miyato & Koyama, 2018, equation 3), phi its
            n features, which go on learning. None: the patches alone.
    Inputs:
        [face float32 [batch, size, size, channels], -1…1, z float32 [batch, z_size]].
    Output:
        float32 [batch, patches, patches, 1], a score for each patch, without activation.
    """

    def __init__(
        self,
        filters: int = NetworksConfig.discriminator_filters,
        depth: int = NetworksConfig.discriminator_layers,
        condition: str = NetworksConfig.condition,
        spectral: bool = StabilityConfig.spectral_norm,
        channels: int = 1,
        z_size: int = ExtractorConfig.z_size,
        emotion_cnn: dict | None = None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.settings = {
            "filters": filters, "depth": depth, "condition": condition, "spectral": spectral, "channels": channels,
            "z_size": z_size, "emotion_cnn": emotion_cnn,
        }  # fmt: skip
        stage = "concat" if condition == "concat-all" else condition
        self.stages = [
            ConditionedConvolution(
                filters * min(8, 2**index), 4, 2,
                mode=("concat" if index == 0 else "none") if condition == "input" else stage,
                normalise=index > 0, spectral=spectral, activation="leaky_relu", name=f"stage_{index}",
            )
            for index in range(depth)
        ]  # fmt: skip
        last = layers.Conv2D(1, 4, padding="same")
        self.patch = layers.SpectralNormalization(last, dtype="float32") if spectral else last
        if emotion_cnn:
            phi = FaceClassifier(**emotion_cnn)
            self.trunk, self.penultimate = phi.trunk, phi.penultimate
            self.norm, self.real = layers.LayerNormalization(dtype="float32"), layers.Dense(1, dtype="float32")
            self.fitting = layers.Dense(phi.settings["features"], use_bias=False, dtype="float32")

    def call(self, inputs, training=False):
        face, z = inputs
        h = face
        for stage in self.stages:
            h = stage([h, z], training=training)
        if self.settings["condition"] == "concat-all":
            h = concatenate_z(h, z)
        scores = self.patch(h, training=training) if self.settings["spectral"] else self.patch(h)
        scores = ops.cast(scores, "float32")  # whatever the stages compute in
        return scores + self._projection(face, z)[:, None, None] if self.settings["emotion_cnn"] else scores

    def _projection(self, face, z):
        """float32 [batch, 1]; the emotion CNN sees luma of 64 px, or of the face's size where that is less."""
        face = luma(face) if face.shape[-1] == 3 else face
        if face.shape[1] > _SEEN_PX and self.settings["channels"] == 3:
            face = ops.average_pool(face, face.shape[1] // _SEEN_PX)
        features = self.norm(emotion_features(self.trunk, self.penultimate, face))
        fit = ops.sum(features * self.fitting(z), axis=-1, keepdims=True) / features.shape[-1] ** 0.5
        return self.real(features) + fit

    def get_config(self) -> dict:
        return {**super().get_config(), **self.settings}


def build_discriminator(size_px: int, phi: FaceClassifier | None = None, **settings) -> Discriminator:
    """A discriminator with all its weights made; with the emotion CNN phi one that projects, and begins as phi."""
    discriminator = Discriminator(emotion_cnn=phi.settings if phi else None, **settings)
    channels, z_size = discriminator.settings["channels"], discriminator.settings["z_size"]
    discriminator([ops.zeros((1, size_px, size_px, channels)), ops.zeros((1, z_size))])
    if phi:
        discriminator.trunk.set_weights(phi.trunk.get_weights())
        discriminator.penultimate.set_weights(phi.penultimate.get_weights())
    return discriminator
