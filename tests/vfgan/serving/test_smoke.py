"""deploy/smoke_test.sh: all of it but Docker."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from vfgan.serving.model_list import models_of_config


@pytest.mark.parametrize("has_docker", [True, False])
@pytest.mark.slow
def test_the_smoke_test_runs_the_suite(has_docker, toy_models, running, root, tmp_path):
    """Against our own server in place of the container's; `docker` only writes down what it was told."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("sh", "dirname", "mktemp", "chmod", "rm", "cat", "env"):
        (tools / name).symlink_to(shutil.which(name))
    if has_docker:
        (tools / "docker").write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/told\n')
        (tools / "docker").chmod(0o755)
    with running(models_of_config(toy_models / "models.config")) as server:
        port = server.address.split(":")[1]
        environment = os.environ | {
            "PATH": str(tools), "PYTHON": sys.executable, "VFGAN_SMOKE_GRPC": port,
            "VFGAN_SMOKE_REST": str(server.server.rest_port),
        }  # fmt: skip
        done = subprocess.run([root / "deploy" / "smoke_test.sh"], env=environment, capture_output=True, text=True)
    if not has_docker:
        assert done.returncode == 2
        assert "docker is not on PATH" in done.stderr
        return
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"\d\d passed", done.stdout)
    told = (tmp_path / "told").read_text().splitlines()
    compose = "compose -f deploy/compose.smoke.yaml"
    assert told == [f"{compose} up --detach --wait", f"{compose} down"]
