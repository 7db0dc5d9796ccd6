"""`vfgan train gan --dry-run`: estimates the cost of a training, without a run folder."""

import collections
import resource
import time

import numpy as np

_STEPS = 3


def dry_run(args) -> dict[str, str]:
    """Builds the networks and runs a few steps on random faces. Data sets are not read.

    Args:
        args: `pipelines.commands.train_gan.TrainGan`.
    Returns:
        Name -> value with its unit, to print.
    """
    from vfgan.config.networks import FaceClassifierConfig
    from vfgan.models.build import compile_cyclegan, make_cyclegan, make_face_classifier, seen_px
    from vfgan.training.runs import load_voice_reader

    config = args.config
    z_size = load_voice_reader(args.extractor).reader.extractor.settings["z_size"]
    phi = make_face_classifier(FaceClassifierConfig(size_px=seen_px(config))) if args.emotion_cnn else None
    model = make_cyclegan(config, z_size, phi)
    compile_cyclegan(model, config)
    batch = random_batch(config, model.g.settings["z_size"])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    flops = best = 0.0  # means over the stages of a training
    for stage, share in shares_of_stages(model, config).items():
        step = step_of(model, stage).get_concrete_function(batch)
        flops += share * step_flops(step)
        best += share * min(_seconds(step, batch) for _ in range(_STEPS))
    counts = {name: network.count_params() for name, network in model.networks.items()}
    size = config.train.batch_size
    return {
        "parameters": ", ".join(f"{name} {count:,}" for name, count in counts.items()),
        "FLOPs a step": f"{flops:.3g} ({flops / size:.3g} an image)",
        "memory": memory(sum(counts.values()), before),
        "a step here": f"{best:.2f} s ({size / best:.2g} images/s, {flops / best / 1e9:.3g} GFLOP/s)",
        "all steps here": f"{config.train.steps:,} steps, about {config.train.steps * best / 3600:.1f} hours",
    }


def step_of(model, stage: str):
    """One step of a stage, or of a model without stages, as a graph."""
    import tensorflow as tf

    def train_step(batch):
        return model.train_step(batch, stage) if stage else model.train_step(batch)

    return tf.function(train_step, autograph=False)


def shares_of_stages(model, config) -> dict[str, float]:
    """Stage of the training -> its share of the steps; "" is that of a model without stages."""
    if config.networks.head != "motion":
        return {"": 1.0}
    counts = collections.Counter(model.stage_of(step) for step in range(config.train.steps))
    return {stage: count / counts.total() for stage, count in counts.items()}


def random_batch(config, z_size: int) -> dict:
    """A batch of random faces and voices, as `vfgan.data.gan_examples` or `vfgan.data.motion_examples` gives them."""
    import tensorflow as tf

    from vfgan.emotions import FACE_EMOTIONS

    rng = np.random.default_rng(0)
    size, count = config.networks.size_px, config.train.batch_size
    shapes = {
        "x": (size, size, config.channels),
        "y": (size, size, config.channels),
        "z": (z_size,),
        "z_wrong": (z_size,),
        "label": (len(FACE_EMOTIONS),),
    }
    if config.networks.head == "motion":
        points = ("x_points", "y_points", "y_rest", "moved", "other_points")
        shapes |= {"other": shapes["x"], "other_label": shapes["label"], **dict.fromkeys(points, (468, 2))}
        shapes |= {"voice_z": (4, z_size), "voice_label": (4, len(FACE_EMOTIONS))}
    values = {name: rng.uniform(-1, 1, (count, *shape)) for name, shape in shapes.items()}
    return {name: tf.constant(value, tf.float32) for name, value in values.items()}


def step_flops(step) -> float:
    """Counts floating-point operations of a traced step, forward and backward, with TensorFlow's profiler."""
    import tensorflow as tf

    profiler = tf.compat.v1.profiler
    options = profiler.ProfileOptionBuilder(profiler.ProfileOptionBuilder.float_operation()).with_empty_output().build()
    return float(profiler.profile(step.graph, options=options).total_float_ops)


def memory(parameters: int, before_kb: int) -> str:
    """Says the memory of weights, gradients and Adam's moments, and what the steps took in addition."""
    import tensorflow as tf

    weights = f"{16 * parameters / 1e6:.0f} MB for weights, gradients and Adam"
    if tf.config.list_logical_devices("GPU"):
        return f"{weights}; at most {tf.config.experimental.get_memory_info('GPU:0')['peak'] / 1e9:.2f} GB on the GPU"
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return f"{weights}; the steps took {(after - before_kb) / 1e6:.2f} GB more; {after / 1e6:.2f} GB in total"


def _seconds(step, batch) -> float:
    started = time.perf_counter()
    values = step(batch)
    float(next(iter(values.values())))  # waits for a GPU to finish the step
    return time.perf_counter() - started
