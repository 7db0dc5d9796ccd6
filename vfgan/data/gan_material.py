"""What a CycleGAN learns from: faces X and Y, the voices that fit them, and what is measured of both beforehand."""

import dataclasses
from collections.abc import Callable, Collection, Sequence

import numpy as np
import tensorflow as tf

from vfgan.config.gan import GanConfig
from vfgan.config.serialise import to_dict
from vfgan.data.attributes import Attributes, label_attributes, neutral_z, voice_attributes
from vfgan.data.dataset import DataSet
from vfgan.data.face_set import Faces, spread_faces
from vfgan.data.gan_examples import pair_dataset
from vfgan.data.motion_examples import displacements, emotion_displacements, motion_dataset, paired_faces
from vfgan.data.own_voice import OwnVoices, own_voices
from vfgan.data.provenance import data_origin
from vfgan.data.recipes import choose_faces, clear_faces, of_target
from vfgan.data.rows import Rows
from vfgan.data.sampling import Epochs
from vfgan.data.voice_set import Voices
from vfgan.emotions import FACE_EMOTIONS
from vfgan.models.motion_gan import MotionGan
from vfgan.models.voice_reader import VoiceReader


@dataclasses.dataclass(frozen=True)
class GanMaterial:
    """Faces and voices in memory."""

    config: GanConfig
    sources: Faces  #: X
    faces: Faces  #: Y
    attributes: Attributes
    own: OwnVoices | None
    neutral_z: np.ndarray  #: float32 [z_size]
    everyone: Faces  #: all faces that the recipe allows, for `--head motion`

    @property
    def z_size(self) -> int:
        """Numbers in z."""
        return self.attributes.z.shape[1]

    def emotion_displacements(self) -> np.ndarray:
        """How far emotions move people's landmarks (`vfgan.data.motion_examples.emotion_displacements`)."""
        return emotion_displacements(self.everyone)

    def measure(self, model: MotionGan) -> None:
        """Gives generators that bend the shapes of faces and how those move."""
        shapes = np.asarray(spread_faces(self.everyone).landmarks)
        model.g.measure(shapes, self.emotion_displacements())
        model.f.measure(shapes, displacements(paired_faces(self.everyone)))

    def measure_voices(self, model: MotionGan) -> None:
        """Tells a generator that bends how faces move, what a neutral voice is, and how far others are from it."""
        model.g.measure_motion(self.emotion_displacements())
        emotional = self.attributes.emotion != FACE_EMOTIONS.index("neutral")
        intensity = self.attributes.intensity[emotional]
        is_strong = np.where(intensity > 0, intensity - 1.0, np.nan)
        model.g.muscles.measure_voices(self.attributes.z[emotional], self.neutral_z, is_strong)

    def make_dataset(self, start: int | Epochs, stop: int) -> tf.data.Dataset:
        """Batches of some steps (`vfgan.data.gan_examples.pair_dataset`, `vfgan.data.motion_examples`)."""
        if self.config.networks.head == "motion":
            return motion_dataset(self.everyone, self.attributes, self.config, start, stop)
        return pair_dataset(self.sources, self.faces, self.attributes, self.config, start, stop, self.own)


def gan_material(
    config: GanConfig,
    everyone: Faces,
    reader: VoiceReader,
    voices: Voices,
    talking: Callable[[], Sequence[Voices]],
    learnt: Collection[str],
    see: Callable[[Rows], np.ndarray] | None = None,
    known: tuple[Attributes, np.ndarray] | None = None,
) -> GanMaterial:
    """Chooses X and Y among faces, and voices that fit them.

    Args:
        everyone: all faces.
        reader: the extractor.
        voices: whose z are drawn.
        talking: gives the voices of the faces' own clips; asked for where they are used.
        learnt: actors that the extractor has learnt from.
        see: pixels of faces -> int [faces], the emotion that the emotion CNN sees.
        known: attributes and neutral z in place of those of `voices`.
    Raises:
        ConfigError: the recipe does not find its faces.
    """
    sources, faces = choose_faces(everyone, config)
    bends = config.networks.head == "motion"
    if config.data.recipe == "one-person":
        everyone = everyone.where(of_target(everyone, config))
    if see and config.data.clear_faces and not bends:
        faces = clear_faces(faces, see(faces.pixels))
    attributes, zero = known or (voice_attributes(reader, voices), neutral_z(reader, voices))
    if config.data.attribute == "label":
        attributes = label_attributes(attributes)
        zero = np.eye(len(FACE_EMOTIONS), dtype=np.float32)[FACE_EMOTIONS.index("neutral")]
    own = None
    if config.data.own_voice and not bends:
        # do not use voices of actors that the extractor was trained on
        mine = [some.where(~np.isin(some.actor, sorted(learnt))) for some in talking()]
        own = own_voices(reader, faces, mine, learnt)
    return GanMaterial(config, sources, faces, attributes, own, zero, everyone)


def gan_origin(
    material: GanMaterial,
    *,
    crop: dict,
    extractor: dict,
    emotion_cnn: str | None,
    seen: dict,
    faces: dict[str, tuple[DataSet, Sequence[str]]],
    voices: tuple[DataSet, Sequence[str]],
) -> dict:
    """The configuration of a training and the origin of all that it learns from: config.json of its run.

    Args:
        crop: geometry of the faces.
        extractor: digest, z_size, train_actors and config.
        emotion_cnn: digest of its weights.
        seen: origin of the faces that the emotion CNN learnt from.
        faces: name -> (data set, actors of its faces).
        voices: (data set, actors whose voices are used).
    """
    own = material.faces.actor[material.own.usable] if material.own else ()
    return {
        "kind": "gan",
        "config": to_dict(material.config),
        "crop": crop,
        "extractor": extractor,
        "emotion_cnn": emotion_cnn,
        "seen": seen,
        "faces": {name: data_origin(one, actors) for name, (one, actors) in faces.items()},
        "people": sorted(set(material.sources.actor.tolist()) | set(material.faces.actor.tolist())),
        "voices": data_origin(voices[0], [*voices[1], *own]),
    }
