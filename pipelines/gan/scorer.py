"""Measures one variant of a comparison, on test faces and test voices, with a judge that is used for nothing else."""

import csv
from pathlib import Path

import numpy as np

from pipelines.gan.inputs import load_emotion_cnn
from vfgan.config.gan import GanConfig
from vfgan.data.attributes import read_voices
from vfgan.data.dataset import DataSet
from vfgan.data.held_back_faces import load_test_faces
from vfgan.data.provenance import unheard_actors
from vfgan.data.recipes import choose_faces
from vfgan.data.voice_set import load_voices
from vfgan.emotions import FACE_EMOTIONS, FACE_LABEL
from vfgan.errors import ConfigError
from vfgan.evaluation.liveliness import LEAST_FRAMES, liveliness
from vfgan.evaluation.measure import PredictedVoices, face_probabilities, measure
from vfgan.evaluation.subject import ask_judge, load_judge
from vfgan.face.pixels import from_pm1, pm1
from vfgan.models.build import make_cyclegan
from vfgan.storage.weights import load_weights
from vfgan.training.runs import load_voice_reader


class Scorer:
    """Reads faces, voices and judge once, for all variants.

    Args:
        args: `pipelines.commands.compare.Compare`.
    Raises:
        ConfigError: a test voice was used in training, there are no test faces, or --table ratio finds no moving ones.
        SchemaError: the judge was trained on other builds of the same faces.
    """

    def __init__(self, args):
        self._judge, card = load_judge(args.judge)
        load_emotion_cnn(args.emotion_cnn, args.config, DataSet(args.faces[0]))  # checks that it fits
        size_px = args.config.networks.size_px
        crops = {f"the judge {args.judge}": card["crop"]}
        self._faces, _ = load_test_faces(args.faces, size_px, crops, [card["resolved"]["data"]])
        if args.table == "ratio" and np.unique(self._faces.clip_id, return_counts=True)[1].max() < LEAST_FRAMES:
            raise ConfigError(
                "--table ratio measures movement, but the test faces are single pictures: add --faces from clips"
            )
        self._sources, self._real = choose_faces(self._faces, args.config)
        trained = load_voice_reader(args.extractor)
        learnt = set(trained.resolved["data"]["train_actors"]) | set(args.voice_actors)
        voices_set = DataSet(args.voices)
        actors = unheard_actors(learnt, voices_set, args.test_voice_actors)
        voices = load_voices(voices_set, ["train", "validation", "test"], actors)
        z, probabilities = read_voices(trained.reader, voices)
        heard = face_probabilities(probabilities).argmax(axis=1)
        self._voices = PredictedVoices(z, heard, np.array(FACE_LABEL)[voices.emotion], voices.intensity)

    def row(self, run: Path, config: GanConfig) -> dict[str, float]:
        """Measures a finished run with its configuration."""
        voices = self._voices
        if config.data.attribute == "label":  # give it the predicted label, the best that it can know of a voice
            label = np.eye(len(FACE_EMOTIONS), dtype=np.float32)[voices.predicted]
            voices = PredictedVoices(label, voices.predicted, voices.true, voices.intensity)
        model = make_cyclegan(config, voices.z.shape[1], None)
        load_weights(model, run / "model.weights.h5")

        def change(pixels, z):
            z = np.pad(z, [(0, 0), (0, model.g.settings["z_size"] - z.shape[1])])
            return from_pm1(model([pm1(pixels), z]))

        result = measure(change, lambda pixels: ask_judge(self._judge, pixels), self._sources, self._real, voices)
        generated, shuffled = result.rows["generated"], result.rows["shuffled voice"]
        with open(run / "log.csv", newline="", encoding="utf-8") as file:
            last = list(csv.DictReader(file))[-1]
        row = {
            "steps": int(last["step"]),
            "images/s": int(last["step"]) * config.train.batch_size / float(last["seconds"]),
            "alarms": _lines(run / "alarms.txt"),
            "judge = heard": generated["judge = heard"],
            "matched - shuffled": generated["judge = heard"] - shuffled["judge = heard"],
            "identity": generated["identity"],
            "liveliness": liveliness(change, self._faces, voices.z),
        }
        if "Frechet" in generated:
            row["Frechet"] = generated["Frechet"]
        return {name: value for name, value in row.items() if np.isfinite(value)}


def _lines(path: Path) -> int:
    """Number of lines of a text file; 0 if it does not exist."""
    return len(path.read_text(encoding="utf-8").splitlines()) if path.exists() else 0
