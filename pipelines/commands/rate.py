"""`vfgan rate`: people judge faces and videos, real and generated ones mixed and blinded; a table of their answers."""

import dataclasses
from pathlib import Path
from typing import Annotated

import tyro

from vfgan.errors import ConfigError
from vfgan.rating.config import RatingConfig


@dataclasses.dataclass(frozen=True)
class Rate:
    """Serves a page on which people judge: a face or a video at a time, real and generated ones mixed and blinded.

    Raters come one after the other, or from other machines with --host. The same name goes on where it stopped. Answers
    are in OUT after each item. With --report, the page is not served; the answers become a table. The page needs an
    extra: pip install '.[studio]'.
    """

    items: Path | None = None
    """Folder with items.csv: from `vfgan evaluate --items`, or your own with the columns
    file,emotion,truth[,strength,person]."""
    out: Path | None = None
    """File of the answers, such as answers.csv. With --report: folder for ratings.csv and ratings.md (default: that of
    the first answers)."""
    report: tuple[Path, ...] = ()
    """Files of answers to report on."""
    config: Annotated[RatingConfig, tyro.conf.arg(name="")] = RatingConfig()

    def main(self) -> None:
        """Serves, or reports."""
        if self.report:
            if self.items:
                raise ConfigError("--items and --report: expected one of them; the truth stands beside the answers")
            self._report()
        elif self.items is None or self.out is None:
            raise ConfigError("expected --items FOLDER --out answers.csv, or --report answers*.csv")
        else:
            self._serve(self.items, self.out)

    def _serve(self, items: Path, out: Path) -> None:
        import logging

        from pipelines.console import Bar, console
        from vfgan.rating.server import serve
        from vfgan.studio.listening import check_installed, listening

        if out.suffix != ".csv":
            raise ConfigError(f"--out {out}: expected a file that ends in .csv")
        logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s")
        check_installed("vfgan rate")
        with listening(self.config.host, self.config.port) as listener, Bar("items") as bar:

            def ready(address: str) -> None:
                bar.stop()
                console.print(f"open {address}   (Ctrl-C ends it; answers are in {out})", highlight=False)

            serve(items, out, self.config, listener, ready, bar.update)

    def _report(self) -> None:
        from pipelines.console import console
        from pipelines.reports.ratings import ratings_table, write_ratings
        from vfgan.evaluation.judgements import figures
        from vfgan.rating.truth import join

        joined = join(self.report)
        found = {kind: figures(judgements) for kind, judgements in joined.items()}
        out = self.out or self.report[0].parent
        write_ratings(out, joined, found)
        console.print(ratings_table(joined, found), highlight=False, markup=False)
        console.print(f"{out / 'ratings.csv'}, {out / 'ratings.md'}", highlight=False)
