"""Hearing: a waveform -> voice attribute z and the probabilities of the emotions."""

import numpy as np
import tensorflow as tf

from vfgan.config.data import MfscConfig
from vfgan.errors import MediaError
from vfgan.models.extractor import Extractor
from vfgan.voice import mfsc as mfsc_module
from vfgan.voice.samples import as_waveform
from vfgan.voice.windows import MAX_UTTERANCE_SECONDS, utterance_windows


class VoiceReader(tf.Module):
    """The extractor with its front end: MFSC, windows, and their mean weighted by voice activity.

    z has as many numbers as the extractor's attribute layer; over windows of the training voices each has mean 0 and
    deviation 1, so a single one beyond +-4 is rare.

    Args:
        extractor: trained.
        config: its front end; by default the one that a `vfgan.Extractor` was adapted to.
    """

    def __init__(self, extractor: Extractor, config: MfscConfig | None = None):
        super().__init__()
        config = config or getattr(extractor, "mfsc", None) or MfscConfig()
        self.extractor, self.config = extractor, config
        shape = tf.TensorSpec([None, None, config.mel_bands, 3], tf.float32)
        self.read_planes_graph = tf.function(
            self.read_planes, [shape, tf.TensorSpec([None], tf.int32)], autograph=False
        )

    def read(self, waveform: tf.Tensor, num_samples: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """z and probabilities of whole utterances, as a graph.

        Args:
            waveform: float32 [batch, samples] at `config.sample_rate_hz`, padded behind each clip's end.
            num_samples: int32 [batch], true lengths.
        Returns:
            (z float32 [batch, z_size], probabilities float32 [batch, 8]).
        """
        planes = mfsc_module.mfsc(waveform, num_samples, self.config)
        return self.read_planes(planes, mfsc_module.num_frames(num_samples, self.config))

    def read_planes(self, planes: tf.Tensor, frames: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """The same from MFSC: float32 [batch, frames, bands, 3] and int32 [batch]."""
        return self.extractor.z_and_probabilities(utterance_mean(*self.window_attributes(planes, frames)))

    def read_windows(self, planes: tf.Tensor, frames: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """z and probabilities of each window: float32 [batch, windows, z_size], [.., 8]; weights [batch, windows]."""
        attributes, weights = self.window_attributes(planes, frames)
        z, probabilities = self.extractor.z_and_probabilities(tf.reshape(attributes, [-1, attributes.shape[-1]]))
        shape = [tf.shape(weights)[0], tf.shape(weights)[1]]
        return (
            tf.reshape(z, [*shape, z.shape[-1]]),
            tf.reshape(probabilities, [*shape, probabilities.shape[-1]]),
            weights,
        )

    def embed(self, waveform: np.ndarray) -> np.ndarray:
        """z of one utterance: `load_voice_reader("runs/extractor").reader.embed(waveform)`.

        Its size is that of the extractor's attribute layer (`ExtractorConfig.z_size`), its scale as said above.

        Args:
            waveform: float32 [samples], mono, -1…1, at `config.sample_rate_hz`; or what
                `vfgan.voice.samples.as_waveform` makes it of.
        Returns:
            float32 [z_size].
        Raises:
            MediaError: no samples, fewer than one analysis window, a value that is not finite, or longer than
                `MAX_UTTERANCE_SECONDS` (`vfgan.generate.listener` takes recordings of any length).
        """
        waveform = as_waveform(waveform)
        if len(waveform) > MAX_UTTERANCE_SECONDS * self.config.sample_rate_hz:
            raise MediaError(f"the sound is longer than {MAX_UTTERANCE_SECONDS} s: expected one utterance")
        planes = tf.constant(mfsc_module.mfsc_of_waveform(waveform, self.config)[None])
        z, _ = self.read_planes_graph(planes, tf.constant([planes.shape[1]]))
        return z[0].numpy()

    def window_attributes(self, planes: tf.Tensor, frames: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """The attribute layer of each window before standardisation, and the windows' weights.

        Args:
            planes: float32 [batch, frames, bands, 3], MFSC.
            frames: int32 [batch].
        Returns:
            (float32 [batch, windows, z_size], float32 [batch, windows]).
        """
        windows, weights = utterance_windows(planes, frames, self.config)
        flat = tf.reshape(windows, [-1, self.config.window_frames, self.config.mel_bands, 3])
        attributes = self.extractor.attributes(flat)
        return tf.reshape(attributes, [tf.shape(weights)[0], tf.shape(weights)[1], attributes.shape[-1]]), weights


def utterance_mean(values: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
    """Mean over an utterance's windows: [batch, windows, n] and weights [batch, windows] -> [batch, n]."""
    return tf.reduce_sum(values * weights[:, :, None], axis=1)
