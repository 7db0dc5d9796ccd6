"""Pictures of high dynamic range or wide gamut -> SDR of BT.709, as a table of colours.

HLG and PQ are turned into light by ITU-R BT.2100, and light above the white of SDR is rolled off by the curve of
ITU-R BT.2390 (EETF, in PQ, on the largest of red, green and blue). Checked against libswscale's own mapping.
"""

import functools
import os
import tempfile
from pathlib import Path

import numpy as np

#: FFmpeg's numbers (ITU-T H.273): transfer characteristics, colour primaries.
PQ, HLG = 16, 18
BT2020, P3 = 9, 12
WHITE_NITS = 203.0  #: what becomes SDR's white (ITU-R BT.2408)
PEAK_NITS = 1000.0  #: of the screen that HLG and most PQ films are made for
_GAMMA = 2.4
_POINTS = 33  # a side of the table; FFmpeg interpolates between them
_TO_BT709 = {
    BT2020: np.array([[1.6605, -0.5876, -0.0729], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]]),
    P3: np.array([[1.2249, -0.2247, 0.0], [-0.0420, 1.0419, 0.0], [-0.0197, -0.0786, 1.0979]]),
}
_LUMA_2020, _LUMA_709 = np.array([0.2627, 0.6780, 0.0593]), np.array([0.2126, 0.7152, 0.0722])


def is_wide(transfer: int, primaries: int) -> bool:
    """Whether a film with these tags looks wrong on an SDR screen unless it is mapped."""
    return transfer in (PQ, HLG) or primaries in _TO_BT709


def to_sdr(signal: np.ndarray, transfer: int, primaries: int) -> np.ndarray:
    """A film's R'G'B' -> that of SDR in BT.709.

    Args:
        signal: float [..., 3], 0…1.
        transfer: FFmpeg's number; other than `PQ` and `HLG` counts as SDR's.
        primaries: FFmpeg's number; PQ and HLG without known ones have those of BT.2020.
    Returns:
        float64 [..., 3], 0…1.
    """
    if transfer in (PQ, HLG):
        nits = _pq_nits(signal) if transfer == PQ else _hlg_nits(signal)
        most = np.maximum(nits.max(axis=-1, keepdims=True), 1e-6)
        light = nits * _rolled_off(most) / most / WHITE_NITS
        primaries = primaries if primaries in _TO_BT709 else BT2020
    else:
        light = np.asarray(signal, np.float64) ** _GAMMA
    return _into_gamut(light @ _TO_BT709[primaries].T) ** (1 / _GAMMA)


@functools.lru_cache(maxsize=8)
def table_file(transfer: int, primaries: int) -> Path:
    """`to_sdr` as a .cube file, which FFmpeg's filter lut3d applies. It stays for this process."""
    axis = np.linspace(0, 1, _POINTS)
    blue, green, red = np.meshgrid(axis, axis, axis, indexing="ij")  # red runs fastest
    colours = to_sdr(np.stack([red, green, blue], axis=-1), transfer, primaries).reshape(-1, 3)
    path = Path(_folder().name) / f"{transfer}-{primaries}-{os.getpid()}.cube"
    lines = "".join(f"{r:.5f} {g:.5f} {b:.5f}\n" for r, g, b in colours.tolist())
    path.write_text(f"LUT_3D_SIZE {_POINTS}\n{lines}", encoding="ascii")
    return path


@functools.cache
def _folder() -> tempfile.TemporaryDirectory:
    return tempfile.TemporaryDirectory(prefix="vfgan-colours-")


def _pq_nits(signal: np.ndarray) -> np.ndarray:
    """SMPTE ST 2084's EOTF."""
    power = np.asarray(signal, np.float64) ** (32 / 2523)
    return 1e4 * (np.maximum(power - 0.8359375, 0) / (18.8515625 - 18.6875 * power)) ** (16384 / 2610)


def _pq_signal(nits: np.ndarray | float) -> np.ndarray:
    power = (np.asarray(nits) / 1e4) ** (2610 / 16384)
    return ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** (2523 / 32)


def _hlg_nits(signal: np.ndarray) -> np.ndarray:
    """BT.2100's inverse OETF of HLG, then its OOTF (gamma 1.2) for `PEAK_NITS`."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = np.where(signal <= 0.5, np.square(signal) / 3, (np.exp((signal - c) / a) + b) / 12)
    luminance = np.maximum(scene @ _LUMA_2020, 1e-9)[..., None]
    return PEAK_NITS * luminance**0.2 * scene


def _rolled_off(nits: np.ndarray) -> np.ndarray:
    """BT.2390's EETF: as it is up to a knee, above it a Hermite curve that ends at `WHITE_NITS`."""
    top = _pq_signal(PEAK_NITS)
    signal, white = np.minimum(_pq_signal(nits) / top, 1), _pq_signal(WHITE_NITS) / top
    knee = 1.5 * white - 0.5
    t = np.clip((signal - knee) / (1 - knee), 0, 1)
    curve = (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee) + (3 * t**2 - 2 * t**3) * white
    return _pq_nits(np.where(signal < knee, signal, curve) * top)


def _into_gamut(light: np.ndarray) -> np.ndarray:
    """Colours outside of 0…1 are drawn towards the grey of their luminance, as far as is needed."""
    grey = np.clip(light @ _LUMA_709, 0, 1)[..., None]
    low, high = light.min(axis=-1, keepdims=True), light.max(axis=-1, keepdims=True)
    share = np.minimum(
        np.where(low < 0, grey / np.maximum(grey - low, 1e-9), 1),
        np.where(high > 1, (1 - grey) / np.maximum(high - grey, 1e-9), 1),
    )
    return np.clip(grey + share * (light - grey), 0, 1)
