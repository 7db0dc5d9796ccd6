"""Draws the synthetic actors' looks and voices from (seed, actor)."""

import dataclasses

import numpy as np

Rgb = tuple[float, float, float]

SKINS: tuple[Rgb, ...] = (
    (236, 194, 168), (198, 146, 110), (120, 80, 60), (224, 176, 142), (162, 110, 80), (241, 205, 184), (92, 62, 48),
    (211, 162, 122),
)  # fmt: skip
HAIRS: tuple[Rgb, ...] = (
    (36, 28, 26), (88, 58, 36), (176, 132, 78), (58, 40, 32), (126, 66, 36), (24, 24, 28), (140, 134, 130),
)  # fmt: skip
IRISES: tuple[Rgb, ...] = ((84, 56, 34), (78, 112, 142), (74, 98, 66), (56, 38, 28), (112, 88, 52))
CLOTHES: tuple[Rgb, ...] = (
    (40, 44, 54), (122, 40, 44), (58, 84, 116), (190, 186, 176), (64, 92, 66), (96, 70, 112), (26, 26, 28),
)  # fmt: skip
BACKGROUNDS: tuple[Rgb, ...] = (
    (214, 216, 218), (150, 168, 184), (196, 186, 168), (120, 130, 126), (178, 160, 170), (92, 102, 118),
)  # fmt: skip
MALE_HAIR = ("short", "side", "crop", "curly", "receding")
FEMALE_HAIR = ("long", "bob", "bun", "curls", "fringe")


@dataclasses.dataclass(frozen=True)
class Look:
    """An actor's face. Lengths are in eye distances (pupil to pupil); colours are RGB, 0…255."""

    male: bool
    skin: Rgb
    hair: Rgb
    hair_style: str  #: one of `MALE_HAIR` or `FEMALE_HAIR`
    hair_volume: float
    iris: Rgb
    lips: Rgb
    clothes: Rgb
    background: Rgb
    light: tuple[float, float, float]  #: direction to the light: x right, y down, z to the camera
    face_width: float  #: factor on the head's width
    jaw_width: float  #: factor on the jaw's width
    chin_y: float
    brow_thickness: float
    brow_arch: float
    brow_height: float
    eye_width: float  #: half of the width
    eye_height: float
    eye_tilt: float  #: outer corners above the inner ones
    nose_width: float
    nose_length: float
    mouth_width: float  #: half of the width
    lip_upper: float
    lip_lower: float
    stubble: float  #: 0…1
    lashes: float  #: 0…1
    scale: float  #: factor on the size of the head in the picture
    texture_seed: int


@dataclasses.dataclass(frozen=True)
class VoiceTraits:
    """Traits of an actor's voice that all utterances share."""

    f0_hz: float  #: median of neutral speech
    tract: float  #: factor on all formants: above 1 for a short vocal tract
    tilt_db: float  #: added to the source's slope, dB an octave
    rate: float  #: factor on syllables a second
    breath: float  #: aspiration, 0…1
    jitter: float  #: relative deviation of a glottal cycle's length
    range: float  #: factor on the pitch's excursions
    expressiveness: float  #: factor on the effect of emotions on voice and face
    formants: tuple[float, float, float, float]  #: further factors, one for each formant


@dataclasses.dataclass(frozen=True)
class Actor:
    """One synthetic person. As in RAVDESS, odd numbers are men, even numbers women."""

    number: int
    look: Look
    voice: VoiceTraits


def draw_actor(seed: int, number: int) -> Actor:
    """Draws the actor `number` (from 1) of the corpus `seed`; always the same one."""
    rng = np.random.default_rng(np.random.SeedSequence((seed, 7, number)))
    male = number % 2 == 1
    return Actor(number, _draw_look(seed, number, male, rng), _draw_voice(male, rng))


def _draw_look(seed: int, number: int, male: bool, rng: np.random.Generator) -> Look:
    def pick(choices, stream: int):
        # a shuffled deck for each property, so that even a few actors differ in all of them
        deck = np.random.default_rng(np.random.SeedSequence((seed, 11, stream))).permutation(len(choices))
        return choices[deck[(number - 1) // 2 % len(choices) if stream == 2 else (number - 1) % len(choices)]]

    def normal(mean: float, deviation: float) -> float:
        return float(mean + deviation * np.clip(rng.normal(), -1.8, 1.8))

    skin = pick(SKINS, 0)
    redness = rng.uniform(0.35, 0.6) if not male else rng.uniform(0.2, 0.35)
    lips = tuple(float(c * (1 - redness) + redness * t) for c, t in zip(skin, (160, 52, 62), strict=True))
    side = rng.choice((-1.0, 1.0))
    return Look(
        male=male,
        skin=skin,
        hair=pick(HAIRS, 1),
        hair_style=pick(MALE_HAIR if male else FEMALE_HAIR, 2),
        hair_volume=float(rng.uniform(0.1, 0.24)),
        iris=pick(IRISES, 3),
        lips=lips,
        clothes=pick(CLOTHES, 4),
        background=pick(BACKGROUNDS, 5),
        light=(float(side * rng.uniform(0.25, 0.65)), float(rng.uniform(-0.6, -0.3)), 0.8),
        face_width=normal(1.0 if male else 0.96, 0.04),
        jaw_width=normal(1.05 if male else 0.93, 0.05),
        chin_y=normal(1.86 if male else 1.78, 0.06),
        brow_thickness=normal(0.095 if male else 0.062, 0.012),
        brow_arch=normal(0.05 if male else 0.09, 0.02),
        brow_height=normal(0.35 if male else 0.4, 0.03),
        eye_width=normal(0.245, 0.012),
        eye_height=normal(1.0 if male else 1.12, 0.07),
        eye_tilt=normal(0.01, 0.015),
        nose_width=normal(1.04 if male else 0.92, 0.09),
        nose_length=normal(0.72 if male else 0.69, 0.03),
        mouth_width=normal(0.42 if male else 0.39, 0.02),
        lip_upper=normal(0.085 if male else 0.105, 0.015),
        lip_lower=normal(0.115 if male else 0.14, 0.018),
        stubble=float(rng.choice((0.0, 0.25, 0.6))) if male else 0.0,
        lashes=0.15 if male else 0.8,
        scale=normal(1.0, 0.025),
        texture_seed=int(rng.integers(1 << 31)),
    )


def _draw_voice(male: bool, rng: np.random.Generator) -> VoiceTraits:
    return VoiceTraits(
        f0_hz=float((112.0 if male else 202.0) * 2 ** (rng.normal(0, 2.0) / 12)),
        tract=float((1.0 if male else 1.16) * np.exp(rng.normal(0, 0.035))),
        tilt_db=float(rng.normal(0, 0.8)),
        rate=float(np.exp(rng.normal(0, 0.07))),
        breath=float(rng.uniform(0.02, 0.08) + (0.0 if male else 0.03)),
        jitter=float(rng.uniform(0.004, 0.012)),
        range=float(np.exp(rng.normal(0, 0.15))),
        expressiveness=float(rng.uniform(0.85, 1.1)),
        formants=tuple(float(f) for f in np.exp(rng.normal(0, 0.03, 4))),
    )
