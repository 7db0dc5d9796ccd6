"""Windows of log mel energy with less of the microphone, the room and the throat in them."""

import keras
from keras import ops

#: A frame counts as voice if its loudness is within this of the window's loudest one's.
VOICED_RANGE = 7.0


@keras.saving.register_keras_serializable("vfgan")
class ChannelFree(keras.layers.Layer):
    """e(t, b) - share (m(b) - mean_b m), m(b) the mean of band b over the window's voiced frames.

    A frequency response adds the same number to a band at all times: with share 1 it is gone (cepstral mean
    subtraction; Atal, 1974), and with it the mean spectrum of the speaker. The window's loudness stays.

    Args:
        share: 0 (nothing is subtracted) to 1.
    Input and output:
        float32 [batch, frames, bands, 3]; the differences in planes 2 and 3 know no channel and stay.
    """

    def __init__(self, share: float, **kwargs):
        super().__init__(**kwargs)
        self.share = share

    def call(self, windows):
        if not self.share:
            return windows
        energy = windows[..., 0]  # [batch, frames, bands]
        loud = ops.logsumexp(energy, axis=-1, keepdims=True)
        voiced = ops.cast(loud > ops.max(loud, axis=1, keepdims=True) - VOICED_RANGE, energy.dtype)
        mean = ops.sum(energy * voiced, axis=1, keepdims=True) / ops.sum(voiced, axis=1, keepdims=True)
        channel = self.share * (mean - ops.mean(mean, axis=-1, keepdims=True))
        return ops.concatenate([(energy - channel)[..., None], windows[..., 1:]], axis=-1)

    def get_config(self) -> dict:
        return {**super().get_config(), "share": self.share}
