"""`vfgan build`: turns recordings into a data set of TFRecords."""

import dataclasses
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import tyro

from vfgan.config.data import BuildConfig
from vfgan.errors import ConfigError


@dataclasses.dataclass(frozen=True)
class Build:
    """Turns recordings into a data set: MFSC maps and aligned face crops in TFRecords, split by actor.

    After an interruption, run the same command again to resume. Clips that cannot be used are listed with the reason in
    rejected.csv; the others are built.
    """

    inputs: Annotated[tyro.conf.UseAppendAction[tuple[str, ...]], tyro.conf.arg(name="in")]
    """A corpus as source:folder, or a folder alone. Sources: ravdess, cremad, mead, savee, nemo, grid, images, people,
    footage. Zip files of ravdess, cremad, mead, savee, nemo and grid are unpacked into the data set's folder. Repeat
    --in to join corpora; if two hold the same clip, the earlier one wins."""
    out: str
    """Folder of the data set, also in a store (gs://, s3://, az://)."""
    workers: int = 2
    """Processes on this machine."""
    runner: str | None = None
    """Runner of Apache Beam, instead of processes on this machine: DirectRunner, DataflowRunner, FlinkRunner or
    SparkRunner."""
    runner_options: tuple[str, ...] = ()
    """Beam's own options, as name=value or a name alone, such as region=europe-west4."""
    strict: bool = False
    """Stop at the first clip that cannot be used."""
    config: Annotated[BuildConfig, tyro.conf.arg(name="")] = BuildConfig()

    def main(self) -> None:
        """Builds the data set and prints a summary."""
        from pipelines.console import Bar, console
        from pipelines.reports.rejects import passed_over_lines, reject_lines
        from tfrecords_builder.build import build
        from vfgan.storage.remote import as_path

        with Bar("build") as bar:
            teller = _Teller(bar.update)
            manifest = build(
                list(self.inputs), self.out, self.config, workers=self.workers, runner=self._beam(),
                strict=self.strict, progress=teller.tell, searching=teller.search,
            )  # fmt: skip
        out = as_path(self.out)
        lines = [summary(manifest, self.out), *reject_lines(out / "rejected.csv")]
        lines += passed_over_lines(out / "passed_over.csv")
        console.print("\n".join(lines), highlight=False)

    def _beam(self):
        if self.runner is None:
            if self.runner_options:
                raise ConfigError("--runner-options: these are options of --runner; give --runner, too")
            return None
        import logging

        from tfrecords_builder.on_beam import BeamRunner

        logging.getLogger().setLevel(logging.ERROR)  # Beam logs each of its steps
        return BeamRunner(self.runner, self.runner_options)


class _Teller:
    """Writes the note after the bar: hours of sound, clips a second, clips rejected so far."""

    def __init__(self, update: Callable[..., None]):
        self._update = update
        self._first = None

    def tell(self, done: int, total: int, rejected: int, seconds: float) -> None:
        """See `tfrecords_builder.workers.Progress`."""
        now = time.monotonic()
        if self._first is None:
            self._first = (done, now)
        before, since = self._first
        rate = f"{(done - before) / (now - since):.1f} clips/s, " if now - since > 0.5 else ""
        self._update(done, total, f"{seconds / 3600:.2f} h of sound, {rate}{rejected} rejected")

    def search(self, done: int, total: int) -> None:
        """See `tfrecords_builder.duplicates.Searching`."""
        self._update(done, total, "pictures compared", title="near-duplicates")


def summary(manifest: dict, out: str | Path) -> str:
    """Says in a few lines what was made."""
    from tfrecords_builder.splits import SPLITS

    basis = ", ".join(f"{corpus} by {by}" for corpus, by in manifest["split_by"].items())
    lines = [
        f"{out}: {manifest['clips']} clips, {manifest['seconds_of_sound'] / 3600:.2f} h of sound, "
        f"{manifest['faces']} faces",
        f"split {basis}: " + ", ".join(f"{name} {manifest['counts'][name]['clips']}" for name in SPLITS),
    ]
    for split in SPLITS[1:]:
        lacking = lacking_emotions(manifest["counts"], split)
        if lacking:
            lines.append(
                f"note: {split} has no {', '.join(lacking)}: its scores say nothing of them; choose its people with "
                f"--{split}-actors, or another --split-seed"
            )
    for corpus, count in manifest.get("near_duplicates", {}).items():  # absent from older data sets
        lines.append(f"{corpus}: {count['pictures']} near-duplicates in {count['groups']} groups, each in one split")
    return "\n".join(lines)


def lacking_emotions(counts: dict, split: str) -> list[str]:
    """Emotions that are learnt from, but not in another part that has clips (`counts` of a manifest)."""
    mine = counts[split].get("emotion", {})  # absent from older data sets
    learnt = [name for name, count in counts["train"].get("emotion", {}).items() if count]
    return [name for name in learnt if not mine.get(name)] if any(mine.values()) else []
