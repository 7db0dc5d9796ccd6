"""Hearing in a SavedModel: from waveforms to z, in functions that its signatures share."""

import tensorflow as tf

from vfgan.models.voice_reader import VoiceReader, utterance_mean
from vfgan.voice import mfsc as mfsc_module

WAVEFORM = tf.TensorSpec([None, None], tf.float32, name="waveform")
NUM_SAMPLES = tf.TensorSpec([None], tf.int32, name="num_samples")


class Listening(tf.Module):
    """Hears voices. What several signatures do is one function of the graph: it is loaded once."""

    def __init__(self, voice: VoiceReader):
        super().__init__()
        self.voice = voice
        planes = tf.TensorSpec([None, None, voice.config.mel_bands, 3], tf.float32)
        self.planes = tf.function(self._planes, [WAVEFORM, NUM_SAMPLES], autograph=False)
        self.listen = tf.function(self._listen, [planes, NUM_SAMPLES], autograph=False)

    def _planes(self, waveform, num_samples):
        """MFSC: float32 [batch, frames, bands, 3]."""
        return mfsc_module.mfsc(waveform, num_samples, self.voice.config)

    def _listen(self, planes, frames):
        """From MFSC and their lengths.

        Returns:
            z [batch, z_size] and probabilities [batch, 8] of the utterances; attributes [batch, windows, z_size] and
            weights [batch, windows] of their windows; strangeness [batch], 0 where it was not measured.
        """
        attributes, weights = self.voice.window_attributes(planes, frames)
        whole, extractor = utterance_mean(attributes, weights), self.voice.extractor
        z, probabilities = extractor.z_and_probabilities(whole)
        strangeness = extractor.strangeness(whole) if extractor.familiar_range else tf.zeros_like(z[:, 0])
        return z, probabilities, attributes, weights, strangeness

    def read(self, waveform, num_samples):
        """z and probabilities of whole utterances."""
        planes = self.planes(waveform, num_samples)
        return self.listen(planes, mfsc_module.num_frames(num_samples, self.voice.config))[:2]

    def read_windows(self, planes):
        """Of one utterance: (z [z_size] and probabilities [8], z and probabilities of its windows, other outputs)."""
        z, probabilities, attributes, weights, strangeness = self.listen(planes, tf.shape(planes)[1:2])
        outputs = {"z": z[0], "probabilities": probabilities[0], "weights": weights[0]}
        if self.voice.extractor.familiar_range:
            outputs["strangeness"] = strangeness[0]
        return outputs, self.voice.extractor.z_and_probabilities(attributes[0])
