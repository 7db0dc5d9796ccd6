"""`vfgan compare --table features`: what the extractor sees of a voice, measured on inner folds."""

import dataclasses
from collections.abc import Callable

from vfgan.config.networks import ExtractorConfig

FEATURE_COLUMNS = ("UAR", "mean over people", "low", "high", "accuracy", "folds")


def compare_features(args, progress: Callable[[int, int, str], None] = lambda done, total, name: None) -> dict:
    """Cross-validates an extractor for each variant; the people in the data set's test are neither heard nor learnt.

    Args:
        args: `pipelines.commands.compare.Compare`.
        progress: called with (steps done, steps in all, variant).
    Returns:
        Variant -> its figures. They are written as features.json, .csv, .md and .tex.
    """
    from pipelines.commands.compare import comparison_frame
    from pipelines.commands.cross_validate import CrossValidate, cross_validate
    from pipelines.gan.variants import FEATURES
    from pipelines.reports.tables import write_tables
    from vfgan.storage.files import write_json

    default, rows = ExtractorConfig(), {}
    train = dataclasses.replace(default.train, steps=args.steps or default.train.steps)
    for number, (name, changes) in enumerate(FEATURES.items()):

        def tell(done: int, total: int, fold: str, scores: dict, number=number, name=name) -> None:
            progress(number * total + done, len(FEATURES) * total, f"{name}: {fold}")

        folder = args.out / "features" / changes.get("features", "mfsc")
        config = dataclasses.replace(default, train=train, **changes)
        results = cross_validate(
            CrossValidate(args.voices, folder, args.folds, (1,), config, args.workers, inner=True), tell
        )
        whole = results["all_seeds"]
        low, high = whole["interval_95"] or (None, None)
        rows[name] = {
            "UAR": results["uar"], "mean over people": whole["mean_over_actors"], "low": low, "high": high,
            "accuracy": whole["accuracy"], "folds": len(results["folds"]),
        }  # fmt: skip
        write_json(args.out / "features.json", {"rows": rows, "columns": list(FEATURE_COLUMNS)})
        write_tables(args.out / "features", comparison_frame(rows, FEATURE_COLUMNS))
    return rows
