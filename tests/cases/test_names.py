"""Content decides what a file is, and any name is a path."""

import io
import os

import numpy as np
import pytest
import soundfile
from PIL import Image, ImageCms

from tests.cases.films import film, recording, sine
from vfgan.errors import ConfigError, MediaError
from vfgan.media.audio import load_waveform
from vfgan.media.images import Picture, read_image, read_picture, write_image
from vfgan.media.kinds import kind_of, kind_of_face
from vfgan.media.video import read_frames
from vfgan.media.video_writer import write_video

RGB = np.full((48, 64, 3), (200, 120, 90), np.uint8)


@pytest.fixture(scope="module")
def contents(tmp_path_factory):
    """Kind of content -> bytes."""
    folder = tmp_path_factory.mktemp("contents")
    for name in ("jpg", "png", "webp", "bmp", "tif", "avif"):
        Image.fromarray(RGB).save(folder / f"picture.{name}")
    import pillow_heif

    pillow_heif.from_pillow(Image.fromarray(RGB)).save(folder / "picture.heic")
    frames = [Image.fromarray(np.roll(np.tile(np.arange(64, dtype=np.uint8) * 4, (48, 1)), 9 * i, 1)) for i in range(3)]
    frames[0].save(folder / "video.gif", save_all=True, append_images=frames[1:])
    frames[0].save(folder / "picture.gif")
    for name in ("mp4", "mov", "mkv", "avi"):
        film(folder / f"video.{name}", [RGB] * 3)
    film(folder / "video.webm", [RGB] * 3, codec="libvpx", options={"crf": "10"})
    film(folder / "video.vob", [RGB] * 25, codec="mpeg2video")
    for name, codec in (("m4a", "aac"), ("mka", "flac"), ("mp3", "libmp3lame"), ("opus", "libopus"), ("aac", "aac")):
        recording(folder / f"sound.{name}", [(sine(440)[None], True)], codec=codec)
    for name in ("wav", "flac", "aiff", "ogg"):
        soundfile.write(folder / f"sound.{name}", sine(440, rate=16_000), 16_000)
    (folder / "none.txt").write_text("Dear diary,\n" * 50)
    (folder / "none.csv").write_text("file,emotion\na.wav,sad\n")
    (folder / "none.json").write_text('{"a": "b"}')
    (folder / "none.bin").write_bytes(bytes(range(256)) * 20)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


CONTENTS = [
    "picture.jpg", "picture.png", "picture.webp", "picture.bmp", "picture.tif", "picture.avif", "picture.heic",
    "picture.gif", "video.gif", "video.mp4", "video.mov", "video.mkv", "video.avi", "video.webm",
    "video.vob", "sound.m4a", "sound.mka", "sound.mp3", "sound.opus", "sound.aac", "sound.wav",
    "sound.flac", "sound.aiff", "sound.ogg", "none.txt", "none.csv", "none.json", "none.bin",
]  # fmt: skip


@pytest.mark.parametrize("name", ["own", "data.dat", "IMG_1.jfif", "voice.jpg", "photo.mp4", "noname"])
@pytest.mark.parametrize("content", CONTENTS)
def test_content_decides(tmp_path, contents, content, name):
    """Whatever the file is called; but what has no content of the three is what its name says."""
    path, kind = tmp_path / (content if name == "own" else name), content.split(".")[0]
    path.write_bytes(contents[content])
    if kind == "none":
        kind = {"IMG_1.jfif": "picture", "voice.jpg": "picture", "photo.mp4": "video"}.get(name, "")
        assert kind_of(path) == kind
        return
    assert kind_of(path) == kind
    if kind == "picture":
        assert np.abs(read_image(path).mean(axis=(0, 1)) - (RGB[0, 0] if "gif" not in content else 126)).max() < 8
    elif kind == "video":
        assert len(list(read_frames(path))) >= 3
    else:
        assert len(load_waveform(path)) == pytest.approx(16_000, abs=2_000)


def test_what_is_no_face_is_told(tmp_path, contents):
    for content in ("sound.wav", "none.txt"):
        (tmp_path / content).write_bytes(contents[content])
        with pytest.raises(MediaError, match=f"{content} is neither a photo nor footage"):
            kind_of_face(tmp_path / content)


NAMES = [
    "2024-01-05T10:22:33.{}", "a:b.{}", "http:x.{}", "file:x.{}", "50%.{}", "%d.{}", "%05d.{}", "-a.{}", "--out.{}",
    "a b.{}", "ä é ü.{}", "日本語.{}", "😀.{}", "a'b.{}", 'a"b.{}', "a;b.{}", "a|b.{}", "a*b.{}", "[1].{}", "#1.{}",
    "a?b=c.{}", "x" * 240 + ".{}", "A.{}.{}", "concat:a|b.{}", "pipe:0.{}", "é" * 120 + ".{}",
]  # fmt: skip


@pytest.mark.parametrize("pattern", NAMES)
def test_any_name_is_a_path(tmp_path, monkeypatch, pattern):
    """Given relative to the folder, as people do; written, then read."""
    monkeypatch.chdir(tmp_path)
    png, mp4, wav = (pattern.replace("{}", suffix) for suffix in ("png", "mp4", "wav"))
    write_image(png, RGB)
    assert (read_image(png) == RGB).all()
    write_video(mp4, [RGB] * 3, 25)
    assert len(list(read_frames(mp4))) == 3
    soundfile.write(tmp_path / wav, sine(440, rate=16_000), 16_000)
    assert len(load_waveform(wav)) == 16_000
    os.rename(wav, mp4)  # read by FFmpeg
    assert len(load_waveform(mp4)) == 16_000
    assert [kind_of(png), kind_of(mp4)] == ["picture", "sound"]
    assert sorted(os.listdir()) == sorted({png, mp4})


@pytest.mark.parametrize("kind", ["to a file", "to nothing yet", "to a link"])
def test_an_output_may_be_a_link(tmp_path, kind):
    folder, link = tmp_path / "elsewhere", tmp_path / "out.png"
    folder.mkdir()
    (folder / "link.png").symlink_to(folder / "real.png")
    link.symlink_to(folder / ("link.png" if kind == "to a link" else "real.png"))
    if kind == "to a file":
        (folder / "real.png").write_bytes(b"before")
    write_image(link, RGB)
    assert link.is_symlink()
    assert (read_image(folder / "real.png") == RGB).all()


#: EXIF orientation -> how the upright picture is stored
ORIENTATIONS = {
    1: lambda rgb: rgb, 2: lambda rgb: rgb[:, ::-1], 3: lambda rgb: rgb[::-1, ::-1], 4: lambda rgb: rgb[::-1],
    5: lambda rgb: rgb.transpose(1, 0, 2), 6: lambda rgb: np.rot90(rgb, 1),
    7: lambda rgb: rgb[::-1, ::-1].transpose(1, 0, 2), 8: lambda rgb: np.rot90(rgb, -1),
}  # fmt: skip


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tif", "avif"])
@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_photos_are_upright(tmp_path, orientation, suffix):
    rgb, exif = RGB.copy(), Image.Exif()
    rgb[:16, :16] = 255
    exif[0x0112] = orientation
    stored = Image.fromarray(np.ascontiguousarray(ORIENTATIONS[orientation](rgb)))
    stored.save(tmp_path / f"a.{suffix}", exif=exif, quality=95)
    assert np.abs(read_image(tmp_path / f"a.{suffix}").astype(int) - rgb).mean() < 3


@pytest.mark.parametrize(
    ("mode", "suffix"),
    [*(("RGB", suffix) for suffix in ("jpg", "png", "webp", "tif")), ("RGBA", "png"), ("RGBA", "tif"), ("L", "png"),
     ("CMYK", "tif"), ("CMYK", "jpg"), ("P", "png")],
)  # fmt: skip
def test_the_profile_of_srgb_changes_nothing(tmp_path, suffix, mode):
    own = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.fromarray(RGB).convert(mode).save(tmp_path / f"a.{suffix}", icc_profile=own, quality=95)
    shown = read_image(tmp_path / f"a.{suffix}").mean(axis=(0, 1))
    expected = np.asarray(Image.fromarray(RGB).convert(mode).convert("RGB")).mean(axis=(0, 1))
    np.testing.assert_allclose(shown, expected, atol=3)


def test_a_broken_profile_is_passed_over(tmp_path):
    Image.fromarray(RGB).save(tmp_path / "a.png", icc_profile=b"nonsense")
    assert (read_image(tmp_path / "a.png") == RGB).all()


@pytest.mark.real
def test_shared_adobe_rgb(shared_cases):
    """As Little CMS converts it, by its own profile."""
    with Image.open(shared_cases / "adobergb.jpg") as image:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"]))
        expected = ImageCms.profileToProfile(image, profile, ImageCms.createProfile("sRGB"))
        plain = np.asarray(image.convert("RGB")).astype(float)
    shown = read_image(shared_cases / "adobergb.jpg").astype(float)
    assert np.abs(shown - np.asarray(expected)).mean() < 1
    assert np.abs(shown - plain).max() > 10


@pytest.mark.parametrize("suffix", [".png", ".webp", ".tif"])
def test_alpha_is_kept(tmp_path, suffix):
    alpha = np.full((48, 64), 255, np.uint8)
    alpha[:, :20], alpha[:, 20:30] = 0, 128
    write_image(tmp_path / f"a{suffix}", RGB, alpha=alpha)
    picture = read_picture(tmp_path / f"a{suffix}")
    np.testing.assert_array_equal(picture.alpha, alpha)
    assert np.abs(picture.rgb.astype(int) - RGB).max() < 8  # its own colour also where nothing is seen
    changed = picture.over_white().copy()
    changed[10:20, 40:50] = 0
    after = picture.with_change(changed)
    np.testing.assert_array_equal(after.alpha, alpha)
    assert (after.rgb[10:20, 40:50] == 0).all()
    np.testing.assert_array_equal(after.rgb[:, :40], picture.rgb[:, :40])


def test_alpha_is_white_where_the_format_has_none(tmp_path):
    alpha = np.zeros((48, 64), np.uint8)
    for suffix in (".jpg", ".bmp"):
        write_image(tmp_path / f"a{suffix}", RGB, alpha=alpha)
        assert read_image(tmp_path / f"a{suffix}").min() > 250
    assert (Picture(RGB, alpha).over_white() == 255).all()


NOTE = "Synthetic: the facial expression was generated from a voice by vfgan."


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".PNG"])
def test_every_picture_says_that_it_is_synthetic(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    write_image(path, RGB, comment=NOTE)
    assert NOTE.encode() in path.read_bytes()
    with Image.open(path) as image:
        assert image.size == (64, 48)
        if suffix != ".bmp":
            assert image.getexif()[0x010E] == NOTE
    assert np.abs(read_image(path).astype(int) - RGB).max() < 8


@pytest.mark.parametrize("suffix", [".mp4", ".m4v", ".mov", ".mkv"])
def test_every_video_says_that_it_is_synthetic(tmp_path, suffix):
    import av

    write_video(tmp_path / f"a{suffix}", [RGB] * 3, 25, metadata={"comment": NOTE, "title": "synthetic"})
    with av.open(str(tmp_path / f"a{suffix}")) as container:
        assert NOTE in {key.lower(): value for key, value in container.metadata.items()}.values()


@pytest.mark.parametrize("name", ["a.gif", "a.heic", "a", "a.txt", "a.mp4"])
def test_a_picture_of_no_format_that_is_written(tmp_path, name):
    with pytest.raises(ConfigError, match="expected a picture's name that ends in .png"):
        write_image(tmp_path / name, RGB)


@pytest.mark.real
@pytest.mark.parametrize("name", ["photo.heic", "IMG_1.jfif", "cutout.png", "adobergb.jpg", "group5.jpg"])
def test_shared_photos(shared_cases, name):
    assert kind_of_face(shared_cases / name) == "picture"
    assert (read_picture(shared_cases / name).alpha is not None) == (name == "cutout.png")


@pytest.mark.real
def test_a_shared_film_named_by_the_time(shared_cases, monkeypatch):
    monkeypatch.chdir(shared_cases)
    assert len(list(read_frames("2024-01-05T10:22:33.mp4"))) == 30
