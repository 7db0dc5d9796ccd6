"""Run by test_strategy.py as one of several workers: python worker_runs.py RUN STEPS SECONDS_A_STEP.

Trains a small CycleGAN under the workers of TF_CONFIG; prints its weights as JSON, or an error of ours with code 2.
"""

import json
import sys
import time


def main(run: str, steps: int, step_seconds: float) -> int:
    """Trains and prints."""
    from vfgan.training.strategy import make_strategy

    strategy = make_strategy("workers")  # before TensorFlow has touched a device
    import keras
    import numpy as np
    import tensorflow as tf

    from vfgan.config.gan import GanConfig
    from vfgan.config.training import TrainConfig
    from vfgan.emotions import FACE_EMOTIONS
    from vfgan.errors import VfganError
    from vfgan.models.build import make_cyclegan
    from vfgan.models.face_classifier import FaceClassifier
    from vfgan.training.loop import Hooks, train

    config = GanConfig.of(
        size_px=32, filters=4, blocks=1, discriminator_filters=4, discriminator_layers=1, head="plain",
        discriminator_change=0.3,
        train=TrainConfig(steps=steps, batch_size=4, log_every=1, save_every=2, evaluate_every=1),
    )  # fmt: skip
    begun = []

    def make_dataset(start, stop):
        random = np.random.default_rng(3)
        shapes = {"x": (32, 32, 1), "y": (32, 32, 1), "z": (3,), "z_wrong": (3,)}
        batches = {name: random.uniform(-1, 1, (stop, 4, *shape)).astype(np.float32) for name, shape in shapes.items()}
        emotions = len(FACE_EMOTIONS)
        batches["label"] = np.eye(emotions, dtype=np.float32)[random.integers(0, emotions, (stop, 4))]
        begun.append(start)
        return tf.data.Dataset.from_tensor_slices({name: value[start:] for name, value in batches.items()})

    keras.utils.set_random_seed(5)
    with strategy.scope():
        emotion_cnn = FaceClassifier(width=4, features=8)
        emotion_cnn.build((None, 32, 32, 1))
        model = make_cyclegan(config, 3, emotion_cnn)
        model.compile(keras.optimizers.SGD(0.05), keras.optimizers.SGD(0.05))

    def evaluate(step):
        time.sleep(step_seconds)
        return {}

    try:
        scores = train(
            model, make_dataset, config.train, run, resolved={}, strategy=strategy, hooks=Hooks(evaluate=evaluate)
        )
    except VfganError as error:
        print(error, flush=True)
        return 2
    weights = [float(np.square(weight.numpy()).sum()) for weight in model.weights if weight.dtype == "float32"]
    print(json.dumps({
        "replicas": strategy.num_replicas_in_sync, "weights": weights, "scores": list(scores.values()),
        "first": begun[-1],
    }), flush=True)  # fmt: skip
    return 0


if __name__ == "__main__":
    # a worker whose neighbour has died would wait for it when it ends
    code = main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
    sys.stdout.flush()
    import os

    os._exit(code)
