"""A voice and a face in, a picture or a video out."""

import numpy as np
import pytest
import soundfile

from vfgan.errors import ConfigError, MediaError, NoFaceError, SchemaError
from vfgan.face.finder import FaceFinder
from vfgan.generate.image import generate_image
from vfgan.generate.video import generate_video
from vfgan.generate.voice_face import VoiceFace
from vfgan.media.audio import load_waveform
from vfgan.media.images import read_image, write_image
from vfgan.media.video import probe_video, read_frames
from vfgan.media.video_writer import write_video


@pytest.mark.medium
def test_intensity_dial(exported, folder):
    """At 0 every voice gives the same face; beyond it they differ."""
    crops = np.random.default_rng(1).integers(0, 256, (1, 64, 64, 3)).astype(np.uint8)
    z = np.array([[2, -1, 0, 1, 3, -2]], np.float32)
    off, full = VoiceFace(exported.folder / "vfgan", intensity=0), VoiceFace(exported.folder / "vfgan", intensity=1)
    np.testing.assert_array_equal(off.edit(crops, z), off.edit(crops, -z))
    assert np.abs(full.edit(crops, z).astype(int) - full.edit(crops, -z)).max() > 0
    np.testing.assert_allclose(off.dial(z)[0], exported.neutral_z, atol=1e-6)
    np.testing.assert_array_equal(full.dial(z), z)
    with pytest.raises(ConfigError, match="intensity"):
        VoiceFace(exported.folder / "vfgan", intensity=3)


def test_video_is_as_long_as_the_voice_and_has_its_sound(model, folder, tmp_path, voice_samples):
    """1.9 s of voice, 1.2 s of footage: it plays forth and back."""
    report = generate_video(model, folder / "voice.wav", folder / "person.mp4", tmp_path / "out.mp4")
    info = probe_video(tmp_path / "out.mp4")
    assert float(info.fps) == 10
    assert report.frames == 19
    frames = [rgb for _, rgb in read_frames(tmp_path / "out.mp4")]
    assert len(frames) == 19
    assert report.without_face == 0
    sound = load_waveform(tmp_path / "out.mp4")
    assert abs(len(sound) - len(voice_samples)) < 2_100  # an AAC frame at each end
    length = min(len(sound), len(voice_samples))
    assert np.corrcoef(sound[:length], voice_samples[:length])[0, 1] > 0.95
    # the background does not move: first frame, twelfth, and the one that is its mirror in time
    source = [rgb for _, rgb in read_frames(folder / "person.mp4")]
    for index, original in ((0, 0), (11, 11), (13, 9)):
        corner = np.abs(frames[index][:40, :40].astype(int) - source[original][:40, :40].astype(int))
        assert corner.mean() < 4


def test_video_as_long_as_the_footage(model, folder, tmp_path):
    report = generate_video(model, folder / "voice.wav", folder / "person.mp4", tmp_path / "out.mp4", length="footage")
    assert report.frames == 12
    assert abs(len(load_waveform(tmp_path / "out.mp4")) / 16_000 - 1.2) < 0.15


def test_photo_becomes_a_video(model, folder, tmp_path):
    report = generate_video(model, folder / "voice.wav", folder / "person.png", tmp_path / "out.mp4")
    assert (report.frames, report.fps) == (48, 25.0)
    frames = [rgb for _, rgb in read_frames(tmp_path / "out.mp4")]
    assert np.abs(frames[0].astype(int) - frames[-1].astype(int)).max() > 8  # the face follows the voice


def test_one_frame_of_footage_is_enough(model, folder, tmp_path):
    write_video(tmp_path / "one.mp4", [read_image(folder / "person.png")], 25)
    assert generate_video(model, folder / "voice.wav", tmp_path / "one.mp4", tmp_path / "out.mp4").frames == 48


def test_frames_without_face_stay_as_they_are(model, folder, tmp_path):
    frames = [rgb for _, rgb in read_frames(folder / "person.mp4")]
    blank = np.full_like(frames[0], 90)
    write_video(tmp_path / "gap.mp4", [*frames[:6], *[blank] * 6], 10)
    report = generate_video(model, folder / "voice.wav", tmp_path / "gap.mp4", tmp_path / "o.mp4", length="footage")
    assert report.frames == 12
    assert 5 <= report.without_face <= 6
    last = [rgb for _, rgb in read_frames(tmp_path / "o.mp4")][-1]
    assert np.abs(last.astype(int) - 90).max() <= 3


def test_frames_without_face_by_choice(model, folder, tmp_path, monkeypatch):
    """hold changes them where the face was last, but no other scene; fail writes nothing."""
    import cv2

    from vfgan.generate import video as video_generation

    frames = [rgb for _, rgb in read_frames(folder / "person.mp4")]
    blank = np.full_like(frames[0], 90)
    blurred = cv2.GaussianBlur(frames[2], None, 12)
    write_video(tmp_path / "gap.mp4", [blank, *frames[:3], blurred, blank, *frames[3:6]], 10)
    made = []
    monkeypatch.setattr(video_generation, "write_video", lambda path, frames, fps, **_: made.append(list(frames)))

    def generate(choice):
        paths = folder / "voice.wav", tmp_path / "gap.mp4", tmp_path / "o.mp4"
        return generate_video(model, *paths, length="footage", no_face=choice)

    for choice in ("pass", "hold"):
        report = generate(choice)
        assert (report.frames, report.without_face) == (9, 3)
    differs = [index for index, (a, b) in enumerate(zip(*made)) if (a != b).any()]
    assert differs == [4]
    with pytest.raises(NoFaceError, match=r"gap\.mp4: the face is not found in frame 1: .* pass or hold"):
        generate("fail")


def test_only_the_face(model, folder, tmp_path):
    """The aligned crop, the same size throughout; a frame without a face shows the last place as it is."""
    frames = [rgb for _, rgb in read_frames(folder / "person.mp4")]
    blank = np.full_like(frames[0], 90)
    write_video(tmp_path / "gap.mp4", [blank, blank, *frames[:6], blank, blank], 10)
    report = generate_video(
        model, folder / "voice.wav", tmp_path / "gap.mp4", tmp_path / "o.mp4", length="footage", only_face=True
    )
    assert report.frames == 10
    made = [rgb for _, rgb in read_frames(tmp_path / "o.mp4")]
    with FaceFinder() as finder:
        size = model.crop_size(finder.find(frames[0])[0]) // 2 * 2
    assert {rgb.shape for rgb in made} == {(size, size, 3)}
    assert np.abs(made[0].astype(int) - 90).max() <= 4
    assert np.abs(made[-1].astype(int) - 90).max() <= 4
    assert made[4].std() > 20
    picture = generate_image(model, folder / "voice.wav", folder / "person.png", tmp_path / "o.png", only_face=True)
    assert picture.faces == 1
    assert abs(len(read_image(tmp_path / "o.png")) - size) <= 2


def test_a_photo_is_detected_once_and_has_no_length(model, folder, tmp_path, monkeypatch):
    seen, find = [], FaceFinder.find
    monkeypatch.setattr(FaceFinder, "find", lambda *given: seen.append(1) or find(*given))
    generate_video(model, folder / "voice.wav", folder / "person.png", tmp_path / "out.mp4")
    assert len(seen) == 2  # whether there is one, and where
    with pytest.raises(ConfigError, match="photo"):
        generate_video(model, folder / "voice.wav", folder / "person.png", tmp_path / "out.mp4", length="footage")


@pytest.mark.medium
def test_report_of_a_video(model, folder, tmp_path):
    report = generate_video(model, folder / "voice.wav", folder / "person.mp4", tmp_path / "out.mp4")
    heard = model.hear(model.load_voice(folder / "voice.wav"))
    np.testing.assert_allclose(report.heard.z, heard.z, atol=1e-4)
    np.testing.assert_allclose(report.heard.probabilities, heard.probabilities, atol=1e-5)
    assert 0 < report.source_flicker < 20
    assert 0 < report.flicker < 40
    photo = generate_video(model, folder / "voice.wav", folder / "person.png", tmp_path / "out.mp4")
    assert photo.source_flicker == 0
    assert photo.flicker > 0


def test_interrupted_nothing_is_left(model, folder, tmp_path):
    def stop(done, total):
        assert total == 19
        if done == 12:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        generate_video(model, folder / "voice.wav", folder / "person.mp4", tmp_path / "out.mp4", progress=stop)
    assert not list(tmp_path.iterdir())


def test_no_face_anywhere(model, folder, tmp_path):
    write_image(tmp_path / "blank.png", np.full((200, 200, 3), 128, np.uint8))
    with pytest.raises(NoFaceError, match=r"blank\.png: no face"):
        generate_image(model, folder / "voice.wav", tmp_path / "blank.png", tmp_path / "out.png")
    write_video(tmp_path / "blank.mp4", [np.full((200, 200, 3), 128, np.uint8)] * 5, 10)
    with pytest.raises(NoFaceError, match=r"blank\.mp4: no face"):
        generate_video(model, folder / "voice.wav", tmp_path / "blank.mp4", tmp_path / "out.mp4")
    assert not list(tmp_path.glob("*out*"))


def test_voices_that_cannot_be_used(model, folder, tmp_path):
    soundfile.write(tmp_path / "silent.wav", np.zeros(16_000), 16_000)
    soundfile.write(tmp_path / "click.wav", np.ones(20), 16_000)
    for name, message in (("silent.wav", "silent"), ("click.wav", "25 ms"), ("missing.wav", "does not exist")):
        with pytest.raises(MediaError, match=message):
            generate_image(model, tmp_path / name, folder / "person.png", tmp_path / "out.png")
    with pytest.raises(MediaError, match="no audio"):
        generate_image(model, folder / "person.mp4", folder / "person.png", tmp_path / "out.png")


def test_voice_of_any_rate_and_channels(model, folder, tmp_path, voice_samples):
    """48 kHz stereo in 24 bits is heard as the same voice."""
    import soxr

    high = soxr.resample(voice_samples, 16_000, 48_000)
    soundfile.write(tmp_path / "high.wav", np.stack([high, high], axis=1), 48_000, subtype="PCM_24")
    same = model.hear(model.load_voice(tmp_path / "high.wav")).z
    np.testing.assert_allclose(same, model.hear(voice_samples).z, atol=0.15)


def test_more_faces_than_one_request_may_hold(model, monkeypatch):
    from vfgan.savedmodel import input_checks as serving_limits

    random = np.random.default_rng(2)
    crops = random.integers(0, 256, (5, 64, 64, 3)).astype(np.uint8)
    z = random.normal(size=(5, 6)).astype(np.float32)
    whole, sent = model.edit(crops, z), []
    send = model._signatures["from_z"]
    monkeypatch.setattr(
        model, "_signatures", {"from_z": lambda face, z: sent.append(len(face)) or send(face=face, z=z)}
    )
    monkeypatch.setattr(serving_limits, "MAX_BATCH_PX", 2 * 64 * 64)
    assert np.abs(model.edit(crops, z).astype(int) - whole).max() <= 1
    assert sent == [2, 2, 1]


def test_a_card_of_another_version(exported, tmp_path):
    import json
    import shutil

    shutil.copytree(exported.folder / "vfgan", tmp_path / "old")
    card = json.loads((tmp_path / "old" / "card.json").read_text())
    del card["crop"]
    (tmp_path / "old" / "card.json").write_text(json.dumps(card))
    with pytest.raises(SchemaError, match="has no 'crop'; export it again"):
        VoiceFace(tmp_path / "old")


def test_an_absent_model(folder):
    with pytest.raises(SchemaError, match="does not exist"):
        VoiceFace(folder / "no-model")
