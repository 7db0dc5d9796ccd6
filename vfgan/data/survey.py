"""One pass over a data set: how much there is of what, how good it is, and its worst clips."""

import collections
import dataclasses
import heapq

import numpy as np

from vfgan.data.dataset import DataSet
from vfgan.data.quality import MEASURES, Measure, measure_record
from vfgan.emotions import EMOTIONS

INTENSITIES = ("unknown", "normal", "strong")


@dataclasses.dataclass
class Survey:
    """What a data set holds. Memory is that of a few records and of nine numbers a clip."""

    totals: dict[str, collections.Counter]  #: by split: clips, faces, seconds of sound, clips with a stored waveform
    counts: dict[str, dict[str, collections.Counter]]  #: by kind (emotion, intensity, actor), then value, then split
    values: dict[str, list[float]]  #: by measure: of each clip that has it
    worst: dict[str, list[tuple[float, dict]]]  #: by measure: (value, record), worst first
    examples: list[dict]  #: records of as many emotions and kinds of media as there are


def survey(dataset: DataSet, *, worst: int, examples: int) -> Survey:
    """Reads every record once.

    Args:
        worst: clips kept for each measure.
        examples: records kept as examples.
    Raises:
        SchemaError: a record cannot be read.
    """
    result = Survey({}, collections.defaultdict(dict), {m.name: [] for m in MEASURES}, {}, [])
    heaps: dict[str, list] = {measure.name: [] for measure in MEASURES}
    rest: list[dict] = []
    for split in dict.fromkeys(shard["split"] for shard in dataset.manifest["shards"]):
        result.totals[split] = collections.Counter()
        for order, record in enumerate(dataset.records([split])):
            _count(result, split, record)
            _choose(result.examples, rest, record, examples)
            values = measure_record(record, dataset.config.mfsc)
            for measure in MEASURES:
                value = values[measure.name]
                if np.isfinite(value):
                    result.values[measure.name].append(value)
                    _keep_worst(heaps[measure.name], measure, value, (-len(result.totals), -order), record, worst)
    result.examples = (result.examples + rest)[:examples]
    for name, heap in heaps.items():
        result.worst[name] = [entry[2:] for entry in sorted(heap, key=lambda entry: entry[:2], reverse=True)]
    return result


def _count(result: Survey, split: str, record: dict) -> None:
    result.totals[split].update(
        clips=1,
        faces=len(record["faces"]),
        seconds=record["num_samples"] / record["sample_rate_hz"],
        waveforms=int(len(record["waveform"]) > 0),
    )
    kinds = {
        "emotion": EMOTIONS[record["emotion"]],
        "intensity": INTENSITIES[record["intensity"]],
        "actor": record["actor"] or "unknown",
    }
    for kind, value in kinds.items():
        result.counts[kind].setdefault(value, collections.Counter())[split] += 1


def _choose(chosen: list[dict], rest: list[dict], record: dict, count: int) -> None:
    """Keeps the first clip of each emotion and modality, and some others in case that these are few."""
    seen = {(r["emotion"], r["modality"]) for r in chosen}
    if len(chosen) < count and (record["emotion"], record["modality"]) not in seen:
        chosen.append(record)
    elif len(rest) < count:
        rest.append(record)


def _keep_worst(heap: list, measure: Measure, value: float, order: tuple, record: dict, count: int) -> None:
    """Keeps the `count` worst on a heap, of equal ones that of higher `order`; one without fault is none of them."""
    if measure.worst == "high" and value <= 0.0:
        return
    badness = -value if measure.worst == "low" else value
    entry = (badness, order, value, record)
    if len(heap) < count:
        heapq.heappush(heap, entry)
    elif entry[:2] > heap[0][:2]:
        heapq.heapreplace(heap, entry)
