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
#: A gap at least so long is searched by itself, for somebody much quieter: sound above the first, whose loudest is the
#: second above its quietest fifth, as speech's is and steady noise's is not.
_GAP_SECONDS, _LEAST_POWER, _CONTRAST_DB = 5.0, 1e-6, 20.0
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

    Silence is what is far below the loudest. In a long gap that may be somebody who speaks softly between others who
    shout: where a gap is no steady noise, silence is what is far below the loudest of the gap.

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
    spans = _spans(power)
    ends = [0, *(edge for span in spans for edge in span), len(power)]
    for first, last in zip(ends[::2], ends[1::2]):
        part = power[first:last]
        if len(part) * HOP_SECONDS < _GAP_SECONDS:
            continue
        high, low = np.percentile(part, [99, 20])
        if high > max(_LEAST_POWER, low * 10 ** (_CONTRAST_DB / 10)):
            spans += [[first + start, first + end] for start, end in _spans(part)]
    margin = round(MARGIN_SECONDS / HOP_SECONDS)
    wide = [(max(0, first - margin), min(len(power), last + margin)) for first, last in _joined(sorted(spans))]
    cut = [piece for span in wide for piece in _cut(power, *span, int(longest_seconds / HOP_SECONDS))]
    return [(round(first * HOP_SECONDS, 3), round(last * HOP_SECONDS, 3)) for first, last in cut]


def _spans(power: np.ndarray) -> list[list[int]]:
    """First and last + 1 hop of each sound that is not far below the loudest."""
    loud = power > np.percentile(power, 99) * 10 ** (-RANGE_DB / 10)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], loud.astype(int), [0]])))  # starts and ends in turn
    spans = _joined(edges.reshape(-1, 2).tolist())
    return [span for span in spans if span[1] - span[0] >= LEAST_SECONDS / HOP_SECONDS]


def _joined(spans: list[list[int]]) -> list[list[int]]:
    """Spans in order, those with less than `PAUSE_SECONDS` between them as one."""
    joined: list[list[int]] = []
    for first, last in spans:
        if joined and first - joined[-1][1] < PAUSE_SECONDS / HOP_SECONDS:
            joined[-1][1] = last
        else:
            joined.append([first, last])
    return joined


def _cut(power: np.ndarray, first: int, last: int, longest: int) -> list[tuple[int, int]]:
    """Cuts a span that is too long at the quietest point of its middle third, again and again."""
    if last - first <= longest:
        return [(first, last)]
    third = (last - first) // 3
    smooth = np.convolve(power[first:last], np.ones(5) / 5, "same")
    middle = first + third + int(np.argmin(smooth[third : 2 * third]))
    return _cut(power, first, middle, longest) + _cut(power, middle, last, longest)
