"""One replica equals two."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from vfgan.errors import ConfigError
from vfgan.training.strategy import check_batch, make_strategy


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


def test_none_is_the_default():
    assert make_strategy("none") is tf.distribute.get_strategy()
    assert make_strategy("none").num_replicas_in_sync == 1


def test_a_batch_that_replicas_cannot_share_evenly_is_refused():
    three = SimpleNamespace(num_replicas_in_sync=3)
    check_batch(9, three)
    with pytest.raises(ConfigError, match=r"expected a multiple of 3 \(replicas\), got 8"):
        check_batch(8, three)
