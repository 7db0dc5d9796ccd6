"""Which data a network has learnt from, and what must therefore not be used with it."""

from collections.abc import Sequence
from pathlib import Path

from vfgan.config.serialise import digest, first_difference, to_dict
from vfgan.data.dataset import DataSet
from vfgan.errors import ConfigError, SchemaError


def open_face_sets(paths: Sequence[Path]) -> dict[str, DataSet]:
    """Data sets by the name of their folder, under which their scores are shown.

    Raises:
        ConfigError: two folders have the same name.
        SchemaError: one is no data set, or their crop geometries differ; the message names the field.
    """
    sets: dict[str, DataSet] = {}
    for path in paths:
        name = path.resolve().name
        if name in sets:
            raise ConfigError(f"{path} and {sets[name].folder} have the same name, by which scores are told apart")
        sets[name] = DataSet(path)
    first = next(iter(sets.values()))
    for dataset in sets.values():
        check_same_crop(to_dict(first.config.crop), dataset, str(first.folder))
    return sets


def check_same_crop(crop: dict, dataset: DataSet, whose: str) -> None:
    """A network sees only faces that were cut out as those it has learnt from.

    Raises:
        SchemaError: the data set has another crop geometry; the message names the field.
    """
    mine = {name: value for name, value in crop.items() if name != "size_px"}  # crops are scaled when read
    other = {name: value for name, value in to_dict(dataset.config.crop).items() if name != "size_px"}
    difference = first_difference(mine, other)
    if difference:
        raise SchemaError(f"{dataset.folder} has other crops than {whose}: crop.{difference} (here: {whose})")


def check_same_mfsc(mfsc: dict, voices_set: DataSet) -> None:
    """The extractor hears only what was prepared as its training voices were.

    Raises:
        SchemaError: the data set has another MFSC configuration; the message names the field.
    """
    difference = first_difference(mfsc, to_dict(voices_set.config.mfsc))
    if difference:
        raise SchemaError(f"{voices_set.folder} does not fit the extractor: mfsc.{difference} (here: the extractor's)")


def said_of_data(resolved: dict) -> str:
    """For a model's card: what a run's config.json says of the data that it has learnt from.

    >>> said_of_data({"data": {"corpora": ["own", "savee"], "clips": 1200, "train_actors": ["ann", "DC"]}})
    'own, savee (1,200 clips, 2 named people)'
    """
    sets = [resolved.get("data", {}), resolved.get("voices", {}), *resolved.get("faces", {}).values()]
    known = [
        origin for one in sets for origin in (one, *one.values()) if isinstance(origin, dict) and "clips" in origin
    ]
    told = [
        f"{', '.join(origin['corpora'])} ({origin['clips']:,} clips, {len(origin['train_actors'])} named people)"
        for origin in known
    ]
    return "; ".join(dict.fromkeys(told))


def data_origin(dataset: DataSet, actors: Sequence[str]) -> dict:
    """What identifies the data that a network has learnt from, as plain values.

    Args:
        actors: of the clips that were used; empty for people without a name.
    """
    return {
        "digest": digest({"shards": dataset.manifest["shards"]}),
        "clips": dataset.manifest["counts"]["train"]["clips"],
        "corpora": sorted(dataset.manifest["split_by"]),
        "train_actors": sorted({str(actor) for actor in actors if actor}),
    }


def earlier_origins(before: dict[str, dict], now: dict[str, dict]) -> dict[str, dict]:
    """What a network has learnt from before, and does not learn from now; named so."""
    rest = {name: origin for name, origin in before.items() if origin not in now.values()}
    return {f"before: {name.removeprefix('before: ')}": origin for name, origin in rest.items()}


def joined_origins(resolved: dict, before: dict) -> dict:
    """config.json of a GAN's run that went on from another: what both have learnt from.

    Args:
        resolved: of the later run.
        before: of the earlier one.
    """
    now = resolved["faces"]
    faces = earlier_origins(before["faces"], now) | now
    actors = sorted({*before["voices"]["train_actors"], *resolved["voices"]["train_actors"]})
    return resolved | {"faces": faces, "voices": resolved["voices"] | {"train_actors": actors}}


def check_held_back(origins: dict[str, dict], faces_set: DataSet, people: set[str]) -> None:
    """The test faces of a data set can be trusted to be new to a network only if they are of the data set that it
    learnt from, or of other corpora or people.

    Args:
        origins: what `data_origin` gave for each data set of faces that the network was trained on.
        faces_set: data set whose test faces are to be used.
        people: actors of these faces; "" for one without a name.
    Raises:
        SchemaError: some of them may have been in training.
    """
    mine = digest({"shards": faces_set.manifest["shards"]})
    for name, origin in origins.items():
        shared = sorted(set(origin["corpora"]) & set(faces_set.manifest["split_by"]))
        known = sorted(people & set(origin["train_actors"]))
        if origin["digest"] == mine or not shared or ("" not in people and not known):
            continue
        who = f"actors {', '.join(known)}" if known else "people without names"
        raise SchemaError(
            f"{faces_set.folder} shares {who} of {shared[0]} with {name}, on which the model was trained, but is "
            f"another build of it: its test faces may have been in training; use the data set of the training"
        )


def unheard_actors(
    learnt: set[str], voices_set: DataSet, wanted: Sequence[str], *, keep_last: bool = False
) -> tuple[str, ...]:
    """The actors whose voices may be used: the wanted ones, or all that were not learnt from.

    Args:
        learnt: actors that a network was trained on and hears too well.
        wanted: actors asked for, or none.
        keep_last: without `wanted`, leave the last one for the evaluation, where there are several.
    Raises:
        ConfigError: a wanted actor was learnt from or is not in the data set, or none is left.
    """
    present = {actor for part in voices_set.manifest["counts"].values() for actor in part["actor"]}
    free = sorted(present - learnt)
    clash, missing = sorted(set(wanted) & learnt), sorted(set(wanted) - present)
    if clash:
        raise ConfigError(
            f"--voice-actors {' '.join(clash)}: the network was trained on their voices and hears them too well; "
            f"others are {' '.join(free) or 'not in this data set'}"
        )
    if missing:
        raise ConfigError(f"--voice-actors {' '.join(missing)}: not in {voices_set.folder}; there are {' '.join(free)}")
    if not free:
        raise ConfigError(f"{voices_set.folder}: the network was trained on the voices of all its actors")
    return tuple(wanted) or tuple(free[:-1] if keep_last and len(free) > 1 else free)
