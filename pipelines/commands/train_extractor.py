"""`vfgan train extractor`: voices -> voice attribute extractor."""

import dataclasses
from pathlib import Path
from typing import Annotated, Literal

import tyro

from vfgan.config.data import ReadConfig
from vfgan.config.networks import ExtractorConfig
from vfgan.config.serialise import to_dict


@dataclasses.dataclass(frozen=True)
class TrainExtractor:
    """Trains the network that hears the emotion in a voice.

    Learns from the training actors of the data set, shows the unweighted average recall (UAR) on its validation actors
    as it goes, and ends with the UAR on its test actors, whom nothing has seen.
    """

    data: Path
    """Data set made by `vfgan build`."""
    run: Path
    """Folder for weights, checkpoints and curves; the same command goes on where it was interrupted."""
    config: Annotated[ExtractorConfig, tyro.conf.arg(name="")] = ExtractorConfig()
    held_out: tuple[str, ...] = ()
    """Of the training people, those who are not learnt from but tested: 01 in every corpus, ravdess/01, or a whole
    corpus such as savee."""
    reading: Annotated[ReadConfig, tyro.conf.arg(name="")] = ReadConfig()
    strategy: Literal["none", "mirrored", "workers"] = "none"
    """none: one device. mirrored: all GPUs of this machine. workers: all machines in TF_CONFIG."""

    def main(self) -> None:
        """Trains, measures, prints."""
        from pipelines.console import Bar, console, scores_text

        with Bar("extractor") as bar:
            total = self.config.train.steps
            scores = train_extractor(self, lambda step, scores: bar.update(step, total, scores_text(scores)))
        console.print(f"extractor: {self.run}  {scores_text(scores)}", highlight=False)


def train_extractor(args: TrainExtractor, progress=lambda step, scores: None) -> dict:
    """Returns scores of the finished extractor: UAR on training, validation and test actors."""
    from vfgan.data.dataset import DataSet
    from vfgan.data.rows import Memory
    from vfgan.data.voice_set import load_voices
    from vfgan.storage.files import read_json, write_json
    from vfgan.training.strategy import strategy_for, worker_folder

    strategy = strategy_for(args.strategy, args.config.train)
    dataset, memory = DataSet(args.data), Memory(args.reading.cache_mib)
    parts = {
        split: load_voices(dataset, [split], memory=memory)
        for split in ("train", "validation", "test")
        if split == "train" or dataset.manifest["counts"][split]["clips"]
    }
    if args.held_out:
        tested = held_out_of(parts["train"], args.held_out)
        parts = {"train": parts["train"].where(~tested), "held_out": parts["train"].where(tested)} | {
            name: voices for name, voices in parts.items() if name != "train"
        }
    watched = {name: voices for name, voices in parts.items() if name == "validation"}
    reader = fit_extractor(
        args.config, dataset, parts["train"], args.run, watched=watched, progress=progress, strategy=strategy
    )
    finished = worker_folder(args.run, strategy) / "scores.json"
    if not finished.exists():
        write_json(finished, {f"{name}_uar": utterance_uar(reader, voices) for name, voices in parts.items()})
    return read_json(finished)


def held_out_of(voices, names: tuple[str, ...]):
    """Which utterances are of the named people or corpora: bool [clips].

    Raises:
        ConfigError: nobody, or everybody, is named so.
    """
    import numpy as np

    from vfgan.errors import ConfigError

    columns = (voices.actor, voices.person, voices.corpus)
    missing = sorted(set(names) - set().union(*(set(column) for column in columns)))
    tested = np.any([np.isin(column, names) for column in columns], axis=0)
    if missing or tested.all():
        named = f"{', '.join(missing)} not among" if missing else "these are all of"
        raise ConfigError(f"--held-out: {named} the people and corpora in training: expected some of them")
    return tested


def fit_extractor(
    config: ExtractorConfig,
    dataset,
    voices,
    run: Path,
    *,
    watched=None,
    progress=lambda step, scores: None,
    strategy=None,
    start=None,
    keep: float = 0.0,
):
    """Trains an extractor on some voices of a data set, or finishes a training that was interrupted.

    Args:
        voices: `vfgan.data.voice_set.Voices` to learn from; also all that the normalisation is measured on.
        watched: {name: Voices} whose UAR is shown along the way; has no influence but for "validation", by which a
            training with `config.patience` ends.
        strategy: of `vfgan.training.strategy`; None: the default device.
        start: `vfgan.training.runs.TrainedVoiceReader` to go on from, of the configuration's networks: z keeps its
            meaning, because the layer after it learns nothing, and its scale.
        keep: share of the start's weights in the mean of both that is kept (Wortsman et al., Robust fine-tuning of
            zero-shot models, 2022): what it knew is not forgotten.
    Returns:
        `vfgan.models.voice_reader.VoiceReader` of the trained extractor.
    Raises:
        ConfigError: patience, but no validation actors.
    """
    import keras
    import tensorflow as tf

    from vfgan.data.attributes import add_familiar, measure_z
    from vfgan.data.provenance import data_origin
    from vfgan.data.voice_examples import MEASURED_STEPS, measure_windows, window_dataset
    from vfgan.errors import ConfigError
    from vfgan.models.build import make_extractor
    from vfgan.models.losses import MaskedCrossEntropy, recognised
    from vfgan.models.voice_reader import VoiceReader
    from vfgan.training.loop import Hooks, train
    from vfgan.training.runs import load_voice_reader
    from vfgan.training.strategy import worker_folder

    if config.patience and "validation" not in (watched or {}):
        raise ConfigError("--patience: the data set has no validation actors to stop by; leave it at 0")
    mfsc = dataset.config.mfsc
    resolved = {
        "kind": "extractor",
        "config": to_dict(config),
        "mfsc": to_dict(mfsc),
        "data": data_origin(dataset, voices.actor),
    }
    if start:
        people = sorted({*start.resolved["data"]["train_actors"], *resolved["data"]["train_actors"]})
        resolved["data"] |= {"train_actors": people}
        resolved |= {"start": {"digest": start.digest, "keep": keep}}
    strategy = strategy or tf.distribute.get_strategy()
    keras.utils.set_random_seed(config.train.seed)
    with strategy.scope():
        extractor = make_extractor(config, mfsc, config.precision)
        if start:
            extractor.set_weights(start.reader.extractor.get_weights())
            extractor.head.trainable = False
        extractor.compile(
            optimizer=keras.optimizers.AdamW(cosine(config.learning_rate, config.train.steps), config.weight_decay),
            loss=MaskedCrossEntropy(config.label_smoothing),
            metrics=[recognised],
        )
    if not start:
        measure_windows(extractor, window_dataset(voices, mfsc, config, 0, MEASURED_STEPS))
    reader = VoiceReader(extractor, mfsc)

    def finish():
        if start:
            before = start.reader.extractor.get_weights()
            extractor.set_weights([keep * a + (1.0 - keep) * b for a, b in zip(before, extractor.get_weights())])
            add_familiar(reader, voices)
        else:
            measure_z(reader, voices)

    hooks = Hooks(
        evaluate=lambda step: {f"{name}_uar": utterance_uar(reader, held) for name, held in (watched or {}).items()},
        progress=progress, finish=finish, best="validation_uar", patience=config.patience,
    )  # fmt: skip
    train(
        extractor,
        lambda start, stop: window_dataset(voices, mfsc, config, start, stop),
        config.train, run, resolved=resolved, strategy=strategy, hooks=hooks,
    )  # fmt: skip
    # beside the first worker, whose weights may still be on their way, the one in memory is the same
    return load_voice_reader(run).reader if worker_folder(run, strategy) == Path(run) else reader


def utterance_uar(reader, voices) -> float:
    """UAR of the emotions heard in whole utterances; of several corpora the mean of theirs (calm: see `by_corpus`)."""
    import numpy as np

    from vfgan.data.attributes import read_voices
    from vfgan.data.chances import emotions_of
    from vfgan.evaluation.by_corpus import calm_as_neutral, recall_of

    _, probabilities = read_voices(reader, voices)
    told = calm_as_neutral(probabilities, emotions_of(voices.domain, voices.emotion))
    domains = [voices.domain == name for name in np.unique(voices.domain)]
    return float(np.mean([recall_of(voices.emotion[mine], told[mine]) for mine in domains]))


def cosine(learning_rate: float, steps: int):
    """A learning rate that falls to 0 along a cosine, after a short rise."""
    import keras

    rise = min(200, steps // 10)
    return keras.optimizers.schedules.CosineDecay(
        learning_rate / 10, max(1, steps - rise), warmup_target=learning_rate, warmup_steps=rise
    )
