"""Material for the builder's tests: one small corpus and one data set made of it, shared by all tests of a session."""

import csv
import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from vfgan.config.data import BuildConfig

#: --doctest-modules would import it again, and the conftest.py of another folder has the same name
collect_ignore = ["conftest.py"]

#: Of `dataset`: short shards, so that there are several of each split.
CONFIG = BuildConfig(face_fps=4.0, clips_per_shard=4, keep_waveform=True, jpeg_quality=0)


def once(tmp_path_factory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that `make` fills once a session, also where several pytest-xdist workers ask for it."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = shared / name
    with open(shared / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / f"{name}.done").exists():
            make(folder)
            (shared / f"{name}.done").touch()
    return folder


@pytest.fixture(scope="session")
def heads(tmp_path_factory) -> Path:
    """Talking heads in RAVDESS' layout: three actors, eight emotions, one full-AV clip each; read only."""
    from tfrecords_builder.synthetic.corpus import SyntheticConfig, synthesize

    config = SyntheticConfig(
        actors=3, statements=1, intensities=(1,), size_px=160, seconds=0.5, silence_seconds=0.1, fps=12.5
    )
    return once(tmp_path_factory, "heads", lambda folder: synthesize(folder, config))


@pytest.fixture(scope="session")
def build_config() -> BuildConfig:
    """The configuration of `dataset`."""
    return CONFIG


@pytest.fixture(scope="session")
def dataset(tmp_path_factory, heads) -> Path:
    """The data set that two workers make of `heads`; read only."""
    from tfrecords_builder.build import build

    return once(tmp_path_factory, "dataset", lambda folder: build([f"ravdess:{heads}"], folder, CONFIG, workers=2))


@pytest.fixture
def corpus_of(tmp_path):
    """corpus_of({name: content}): a folder with these files; content is bytes, or a file to link to."""

    def make(files: dict[str, bytes | Path], name: str = "corpus") -> Path:
        for relative, content in files.items():
            path = tmp_path / name / relative
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, Path):
                path.symlink_to(content)
            else:
                path.write_bytes(content)
        return tmp_path / name

    return make


@pytest.fixture
def voices(corpus_of, heads):
    """A corpus of voices only (fast to build): the sound of `heads`' clips, under audio-only names."""
    return corpus_of({f"03{path.name[2:]}": path for path in heads.rglob("*.mp4")}, "voices")


@pytest.fixture(scope="session")
def rows_of():
    """rows_of(path): the rows of a table, each a dictionary."""

    def read(path: Path) -> list[dict]:
        with open(path, encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    return read


@pytest.fixture(scope="session")
def contents():
    """contents(folder): every file of a data set and its digest; the plan names nothing but the inputs."""
    from vfgan.storage.files import digest_file

    def read(folder: Path) -> dict[str, str]:
        files = [path for path in folder.rglob("*") if path.is_file()]
        return {str(path.relative_to(folder)): digest_file(path) for path in files}

    return read
