"""Worker processes start without noise and end with their parent."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.medium

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(ROOT)}


def wait_for_workers(process, count):
    """Until a process has started so many others (the first is multiprocessing's tracker)."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        if len(children) > count:
            return
        time.sleep(0.01)
    pytest.fail("no workers were started")


@pytest.mark.parametrize("seconds", [0.0, 1.0])
@pytest.mark.slow
def test_ctrl_c_while_workers_start_ends_in_one_line(tmp_path, heads, seconds):
    process = subprocess.Popen(
        [sys.executable, "-m", "pipelines.cli", "build", "--in", f"ravdess:{heads}", "--out", str(tmp_path / "out"),
         "--clips-per-shard", "2"],
        cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # what runs in the background ignores it
    )  # fmt: skip
    wait_for_workers(process, 1)
    time.sleep(seconds)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to every process
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 130
    assert errors == "interrupted; run the same command again to resume\n"
    assert not list((tmp_path / "out").rglob(".part-*"))
    assert not list((tmp_path / "out").glob(".at-*"))
