"""Run by test_strategy.py in a process of its own: logical devices must be made before TensorFlow touches a device.

Trains the same CycleGAN for two steps on one replica and, with its guard looking at each step, on two; prints how far
apart they end, as JSON.
"""

import json
import tempfile

import numpy as np


def train_gan(strategy, *, guarded=False):
    """(weights at the beginning, weights at the end, scores of the last step)."""
    import keras
    import tensorflow as tf

    from vfgan.config.gan import GanConfig
    from vfgan.config.training import TrainConfig
    from vfgan.emotions import FACE_EMOTIONS
    from vfgan.models.build import make_cyclegan
    from vfgan.models.face_classifier import FaceClassifier
    from vfgan.training import guard
    from vfgan.training.loop import Hooks, train

    guard.EVERY = 1
    config = GanConfig.of(
        size_px=32, filters=4, blocks=1, discriminator_filters=4, discriminator_layers=1, head="plain",
        discriminator_change=0.3, train=TrainConfig(steps=2, batch_size=4, log_every=2),
    )  # fmt: skip
    random = np.random.default_rng(3)
    batches = {
        name: random.uniform(-1, 1, size=(2, 4, *shape)).astype(np.float32)
        for name, shape in {"x": (32, 32, 1), "y": (32, 32, 1), "z": (3,), "z_wrong": (3,)}.items()
    }
    batches["label"] = np.eye(len(FACE_EMOTIONS), dtype=np.float32)[random.integers(0, len(FACE_EMOTIONS), (2, 4))]
    keras.utils.set_random_seed(5)
    with strategy.scope():
        emotion_cnn = FaceClassifier(width=4, features=8)
        emotion_cnn.build((None, 32, 32, 1))
        model = make_cyclegan(config, 3, emotion_cnn)
        # not Adam: the size of its step does not depend on the size of the gradient, it would hide a wrong factor
        model.compile(keras.optimizers.SGD(0.05), keras.optimizers.SGD(0.05))

    def make_dataset(first, last):
        return tf.data.Dataset.from_tensor_slices(batches)

    watch = guard.Guard().watch(model, make_dataset) if guarded else None
    networks = model.networks.values()
    start = [weight.numpy() for network in networks for weight in network.weights]
    with tempfile.TemporaryDirectory() as run:
        scores = train(model, make_dataset, config.train, run, resolved={}, strategy=strategy, hooks=Hooks(guard=watch))
    return start, [weight.numpy() for network in networks for weight in network.weights], scores


def main():
    """Prints the result."""
    import tensorflow as tf

    from vfgan.data.sampling import step_dataset
    from vfgan.training.strategy import make_strategy

    mirrored = make_strategy("mirrored", replicas=2)
    steps = step_dataset(lambda seed: {"z": tf.random.stateless_uniform([4, 3], seed)}, 0, 3, 1)
    shared = mirrored.experimental_distribute_dataset(steps)
    halves = [[part.numpy() for part in mirrored.experimental_local_results(batch["z"])] for batch in shared]
    start, one, one_scores = train_gan(tf.distribute.get_strategy())
    same_start, two, two_scores = train_gan(mirrored, guarded=True)
    print(json.dumps({
        "replicas": mirrored.num_replicas_in_sync,
        "halves": [[len(part) for part in parts] for parts in halves],
        "whole": all(np.array_equal(np.concatenate(parts), batch["z"]) for parts, batch in zip(halves, steps)),
        "start": max(float(np.abs(a - b).max()) for a, b in zip(start, same_start)),
        "moved": max(float(np.abs(a - b).max()) for a, b in zip(start, one)),
        "apart": max(float(np.abs(a - b).max()) for a, b in zip(one, two)),
        "scores": [[one_scores[name], two_scores[name]] for name in one_scores],
    }))  # fmt: skip


if __name__ == "__main__":
    main()
