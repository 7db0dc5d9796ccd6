"""What goes into SavedModels: raw waveform and uint8 face in, uint8 face out; core TensorFlow operations only."""

import json

import tensorflow as tf

from vfgan import __version__
from vfgan.config.data import CropConfig
from vfgan.config.serialise import to_dict
from vfgan.face.crop import CROP_HEIGHT
from vfgan.face.pixels import luma
from vfgan.models.face_classifier import FaceClassifier
from vfgan.models.generator import Generator
from vfgan.models.motion_generator import Motion, MotionGenerator
from vfgan.models.mouth import Mouth
from vfgan.models.voice_reader import VoiceReader, utterance_mean
from vfgan.savedmodel.input_checks import (
    MAX_FACE_PX,
    checked_face,
    checked_finite,
    checked_mfsc,
    checked_numbers,
    checked_pairs,
    checked_waveform,
)
from vfgan.savedmodel.listening import NUM_SAMPLES, WAVEFORM, Listening
from vfgan.savedmodel.relight import relight, resize_area
from vfgan.voice import mfsc as mfsc_module
from vfgan.voice.attribute_track import interpolate
from vfgan.voice.mouth_sound import around_each, at_times

_FACE = tf.TensorSpec([None, None, None, 3], tf.uint8, name="face")
_ONE_IN_A_BATCH = tf.TensorSpec([1, None], tf.float32, name="waveform")
_ONE_WAVEFORM = tf.TensorSpec([None], tf.float32, name="waveform")
_FACES = tf.TensorSpec([None, None, None, 3], tf.uint8, name="faces")
_ATTRIBUTES = tf.TensorSpec([None, None], tf.float32, name="z")
_POINTS = tf.TensorSpec([None, 468, 2], tf.float32)
_TIMES = tf.TensorSpec([None], tf.float32, name="times")


class ExtractorServing(Listening):
    """waveform -> probabilities, z.

    Signatures:
        serving_default: waveform float32 [batch, samples] at 16 kHz.
        padded: also num_samples int32 [batch], for batches of unequal length.
        windows: waveform [1, samples] -> probabilities [8] and z [z_size] of the utterance; window_probabilities
            [windows, 8] and weights [windows] (shares of voice, sum 1) of its windows; strangeness [], how unlike all
            training voices it is (`vfgan.emotions.UNLIKE`), where that was measured.
    """

    @tf.function(autograph=False, input_signature=[WAVEFORM])
    def whole(self, waveform):
        """Every waveform as long as the batch."""
        return self.padded(waveform, tf.fill([tf.shape(waveform)[0]], tf.shape(waveform)[1]))

    @tf.function(autograph=False, input_signature=[WAVEFORM, NUM_SAMPLES])
    def padded(self, waveform, num_samples):
        """Each waveform as long as `num_samples` says."""
        waveform, num_samples = checked_waveform(waveform, num_samples, self.voice.config)
        z, probabilities = self.read(waveform, num_samples)
        return {"probabilities": probabilities, "z": z}

    @tf.function(autograph=False, input_signature=[_ONE_IN_A_BATCH])
    def windows(self, waveform):
        """What is heard over time."""
        waveform, num_samples = checked_waveform(waveform, tf.shape(waveform)[1:2], self.voice.config)
        outputs, (_, over_time) = self.read_windows(self.planes(waveform, num_samples))
        return outputs | {"window_probabilities": over_time}

    def signatures(self) -> dict:
        """Signature name -> function."""
        return {"serving_default": self.whole, "padded": self.padded, "windows": self.windows}


class FaceClassifierServing(tf.Module):
    """face -> probabilities of the seven emotions that a face can show, and the features phi.

    Signature:
        serving_default: face uint8 [batch, height, width, 3], aligned crop (the card's geometry).
    """

    def __init__(self, network: FaceClassifier, size_px: int, crop: CropConfig):
        super().__init__()
        self.network, self.size_px, self.crop = network, size_px, crop

    @tf.function(autograph=False, input_signature=[_FACE])
    def classify(self, face):
        """Luma of one size, through the network."""
        small = resize_area(luma(tf.cast(checked_face(face), tf.float32)), self.size_px) / 127.5 - 1.0
        return {"probabilities": tf.nn.softmax(self.network(small)), "features": self.network.features(small)}

    def signatures(self) -> dict:
        """Signature name -> function."""
        return {"serving_default": self.classify}


class GeneratorServing(Listening):
    """waveform + face -> generated_face, probabilities, z.

    A network of the head motion sees colour at its own size; it bends and paints the face at the face's size. Others
    work on luma at their own size; the change is scaled to the face's size and lights or shades all three colours
    (`relight`), so that the face keeps its sharpness and its hues.

    For the head motion a face may be up to `crop_height` times as high as wide: its upper square is the crop. Where the
    picture goes on below it the jaw can drop; in a square one the chin rests, since nothing moves at the border.

    Signatures:
        serving_default: waveform float32 [batch, samples] at 16 kHz, face uint8 [batch, height, width, 3].
        padded: also num_samples int32 [batch].
        from_z: z float32 [batch, z_size], face; for callers that have the attribute, such as a video's windows.
        windows: waveform [1, samples] -> z, probabilities of the utterance, and window_z, weights of its windows;
            strangeness [] as the extractor's, where it was measured.
        from_mfsc: the same from mfsc float32 [1, frames, bands, 3] as data sets hold it.
        neutral_z: -> z float32 [z_size], the mean of neutral training voices: 0 on the intensity dial.
        contract: -> contract, JSON of what a client that has no card.json needs: crop, mfsc, vfgan's version, people.
        With a mouth that follows the sound, which needs the head motion:
        mouth: waveform [1, samples] -> mouth [frames, components], how mouth and jaw move at each MFSC frame.
        talking: z, face, mouth [batch, components] at the faces' times, and closed [batch], 0…1, how far a mouth that
            is open in the face is closed first (0: a photo, 1: footage of somebody who talks) -> generated_face.

    Args:
        people: actors whose faces it has learnt, where they have names.
        gain: z as the network gets it is so many times as far from `neutral_z` as the voice's.
        mouth: moves mouth and jaw by the moment's sound.
    """

    def __init__(
        self,
        generator: Generator | MotionGenerator,
        voice: VoiceReader,
        neutral_z,
        size_px: int,
        crop: CropConfig,
        people=(),
        gain: float = 1.0,
        mouth: Mouth | None = None,
    ):
        super().__init__(voice)
        self.gain, self.mouth = gain, mouth
        self.generator, self.size_px, self.crop = generator, size_px, crop
        self.neutral = tf.constant(neutral_z, tf.float32)
        self.crop_height = CROP_HEIGHT if isinstance(generator, MotionGenerator) else 1.0
        self._tallest = round(self.crop_height * MAX_FACE_PX)
        facts = {"vfgan": __version__, "crop": to_dict(crop), "crop_height": self.crop_height}
        facts |= {"mfsc": to_dict(voice.config)}
        self._contract = json.dumps(facts | {"resolved": {"people": list(people)}}, sort_keys=True)

    @tf.function(autograph=False, input_signature=[WAVEFORM, _FACE])
    def whole(self, waveform, face):
        """Every waveform as long as the batch."""
        return self.padded(waveform, face, tf.fill([tf.shape(waveform)[0]], tf.shape(waveform)[1]))

    @tf.function(autograph=False, input_signature=[WAVEFORM, _FACE, NUM_SAMPLES])
    def padded(self, waveform, face, num_samples):
        """Each waveform as long as `num_samples` says."""
        waveform, num_samples = checked_waveform(waveform, num_samples, self.voice.config)
        waveform, face = checked_pairs(waveform, self.checked_face(face), "waveform and face")
        z, probabilities = self.read(waveform, num_samples)
        return {"generated_face": self.generate(z, face), "probabilities": probabilities, "z": z}

    def generate(self, z, face, mouth=None, closed=None):
        """uint8 [batch, height, width, 3] from z and face of the same batch, and what moves its mouth (`talking`)."""
        if self.gain != 1.0:
            z = self.neutral + self.gain * (z - self.neutral)
        if not isinstance(self.generator, MotionGenerator):
            return self._relit(face, z)
        motion = Motion(*self._motion(face, z))
        if self.mouth and mouth is not None:
            motion = self.mouth.moved(motion, mouth, closed)
        return self._drawn(face, motion.landmarks, motion.moved, motion.emotions)

    @tf.function(autograph=False, input_signature=[_FACE, _ATTRIBUTES])
    def _relit(self, face, z):
        """From a generator that works on luma at its own size: uint8 [batch, height, width, 3]."""
        full = tf.cast(face, tf.float32)
        small = resize_area(luma(full), self.size_px)
        made, _ = self.generator([small / 127.5 - 1.0, z])
        change = (made + 1.0) * 127.5 - small  # [batch, size, size, 1], grey levels
        height, width = tf.shape(face)[1], tf.shape(face)[2]
        change = tf.image.resize(change, [height, width], "bicubic")
        return tf.cast(tf.clip_by_value(tf.round(relight(full, change)), 0.0, 255.0), tf.uint8)

    @tf.function(autograph=False, input_signature=[_FACE, _ATTRIBUTES])
    def _motion(self, face, z):
        """`Motion`'s values: landmarks, where they are to be, and how much there is of each emotion."""
        crop = tf.cast(face[:, : tf.shape(face)[2]], tf.float32)
        motion = self.generator.motion(resize_area(crop, self.size_px) / 127.5 - 1.0, z)
        return motion.landmarks, motion.moved, motion.emotions

    @tf.function(autograph=False, input_signature=[_FACE, _POINTS, _POINTS, _ATTRIBUTES])
    def _drawn(self, face, landmarks, moved, emotions):
        """Bent, shaded and painted at the face's own size: uint8 [batch, height, width, 3]."""
        generator, (height, width) = self.generator, (tf.shape(face)[1], tf.shape(face)[2])
        flow, motion = generator.flow(Motion(landmarks, moved, emotions), generator.rows_of(height, width))
        flow = tf.image.resize(flow, [height, width], "bicubic")
        made, _ = generator.drawn(tf.cast(face, tf.float32) / 127.5 - 1.0, motion, flow)
        return tf.cast(tf.clip_by_value(tf.round((made + 1.0) * 127.5), 0.0, 255.0), tf.uint8)

    @tf.function(autograph=False, input_signature=[_FACE, _ATTRIBUTES])
    def from_z(self, face, z):
        """A face for each z."""
        z, face = checked_pairs(self._checked_z(z), self.checked_face(face), "z and face")
        return {"generated_face": self.generate(z, face)}

    @tf.function(autograph=False, input_signature=[_ONE_IN_A_BATCH])
    def windows(self, waveform):
        """What is heard over time."""
        waveform, num_samples = checked_waveform(waveform, tf.shape(waveform)[1:2], self.voice.config)
        return self._heard(self.planes(waveform, num_samples))

    @tf.function(autograph=False, input_signature=[tf.TensorSpec([1, None, None, 3], tf.float32, name="mfsc")])
    def from_mfsc(self, mfsc):
        """The same for callers that have the MFSC, such as evaluations on data sets."""
        return self._heard(checked_mfsc(mfsc, self.voice.config))

    def _heard(self, planes):
        outputs, (window_z, _) = self.read_windows(planes)
        return outputs | {"window_z": window_z}

    @tf.function(autograph=False, input_signature=[_ONE_IN_A_BATCH])
    def mouth_of_sound(self, waveform):
        """How mouth and jaw move at each MFSC frame."""
        waveform, num_samples = checked_waveform(waveform, tf.shape(waveform)[1:2], self.voice.config)
        return {"mouth": self.mouth_of_planes(self.planes(waveform, num_samples))}

    def mouth_of_planes(self, planes):
        """The same from MFSC float32 [1, frames, bands, 3]: float32 [frames, components]."""
        mouth = self._moving_mouth()
        return mouth(around_each(planes, mouth.settings["context"], self.voice.config))

    def _moving_mouth(self) -> Mouth:
        """The mouth, of a generator that has one."""
        if self.mouth is None:
            raise ValueError("this generator has no mouth that follows the sound")
        return self.mouth

    @tf.function(
        autograph=False,
        input_signature=[
            _FACE,
            _ATTRIBUTES,
            tf.TensorSpec([None, None], tf.float32, name="mouth"),
            tf.TensorSpec([None], tf.float32, name="closed"),
        ],
    )
    def talking(self, face, z, mouth, closed):
        """A face for each z, with its mouth moved."""
        z, face = checked_pairs(self._checked_z(z), self.checked_face(face), "z and face")
        mouth = checked_numbers(mouth, self._moving_mouth().settings["components"], "mouth")
        mouth, face = checked_pairs(mouth, face, "mouth and face")
        closed, face = checked_pairs(checked_finite(closed, "closed"), face, "closed and face")
        return {"generated_face": self.generate(z, face, mouth, tf.clip_by_value(closed, 0.0, 1.0))}

    def checked_face(self, face, name: str = "face"):
        """The faces, or an error (`vfgan.savedmodel.input_checks`)."""
        return checked_face(face, name, self._tallest)

    def _checked_z(self, z):
        return checked_numbers(z, self.neutral.shape[0], "z")

    @tf.function(autograph=False, input_signature=[])
    def neutral_z(self):
        """Mean z of neutral training voices."""
        return {"z": self.neutral}

    @tf.function(autograph=False, input_signature=[])
    def contract(self):
        """What card.json says to `vfgan generate`, for clients."""
        return {"contract": tf.constant(self._contract)}

    def signatures(self) -> dict:
        """Signature name -> function."""
        talks = {"mouth": self.mouth_of_sound, "talking": self.talking} if self.mouth else {}
        return {
            "serving_default": self.whole, "padded": self.padded, "from_z": self.from_z, "windows": self.windows,
            "from_mfsc": self.from_mfsc, "neutral_z": self.neutral_z, "contract": self.contract, **talks,
        }  # fmt: skip


class VideoServing(tf.Module):
    """One waveform, N faces at N times -> N faces: what `vfgan.generate.video` makes of its aligned crops.

    Signatures, unbatched:
        serving_default: waveform float32 [samples] at 16 kHz, faces uint8 [N, height, width, 3], times float32 [N],
            seconds from the first sample -> generated_faces uint8 [N, height, width, 3]; probabilities [N, 8] and z
            [N, z_size] at these times; utterance_probabilities [8] and utterance_z [z_size] of the whole voice.
        talking: the same, and the mouths follow the sound; for a photo, N times. Of generators that have a mouth.
    """

    def __init__(self, generator: GeneratorServing):
        super().__init__()
        self.generator, self.voice = generator, generator.voice
        self.size_px, self.crop, self.gain = generator.size_px, generator.crop, generator.gain
        self.crop_height = generator.crop_height

    @tf.function(autograph=False, input_signature=[_ONE_WAVEFORM, _FACES, _TIMES])
    def follow_voice(self, waveform, faces, times):
        """Each face with what is heard at its time."""
        return self._followed(waveform, faces, times, talking=False)

    @tf.function(autograph=False, input_signature=[_ONE_WAVEFORM, _FACES, _TIMES])
    def talk(self, waveform, faces, times):
        """The same, and its mouth moves with the sound."""
        return self._followed(waveform, faces, times, talking=True)

    def _followed(self, waveform, faces, times, talking: bool):
        extractor, config = self.voice.extractor, self.voice.config
        waveform, num_samples = checked_waveform(waveform[None], tf.shape(waveform), config)
        faces = self.generator.checked_face(faces, "faces")
        times, faces = checked_pairs(checked_finite(times, "times"), faces, "times and faces")
        planes = self.generator.planes(waveform, num_samples)
        frames = mfsc_module.num_frames(num_samples, config)
        utterance_z, utterance_probabilities, attributes, weights, _ = self.generator.listen(planes, frames)
        whole = utterance_mean(attributes, weights)
        z, probabilities = extractor.z_and_probabilities(
            interpolate(attributes[0], weights[0], whole[0], times, config)
        )
        moved = (
            (at_times(self.generator.mouth_of_planes(planes), times, config), tf.zeros_like(times)) if talking else ()
        )
        return {
            "generated_faces": self.generator.generate(z, faces, *moved),
            "probabilities": probabilities, "z": z,
            "utterance_probabilities": utterance_probabilities[0], "utterance_z": utterance_z[0],
        }  # fmt: skip

    def signatures(self) -> dict:
        """Signature name -> function."""
        return {"serving_default": self.follow_voice, **({"talking": self.talk} if self.generator.mouth else {})}
