"""Runs TF Serving's own server, if it is installed."""

import dataclasses
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from vfgan.errors import ConfigError
from vfgan.serving.config import ServeConfig
from vfgan.serving.metrics import PATHS
from vfgan.serving.model_list import ServedModel, write_models_config

PROGRAM = "tensorflow_model_server"
_MONITORING = f'prometheus_config {{ enable: true, path: "{PATHS[-1]}" }}\n'


def find_native() -> str | None:
    """Path of TF Serving's server, or None."""
    return shutil.which(PROGRAM)


def native_command(folder: Path, models: tuple[ServedModel, ...], config: ServeConfig) -> list[str]:
    """Builds the command line of the server, and writes its configuration into `folder`.

    Raises:
        ConfigError: the server is not on PATH.
    """
    program = find_native()
    if program is None:
        raise ConfigError(f"{PROGRAM} is not on PATH: install TF Serving, or use --server embedded")
    write_models_config(folder / "models.config", models)
    (folder / "monitoring.config").write_text(_MONITORING, encoding="utf-8")
    return [
        program, f"--port={config.port}", f"--rest_api_port={config.rest_api_port}",
        f"--model_config_file={folder / 'models.config'}", f"--monitoring_config_file={folder / 'monitoring.config'}",
        f"--rest_api_timeout_in_ms={round(1000 * config.request_seconds)}",
        f"--file_system_poll_wait_seconds={round(config.poll_seconds) or 1}", "--enable_grpc_healthcheck_service=true",
        "--allow_version_labels_for_unavailable_models=true",  # no version is available at the start
    ]  # fmt: skip


def not_taken(config: ServeConfig) -> list[str]:
    """Lists the options that the user has set and that this server ignores.

    >>> not_taken(ServeConfig(port=1, host="0.0.0.0", workers=3))
    ['--workers']
    """
    taken = ("host", "port", "rest_api_port", "request_seconds", "poll_seconds")
    fields = [field for field in dataclasses.fields(config) if field.name not in taken]
    return [f"--{field.name.replace('_', '-')}" for field in fields if getattr(config, field.name) != field.default]


def run_native(models: tuple[ServedModel, ...], config: ServeConfig) -> int:
    """Runs the server until it ends. SIGTERM and SIGINT are passed on.

    Returns:
        Its exit code, negative for a signal.
    """
    with tempfile.TemporaryDirectory(prefix="vfgan-serve-") as folder:
        process = subprocess.Popen(native_command(Path(folder), models, config))
        before = {
            number: signal.signal(number, lambda received, _: process.send_signal(received))
            for number in (signal.SIGTERM, signal.SIGINT)
        }
        try:
            return process.wait()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
