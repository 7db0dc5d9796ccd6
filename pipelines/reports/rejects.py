"""rejected.csv and passed_over.csv -> a line for each kind of reason, with what to do about it."""

import collections
import csv
import io
import re
from pathlib import Path

_NAMED = 3  # files that a line names
#: (pattern of the reason, what it is and what to do); the first that fits counts.
_ADVICE = (
    (r"no face found", "no face found: it must be upright, lit, and at least 40 pixels wide; a voice needs no face"),
    (r"is cut off|is empty|is damaged|no frame can be", "cut off or damaged: copy or download them again"),
    (r"codec|cannot be (read|decoded)", "not readable: convert them to mp4 (H.264, AAC), wav, flac, jpg or png"),
    (r"does not exist", "gone: look for the files, or take their lines out of the table"),
    (r"is silent|no audio stream", "without a voice: give them their sound, or take them out"),
    (r"no audio samples|too few samples|the sound has", "too short: less than one analysis window of sound"),
    (r"\d s are read|is longer than", "too long: raise --max-clip-seconds, or cut them by a table (source footage)"),
    (r"not finite", "broken samples: export them again"),
    (r"at most|would grow", "too large: scale them down"),
    (r"no video stream", "without pictures: they are recordings of sound alone under a video's name"),
)


def reject_lines(path: Path) -> list[str]:
    """Says what to do about clips that were rejected or kept in part.

    Args:
        path: rejected.csv of a data set.
    """
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
    if not rows:
        return []
    whole = sum(not row["kept"] for row in rows)
    counts = collections.Counter(_advice(row["reason"]) for row in rows)
    lines = [f"{whole} clips rejected, {len(rows) - whole} kept in part: {path} has the reason of each"]
    return lines + [f"{count:6} {advice}" for advice, count in counts.most_common()]


def passed_over_lines(path: Path) -> list[str]:
    """A line for each reason for which files are in no clip, with the first of them.

    Args:
        path: passed_over.csv of a data set.
    """
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
    if not rows:
        return []
    lines = [f"{len(rows)} files passed over: see {path}"]
    for reason, count in collections.Counter(row["reason"] for row in rows).most_common():
        names = [Path(row["file"]).name for row in rows if row["reason"] == reason]
        lines.append(f"{count:6} {reason}: {', '.join(names[:_NAMED])}{', …' if count > _NAMED else ''}")
    return lines


def _advice(reason: str) -> str:
    return next((advice for pattern, advice in _ADVICE if re.search(pattern, reason)), "other reasons")
