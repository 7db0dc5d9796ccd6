"""Blinding: nothing in the bytes that are shown tells a made item from a real one."""

import re
import struct

import av
import numpy as np
import pytest
from PIL import Image

from tests.fixtures.rated import a_picture, write_table
from vfgan.errors import MediaError, NoFaceError
from vfgan.media.audio import load_waveform
from vfgan.media.images import read_image, write_image
from vfgan.media.video import probe_video
from vfgan.media.video_writer import write_video
from vfgan.rating.alike import make_alike, sound_is_heard
from vfgan.rating.config import RatingConfig
from vfgan.rating.items import read_items

TELLING = (b"vfgan", b"ynthetic", b"Camera", b"Exif", b"made", b"real", b"comment")


@pytest.fixture
def alike(tmp_path):
    """alike(folder of items) -> (items, bytes of their copies, names of the copies)."""

    def make(folder, **options):
        items, done = read_items(folder), []
        copies = tmp_path / "copies"
        copies.mkdir()
        numbers = list(range(len(items), 0, -1))
        paths = make_alike(items, numbers, copies, RatingConfig(**options), lambda *all: done.append(all))
        assert done == [(number, len(items)) for number in range(1, len(items) + 1)]
        return items, paths

    return make


@pytest.fixture
def small_and_large(tmp_path):
    """A drawn head at the side of a wide picture, and one twice as large."""
    from tfrecords_builder.synthetic.actor import draw_actor
    from tfrecords_builder.synthetic.clips import ClipKey
    from tfrecords_builder.synthetic.config import SyntheticConfig
    from tfrecords_builder.synthetic.face import FaceRenderer
    from tfrecords_builder.synthetic.performance import act

    actor, folder = draw_actor(1, 2), tmp_path / "heads"
    acted = act(ClipKey("speech", "happy", 2, 1, 1, 2), actor, SyntheticConfig(seconds=1.0, silence_seconds=0.1))
    folder.mkdir()
    small = FaceRenderer(actor.look, 192).render(acted.poses[0])
    write_image(folder / "small.png", np.hstack([small, np.full((192, 200, 3), small[0, 0], np.uint8)]))
    write_image(folder / "large.png", FaceRenderer(actor.look, 384).render(acted.poses[0]))
    rows = [{"file": name, "emotion": "happy", "truth": "made"} for name in ("small.png", "large.png")]
    write_table(folder, rows)
    return folder


def jpeg_parts(data):
    """What a JPEG says of itself: markers and contents up to the pixels, and what stands behind them."""
    parts, at = [], 2
    while data[at + 1] != 0xDA:
        length = struct.unpack(">H", data[at + 2 : at + 4])[0]
        parts.append(data[at : at + 2 + length])
        at += 2 + length
    return parts, set(data[data.rindex(b"\xff\xd9") + 2 :])


def test_faces_differ_in_their_pixels_alone(rated_faces, alike):
    _, paths = alike(rated_faces)
    assert [path.name for path in paths] == [f"{number}.jpg" for number in range(8, 0, -1)]
    contents = [path.read_bytes() for path in paths]
    assert len({len(data) for data in contents}) == 1
    assert len(set(contents)) == 8
    first, behind = jpeg_parts(contents[0])
    assert behind == {0}
    for data, path in zip(contents, paths):
        parts, behind = jpeg_parts(data)
        assert parts == first  # size, sampling, tables of quantisation and of Huffman codes
        assert behind == {0}
        assert not [word for word in TELLING if word in data]
        with Image.open(path) as image:
            assert (image.size, image.mode, dict(image.getexif())) == ((96, 96), "RGB", {})


def test_the_middle_of_a_wide_photo_is_shown(rated_faces, alike):
    items, paths = alike(rated_faces, face_px=64)
    with Image.open(items[5].path) as source, Image.open(paths[5]) as copy:
        middle = np.asarray(source.crop((20, 0, 140, 120)).resize((64, 64), Image.Resampling.BOX), float)
        assert copy.size == (64, 64)
        assert np.abs(np.asarray(copy, float) - middle).mean() < 4


def test_faces_are_cut_out_at_one_place_and_scale(small_and_large, alike):
    """The same head, small and to the side, and large: eyes come to lie at the same place."""
    from vfgan.config.data import CropConfig
    from vfgan.face.finder import FaceFinder

    _, paths = alike(small_and_large, crop="face")
    pictures = [read_image(path) for path in paths]
    assert pictures[0].shape == pictures[1].shape
    with FaceFinder() as finder:
        eyes = [finder.find(rgb)[0].eye_centres / len(rgb) for rgb in pictures]
    expected = np.array([[0.5 - 0.18, 0.34], [0.5 + 0.18, 0.34]])
    assert CropConfig().eye_distance == 0.36
    for found in eyes:
        np.testing.assert_allclose(found, expected, atol=0.03)


def test_an_item_without_a_face_is_named(rated_faces, alike):
    with pytest.raises(NoFaceError, match=r"made-0.png: no face found: expected one in every item"):
        alike(rated_faces, crop="face")


def boxes(data):
    """(name, length) of an MP4's boxes."""
    found, at = [], 0
    while at < len(data):
        length, name = struct.unpack(">I4s", data[at : at + 8])
        found.append((name, length))
        at += length
    return found


def test_videos_differ_in_pictures_and_sound_alone(rated_videos, alike):
    _, paths = alike(rated_videos)
    contents = [path.read_bytes() for path in paths]
    assert len(contents[0]) == len(contents[1])
    assert [name for name, _ in boxes(contents[0])] == [name for name, _ in boxes(contents[1])]
    assert boxes(contents[0])[-1][0] == b"free"
    for data in contents:
        assert not [word for word in TELLING if word in data.replace(b"x264", b"")]
    settings = {re.search(rb"options: [^\0]+", data)[0] for data in contents}
    assert len(settings) == 1
    infos = [probe_video(path) for path in paths]
    assert infos[0] == infos[1]
    assert (infos[0].width, infos[0].height, infos[0].fps, infos[0].has_audio) == (64, 64, 25, True)
    streams = []
    for path in paths:
        with av.open(path) as container:
            video, sound = container.streams.video[0], container.streams.audio[0]
            streams.append((
                video.codec.name, video.frames, video.metadata, sound.codec.name, sound.rate, sound.layout.name,
                sound.metadata, container.metadata, video.codec_context.profile,
            ))  # fmt: skip
    assert streams[0] == streams[1]
    assert streams[0][1] == 15  # the shorter of the two: 0.6 s


def test_sounds_have_one_level(rated_videos, alike):
    """The one was twice as loud as the other."""
    _, paths = alike(rated_videos)
    levels = [np.sqrt(np.mean(np.square(load_waveform(path)))) for path in paths]
    assert levels == pytest.approx([0.07, 0.07], rel=0.05)


def test_without_sound_in_one_video_none_has_it(rated_videos, alike, tmp_path):
    for name in ("made.mp4", "real.mov"):
        (tmp_path / name).write_bytes((rated_videos / name).read_bytes())
    write_video(tmp_path / "mute.mp4", [a_picture(n, 64, 64) for n in range(20)], 25)
    rows = [{"file": name, "emotion": "sad", "truth": "made"} for name in ("made.mp4", "real.mov", "mute.mp4")]
    write_table(tmp_path, rows)
    items, paths = alike(tmp_path)
    assert not sound_is_heard(items)
    assert [probe_video(path).has_audio for path in paths] == [False] * 3


def test_a_video_that_is_too_short_is_named(tmp_path, alike):
    write_video(tmp_path / "short.mp4", [a_picture(n, 64, 64) for n in range(3)], 25)
    write_table(tmp_path, [{"file": "short.mp4", "emotion": "sad", "truth": "made"}])
    with pytest.raises(MediaError, match=r"short.mp4 is 0.12 s long: expected at least 0.5 s; all are cut to it"):
        alike(tmp_path)
