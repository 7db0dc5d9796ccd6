"""One part of a data set as Keras takes it: `tf.data` batches of windows, of faces, and pairs for a CycleGAN."""

import dataclasses
import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from vfgan.config.gan import GanConfig
from vfgan.config.networks import ExtractorConfig, FaceClassifierConfig
from vfgan.config.serialise import with_options
from vfgan.config.training import TrainConfig
from vfgan.data.dataset import DataSet
from vfgan.data.face_examples import face_dataset
from vfgan.data.face_set import Faces, load_faces, take_half
from vfgan.data.provenance import data_origin
from vfgan.data.sampling import Epochs
from vfgan.data.voice_examples import every_window, window_dataset
from vfgan.data.voice_set import Voices, load_voices
from vfgan.emotions import FACE_EMOTIONS
from vfgan.errors import ConfigError, MediaError
from vfgan.face.pixels import pm1


@dataclasses.dataclass(frozen=True)
class Split:
    """The clips of a data set that are for training, validation or the test; its people are in no other split.

    Args:
        dataset: the whole.
        name: train, validation or test.
    """

    dataset: DataSet
    name: str

    @functools.cached_property
    def voices(self) -> Voices:
        """Its utterances.

        Raises:
            MediaError: there are none.
        """
        return load_voices(self.dataset, [self.name])

    @property
    def has_voices(self) -> bool:
        """Whether some of its clips have sound."""
        try:
            return len(self.voices) > 0
        except MediaError:
            return False

    def windows(
        self,
        batch_size: int = ExtractorConfig.train.batch_size,
        *,
        training: bool | None = None,
        steps: int = 0,
        seed: int = TrainConfig.seed,
        **options: Any,
    ) -> tf.data.Dataset:
        """Batches for `vfgan.Extractor`: (windows float32 [batch, 40, 40, 3], labels float32 [batch, 8]).

        For training windows are drawn, each emotion as often, and augmented; every epoch draws others. For scores they
        are all windows of all utterances, as they are. A label is 1 at the emotion, -1 where the corpus has no such.

        Args:
            training: draw and augment; by default in the split `train` alone.
            steps: batches of an epoch of training; 0: as many windows as there is sound, one after the other.
            seed: of what is drawn.
            options: of `vfgan.config.networks.ExtractorConfig`, such as noise_share.
        Raises:
            MediaError: there are no voices.
            ConfigError: an unknown option.
        """
        config, mfsc = _config(ExtractorConfig(), batch_size, seed, options), self.dataset.config.mfsc
        if not self._trains(training):
            return self._noted(every_window(self.voices, mfsc, batch_size))
        epochs = Epochs(steps or _batches(int(self.voices.starts[-1]) / mfsc.window_frames, batch_size))
        return self._noted(window_dataset(self.voices, mfsc, config, epochs, epochs.steps), epochs)

    def faces(
        self,
        batch_size: int = FaceClassifierConfig.train.batch_size,
        *,
        size_px: int = FaceClassifierConfig.size_px,
        training: bool | None = None,
        steps: int = 0,
        seed: int = TrainConfig.seed,
        **options: Any,
    ) -> tf.data.Dataset:
        """Batches for `vfgan.FaceClassifier`: (faces float32 [batch, size, size, 1], -1…1, labels float32 [batch, 7]).

        They are faces that are seen while their voice sounds. For training they are drawn, each emotion as often, and
        augmented; every epoch draws others. For scores they are all, as they are.

        Args:
            size_px: width and height, pixels.
            training, seed: as of `windows`.
            steps: batches of an epoch of training; 0: as many faces as there are.
            options: of `vfgan.config.networks.FaceClassifierConfig`, such as half, erased_share.
        Raises:
            MediaError: there are no faces.
            ConfigError: an unknown option.
        """
        config = _config(FaceClassifierConfig(), batch_size, seed, options | {"size_px": size_px})
        faces = load_faces(self.dataset, [self.name], size_px).showing
        if not self._trains(training):
            return self._noted(_every_face(faces, batch_size))
        faces = take_half(faces, config.half)
        epochs = Epochs(steps or _batches(len(faces), batch_size))
        return self._noted(face_dataset(faces, config, epochs, epochs.steps), epochs)

    def pairs(
        self,
        batch_size: int = GanConfig().train.batch_size,
        *,
        beside: Sequence["Split"] = (),
        voices: DataSet | None = None,
        voice_actors: Sequence[str] = (),
        steps: int = 0,
        seed: int = TrainConfig.seed,
    ) -> "Pairs":
        """Examples for `vfgan.CycleGan`: faces x and y, the voice z of y's emotion, a wrong voice z_wrong.

        Args:
            beside: splits of other data sets whose faces are used, too.
            voices: data set of the voices; by default this one, all splits of it.
            voice_actors: whose voices; by default of all whom the extractor has not learnt from but the last, who is
                left for `vfgan evaluate`.
            steps: batches of an epoch; 0: as many faces y as there are.
            seed: of what is drawn.
        """
        return Pairs((self, *beside), batch_size, voices or self.dataset, tuple(voice_actors), steps, seed)

    @property
    def origin(self) -> dict:
        """What identifies it, for model cards (`vfgan.data.provenance.data_origin`)."""
        people = self.dataset.manifest["counts"][self.name]["actor"]
        return data_origin(self.dataset, list(people))

    def _trains(self, training: bool | None) -> bool:
        return self.name == "train" if training is None else training

    def _noted(self, batches: tf.data.Dataset, epochs: Epochs | None = None) -> tf.data.Dataset:
        """Notes on a dataset where it is from: `fit` of our models reads that, others do not mind."""
        batches.vfgan_source = Source(self, epochs)
        return batches


@dataclasses.dataclass(frozen=True)
class Source:
    """Where the batches of a `tf.data.Dataset` are from."""

    split: Split
    epochs: Epochs | None  #: of what is drawn


def source_of(batches: Any) -> Source | None:
    """The source of batches that a `Split` has made; None of others, and of those that were changed since."""
    return getattr(batches, "vfgan_source", None)


@dataclasses.dataclass(frozen=True)
class Pairs:
    """Examples for a CycleGAN. What they are depends on it, so they are made when it asks (`vfgan.CycleGan.examples`):
    their size, z as its extractor hears it, faces that its emotion CNN sees rightly.
    """

    splits: tuple[Split, ...]
    batch_size: int
    voices: DataSet
    voice_actors: tuple[str, ...]
    steps: int
    seed: int

    def config(self, config: GanConfig) -> GanConfig:
        """A model's configuration with the batches and the seed that were asked for here."""
        return _config(config, self.batch_size, self.seed, {})

    def epochs(self, faces: Faces) -> Epochs:
        """How many steps an epoch has.

        Args:
            faces: Y.
        """
        return Epochs(self.steps or _batches(len(faces), self.batch_size))


def _batches(examples: float, batch_size: int) -> int:
    return max(1, int(np.ceil(examples / batch_size)))


def _config(config: Any, batch_size: int, seed: int, options: dict) -> Any:
    if batch_size < 1:
        raise ConfigError(f"batch_size: expected at least 1, got {batch_size!r}")
    train = dataclasses.replace(config.train, batch_size=batch_size, seed=seed)
    return dataclasses.replace(with_options(config, **options), train=train)


def _every_face(faces: Faces, batch_size: int) -> tf.data.Dataset:
    """All faces with their labels, in order."""
    if not len(faces):
        raise MediaError("there are no faces that are seen while their voice sounds")

    def pixels(index):
        return np.asarray(faces.pixels[np.asarray(index)])

    def batch(index):
        shown = tf.ensure_shape(tf.numpy_function(pixels, [index], tf.uint8), [None, *faces.pixels.shape[1:]])
        return pm1(shown), tf.one_hot(tf.gather(tf.constant(faces.emotion), index), len(FACE_EMOTIONS))

    indices = tf.data.Dataset.range(len(faces)).batch(batch_size)
    return indices.map(batch, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True).prefetch(2)
