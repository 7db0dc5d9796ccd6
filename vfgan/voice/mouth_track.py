"""How a mouth moves with a recording of any length."""

import dataclasses
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from vfgan.config.data import MfscConfig
from vfgan.voice.mfsc import frames_of
from vfgan.voice.mouth_sound import at_times
from vfgan.voice.windows import MAX_UTTERANCE_SECONDS

#: Of longer recordings, a piece is so long, and so much of it at either end is heard and not used.
_PIECE_SECONDS, _MARGIN_SECONDS = 60.0, 1.0


@dataclasses.dataclass(frozen=True)
class MouthTrack:
    """How mouth and jaw move over time."""

    values: np.ndarray  #: float32 [frames, components], of each MFSC frame
    mfsc: MfscConfig

    def at(self, times: np.ndarray) -> np.ndarray:
        """At times in seconds from the first sample: float32 [times, components]; before and after, at rest."""
        inside = (times >= 0.0) & (times <= len(self.values) * self.mfsc.frame_seconds)
        found = at_times(tf.constant(self.values), tf.constant(times, tf.float32), self.mfsc).numpy()
        return np.where(inside[:, None], found, 0.0).astype(np.float32)


def mouth_track(read: Callable[[np.ndarray], np.ndarray], waveform: np.ndarray, config: MfscConfig) -> MouthTrack:
    """The track of a recording; a long one is read in pieces of equal length, each beside its own level.

    Args:
        read: float32 [samples] -> float32 [frames, components], a SavedModel's `mouth`.
        waveform: float32 [samples].
    """
    if len(waveform) <= MAX_UTTERANCE_SECONDS * config.sample_rate_hz:
        return MouthTrack(read(waveform), config)
    hop = config.hops_per_frame * config.hop_samples
    frames = frames_of(len(waveform), config)
    size, margin = (round(seconds / config.frame_seconds) for seconds in (_PIECE_SECONDS, _MARGIN_SECONDS))
    parts = []
    for first in range(0, frames, size):
        begin = max(0, min(first - margin, frames - size - 2 * margin))
        end = min(frames, begin + size + 2 * margin)
        piece = waveform[begin * hop : end * hop + config.window_samples - config.hop_samples]
        parts.append(read(piece)[first - begin : min(first + size, frames) - begin])
    return MouthTrack(np.concatenate(parts), config)
