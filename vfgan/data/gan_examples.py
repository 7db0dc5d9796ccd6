"""Training examples of the GAN: source face x, face y that shows an emotion, fitting voice z, wrong voice z'."""

import numpy as np
import tensorflow as tf

from vfgan.config.gan import GanConfig
from vfgan.data.attributes import Attributes
from vfgan.data.face_examples import BalancedFaceSampler, SameCorpusSampler
from vfgan.data.face_set import Faces
from vfgan.data.own_voice import OwnVoices
from vfgan.data.rows import row_gatherer
from vfgan.data.sampling import Epochs, GroupSampler, another, step_dataset
from vfgan.data.voice_draws import VoiceDraws
from vfgan.emotions import FACE_EMOTIONS
from vfgan.errors import ConfigError
from vfgan.face.pixels import pm1
from vfgan.models.augment import augment_faces, split_seed


def pair_dataset(
    sources: Faces,
    faces: Faces,
    attributes: Attributes,
    config: GanConfig,
    start: int | Epochs,
    stop: int,
    own: OwnVoices | None = None,
) -> tf.data.Dataset:
    """Batches {x, y float32 [batch, size, size, 1]; z, z_wrong float32 [batch, z_size]; label float32
    [batch, 7]; emotional float32 [batch]}.

    y: emotions are drawn equally often, then a corpus that has it (`config.data.corpus_power`).
    x: of y's corpus, where X and Y are the same people.
    z: of the face's own voice where the extractor hears it rightly (and two emotions have such faces); else of a voice
        of the same emotion, and of the same intensity where both are known.
    z_wrong: of another emotion, each as likely.
    label: 1 at the emotion of y.
    emotional: 1, or 0 where y and z are neutral.

    Args:
        own: voices of `faces`; for `config.data.own_voice`.
    Raises:
        ConfigError: an emotion has faces but no voices, or there are fewer than two emotions.
    """
    batch_size, emotions = config.train.batch_size, len(FACE_EMOTIONS)
    _check_voices(faces, attributes)
    x_pixels, y_pixels, z_table = row_gatherer(sources.pixels), row_gatherer(faces.pixels), tf.constant(attributes.z)
    y_emotion = tf.constant(faces.emotion)
    any_x, any_y = BalancedFaceSampler(sources), BalancedFaceSampler(faces, config.data.corpus_power)
    x_beside = SameCorpusSampler(sources, faces)
    voices = VoiceDraws(attributes, same_intensity=config.data.same_intensity)
    y_intensity = tf.constant(faces.intensity)

    # wrong ones are own voices, too: else D_Y could tell them by their speaker; so it takes two emotions
    uses_own = own and config.data.own_voice and config.data.attribute == "voice"
    with_own = np.flatnonzero(own.usable) if own is not None and uses_own else np.array([], int)
    own_voiced = np.unique(faces.emotion[with_own])
    has_own = len(own_voiced) > 1
    if has_own:
        own_of = GroupSampler(faces.emotion[with_own], emotions)

    def another_own(emotion, seed):
        """Indices of faces whose own voice is of another emotion."""
        seeds = split_seed(seed, 2)
        drawn = own_of.draw_members(seeds[1], another(tf.constant(own_voiced), emotion, seeds[0]))
        return tf.gather(with_own.astype(np.int32), drawn)

    def batch(seed):
        seeds = split_seed(seed, 7)
        y_index = any_y.draw(seeds[1], batch_size)
        if config.data.recipe == "person-to-person":  # X and Y differ anyhow
            x_index = any_x.draw(seeds[0], batch_size)
        else:
            x_index = x_beside.draw(seeds[0], y_index)
        emotion, intensity = tf.gather(y_emotion, y_index), tf.gather(y_intensity, y_index)
        z = tf.gather(z_table, voices.fitting(emotion, intensity, seeds[2]))
        wrong = tf.gather(z_table, voices.wrong(emotion, seeds[3], seeds[4]))
        if own is not None and has_own:
            heard, other = tf.gather(own.usable, y_index), tf.random.experimental.stateless_fold_in(seed, 2)
            z = tf.where(heard[:, None], tf.gather(own.z, y_index), z)
            wrong = tf.where(heard[:, None], tf.gather(own.z, another_own(emotion, other)), wrong)
        return {
            "x": augment_faces(pm1(x_pixels(x_index)), seeds[5], strength=0.3),
            "y": augment_faces(pm1(y_pixels(y_index)), seeds[6], strength=0.3),
            "z": z,
            "z_wrong": wrong,
            "label": tf.one_hot(emotion, emotions),
            "emotional": tf.cast(emotion != FACE_EMOTIONS.index("neutral"), tf.float32),
        }

    return step_dataset(batch, start, stop, config.train.seed)


def _check_voices(faces: Faces, attributes: Attributes) -> None:
    without = [FACE_EMOTIONS[e] for e in sorted(set(faces.emotion) - set(attributes.emotion))]
    if without:
        raise ConfigError(
            f"there are {without[0]} faces but no {without[0]} voices: add voices, or leave the faces out"
        )
    if len(set(attributes.emotion)) < 2:
        raise ConfigError("the voices have one emotion: at least two are needed to tell a right voice from a wrong one")
