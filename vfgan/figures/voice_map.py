"""Draws the log mel energy of a voice with its axes in seconds and Hz (`librosa.display.specshow`)."""

import dataclasses

import numpy as np

#: Columns of a picture; of longer maps the means of neighbouring frames are drawn.
_MOST_COLUMNS = 1_000


@dataclasses.dataclass(frozen=True)
class VoiceMap:
    """Log mel energy over time."""

    energy: np.ndarray  #: float32 [frames, bands], natural log
    times: np.ndarray  #: float32 [frames], seconds, middle of each frame
    bands_hz: np.ndarray  #: float64 [bands], middle of each mel filter, Hz


def draw_voice_map(axes, voice: VoiceMap, *, font_size: float = 8.0) -> None:
    """Draws the map: time in seconds across, mel bands in Hz upwards, brighter is louder.

    Args:
        axes: matplotlib's.
        voice: of at least one frame.
        font_size: points.
    """
    import librosa.display

    step = -(-len(voice.energy) // _MOST_COLUMNS)
    starts = np.arange(0, len(voice.energy), step)
    energy = np.add.reduceat(voice.energy, starts) / np.diff([*starts, len(voice.energy)])[:, None]
    low, high = np.percentile(energy, [1, 99])
    librosa.display.specshow(
        energy.T, x_coords=voice.times[starts], y_coords=voice.bands_hz, x_axis="time", y_axis="mel",
        vmin=low, vmax=max(high, low + 1e-6), cmap="viridis", ax=axes,
    )  # fmt: skip
    axes.set_xlabel("s", fontsize=font_size)
    axes.set_ylabel("Hz", fontsize=font_size)
    axes.tick_params(labelsize=font_size)
