"""Reads what a CycleGAN learns from: faces X and Y, voices, networks, and the record of their origins."""

import dataclasses
import shutil
from pathlib import Path

import keras
import numpy as np

from vfgan.config.gan import GanConfig
from vfgan.config.serialise import to_dict
from vfgan.data.attributes import Attributes, label_attributes, neutral_z, voice_attributes
from vfgan.data.dataset import DataSet
from vfgan.data.face_set import Faces, load_faces, merge_faces, spread_faces
from vfgan.data.gan_examples import pair_dataset
from vfgan.data.motion_examples import mean_displacements, motion_dataset, paired_faces
from vfgan.data.own_voice import OwnVoices, own_voices
from vfgan.data.provenance import (
    check_same_crop,
    check_same_mfsc,
    data_origin,
    joined_origins,
    open_face_sets,
    unheard_actors,
)
from vfgan.data.recipes import choose_faces, clear_faces
from vfgan.data.rows import Memory
from vfgan.data.voice_set import Voices, load_voices
from vfgan.emotions import FACE_EMOTIONS
from vfgan.errors import SchemaError
from vfgan.models.build import seen_px
from vfgan.models.face_classifier import classify_faces
from vfgan.savedmodel.restore import Restored
from vfgan.storage.files import digest_file
from vfgan.training.runs import TrainedFaceClassifier, load_face_classifier, load_voice_reader, open_run


@dataclasses.dataclass(frozen=True)
class GanData:
    """Everything that is read before a training."""

    config: GanConfig
    faces_sets: dict[str, DataSet]
    sources: Faces  #: X
    faces: Faces  #: Y
    attributes: Attributes
    own: OwnVoices | None
    neutral_z: np.ndarray  #: float32 [z_size]
    emotion_cnn: TrainedFaceClassifier | None
    resolved: dict  #: the configuration and its origins, config.json of the run
    everyone: Faces | None = None  #: all training faces, for `--head motion`
    memory: Memory | None = None  #: for what is read of the data sets

    @property
    def z_size(self) -> int:
        """Numbers in z."""
        return self.attributes.z.shape[1]

    def measure(self, model) -> None:
        """Gives generators that bend the shapes of faces and how those move."""
        displacements, emotion = mean_displacements(paired_faces(self.everyone))
        for generator in (model.g, model.f):
            generator.measure(np.asarray(spread_faces(self.everyone).landmarks), displacements, emotion)

    def measure_voices(self, model) -> None:
        """Tells a generator that bends how faces move, what a neutral voice is, and how far others are from it."""
        model.g.muscles.measure(*mean_displacements(paired_faces(self.everyone)))
        emotional = self.attributes.emotion != FACE_EMOTIONS.index("neutral")
        model.g.muscles.measure_voices(self.attributes.z[emotional], self.neutral_z)

    def calibrate(self, model) -> None:
        """Tells a generator that bends, at the end of its training, how far its voices move a face."""
        model.g.muscles.calibrate(self.attributes.z, self.attributes.emotion)

    def make_dataset(self, start: int, stop: int):
        """Batches of some steps (`vfgan.data.gan_examples.pair_dataset`, `vfgan.data.motion_examples`)."""
        if self.config.networks.head == "motion":
            return motion_dataset(self.everyone, self.attributes, self.config, start, stop)
        return pair_dataset(self.sources, self.faces, self.attributes, self.config, start, stop, self.own)


def load_gan_data(args, before: Restored | None = None) -> GanData:
    """Reads the data sets and networks of a `pipelines.commands.train_gan.TrainGan`.

    Args:
        before: see `pipelines.commands.train_gan.train_gan`.
    Raises:
        SchemaError: they do not fit together.
        ConfigError: they lack what the recipe or an option needs.
    """
    config, voices_set, memory = args.config, DataSet(args.voices), Memory(args.reading.cache_mib)
    keras.utils.set_random_seed(config.train.seed)  # loaded networks hold seeds, too, and checkpoints keep them
    faces_sets = open_face_sets(args.faces)
    extractor = load_voice_reader(args.extractor)
    check_same_mfsc(extractor.resolved["mfsc"], voices_set)
    learnt = set(extractor.resolved["data"]["train_actors"])
    actors = unheard_actors(learnt, voices_set, args.voice_actors, keep_last=True)
    voices = load_voices(voices_set, ["train", "validation", "test"], actors, memory)
    size_px, channels = config.networks.size_px, config.channels
    parts = {name: load_faces(one, ["train"], size_px, channels, memory).aligned for name, one in faces_sets.items()}
    everyone = merge_faces(list(parts.values()))
    sources, faces = choose_faces(everyone, config)
    emotion_cnn = load_emotion_cnn(args.emotion_cnn, config, next(iter(faces_sets.values())))
    if emotion_cnn and config.data.clear_faces and config.networks.head != "motion":
        faces = clear_faces(faces, classify_faces(emotion_cnn.network, faces.pixels)[0].argmax(axis=1))
    if before:
        attributes, zero = before.attributes, before.neutral_z
    else:
        attributes = voice_attributes(extractor.reader, voices)
        zero = neutral_z(extractor.reader, voices)
    if config.data.attribute == "label":
        attributes = label_attributes(attributes)
        zero = np.eye(len(FACE_EMOTIONS), dtype=np.float32)[FACE_EMOTIONS.index("neutral")]
    own = None
    if config.data.own_voice and config.networks.head != "motion":
        talking = _voices_of_faces(faces_sets, extractor.resolved["mfsc"], memory)
        # do not use voices of actors that the extractor was trained on
        talking = [some.where(~np.isin(some.actor, sorted(learnt))) for some in talking]
        own = own_voices(extractor.reader, faces, talking, learnt)
    resolved = {
        "kind": "gan",
        "config": to_dict(config),
        "crop": to_dict(next(iter(faces_sets.values())).config.crop),
        "extractor": {
            "digest": extractor.digest,
            "z_size": attributes.z.shape[1],
            "train_actors": sorted(learnt),
            "config": extractor.resolved["config"],
        },
        "emotion_cnn": emotion_cnn.digest if emotion_cnn else None,
        "seen": emotion_cnn.resolved["data"] if emotion_cnn else {},
        "faces": {name: data_origin(one, parts[name].actor) for name, one in faces_sets.items()},
        "people": sorted(set(sources.actor.tolist()) | set(faces.actor.tolist())),
        "voices": data_origin(voices_set, [*voices.actor, *(faces.actor[own.usable] if own else ())]),
    }
    if args.start:
        resolved = started_from(args.start, resolved)
    return GanData(config, faces_sets, sources, faces, attributes, own, zero, emotion_cnn, resolved, everyone, memory)


def started_from(run: Path, resolved: dict) -> dict:
    """config.json of a run that starts from another run: it names the training data of both.

    Raises:
        SchemaError: the other run is not finished, or used another extractor (a flow that learns anew may).
    """
    before, weights = open_run(run, "gan")
    mine, other = resolved["extractor"]["digest"], before["extractor"]["digest"]
    config = resolved["config"]
    hears_anew = config["networks"]["head"] == "motion" and config["motion"]["flow_steps"] > 0
    if mine != other and not hears_anew:
        raise SchemaError(f"--start {run} used extractor {other}, --extractor is {mine}: their z are not comparable")
    return joined_origins(resolved, before) | {"start": digest_file(weights)}


def _voices_of_faces(faces_sets: dict[str, DataSet], mfsc: dict, memory: Memory) -> list[Voices]:
    """Loads the voices of the faces' clips, from the data sets that have voices."""
    found = []
    for one in faces_sets.values():
        if one.index(["train"]).clips["frames"].any():
            try:
                check_same_mfsc(mfsc, one)
            except SchemaError as error:
                raise SchemaError(f"{error}; or use --no-own-voice, which does not need its voices") from error
            found.append(load_voices(one, ["train"], memory=memory))
    return found


def load_emotion_cnn(run: Path | None, config: GanConfig, faces_set: DataSet) -> TrainedFaceClassifier | None:
    """Loads the emotion CNN of the verification loss; None without a run.

    Raises:
        SchemaError: the run is not finished, or was trained on faces of another size or geometry.
    """
    if run is None:
        return None
    trained = load_face_classifier(run, "emotion-cnn")
    check_same_crop(trained.resolved["crop"], faces_set, f"--emotion-cnn {run}")
    size_px = seen_px(config)
    if trained.size_px != size_px:
        raise SchemaError(
            f"--emotion-cnn {run} takes faces of {trained.size_px} px, the CycleGAN {size_px} px: use one --size-px"
        )
    return trained


def keep_extractor(source: Path, target: Path) -> None:
    """Copies the extractor into the GAN's run, because z of two extractors are not comparable."""
    target.mkdir(parents=True, exist_ok=True)
    for name in ("config.json", "model.weights.h5"):
        if (source / name).resolve() != (target / name).resolve():
            shutil.copyfile(source / name, target / name)
