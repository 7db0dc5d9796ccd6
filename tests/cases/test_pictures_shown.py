"""What is read is what a player shows: upright, of square pixels, without combs, in the right colours."""

import av
import cv2
import numpy as np
import pytest

from tests.cases.films import film, flat, rgb_of, set_matrix, turned
from vfgan.media.tone_map import HLG, P3, PQ, to_sdr
from vfgan.media.video import probe_video, read_frames
from vfgan.media.video_writer import write_video

MATRICES = {
    "as stored": (1, 0, 0, 1), "mirrored": (-1, 0, 0, 1), "180": (-1, 0, 0, -1), "upside down": (1, 0, 0, -1),
    "90": (0, 1, -1, 0), "270": (0, -1, 1, 0), "transposed": (0, 1, 1, 0), "anti-transposed": (0, -1, -1, 0),
}  # fmt: skip
BT601, BT709, BT2020 = (0.299, 0.114), (0.2126, 0.0722), (0.2627, 0.0593)
SD, HD = (64, 48), (1280, 64)
#: tags, size, matrix and range by which a player shows it
COLOURS = {
    "BT.709 of SD": ({"colorspace": 1, "color_range": 1}, SD, BT709, False),
    "BT.601 of SD": ({"colorspace": 6, "color_range": 1}, SD, BT601, False),
    "BT.470BG": ({"colorspace": 5, "color_range": 1}, SD, BT601, False),
    "BT.601 of HD": ({"colorspace": 6, "color_range": 1}, HD, BT601, False),
    "BT.709 of HD": ({"colorspace": 1, "color_range": 1}, HD, BT709, False),
    "full BT.709": ({"colorspace": 1, "color_range": 2}, SD, BT709, True),
    "full BT.601": ({"colorspace": 6, "color_range": 2}, SD, BT601, True),
    "BT.2020 matrix": ({"colorspace": 9, "color_range": 1}, SD, BT2020, False),
    "untagged SD": ({}, SD, BT601, False),
    "untagged HD": ({}, HD, BT709, False),
}
PATCH = 120, 100, 165


def marked(height=48, width=64):
    """A picture whose corners differ."""
    y, x = np.mgrid[:height, :width]
    rgb = np.stack([40 + 3 * x, 40 + 4 * y, 90 + x + y], axis=-1).clip(0, 255).astype(np.uint8)
    rgb[:16, :20] = 255
    return rgb


def first_frame(path):
    return next(read_frames(path))[1]


def apart(a, b):
    """Mean absolute difference in grey levels."""
    assert a.shape == b.shape
    return np.abs(a.astype(float) - b).mean()


@pytest.mark.parametrize("suffix", ["mp4", "mov"])
@pytest.mark.parametrize("name", MATRICES)
def test_display_matrices(tmp_path, name, suffix):
    path = tmp_path / f"a.{suffix}"
    film(path, [marked()] * 2)
    set_matrix(path, MATRICES[name])
    expected, shown = turned(marked(), MATRICES[name]), first_frame(path)
    assert apart(shown, expected) < 4
    info = probe_video(path)
    assert (info.height, info.width) == expected.shape[:2]


@pytest.mark.parametrize("aspect", ["64/45", "16/11", "12/11", "1/2", "8/9", "4/3"])
@pytest.mark.parametrize("matrix", ["as stored", "90"])
def test_circles_stay_round(tmp_path, aspect, matrix):
    """An ellipse that square pixels make a circle."""
    ratio, path = eval(aspect), tmp_path / "a.mp4"
    squeezed = np.zeros((144, 180, 3), np.uint8)
    axes = (round(40 / ratio), 40) if ratio > 1 else (40, round(40 * ratio))
    cv2.ellipse(squeezed, (90, 72), axes, 0, 0, 360, (255, 255, 255), -1)
    film(path, [squeezed], aspect=aspect)
    set_matrix(path, MATRICES[matrix])
    shown = first_frame(path)[..., 0] > 128
    height, width = np.ptp(np.flatnonzero(shown.any(axis=1))), np.ptp(np.flatnonzero(shown.any(axis=0)))
    assert width / height == pytest.approx(1, abs=0.03)
    assert probe_video(path).width == shown.shape[1]


@pytest.mark.parametrize("name", COLOURS)
def test_matrix_and_range(tmp_path, name):
    tags, (width, height), (kr, kb), full = COLOURS[name]
    film(tmp_path / "a.mp4", [flat(*PATCH, width, height)], tags=tags)
    shown = first_frame(tmp_path / "a.mp4").mean(axis=(0, 1))
    np.testing.assert_allclose(shown, rgb_of(*PATCH, kr, kb, full), atol=2.5)


@pytest.mark.parametrize("size", [SD, HD])
@pytest.mark.parametrize("rgb", [(200, 40, 60), (30, 180, 90), (128, 128, 128), (255, 255, 255), (230, 180, 150)])
def test_what_is_written_is_tagged_and_looks_the_same(tmp_path, size, rgb):
    path = tmp_path / "a.mp4"
    write_video(path, [np.full((size[1], size[0], 3), rgb, np.uint8)] * 2, 25)
    np.testing.assert_allclose(first_frame(path).mean(axis=(0, 1)), rgb, atol=3)
    with av.open(str(path)) as container:
        context, frame = container.streams.video[0].codec_context, next(container.decode(video=0))
        tags = context.colorspace, context.color_primaries, context.color_trc, context.color_range
        assert tuple(map(int, tags)) == (1, 1, 1, 1)
        y, u, v = (np.frombuffer(plane, np.uint8)[0] for plane in frame.planes)
        np.testing.assert_allclose(rgb_of(y, u, v, *BT709, False), rgb, atol=3)  # not only by our own reading


@pytest.mark.parametrize(
    ("name", "transfer", "primaries", "signal"),
    [("HLG", HLG, 9, 0.75), ("HLG", HLG, 9, 0.4), ("PQ", PQ, 9, 0.58), ("PQ", PQ, 9, 0.3), ("P3", 1, P3, 0.5)],
)
def test_high_dynamic_range_and_wide_gamut(tmp_path, name, transfer, primaries, signal):
    """Greys: 203 nits are near SDR's white, none is dull or blown out, and 8 bits of SDR come out."""
    path = tmp_path / "a.mkv"
    tags = {"colorspace": 9, "color_range": 1, "color_trc": transfer, "color_primaries": primaries}
    luma = round(64 + 876 * signal)
    film(path, [flat(luma, 512, 512, pixels="yuv420p10le")], codec="libx265", pixels="yuv420p10le", tags=tags)
    shown = first_frame(path).mean(axis=(0, 1))
    expected = 255 * to_sdr(np.full(3, signal), transfer, primaries)
    np.testing.assert_allclose(shown, expected, atol=2.5)
    assert np.ptp(shown) < 2


@pytest.mark.parametrize(("transfer", "white"), [(HLG, 0.75), (PQ, 0.5807)])
def test_the_white_of_hdr_is_bright_and_its_peak_is_white(transfer, white):
    """Diffuse white, 203 nits, by BT.2408."""
    assert 225 < 255 * to_sdr(np.full(3, white), transfer, 9)[0] < 250
    assert 255 * to_sdr(np.full(3, 0.98 if transfer == HLG else 0.7518), transfer, 9)[0] > 252
    assert to_sdr(np.zeros(3), transfer, 9)[0] < 0.01


def combs(rgb):
    """How much neighbouring lines differ, compared with every second one."""
    luma = rgb[..., 1].astype(float)
    return np.abs(np.diff(luma, axis=0)).mean() / np.abs(luma[2:] - luma[:-2]).mean().clip(0.1)


def interlaced(tmp_path, top_first=True):
    """A bar that moves by 8 pixels between two fields."""
    frames = []
    for index in range(8):
        fields = [np.zeros((96, 128, 3), np.uint8) for _ in range(2)]
        for field, rgb in enumerate(fields):
            place = 16 + 8 * (2 * index + (field if top_first else 1 - field)) % 80
            rgb[:, place : place + 24] = 255
        woven = fields[0].copy()
        woven[1::2] = fields[1][1::2]
        frames.append(woven)
    flags = {"x264-params": f"{'tff' if top_first else 'bff'}=1"}
    film(tmp_path / "a.mp4", frames, options=flags)
    return frames


@pytest.mark.parametrize("top_first", [True, False])
def test_combs_are_gone(tmp_path, top_first):
    source = interlaced(tmp_path, top_first)
    shown = [rgb for _, rgb in read_frames(tmp_path / "a.mp4")]
    assert len(shown) == len(source)  # none is lost in the filter
    assert combs(source[3]) > 5
    assert max(combs(rgb) for rgb in shown[1:-1]) < 2
    assert [time for time, _ in read_frames(tmp_path / "a.mp4")] == pytest.approx(np.arange(8) / 25, abs=1e-3)


def test_a_film_that_changes_its_size(tmp_path):
    """As with a live stream: the rest is fitted into the first size, not squeezed."""
    parts = []
    for name, shape in (("a", (96, 128, 3)), ("b", (96, 64, 3))):
        film(tmp_path / f"{name}.h264", [np.full(shape, 200, np.uint8)] * 3)
        parts.append((tmp_path / f"{name}.h264").read_bytes())
    (tmp_path / "both.h264").write_bytes(b"".join(parts))
    shown = [rgb for _, rgb in read_frames(tmp_path / "both.h264")]
    assert {rgb.shape for rgb in shown} == {(96, 128, 3)}
    assert len(shown) == 6
    assert shown[0][:, :8].mean() > 190
    assert shown[5][:, :8].mean() < 20  # black beside it
    assert shown[5][:, 48:80].mean() > 190


#: shared file -> (width, height) that a player shows
SHARED = {
    "selfie_hflip.mov": (640, 480), "anamorphic.mp4": (1024, 576), "hlg.mov": (640, 480), "hd709.mp4": (1280, 720),
    "pal.vob": (512, 480),
}  # fmt: skip


@pytest.mark.real
@pytest.mark.parametrize("name", SHARED)
def test_shared_films(shared_cases, name):
    info = probe_video(shared_cases / name)
    assert (info.width, info.height) == SHARED[name]
    shown = first_frame(shared_cases / name)
    assert shown.shape == (info.height, info.width, 3)
    if name == "selfie_hflip.mov":  # its hair is above
        assert shown[:240].mean() < shown[240:].mean()
    if name == "pal.vob":
        assert combs(shown) < 2
