"""Names files like RAVDESS, and lists the clips of a synthetic corpus."""

import dataclasses
from pathlib import Path

from tfrecords_builder.synthetic.config import SyntheticConfig
from vfgan.emotions import EMOTIONS

MODALITY_CODES = {"full-av": 1, "video-only": 2, "audio-only": 3}
CHANNEL_CODES = {"speech": 1, "song": 2}
UNSUNG = ("disgust", "surprised")


@dataclasses.dataclass(frozen=True)
class ClipKey:
    """Identifies a performance: fields 2 to 7 in the names of its files."""

    channel: str  #: "speech" or "song"
    emotion: str  #: one of `EMOTIONS`
    intensity: int  #: 1 normal, 2 strong
    statement: int
    repetition: int
    actor: int

    @property
    def codes(self) -> tuple[int, ...]:
        """The six numbers of the name.

        >>> ClipKey("speech", "angry", 2, 2, 1, 3).codes
        (1, 5, 2, 2, 1, 3)
        """
        emotion = EMOTIONS.index(self.emotion) + 1
        return CHANNEL_CODES[self.channel], emotion, self.intensity, self.statement, self.repetition, self.actor

    def path(self, out: Path, modality: str) -> Path:
        """The clip's file in the corpus `out`.

        >>> ClipKey("song", "calm", 1, 2, 1, 3).path(Path("c"), "audio-only").as_posix()
        'c/Actor_03/03-02-02-01-02-01-03.wav'
        """
        suffix = ".wav" if modality == "audio-only" else ".mp4"
        name = "-".join(f"{code:02d}" for code in (MODALITY_CODES[modality], *self.codes))
        return out / f"Actor_{self.actor:02d}" / f"{name}{suffix}"

    def truth_path(self, out: Path) -> Path:
        """The clip's table of truth in the corpus `out`, named after its full audio-visual file."""
        return self.path(out, "full-av").with_suffix(".csv")


def list_clips(config: SyntheticConfig) -> list[ClipKey]:
    """Lists every clip of the corpus. As in RAVDESS, neutral is never strong, disgust and surprise are never sung."""
    return [
        ClipKey(channel, emotion, intensity, statement, repetition, actor)
        for actor in range(1, config.actors + 1)
        for channel in config.channels
        for emotion in EMOTIONS
        for intensity in config.intensities
        for statement in range(1, config.statements + 1)
        for repetition in range(1, config.repetitions + 1)
        if not (emotion == "neutral" and intensity == 2) and not (channel == "song" and emotion in UNSUNG)
    ]
