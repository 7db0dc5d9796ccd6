"""Files of the inputs that are in no clip, and why: a build accounts for every file."""

from pathlib import Path

from tfrecords_builder.clip import Clip, input_files
from tfrecords_builder.labels import MAPPING_NAMES
from tfrecords_builder.media_files import files_below, is_stray
from tfrecords_builder.tables import TABLE_SUFFIXES
from vfgan.media.kinds import kind_of
from vfgan.storage.remote import is_remote

#: source -> why one of its pictures or recordings is in no clip.
_NOT_KNOWN = {
    "images": "in no folder of an emotion",
    "people": "in no folder of an emotion",
    "footage": "not in the table",
}


class PassedOver:
    """Collects the files that are in no clip.

    Args:
        out: folder of the data set; what lies in it is no input.
    """

    def __init__(self, out: Path):
        self._out, self._found = out.resolve(), set[str]()
        self.reasons: dict[str, str] = {}  #: file -> why

    def note_found(self, clips: list[Clip]) -> None:
        """Remembers the files of clips, before it is decided which file of a clip is taken."""
        self._found |= {str(path) for clip in clips for path in input_files(clip)}

    def rows(self) -> list[dict[str, str]]:
        """file and reason of each, by name."""
        return [{"file": file, "reason": reason} for file, reason in sorted(self.reasons.items())]

    def look(self, places: list[tuple[str, Path]], clips: list[Clip], *, zipped: bool) -> None:
        """Goes through the inputs' folders; those of other machines are not gone through again.

        Args:
            places: (source, folder or file) of each input.
            clips: of all inputs.
            zipped: whether zip files of named corpora are unpacked.
        """
        used = {str(path) for clip in clips for path in input_files(clip)}
        for source, place in places:
            if is_remote(place) or (place.is_file() and place.suffix.lower() not in TABLE_SUFFIXES):
                continue
            folder = place.parent if place.is_file() else place
            for path in files_below(folder):
                if str(path) not in used and not path.is_relative_to(self._out):
                    reason = self._reason(source, path, path.relative_to(folder), zipped)
                    if reason:
                        self.reasons.setdefault(str(path), reason)
        for path in used & self.reasons.keys():  # of another input
            del self.reasons[path]

    def _reason(self, source: str, path: Path, name: Path, zipped: bool) -> str:
        """Why a file is in no clip; empty for tables and zip files that were read."""
        if is_stray(name):
            return "left by a system or a program"
        if not path.exists():
            return "a link that leads nowhere"
        if str(path) in self._found:
            return "another file of the same clip is taken"
        suffix = path.suffix.lower()
        is_table = source == "footage" and suffix in TABLE_SUFFIXES and len(name.parts) == 1
        is_zip = suffix == ".zip" and zipped and source not in _NOT_KNOWN
        if is_table or is_zip or (name.name in MAPPING_NAMES and len(name.parts) == 1):
            return ""
        if not kind_of(path):
            return "neither sound, picture nor video"
        return _NOT_KNOWN.get(source, f"no name that the source {source} knows")
