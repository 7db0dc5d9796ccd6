"""`vfgan inspect`: says what is in a data set, and writes a page that shows it."""

import dataclasses
from pathlib import Path


@dataclasses.dataclass(frozen=True)
class Inspect:
    """Counts clips by actor, emotion, intensity and split, and makes a page of faces, MFSC maps and the worst clips.

    The page is one HTML file that needs nothing else. For each of nine measures of quality it shows the worst clips:
    faces, MFSC, and the sound if the data set was built with --keep-waveform.
    """

    data: Path
    """Data set made by `vfgan build`."""
    out: Path | None = None
    """Page to write; by default DATA/inspect.html."""
    clips: int = 8
    """Example clips on the page, 1 to 100."""
    worst: int = 6
    """Worst clips on the page for each measure of quality, 1 to 100."""
    verify: bool = False
    """Compare every shard with its digest first."""

    def main(self) -> None:
        """Prints the counts and writes the page."""
        from pipelines.commands.build import summary
        from pipelines.console import console
        from pipelines.reports.inspect_page import write_page
        from vfgan.data.dataset import DataSet
        from vfgan.data.survey import survey
        from vfgan.errors import ConfigError

        for name, value in (("clips", self.clips), ("worst", self.worst)):
            if not 1 <= value <= 100:
                raise ConfigError(f"--{name}: expected 1 to 100, got {value}")
        dataset = DataSet(self.data)
        console.print(summary(dataset.manifest, self.data), highlight=False)
        if self.verify:
            dataset.verify()
        found = survey(dataset, worst=self.worst, examples=self.clips)  # reads every record
        for line in _lines(found):
            console.print(line, highlight=False)
        if self.verify:
            count = sum(total["clips"] for total in found.totals.values())
            console.print(f"verified: {count} records, all digests match", highlight=False)
        out = self.out or self.data / "inspect.html"
        write_page(out, dataset, found)
        console.print(str(out), highlight=False)


def _lines(found) -> list[str]:
    """The counts, and the typical and the worst value of each measure."""
    import numpy as np

    lines = []
    for split, total in found.totals.items():
        lines.append(f"{split:10} {total['clips']} clips, {total['faces']} faces, {total['seconds'] / 60:.1f} minutes")
        for kind, table in found.counts.items():
            there = [f"{value} {count[split]}" for value, count in sorted(table.items()) if count[split]]
            more = " …" if len(there) > 24 else ""
            if there:
                lines.append(f"{'':10} {kind}: {', '.join(there[:24])}{more}")
    for name, values in found.values.items():
        if found.worst[name]:
            value, record = found.worst[name][0]
            lines.append(f"{name:12} median {np.median(values):.4g}, worst {value:.4g}: {record['clip_id']}")
    return lines
