"""A SavedModel that puts a voice's emotion on faces."""

import dataclasses
import numbers
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from vfgan import __version__
from vfgan.config.checks import require
from vfgan.config.data import CropConfig, MfscConfig
from vfgan.config.serialise import from_dict
from vfgan.emotions import EMOTIONS, UNLIKE
from vfgan.errors import ConfigError, MediaError, SchemaError
from vfgan.face.face import Face
from vfgan.generate.arguments import as_pictures, is_path
from vfgan.generate.given import GivenVoice
from vfgan.savedmodel.load import load_model
from vfgan.voice.samples import as_waveform

#: Stands in the metadata of everything that is generated.
SYNTHETIC_NOTE = f"Synthetic: the facial expression was generated from a voice by vfgan {__version__}."
MIN_CROP_PX, MAX_CROP_PX = 64, 1024
MAX_INTENSITY = 2.0


@dataclasses.dataclass(frozen=True)
class VoiceEmotion:
    """What the extractor hears in an utterance."""

    z: np.ndarray  #: float32 [z_size]
    probabilities: np.ndarray  #: float32 [8], in the order of `EMOTIONS`
    strangeness: float = 0.0  #: how unlike all training voices it is; 0 where the model does not know

    @property
    def emotion(self) -> str:
        """The likeliest emotion."""
        return EMOTIONS[int(self.probabilities.argmax())]

    @property
    def unlike(self) -> bool:
        """Whether it is unlike any voice that was learnt from: then the emotion is a guess."""
        return self.strangeness > UNLIKE

    @staticmethod
    def from_outputs(outputs: dict) -> "VoiceEmotion":
        """From the outputs of a SavedModel for one utterance, as arrays."""
        return VoiceEmotion(outputs["z"], outputs["probabilities"], float(outputs.get("strangeness", 0.0)))


class VoiceFace:
    """A generator's SavedModel: hears voices and changes face crops.

    Args:
        model: name in `vfgan.models_dir()`, or a folder.
        intensity: 0 is the mean of neutral voices, 1 the voice's own attribute; up to 2.
        load: gives the model and its card; `vfgan.serving.Client.load` gives one on a server.
    Raises:
        SchemaError: there is no such model, it is no generator, or its card is another version's.
        ConfigError: the intensity is out of range.
    """

    def __init__(self, model: str | Path = "vfgan", *, intensity: float = 1.0, load: Callable = load_model):
        is_number = isinstance(intensity, numbers.Real)
        require(is_number and 0.0 <= intensity <= MAX_INTENSITY, "intensity", f"0 to {MAX_INTENSITY:g}", intensity)
        if not is_path(model):
            raise ConfigError(f"model: expected a name or a folder, received {type(model).__name__}")
        loaded, self.card = load(model)
        if "neutral_z" not in loaded.signatures:
            raise SchemaError(
                f"{model} is no generator (it has {', '.join(sorted(loaded.signatures))}): expected one such as vfgan"
            )
        missing = sorted({"crop", "mfsc", "resolved"} - set(self.card))
        if missing:
            raise SchemaError(
                f"{model}: its card.json, or on a server its contract, has no {missing[0]!r}; export it again "
                "with this version"
            )
        self._loaded = loaded  # keeps the variables that the signatures use
        self._signatures = loaded.signatures
        self.crop = from_dict(CropConfig, self.card["crop"], "card.crop")
        self.mfsc = from_dict(MfscConfig, self.card["mfsc"], "card.mfsc")
        self.crop_height = float(self.card.get("crop_height", 1.0))  #: of the crops that it is to be given, in widths
        self.intensity = intensity
        self.neutral_z = self._signatures["neutral_z"]()["z"].numpy()

    @staticmethod
    def of(model: Any) -> "VoiceFace":
        """The model itself, or the one of this name or folder.

        Raises:
            ConfigError: it is neither.
        """
        return model if hasattr(model, "mfsc") else VoiceFace(model)

    @property
    def only_person(self) -> str:
        """The one actor whose face it has learnt; empty where there are several, or none has a name."""
        people = [person for person in self.card["resolved"].get("people", ()) if person]
        return people[0] if len(people) == 1 else ""

    def signature(self, name: str):
        """A signature of the SavedModel (`vfgan.savedmodel.signatures.GeneratorServing`)."""
        return self._signatures[name]

    def hear(self, waveform: np.ndarray) -> VoiceEmotion:
        """The emotion of a whole utterance.

        Args:
            waveform: float32 [samples] at `mfsc.sample_rate_hz`, from `load_voice`.
        """
        return VoiceEmotion.from_outputs(self.track(waveform).outputs)

    def track(self, waveform: np.ndarray):
        """z over time: of the window around each moment, mixed with the utterance's where that is mostly silent.

        A `vfgan.voice.attribute_track.VoiceTrack`.

        Args:
            waveform: float32 [samples], or what `vfgan.voice.samples.as_waveform` makes it of.
        Raises:
            MediaError: it is no such waveform, or shorter than one analysis window.
        """
        import tensorflow as tf

        from vfgan.voice.attribute_track import VoiceTrack
        from vfgan.voice.long_recordings import hear_in_pieces
        from vfgan.voice.windows import MAX_UTTERANCE_SECONDS

        def windows(samples: np.ndarray) -> dict[str, np.ndarray]:
            outputs = self._signatures["windows"](waveform=tf.constant(samples[None]))
            return {name: value.numpy() for name, value in outputs.items()}

        waveform = as_waveform(waveform)
        if len(waveform) < self.mfsc.window_samples:
            raise MediaError(
                f"waveform: expected at least {self.mfsc.window_samples} samples at {self.mfsc.sample_rate_hz} Hz; "
                f"received {len(waveform)}"
            )
        if len(waveform) <= MAX_UTTERANCE_SECONDS * self.mfsc.sample_rate_hz:
            return VoiceTrack(windows(waveform), self.mfsc)
        return VoiceTrack(hear_in_pieces(windows, waveform, self.mfsc), self.mfsc)

    @property
    def talks(self) -> bool:
        """Whether its mouth can follow the sound."""
        return "talking" in self._signatures

    def mouth_track(self, waveform: np.ndarray):
        """How mouth and jaw move with a voice: a `vfgan.voice.mouth_track.MouthTrack`.

        Args:
            waveform: as of `track`.
        """
        import tensorflow as tf

        from vfgan.voice.mouth_track import mouth_track

        def read(samples: np.ndarray) -> np.ndarray:
            return self._signatures["mouth"](waveform=tf.constant(samples[None]))["mouth"].numpy()

        return mouth_track(read, as_waveform(waveform), self.mfsc)

    def dial(self, z: np.ndarray) -> np.ndarray:
        """z at the chosen intensity: neutral + intensity (z - neutral), float32 of its shape."""
        return (self.neutral_z + self.intensity * (z - self.neutral_z)).astype(np.float32)

    def edit(
        self, crops: np.ndarray, z: np.ndarray, mouth: np.ndarray | None = None, closed: float = 0.0
    ) -> np.ndarray:
        """Aligned crops with the emotion of z, in as many requests as the SavedModel's limits ask for.

        Args:
            crops: uint8 [n, size * crop_height, size, 3], at least one, or what `vfgan.generate.arguments.as_pictures`
                makes it of. In square ones the chin rests.
            z: float32 [n, z_size], as `track` gives it, or [z_size] for all.
            mouth: float32 [n, components], as `mouth_track` gives it; None leaves the mouth to the emotion.
            closed: with it, how far a mouth that is open in the crop is closed first, 0 to 1.
        Returns:
            uint8 of the crops' shape.
        """
        import tensorflow as tf

        from vfgan.savedmodel.input_checks import MAX_BATCH_PX

        crops, z = as_pictures("crops", crops), np.asarray(z, np.float32)
        if z.ndim == 1:  # one for all
            z = np.broadcast_to(z, (len(crops), len(z)))
        if z.ndim != 2 or len(z) != len(crops):
            raise MediaError(f"z: expected float32 [{len(crops)}, z_size], one for each crop; received {list(z.shape)}")
        count, inputs = max(1, MAX_BATCH_PX // (crops.shape[1] * crops.shape[2])), {"face": crops, "z": self.dial(z)}
        if mouth is not None:
            inputs |= {"mouth": mouth, "closed": np.full(len(crops), closed, np.float32)}
        run = self._signatures["from_z" if mouth is None else "talking"]
        parts = []
        for start in range(0, len(crops), count):
            asked = {name: tf.constant(rows[start : start + count]) for name, rows in inputs.items()}
            parts.append(run(**asked)["generated_face"].numpy())
        return np.concatenate(parts)

    def load_voice(self, voice: Any, track: int | None = None) -> np.ndarray:
        """A recording as this model hears it: float32 [samples].

        Args:
            voice: recording or video; or samples (`vfgan.generate.given.GivenVoice`).
            track: of several audio tracks, 1 is the first; None: `vfgan.media.tracks.choose_track`.
        Raises:
            MediaError: unreadable, silent, shorter than one analysis window, or longer than an hour.
        """
        return GivenVoice(voice, self.mfsc.sample_rate_hz, track).waveform(self.mfsc)

    def crop_size(self, face: Face) -> int:
        """Side of a crop that keeps the picture's resolution, in pixels."""
        return int(np.clip(round(face.eye_distance / self.crop.eye_distance), MIN_CROP_PX, MAX_CROP_PX))
