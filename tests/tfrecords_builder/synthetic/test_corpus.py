"""The embedded corpus: determinism, twins, truth against what detectors measure, resuming."""

import csv
import dataclasses
import re
import warnings

import numpy as np
import pytest

from tfrecords_builder.synthetic.clips import ClipKey, list_clips
from tfrecords_builder.synthetic.config import MODALITIES
from tfrecords_builder.synthetic.corpus import CONFIG_NAME, SyntheticConfig, synthesize
from vfgan.errors import SchemaError
from vfgan.media.audio import load_waveform
from vfgan.media.video import probe_video, read_frames
from vfgan.storage.files import digest_file, read_json

pytestmark = pytest.mark.medium

CONFIG = SyntheticConfig(
    actors=2, statements=1, intensities=(2,), modalities=MODALITIES, size_px=160, seconds=0.9, workers=2
)
NAME = re.compile(r"Actor_(\d\d)/(0[123])-(0[12])-(0[1-8])-(0[12])-(\d\d)-(\d\d)-(\d\d)\.(mp4|wav)")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """A small corpus of all modalities: seven emotions (strong, hence no neutral) of two actors."""
    out = tmp_path_factory.mktemp("corpus")
    return out, synthesize(out, CONFIG)


def read_truth(path):
    """The rows of a clip's table of truth."""
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def column(rows, name):
    return np.array([float(row[name]) for row in rows])


def test_every_recording_is_named_as_in_ravdess(corpus):
    out, paths = corpus
    assert len(paths) == 2 * 7 * 3
    for path in paths:
        match = NAME.fullmatch(path.relative_to(out).as_posix())
        assert match, path
        folder, modality, *_, actor, suffix = match.groups()
        assert folder == actor
        assert (modality == "03") == (suffix == "wav")
        assert path.stat().st_size > 1000


def test_bytes_are_the_same_for_any_number_of_workers(tmp_path):
    config = SyntheticConfig(actors=1, statements=1, intensities=(1,), size_px=64, seconds=0.4, modalities=MODALITIES)
    digests = []
    for workers in (1, 2):
        out = tmp_path / str(workers)
        synthesize(out, dataclasses.replace(config, workers=workers))
        files = sorted(p for p in out.rglob("*") if p.is_file())
        digests.append({p.relative_to(out): digest_file(p) for p in files})
    assert len(digests[0]) == 8 * 4 + 1
    assert digests[0] == digests[1]


def test_audio_only_twin_has_the_sound_of_the_video(corpus):
    out, _ = corpus
    clip = ClipKey("speech", "angry", 2, 1, 1, 2)
    wav = load_waveform(clip.path(out, "audio-only"), 48_000)
    mp4 = load_waveform(clip.path(out, "full-av"), 48_000)
    count = min(len(wav), len(mp4))
    lag = np.argmax(np.correlate(mp4[: 2400 + 9600], wav[2400 : 2400 + 9600], "valid")) - 2400
    assert abs(lag) <= 2048  # an encoder may begin with one block of its own
    a, b = wav[max(0, -lag) : count - 2400], mp4[max(0, lag) : count - 2400 + lag]
    size = min(len(a), len(b))
    assert np.corrcoef(a[:size], b[:size])[0, 1] > 0.95


def test_video_only_twin_is_silent_and_has_the_same_picture(corpus):
    out, _ = corpus
    clip = ClipKey("speech", "sad", 2, 1, 1, 1)
    video = clip.path(out, "video-only")
    assert probe_video(video).has_audio
    assert np.abs(load_waveform(video)).max() < 1e-3
    assert np.abs(load_waveform(clip.path(out, "full-av"))).max() > 0.02
    for (_, a), (_, b) in zip(read_frames(video), read_frames(clip.path(out, "full-av")), strict=True):
        np.testing.assert_array_equal(a, b)


def test_truth_has_a_row_a_frame_and_mouth_follows_sound(corpus):
    out, _ = corpus
    for clip in list_clips(CONFIG):
        rows = read_truth(clip.truth_path(out))
        frames = list(read_frames(clip.path(out, "full-av")))
        assert len(rows) == len(frames)
        np.testing.assert_allclose(column(rows, "time_seconds"), [time for time, _ in frames], atol=1e-3)
        assert {row["emotion"] for row in rows} == {clip.emotion}
        assert np.corrcoef(column(rows, "mouth_opening"), column(rows, "energy"))[0, 1] > 0.5


def test_energy_in_the_truth_is_the_sound_of_the_file(corpus):
    out, _ = corpus
    clip = ClipKey("speech", "fearful", 2, 1, 1, 1)
    rows, wave = read_truth(clip.truth_path(out)), load_waveform(clip.path(out, "audio-only"), 48_000)
    index = int(np.argmax(column(rows, "energy")))
    middle = round(48_000 * index / CONFIG.fps)
    part = wave[middle - 960 : middle + 960]
    assert float(rows[index]["energy"]) == pytest.approx(np.sqrt(np.mean(part**2)), rel=0.01)


def test_expression_is_strongest_in_the_voiced_span(corpus):
    out, _ = corpus
    rows = read_truth(ClipKey("speech", "happy", 2, 1, 1, 1).truth_path(out))
    strength, smile = column(rows, "intensity"), column(rows, "au12")
    assert max(strength[0], strength[-1]) < 0.15
    assert strength[len(rows) // 2] > 0.6
    assert np.corrcoef(strength, smile)[0, 1] > 0.95
    calm = read_truth(ClipKey("speech", "calm", 2, 1, 1, 1).truth_path(out))
    assert column(calm, "intensity").max() == 0


def test_mesh_finds_the_faces_and_measures_the_true_mouth(corpus):
    out, _ = corpus
    warnings.filterwarnings("ignore", category=UserWarning, module="google.protobuf")
    from mediapipe.python.solutions.face_mesh import FaceMesh

    found, total, correlations, eye_errors = 0, 0, [], []
    with FaceMesh(static_image_mode=True, min_detection_confidence=0.5) as mesh:
        for clip in list_clips(CONFIG):
            rows, measured, true = read_truth(clip.truth_path(out)), [], []
            for row, (_, frame) in zip(rows[::2], list(read_frames(clip.path(out, "full-av")))[::2]):
                total += 1
                faces = mesh.process(frame).multi_face_landmarks
                if not faces:
                    continue
                found += 1
                points = np.array([(p.x, p.y) for p in faces[0].landmark]) * CONFIG.size_px
                eyes = points[[33, 133]].mean(axis=0), points[[263, 362]].mean(axis=0)
                measured.append(np.hypot(*(points[13] - points[14])) / np.hypot(*(eyes[1] - eyes[0])))
                true.append(float(row["mouth_opening_ratio"]))
                eye_errors.append(np.hypot(*(eyes[0] - [float(row["left_eye_x_px"]), float(row["left_eye_y_px"])])))
            correlations.append(np.corrcoef(measured, true)[0, 1])
    assert found / total >= 0.98
    assert np.mean(correlations) > 0.8
    assert np.mean(eye_errors) < 0.02 * CONFIG.size_px


def test_resuming_writes_only_what_is_missing(tmp_path):
    config = SyntheticConfig(
        actors=1, statements=1, intensities=(1,), size_px=64, seconds=0.4, modalities=("audio-only",), workers=1
    )
    paths = synthesize(tmp_path, config)
    whole, kept = digest_file(paths[0]), paths[1].stat().st_mtime_ns
    paths[0].unlink()
    calls = []
    assert synthesize(tmp_path, config, progress=lambda done, total: calls.append((done, total))) == paths
    assert calls == [(7, 8), (8, 8)]
    assert digest_file(paths[0]) == whole
    assert paths[1].stat().st_mtime_ns == kept


def test_folder_of_another_corpus_is_refused_naming_the_field(tmp_path):
    config = SyntheticConfig(
        actors=1, statements=1, intensities=(1,), size_px=64, seconds=0.4, modalities=("audio-only",), workers=1
    )
    synthesize(tmp_path, config)
    assert read_json(tmp_path / CONFIG_NAME)["seed"] == 1
    with pytest.raises(SchemaError, match="seed is 1, expected 2"):
        synthesize(tmp_path, dataclasses.replace(config, seed=2))
    synthesize(tmp_path, dataclasses.replace(config, workers=2))  # changes no byte, so is no other corpus
