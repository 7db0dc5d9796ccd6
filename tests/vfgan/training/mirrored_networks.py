"""Run by test_strategy.py in a process of its own: logical devices must be made before TensorFlow touches a device.

Trains the same extractor and the same emotion CNN for two steps on one replica and on two; prints how far apart they
end, as JSON. With --dropout only that two replicas with dropout get there.
"""

import json
import sys
import tempfile

import numpy as np


def train_network(strategy, kind, dropout):
    """(weights at the beginning, weights at the end, scores of the last step)."""
    import keras
    import tensorflow as tf

    from vfgan.config.data import MfscConfig
    from vfgan.config.networks import ExtractorConfig, FaceClassifierConfig
    from vfgan.config.training import TrainConfig
    from vfgan.models.build import make_extractor, make_face_classifier
    from vfgan.models.losses import MaskedCrossEntropy, recognised
    from vfgan.training.loop import train

    config = TrainConfig(steps=2, batch_size=8, log_every=2)
    random = np.random.default_rng(3)
    shape, classes = ((40, 40, 3), 8) if kind == "extractor" else ((32, 32, 1), 7)
    inputs = random.normal(size=(2, 8, *shape)).astype(np.float32)
    labels = np.eye(classes, dtype=np.float32)[random.integers(0, classes, (2, 8))]
    keras.utils.set_random_seed(5)
    with strategy.scope():
        if kind == "extractor":
            options = {"widths": (4, 4, 4, 4), "dense": 8, "z_size": 4, "dropout": dropout, "train": config}
            network, loss, metric = (
                make_extractor(ExtractorConfig(**options), MfscConfig()),
                MaskedCrossEntropy(0.1),
                recognised,
            )
        else:
            options = {"size_px": 32, "width": 4, "features": 8, "dropout": dropout, "train": config}
            network, metric = make_face_classifier(FaceClassifierConfig(**options)), "accuracy"
            loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)
        # not Adam: the size of its step does not depend on the size of the gradient, it would hide a wrong factor
        network.compile(keras.optimizers.SGD(0.05), loss, metrics=[metric])

    def make_dataset(first, last):
        return tf.data.Dataset.from_tensor_slices((inputs[first:last], labels[first:last]))

    start = [np.array(weight) for weight in network.weights]
    with tempfile.TemporaryDirectory() as run:
        scores = train(network, make_dataset, config, run, resolved={}, strategy=strategy)
    return start, [np.array(weight) for weight in network.weights], scores


def main(dropout: float):
    """Prints the result."""
    import tensorflow as tf

    from vfgan.training.strategy import make_strategy

    mirrored = make_strategy("mirrored", replicas=2)
    result = {}
    for kind in ("extractor", "emotion-cnn"):
        start, two, two_scores = train_network(mirrored, kind, dropout)
        result[kind] = {"finite": bool(np.isfinite(np.concatenate([value.ravel() for value in two])).all())}
        if dropout:
            continue
        same_start, one, one_scores = train_network(tf.distribute.get_strategy(), kind, dropout)
        result[kind] |= {
            "start": max(float(np.abs(a - b).max()) for a, b in zip(start, same_start, strict=True)),
            "moved": max(float(np.abs(a - b).max()) for a, b in zip(start, two)),
            "apart": max(float(np.abs(a - b).max()) for a, b in zip(one, two)),
            "scores": [[one_scores[name], two_scores[name]] for name in one_scores],
        }
    print(json.dumps(result))


if __name__ == "__main__":
    main(0.3 if "--dropout" in sys.argv else 0.0)
