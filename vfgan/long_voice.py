"""What is heard in a voice that is longer than a SavedModel takes at once: piece by piece, as if it were one."""

from collections.abc import Callable

import numpy as np

from vfgan.config import MfscConfig

#: Of a piece. One more window at either end is heard and left out: differences at a cut are not the recording's.
_PIECE_SECONDS = 60.0


def hear_in_pieces(
    windows: Callable[[np.ndarray], dict[str, np.ndarray]], waveform: np.ndarray, config: MfscConfig
) -> dict[str, np.ndarray]:
    """The outputs of a generator's signature `windows` for a recording of any length.

    z and its probabilities are means over the windows, by their shares of voice. A window counts by its share in its
    piece, and not at all where its power is below the loudest window's by more than `active_range`: a piece of mere
    background has no loud frame of its own to compare with.

    Args:
        windows: float32 [samples] -> z, probabilities, window_z and weights; of some generators loudness [frames] and
            strangeness [], too.
        waveform: float32 [samples].
        config: of the model.
    Returns:
        z [z_size], probabilities [8], window_z [windows, z_size], weights [windows] that sum to 1; where they were
        given loudness, against the loudest frame of each piece, and strangeness, the mean over pieces by their voice.
    """
    heard, kept = [], []
    for start, end, rows in pieces(len(waveform), config):
        out = windows(waveform[start:end])
        heard.append(out)
        kept.append(rows)
    shares = [out["weights"][rows] / max(1e-6, out["weights"].max()) for out, rows in zip(heard, kept)]
    voiced = _voiced(waveform, sum(map(len, shares)), config)
    ends = np.cumsum([len(share) for share in shares])
    shares = [share * voiced[end - len(share) : end] for share, end in zip(shares, ends)]
    window_z = np.concatenate([out["window_z"][rows] for out, rows in zip(heard, kept)])
    weights = np.concatenate(shares) / max(1e-6, sum(share.sum() for share in shares))
    of_piece = np.array([share.sum() for share in shares])
    probabilities = of_piece @ np.stack([out["probabilities"] for out in heard]) / max(1e-6, of_piece.sum())
    joined = {
        "z": (weights @ window_z).astype(np.float32), "probabilities": probabilities.astype(np.float32),
        "window_z": window_z, "weights": weights.astype(np.float32),
    }  # fmt: skip
    if "strangeness" in heard[0]:
        strange = of_piece @ np.stack([out["strangeness"] for out in heard]) / max(1e-6, of_piece.sum())
        joined["strangeness"] = np.float32(strange)
    if "loudness" in heard[0]:
        joined["loudness"] = np.concatenate(_frames(heard, kept, config))
    return joined


def _frames(heard: list[dict], kept: list[slice], config: MfscConfig) -> list[np.ndarray]:
    """The loudness of each piece's frames that begin its windows; of the last one also those behind."""
    hop = config.window_hop_frames
    found = [out["loudness"][rows.start * hop : rows.stop * hop] for out, rows in zip(heard, kept)]
    found[-1] = heard[-1]["loudness"][kept[-1].start * hop :]
    return found


def pieces(samples: int, config: MfscConfig) -> list[tuple[int, int, slice]]:
    """(first sample, end, which windows of the piece are kept), such that all together are those of the whole."""
    frame = config.hops_per_frame * config.hop_samples
    step, frames = config.window_hop_frames * frame, 1 + (samples - config.window_samples) // config.hop_samples
    frames = -(-frames // config.hops_per_frame)
    count = 1 + max(0, -(-(frames - config.window_frames) // config.window_hop_frames))
    size = round(_PIECE_SECONDS * config.sample_rate_hz / step)
    found = []
    for first in range(0, count, size):
        last = min(first + size, count)
        before, after = max(0, first - 1), min(count, last + 1)
        length = (after - 1 - before) * step + config.window_frames * frame + config.window_samples - config.hop_samples
        end = samples if after == count else before * step + length
        found.append((before * step, end, slice(first - before, last - before)))
    return found


def _voiced(waveform: np.ndarray, count: int, config: MfscConfig) -> np.ndarray:
    """1 for each window that is not far below the loudest, else 0: float32 [windows]."""
    frame = config.hops_per_frame * config.hop_samples
    step, width = config.window_hop_frames * frame, config.window_frames * frame
    power = np.array([np.mean(np.square(waveform[i * step : i * step + width])) for i in range(count)])
    return (power > power.max() * np.exp(-config.active_range)).astype(np.float32)
