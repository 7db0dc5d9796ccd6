"""Examples for the studio, made by the embedded corpus: nobody real is shown or heard."""

import dataclasses
from pathlib import Path

import numpy as np

from tfrecords_builder.synthetic.actor import draw_actor
from tfrecords_builder.synthetic.clips import ClipKey
from tfrecords_builder.synthetic.config import SyntheticConfig
from tfrecords_builder.synthetic.corpus import METADATA
from tfrecords_builder.synthetic.face import FaceRenderer
from tfrecords_builder.synthetic.performance import Performance, act
from tfrecords_builder.synthetic.voice import SAMPLE_RATE_HZ
from vfgan.emotions import EMOTIONS
from vfgan.media.images import write_image
from vfgan.media.video import write_video
from vfgan.studio.examples import Example, Examples


@dataclasses.dataclass(frozen=True)
class _Take:
    """One performance of an embedded corpus."""

    seed: int
    actor: int
    intensity: int
    statement: int


#: Of the seeds 1 and 2, 8 actors, 2 statements: in which the shipped extractor hears the emotion most clearly.
_CLEAREST = {
    "neutral": _Take(2, 2, 1, 1), "calm": _Take(1, 5, 2, 2), "happy": _Take(1, 4, 2, 1), "sad": _Take(1, 1, 1, 1),
    "angry": _Take(1, 8, 1, 1), "fearful": _Take(1, 8, 2, 1), "disgust": _Take(1, 4, 2, 1),
    "surprised": _Take(2, 3, 2, 2),
}  # fmt: skip
#: Title, emotions that are heard one after the other, (seed, actor) of the face, whether it is footage.
_READY = (
    ("Surprised, on a photo", ("surprised",), (1, 2), False),
    ("Surprised, then angry", ("surprised", "angry"), (1, 1), False),
    ("Calm, on footage", ("calm",), (1, 3), True),
)
_PHOTO_PX, _FOOTAGE_PX = 512, 320


def make_examples(folder: Path) -> Examples:
    """Draws and speaks all examples: a few seconds.

    Args:
        folder: is made.
    """
    folder.mkdir(parents=True)
    acted = {emotion: _act(emotion, take) for emotion, take in _CLEAREST.items()}
    voices = {emotion: _write_voice(folder / f"{emotion}.wav", [acted[emotion]]) for emotion in EMOTIONS}
    ready = []
    for number, (title, emotions, person, is_footage) in enumerate(_READY, start=1):
        voice = _write_voice(folder / f"example-{number}.wav", [acted[emotion] for emotion in emotions])
        face = _write_face(folder / f"example-{number}", person, is_footage)
        ready.append(Example(title, voice, face, folder / f"example-{number}-small.png"))
    return Examples(folder, tuple(ready), voices)


def _act(emotion: str, take: _Take) -> Performance:
    clip = ClipKey("speech", emotion, take.intensity, take.statement, 1, take.actor)
    return act(clip, draw_actor(take.seed, take.actor), SyntheticConfig(seed=take.seed))


def _write_voice(path: Path, parts: list[Performance]) -> Path:
    import soundfile

    sound = np.concatenate([part.waveform for part in parts])
    soundfile.write(path, sound, SAMPLE_RATE_HZ, subtype="PCM_16")
    return path


def _write_face(path: Path, person: tuple[int, int], is_footage: bool) -> Path:
    """A photo (or footage of a neutral sentence) and its thumbnail, path-small.png."""
    seed, actor = person
    drawn = draw_actor(seed, actor)
    performance = act(ClipKey("speech", "neutral", 1, 1, 1, actor), drawn, SyntheticConfig(seed=seed))
    renderer = FaceRenderer(drawn.look, _FOOTAGE_PX if is_footage else _PHOTO_PX)
    first = renderer.render(performance.poses[0])
    write_image(path.with_name(f"{path.name}-small.png"), first[:: len(first) // 128, :: len(first) // 128])
    if is_footage:
        frames = (renderer.render(pose) for pose in performance.poses)
        write_video(path.with_suffix(".mp4"), frames, SyntheticConfig.fps, metadata=METADATA)
        return path.with_suffix(".mp4")
    write_image(path.with_suffix(".png"), first, comment=METADATA["comment"])
    return path.with_suffix(".png")
