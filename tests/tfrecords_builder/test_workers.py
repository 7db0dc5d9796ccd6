"""Worker processes that die are named with their clip."""

import multiprocessing
import os
import signal

import pytest

from tfrecords_builder.build import build
from tfrecords_builder.workers import _obituary
from vfgan.config.data import BuildConfig
from vfgan.errors import MediaError

pytestmark = pytest.mark.medium

VOICES = BuildConfig(clips_per_shard=4, keep_waveform=True)


def test_a_worker_that_died_writing_its_note_is_not_named(tmp_path):
    (tmp_path / ".at-1").write_text("")
    assert "died before its first clip" in _obituary(tmp_path)
    (tmp_path / ".at-2").write_text("ravdess/01")
    assert "died while it read ravdess/01:" in _obituary(tmp_path)


def test_a_worker_that_dies_is_named_with_its_clip(tmp_path, voices, contents):
    def progress(done, *_):
        if done == 3:
            os.kill(multiprocessing.active_children()[0].pid, signal.SIGKILL)

    out = tmp_path / "out"
    with pytest.raises(
        MediaError, match=r"a worker process died while it read ravdess/01-.*run the same command again to resume"
    ):
        build([str(voices)], out, VOICES, workers=2, progress=progress)
    assert not list(out.glob(".at-*"))
    build([str(voices)], out, VOICES, workers=1)
    build([str(voices)], tmp_path / "undisturbed", VOICES, workers=1)
    assert contents(out) == contents(tmp_path / "undisturbed")
