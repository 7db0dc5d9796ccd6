"""`vfgan doctor`: checks whether this machine has what vfgan needs."""

import dataclasses
import importlib.metadata
import platform
import shutil
from collections.abc import Callable
from pathlib import Path

PACKAGES = (
    "tensorflow", "tensorflow-io", "keras", "keras-cv", "numpy", "pandas", "librosa", "matplotlib", "mediapipe",
    "opencv-contrib-python", "av", "soundfile", "soxr",
)  # fmt: skip
LEAST_MEMORY_GIB, LEAST_DISK_GIB = 4.0, 2.0


@dataclasses.dataclass(frozen=True)
class Doctor:
    """Checks versions, devices, codecs, models, memory and write access. It says how to fix what is missing."""

    folder: Path = Path()
    """Folder for your results."""

    def main(self) -> None:
        """Prints a line for each check; ends with an error if one failed."""
        from pipelines.console import console
        from vfgan.errors import ConfigError, VfganError

        failed = []
        for name, check in self.checks().items():
            try:
                console.print(f"[green]ok[/]    {name:12} {check()}", highlight=False)
            except (VfganError, ImportError, OSError) as error:
                failed.append(name)
                console.print(f"[red]fails[/] {name:12} {error}", highlight=False, soft_wrap=True)
        if failed:
            raise ConfigError(f"{len(failed)} of {len(self.checks())} checks failed: {', '.join(failed)}")

    def checks(self) -> dict[str, Callable[[], str]]:
        """Maps the name of each check to a function that returns what it found, or raises."""
        return {
            "python": lambda: f"{platform.python_version()} on {platform.machine()}",
            "packages": _packages,
            "tensorflow": _devices,
            "faces": _faces,
            "codecs": _codecs,
            "models": _models,
            "memory": _memory,
            "disk": self._disk,
        }

    def _disk(self) -> str:
        from vfgan.errors import OutputError
        from vfgan.storage.files import check_writable

        check_writable(self.folder)
        free = shutil.disk_usage(self.folder).free / 2**30
        if free < LEAST_DISK_GIB:
            raise OutputError(f"{self.folder.resolve()} has {free:.1f} GiB free: expected at least {LEAST_DISK_GIB:g}")
        return f"{self.folder.resolve()} can be written, {free:.0f} GiB free"


def _packages() -> str:
    return ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)


def _devices() -> str:
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    total = float(tf.reduce_sum(tf.linalg.matmul(tf.ones((64, 64)), tf.ones((64, 64)))))
    if total != 64**3:
        raise OSError(f"TensorFlow computed a wrong matrix product: {total}")
    return f"{len(gpus)} GPUs, {len(tf.config.list_physical_devices('CPU'))} CPU device; a matrix product is correct"


def _faces() -> str:
    from vfgan.face.finder import FaceFinder

    with FaceFinder():
        return "MediaPipe's face mesh loads"


def _codecs() -> str:
    import av

    from vfgan.errors import MediaError

    wanted = {"h264": "r", "aac": "r", "libx264": "w", "aac ": "w"}
    for name, mode in wanted.items():
        try:
            av.Codec(name.strip(), mode)
        except av.codec.codec.UnknownCodecError as error:
            raise MediaError(f"PyAV has no codec {name.strip()}: install av from its wheel") from error
    return "H.264 and AAC, reading and writing"


def _models() -> str:
    from vfgan.savedmodel.load import find_model, models_dir

    return ", ".join(f"{name} {find_model(name).name}" for name in ("extractor", "emotion_cnn", "judge", "vfgan")) + (
        f" in {models_dir()}"
    )


def _memory() -> str:
    from vfgan.errors import ConfigError

    lines = Path("/proc/meminfo").read_text().splitlines() if Path("/proc/meminfo").exists() else []
    available = {line.split(":")[0]: int(line.split()[1]) / 2**20 for line in lines if line.endswith("kB")}
    if not available:
        return "unknown on this system"
    if available["MemAvailable"] < LEAST_MEMORY_GIB:
        raise ConfigError(f"{available['MemAvailable']:.1f} GiB are available: expected at least {LEAST_MEMORY_GIB:g}")
    return f"{available['MemAvailable']:.0f} of {available['MemTotal']:.0f} GiB available"
