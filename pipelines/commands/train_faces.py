"""`vfgan train emotion-cnn` and `vfgan train judge`: train a network that recognises the emotion of a face.

The same code trains both, but on different halves of the clips and with different architectures. So the judge of an
evaluation is not the network that guided the generator.
"""

import dataclasses
from pathlib import Path
from typing import Annotated, Literal

import tyro

from vfgan.config.data import ReadConfig
from vfgan.config.networks import FaceClassifierConfig
from vfgan.config.serialise import to_dict
from vfgan.config.training import TrainConfig

#: Validation faces that are looked at during the training, evenly spread; at its end all are.
_MOST_WATCHED = 8_192


@dataclasses.dataclass(frozen=True)
class TrainEmotionCnn:
    """Trains the emotion CNN, whose features guide the generator.

    It learns from faces that are seen while their voice sounds.
    """

    data: tuple[Path, ...]
    """Data sets made by `vfgan build`."""
    run: Path
    """Folder for weights, checkpoints and curves. After an interruption, run the same command again to resume."""
    config: Annotated[FaceClassifierConfig, tyro.conf.arg(name="")] = FaceClassifierConfig()
    strategy: Literal["none", "mirrored", "workers"] = "none"
    """none: one device. mirrored: all GPUs of this machine. workers: all machines in TF_CONFIG."""

    reading: Annotated[ReadConfig, tyro.conf.arg(name="")] = ReadConfig()

    kind = "emotion-cnn"

    def main(self) -> None:
        """Trains the network and prints its scores."""
        from pipelines.console import Bar, console, scores_text

        with Bar(self.kind) as bar:
            total = self.config.train.steps
            scores = train_faces(self, lambda step, scores: bar.update(step, total, scores_text(scores)))
        console.print(f"{self.kind}: {self.run}  {scores_text(scores)}", highlight=False)


JUDGE = FaceClassifierConfig(
    architecture="separable",
    width=40,
    features=96,
    half="second",
    train=TrainConfig(steps=3_000, batch_size=64, seed=2, evaluate_every=250, save_every=250),
)


@dataclasses.dataclass(frozen=True)
class TrainJudge(TrainEmotionCnn):
    """Trains the judge of evaluations. It differs from the emotion CNN in architecture, faces and seed."""

    config: Annotated[FaceClassifierConfig, tyro.conf.arg(name="")] = JUDGE

    kind = "judge"


def train_faces(args: TrainEmotionCnn, progress=lambda step, scores: None) -> dict:
    """Trains the network; returns its UAR on validation and test faces for each data set."""
    import keras

    from pipelines.commands.train_extractor import cosine
    from vfgan.data.face_examples import face_dataset
    from vfgan.data.face_set import load_faces, merge_faces, spread_faces, take_half
    from vfgan.data.provenance import data_origin, open_face_sets
    from vfgan.data.rows import Memory
    from vfgan.models.build import make_face_classifier
    from vfgan.storage.files import read_json, write_json
    from vfgan.training.loop import Hooks, train
    from vfgan.training.strategy import strategy_for, worker_folder

    config = args.config
    strategy = strategy_for(args.strategy, config.train)
    datasets, memory = open_face_sets(args.data), Memory(args.reading.cache_mib)
    parts = [load_faces(dataset, ["train"], config.size_px, memory=memory).showing for dataset in datasets.values()]
    faces = take_half(merge_faces(parts), config.half)
    resolved = {
        "kind": args.kind,
        "config": to_dict(config),
        "crop": to_dict(next(iter(datasets.values())).config.crop),
        "data": {name: data_origin(dataset, part.actor) for (name, dataset), part in zip(datasets.items(), parts)},
    }
    keras.utils.set_random_seed(config.train.seed)
    with strategy.scope():
        network = make_face_classifier(config)
        network.compile(
            optimizer=keras.optimizers.AdamW(cosine(config.learning_rate, config.train.steps), config.weight_decay),
            loss=keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=config.label_smoothing),
            metrics=["accuracy"],
        )
    held = {split: _held_back(datasets, split, config.size_px, memory) for split in ("validation", "test")}
    watched = {name: spread_faces(faces, _MOST_WATCHED) for name, faces in held["validation"].items()}
    hooks = Hooks(evaluate=lambda step: _recalls(network, watched, "validation"), progress=progress)
    train(
        network,
        lambda start, stop: face_dataset(faces, config, start, stop),
        config.train,
        args.run,
        resolved=resolved,
        strategy=strategy,
        hooks=hooks,
    )
    finished = worker_folder(args.run, strategy) / "scores.json"
    if finished.exists():
        return read_json(finished)
    scores = _recalls(network, held["validation"], "validation") | _recalls(network, held["test"], "test")
    write_json(finished, scores)
    return scores


def _held_back(datasets: dict, split: str, size_px: int, memory) -> dict:
    from vfgan.data.face_set import load_faces

    counts = {name: dataset.manifest["counts"][split]["faces"] for name, dataset in datasets.items()}
    used = [name for name, count in counts.items() if count]
    return {name: load_faces(datasets[name], [split], size_px, memory=memory).showing for name in used}


def _recalls(network, held: dict, split: str) -> dict:
    from vfgan.emotions import FACE_EMOTIONS
    from vfgan.evaluation.scores import unweighted_average_recall
    from vfgan.models.face_classifier import classify_faces

    scores = {}
    for name, faces in held.items():
        predicted = classify_faces(network, faces.pixels)[0].argmax(axis=1)
        scores[f"{split}_uar_{name}"] = unweighted_average_recall(faces.emotion, predicted, len(FACE_EMOTIONS))
    return scores
