"""What goes into SavedModels: raw waveform and uint8 face in, uint8 face out; core TensorFlow operations only."""

import tensorflow as tf

from vfgan.colour import luma
from vfgan.config import CropConfig
from vfgan.models.face_classifier import FaceClassifier
from vfgan.models.generator import Generator
from vfgan.voice import VoiceReader

MAX_SECONDS = 120
MAX_FACE_PX = 1024
MIN_FACE_PX = 16

_WAVEFORM = tf.TensorSpec([None, None], tf.float32, name="waveform")
_NUM_SAMPLES = tf.TensorSpec([None], tf.int32, name="num_samples")
_FACE = tf.TensorSpec([None, None, None, 3], tf.uint8, name="face")


class ExtractorServing(tf.Module):
    """waveform -> probabilities, z.

    Signatures:
        serving_default: waveform float32 [batch, samples] at 16 kHz.
        padded: also num_samples int32 [batch], for batches of unequal length.
    """

    def __init__(self, voice: VoiceReader):
        super().__init__()
        self.voice = voice

    @tf.function(input_signature=[_WAVEFORM])
    def whole(self, waveform):
        """Every waveform as long as the batch."""
        return self.padded(waveform, tf.fill([tf.shape(waveform)[0]], tf.shape(waveform)[1]))

    @tf.function(input_signature=[_WAVEFORM, _NUM_SAMPLES])
    def padded(self, waveform, num_samples):
        """Each waveform as long as `num_samples` says."""
        waveform, num_samples = checked_waveform(waveform, num_samples, self.voice.config)
        z, probabilities = self.voice.read(waveform, num_samples)
        return {"probabilities": probabilities, "z": z}

    def signatures(self) -> dict:
        """Signature name -> function."""
        return {"serving_default": self.whole, "padded": self.padded}


class FaceClassifierServing(tf.Module):
    """face -> probabilities of the seven emotions that a face can show, and the features phi.

    Signature:
        serving_default: face uint8 [batch, height, width, 3], aligned crop (the card's geometry).
    """

    def __init__(self, network: FaceClassifier, size_px: int, crop: CropConfig):
        super().__init__()
        self.network, self.size_px, self.crop = network, size_px, crop

    @tf.function(input_signature=[_FACE])
    def classify(self, face):
        """Luma of one size, through the network."""
        small = resize_area(luma(tf.cast(checked_face(face), tf.float32)), self.size_px) / 127.5 - 1.0
        return {"probabilities": tf.nn.softmax(self.network(small)), "features": self.network.phi(small)}

    def signatures(self) -> dict:
        """Signature name -> function."""
        return {"serving_default": self.classify}


class GeneratorServing(tf.Module):
    """waveform + face -> generated_face, probabilities, z.

    The network works on luma at its own size; its change is scaled to the face's size and added to all three colours,
    so that the face keeps its sharpness and its chroma.

    Signatures:
        serving_default: waveform float32 [batch, samples] at 16 kHz, face uint8 [batch, height, width, 3].
        padded: also num_samples int32 [batch].
        from_z: z float32 [batch, z_size], face; for callers that have the attribute, such as a video's windows.
        windows: waveform [1, samples] -> z, probabilities of the utterance, and window_z, weights of its windows.
        from_mfsc: the same from mfsc float32 [1, frames, bands, 3] as data sets hold it.
        neutral_z: -> z float32 [z_size], the mean of neutral training voices: 0 on the intensity dial.
    """

    def __init__(self, generator: Generator, voice: VoiceReader, neutral_z, size_px: int, crop: CropConfig):
        super().__init__()
        self.generator, self.voice, self.size_px, self.crop = generator, voice, size_px, crop
        self.neutral = tf.constant(neutral_z, tf.float32)

    @tf.function(input_signature=[_WAVEFORM, _FACE])
    def whole(self, waveform, face):
        """Every waveform as long as the batch."""
        return self.padded(waveform, face, tf.fill([tf.shape(waveform)[0]], tf.shape(waveform)[1]))

    @tf.function(input_signature=[_WAVEFORM, _FACE, _NUM_SAMPLES])
    def padded(self, waveform, face, num_samples):
        """Each waveform as long as `num_samples` says."""
        waveform, num_samples = checked_waveform(waveform, num_samples, self.voice.config)
        same = tf.debugging.assert_equal(
            tf.shape(waveform)[0], tf.shape(face)[0], "waveform and face: expected as many of each"
        )
        with tf.control_dependencies([same]):
            z, probabilities = self.voice.read(waveform, num_samples)
        return {"generated_face": self.generate(z, face), "probabilities": probabilities, "z": z}

    def generate(self, z, face):
        """uint8 [batch, height, width, 3] from z and face of the same batch."""
        full = tf.cast(checked_face(face), tf.float32)
        small = resize_area(luma(full), self.size_px)
        made, _ = self.generator([small / 127.5 - 1.0, z])
        change = (made + 1.0) * 127.5 - small  # [batch, size, size, 1], grey levels
        height, width = tf.shape(face)[1], tf.shape(face)[2]
        change = tf.image.resize(change, [height, width], "bicubic")
        return tf.cast(tf.clip_by_value(tf.round(full + change), 0.0, 255.0), tf.uint8)

    @tf.function(input_signature=[_FACE, tf.TensorSpec([None, None], tf.float32, name="z")])
    def from_z(self, face, z):
        """A face for each z."""
        return {"generated_face": self.generate(z, face)}

    @tf.function(input_signature=[tf.TensorSpec([1, None], tf.float32, name="waveform")])
    def windows(self, waveform):
        """What is heard over time."""
        from vfgan import mfsc

        waveform, num_samples = checked_waveform(waveform, tf.shape(waveform)[1:2], self.voice.config)
        return self._heard(mfsc.mfsc(waveform, num_samples, self.voice.config))

    @tf.function(input_signature=[tf.TensorSpec([1, None, None, 3], tf.float32, name="mfsc")])
    def from_mfsc(self, mfsc):
        """The same for callers that have the MFSC, such as evaluations on data sets."""
        return self._heard(mfsc)

    def _heard(self, planes):
        frames = tf.shape(planes)[1:2]
        z, probabilities = self.voice.read_planes(planes, frames)
        window_z, _, weights = self.voice.read_windows(planes, frames)
        return {"z": z[0], "probabilities": probabilities[0], "window_z": window_z[0], "weights": weights[0]}

    @tf.function(input_signature=[])
    def neutral_z(self):
        """Mean z of neutral training voices."""
        return {"z": self.neutral}

    def signatures(self) -> dict:
        """Signature name -> function."""
        return {
            "serving_default": self.whole, "padded": self.padded, "from_z": self.from_z, "windows": self.windows,
            "from_mfsc": self.from_mfsc, "neutral_z": self.neutral_z,
        }  # fmt: skip


def checked_waveform(waveform, num_samples, config):
    """The waveforms, or a readable error from the graph: too short, too long, or not finite."""
    shortest, longest = config.window_samples, MAX_SECONDS * config.sample_rate_hz
    checks = [
        tf.debugging.assert_greater_equal(
            num_samples, shortest, f"waveform: expected at least {shortest} samples at {config.sample_rate_hz} Hz"
        ),
        tf.debugging.assert_less_equal(
            num_samples, tf.shape(waveform)[1], "num_samples: expected at most the waveform's length"
        ),
        tf.debugging.assert_less_equal(
            tf.shape(waveform)[1], longest, f"waveform: expected at most {MAX_SECONDS} s at {config.sample_rate_hz} Hz"
        ),
        tf.debugging.Assert(
            tf.reduce_all(tf.math.is_finite(waveform)), ["waveform: expected finite values, got NaN or infinity"]
        ),
    ]
    with tf.control_dependencies(checks):
        return tf.identity(waveform), tf.identity(num_samples)


def checked_face(face):
    """The faces, or a readable error from the graph: too small or too large."""
    sides = tf.shape(face)[1:3]
    checks = [
        tf.debugging.assert_greater_equal(sides, MIN_FACE_PX, f"face: expected at least {MIN_FACE_PX} pixels a side"),
        tf.debugging.assert_less_equal(sides, MAX_FACE_PX, f"face: expected at most {MAX_FACE_PX} pixels a side"),
    ]
    with tf.control_dependencies(checks):
        return tf.identity(face)


def resize_area(picture, size_px: int):
    """Averages down (or interpolates up) to a square: float32 [batch, size, size, channels]."""
    return tf.image.resize(picture, [size_px, size_px], antialias=True)
