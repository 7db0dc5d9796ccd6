"""Training steps of the CycleGAN that bends faces, beside the same networks and losses under PyTorch.

Preset `anyone`, 128 px, 16 faces: its stages `flow` and `paint`. Keras runs the same code with PyTorch's operations,
which PyTorch differentiates and updates (Adam), as they come and compiled. Each in a process of its own, in turns;
images/s of the median step. First losses, of the same weights and faces, must agree.

    pip install '.[benchmarks]'
    python -m benchmarks.motion_step [--rounds 3] [--steps 20] [--threads 2]
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from benchmarks.train_step import Z_SIZE, measured

_BACKENDS = {"vfgan": "tensorflow", "torch": "torch", "compiled": "torch"}
_STAGES = ("flow", "paint")


def main() -> None:
    """Prints a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", nargs=2, metavar=("NAME", "WEIGHTS"), help="run one in this process and print JSON")
    args = parser.parse_args()
    if args.only:
        print(json.dumps(_run(*args.only, args)))
        return
    with tempfile.TemporaryDirectory() as weights:
        found = [{name: _run_apart(name, weights, args) for name in _BACKENDS} for _ in range(args.rounds)]
    for stage in _STAGES:
        losses = [found[0][name][stage]["loss"] for name in _BACKENDS]
        if not np.allclose(losses, losses[0], rtol=1e-3):
            sys.exit(f"{stage}: the losses differ: {losses}")
        speed = {name: float(np.median([one[name][stage]["images_per_second"] for one in found])) for name in _BACKENDS}
        best = max(speed["torch"], speed["compiled"])
        print(stage, {name: round(value, 1) for name, value in speed.items()}, "images/s")
        print(f"{'':5} {speed['vfgan'] / best:.2f} times the better of PyTorch's; loss {losses[0]:.4f} in all")


def _run_apart(name: str, weights: str, args) -> dict:
    command = [sys.executable, "-m", "benchmarks.motion_step", "--only", name, weights]
    command += ["--steps", str(args.steps), "--threads", str(args.threads)]
    threads = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
    environment = os.environ | {"KERAS_BACKEND": _BACKENDS[name]} | dict.fromkeys(threads, str(args.threads))
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode:
        sys.exit(done.stderr[-2_000:])
    return json.loads(done.stdout.splitlines()[-1])


def _run(name: str, weights: str, args) -> dict:
    """stage -> its first loss and its images a second."""
    import keras

    from vfgan.config.presets import ANYONE
    from vfgan.models.build import make_cyclegan

    keras.utils.set_random_seed(1)
    model = make_cyclegan(ANYONE, Z_SIZE, None)
    shape = np.stack(np.meshgrid(np.linspace(0.25, 0.75, 26), np.linspace(0.2, 0.85, 18)), axis=2).reshape(468, 2)
    rng = np.random.default_rng(0)
    batch = _batch(ANYONE.train.batch_size, shape, rng)
    for letter, network in (("g", model.g), ("f", model.f)):
        network.measure(batch["x_points"], rng.normal(0, 0.01, (6, 468, 2)))
        file = Path(weights) / f"{letter}.weights.h5"
        if file.exists():
            network.load_weights(file)
        else:
            network.save_weights(file)
    steps = _tensorflow_steps(model, batch) if name == "vfgan" else _torch_steps(model, batch, name, args)
    size = ANYONE.train.batch_size
    return {stage: {"loss": step(), "images_per_second": measured(step, args, size)} for stage, step in steps.items()}


def _batch(size: int, shape: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Noise in the form of `vfgan.data.motion_examples.motion_dataset`."""
    faces, points = ("x", "y", "other"), ("x_points", "y_points", "other_points", "y_rest")
    batch = {name: rng.uniform(-1, 1, (size, 128, 128, 3)) for name in faces}
    batch |= {name: shape + rng.normal(0, 0.01, (size, 468, 2)) for name in points}
    batch |= {"moved": rng.normal(0, 0.01, (size, 468, 2)), "z": rng.normal(size=(size, Z_SIZE))}
    batch |= {name: np.eye(7)[rng.integers(0, 7, size)] for name in ("label", "other_label")}
    voices = {"voice_z": rng.normal(size=(size, 4, Z_SIZE)), "voice_label": np.eye(7)[rng.integers(0, 7, (size, 4))]}
    return {name: value.astype(np.float32) for name, value in (batch | voices).items()}


def _tensorflow_steps(model, batch) -> dict:
    import tensorflow as tf

    from vfgan.config.presets import ANYONE
    from vfgan.models.build import compile_cyclegan

    compile_cyclegan(model, ANYONE)
    batch = {name: tf.constant(value) for name, value in batch.items()}
    terms = {"flow": ("landmarks", "displacement", "back", "voice"), "paint": ("interior",)}

    def stepping(stage: str):
        function = tf.function(lambda: model.train_step(batch, stage), autograph=False)

        def step() -> float:
            for mean in model.means.values():
                mean.reset_state()
            found = function()
            return sum(float(found[name]) for name in terms[stage])

        return step

    return {stage: stepping(stage) for stage in _STAGES}


def _torch_steps(model, batch, name: str, args) -> dict:
    import torch

    from vfgan.config.presets import ANYONE

    torch.set_num_threads(args.threads)
    given = {key: torch.from_numpy(value) for key, value in batch.items()}
    rates = {"flow": ANYONE.motion.flow_learning_rate, "paint": ANYONE.motion.paint_learning_rate}
    terms = {"flow": model.bending_terms, "paint": model.painting_terms}
    variables = {"flow": model.bending_variables, "paint": model.painting_variables}
    average = [variable.value.detach().clone() for variable in model.g.trainable_variables]

    def stepping(stage: str):
        parameters = [variable.value for variable in variables[stage]]
        optimizer = torch.optim.Adam(parameters, rates[stage], foreach=True)

        def total():
            return sum(terms[stage](given).values())

        loss_of = torch.compile(total) if name == "compiled" else total

        def step() -> float:
            optimizer.zero_grad(set_to_none=True)
            loss = loss_of()
            loss.backward()
            optimizer.step()
            with torch.no_grad():
                now = [variable.value for variable in model.g.trainable_variables]
                torch._foreach_lerp_(average, now, 1.0 - ANYONE.stability.average_decay)
            return float(loss.detach())

        return step

    return {stage: stepping(stage) for stage in _STAGES}


if __name__ == "__main__":
    main()
