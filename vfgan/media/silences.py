"""Finds the spans of a long recording between its silences."""

from pathlib import Path

import numpy as np

from vfgan.media.audio import read_blocks

HOP_SECONDS = 0.02
#: Shortest pause: time without sound above the threshold.
PAUSE_SECONDS = 0.4
#: Part of a pause that stays on either side of a voice.
MARGIN_SECONDS = 0.2
#: Shorter sounds between two pauses count as clicks.
LEAST_SECONDS = 0.3
#: Sound this far below the loudest (99th percentile of power) counts as silence.
RANGE_DB = 35.0
_MOST_SECONDS = 24 * 3600.0


def power_per_hop(path: Path, track: int | None = None) -> np.ndarray:
    """Mean square of a recording in steps of `HOP_SECONDS`: float64 [hops]. Takes no memory for the sound itself.

    Args:
        path: any recording.
        track: see `vfgan.media.tracks.choose_track`.
    Raises:
        MediaError: the recording cannot be read.
    """
    rate_hz, blocks = read_blocks(path, _MOST_SECONDS, track=track)
    hop, hops, rest, powers = max(1.0, HOP_SECONDS * rate_hz), 0, np.zeros(0, np.float32), []
    for block in blocks:
        block = np.concatenate([rest, block])
        # each edge is rounded by itself, so that hops of 220.5 samples do not drift from 0.02 s
        edges = np.rint(np.arange(hops, hops + int(len(block) / hop) + 2) * hop).astype(int)
        edges = edges[edges - edges[0] <= len(block)] - edges[0]
        if len(edges) > 1:
            sums = np.add.reduceat(np.square(block[: edges[-1]], dtype=np.float64), edges[:-1])
            powers.append(sums / np.diff(edges))
        hops, rest = hops + len(edges) - 1, block[edges[-1] :]
    if len(rest):
        powers.append(np.mean(np.square(rest, dtype=np.float64), keepdims=True))
    return np.concatenate(powers) if powers else np.zeros(0)


def voiced_spans(power: np.ndarray, longest_seconds: float) -> list[tuple[float, float]]:
    """Finds spans with sound. Longer ones are cut where they are quietest.

    Args:
        power: float [hops], from `power_per_hop`.
        longest_seconds: longest span allowed; at least 1.
    Returns:
        (start, end) in seconds, in order, without overlap.

    >>> import numpy as np
    >>> voiced_spans(np.repeat([0.0, 1.0, 0.0, 1.0], [50, 100, 50, 50]), 60.0)
    [(0.8, 3.2), (3.8, 5.0)]
    """
    if not len(power) or not power.max() > 0:
        return []
    loud = power > np.percentile(power, 99) * 10 ** (-RANGE_DB / 10)
    pause, margin = (round(seconds / HOP_SECONDS) for seconds in (PAUSE_SECONDS, MARGIN_SECONDS))
    edges = np.flatnonzero(np.diff(np.concatenate([[0], loud.astype(int), [0]])))  # starts and ends in turn
    spans: list[list[int]] = []
    for first, last in edges.reshape(-1, 2).tolist():
        if spans and first - spans[-1][1] < pause:
            spans[-1][1] = last
        else:
            spans.append([first, last])
    spans = [span for span in spans if span[1] - span[0] >= LEAST_SECONDS / HOP_SECONDS]
    wide = [(max(0, first - margin), min(len(power), last + margin)) for first, last in spans]
    cut = [piece for span in wide for piece in _cut(power, *span, int(longest_seconds / HOP_SECONDS))]
    return [(round(first * HOP_SECONDS, 3), round(last * HOP_SECONDS, 3)) for first, last in cut]


def _cut(power: np.ndarray, first: int, last: int, longest: int) -> list[tuple[int, int]]:
    """Cuts a span that is too long at the quietest point of its middle third, again and again."""
    if last - first <= longest:
        return [(first, last)]
    third = (last - first) // 3
    smooth = np.convolve(power[first:last], np.ones(5) / 5, "same")
    middle = first + third + int(np.argmin(smooth[third : 2 * third]))
    return _cut(power, first, middle, longest) + _cut(power, middle, last, longest)
