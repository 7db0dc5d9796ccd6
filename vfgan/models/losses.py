"""The losses of the voice-conditioned CycleGAN: pure functions, each a mean over the batch, without weights.

A discriminator's `real` and `fake` are its patch scores, float32 [batch, patches, patches, 1].
"""

from collections.abc import Callable

import keras
from keras import ops

#: A logit that no softmax sees.
_NEVER = -1e9


def masked_cross_entropy(labels, logits, smoothing: float = 0.0):
    """-(1 - s) ln sum_right p - s mean_present ln p, with p the softmax over the emotions that the corpus has.

    What a corpus does not have gets no gradient; where two answers are right, either will do.

    Args:
        labels: float32 [batch, 8]: 1 right, 0 wrong, negative: not in the example's corpus.
        logits: float32 [batch, 8].
        s: label smoothing.
    Returns:
        float32 [batch].
    """
    logits = ops.cast(logits, "float32")
    right, present = labels > 0.5, labels > -0.5
    total = ops.logsumexp(ops.where(present, logits, _NEVER), axis=-1)
    of_right = ops.logsumexp(ops.where(right, logits, _NEVER), axis=-1) - total
    count = ops.sum(ops.cast(present, "float32"), axis=-1)
    of_present = ops.sum(ops.where(present, logits, 0.0), axis=-1) / count - total
    return -((1.0 - smoothing) * of_right + smoothing * of_present)


@keras.saving.register_keras_serializable("vfgan")
class MaskedCrossEntropy(keras.losses.Loss):
    """`masked_cross_entropy` as Keras' `compile` takes it and as models that are saved keep it.

    Args:
        smoothing: s, of the labels.
    """

    def __init__(self, smoothing: float = 0.0, name: str = "masked_cross_entropy", **kwargs):
        super().__init__(name=name, **kwargs)
        self.smoothing = smoothing

    def call(self, y_true, y_pred):
        return masked_cross_entropy(y_true, y_pred, self.smoothing)

    def get_config(self) -> dict:
        return {**super().get_config(), "smoothing": self.smoothing}


@keras.saving.register_keras_serializable("vfgan")
def recognised(labels, logits):
    """1 where the likeliest emotion of those that the corpus has is right, else 0; arguments as above."""
    heard = ops.argmax(ops.where(labels > -0.5, ops.cast(logits, "float32"), _NEVER), axis=-1)
    return ops.take_along_axis(ops.cast(labels > 0.5, "float32"), heard[:, None], axis=-1)[:, 0]


def discriminator_least_squares(real, fake, smoothing: float = 0.0):
    """E (D(y) - (1 - s))^2 + E D(fake)^2, halved (Mao et al., 2017).

    s: one-sided label smoothing (Salimans et al., 2016); also below.
    """
    return 0.5 * (ops.mean(ops.square(real - (1.0 - smoothing))) + ops.mean(ops.square(fake)))


def generator_least_squares(fake):
    """E (D(fake) - 1)^2."""
    return ops.mean(ops.square(fake - 1.0))


def discriminator_log(real, fake, smoothing: float = 0.0):
    """-(E (1 - s) log D(y) + s log(1 - D(y)) + E log(1 - D(fake))), halved, with D = sigmoid(score).

    With s = 0 the paper's adversarial loss.
    """
    of_real = (1.0 - smoothing) * ops.softplus(-real) + smoothing * ops.softplus(real)
    return 0.5 * (ops.mean(of_real) + ops.mean(ops.softplus(fake)))


def generator_log(fake):
    """-E log D(fake): the non-saturating form of E log(1 - D(fake)) (Goodfellow et al., 2014, section 3)."""
    return ops.mean(ops.softplus(-fake))


def discriminator_hinge(real, fake, smoothing: float = 0.0):
    """E max(0, 1 - s - D(y)) + E max(0, 1 + D(fake)), halved (Lim & Ye, 2017)."""
    return 0.5 * (ops.mean(ops.relu(1.0 - smoothing - real)) + ops.mean(ops.relu(1.0 + fake)))


def generator_hinge(fake):
    """-E D(fake)."""
    return -ops.mean(fake)


def r1_penalty(gradient):
    """E || dD(y)/dy ||^2 / 2: keeps D flat around real faces (Mescheder et al., 2018).

    Args:
        gradient: float32 [batch, size, size, channels], of D's mean score of each real face.
    """
    return 0.5 * ops.mean(ops.sum(ops.square(gradient), axis=(1, 2, 3)))


#: name -> (loss of the discriminator, loss of the generator)
ADVERSARIAL: dict[str, tuple[Callable, Callable]] = {
    "least-squares": (discriminator_least_squares, generator_least_squares),
    "log": (discriminator_log, generator_log),
    "hinge": (discriminator_hinge, generator_hinge),
}


def cycle_consistency(face, there_and_back):
    """E |F(G(x, z)) - x|_1, a mean over pixels (Zhu et al., 2017)."""
    return ops.mean(ops.abs(there_and_back - face))


def verification(phi_fake, phi_real):
    """E || phi(G(x, z)) - phi(y) ||_2 / sqrt(n), phi the emotion CNN's n features, y the face that z was paired with.

    Divided by sqrt(n), so that a ratio means the same for emotion CNNs of other widths.
    """
    squared = ops.mean(ops.square(phi_fake - phi_real), axis=-1)
    return ops.mean(ops.sqrt(squared + 1e-8))


def emotion_cross_entropy(logits, label, label_smoothing: float):
    """-E log p(e | G(x, z)), p the emotion CNN's answer, e the emotion of y: the domain classification loss of StarGAN
    (Choi et al., 2018, equation 3).

    Args:
        logits: float32 [batch, emotions], or one more: of a class that the faces are not of.
        label: float32 [batch, emotions], 1 at the emotion.
        label_smoothing: share of the label that is spread over all emotions, as where the emotion CNN was trained:
            nothing is to be shown without end.
    """
    smooth = (1 - label_smoothing) * label + label_smoothing / label.shape[-1]
    smooth = ops.pad(smooth, [(0, 0), (0, logits.shape[-1] - label.shape[-1])])
    return -ops.mean(ops.sum(smooth * ops.log_softmax(logits), axis=-1))


def not_generated(scores):
    """-E log(1 - p(generated | G(x, z))): with the cross-entropy of the emotions alone, that of all classes.

    Args:
        scores: float32 [batch, emotions + 1], logits, the last "generated".
    """
    return ops.mean(ops.logsumexp(scores, axis=-1) - ops.logsumexp(scores[:, :-1], axis=-1))


def critic(real, fake, label, label_smoothing: float):
    """-E log p(e | y) - E log p(generated | G(x, z)): the discriminator of semi-supervised GANs (Salimans et al., 2016,
    section 5).

    Args:
        real, fake: float32 [batch, emotions + 1], logits of real faces and of generated ones, the last "generated".
        label: float32 [batch, emotions], of the real ones.
        label_smoothing: as above.
    """
    return emotion_cross_entropy(real, label, label_smoothing) - ops.mean(ops.log_softmax(fake)[:, -1])


def landmark_distance(points, expected):
    """E |l - l'|^2 in squared hundredths of a crop side: a mean, so that what moves far is what is seen on average.

    Args:
        points, expected: float32 [batch, 468, 2], crop sides.
    """
    return 1e4 * ops.mean(ops.square(points - expected))
