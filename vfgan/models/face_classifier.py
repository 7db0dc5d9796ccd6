"""Networks from a face to its emotion: the emotion CNN that guides the generator, and the judge of evaluations."""

import keras
import numpy as np
from keras import layers, ops

from vfgan.config.networks import FaceClassifierConfig
from vfgan.emotions import FACE_EMOTIONS
from vfgan.face.pixels import pm1
from vfgan.layers.batch_norm import batch_norm


@keras.saving.register_keras_serializable("vfgan")
class FaceClassifier(keras.Model):
    """A convolutional trunk, a layer of features (phi), and the seven emotions that a face can show.

    Args:
        architecture: "vgg": pairs of plain convolutions (Simonyan & Zisserman, 2015), or "separable": residual
            depthwise separable ones (Chollet, 2017).
        width: filters of the stem and the first of three stages; doubled at each.
        features: numbers of the penultimate layer, the feature map phi of the verification loss.
        dropout: share of features dropped in training.
    Input:
        float32 [batch, size, size, 1], luma, -1…1; each picture is standardised by its own mean and deviation.
    Output:
        float32 [batch, 7], logits in the order of `vfgan.emotions.FACE_EMOTIONS`.
    """

    def __init__(
        self,
        architecture: str = FaceClassifierConfig.architecture,
        width: int = FaceClassifierConfig.width,
        features: int = FaceClassifierConfig.features,
        dropout: float = FaceClassifierConfig.dropout,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.settings = {"architecture": architecture, "width": width, "features": features, "dropout": dropout}
        stage = {"vgg": VggStage, "separable": SeparableStage}[architecture]
        self.trunk = keras.Sequential(
            [
                layers.Conv2D(width, 5, 2, padding="same", use_bias=False),
                batch_norm(), layers.ReLU(),
                stage(width), stage(2 * width), stage(4 * width),
            ],
            name="trunk",
        )  # fmt: skip
        self.penultimate = layers.Dense(features, name="features")
        self.drop = layers.Dropout(dropout)
        self.head = layers.Dense(len(FACE_EMOTIONS), name="emotions")

    def build(self, shape):
        self.trunk.build(shape)
        self.penultimate.build((None, self.trunk.output_shape[-1]))
        self.head.build((None, self.settings["features"]))

    def features(self, face, training: bool = False):
        """Penultimate features, phi: float32 [batch, features], 0 or more."""
        return emotion_features(self.trunk, self.penultimate, face, training)

    def call(self, face, training: bool = False):
        return self.head(self.drop(self.features(face, training=training), training=training))

    def get_config(self) -> dict:
        return {**super().get_config(), **self.settings}


def emotion_features(trunk: keras.Layer, penultimate: keras.Layer, face, training: bool = False):
    """Penultimate features phi of a face classifier's parts: [batch, features], 0 or more."""
    mean = ops.mean(face, axis=(1, 2, 3), keepdims=True)
    face = (face - mean) / (ops.std(face, axis=(1, 2, 3), keepdims=True) + 0.05)
    return ops.relu(penultimate(ops.mean(trunk(face, training=training), axis=(1, 2))))


@keras.saving.register_keras_serializable("vfgan")
class VggStage(keras.layers.Layer):
    """Two 3 x 3 convolutions, then half the size."""

    def __init__(self, filters: int, **kwargs):
        super().__init__(**kwargs)
        self.filters = filters
        self.stack = keras.Sequential(
            [
                layers.Conv2D(filters, 3, padding="same", use_bias=False),
                batch_norm(), layers.ReLU(),
                layers.Conv2D(filters, 3, padding="same", use_bias=False),
                batch_norm(), layers.ReLU(),
                layers.MaxPooling2D(2),
            ]
        )  # fmt: skip

    def build(self, shape):
        self.stack.build(shape)

    def call(self, values, training=False):
        return self.stack(values, training=training)

    def get_config(self) -> dict:
        return {**super().get_config(), "filters": self.filters}


@keras.saving.register_keras_serializable("vfgan")
class SeparableStage(keras.layers.Layer):
    """Half the size by a strided convolution, then a residual pair of depthwise separable convolutions."""

    def __init__(self, filters: int, **kwargs):
        super().__init__(**kwargs)
        self.filters = filters
        self.down = keras.Sequential(
            [
                layers.Conv2D(filters, 3, 2, padding="same", use_bias=False),
                batch_norm(),
                layers.ReLU(),
            ]
        )
        self.residual = keras.Sequential(
            [
                layers.SeparableConv2D(filters, 3, padding="same", use_bias=False),
                batch_norm(), layers.ReLU(),
                layers.SeparableConv2D(filters, 3, padding="same", use_bias=False),
                batch_norm(),
            ]
        )  # fmt: skip

    def build(self, shape):
        self.down.build(shape)
        self.residual.build(self.down.compute_output_shape(shape))

    def call(self, values, training=False):
        down = self.down(values, training=training)
        return ops.relu(down + self.residual(down, training=training))

    def get_config(self) -> dict:
        return {**super().get_config(), "filters": self.filters}


def classify_faces(network: FaceClassifier, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(probabilities [n, 7], features [n, features]) of uint8 [n, size, size, 1]."""
    logits, features = [], []
    for start in range(0, len(pixels), 256):
        penultimate = network.features(pm1(pixels[start : start + 256]))
        logits.append(np.asarray(network.head(penultimate)))
        features.append(np.asarray(penultimate))
    return np.asarray(ops.softmax(np.concatenate(logits))), np.concatenate(features)


def build_face_classifier(size_px: int, **settings) -> FaceClassifier:
    """A face classifier with all its weights made."""
    classifier = FaceClassifier(**settings)
    classifier(ops.zeros((1, size_px, size_px, 1)))
    return classifier
