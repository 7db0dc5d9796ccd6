"""Reports a cross-validation as text and as a picture."""

from pathlib import Path

import pandas as pd


def recall_frame(results: dict) -> pd.DataFrame:
    """Every recall as a table with two names a row: which group (seed, emotion, …), and which of it."""
    whole = results["all_seeds"]
    found = {("seed", seed): one["uar"] for seed, one in results["seeds"].items()} | {("seed", "mean"): results["uar"]}
    for group in ("emotion", "intensity", "sex", "actor"):
        found |= {(group, name): value for name, value in whole[f"by_{group}"].items()}
    found |= {("corpus", name): one["uar"] for name, one in whole["by_corpus"].items()}
    index = pd.MultiIndex.from_tuples(list(found), names=["group", "name"])
    return pd.DataFrame({"recall": list(found.values())}, index)


def recall_table(results: dict) -> str:
    """Writes the figures as text."""
    whole = results["all_seeds"]
    lines = ["seed     UAR  accuracy   mean over actors (95 % interval)"]
    for seed, one in results["seeds"].items():
        mean, (low, high) = one["mean_over_actors"], one["interval_95"] or (float("nan"), float("nan"))
        lines.append(f"{seed:>4}  {one['uar']:6.3f}    {one['accuracy']:6.3f}   {mean:.3f} ({low:.3f} to {high:.3f})")
    lines.append(f"mean  {results['uar']:6.3f}    {whole['accuracy']:6.3f}")
    for title in ("by_emotion", "by_intensity", "by_sex", "by_actor"):
        cells = "  ".join(f"{name} {value:.3f}" for name, value in whole[title].items())
        lines += [f"{title.replace('_', ' ')}: {cells}"] if cells else []
    lines += [
        f"{name:14} UAR {one['uar']:.3f}, among its own emotions {one['uar_own']:.3f}, "
        f"calibration error {one['expected_calibration_error']:.3f} ({one['people']} people, {one['clips']} clips)"
        for name, one in whole["by_corpus"].items()
    ]
    cells = "  ".join(f"{name} {value:.3f}" for name, value in results["probes"].items())
    lines.append(f"linear probe of z (chance 0.5): {cells}")
    lines.append(f"expected calibration error: {whole['calibration']['expected_error']:.3f}")
    return "\n".join(lines) + "\n"


def draw_cross_validation(path: Path, summary: dict) -> None:
    """Draws the confusion matrix, the UAR of each actor, and the calibration."""
    import numpy as np

    from vfgan.emotions import EMOTIONS
    from vfgan.figures.plots import draw_confusion, new_figure, save_figure

    figure, axes = new_figure(14, 4.6, 1, 3)
    draw_confusion(axes[0, 0], np.array(summary["confusion"]), EMOTIONS)
    axes[0, 0].set_xlabel("predicted")
    axes[0, 0].set_ylabel("label")
    actors = sorted(summary["by_actor"].items(), key=lambda item: item[1])
    axes[0, 1].barh([name for name, _ in actors], [value for _, value in actors])
    axes[0, 1].axvline(summary["mean_over_actors"], color="k", linestyle=":")
    if summary["interval_95"]:
        axes[0, 1].axvspan(*summary["interval_95"], color="grey", alpha=0.25)
    axes[0, 1].set_xlabel("UAR of each actor; mean and its 95 % interval")
    axes[0, 1].tick_params(labelsize=7)
    curve = summary["calibration"]
    axes[0, 2].plot([0, 1], [0, 1], color="grey", linestyle=":")
    axes[0, 2].plot(curve["confidence"], curve["share_right"], marker="o")
    axes[0, 2].set_xlabel("probability of the predicted emotion")
    axes[0, 2].set_ylabel("share of correct predictions")
    save_figure(figure, path)
