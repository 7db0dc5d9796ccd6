"""Voices that lie in the shards and are read clip by clip. What fits into memory as a whole is kept there."""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from vfgan.config.data import MfscConfig
from vfgan.data.record_index import RecordIndex
from vfgan.data.rows import Memory
from vfgan.storage.ranges import read_range
from vfgan.voice.windows import active_frames, level_free_energy, remove_level


class _Clips:
    """The clips of some splits, with what is kept of them."""

    def __init__(self, index: RecordIndex, config: MfscConfig, memory: Memory):
        self.index, self.config = index, config
        self.starts = np.cumsum([0, *index.clips["frames"]]).astype(np.int64)
        frames, bands = int(self.starts[-1]), config.mel_bands
        self._known = {"planes": np.zeros(len(index), bool), "energies": np.zeros(len(index), bool)}
        self._kept = {}
        if memory.reserve(4 * frames * bands * 4):
            # pages of zeros take memory only when they are written
            self._kept = {
                name: np.zeros((frames, *shape), np.float32)
                for name, shape in (("planes", (bands, 3)), ("energies", (bands,)))
            }

    def planes(self, clip: int) -> np.ndarray:
        return self._get("planes", clip, self._read_planes)

    def energies(self, clip: int) -> np.ndarray:
        return self._get("energies", clip, self._read_energies)

    def _get(self, name: str, clip: int, read: Callable[[int], np.ndarray]) -> np.ndarray:
        if not self._kept:
            return read(clip)
        mine = self._kept[name][self.starts[clip] : self.starts[clip + 1]]
        if not self._known[name][clip]:
            mine[:] = read(clip)
            self._known[name][clip] = True  # after its frames: another thread may be looking
        return mine

    def _read(self, clip: int) -> np.ndarray:
        """MFSC as recorded: float32 [frames, bands, 3]."""
        columns, shape = self.index.clips, (-1, self.config.mel_bands, 3)
        length = int(columns["frames"][clip]) * self.config.mel_bands * 3 * 4
        path = self.index.paths[self.index.shard[clip]]
        content = read_range(path, int(columns["mfsc_offset"][clip]), length, int(columns["mfsc_crc"][clip]))
        return np.frombuffer(content, "<f4").reshape(shape)

    def _read_planes(self, clip: int) -> np.ndarray:
        return without_level(self._read(clip), self.config)[0]

    def _read_energies(self, clip: int) -> np.ndarray:
        """In NumPy alone, so that threads of a `tf.data` graph may call it."""
        return level_free_energy(self._read(clip)[..., 0], self.index.clips["level"][clip], self.config)


class StoredPlanes:
    """Level-free MFSC of clips in shards, as `vfgan.data.voice_set.Voices` holds them.

    Args:
        clips: number of each clip in `stored`.
    """

    def __init__(self, stored: _Clips, clips: np.ndarray):
        self._stored, self._clips = stored, clips

    @classmethod
    def of(cls, index: RecordIndex, config: MfscConfig, memory: Memory) -> "StoredPlanes":
        """All clips of an index."""
        return cls(_Clips(index, config, memory), np.arange(len(index)))

    def __len__(self) -> int:
        return int(self._stored.index.clips["frames"][self._clips].sum())

    @property
    def shape(self) -> tuple[int, int, int]:
        """[frames of all clips, bands, 3]."""
        return len(self), self._stored.config.mel_bands, 3

    @property
    def spectra(self) -> np.ndarray:
        """Mean energies of each clip's active frames: float32 [clips, bands]."""
        return self._stored.index.clips["spectrum"][self._clips]

    def where(self, chosen: np.ndarray) -> "StoredPlanes":
        """Some of the clips: `chosen` is bool or index [clips]."""
        return StoredPlanes(self._stored, self._clips[chosen])

    def clip(self, clip: int) -> np.ndarray:
        """float32 [frames, bands, 3]."""
        return self._stored.planes(int(self._clips[clip]))

    def gather_energies(self, clip: tf.Tensor, *frames: tf.Tensor) -> tuple[tf.Tensor, ...]:
        """Log energies of some frames of some clips, in a `tf.data` graph.

        Args:
            clip: int32 [batch].
            frames: int32 [batch, frames] each, from the clip's first.
        Returns:
            float32 [batch, frames, bands] for each of `frames`.
        """

        def read(clips: np.ndarray, *places: np.ndarray) -> list[np.ndarray]:
            energies = [self._stored.energies(int(self._clips[one])) for one in clips]
            return [np.stack([energy[row] for energy, row in zip(energies, place)]) for place in places]

        found = tf.numpy_function(read, [clip, *frames], [tf.float32] * len(frames), stateful=False)
        bands = self._stored.config.mel_bands
        return tuple(tf.ensure_shape(one, [*place.shape, bands]) for one, place in zip(found, frames))


def without_level(planes: np.ndarray, config: MfscConfig) -> tuple[np.ndarray, np.ndarray]:
    """Level-free MFSC and active frames of one clip."""
    batch, frames = tf.constant(planes[None]), tf.constant([len(planes)])
    active = active_frames(batch, frames, config)
    return remove_level(batch, active, frames, config)[0].numpy(), active[0].numpy() > 0
