"""What SavedModels compute: the same as the Keras models, alone and in padded batches."""

import numpy as np
import pytest
import tensorflow as tf

from vfgan.savedmodel.load import load_model


def faces(count=2, height=40, width=40, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (count, height, width, 3)).astype(np.uint8)


def call(exported, name, signature="serving_default", **inputs):
    loaded, _ = load_model(exported.folder / name)
    return {key: value.numpy() for key, value in loaded.signatures[signature](**inputs).items()}


def test_extractor_equals_keras_model(exported, voice_samples):
    out = call(exported, "extractor", waveform=tf.constant(voice_samples[None]))
    z, probabilities = exported.reader.read(tf.constant(voice_samples[None]), tf.constant([len(voice_samples)]))
    np.testing.assert_allclose(out["z"], z, atol=1e-4)
    np.testing.assert_allclose(out["probabilities"], probabilities, atol=1e-5)
    assert out["probabilities"].shape == (1, 8)
    np.testing.assert_allclose(out["probabilities"].sum(), 1, atol=1e-5)


def test_emotion_cnn_equals_keras_model(exported):
    face = faces(3, 32, 32)
    out = call(exported, "emotion_cnn", face=tf.constant(face))
    grey = (face.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32))[..., None] / 127.5 - 1
    np.testing.assert_allclose(out["probabilities"], tf.nn.softmax(exported.network(grey)), atol=1e-5)


def test_generator_equals_keras_model_within_one_grey_level(exported, voice_samples):
    face = faces(1, 32, 32)  # the network's own size: nothing is scaled
    out = call(exported, "vfgan", waveform=tf.constant(voice_samples[None]), face=tf.constant(face))
    z, _ = exported.reader.read(tf.constant(voice_samples[None]), tf.constant([len(voice_samples)]))
    grey = (face.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32))[..., None]
    made, _ = exported.generator([grey / 127.5 - 1, z])
    found = out["generated_face"].astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
    inside = (out["generated_face"] < 255).all(-1)  # elsewhere a colour is as bright as it can be
    assert np.abs(found - (np.asarray(made)[..., 0] + 1) * 127.5)[inside].max() <= 1
    assert inside.mean() > 0.5
    assert out["generated_face"].dtype == np.uint8
    assert np.abs(out["generated_face"].astype(float) - face).mean() > 1  # it does something


def test_generator_keeps_size_and_hues(exported, voice_samples):
    face = np.full((1, 50, 70, 3), (120, 90, 100), np.uint8)
    out = call(exported, "vfgan", waveform=tf.constant(voice_samples[None]), face=tf.constant(face))
    made = out["generated_face"].astype(int)
    assert made.shape == (1, 50, 70, 3)
    lighter, darker = (made > face + 2).all(-1) & (made < 255).all(-1), (made < face - 2).all(-1)
    assert lighter.any()
    assert darker.any()
    differences = (made - face)[lighter]
    assert np.abs(differences - differences[:, :1]).max() <= 1  # the same for R, G and B
    shades = made[darker] / (120, 90, 100)
    assert np.abs(shades - shades[:, :1]).max() <= 0.02


@pytest.mark.medium
def test_padded_batch_equals_single_clips(exported, voice_samples):
    lengths = [30_400, 9_000]
    batch = np.full((2, 30_400), 0.9, np.float32)  # garbage behind the shorter one
    for row, length in enumerate(lengths):
        batch[row, :length] = voice_samples[:length]
    both = call(
        exported, "vfgan", "padded", waveform=tf.constant(batch), face=tf.constant(faces(2)),
        num_samples=tf.constant(lengths),
    )  # fmt: skip
    for row, length in enumerate(lengths):
        one = call(
            exported,
            "vfgan",
            waveform=tf.constant(voice_samples[None, :length]),
            face=tf.constant(faces(2)[row : row + 1]),
        )
        np.testing.assert_allclose(both["z"][row], one["z"][0], atol=1e-4)
        difference = np.abs(both["generated_face"][row].astype(int) - one["generated_face"][0].astype(int))
        assert difference.max() <= 1


@pytest.mark.medium
def test_windows_and_mfsc_signatures_agree_with_serving_default(exported, voice_samples):
    whole = call(exported, "extractor", waveform=tf.constant(voice_samples[None]))
    windows = call(exported, "vfgan", "windows", waveform=tf.constant(voice_samples[None]))
    from_mfsc = call(exported, "vfgan", "from_mfsc", mfsc=tf.constant(mfsc_of(voice_samples, exported)[None]))
    np.testing.assert_allclose(windows["z"], whole["z"][0], atol=1e-4)
    np.testing.assert_allclose(from_mfsc["z"], whole["z"][0], atol=1e-4)
    mean = (windows["window_z"] * windows["weights"][:, None]).sum(0)
    np.testing.assert_allclose(mean, whole["z"][0], atol=1e-3)
    np.testing.assert_array_equal(call(exported, "vfgan", "neutral_z")["z"], exported.neutral_z)


@pytest.mark.medium
def test_video_equals_what_generate_makes_of_its_crops(exported, voice_samples):
    """One request, unbatched, gives the faces that `generate_video` gets frame by frame."""
    from vfgan.generate.voice_face import VoiceFace

    crops, times = faces(9, 48, 48), (np.arange(9) + 0.5) / 5
    out = call(
        exported, "vfgan_video", waveform=tf.constant(voice_samples), faces=tf.constant(crops),
        times=tf.constant(times, tf.float32),
    )  # fmt: skip
    model = VoiceFace(exported.folder / "vfgan")
    z = model.track(voice_samples).at(times)
    np.testing.assert_allclose(out["z"], z, atol=1e-4)
    assert np.abs(np.diff(z, axis=0)).max() > 1e-3
    expected = np.concatenate([model.edit(crops[:5], z[:5]), model.edit(crops[5:], z[5:])])
    assert out["generated_faces"].shape == crops.shape
    assert out["generated_faces"].dtype == np.uint8
    difference = np.abs(out["generated_faces"].astype(int) - expected)
    assert difference.max() <= 1  # grey levels: batches of another size round otherwise
    assert (difference > 0).mean() < 1e-3
    np.testing.assert_allclose(out["probabilities"].sum(axis=1), 1, atol=1e-5)
    whole = call(exported, "extractor", waveform=tf.constant(voice_samples[None]))
    np.testing.assert_allclose(out["utterance_z"], whole["z"][0], atol=1e-4)
    np.testing.assert_allclose(out["utterance_probabilities"], whole["probabilities"][0], atol=1e-5)


@pytest.mark.medium
def test_video_probabilities_belong_to_their_z(exported, voice_samples):
    """In the middle of the loudest window they are that window's own."""
    windows = call(exported, "vfgan", "windows", waveform=tf.constant(voice_samples[None]))
    planes = tf.constant(mfsc_of(voice_samples, exported)[None])
    _, window_p, _ = exported.reader.read_windows(planes, tf.constant([planes.shape[1]]))
    loudest = int(windows["weights"].argmax())
    time = (20 + 5 * loudest) * 0.03  # windows of 40 frames of 30 ms, 5 frames apart
    out = call(
        exported, "vfgan_video", waveform=tf.constant(voice_samples), faces=tf.constant(faces(1)),
        times=tf.constant([time], tf.float32),
    )  # fmt: skip
    np.testing.assert_allclose(out["probabilities"][0], window_p[0, loudest], atol=1e-5)
    np.testing.assert_allclose(out["z"][0], windows["window_z"][loudest], atol=1e-4)


def mfsc_of(waveform, exported):
    from vfgan.voice.mfsc import mfsc_of_waveform

    return mfsc_of_waveform(waveform, exported.reader.config)


@pytest.mark.medium
def test_a_face_is_bent_at_its_own_size_but_not_by_neutral(exported):
    _, card = load_model(exported.folder / "bends")
    checks = np.kron(np.indices((32, 32)).sum(axis=0) % 2, np.ones((6, 6)))[None, ..., None]
    face = (60 + 120 * checks * np.ones(3)).astype(np.uint8)  # 192 px, three times the network's
    z = np.stack([exported.neutral_z, exported.neutral_z + 2.0])
    made = call(exported, "bends", "from_z", z=tf.constant(z), face=tf.constant(np.repeat(face, 2, axis=0)))
    made = made["generated_face"].astype(int)
    assert np.abs(made[0] - face[0]).max() <= 1
    assert np.abs(made[1] - face[0]).max() > 60  # edges have moved
    np.testing.assert_array_equal(made[1][:4], face[0][:4])  # not at the border
    assert card["resolved"]["config"]["networks"]["head"] == "motion"


@pytest.mark.medium
def test_a_mouth_follows_the_sound(exported, voice_samples):
    """In `talking` of both models alike; without a mouth there are no such signatures."""
    face = faces(3, 64, 64)
    heard = call(exported, "bends", "windows", waveform=tf.constant(voice_samples[None]))
    mouth = call(exported, "bends", "mouth", waveform=tf.constant(voice_samples[None]))["mouth"]
    assert mouth.shape == (63, 2)
    times = np.array([0.0225, 0.9225, 1.8225], np.float32)  # of the frames 0, 30 and 60
    video = call(
        exported, "bends_video", "talking", waveform=tf.constant(voice_samples), faces=tf.constant(face),
        times=tf.constant(times),
    )  # fmt: skip
    asked = {"face": tf.constant(face), "z": tf.constant(video["z"])}
    closed = tf.zeros(3)
    talks = call(exported, "bends", "talking", **asked, mouth=tf.constant(mouth[[0, 30, 60]]), closed=closed)
    np.testing.assert_allclose(talks["generated_face"].astype(int), video["generated_faces"], atol=1)
    silent = call(exported, "bends", "talking", **asked, mouth=tf.zeros((3, 2)), closed=closed)["generated_face"]
    np.testing.assert_array_equal(silent, call(exported, "bends", "from_z", **asked)["generated_face"])
    assert np.abs(silent.astype(int) - talks["generated_face"]).max() > 3
    assert heard["z"].shape == (6,)
    assert not {"mouth", "talking"} & set(load_model(exported.folder / "vfgan")[0].signatures)
    with pytest.raises(tf.errors.InvalidArgumentError, match="mouth: expected 2 numbers"):
        call(exported, "bends", "talking", **asked, mouth=tf.zeros((3, 5)), closed=closed)


@pytest.mark.medium
def test_a_face_may_go_on_below_its_crop(exported):
    """Of a generator that bends; the others want squares, and both say so."""
    face = faces(1, 96, 64)
    z = tf.constant((exported.neutral_z + 2.0)[None])
    made = call(exported, "bends", "from_z", z=z, face=tf.constant(face))["generated_face"].astype(int)
    square = call(exported, "bends", "from_z", z=z, face=tf.constant(face[:, :64]))["generated_face"].astype(int)
    assert made.shape == (1, 96, 64, 3)
    np.testing.assert_allclose(made[:, :32], square[:, :32], atol=1)  # where both see the same
    # its border rests but for what a bicubic flow leaves, that of the other is further down
    np.testing.assert_allclose(square[:, 63], face[:, 63], atol=1)
    assert np.abs(made[:, 60:66] - face[:, 60:66]).max() > 20
    heights = [load_model(exported.folder / name)[1]["crop_height"] for name in ("bends", "bends_video", "vfgan")]
    assert heights == [1.5, 1.5, 1.0]


@pytest.mark.medium
@pytest.mark.parametrize("name", ["bends", "bends_video"])
def test_what_signatures_share_is_there_once(exported, name):
    from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

    (path,) = (exported.folder / name).glob("*/saved_model.pb")
    functions = SavedModel.FromString(path.read_bytes()).meta_graphs[0].graph_def.library.function
    large = [function.signature.name for function in functions if len(function.node_def) > 50]
    for part in ("_planes", "_listen", "_motion", "_drawn"):
        assert sum(part in one for one in large) == 1, (part, large)
