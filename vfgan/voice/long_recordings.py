"""Reads voices that are longer than a SavedModel accepts, piece by piece, with the result of a single call."""

from collections.abc import Callable

import numpy as np

from vfgan.config.data import MfscConfig
from vfgan.voice.mfsc import frames_of

#: Length of a piece. One more window at either end is computed and dropped, because differences are wrong at a cut.
_PIECE_SECONDS = 60.0


def hear_in_pieces(
    windows: Callable[[np.ndarray], dict[str, np.ndarray]], waveform: np.ndarray, config: MfscConfig
) -> dict[str, np.ndarray]:
    """Computes the outputs of a generator's signature `windows` for a recording of any length.

    z and the probabilities are means over the windows, weighted by their shares of voice. A window's weight is its
    share in its piece. It is 0 if the window's power is more than `active_range` below the loudest window's. Otherwise
    a piece with only background would count, because it has no loud frame of its own.

    Args:
        windows: float32 [samples] -> z, probabilities, window_z and weights; of some generators strangeness [], too.
        waveform: float32 [samples].
        config: MFSC configuration of the model.
    Returns:
        z [z_size], probabilities [8], window_z [windows, z_size], weights [windows] that sum to 1; strangeness, where
        it was given: the mean over pieces, weighted by their voice.
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
        "z": (weights @ window_z).astype(np.float32),
        "probabilities": probabilities.astype(np.float32),
        "window_z": window_z,
        "weights": weights.astype(np.float32),
    }
    if "strangeness" in heard[0]:
        strange = of_piece @ np.stack([out["strangeness"] for out in heard]) / max(1e-6, of_piece.sum())
        joined["strangeness"] = np.float32(strange)
    return joined


def pieces(samples: int, config: MfscConfig) -> list[tuple[int, int, slice]]:
    """Cuts a recording into (first sample, end, windows to keep). Together the kept windows are those of the whole."""
    frame = config.hops_per_frame * config.hop_samples
    step, frames = config.window_hop_frames * frame, frames_of(samples, config)
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
    """1 for each window that is not far quieter than the loudest, else 0: float32 [windows]."""
    frame = config.hops_per_frame * config.hop_samples
    step, width = config.window_hop_frames * frame, config.window_frames * frame
    power = np.array([np.mean(np.square(waveform[i * step : i * step + width])) for i in range(count)])
    return (power > power.max() * np.exp(-config.active_range)).astype(np.float32)
