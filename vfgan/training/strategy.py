"""Where a training runs: on one device, or on several of one machine in step."""

from typing import Literal

import tensorflow as tf

from vfgan.errors import ConfigError

StrategyName = Literal["none", "mirrored"]


def make_strategy(name: StrategyName, replicas: int = 0) -> tf.distribute.Strategy:
    """The strategy of that name.

    Args:
        name: "none": the default device. "mirrored": the same weights on every GPU of this machine, or on
            `replicas` logical CPU devices.
        replicas: logical CPU devices to make where there are no GPUs; must be asked for before TensorFlow has
            touched a device.
    Raises:
        ConfigError: the devices cannot be made.
    """
    if name == "none":
        return tf.distribute.get_strategy()
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
                raise ConfigError(f"{count} logical CPU devices cannot be made any more: {error}") from error
    devices = [device.name for device in tf.config.list_logical_devices("CPU")[:count]]
    # the default asks for NCCL, which CPUs have not
    return tf.distribute.MirroredStrategy(devices, cross_device_ops=tf.distribute.HierarchicalCopyAllReduce())


def check_batch(batch_size: int, strategy: tf.distribute.Strategy) -> None:
    """Every replica takes an equal share of each batch.

    Raises:
        ConfigError: the batch cannot be divided evenly.
    """
    replicas = strategy.num_replicas_in_sync
    if batch_size % replicas:
        raise ConfigError(f"--train.batch-size: expected a multiple of {replicas} (replicas), got {batch_size}")
