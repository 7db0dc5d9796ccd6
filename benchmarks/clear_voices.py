"""Looks for synthetic voices in which the default model hears each emotion: the studio's examples.

    python -m benchmarks.clear_voices [--tries 500] [--seed 5] [EMOTION ...]

Whoever ships a model with another extractor runs it again and puts what it prints into `pipelines/studio_examples.py`.
The embedded corpus' own manner of an emotion (`tfrecords_builder.synthetic.prosody`) is one that a listener would tell;
a network that knows actors only hears most of it as calm. Random prosody first, then changes of the best five.
"""

import argparse
import dataclasses

import numpy as np
import soxr

from pipelines.studio_examples import Take, speak_take
from tfrecords_builder.synthetic.prosody import Prosody
from tfrecords_builder.synthetic.voice import SAMPLE_RATE_HZ
from vfgan.emotions import EMOTIONS
from vfgan.generate.voice_face import VoiceFace

#: What prosody is drawn from.
LOWEST = Prosody(-6.0, 0.5, -9.0, -9.0, 0.55, -13.0, -5.0, 0.0, 0.0, 0.0, 0.0, 0.004, -0.15)
HIGHEST = Prosody(16.0, 12.0, 9.0, 12.0, 1.4, 3.0, 9.0, 0.8, 0.05, 1.2, 0.9, 0.09, 0.18)
_RANDOM, _KEPT, _BEST = 120, 20, 5


def heard(model: VoiceFace, take: Take) -> np.ndarray:
    """The extractor's probabilities: float32 [8]."""
    waveform = soxr.resample(speak_take(take), SAMPLE_RATE_HZ, model.mfsc.sample_rate_hz)
    return model.hear(waveform.astype(np.float32)).probabilities


def draw(rng: np.random.Generator) -> Take:
    """Any manner, actor and statement."""
    low, high = (np.array(dataclasses.astuple(edge)) for edge in (LOWEST, HIGHEST))
    prosody = _prosody(rng.uniform(low, high))
    return Take(int(rng.integers(1, 9)), int(rng.integers(1, 3)), int(rng.integers(0, 50)), prosody)


def change(take: Take, rng: np.random.Generator) -> Take:
    """A little different from a take."""
    low, high = (np.array(dataclasses.astuple(edge)) for edge in (LOWEST, HIGHEST))
    moved = rng.normal(size=len(low)) * (high - low) * 0.08 * (rng.uniform(size=len(low)) < 0.4)
    other = draw(rng)
    return Take(
        take.actor if rng.uniform() < 0.85 else other.actor,
        take.statement if rng.uniform() < 0.9 else other.statement,
        take.draw if rng.uniform() < 0.7 else other.draw,
        _prosody(np.clip(np.array(dataclasses.astuple(take.prosody)) + moved, low, high)),
    )


def _prosody(values: np.ndarray) -> Prosody:
    return Prosody(*(round(float(value), 3) for value in values))


def main() -> None:
    """Prints a take for each emotion."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("emotions", nargs="*", default=list(EMOTIONS), metavar="EMOTION")
    parser.add_argument("--tries", type=int, default=500)
    parser.add_argument("--seed", type=int, default=5)
    args = parser.parse_args()
    model = VoiceFace("vfgan")
    for emotion in args.emotions:
        rng = np.random.default_rng((args.seed, EMOTIONS.index(emotion)))
        kept: list[tuple[float, Take]] = []
        for tried in range(args.tries):
            if tried < _RANDOM or rng.uniform() < 0.1:
                take = draw(rng)
            else:
                take = change(kept[int(rng.integers(0, _BEST))][1], rng)
            kept.append((float(heard(model, take)[EMOTIONS.index(emotion)]), take))
            kept = sorted(kept, key=lambda one: -one[0])[:_KEPT]
        print(f"{emotion} {kept[0][0]:.2f} {kept[0][1]}", flush=True)


if __name__ == "__main__":
    main()
