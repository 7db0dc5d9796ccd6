"""Makes the studio's examples with the embedded corpus: no real person is shown or heard."""

import dataclasses
from pathlib import Path

import numpy as np

from tfrecords_builder.synthetic.actor import draw_actor
from tfrecords_builder.synthetic.clips import ClipKey
from tfrecords_builder.synthetic.config import SyntheticConfig
from tfrecords_builder.synthetic.corpus import METADATA
from tfrecords_builder.synthetic.face import FaceRenderer
from tfrecords_builder.synthetic.performance import act
from tfrecords_builder.synthetic.prosody import Prosody
from tfrecords_builder.synthetic.speech import lay_out
from tfrecords_builder.synthetic.voice import SAMPLE_RATE_HZ, speak
from vfgan.emotions import EMOTIONS
from vfgan.media.images import write_image
from vfgan.media.video_writer import write_video
from vfgan.studio.examples import Example, Examples


@dataclasses.dataclass(frozen=True)
class Take:
    """One utterance of an actor of the embedded corpus with seed 1, with its own prosody."""

    actor: int
    statement: int
    draw: int  #: seed of the random irregularities
    prosody: Prosody


#: Takes in which the default model recognises the emotion (`python -m benchmarks.clear_voices`).
TAKES = {
    "neutral": Take(
        5, 1, 17, Prosody(7.567, 0.5, -7.058, -3.62, 1.4, -13.0, 9.0, 0.8, 0.034, 0.818, 0.242, 0.06, 0.112)
    ),
    "calm": Take(
        7, 2, 1, Prosody(-6.0, 7.463, -8.729, -2.331, 0.863, -6.509, -3.482, 0.051, 0.038, 1.137, 0.583, 0.032, 0.051)
    ),
    "happy": Take(
        4, 2, 37, Prosody(10.509, 3.742, 3.808, 9.227, 1.207, -0.242, 7.011, 0.079, 0.0, 0.766, 0.152, 0.04, -0.103)
    ),
    "sad": Take(6, 2, 16, Prosody(16.0, 11.294, -9.0, 6.429, 0.55, -12.365, -5.0, 0.0, 0.0, 1.108, 0.0, 0.085, -0.021)),
    "angry": Take(
        2, 1, 44, Prosody(13.831, 12.0, 7.969, 10.77, 1.4, 0.568, 7.604, 0.057, 0.013, 1.025, 0.604, 0.039, 0.18)
    ),
    "fearful": Take(
        8, 1, 22, Prosody(16.0, 3.634, -0.404, -4.429, 1.321, -2.13, 7.349, 0.356, 0.011, 1.015, 0.377, 0.007, 0.022)
    ),
    "disgust": Take(
        3, 1, 4, Prosody(2.496, 12.0, -2.838, -0.426, 1.372, 2.262, 6.315, 0.018, 0.041, 0.875, 0.484, 0.004, 0.18)
    ),
    "surprised": Take(
        2, 2, 21, Prosody(5.421, 11.392, 3.996, 10.169, 1.381, -3.493, -4.872, 0.265, 0.0, 1.2, 0.09, 0.051, 0.04)
    ),
}
_SEED, _SECONDS, _SILENCE_SECONDS = 1, 2.2, 0.5
#: Title, emotions one after the other, actor of the face, whether it is footage.
_READY = (
    ("Angry, on a photo", ("angry",), 2, False),
    ("Happy, then fearful", ("happy", "fearful"), 1, False),
    ("Disgust, on footage", ("disgust",), 3, True),
)
_PHOTO_PX, _FOOTAGE_PX = 512, 320


def make_examples(folder: Path) -> Examples:
    """Makes all examples, in a few seconds.

    Args:
        folder: folder to make for them.
    """
    folder.mkdir(parents=True)
    spoken = {emotion: speak_take(TAKES[emotion]) for emotion in EMOTIONS}
    voices = {emotion: write_voice(folder / f"{emotion}.wav", [spoken[emotion]]) for emotion in EMOTIONS}
    ready = []
    for number, (title, emotions, person, is_footage) in enumerate(_READY, start=1):
        voice = write_voice(folder / f"example-{number}.wav", [spoken[emotion] for emotion in emotions])
        face = write_face(folder / f"example-{number}", person, is_footage)
        ready.append(Example(title, voice, face, folder / f"example-{number}-small.png"))
    return Examples(folder, tuple(ready), voices)


def speak_take(take: Take) -> np.ndarray:
    """Synthesises a take: float32 [samples], `SAMPLE_RATE_HZ`."""
    rng = np.random.default_rng(take.draw)
    syllables = lay_out(take.statement, "speech", "neutral", take.prosody, _SECONDS, rng)
    voice = draw_actor(_SEED, take.actor).voice
    return speak(syllables, take.prosody, voice, rng, silence_seconds=_SILENCE_SECONDS).waveform


def write_voice(path: Path, parts: list[np.ndarray]) -> Path:
    """Writes takes one after the other as a WAV file."""
    import soundfile

    soundfile.write(path, np.concatenate(parts), SAMPLE_RATE_HZ, subtype="PCM_16")
    return path


def write_face(path: Path, actor: int, is_footage: bool) -> Path:
    """Writes a photo, or footage of a neutral sentence, and its thumbnail, path-small.png."""
    drawn = draw_actor(_SEED, actor)
    performance = act(ClipKey("speech", "neutral", 1, 1, 1, actor), drawn, SyntheticConfig(seed=_SEED))
    renderer = FaceRenderer(drawn.look, _FOOTAGE_PX if is_footage else _PHOTO_PX)
    first = renderer.render(performance.poses[0])
    write_image(path.with_name(f"{path.name}-small.png"), first[:: len(first) // 128, :: len(first) // 128])
    if is_footage:
        frames = (renderer.render(pose) for pose in performance.poses)
        write_video(path.with_suffix(".mp4"), frames, SyntheticConfig.fps, metadata=METADATA)
        return path.with_suffix(".mp4")
    write_image(path.with_suffix(".png"), first, comment=METADATA["comment"])
    return path.with_suffix(".png")
