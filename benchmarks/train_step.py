"""A training step of the CycleGAN beside the same networks, passes and losses in PyTorch.

Each in a process of its own, in turns, so that neither has the better minute; images/s of the median step.

    pip install '.[benchmarks]'
    python -m benchmarks.train_step [--preset small] [--size-px 64] [--precision float32] [--rounds 3] [--steps 20]
      [--threads 2] [--profile FOLDER]
"""

import argparse
import json
import os
import subprocess
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

Z_SIZE = 32
_WARM = 5


def main() -> None:
    """Prints a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preset", default="small")
    parser.add_argument("--size-px", type=int, default=0, help="0: the preset's")
    parser.add_argument("--precision", default="float32")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--profile", default="", help="folder for a tf.profiler trace of the steps")
    parser.add_argument("--only", choices=list(RUNS), help="run one in this process and print JSON")
    args = parser.parse_args()
    if args.only:
        print(json.dumps(RUNS[args.only](args)))
        return
    found = {"vfgan": [], "torch": [], "compiled": []}
    for _ in range(args.rounds):
        for name, results in found.items():
            results.append(run_apart(name, args))
    if found["vfgan"][0]["parameters"] != found["torch"][0]["parameters"]:
        sys.exit(f"the networks differ: {found['vfgan'][0]['parameters']} and {found['torch'][0]['parameters']}")
    speed = {name: [result["images_per_second"] for result in results] for name, results in found.items()}
    print(f"{'':8} {'images/s':>9}   of {args.rounds} rounds, {args.threads} threads, preset {args.preset}")
    for name, values in speed.items():
        print(f"{name:8} {np.median(values):9.2f}   ({', '.join(f'{value:.2f}' for value in values)})")
    best = max(np.median(speed[name]) for name in ("torch", "compiled"))
    print(f"{'ratio':8} {np.median(speed['vfgan']) / best:9.2f}   to the better of the two")
    data = run_apart("data", args)["images_per_second"]
    print(f"{'data':8} {data:9.0f}   {data / np.median(speed['vfgan']):.0f} times what training takes")


def run_apart(name: str, args) -> dict:
    """One measurement in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.train_step", "--only", name]
    for option in ("preset", "size-px", "precision", "steps", "threads", "profile"):
        command += [f"--{option}", str(getattr(args, option.replace("-", "_")))]
    environment = os.environ | {"OMP_NUM_THREADS": str(args.threads)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode:
        sys.exit(done.stderr[-2_000:])
    return json.loads(done.stdout.splitlines()[-1])


def configuration(args):
    """The preset, as PyTorch's twin has it: the default step where the preset is small."""
    from vfgan.config.presets import PRESETS
    from vfgan.config.serialise import with_options

    preset = PRESETS[args.preset]
    return with_options(
        preset, head="residual", adversarial="hinge", wrong_voices="real", condition="add", projection=True, oval=True,
        verification_target="critic", verification_ratio=1.0, verification_change=0.7, discriminator_change=0.0,
        average_decay=0.0, precision=args.precision, size_px=args.size_px or preset.networks.size_px,
    )  # fmt: skip


def batches(config) -> dict:
    """Faces and voices of noise."""
    rng = np.random.default_rng(0)
    size, count = config.networks.size_px, config.train.batch_size
    shapes = {"x": (size, size, 1), "y": (size, size, 1), "z": (Z_SIZE,), "z_wrong": (Z_SIZE,)}
    noise = {name: rng.uniform(-1, 1, (count, *shape)).astype(np.float32) for name, shape in shapes.items()}
    return noise | {"label": np.eye(7, dtype=np.float32)[rng.integers(0, 7, count)]}


def measured(step, args, images: int) -> float:
    """Images a second of the median step, after a few that are not counted."""
    seconds = []
    for _ in range(_WARM + args.steps):
        started = time.perf_counter()
        step()
        seconds.append(time.perf_counter() - started)
    return images / float(np.median(seconds[_WARM:]))


def run_vfgan(args) -> dict:
    """This project's step, as the training loop calls it."""
    import tensorflow as tf

    from vfgan.config.networks import FaceClassifierConfig
    from vfgan.models.build import compile_cyclegan, make_cyclegan, make_face_classifier

    tf.config.threading.set_intra_op_parallelism_threads(args.threads)
    tf.config.threading.set_inter_op_parallelism_threads(args.threads)
    config = configuration(args)
    model = make_cyclegan(config, Z_SIZE, make_face_classifier(FaceClassifierConfig(size_px=config.networks.size_px)))
    compile_cyclegan(model, config)
    batch = {name: tf.constant(value) for name, value in batches(config).items()}
    function = tf.function(model.train_step)

    def step():
        float(function(batch)["d_y"])

    result = measured(step, args, config.train.batch_size)
    if args.profile:
        tf.profiler.experimental.start(args.profile)
        step()
        tf.profiler.experimental.stop()
    networks = model.networks.values()
    counts = [sum(int(np.prod(w.shape)) for w in network.trainable_variables) for network in networks]
    return {"images_per_second": result, "parameters": counts}


def run_torch(args, compiled: bool = False) -> dict:
    """The same in PyTorch."""
    import torch

    from benchmarks.torch_cyclegan import Trainer, torch_batch
    from vfgan.config.networks import FaceClassifierConfig

    torch.set_num_threads(args.threads)
    config = configuration(args)
    trainer = Trainer(config, FaceClassifierConfig(), Z_SIZE, compiled)
    batch = torch_batch(batches(config))
    result = measured(lambda: trainer.step(batch), args, config.train.batch_size)
    return {"images_per_second": result, "parameters": trainer.parameters}


def run_data(args) -> dict:
    """The input pipeline alone, on 1,000 faces of noise."""
    from vfgan.data.attributes import Attributes
    from vfgan.data.face_set import Faces
    from vfgan.data.gan_examples import pair_dataset

    config, rng, count = configuration(args), np.random.default_rng(0), 1_000
    zeros, names = np.zeros(count, np.int32), np.arange(count).astype(str)
    emotion = (np.arange(count) % 7).astype(np.int32)
    pixels = rng.integers(0, 256, (count, config.networks.size_px, config.networks.size_px, 1), dtype=np.uint8)
    times = zeros.astype(np.float32)
    faces = Faces(pixels, emotion, zeros, zeros, zeros, times, times, names, names)
    attributes = Attributes(rng.standard_normal((count, Z_SIZE)).astype(np.float32), emotion, zeros)
    steps = _WARM + 10 * args.steps
    iterator = iter(pair_dataset(faces, faces, attributes, config, 0, steps))
    for _ in range(_WARM):
        next(iterator)
    started = time.perf_counter()
    done = sum(1 for _ in iterator)
    return {"images_per_second": done * config.train.batch_size / (time.perf_counter() - started)}


#: compiled: with torch.compile
RUNS = {
    "vfgan": run_vfgan,
    "torch": run_torch,
    "compiled": lambda args: run_torch(args, compiled=True),
    "data": run_data,
}

if __name__ == "__main__":
    main()
