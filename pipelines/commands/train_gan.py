"""`vfgan train gan`: trains the voice-conditioned CycleGAN on faces and voices."""

import dataclasses
import functools
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import tyro

from vfgan.config.data import ReadConfig
from vfgan.config.gan import GanConfig
from vfgan.config.presets import PRESETS, PresetName
from vfgan.errors import ConfigError

if TYPE_CHECKING:
    from vfgan.savedmodel.restore import Restored


@dataclasses.dataclass(frozen=True)
class TrainGan:
    """Trains the CycleGAN that shows a voice's emotion on a face.

    Faces X (neutral) and Y (with an emotion) come from --faces, voices from --voices. Use only voices of actors that
    the extractor was not trained on: on its training actors it is overconfident.
    """

    faces: tuple[Path, ...]
    """Data sets whose training faces become X and Y. Only faces aligned by landmarks are used."""
    voices: Path
    """Data set with voices; may be the same."""
    extractor: Path
    """Run of `vfgan train extractor`."""
    run: Path
    """Folder for weights, checkpoints, samples and curves. After an interruption, run the same command again to
    resume."""
    emotion_cnn: Path | None = None
    """Run of `vfgan train emotion-cnn`. Without it there is no verification loss, and no best weights are kept."""
    voice_actors: tuple[str, ...] = ()
    """Actors whose voices are used. By default all that the extractor was not trained on, except the last, which is
    kept for `vfgan evaluate`."""
    start: Path | None = None
    """Run of `vfgan train gan` whose networks are the starting point, such as many people before one person.
    Optimizers, image pools and schedules start anew."""
    preset: PresetName = "small"
    """Set of defaults; the other options override it. small: 64 px, for 2 cores. anyone, actor01: the shipped models.
    paper: 128 px. large: 256 px, for GPUs."""
    strategy: Literal["none", "mirrored", "workers"] = "none"
    """none: one device. mirrored: all GPUs of this machine. workers: all machines in TF_CONFIG."""
    reading: Annotated[ReadConfig, tyro.conf.arg(name="")] = ReadConfig()
    dry_run: bool = False
    """Only print the cost: parameters, FLOPs a step, memory, time on this machine."""
    config: Annotated[GanConfig, tyro.conf.arg(name="")] = GanConfig()

    @classmethod
    def beginning(cls, arguments: Sequence[str]) -> "TrainGan":
        """Gives the defaults of the preset, which the other arguments override.

        Raises:
            ConfigError: the preset does not exist.
        """
        joined = [part for argument in arguments for part in argument.split("=", 1)]
        name = joined[joined.index("--preset") + 1] if "--preset" in joined[:-1] else "small"
        if name not in PRESETS:
            raise ConfigError(f"--preset: expected {', '.join(PRESETS)}, got {name!r}")
        must = tyro.MISSING
        return cls(faces=must, voices=must, extractor=must, run=must, preset=name, config=PRESETS[name])

    def main(self) -> None:
        """Trains the CycleGAN and prints its scores."""
        from pipelines.console import Bar, console, scores_text

        if self.dry_run:
            from pipelines.gan.dry_run import dry_run

            for name, value in dry_run(self).items():
                console.print(f"{name:16} {value}", highlight=False)
            return
        with Bar("gan") as bar:
            total = self.config.train.steps
            scores = train_gan(
                self,
                lambda step, scores: bar.update(step, total, scores_text(scores)),
                lambda alarm: console.print(f"gan: {alarm}", style="yellow", markup=False, highlight=False),
            )
        console.print(f"gan: {self.run}  {scores_text(scores)}", highlight=False)


def train_gan(
    args: TrainGan,
    progress=lambda step, scores: None,
    alarm=lambda text: None,
    begin=lambda model: None,
    before: "Restored | None" = None,
) -> dict:
    """Trains the CycleGAN; returns the last scores.

    Args:
        before: a shipped generator that is fine-tuned. z then come from the voices it was trained with, not from
            `args.voices`; its neutral voice stays 0 on the intensity dial.
        begin: called with the CycleGAN before the first step, in place of `start`: to set weights or freeze a network.
    """
    from pipelines.gan.inputs import keep_extractor, load_gan_data
    from pipelines.gan.watch import make_monitor
    from vfgan.data.attributes import ATTRIBUTES, save_attributes
    from vfgan.learn.calibrate import calibrate
    from vfgan.storage.files import write_json
    from vfgan.training.guard import Guard
    from vfgan.training.loop import Hooks, claim_run, train
    from vfgan.training.runs import load_networks
    from vfgan.training.strategy import strategy_for, worker_folder

    config = args.config
    strategy = strategy_for(args.strategy, config.train)
    data = load_gan_data(args, before)
    claim_run(args.run, data.resolved)
    keep_extractor(args.extractor, args.run / "extractor")
    save_attributes(data.attributes, args.run / ATTRIBUTES)
    write_json(args.run / "neutral_z.json", {"z": data.neutral_z.tolist()})
    bends = config.networks.head == "motion"
    if args.start:
        anew = bends and config.motion.flow_steps > 0  # how z is read is learnt again
        begin = functools.partial(load_networks, run=args.start, skip_mismatch=anew)
    with strategy.scope():
        model = make_model(data, begin)
    monitor = make_monitor(model, worker_folder(args.run, strategy), data)
    watching = config.stability.guard

    hooks = Hooks(
        evaluate=monitor.look,
        progress=progress,
        finish=(lambda: calibrate(model, data)) if bends and not data.keeps_motion else Hooks.finish,
        alarm=alarm,
        best="monitor",
        exchange=model.average.swap,  # the exported weights are the average
        guard=None if watching == "off" else Guard(act=watching == "act").watch(model, data.make_dataset),
    )
    return train(
        model, data.make_dataset, config.train, args.run, resolved=data.resolved, strategy=strategy, hooks=hooks
    )


def make_model(data, begin=lambda model: None):
    """Makes and compiles the CycleGAN. Call it in the scope of its strategy.

    Args:
        data: `pipelines.gan.inputs.GanData`.
        begin: see `train_gan`.
    """
    import keras
    import tensorflow as tf

    from vfgan.models.build import compile_cyclegan, make_cyclegan

    if data.config.optimisation.xla:
        tf.config.optimizer.set_jit("autoclustering")
    keras.utils.set_random_seed(data.config.train.seed)
    model = make_cyclegan(data.config, data.z_size, data.emotion_cnn.network if data.emotion_cnn else None)
    if data.config.networks.head == "motion":
        data.measure(model)
    begin(model)
    model.average.restart()
    if data.config.networks.head == "motion":
        data.measure_voices(model)  # those of another extractor, where it began with other networks
    compile_cyclegan(model, data.config)
    return model
