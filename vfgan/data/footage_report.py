"""What is in the footage of a person: how much of a face, how good, how much voice, which emotions; and what lacks."""

import dataclasses

import numpy as np

from vfgan.data.dataset import DataSet
from vfgan.data.quality import measure_record
from vfgan.emotions import EMOTIONS, FACE_EMOTIONS, FACE_LABEL

#: Less of a face than this teaches nothing; less of one emotion than this is no emotion to learn.
LEAST_FACE_SECONDS, LEAST_EMOTION_SECONDS = 20.0, 3.0
#: Narrower faces have less detail than the network sees; below this sharpness a face is blurred
#: (`vfgan.face.crop.sharpness`); beyond these shares and degrees footage is of little use.
_LEAST_FACE_PX, _LEAST_SHARPNESS, _MOST_WITHOUT, _MOST_TURN = 64, 20.0, 0.3, 30.0


@dataclasses.dataclass(frozen=True)
class Findings:
    """Of a data set that was built from footage."""

    clips: int
    faces: int
    share_with_face: float  #: of the frames that were looked at
    face_seconds: float  #: of speech during which the face is seen
    voice_seconds: float  #: of voice, without its pauses
    face_px: float  #: median width of the face in the footage
    sharpness: float  #: median
    head_turn_degrees: float  #: median of the clips' furthest
    emotions: dict[str, float]  #: as faces show them -> seconds of face

    def lines(self) -> list[str]:
        """What was found, to be printed."""
        shown = sorted(self.emotions.items(), key=lambda item: -item[1])
        return [
            f"{self.clips} utterances, {self.voice_seconds:.0f} s of voice",
            f"faces: {self.faces} looked at, in {self.share_with_face:.0%} of the frames; {self.face_seconds:.0f} s",
            f"  {self.face_px:.0f} px wide, sharpness {self.sharpness:.0f}, turned aside by up to "
            f"{self.head_turn_degrees:.0f} degrees (medians)",
            "emotions: " + ", ".join(f"{name} {seconds:.0f} s" for name, seconds in shown),
        ]

    def too_little(self, *, bends: bool = False) -> str:
        """Why this cannot be learnt from, or nothing.

        Args:
            bends: whether it is for a generator that bends faces.
        """
        if self.face_seconds < LEAST_FACE_SECONDS:
            return (
                f"the face is seen for {self.face_seconds:.0f} s of speech: expected at least {LEAST_FACE_SECONDS:g}, "
                "better some minutes"
            )
        if len(self.emotions) < 2:
            found = next(iter(self.emotions), "no emotion")
            return f"{found} alone cannot be told from anything: expected speech of two emotions or more"
        if bends and "neutral" not in self.emotions:
            return "no neutral speech, from which the way to an emotion is measured: add some"
        return ""

    def weak(self) -> list[str]:
        """What is poor, though it can be learnt from."""
        missing = [name for name in FACE_EMOTIONS if name not in self.emotions]
        poor = {
            f"the face is {self.face_px:.0f} px wide: wider than {_LEAST_FACE_PX} has more detail": (
                self.face_px < _LEAST_FACE_PX
            ),
            "the face is blurred: sharper footage helps": self.sharpness < _LEAST_SHARPNESS,
            f"{1 - self.share_with_face:.0%} of the frames have no face": 1 - self.share_with_face > _MOST_WITHOUT,
            "the head is often turned aside: look at the camera": self.head_turn_degrees > _MOST_TURN,
            f"less than a minute of face ({self.face_seconds:.0f} s): more helps": self.face_seconds < 60,
            f"not in it, so not learnt of this person: {', '.join(missing)}": bool(missing),
        }
        return [text for text, stands in poor.items() if stands]


def find(dataset: DataSet) -> Findings:
    """Reads every record once."""
    emotions, counts = dict.fromkeys(EMOTIONS, 0.0), {"clips": 0, "faces": 0, "frames": 0}
    face_seconds, voice_seconds = 0.0, 0.0
    widths, sharp, turns = [], [], []
    for record in dataset.records(("train", "validation", "test")):
        measured = measure_record(record, dataset.config.mfsc)
        count, seen = len(record["faces"]), max(1, record["frames_seen"])
        seconds = min(1.0, count / seen) * record["num_samples"] / record["sample_rate_hz"]
        counts["clips"] += 1
        counts["faces"] += count
        counts["frames"] += record["frames_seen"]
        face_seconds += seconds
        voice_seconds += float(np.nan_to_num(measured["voice"]))
        emotions[EMOTIONS[record["emotion"]]] += seconds
        if count:
            widths += (record["face_boxes"][:, 2] - record["face_boxes"][:, 0]).tolist()
            sharp.append(measured["sharpness"])
            turns.append(measured["head turn"])
    return Findings(
        counts["clips"], counts["faces"], min(1.0, counts["faces"] / max(1, counts["frames"])),
        face_seconds, voice_seconds, _median(widths), _median(sharp), _median(turns), by_face(emotions),
    )  # fmt: skip


def by_face(seconds: dict[str, float]) -> dict[str, float]:
    """Seconds of the voice's eight emotions as those of the seven that a face shows: calm looks neutral."""
    found: dict[str, float] = {}
    for name, value in seconds.items():
        if value > 0:
            shown = FACE_EMOTIONS[FACE_LABEL[EMOTIONS.index(name)]]
            found[shown] = found.get(shown, 0.0) + value
    return found


def _median(values: list[float]) -> float:
    known = [value for value in values if np.isfinite(value)]
    return float(np.median(known)) if known else 0.0
