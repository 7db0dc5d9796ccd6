"""Training examples of a generator that bends: one person neutral and emotional, with landmarks and a fitting voice."""

import numpy as np
import tensorflow as tf

from vfgan.config.gan import GanConfig
from vfgan.data.attributes import Attributes
from vfgan.data.emotion_effects import emotion_effects, evenly_chosen
from vfgan.data.face_examples import BalancedFaceSampler
from vfgan.data.face_set import STATISTICS_OF, Faces, spread_faces
from vfgan.data.rows import LazyRows, Memory, Rows, RowStore, row_gatherer
from vfgan.data.sampling import Epochs, GroupSampler, step_dataset
from vfgan.data.voice_draws import VoiceDraws
from vfgan.emotions import FACE_EMOTIONS
from vfgan.errors import ConfigError
from vfgan.face.mirror import mirror_order, mirrored
from vfgan.face.rest import RestingShape
from vfgan.models.augment import move_faces, split_seed

#: Voices that are drawn by themselves, for each face.
_VOICES = 4
#: Landmarks at the side of a face stay: a mesh has nothing to hold on to there but how the head is tilted. Ears would
#: be bent, and a jaw turns about its joint. From and to so far from the middle, in half widths of the face.
_SIDES = (0.7, 0.95)
#: Of the face mesh: where a face is widest.
_WIDEST = (234, 454)
#: Of the face mesh: upper edges of the brows, and the middle of the hairline.
_BROWS, _HAIRLINE = (105, 107, 334, 336), 10
#: Cosine above which people move as the mixed model says, so that they tell how far.
_AGREE = 0.7
_NEUTRAL = FACE_EMOTIONS.index("neutral")


def paired_faces(faces: Faces) -> Faces:
    """The faces of people who are seen neutral and with an emotion.

    Raises:
        ConfigError: there is nobody.
    """
    faces = faces.showing
    person = faces.person
    neutral = np.unique(person[faces.emotion == _NEUTRAL])
    moved = np.unique(person[faces.emotion != _NEUTRAL])
    kept = np.isin(person, np.setdiff1d(np.intersect1d(neutral, moved), [""]))
    if not kept.any():
        raise ConfigError(
            "--head motion: nobody is seen both neutral and with an emotion: add --faces of `people`, or of clips"
        )
    return faces.where(kept)


def resting_landmarks(faces: Faces) -> Rows:
    """Of each face the landmarks of the same person at rest: the mean of the neutral ones, else `RestingShape`'s guess.

    Returns:
        float32 [faces, 468, 2], crop sides; of many faces they are worked out when they are asked for.
    """
    person, neutral = faces.person, faces.emotion == _NEUTRAL
    known = spread_faces(faces.where(np.flatnonzero(neutral)))
    landmarks, who = np.asarray(known.landmarks), known.person
    guess, alone = RestingShape(landmarks), neutral & (person == "")
    mean = {name: landmarks[who == name].mean(axis=0) for name in np.unique(who) if name}
    if len(faces) <= STATISTICS_OF:
        rest = guess.of(np.asarray(faces.landmarks))
        for name, value in mean.items():
            rest[person == name] = value
        rest[alone] = faces.landmarks[np.flatnonzero(alone)]
        return rest

    def read(face: int) -> np.ndarray:
        if person[face] in mean:
            return mean[person[face]]
        shown = faces.landmarks[face]
        return shown if alone[face] else guess.of(shown[None])[0]

    return LazyRows.of(RowStore(len(faces), (468, 2), np.float32, read, Memory(0)), len(faces))


def displacements(faces: Faces) -> np.ndarray:
    """How far the landmarks of emotional faces are from their resting places.

    Args:
        faces: from `paired_faces`.
    Returns:
        float32 [faces, 468, 2], crop sides, also of the mirrored faces.
    """
    rest, index = resting_landmarks(faces), np.arange(len(faces))
    if len(faces) > STATISTICS_OF:
        index = np.linspace(0, len(faces) - 1, STATISTICS_OF).astype(np.int64)
    order = mirror_order(faces.landmarks[index])
    shown = index[faces.emotion[index] != _NEUTRAL]
    moved = faces.landmarks[shown] - rest[shown]
    turned = (moved * np.array([-1.0, 1.0], np.float32))[:, order]
    return np.concatenate([moved, turned])


def ways_to_rest(faces: Faces) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Faces of people who are seen neutral, too, how far it is from each back to rest, and their emotions.

    Args:
        faces: from `paired_faces`.
    Returns:
        (landmarks, displacements: float32 [faces, 468, 2] each, crop sides; int32 [faces]); the mirrored faces are
        behind the others.
    """
    faces = evenly_chosen(faces)
    shown = np.asarray(faces.landmarks)
    way = (resting_landmarks(faces) - shown) * moving_share(shown)[:, None].astype(np.float32)
    order = mirror_order(shown)
    turned = (way * np.array([-1.0, 1.0], np.float32))[:, order]
    both = np.concatenate([shown, mirrored(shown, order)]), np.concatenate([way, turned])
    return *both, np.tile(faces.emotion, 2)


def emotion_displacements(faces: Faces) -> np.ndarray:
    """How far each emotion moves landmarks, the same on the left as on the right.

    Where to is found by `emotion_effects`, to which corpora count as their people do. How far is the mean of people who
    are seen neutral, too, where they agree with it. Somebody of whom there is no other face does not count: of such
    people emotions tell less than who they are.

    Args:
        faces: of whom some are seen neutral and with an emotion.
    Returns:
        float64 [emotions, 468, 2], crop sides.
    Raises:
        ConfigError: there is nobody.
    """
    paired_faces(faces)
    faces = evenly_chosen(faces.where(faces.person != ""))
    landmarks = np.asarray(faces.landmarks, np.float64)
    order = mirror_order(landmarks)
    effects = emotion_effects(landmarks.reshape(len(faces), -1), faces.emotion, faces.corpus, faces.person)
    effects = mirrored_mean(effects.reshape(-1, 468, 2), order)
    pairs = paired_faces(faces)
    moved = np.asarray(pairs.landmarks, np.float64) - resting_landmarks(pairs)
    for emotion, effect in enumerate(effects, 1):
        if (pairs.emotion == emotion).any():
            effect *= _stretch(effect, mirrored_mean(moved[pairs.emotion == emotion].mean(axis=0), order))
    return effects * moving_share(landmarks)[:, None]


def moving_share(landmarks: np.ndarray) -> np.ndarray:
    """How much of what is measured landmarks move: float64 [468].

    0 beside temples, ears and the angle of the jaw, and at the hairline, else 1. A mesh moves the whole forehead with
    the brows; skin gives way on it, from the brows up. Moved as a whole it is stretched at the hairline, into vertical
    scratches.

    Args:
        landmarks: float [faces, 468, 2], crop sides.
    """
    rest = landmarks.mean(axis=0)
    left, right = rest[list(_WIDEST), 0]
    aside = np.abs(rest[:, 0] - 0.5 * (left + right)) / max(0.5 * abs(right - left), 1e-6)
    aside = np.clip((aside - _SIDES[0]) / (_SIDES[1] - _SIDES[0]), 0.0, 1.0)
    brows, hairline = rest[list(_BROWS), 1].mean(), rest[_HAIRLINE, 1]
    up = np.clip((brows - rest[:, 1]) / max(brows - hairline, 1e-6), 0.0, 1.0)
    return (1.0 - aside * aside * (3.0 - 2.0 * aside)) * (1.0 - up)


def _stretch(effect: np.ndarray, people: np.ndarray) -> float:
    """By how much a displacement is stretched to reach as far along people's, where they agree in direction."""
    along, far = float((effect * people).sum()), float((people * people).sum())
    agree = along > _AGREE * np.sqrt(far * float((effect * effect).sum()))
    return far / along if agree else 1.0


def mirrored_mean(moved: np.ndarray, order: np.ndarray) -> np.ndarray:
    """The mean of displacements, float [..., 468, 2], and those of the mirrored face (`mirror_order`)."""
    return 0.5 * (moved + moved[..., order, :] * np.array([-1.0, 1.0]))


def motion_dataset(
    faces: Faces, attributes: Attributes, config: GanConfig, start: int | Epochs, stop: int
) -> tf.data.Dataset:
    """Batches of some steps: float32, pictures [batch, size, size, 3] of -1…1, landmarks [batch, 468, 2].

    x, y: one person neutral, and with an emotion (y is x where that is neutral), with x_points and y_points; `moved` is
    how far y's landmarks are from their mean resting places (y_rest), times what a voice of z's intensity is worth.
    z fits y's emotion, and its intensity where both are known; z_wrong is of another emotion. label [batch, 7],
    emotional [batch]: of y. voice_z [batch, 4, z_size], voice_label [batch, 4, 7]: voices by themselves.
    other: any face, with other_points and other_label.

    Args:
        faces: all training faces, with landmarks.
    """
    draws = _Draws(faces, attributes, config)
    size, count = config.train.batch_size, len(FACE_EMOTIONS)

    def batch(seed):
        seeds = split_seed(seed, 7)
        x, y = draws.pair(seeds[:2], size)
        other = draws.anything.draw(seeds[2], size)
        emotion = tf.gather(draws.emotion, y)
        z, z_wrong, amount = draws.voices.draw(emotion, tf.gather(draws.intensity, y), seeds[3], seeds[4])
        both = tf.concat([draws.pixels(x), draws.pixels(y)], axis=-1)
        x_points, y_points, moved = draws.landmarks(x), draws.landmarks(y), draws.moved(y)
        points = [x_points, y_points, x_points + moved * amount[:, None, None], y_points - moved]
        points = tf.concat(points, axis=1)
        both, points = move_faces(both, points, draws.order, seeds[5])
        points = tf.split(points, 4, axis=1)
        picture, shown = move_faces(draws.pixels(other), draws.landmarks(other), draws.order, seeds[6])
        voice_z, voice_emotion = draws.voices.many(seeds[4], size)
        return {
            "x": both[..., :3], "y": both[..., 3:], "x_points": points[0], "y_points": points[1],
            "moved": points[2] - points[0], "y_rest": points[3], "z": z, "z_wrong": z_wrong,
            "label": tf.one_hot(emotion, count),
            "emotional": tf.cast(emotion != _NEUTRAL, tf.float32), "other": picture, "other_points": shown,
            "other_label": tf.one_hot(tf.gather(draws.emotion, other), count),
            "voice_z": voice_z, "voice_label": tf.one_hot(voice_emotion, count),
        }  # fmt: skip

    return step_dataset(batch, start, stop, config.train.seed)


class _Draws:
    """The faces as tensors, and what is drawn from them."""

    def __init__(self, faces: Faces, attributes: Attributes, config: GanConfig):
        person, showing = faces.person, faces.voice_phase == 0
        paired = set(paired_faces(faces).person)
        self._both = np.flatnonzero(showing & np.isin(person, sorted(paired))).astype(np.int32)
        self._from_both = BalancedFaceSampler(faces.where(self._both), config.data.corpus_power)
        people, person = np.unique(person, return_inverse=True)
        self._neutral = self._both[faces.emotion[self._both] == _NEUTRAL]
        self._neutral_of = GroupSampler(person[self._neutral], len(people))
        self._person = tf.constant(person.astype(np.int32))
        self.anything = BalancedFaceSampler(faces, config.data.corpus_power)
        self.order = tf.constant(mirror_order(np.asarray(spread_faces(faces).landmarks)))
        self.pixels, self.landmarks = row_gatherer(faces.pixels), row_gatherer(faces.landmarks)
        self.rest = row_gatherer(resting_landmarks(faces))
        self.emotion, self.intensity = tf.constant(faces.emotion), tf.constant(faces.intensity)
        self.voices = MotionVoices(attributes, config)

    def moved(self, index) -> tf.Tensor:
        """How far the landmarks are from their resting places: float32 [batch, 468, 2], 0 for neutral faces."""
        neutral = tf.gather(self.emotion, index) == _NEUTRAL
        return tf.where(neutral[:, None, None], 0.0, self.landmarks(index) - self.rest(index))

    def pair(self, seeds, count: int) -> tuple[tf.Tensor, tf.Tensor]:
        """(indices of neutral faces, of faces of the same people that show an emotion), int32 [count] each."""
        y = tf.gather(self._both, self._from_both.draw(seeds[0], count))
        x = tf.gather(self._neutral, self._neutral_of.draw_members(seeds[1], tf.gather(self._person, y)))
        return x, tf.where(tf.gather(self.emotion, y) == _NEUTRAL, x, y)


class MotionVoices:
    """Draws z that fits an emotion, and one that does not."""

    def __init__(self, attributes: Attributes, config: GanConfig):
        self._draws = VoiceDraws(attributes, same_intensity=config.data.same_intensity)
        self._z = tf.constant(attributes.z)
        self._emotion, self._intensity = tf.constant(attributes.emotion), tf.constant(attributes.intensity)
        self._amount = tf.constant([1.0, 2.0 - config.motion.strong, config.motion.strong])

    def draw(self, emotion, intensity, seed, wrong_seed) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """For faces of these emotions and intensities, int32 [batch]: z, z' float32 [batch, z_size], and how much of a
        face's displacement such a voice is worth, float32 [batch]: 1 where the face is of the voice's intensity."""
        seeds = split_seed(wrong_seed, 2)
        wrong = self._draws.wrong(emotion, seeds[0], seeds[1])
        index = self._draws.fitting(emotion, intensity, seed)
        amount = tf.where(intensity > 0, 1.0, tf.gather(self._amount, tf.gather(self._intensity, index)))
        return tf.gather(self._z, index), tf.gather(self._z, wrong), amount

    def many(self, seed, count: int) -> tuple[tf.Tensor, tf.Tensor]:
        """z float32 [count, 4, z_size] and emotion int32 [count, 4] of voices, each emotion as likely."""
        seeds = split_seed(seed, 3)
        index = self._draws.of.draw_members(seeds[1], self._draws.of.draw_groups(seeds[2], count * _VOICES))
        index = tf.reshape(index, (count, _VOICES))
        return tf.gather(self._z, index), tf.gather(self._emotion, index)
