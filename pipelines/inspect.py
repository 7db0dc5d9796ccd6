"""`vfgan inspect`: what is in a data set, and pictures of it."""

import dataclasses
from pathlib import Path


@dataclasses.dataclass(frozen=True)
class Inspect:
    """Counts clips, actors and emotions of a data set, and draws MFSC maps above strips of faces."""

    data: Path
    """Data set made by `vfgan build`."""
    out: Path | None = None
    """Picture to write; without it data/inspect.png."""
    clips: int = 6
    """Clips in the picture."""
    verify: bool = False
    """Compare every shard with its digest and read every record."""

    def main(self) -> None:
        """Prints and draws."""
        from pipelines.build import summary
        from pipelines.console import console
        from tfrecords_builder.splits import SPLITS
        from vfgan.data.records import DataSet
        from vfgan.errors import ConfigError

        if self.clips < 1:
            raise ConfigError(f"--clips: expected at least 1, got {self.clips}")
        dataset = DataSet(self.data)
        console.print(summary(dataset.manifest, self.data), highlight=False)
        for split in SPLITS:
            part = dataset.manifest["counts"][split]
            emotions = " ".join(f"{name} {count}" for name, count in part["emotion"].items() if count)
            console.print(f"{split:10} {part['clips']} clips, {part['faces']} faces: {emotions}", highlight=False)
            if part["actor"]:
                actors = " ".join(f"{name} ({count})" for name, count in list(part["actor"].items())[:24])
                console.print(f"{'':10} actors {actors}{' …' if len(part['actor']) > 24 else ''}", highlight=False)
        if self.verify:
            dataset.verify()
            count = sum(1 for _ in dataset.records(["train", "validation", "test"]))
            console.print(f"verified: {count} records, all digests fit", highlight=False)
        console.print(str(draw(dataset, self.out or self.data / "inspect.png", self.clips)), highlight=False)


def draw(dataset, path: Path, clips: int) -> Path:
    """A row for each of some clips, of as many emotions as there are: MFSC map, then faces."""
    from vfgan.emotions import EMOTIONS
    from vfgan.plots import draw_mfsc, face_grid, new_figure, save_figure

    rows = _choose(dataset, clips)
    figure, axes = new_figure(11, 1.9 * len(rows), len(rows), 2)
    for record, (left, right) in zip(rows, axes):
        title = f"{record['clip_id']}  {EMOTIONS[record['emotion']]}  {record['modality']}"
        left.set_title(title, fontsize=8)
        if len(record["mfsc"]):
            draw_mfsc(left, record["mfsc"], dataset.config.mfsc.frame_seconds, title)
        else:
            left.axis("off")
        right.axis("off")
        if record["faces"]:
            right.imshow(face_grid([_strip(record["faces"])]))
    save_figure(figure, path)
    return path


def _choose(dataset, clips: int) -> list[dict]:
    """The first clips such that emotions and kinds of media differ as long as they can."""
    import itertools

    seen, chosen, rest = set(), [], []
    for record in itertools.islice(dataset.records(["train", "validation", "test"]), 2000):
        kind = (record["emotion"], record["modality"])
        (rest if kind in seen else chosen).append(record)
        seen.add(kind)
        if len(chosen) >= clips:
            break
    return (chosen + rest)[:clips]


def _strip(faces: list[bytes], count: int = 6) -> list:
    import cv2
    import numpy as np

    index = np.linspace(0, len(faces) - 1, min(count, len(faces))).astype(int)
    return [cv2.imdecode(np.frombuffer(faces[i], np.uint8), cv2.IMREAD_COLOR)[..., ::-1] for i in index]
