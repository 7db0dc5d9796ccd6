"""The records of a shard's clips as a `tf.data` graph: read, MFSC of several clips in one call, serialise.

Decoders and the networks that find faces are Python; they enter by `numpy_function`. Records are those of
`tfrecords_builder.clip_record.process_clip`, bit by bit, in the order of the clips.
"""

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import tensorflow as tf

from tfrecords_builder.clip import Clip
from tfrecords_builder.clip_record import Reading, add_mfsc, read_clip
from vfgan.config.data import BuildConfig
from vfgan.data import schema
from vfgan.errors import MediaError
from vfgan.voice.mfsc import mfsc_of_waveforms

#: Voices in one call of the graph, which then costs 0.7 ms a voice instead of 1.6. Clips with pictures come one by one:
#: their MFSC are a small part of the work.
VOICES_PER_CALL = 8

#: A clip; its serialised record, and what it was made of; or why it was rejected.
Made = tuple[Clip, bytes, "Reading | MediaError"]


def make_records(
    clips: tuple[Clip, ...], config: BuildConfig, *, strict: bool, started: Callable[[Clip], None], threads: int = 1
) -> Iterator[Made]:
    """Makes the record of each clip.

    Args:
        strict: see `read_clip`.
        started: called before a clip is read, in another thread. What it raises ends the work.
        threads: voices that are read at once.
    """
    voices = not any(clip.video or clip.image for clip in clips)
    with contextlib.closing(_Reader(clips, config, strict, started, threads if voices else 1)) as reader:
        dataset = _graph(reader, VOICES_PER_CALL if voices else 1, threads if voices else 1)
        try:
            for numbers, contents in dataset.as_numpy_iterator():
                for number, content in zip(numbers, contents):
                    yield clips[number], content, reader.readings.pop(number)
        except tf.errors.OpError:
            if reader.failed is None:
                raise
            raise reader.failed from None


def _graph(reader: "_Reader", per_call: int, threads: int) -> tf.data.Dataset:
    """Batches (clip numbers int64 [clips], records string [clips])."""

    def read(number):
        return tf.ensure_shape(tf.numpy_function(reader.read, [number], tf.int64), [])

    def finish(numbers):
        return numbers, tf.numpy_function(reader.finish, [numbers], tf.string)

    dataset = tf.data.Dataset.range(len(reader.clips))
    dataset = dataset.map(read, num_parallel_calls=threads, deterministic=True)
    return dataset.batch(per_call).map(finish).prefetch(1)


class _Reader:
    """What of the graph is Python. `readings` holds what was read of clips whose records are not yet written."""

    def __init__(self, clips: tuple[Clip, ...], config: BuildConfig, strict: bool, started: Callable, threads: int):
        self.clips, self.config, self._strict, self._started = clips, config, strict, started
        self.readings: dict[int, Reading | MediaError] = {}
        self.failed: BaseException | None = None
        # threads of its own: face networks and copies of remote files are kept by the thread, TensorFlow's are many
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="clip-reader")

    def close(self) -> None:
        """Waits for what is being read."""
        self._threads.shutdown(cancel_futures=True)

    def read(self, number: np.ndarray) -> np.ndarray:
        """Reads a clip; returns its number."""
        try:
            self._threads.submit(self._read, int(number)).result()
        except BaseException as error:
            self.failed = self.failed or error
            raise
        return number

    def _read(self, number: int) -> None:
        if self.failed is not None:
            raise self.failed
        self._started(self.clips[number])
        try:
            self.readings[number] = read_clip(self.clips[number], self.config, strict=self._strict)
        except MediaError as error:
            self.readings[number] = error

    def finish(self, numbers: np.ndarray) -> np.ndarray:
        """The records of some clips as bytes; nothing for a rejected one."""
        try:
            return self._finish(numbers)
        except BaseException as error:
            self.failed = self.failed or error
            raise

    def _finish(self, numbers: np.ndarray) -> np.ndarray:
        readings = [self.readings[int(number)] for number in numbers]
        planes = mfsc_of_waveforms([_waveform(reading) for reading in readings], self.config.mfsc)
        out = np.full(len(numbers), b"", object)  # an array of bytes would lose zeros at their ends
        for row, reading in enumerate(readings):
            if isinstance(reading, Reading):
                add_mfsc(reading, planes[row], self.config)
                out[row] = schema.encode(reading.record)
        return out


def _waveform(reading: "Reading | MediaError") -> np.ndarray:
    return reading.waveform if isinstance(reading, Reading) else np.zeros(0, np.float32)
