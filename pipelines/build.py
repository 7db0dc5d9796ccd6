"""`vfgan build`: recordings -> a data set of TFRecords."""

import dataclasses
from pathlib import Path
from typing import Annotated

import tyro

from vfgan.config import BuildConfig


@dataclasses.dataclass(frozen=True)
class Build:
    """Turns recordings into a data set: MFSC maps and aligned face crops in TFRecords, split by actor.

    Finished parts are kept when it is interrupted; the same command goes on. Clips that cannot be used are listed with
    the reason in rejected.csv, and the rest goes on.
    """

    inputs: Annotated[tyro.conf.UseAppendAction[tuple[str, ...]], tyro.conf.arg(name="in")]
    """A corpus, as source:folder (sources: ravdess, images, people) or a folder alone. Repeat it to join several: of
    the files of one clip, those of the earlier input win."""
    out: Path
    """Folder of the data set."""
    workers: int = 2
    """Processes."""
    strict: bool = False
    """Stop at the first clip that cannot be used."""
    config: Annotated[BuildConfig, tyro.conf.arg(name="")] = BuildConfig()

    def main(self) -> None:
        """Builds and sums up."""
        from pipelines.console import Bar, console
        from tfrecords_builder.build import build

        with Bar("build") as bar:
            manifest = build(
                list(self.inputs), self.out, self.config, workers=self.workers, strict=self.strict,
                progress=lambda done, total, rejected, _: bar.update(done, total, f"{rejected} rejected"),
            )  # fmt: skip
        console.print(summary(manifest, self.out), highlight=False)


def summary(manifest: dict, out: Path) -> str:
    """What was made, in a few lines."""
    from tfrecords_builder.splits import SPLITS

    basis = ", ".join(f"{corpus} by {by}" for corpus, by in manifest["split_by"].items())
    lines = [
        f"{out}: {manifest['clips']} clips, {manifest['seconds_of_sound'] / 3600:.2f} h of sound, "
        f"{manifest['faces']} faces",
        f"split {basis}: " + ", ".join(f"{name} {manifest['counts'][name]['clips']}" for name in SPLITS),
    ]
    if manifest["rejected"]:
        lines.append(f"{manifest['rejected']} clips rejected: see {out / 'rejected.csv'} for the reason of each")
    return "\n".join(lines)
