"""A build that is killed, interrupted, or runs out of disk, memory or inputs in the middle."""

import json
import os
import random
import resource
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
from vfgan.errors import MediaError, OutputError, SchemaError

pytestmark = pytest.mark.medium

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(ROOT)}
VOICES = BuildConfig(clips_per_shard=4, keep_waveform=True)
TICKING = """
import json, sys
from vfgan.config.data import BuildConfig
from vfgan.config.serialise import from_dict
from tfrecords_builder.build import build
from tfrecords_builder.workers import _obituary

if __name__ == "__main__":
    corpus, out, config, workers = sys.argv[1:]
    print("ready", flush=True)
    tick = lambda *_: print("tick", flush=True)
    build([f"ravdess:{corpus}"], out, from_dict(BuildConfig, json.loads(config)), workers=int(workers), progress=tick)
"""


def kill_at_random(script, corpus, out, config, workers, draw):
    """Starts a build in a session of its own, kills all of it at some moment; whether it was killed."""
    command = [sys.executable, str(script), str(corpus), str(out), json.dumps(to_dict(config)), str(workers)]
    process = subprocess.Popen(
        command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
    )
    for _ in range(draw.randrange(0, 26)):  # "ready", and up to all of the ticks
        process.stdout.readline()
    time.sleep(draw.uniform(0, 0.3))
    os.killpg(process.pid, signal.SIGKILL)
    process.stdout.close()
    return process.wait() == -signal.SIGKILL


@pytest.mark.parametrize(("kills", "workers"), [(3, 1), pytest.param(20, 2, marks=pytest.mark.slow)])
def test_killed_at_random_moments_a_rerun_gives_the_same_bytes(
    tmp_path, kills, workers, dataset, heads, build_config, contents
):
    draw, killed, out = random.Random(kills), 0, tmp_path / "out"
    script = tmp_path / "ticking.py"
    script.write_text(TICKING)
    whole = contents(dataset)
    while killed < kills:
        killed += kill_at_random(script, heads, out, build_config, workers, draw)
        if (out / "manifest.json").exists():
            assert contents(out) == whole
            shutil.rmtree(out)
        elif out.exists():  # what has its final name is final
            for name, digest in contents(out).items():
                if not Path(name).name.startswith((".part-", ".at-", ".writable")):
                    assert digest == whole[name], name
    build([f"ravdess:{heads}"], out, build_config, workers=1)
    assert contents(out) == whole


def test_a_full_disk_ends_clearly_with_nothing_half_written(tmp_path, voices, contents):
    out, before = tmp_path / "out", resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, before[1]))  # as good as a full disk: write fails
    try:
        with pytest.raises(OutputError, match=r"cannot write .*train-00000-of-00002\.tfrecord"):
            build([str(voices)], out, VOICES, workers=1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert sorted(contents(out)) == [".lock", ".plan.json"]
    build([str(voices)], out, VOICES, workers=1)
    build([str(voices)], tmp_path / "undisturbed", VOICES, workers=1)
    assert contents(out) == contents(tmp_path / "undisturbed")


def test_a_disk_that_goes_away_stops_the_build(tmp_path, voices, contents):
    away = tmp_path / "away"

    def unmount(done, *_):
        if done == 6:
            voices.rename(away)

    with pytest.raises(MediaError, match=rf"{voices} disappeared during the build: bring it back"):
        build([str(voices)], tmp_path / "out", VOICES, workers=1, progress=unmount)
    away.rename(voices)
    assert build([str(voices)], tmp_path / "out", VOICES, workers=1)["clips"] == 24
    build([str(voices)], tmp_path / "undisturbed", VOICES, workers=1)
    assert contents(tmp_path / "out") == contents(tmp_path / "undisturbed")


def test_an_input_that_is_written_to_in_the_middle_is_named(tmp_path, voices):
    path = sorted(voices.iterdir())[0]

    def write(done, *_):
        if done == 6:
            content = path.read_bytes()
            path.unlink()
            path.write_bytes(content + b"x")

    with pytest.raises(SchemaError, match=rf"{path} changed while .*out was built from it"):
        build([str(voices)], tmp_path / "out", VOICES, workers=1, progress=write)
    assert not (tmp_path / "out" / "manifest.json").exists()
