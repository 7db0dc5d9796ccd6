"""`vfgan train extractor`: voices -> voice attribute extractor."""

import dataclasses
from pathlib import Path
from typing import Annotated

import tyro

from vfgan.config import ExtractorConfig, to_dict


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

    def main(self) -> None:
        """Trains, measures, prints."""
        from pipelines.console import Bar, console, scores_text

        with Bar("extractor") as bar:
            total = self.config.train.steps
            scores = train_extractor(self, lambda step, scores: bar.update(step, total, scores_text(scores)))
        console.print(f"extractor: {self.run}  {scores_text(scores)}", highlight=False)


def train_extractor(args: TrainExtractor, progress=lambda step, scores: None) -> dict:
    """Returns scores of the finished extractor: UAR on training, validation and test actors."""
    import keras

    from pipelines.provenance import data_origin
    from vfgan.data.records import DataSet, load_voices
    from vfgan.data.windows import window_dataset
    from vfgan.emotions import EMOTIONS
    from vfgan.evaluation.recall import unweighted_average_recall
    from vfgan.files import read_json, write_json
    from vfgan.models.store import make_extractor
    from vfgan.training.loop import Hooks, train
    from vfgan.voice import VoiceReader

    finished = args.run / "scores.json"
    dataset, config = DataSet(args.data), args.config
    mfsc = dataset.config.mfsc
    train_voices = load_voices(dataset, ["train"])
    resolved = {
        "kind": "extractor",
        "config": to_dict(config),
        "mfsc": to_dict(mfsc),
        "data": data_origin(dataset, train_voices.actor),
    }
    keras.utils.set_random_seed(config.train.seed)
    extractor = make_extractor(config, mfsc)
    extractor.standardise.measure(train_voices.planes[train_voices.active])
    reader = VoiceReader(extractor, mfsc)
    extractor.compile(
        optimizer=keras.optimizers.AdamW(cosine(config.learning_rate, config.train.steps), config.weight_decay),
        loss=keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=config.label_smoothing),
        metrics=["accuracy"],
    )

    def uar(split: str) -> dict:
        if not dataset.manifest["counts"][split]["clips"]:
            return {}
        voices = load_voices(dataset, [split])
        _, probabilities = reader.read_voices(voices)
        return {f"{split}_uar": unweighted_average_recall(voices.emotion, probabilities.argmax(1), len(EMOTIONS))}

    hooks = Hooks(
        evaluate=lambda step: uar("validation"), progress=progress, finish=lambda: reader.measure_z(train_voices)
    )
    train(
        extractor,
        lambda start, stop: window_dataset(train_voices, mfsc, config, start, stop),
        config.train, args.run, resolved=resolved, hooks=hooks,
    )  # fmt: skip
    if finished.exists():
        return read_json(finished)
    scores = uar("train") | uar("validation") | uar("test")
    write_json(finished, scores)
    return scores


def cosine(learning_rate: float, steps: int):
    """A learning rate that falls to 0 along a cosine, after a short rise."""
    import keras

    rise = min(200, steps // 10)
    return keras.optimizers.schedules.CosineDecay(
        learning_rate / 10, max(1, steps - rise), warmup_target=learning_rate, warmup_steps=rise
    )
