"""Training examples of the face classifiers, and drawing faces so that no corpus stands for an emotion."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from vfgan.config.networks import FaceClassifierConfig
from vfgan.data.face_set import Faces
from vfgan.data.rows import row_gatherer
from vfgan.data.sampling import Epochs, GroupSampler, step_dataset
from vfgan.emotions import FACE_EMOTIONS
from vfgan.face.pixels import pm1
from vfgan.models.augment import augment_faces, erase_part, split_seed
from vfgan.models.richer_augment import cut_out, mix_up, rand_augment


def face_dataset(faces: Faces, config: FaceClassifierConfig, start: int | Epochs, stop: int) -> tf.data.Dataset:
    """Batches (faces float32 [batch, size, size, 1], labels float32 [batch, 7]) of some steps.

    Emotions are drawn equally often, and of an emotion the corpora that have it, so that a small corpus counts too.
    """
    pixels, emotion = row_gatherer(faces.pixels), tf.constant(faces.emotion)
    balanced = BalancedFaceSampler(faces)

    def batch(seed):
        seeds = split_seed(seed, 3)
        index = balanced.draw(seeds[0], config.train.batch_size)
        picture = augment_faces(pm1(pixels(index)), seeds[1], strength=1.0)
        picture = erase_part(picture, seeds[2], config.erased_share)
        label = tf.one_hot(tf.gather(emotion, index), len(FACE_EMOTIONS))
        return augment_more(picture, label, seeds[2], config.augment)

    return step_dataset(batch, start, stop, config.train.seed)


def augment_more(face: tf.Tensor, label: tf.Tensor, seed: tf.Tensor, names: Sequence[str]) -> tuple:
    """Faces and labels after the chosen ones of `vfgan.models.richer_augment`, mix-up last.

    Args:
        face: float32 [batch, size, size, channels], -1…1.
        label: float32 [batch, classes].
        seed: stateless, int64 [2].
        names: as of `FaceClassifierConfig.augment`.
    """
    seeds = split_seed(seed, 4)[1:]  # the first is whose seed this is
    if "randaugment" in names:
        face = rand_augment(face, seeds[0])
    if "cut-out" in names:
        face = cut_out(face, seeds[1])
    return mix_up(face, label, seeds[2]) if "mix-up" in names else (face, label)


class BalancedFaceSampler:
    """Draws faces: first an emotion, then a corpus that has it, then a face, each as likely.

    Args:
        corpus_power: a corpus is as likely as the number of its faces of the emotion to this power, 0…1.
    """

    def __init__(self, faces: Faces, corpus_power: float = 0.0):
        _, corpus = np.unique(faces.corpus, return_inverse=True)
        kinds, kind, count = np.unique(
            np.stack([faces.emotion, corpus], axis=1), axis=0, return_inverse=True, return_counts=True
        )
        drawn = np.repeat(np.arange(len(kinds)), np.rint(count**corpus_power).astype(int))
        self._drawn = tf.constant(drawn.astype(np.int32))
        self._kinds_of_emotion = GroupSampler(kinds[drawn, 0], len(FACE_EMOTIONS))
        self._faces_of_kind = GroupSampler(kind.ravel(), len(kinds))

    def draw(self, seed: tf.Tensor, count: int) -> tf.Tensor:
        """Indices of `count` faces: int32 [count]."""
        seeds = split_seed(seed, 3)
        places = self._kinds_of_emotion.draw_members(seeds[1], self._kinds_of_emotion.draw_groups(seeds[0], count))
        return self._faces_of_kind.draw_members(seeds[2], tf.gather(self._drawn, places))


class SameCorpusSampler:
    """Draws faces to go with others: of the same corpus where that has some, else of any.

    Of the corpus first an emotion is drawn, then a face, each as likely. What tells a corpus (light, pose, what is
    around the face) then tells neither a generated face from a real one nor an emotion: not every corpus has all.
    """

    def __init__(self, faces: Faces, others: Faces):
        own, wanted = faces.corpus, others.corpus
        names = np.unique(own)
        kinds, kind = np.unique(
            np.stack([np.searchsorted(names, own), faces.emotion], axis=1), axis=0, return_inverse=True
        )
        self._faces_of_kind, self._count, anywhere = GroupSampler(kind.ravel(), len(kinds)), len(kinds), len(names)
        # each kind twice: in the group of its corpus, and among all
        self._kinds_of_corpus = GroupSampler(np.append(kinds[:, 0], np.full(len(kinds), anywhere)), anywhere + 1)
        self._corpus_of_other = tf.constant(
            np.where(np.isin(wanted, names), np.searchsorted(names, wanted), anywhere).astype(np.int32)
        )

    def draw(self, seed: tf.Tensor, others: tf.Tensor) -> tf.Tensor:
        """Indices of faces, one to go with each of these indices of the others: int32 [count]."""
        seeds = split_seed(seed, 2)
        kinds = self._kinds_of_corpus.draw_members(seeds[0], tf.gather(self._corpus_of_other, others))
        return self._faces_of_kind.draw_members(seeds[1], kinds % self._count)
