"""`vfgan synthesize`: makes the embedded corpus of talking heads."""

import dataclasses
from pathlib import Path
from typing import Annotated

import tyro

from tfrecords_builder.synthetic.config import SyntheticConfig


@dataclasses.dataclass(frozen=True)
class Synthesize:
    """Makes the embedded corpus: talking heads with voices, in RAVDESS' layout, file types and names.

    The same seed gives the same files. Beside each clip lies a table of the truth: mouth opening, eye centres, action
    units, pitch and energy at each frame. After an interruption, run the same command again to resume; finished files
    are kept.
    """

    out: Path
    """Folder of the corpus."""
    config: Annotated[SyntheticConfig, tyro.conf.arg(name="")] = SyntheticConfig()

    def main(self) -> None:
        """Makes the corpus and prints the number of recordings."""
        from pipelines.console import Bar, console
        from tfrecords_builder.synthetic.corpus import synthesize

        with Bar("synthesize") as bar:
            paths = synthesize(self.out, self.config, progress=bar.update)
        console.print(f"{self.out}: {len(paths)} recordings", highlight=False)
