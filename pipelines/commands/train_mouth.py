"""`vfgan train mouth`: trains the network that moves a mouth by the moment's sound."""

import dataclasses
from pathlib import Path
from typing import Annotated

import tyro

from vfgan.config.networks import MouthConfig
from vfgan.config.serialise import to_dict


@dataclasses.dataclass(frozen=True)
class TrainMouth:
    """Trains the mouth that follows the sound, on footage of talking people with its own sound.

    One speaker is enough to begin with. Build the footage with every frame: `vfgan build --face-fps 0`.
    """

    data: Path
    """Data set with faces and sound of the same moment."""
    run: Path
    """Folder for weights, checkpoints and curves. After an interruption, run the same command again to resume."""
    config: Annotated[MouthConfig, tyro.conf.arg(name="")] = MouthConfig()

    def main(self) -> None:
        """Trains the network and prints its scores."""
        from pipelines.console import Bar, console, scores_text

        with Bar("mouth") as bar:
            total = self.config.train.steps
            scores = train_mouth(self, lambda step, scores: bar.update(step, total, scores_text(scores)))
        console.print(f"mouth: {self.run}  {scores_text(scores)}", highlight=False)


def train_mouth(args: TrainMouth, progress=lambda step, scores: None) -> dict:
    """Trains the mouth; returns its scores on validation and test clips."""
    import keras

    from pipelines.commands.train_extractor import cosine
    from vfgan.data.dataset import DataSet
    from vfgan.data.mouth_examples import load_talking, measure_mouth, mouth_dataset
    from vfgan.data.provenance import data_origin
    from vfgan.evaluation.mouth import mouth_scores
    from vfgan.models.build import make_mouth
    from vfgan.storage.files import read_json, write_json
    from vfgan.training.loop import Hooks, train

    config, dataset = args.config, DataSet(args.data)
    mfsc = dataset.config.mfsc
    actors = sorted(dataset.manifest["counts"]["train"]["actor"])
    resolved = {
        "kind": "mouth", "config": to_dict(config), "mfsc": to_dict(mfsc), "data": data_origin(dataset, actors),
    }  # fmt: skip
    keras.utils.set_random_seed(config.train.seed)
    mouth = make_mouth(config, mfsc)
    measure_mouth(mouth, dataset)
    faces = {split: load_talking(dataset, [split], mouth) for split in ("train", "validation", "test")}
    mouth.compile(keras.optimizers.Adam(cosine(config.learning_rate, config.train.steps)), loss=mouth.unexplained)

    def told(split: str):
        sound = faces[split].sound(range(len(faces[split])), config.context)
        return mouth.predict(sound, batch_size=1024, verbose=0)

    def scores_of(split: str) -> dict:
        if not len(faces[split]):
            return {}
        eye_distance = dataset.config.crop.eye_distance
        scores = mouth_scores(mouth, told(split), faces[split].coefficients, faces[split].clip, eye_distance)
        return {f"{split}_{name}": value for name, value in scores.items()}

    def evaluate(step: int) -> dict:
        return scores_of("validation")

    def finish() -> None:
        held_back = "validation" if len(faces["validation"]) else "train"
        mouth.measure_range(told(held_back), faces[held_back].coefficients, config.most_range)

    train(
        mouth,
        lambda start, stop: mouth_dataset(faces["train"], mfsc, config, start, stop),
        config.train,
        args.run,
        resolved=resolved,
        hooks=Hooks(evaluate=evaluate, progress=progress, finish=finish),
    )
    finished = args.run / "scores.json"
    if not finished.exists():
        write_json(finished, scores_of("validation") | scores_of("test"))
    return read_json(finished)
