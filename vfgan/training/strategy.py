"""Chooses where a training runs: on one device, on several of one machine, or on several machines in step."""

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import tensorflow as tf

from vfgan.config.training import TrainConfig
from vfgan.errors import ConfigError, WorkerLost

StrategyName = Literal["none", "mirrored", "workers"]
#: Longest wait for another worker, seconds. It is long because workers trace at different speeds; dead ones are
#: noticed sooner.
_ANSWER_SECONDS = 600


def make_strategy(name: StrategyName, replicas: int = 0) -> tf.distribute.Strategy:
    """Makes a strategy. Call it before TensorFlow uses a device.

    Args:
        name: "none": the default device. "mirrored": the same weights on every GPU of this machine, or on
            `replicas` logical CPU devices. "workers": on every GPU (or the CPU) of every machine in the environment
            variable TF_CONFIG.
        replicas: number of logical CPU devices, instead of GPUs; 0 uses the GPUs.
    Raises:
        ConfigError: the devices cannot be made, or TF_CONFIG does not name the workers.
    """
    if name == "none":
        return tf.distribute.get_strategy()
    if name == "workers":
        return _workers()
    gpus = tf.config.list_logical_devices("GPU") if not replicas else []
    if gpus:
        return tf.distribute.MirroredStrategy()
    count = max(1, replicas)
    if count > 1:
        try:
            cpu = tf.config.list_physical_devices("CPU")[0]
            tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * count)
        except RuntimeError as error:
            if len(tf.config.list_logical_devices("CPU")) < count:
                raise ConfigError(f"it is too late to make {count} logical CPU devices: {error}") from error
    devices = [device.name for device in tf.config.list_logical_devices("CPU")[:count]]
    # the default needs NCCL, which CPUs do not have
    return tf.distribute.MirroredStrategy(devices, cross_device_ops=tf.distribute.HierarchicalCopyAllReduce())


def _workers() -> tf.distribute.Strategy:
    text = os.environ.get("TF_CONFIG", "")
    try:
        config = json.loads(text)
        addresses, index = config["cluster"]["worker"], config["task"]["index"]
        known = config["task"]["type"] == "worker" and 0 <= index < len(addresses)
    except (ValueError, KeyError, TypeError):
        known = False
    if not known:
        raise ConfigError(
            "--strategy workers: expected TF_CONFIG like "
            '{"cluster": {"worker": ["host1:2222", "host2:2222"]}, "task": {"type": "worker", "index": 0}}, '
            f"got {text or 'nothing'}"
        )
    ring = tf.distribute.experimental.CommunicationImplementation.RING
    nccl = tf.distribute.experimental.CommunicationImplementation.NCCL
    options = tf.distribute.experimental.CommunicationOptions(
        timeout_seconds=_ANSWER_SECONDS, implementation=nccl if tf.config.list_physical_devices("GPU") else ring
    )
    return tf.distribute.MultiWorkerMirroredStrategy(communication_options=options)


def worker_folder(run: str | Path, strategy: tf.distribute.Strategy) -> Path:
    """Folder that this process writes to: the run for the first worker, a folder inside it for each other one."""
    resolver = strategy.cluster_resolver
    index = resolver.task_id if resolver is not None else 0
    return Path(run) / "workers" / str(index) if index else Path(run)


@contextlib.contextmanager
def losing_no_worker(strategy: tf.distribute.Strategy) -> Iterator[None]:
    """Turns TensorFlow's errors after the death of another worker into a clear one.

    Raises:
        WorkerLost: another worker does not answer.
    """
    try:
        yield
    except (
        tf.errors.UnavailableError,
        tf.errors.DeadlineExceededError,
        tf.errors.AbortedError,
        tf.errors.CancelledError,
        tf.errors.InternalError,
    ) as error:
        if strategy.cluster_resolver is None:
            raise
        first = str(error.message).splitlines()[0][:200]
        raise WorkerLost(
            f"another worker does not answer ({first}): run the same command on all workers again to resume from the "
            "last checkpoint"
        ) from error


def strategy_for(name: StrategyName, config: TrainConfig) -> tf.distribute.Strategy:
    """The strategy of a training, whose options fit it. Call it before TensorFlow uses a device.

    Raises:
        ConfigError: as `make_strategy`; or the batch cannot be divided evenly, or machines would stop by their clocks.
    """
    if name == "workers" and config.minutes:
        raise ConfigError("--train.minutes: expected 0 with --strategy workers, because clocks of machines differ")
    strategy = make_strategy(name)
    check_batch(config.batch_size, strategy)
    return strategy


def check_batch(batch_size: int, strategy: tf.distribute.Strategy) -> None:
    """Checks that every replica gets an equal share of each batch.

    Raises:
        ConfigError: the batch cannot be divided evenly.
    """
    replicas = strategy.num_replicas_in_sync
    if batch_size % replicas:
        raise ConfigError(f"--train.batch-size: expected a multiple of {replicas} (replicas), got {batch_size}")
