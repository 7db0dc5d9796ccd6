"""Pictures of every kind, good and bad, and pictures written."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from vfgan.errors import MediaError, OutputError
from vfgan.media.images import Picture, is_animated, read_image, write_image

#: EXIF orientation -> how the upright picture is stored so that the orientation makes it upright.
STORED = {
    1: lambda upright: upright,
    2: lambda upright: upright[:, ::-1],
    3: lambda upright: upright[::-1, ::-1],
    4: lambda upright: upright[::-1],
    5: lambda upright: upright.transpose(1, 0, 2),
    6: lambda upright: np.rot90(upright, 1),
    7: lambda upright: upright[::-1, ::-1].transpose(1, 0, 2),
    8: lambda upright: np.rot90(upright, -1),
}


@pytest.fixture
def picture():
    """uint8 [48, 64, 3] with four different corners."""
    y, x = np.mgrid[:48, :64]
    return np.stack([x * 3, y * 4, 255 - x - y], axis=-1).astype(np.uint8)


def refused(path, pattern):
    with pytest.raises(MediaError, match=pattern) as caught:
        read_image(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "bmp", "tif"])
def test_pictures_are_read(tmp_path, picture, suffix):
    path = tmp_path / f"a.{suffix}"
    Image.fromarray(picture).save(path, **({"quality": 95, "subsampling": 0} if suffix == "jpg" else {}))
    rgb = read_image(path)
    assert rgb.dtype == np.uint8
    assert rgb.shape == (48, 64, 3)
    assert np.abs(rgb.astype(int) - picture).mean() < (3 if suffix in ("jpg", "webp") else 1e-9)


@pytest.mark.parametrize("orientation", STORED)
def test_photos_are_turned_upright(tmp_path, picture, orientation):
    path = tmp_path / "phone.png"
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(np.ascontiguousarray(STORED[orientation](picture))).save(path, exif=exif)
    np.testing.assert_array_equal(read_image(path), picture)


def test_alpha_goes_over_white(tmp_path, picture):
    path = tmp_path / "a.png"
    alpha = np.full((48, 64, 1), 255, np.uint8)
    alpha[:, :20] = 0
    alpha[:, 20:40] = 128
    Image.fromarray(np.concatenate([picture, alpha], axis=-1)).save(path)
    rgb = read_image(path)
    assert (rgb[:, :20] == 255).all()
    np.testing.assert_allclose(rgb[:, 20:40], picture[:, 20:40] * (128 / 255) + 255 * (127 / 255), atol=1)
    np.testing.assert_array_equal(rgb[:, 40:], picture[:, 40:])


def test_grey_palette_and_one_bit_become_rgb(tmp_path, picture):
    grey = picture[..., 0]
    Image.fromarray(grey).save(tmp_path / "grey.png")
    np.testing.assert_array_equal(read_image(tmp_path / "grey.png"), np.stack([grey] * 3, axis=-1))
    Image.fromarray(np.stack([grey, np.full_like(grey, 255)], axis=-1), "LA").save(tmp_path / "la.png")
    np.testing.assert_array_equal(read_image(tmp_path / "la.png"), np.stack([grey] * 3, axis=-1))
    few = picture // 128 * 255
    Image.fromarray(few).quantize(8).save(tmp_path / "palette.gif")
    np.testing.assert_array_equal(read_image(tmp_path / "palette.gif"), few)
    Image.fromarray(few[..., 0] > 0).save(tmp_path / "bits.png")
    np.testing.assert_array_equal(read_image(tmp_path / "bits.png"), np.stack([few[..., 0]] * 3, axis=-1))


def test_transparent_palette_goes_over_white(tmp_path):
    image = Image.new("P", (8, 8), 0)
    image.putpalette([0, 0, 0, 200, 10, 20])
    image.putpixel((3, 3), 1)
    image.save(tmp_path / "a.png", transparency=0)
    rgb = read_image(tmp_path / "a.png")
    assert tuple(rgb[0, 0]) == (255, 255, 255)
    assert tuple(rgb[3, 3]) == (200, 10, 20)


@pytest.mark.parametrize("transparency", [None, 65535])
def test_sixteen_bit_grey_is_refused_rather_than_clipped(tmp_path, transparency):
    path = tmp_path / "a.png"
    Image.fromarray(np.full((8, 8), 30_000, np.uint16)).save(path)
    if transparency is not None:  # a tRNS chunk behind the header
        content, body = path.read_bytes(), b"tRNS" + struct.pack(">H", transparency)
        chunk = struct.pack(">I", 2) + body + struct.pack(">I", zlib.crc32(body))
        path.write_bytes(content[:33] + chunk + content[33:])
    refused(path, "8 bits a channel")


@pytest.mark.parametrize("name", ["absent.jpg", "folder.jpg", "empty.jpg", "text.jpg", "text.png", "voice.jpg"])
def test_unusable_files_are_refused_by_name(tmp_path, name):
    (tmp_path / "folder.jpg").mkdir()
    (tmp_path / "empty.jpg").touch()
    for suffix in ("jpg", "png"):
        (tmp_path / f"text.{suffix}").write_text("Dear diary,\n" * 200)
    (tmp_path / "voice.jpg").write_bytes(b"RIFF\x24\x08\x00\x00WAVEfmt " + bytes(2048))
    why = {"absent": "does not exist or is not a file", "folder": "is a folder"}.get(name[:-4], "cannot be read")
    refused(tmp_path / name, why)


def test_half_transparent_colours_change_by_themselves():
    """Over white the result is what was shown; the white itself gets into no colour."""
    rng = np.random.default_rng(2)
    rgb = rng.integers(60, 200, (9, 9, 3)).astype(np.uint8)
    alpha = rng.integers(60, 256, (9, 9)).astype(np.uint8)
    picture = Picture(rgb, alpha)
    np.testing.assert_array_equal(picture.with_change(picture.over_white()).rgb, rgb)
    shown = picture.over_white().astype(int) + rng.integers(-9, 10, (9, 9, 3))
    changed = picture.with_change(np.clip(shown, 0, 255).astype(np.uint8))
    assert np.abs(changed.over_white() - np.clip(shown, 0, 255)).max() <= 1
    assert np.abs(changed.rgb.astype(int) - rgb).max() <= 9 * 255 / 60 + 1
    unseen = Picture(rgb, np.zeros((9, 9), np.uint8))
    np.testing.assert_array_equal(unseen.with_change(unseen.over_white()).rgb, rgb)


@pytest.mark.parametrize("suffix", ["png", "webp"])
def test_animations_are_known(tmp_path, picture, suffix):
    frames = [Image.fromarray(picture), Image.fromarray(255 - picture)]
    frames[0].save(tmp_path / f"a.{suffix}", save_all=True, append_images=frames[1:], duration=40)
    frames[0].save(tmp_path / f"b.{suffix}")
    assert is_animated(tmp_path / f"a.{suffix}")
    assert not is_animated(tmp_path / f"b.{suffix}")


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp"])
@pytest.mark.parametrize("percent", [10, 50, 90])
def test_broken_off_pictures_are_refused(tmp_path, suffix, percent):
    path = tmp_path / f"a.{suffix}"
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)).save(path)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * percent // 100])
    refused(path, "cannot be read as a picture")


@pytest.mark.parametrize("side", [9_000, 60_000])
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_huge_pictures_are_refused_by_their_header(tmp_path, side):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    path = tmp_path / "bomb.png"
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b""))
    refused(path, f"{side}x{side}: at most|decompression bomb")


def test_comment_is_written_and_png_is_lossless(tmp_path, picture):
    write_image(tmp_path / "out" / "a.png", picture, comment="synthetic: no real person")
    with Image.open(tmp_path / "out" / "a.png") as image:
        assert image.text["Comment"] == "synthetic: no real person"
    np.testing.assert_array_equal(read_image(tmp_path / "out" / "a.png"), picture)
    write_image(tmp_path / "a.jpg", picture, comment="synthetic: no real person")
    with Image.open(tmp_path / "a.jpg") as image:
        assert image.info["comment"] == b"synthetic: no real person"
    assert np.abs(read_image(tmp_path / "a.jpg").astype(int) - picture).mean() < 5


@pytest.mark.parametrize("folder", ["file/inside", "/proc/vfgan"])
def test_unwritable_folder_is_an_output_error(tmp_path, picture, folder):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match=r"cannot write .*a\.png"):
        write_image(tmp_path / folder / "a.png", picture)
