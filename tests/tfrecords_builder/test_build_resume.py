"""The same bytes however a build is run, interrupted, and taken up again."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tfrecords_builder.build import build
from vfgan.config.data import BuildConfig
from vfgan.config.serialise import to_dict
from vfgan.data.dataset import DataSet
from vfgan.errors import MediaError, SchemaError
from vfgan.storage.files import read_json

pytestmark = pytest.mark.medium

ROOT = Path(__file__).resolve().parents[2]
QUIET = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
VOICES = BuildConfig(clips_per_shard=4)


def test_one_and_two_workers_give_the_same_bytes(tmp_path, dataset, heads, build_config, contents):
    ticks = []
    build([f"ravdess:{heads}"], tmp_path, build_config, workers=1, progress=lambda *tick: ticks.append(tick))
    assert contents(tmp_path) == contents(dataset)
    assert [tick[:3] for tick in ticks] == [(done, 24, 0) for done in range(1, 25)]
    seconds = [tick[3] for tick in ticks]
    assert seconds == sorted(seconds)
    assert seconds[-1] == pytest.approx(read_json(tmp_path / "manifest.json")["seconds_of_sound"], abs=0.1)


def test_second_run_changes_nothing_and_damage_is_mended(tmp_path, dataset, heads, build_config, contents):
    out = tmp_path / "copy"
    shutil.copytree(dataset, out)
    before = {path.name: path.stat().st_mtime_ns for path in out.glob("*.tfrecord")}
    build([f"ravdess:{heads}"], out, build_config, workers=2)
    assert contents(out) == contents(dataset)
    assert {path.name: path.stat().st_mtime_ns for path in out.glob("*.tfrecord")} == before
    shard, other = sorted(before)[0], sorted(before)[1]
    damaged = bytearray((out / shard).read_bytes())
    damaged[len(damaged) // 2] ^= 255
    (out / shard).write_bytes(damaged)
    build([f"ravdess:{heads}"], out, build_config, workers=1)
    assert contents(out) == contents(dataset)
    assert (out / other).stat().st_mtime_ns == before[other]


def test_a_killed_build_leaves_no_processes_and_resumes(tmp_path, dataset, heads, build_config, contents):
    script = tmp_path / "killed.py"
    script.write_text(f"""
import json, multiprocessing, os, signal, sys
from vfgan.config.data import BuildConfig
from vfgan.config.serialise import from_dict
from tfrecords_builder.build import build

def progress(done, total, rejected, seconds):
    if done >= 5:
        print(" ".join(str(child.pid) for child in multiprocessing.active_children()), flush=True)
        os.kill(os.getpid(), signal.SIGKILL)

if __name__ == "__main__":
    config = from_dict(BuildConfig, json.loads(sys.argv[1]))
    build([{f"ravdess:{heads}"!r}], {str(tmp_path / "out")!r}, config, workers=2, progress=progress)
""")
    done = subprocess.run(
        [sys.executable, str(script), json.dumps(to_dict(build_config))],
        env={**QUIET, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=300,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL
    workers = [int(pid) for pid in done.stdout.split()]
    assert len(workers) == 2
    deadline = time.monotonic() + 30
    while any(Path(f"/proc/{pid}").exists() for pid in workers) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert [pid for pid in workers if Path(f"/proc/{pid}").exists()] == []
    out = tmp_path / "out"
    assert not (out / "manifest.json").exists()
    left = {path.name for path in out.glob("[tv]*.tfrecord")}
    assert len(left) < 6
    with pytest.raises(SchemaError, match="no finished data set"):
        DataSet(out)
    (out / ".part-1.train-00000-of-00002.tfrecord").write_bytes(b"half a shard")
    kept = {name: (out / name).stat().st_mtime_ns for name in left}
    build([f"ravdess:{heads}"], out, build_config, workers=1)
    assert contents(out) == contents(dataset)
    assert {name: (out / name).stat().st_mtime_ns for name in left} == kept


def test_strict_stops_at_the_first_bad_clip_in_any_process(tmp_path, corpus_of, heads):
    files = {f"03{path.name[2:]}": path for path in heads.rglob("*.mp4")} | {"03-01-01-01-02-01-01.wav": b""}
    folder = corpus_of(files)
    for workers in (1, 2):
        with pytest.raises(MediaError, match=r"03-01-01-01-02-01-01\.wav is empty"):
            build([str(folder)], tmp_path / f"out{workers}", VOICES, workers=workers, strict=True)
        assert not (tmp_path / f"out{workers}" / "manifest.json").exists()
        assert not list((tmp_path / f"out{workers}").rglob(".part-*"))
