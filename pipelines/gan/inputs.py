"""Reads what a CycleGAN learns from: faces X and Y, voices, networks, and the record of their origins."""

import dataclasses
import shutil
from pathlib import Path

import keras

from vfgan.config.gan import GanConfig
from vfgan.config.serialise import to_dict
from vfgan.data.dataset import DataSet
from vfgan.data.face_set import load_faces, merge_faces
from vfgan.data.gan_material import GanMaterial, gan_material, gan_origin
from vfgan.data.provenance import check_same_crop, check_same_mfsc, joined_origins, open_face_sets, unheard_actors
from vfgan.data.rows import Memory
from vfgan.data.voice_set import Voices, load_voices
from vfgan.errors import SchemaError
from vfgan.models.build import seen_px
from vfgan.models.face_classifier import classify_faces
from vfgan.models.motion_gan import MotionGan
from vfgan.savedmodel.restore import Restored
from vfgan.storage.files import atomic_path, digest_file
from vfgan.training.runs import TrainedFaceClassifier, load_face_classifier, load_voice_reader, open_run


@dataclasses.dataclass(frozen=True)
class GanData(GanMaterial):
    """Everything that is read before a training."""

    faces_sets: dict[str, DataSet]
    emotion_cnn: TrainedFaceClassifier | None
    resolved: dict  #: the configuration and its origins, config.json of the run
    memory: Memory | None = None  #: for what is read of the data sets
    keeps_motion: bool = False  #: a shipped generator is fine-tuned: it moves faces as it did

    def measure_voices(self, model: MotionGan) -> None:
        """As of every material; a generator that is fine-tuned knows."""
        if not self.keeps_motion:
            super().measure_voices(model)


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
    emotion_cnn = load_emotion_cnn(args.emotion_cnn, config, next(iter(faces_sets.values())))
    material = gan_material(
        config, everyone, extractor.reader, voices,
        talking=lambda: _voices_of_faces(faces_sets, extractor.resolved["mfsc"], memory), learnt=learnt,
        see=(lambda pixels: classify_faces(emotion_cnn.network, pixels)[0].argmax(axis=1)) if emotion_cnn else None,
        known=(before.attributes, before.neutral_z) if before else None,
    )  # fmt: skip
    resolved = gan_origin(
        material,
        crop=to_dict(next(iter(faces_sets.values())).config.crop),
        extractor={
            "digest": extractor.digest,
            "z_size": material.z_size,
            "train_actors": sorted(learnt),
            "config": extractor.resolved["config"],
        },
        emotion_cnn=emotion_cnn.digest if emotion_cnn else None,
        seen=emotion_cnn.resolved["data"] if emotion_cnn else {},
        faces={name: (one, parts[name].actor) for name, one in faces_sets.items()},
        voices=(voices_set, voices.actor),
    )
    if args.start:
        resolved = started_from(args.start, resolved)
    return GanData(
        **vars(material), faces_sets=faces_sets, emotion_cnn=emotion_cnn, resolved=resolved, memory=memory,
        keeps_motion=before is not None,
    )  # fmt: skip


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
            with atomic_path(target / name) as temporary:
                shutil.copyfile(source / name, temporary)
