"""Unpacks the media files of a corpus' zip files into a cache folder. Files that are there are not unpacked again."""

import calendar
import hashlib
import lzma
import os
import shutil
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from tfrecords_builder.media_files import files_below, is_stray
from vfgan.errors import MediaError, OutputError
from vfgan.media.kinds import kind_of_name
from vfgan.storage.files import atomic_path

MAX_MEMBERS = 1_000_000
#: Media hardly compress: an archive that grows more than this many times is a zip bomb.
MAX_GROWTH = 50
_BLOCK_BYTES = 1 << 20


def find_archives(place: Path) -> list[Path]:
    """Finds the zip files of an input: itself, or those in the folder."""
    if place.is_file():
        return [place]
    found = (path for path in files_below(place) if path.suffix.lower() == ".zip")
    return sorted(path for path in found if not is_stray(path.relative_to(place)))


def unpack(archive: Path, cache: Path) -> Path:
    """Unpacks an archive's recordings and videos into its own folder in the cache.

    Every file is first written under a temporary name, so an interrupted unpacking can resume. Files get the archive's
    time stamps, so a cache that was deleted comes back the same.

    Returns:
        The folder.
    Raises:
        MediaError: the archive is damaged, encrypted, or grows too much.
        OutputError: the cache cannot be written, or has too little space.
    """
    folder = cache / f"{archive.stem}-{hashlib.sha256(str(archive).encode()).hexdigest()[:8]}"
    try:
        with zipfile.ZipFile(archive) as opened:
            members = _media_members(opened, archive)
            missing = [(info, folder / name) for info, name in members if not _is_there(folder / name, info)]
            _check_space(missing, archive, cache)
            for info, path in missing:
                _write_member(opened, info, path)
    except (
        zipfile.BadZipFile,
        zlib.error,
        lzma.LZMAError,
        EOFError,
        NotImplementedError,
        RuntimeError,
        ValueError,
    ) as error:
        raise MediaError(
            f"{archive} cannot be unpacked: {error}; download it again, or move it out of the corpus"
        ) from error
    return folder


def _media_members(opened: zipfile.ZipFile, archive: Path) -> list[tuple[zipfile.ZipInfo, PurePosixPath]]:
    """Lists the members to unpack with their places in the folder. Members outside of the folder are left out."""
    if len(opened.infolist()) > MAX_MEMBERS:
        raise MediaError(f"{archive} has {len(opened.infolist())} files: at most {MAX_MEMBERS} are unpacked")
    members = []
    for info in opened.infolist():
        name = PurePosixPath(info.filename.replace("\\", "/"))
        outside = name.is_absolute() or ".." in name.parts or ":" in info.filename
        if kind_of_name(name.name) in ("sound", "video") and not (outside or info.is_dir() or is_stray(name)):
            members.append((info, name))
    total = sum(info.file_size for info, _ in members)
    if total > MAX_GROWTH * max(archive.stat().st_size, _BLOCK_BYTES):
        raise MediaError(
            f"{archive} would grow to {total / 1e9:.1f} GB: at most {MAX_GROWTH} times its size is unpacked"
        )
    return members


def _is_there(path: Path, info: zipfile.ZipInfo) -> bool:
    return path.is_file() and path.stat().st_size == info.file_size


def _check_space(missing: list, archive: Path, cache: Path) -> None:
    if not missing:
        return
    cache.mkdir(parents=True, exist_ok=True)
    needed = sum(info.file_size for info, _ in missing)
    free = shutil.disk_usage(cache).free
    if needed > free:
        raise OutputError(f"{cache} has {free / 1e9:.1f} GB free: {archive} needs {needed / 1e9:.1f} GB more")


def _write_member(opened: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path) -> None:
    """Unpacks one file. zipfile checks its checksum, and that it is not longer than announced."""
    with atomic_path(path) as temporary:
        with opened.open(info) as source, open(temporary, "wb") as target:
            shutil.copyfileobj(source, target, _BLOCK_BYTES)
        seconds = calendar.timegm((*info.date_time, 0, 0, 0))
        os.utime(temporary, (seconds, seconds))
