"""Copies figures of `vfgan evaluate` and `vfgan cross-validate` into the cards of exported models."""

import dataclasses
from pathlib import Path

from vfgan.errors import SchemaError


@dataclasses.dataclass(frozen=True)
class Measured:
    """Figures for one model's card."""

    folder: str  #: name of the folder that they come from; each figure's name begins with it
    model: str
    version: str | None  #: None fits any version
    how: str
    figures: dict[str, float]
    resolved: dict | None = None  #: config.json with the configuration and MFSC of the model, if known


def read_figures(path: Path) -> Measured:
    """Reads evaluation.json of `vfgan evaluate`, or results.json of `vfgan cross-validate`.

    Raises:
        SchemaError: the file is neither.
    """
    from vfgan.storage.files import read_json

    values = read_json(path)
    folder = path.resolve().parent.name
    if {"seeds", "probes", "folds", "uar"} <= set(values):
        return _of_cross_validation(path.resolve().parent, values)
    missing = sorted({"model", "rows", "counts", "judge", "voice_actors"} - set(values))
    if missing:
        raise SchemaError(
            f"--figures {path} has no {missing[0]!r}: expected evaluation.json of `vfgan evaluate`, or results.json "
            "of `vfgan cross-validate`"
        )
    name, version = values["model"].rsplit(" ", 1)
    counts, actors = values["counts"], ", ".join(values["voice_actors"])
    how = f"{counts['generated']} faces, {counts['voices']} voices of actors {actors}, by {values['judge']}"
    figures = {
        f"{row}, {column}": value for row, columns in values["rows"].items() for column, value in columns.items()
    }
    figures |= {f"share: {key}": value for key, value in values.get("shares", {}).items()}
    for emotion, found in values.get("by_emotion", {}).items():
        figures |= {f"{row}, judge sees {emotion}": value for row, value in found.items()}
    for corpus, found in values.get("by_corpus", {}).items():
        figures |= {f"judge on real faces of {corpus}, {key}": value for key, value in found.items()}
    figures |= {f"dial at {mark}": value for mark, value in values.get("dial", {}).items()}
    return Measured(folder, name, version, how, figures)


def _of_cross_validation(folder: Path, results: dict) -> Measured:
    """Figures for the extractor's card, with those of robustness.json if it exists."""
    from vfgan.storage.files import read_json

    whole = results["all_seeds"]
    figures = {"UAR, mean of the seeds": results["uar"], "accuracy": whole["accuracy"]}
    figures |= {f"UAR, seed {seed}": one["uar"] for seed, one in results["seeds"].items()}
    figures |= {f"recall, {name}": value for name, value in whole["by_emotion"].items()}
    figures |= {f"UAR, {name}": value for part in ("by_intensity", "by_sex") for name, value in whole[part].items()}
    figures |= {f"linear probe of z, {name}": value for name, value in results["probes"].items()}
    figures["expected calibration error"] = whole["calibration"]["expected_error"]
    for corpus, found in whole.get("by_corpus", {}).items():
        figures |= {f"UAR, {corpus}": found["uar"], f"UAR, {corpus}, among its own emotions": found["uar_own"]}
        figures[f"expected calibration error, {corpus}"] = found["expected_calibration_error"]
    if (folder / "robustness.json").is_file():
        figures |= {f"UAR, {name}": value for name, value in read_json(folder / "robustness.json").items()}
    count = len({row["fold"] for row in results["folds"]})
    seeds = len(results["seeds"])
    how = (
        f"{count} folds of actors, {seeds} seeds: networks of this configuration, each on actors it was not trained on"
    )
    return Measured(folder.name, "extractor", None, how, figures, read_json(folder / "config.json"))


def _comparable(resolved: dict) -> dict:
    """The options that decide about an extractor's quality: all except seeds and intervals of logging.

    A card of before an option has that option's default, as when it is read.
    """
    from vfgan.config.networks import ExtractorConfig
    from vfgan.config.serialise import from_dict, to_dict

    config = to_dict(from_dict(ExtractorConfig, resolved["config"], "config"))
    return config | resolved["mfsc"] | {"train": None, "steps": config["train"]["steps"]}


def add_figures(out: Path, measured: Measured) -> Path:
    """Copies figures into the card of the measured model; returns the version's folder.

    Raises:
        SchemaError: the newest version of that model in `out` is another one.
    """
    from vfgan.config.serialise import first_difference
    from vfgan.savedmodel.write import write_card
    from vfgan.storage.files import read_json

    folder, name = measured.folder, measured.model
    card = read_json(out / name / "card.json")
    if measured.version is not None and str(card["version"]) != measured.version:
        raise SchemaError(
            f"--figures: {folder} measured {name} {measured.version}, but {out / name} holds version "
            f"{card['version']}: evaluate that one"
        )
    if measured.resolved is not None:
        mine, other = (_comparable(resolved) for resolved in (card["resolved"], measured.resolved))
        if difference := first_difference(mine, other):
            raise SchemaError(f"--figures: {folder} measured another {name}: {difference} (here: {out / name})")
    card["measured"] = card.get("measured", {}) | {folder: f"{folder}: {measured.how}"}
    card["figures"] = {key: value for key, value in card["figures"].items() if not key.startswith(f"{folder}: ")}
    card["figures"] |= {f"{folder}: {key}": value for key, value in measured.figures.items()}
    write_card(out / name, card)
    return out / name / str(card["version"])
