"""A whole CycleGAN's training that is killed at steps of no checkpoint ends with the weights of an undisturbed one."""

import csv
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

ROOT = Path(__file__).resolve().parents[3]
ENVIRONMENT = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(ROOT)}
STEPS = 300
OPTIONS = {
    "size-px": 32, "filters": 4, "blocks": 1, "discriminator-filters": 4, "discriminator-layers": 2, "pool-size": 5,
    "average-decay": 0.99, "verification-schedule": "rise", "discriminator-change": 0.3, "real-smoothing": 0.1,
    "train.steps": STEPS, "train.batch-size": 4, "train.log-every": 1, "train.evaluate-every": 50,
    "train.save-every": 40, "guard": "tell",  # so small a network may well not listen
}  # fmt: skip


def start(world, run):
    """`vfgan train gan` with emotion CNN, critic, projection, guard, monitor and running average."""
    options = [part for name, value in OPTIONS.items() for part in (f"--{name}", str(value))]
    command = [
        "train", "gan", "--faces", world.data, "--voices", world.data, "--extractor", world.extractor, "--emotion-cnn",
        world.emotion_cnn, "--run", run, "--voice-actors", "03", "04", "--equal-contrast", *options,
    ]  # fmt: skip
    return subprocess.Popen(
        [sys.executable, "-m", "pipelines.cli", *map(str, command)], env=ENVIRONMENT, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip


def logged(run):
    """The last step in log.csv."""
    if not (run / "log.csv").exists():
        return 0
    with open(run / "log.csv", newline="", encoding="utf-8") as file:
        steps = [row["step"] for row in csv.DictReader(file)]
    return int(steps[-1]) if steps and steps[-1].isdigit() else 0


def kill_at(world, run, step):
    """Kills the training as soon as it has logged the step; returns which it was then."""
    process = start(world, run)
    while logged(run) < step:
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.stderr.close()
    assert process.wait() == -signal.SIGKILL
    return logged(run)


def finish(world, run):
    process = start(world, run)
    assert process.wait() == 0, process.stderr.read()
    process.stderr.close()


def state(run):
    """Everything in the last checkpoint: weights, optimizers, pools, averages, guard, random states, step."""
    path = tf.train.latest_checkpoint(str(run / "checkpoints"))
    skipped = ("_CHECKPOINTABLE_OBJECT_GRAPH", "save_counter")  # how often it was saved differs by right
    return {
        name: tf.train.load_variable(path, name)
        for name, _ in tf.train.list_variables(path)
        if not name.startswith(skipped)
    }


@pytest.mark.slow
def test_killed_at_any_step_ends_with_the_same_bits(small_world, tmp_path):
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    finish(small_world, whole)
    draw, killed = random.Random(5), []
    for low in (1, 45, 110, 170, 240):
        killed.append(kill_at(small_world, broken, draw.randrange(low, low + 36)))
    assert any(step % OPTIONS["train.save-every"] for step in killed)
    finish(small_world, broken)
    one, other = state(whole), state(broken)
    assert one.keys() == other.keys()
    assert int(one["step/.ATTRIBUTES/VARIABLE_VALUE"]) == STEPS
    assert len(one) > 300
    assert [name for name, value in one.items() if not np.array_equal(value, other[name], equal_nan=True)] == []
    for name in ("model.weights.h5", "best.weights.h5"):
        assert (broken / name).is_file()
    rows = [(run / "log.csv").read_text().splitlines() for run in (whole, broken)]
    without_clock = [[row.split(",")[:1] + row.split(",")[2:] for row in one] for one in rows]
    assert without_clock[0] == without_clock[1]
