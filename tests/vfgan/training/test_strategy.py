"""One replica equals two."""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from vfgan.config.training import TrainConfig
from vfgan.errors import ConfigError, WorkerLost
from vfgan.training.strategy import check_batch, losing_no_worker, make_strategy, strategy_for


@pytest.mark.slow
def test_one_replica_equals_two(root):
    script = Path(__file__).with_name("mirrored_runs.py")
    done = subprocess.run(
        [sys.executable, str(script)], cwd=root, capture_output=True, text=True, timeout=300,
        env=os.environ | {"PYTHONPATH": str(root), "CUDA_VISIBLE_DEVICES": ""},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3_000:]
    result = json.loads(done.stdout.splitlines()[-1])
    assert result["replicas"] == 2
    assert result["halves"] == [[2, 2]] * 3  # each replica gets its half of each batch, and no step is lost
    assert result["whole"]
    assert result["start"] == 0.0
    assert result["moved"] > 1e-2
    assert result["apart"] < 1e-5
    np.testing.assert_allclose(*np.transpose(result["scores"]), rtol=1e-5, atol=1e-6)


@pytest.mark.medium
@pytest.mark.parametrize("option", [[], pytest.param(["--dropout"], marks=pytest.mark.slow)])
def test_one_replica_of_extractor_and_emotion_cnn_equals_two(root, option):
    script = Path(__file__).with_name("mirrored_networks.py")
    done = subprocess.run(
        [sys.executable, str(script), *option], cwd=root, capture_output=True, text=True, timeout=900,
        env=os.environ | {"PYTHONPATH": str(root), "CUDA_VISIBLE_DEVICES": ""},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3_000:]
    for result in json.loads(done.stdout.splitlines()[-1]).values():
        assert result["finite"]
        if not option:  # replicas drop other units than one does
            assert result["start"] == 0.0
            assert result["moved"] > 1e-2
            assert result["apart"] < 1e-5
            np.testing.assert_allclose(*np.transpose(result["scores"]), rtol=1e-5, atol=1e-6)


def start_worker(root, index, ports, folder, *, steps=2, step_seconds=0.0):
    config = {
        "cluster": {"worker": [f"127.0.0.1:{port}" for port in ports]},
        "task": {"type": "worker", "index": index},
    }
    script = Path(__file__).with_name("worker_runs.py")
    return subprocess.Popen(
        [sys.executable, str(script), str(folder), str(steps), str(step_seconds)], cwd=root, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(root), "CUDA_VISIBLE_DEVICES": "", "TF_CONFIG": json.dumps(config)},
    )  # fmt: skip


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


@pytest.mark.slow
def test_two_workers_take_the_step_of_one(root, tmp_path):
    ports = free_ports(2)
    both = [start_worker(root, index, ports, tmp_path / "two") for index in range(2)]
    outputs = [process.communicate(timeout=900) for process in both]
    assert [process.returncode for process in both] == [0, 0], outputs[0][1][-2_000:] + outputs[1][1][-2_000:]
    alone = start_worker(root, 0, ports[:1], tmp_path / "one")
    output, errors = alone.communicate(timeout=900)
    assert alone.returncode == 0, errors[-2_000:]
    one, *two = [json.loads(text.splitlines()[-1]) for text in (output, outputs[0][0], outputs[1][0])]
    assert [result["replicas"] for result in (one, *two)] == [1, 2, 2]
    assert two[0]["weights"] == two[1]["weights"]
    # the losses of the second step tell what the first has done; from the third on rounding grows
    np.testing.assert_allclose(two[0]["scores"], one["scores"], rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(two[0]["weights"], one["weights"], atol=1e-3)
    # the first writes into the run, the other beside it
    assert (tmp_path / "two" / "model.weights.h5").is_file()
    assert (tmp_path / "two" / "workers" / "1" / "log.csv").is_file()


@pytest.mark.slow
def test_a_dead_worker_stops_the_others_and_a_rerun_goes_on(root, tmp_path):
    ports = free_ports(2)
    both = [start_worker(root, index, ports, tmp_path, steps=40, step_seconds=0.5) for index in range(2)]
    deadline = time.monotonic() + 600
    while not list((tmp_path / "checkpoints").glob("*-4.index")) and time.monotonic() < deadline:
        time.sleep(0.5)
    both[1].kill()
    output, _ = both[0].communicate(timeout=600)
    both[1].communicate()
    assert both[0].returncode == 2
    assert "another worker does not answer" in output
    assert not (tmp_path / "model.weights.h5").exists()
    again = [start_worker(root, index, free, tmp_path, steps=40) for free in [free_ports(2)] for index in range(2)]
    outputs = [process.communicate(timeout=900) for process in again]
    assert [process.returncode for process in again] == [0, 0], outputs[0][1][-2_000:]
    first = [json.loads(text.splitlines()[-1])["first"] for text, _ in outputs]
    assert first[0] == first[1] >= 4


@pytest.mark.parametrize("text", ["", "{", '{"cluster": {"worker": ["a:1"]}, "task": {"type": "worker", "index": 1}}'])
def test_workers_must_be_known(monkeypatch, text):
    monkeypatch.setenv("TF_CONFIG", text)
    with pytest.raises(ConfigError, match="--strategy workers: expected TF_CONFIG like"):
        make_strategy("workers")


def test_what_a_lost_worker_raises_is_one_line():
    lost = tf.errors.UnavailableError(None, None, "Collective ops is aborted by: worker/1\nmore")
    several = losing_no_worker(SimpleNamespace(cluster_resolver=object()))
    with (
        pytest.raises(WorkerLost, match="another worker does not answer .*worker/1.: run the same") as caught,
        several,
    ):
        raise lost
    assert "\n" not in str(caught.value)
    # on one machine it is a bug, and stays what it is
    with pytest.raises(tf.errors.UnavailableError), losing_no_worker(make_strategy("none")):
        raise lost


def test_options_of_a_training_must_fit_its_strategy():
    with pytest.raises(ConfigError, match="--train.minutes: expected 0 with --strategy workers"):
        strategy_for("workers", TrainConfig(steps=1, batch_size=2, minutes=1.0))
    assert strategy_for("none", TrainConfig(steps=1, batch_size=3, minutes=1.0)) is tf.distribute.get_strategy()


def test_none_is_the_default():
    assert make_strategy("none") is tf.distribute.get_strategy()
    assert make_strategy("none").num_replicas_in_sync == 1


def test_a_batch_that_replicas_cannot_share_evenly_is_refused():
    three = SimpleNamespace(num_replicas_in_sync=3)
    check_batch(9, three)
    with pytest.raises(ConfigError, match=r"expected a multiple of 3 \(replicas\), got 8"):
        check_batch(8, three)
