"""The emotion in a recording over time, utterance by utterance, also of recordings of many hours."""

import dataclasses
import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from vfgan.config.data import MfscConfig
from vfgan.config.serialise import from_dict
from vfgan.emotions import EMOTIONS, UNLIKE
from vfgan.errors import MediaError, SchemaError
from vfgan.media.audio import load_waveform
from vfgan.media.silences import HOP_SECONDS, power_per_hop, voiced_spans
from vfgan.savedmodel.load import load_model
from vfgan.voice.attribute_track import window_middles

#: An utterance ends at a pause, at the latest after this.
LONGEST_SECONDS = 20.0
#: A recording that is nowhere louder than this holds no voice.
SILENCE_DB = -60.0


@dataclasses.dataclass(frozen=True)
class UtteranceEmotion:
    """What is heard between two pauses."""

    start_seconds: float
    end_seconds: float
    z: np.ndarray  #: float32 [z_size]
    probabilities: np.ndarray  #: float32 [8], in the order of `EMOTIONS`
    window_times: np.ndarray  #: float32 [windows], seconds in the recording, middle of each window
    window_probabilities: np.ndarray  #: float32 [windows, 8]
    strangeness: float = 0.0  #: how unlike all training voices it is; 0 where the model does not know

    @property
    def unlike(self) -> bool:
        """Whether it is unlike any voice that was learnt from: then the emotion is a guess."""
        return self.strangeness > UNLIKE

    @property
    def emotion(self) -> str:
        """The likeliest emotion."""
        return EMOTIONS[int(self.probabilities.argmax())]


class Listener:
    """An extractor's SavedModel that listens to recordings.

    Args:
        model: name in `vfgan.models_dir()`, or a folder.
        load: gives the model and its card; `vfgan.serving.Client.load` gives one on a server.
        mfsc: of an extractor on a server, where it has no card; None: the card's.
    Raises:
        SchemaError: there is no such model, or it is no extractor.
    """

    def __init__(self, model: str | Path = "extractor", *, load: Callable = load_model, mfsc: MfscConfig | None = None):
        self._loaded, card = load(model)
        self.mfsc = mfsc or from_dict(MfscConfig, card["mfsc"], "card.mfsc")
        if "windows" not in self._loaded.signatures or "window_probabilities" not in self._hear(_nothing(self.mfsc)):
            raise SchemaError(f"{model} is no extractor: expected one such as extractor, exported by this version")

    def listen(
        self,
        path: str | Path,
        progress: Callable[[float, float], None] = lambda done, total: None,
        track: int | None = None,
    ) -> Iterator[UtteranceEmotion]:
        """The utterances of a recording, in order; nothing for one that is silent or holds clicks only.

        Args:
            path: any container, codec and rate, up to 24 hours; an hour takes 1.5 MB, for its loudness over time.
            progress: called with (seconds done, seconds in all).
            track: of several audio tracks, 1 is the first; None: `vfgan.media.tracks.choose_track`.
        Raises:
            MediaError: the recording cannot be read, or holds a value that is not finite.
        """
        path = Path(path)
        power = power_per_hop(path, track)
        seconds = len(power) * HOP_SECONDS
        loudest = float(power.max(initial=0.0))
        if not math.isfinite(loudest):
            where = float(np.flatnonzero(~np.isfinite(power))[0]) * HOP_SECONDS
            raise MediaError(f"{path} holds a value that is not finite at about {where:.2f} s: export it again")
        if loudest <= 10 ** (SILENCE_DB / 10):
            return
        spans = voiced_spans(power, LONGEST_SECONDS)
        least = self.mfsc.window_ms / 1000
        for start, end in spans:
            if end - start > least:
                yield self._read(path, start, end, track)
            progress(end, seconds)

    def _hear(self, waveform: np.ndarray) -> dict:
        import tensorflow as tf

        return self._loaded.signatures["windows"](waveform=tf.constant(waveform[None]))

    def _read(self, path: Path, start: float, end: float, track: int | None) -> UtteranceEmotion:
        rate_hz = self.mfsc.sample_rate_hz
        out = self._hear(load_waveform(path, rate_hz, start_seconds=start, end_seconds=end, track=track))
        first, step = window_middles(self.mfsc)
        times = start + min(first, (end - start) / 2) + step * np.arange(len(out["weights"]))
        return UtteranceEmotion(
            start, end, out["z"].numpy(), out["probabilities"].numpy(), times.astype(np.float32),
            out["window_probabilities"].numpy(), float(out.get("strangeness", 0.0)),
        )  # fmt: skip


def _nothing(mfsc: MfscConfig) -> np.ndarray:
    """The shortest sound that is heard, to see what a model answers with."""
    return np.zeros(mfsc.window_samples, np.float32)
