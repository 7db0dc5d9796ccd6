"""The voice attribute extractor: AlexNets on windows of MFSC; z is the mean of their last vectors."""

from typing import Any, Literal

import keras
from keras import layers, ops

from vfgan.config.data import MfscConfig
from vfgan.config.networks import ExtractorConfig
from vfgan.emotions import EMOTIONS
from vfgan.layers.batch_norm import batch_norm
from vfgan.layers.familiarity import Familiarity
from vfgan.layers.standardise import Standardise
from vfgan.layers.time_statistics import TimeStatistics
from vfgan.voice.mfsc import cosine_transform


@keras.saving.register_keras_serializable("vfgan")
class Extractor(keras.Model):
    """Towers of conv-pool-conv-pool-conv-conv-pool, a dense layer and the attribute layer; then the emotions.

    The head is linear in the attribute, so the emotion of an utterance follows from the mean of its windows' z, and
    the towers' mean is that of their logits: an ensemble (Hansen & Salamon, 1990) with one z. Each learns by itself.

    Args:
        widths: filters of the four convolutions.
        dense: units of the dense layer.
        z_size: numbers of the voice attribute z.
        dropout: share dropped before and after the dense layer.
        bands: mel bands of a window.
        temperature: the logits are divided by it before the softmax, outside of training.
        familiar_range: a voice is familiar up to this many times the training utterances' median distance; the answer
            to others is flatter (0: not measured).
        features: what of the windows is seen: all of them ("mfsc"), their cosine transforms over the bands ("mfcc"), or
            their first plane ("static").
        over_time: what of the last stage goes to the dense layer: all of it, or its mean and deviation over time.
        towers: networks side by side; the attribute is the mean of theirs.
    Input:
        float32 [batch, window_frames, bands, 3], level-free MFSC (`vfgan.voice.windows`).
    Output:
        float32 [batch, 8], logits in the order of `vfgan.emotions.EMOTIONS`; in training of each tower by itself,
        float32 [batch, towers, 8], where there are several.
    """

    def __init__(
        self,
        widths: tuple[int, ...] = ExtractorConfig.widths,
        dense: int = ExtractorConfig.dense,
        z_size: int = ExtractorConfig.z_size,
        dropout: float = ExtractorConfig.dropout,
        bands: int = MfscConfig.mel_bands,
        over_time: Literal["all", "statistics"] = ExtractorConfig.over_time,
        towers: int = ExtractorConfig.towers,
        temperature: float = 1.0,
        familiar_range: float = 0.0,
        features: Literal["mfsc", "mfcc", "static"] = "mfsc",
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.settings: dict[str, Any] = {
            "widths": tuple(widths), "dense": dense, "z_size": z_size, "dropout": dropout, "bands": bands,
            "over_time": over_time, "towers": towers, "temperature": temperature, "familiar_range": familiar_range,
            "features": features,
        }  # fmt: skip
        self.temperature, self.familiar_range = temperature, familiar_range
        self.standardise = Standardise((bands, 3), name="standardise_mfsc")
        self.towers = [
            Tower(widths, dense, z_size, dropout, over_time, name=f"tower_{index}") for index in range(towers)
        ]
        self.standardise_z = Standardise((z_size,), dtype="float32", name="standardise_z")
        if familiar_range:
            self.familiarity = Familiarity(z_size, dtype="float32", name="familiarity")
        self.head = layers.Dense(len(EMOTIONS), dtype="float32", name="emotions")

    def build(self, shape):
        make_weights(self, shape[1])

    def seen(self, windows):
        """What of the windows is learnt from, before it is standardised: float32 of their shape."""
        if self.settings["features"] == "mfcc":
            return ops.einsum("nfbp,bc->nfcp", windows, cosine_transform(self.settings["bands"]))
        return windows * [1.0, 0.0, 0.0] if self.settings["features"] == "static" else windows

    def attributes(self, windows, training: bool = False):
        """The attribute layer before standardisation: float32 [batch, z_size]."""
        return ops.mean(self._each(windows, training), axis=1)

    def _each(self, windows, training: bool):
        """The attributes of each tower: float32 [batch, towers, z_size]."""
        windows = self.standardise(self.seen(windows))
        return ops.stack([tower(windows, training=training) for tower in self.towers], axis=1)

    def call(self, windows, training: bool = False):
        if training and len(self.towers) > 1:
            return self.head(self._each(windows, training))
        return self.head(self.attributes(windows, training=training))

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Keras' loss; in training each tower answers for itself, so that they differ and their mean is better."""
        if len(y_pred.shape) == 3:
            towers = len(self.towers)
            y, y_pred = ops.repeat(y, towers, axis=0), ops.reshape(y_pred, (-1, len(EMOTIONS)))
            if sample_weight is not None:
                sample_weight = ops.repeat(sample_weight, towers, axis=0)
        return super().compute_loss(x, y, y_pred, sample_weight, training)

    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        """Keras' metrics, of the mean of the towers' answers."""
        if len(y_pred.shape) == 3:
            y_pred = ops.mean(y_pred, axis=1)
        return super().compute_metrics(x, y, y_pred, sample_weight)

    def z_and_probabilities(self, attributes):
        """z (mean 0, deviation 1 over the training voices) and the emotions' probabilities.

        softmax(logits / (T max(1, strangeness))): where a voice is unlike those learnt from, the answer is less sure.

        Args:
            attributes: float32 [batch, z_size], from `attributes` or a mean of several.
        Returns:
            (float32 [batch, z_size], float32 [batch, 8]).
        """
        z = self.standardise_z(attributes)  # before the head: SavedModels know the weights by the order of their use
        logits = self.head(attributes) / self.temperature
        if self.familiar_range:
            logits = logits / ops.maximum(1.0, self.strangeness(attributes))[:, None]
        return z, ops.softmax(logits)

    def strangeness(self, attributes):
        """How unlike all training voices it is: float32 [batch]; up to 1 familiar, above `emotions.UNLIKE` strange."""
        return self.familiarity(attributes) / self.familiar_range

    def get_config(self) -> dict:
        return {**super().get_config(), **self.settings}


@keras.saving.register_keras_serializable("vfgan")
class Tower(keras.layers.Layer):
    """AlexNet on windows: float32 [batch, window_frames, bands, 3], standardised -> attribute [batch, z_size]."""

    def __init__(self, widths: tuple[int, ...], dense: int, z_size: int, dropout: float, over_time: str, **kwargs):
        super().__init__(**kwargs)
        self.stages = keras.Sequential(
            [
                *_convolution(widths[0], 5, pool=True),
                *_convolution(widths[1], 3, pool=True),
                *_convolution(widths[2], 3, pool=False),
                *_convolution(widths[3], 3, pool=True),
            ],
            name="stages",
        )  # fmt: skip
        self.dense = keras.Sequential(
            [
                *([TimeStatistics()] if over_time == "statistics" else []), layers.Flatten(), layers.Dropout(dropout),
                layers.Dense(dense, use_bias=False), batch_norm(), layers.ReLU(),
                layers.Dropout(dropout),
            ],
            name="dense",
        )  # fmt: skip
        # in float32 whatever the rest computes in: z is what others build on
        self.attribute = layers.Dense(z_size, dtype="float32", name="attribute")

    def call(self, windows, training: bool = False):
        hidden = self.stages(windows, training=training)  # [batch, frames / 8, bands / 8, width]
        return self.attribute(self.dense(hidden, training=training))


def _convolution(width: int, kernel: int, pool: bool) -> list[keras.Layer]:
    """Pooled before it is normalised: a quarter of the work there, and the same recall."""
    return [
        layers.Conv2D(width, kernel, padding="same", use_bias=False),
        *([layers.MaxPooling2D(2)] if pool else []),
        batch_norm(),
        layers.ReLU(),
    ]


def build_extractor(window_frames: int, **settings) -> Extractor:
    """An extractor with all its weights made."""
    extractor = Extractor(**settings)
    make_weights(extractor, window_frames)
    return extractor


def make_weights(extractor: Extractor, window_frames: int) -> None:
    """Makes all weights of an extractor for windows of so many frames."""
    attributes = extractor.attributes(ops.zeros((1, window_frames, extractor.settings["bands"], 3)))
    extractor.z_and_probabilities(attributes)
    extractor.built = True
