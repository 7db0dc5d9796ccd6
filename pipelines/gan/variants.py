"""The variants of CycleGAN and extractor that `vfgan compare` trains: name -> options that differ from the default."""

from typing import Literal

TableName = Literal["baselines", "stability", "ratio", "features"]

#: Each leaves out or replaces one part of the method.
BASELINES = {
    "vfgan": {},
    "no voice: a plain CycleGAN": {"condition": "none", "verification_ratio": 0.0},
    "label instead of z: the authors' code": {"attribute": "label"},
    "z at the input only: a conditional CycleGAN": {"condition": "input", "projection": False},
    "z concatenated at every stage": {"condition": "concat"},
    "z concatenated at every convolution, faces for wrong voices: the paper": {
        "condition": "concat-all", "wrong_voices": "generated",
    },
    "z as scale and shift": {"condition": "film"},
    "no projection: D_Y of patches alone": {"projection": False},
    "the whole crop changes": {"oval": False},
    "no cycle: a conditional GAN": {"lambda_cycle": 0.0},
    "no wrong attributes": {"wrong_voices": "none"},
    "no verification": {"verification_ratio": 0.0},
    "no emotion CNN at all": {"verification_ratio": 0.0, "projection": False, "clear_faces": False},
    "attention head": {"head": "attention"},
    "IcGAN: a conditional DCGAN with encoders": {
        "head": "icgan", "oval": False, "projection": False, "spectral_norm": False, "adversarial": "log",
        "discriminator_learning_rate": 2e-4,
    },
}  # fmt: skip
#: Each changes one option that is said to make GANs stable.
STABILITY = {
    "default": {},
    "no spectral normalisation": {"spectral_norm": False},
    "R1 penalty 10, no spectral normalisation": {"spectral_norm": False, "r1_penalty": 10.0},
    "labels smoothed by 0.1": {"real_smoothing": 0.1},
    "one time scale: both 2e-4": {"discriminator_learning_rate": 2e-4},
    "the authors' time scales: 2e-4, 1e-4": {"discriminator_learning_rate": 1e-4},
    "running average of G, 0.995": {"average_decay": 0.995},
    "least squares: the authors' loss": {"adversarial": "least-squares"},
    "the paper's log loss": {"adversarial": "log"},
    "faces changed for the discriminators, 0.3": {"discriminator_change": 0.3},
}
#: The authors' open question: how strong may the verification loss be?
RATIO = {f"ratio {ratio:g}": {"verification_ratio": ratio} for ratio in (0.0, 0.1, 0.25, 0.5, 0.75, 1.0)} | {
    "ratio rising to 1": {"verification_schedule": "rise"},
    "ratio falling from 1": {"verification_schedule": "fall"},
}
#: What the extractor sees of a voice: options of `vfgan.config.networks.ExtractorConfig`.
FEATURES = {
    "MFSC and its first and second differences": {},
    "MFCC and its first and second differences": {"features": "mfcc"},
    "MFSC, the static plane alone": {"features": "static"},
}
#: Tables of CycleGANs.
TABLES: dict[str, dict[str, dict]] = {"baselines": BASELINES, "stability": STABILITY, "ratio": RATIO}
