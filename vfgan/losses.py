"""The losses of the voice-conditioned CycleGAN: pure functions, each a mean over the batch, without weights.

A discriminator's `real` and `fake` are its patch scores, float32 [batch, patches, patches, 1].
"""

from collections.abc import Callable

from keras import ops


def discriminator_least_squares(real, fake):
    """E (D(y) - 1)^2 + E D(fake)^2, halved (Mao et al., 2017)."""
    return 0.5 * (ops.mean(ops.square(real - 1.0)) + ops.mean(ops.square(fake)))


def generator_least_squares(fake):
    """E (D(fake) - 1)^2."""
    return ops.mean(ops.square(fake - 1.0))


def discriminator_log(real, fake):
    """-(E log D(y) + E log(1 - D(fake))), halved, with D = sigmoid(score): the paper's adversarial loss."""
    return 0.5 * (ops.mean(ops.softplus(-real)) + ops.mean(ops.softplus(fake)))


def generator_log(fake):
    """-E log D(fake): the non-saturating form of E log(1 - D(fake)) (Goodfellow et al., 2014, section 3)."""
    return ops.mean(ops.softplus(-fake))


#: name -> (loss of the discriminator, loss of the generator)
ADVERSARIAL: dict[str, tuple[Callable, Callable]] = {
    "least-squares": (discriminator_least_squares, generator_least_squares),
    "log": (discriminator_log, generator_log),
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
