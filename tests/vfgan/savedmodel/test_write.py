"""SavedModels: equal to the Keras models, free of custom operations, loadable by what TF Serving uses, bounded."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from vfgan.errors import SchemaError
from vfgan.savedmodel.load import find_model, load_model
from vfgan.savedmodel.write import WARMUP_SIGNATURES

NAMES = ("extractor", "emotion_cnn", "vfgan", "vfgan_video", "bends", "bends_video")
SHIPPED = Path(__file__).parents[3] / "saved_models"


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


def test_a_face_is_bent_at_its_own_size_and_not_by_a_neutral_voice(exported):
    _, card = load_model(exported.folder / "bends")
    checks = np.kron(np.indices((32, 32)).sum(axis=0) % 2, np.ones((6, 6)))[None, ..., None]
    face = (60 + 120 * checks * np.ones(3)).astype(np.uint8)  # 192 px, three times the network's
    z = np.stack([exported.neutral_z, exported.neutral_z + 2.0])
    made = call(exported, "bends", "from_z", z=tf.constant(z), face=tf.constant(np.repeat(face, 2, axis=0)))
    made = made["generated_face"].astype(int)
    assert np.abs(made[0] - face[0]).max() <= 1
    assert np.abs(made[1] - face[0]).max() > 60  # edges have moved
    np.testing.assert_array_equal(made[1][:4], face[0][:4])  # not at the border
    assert card["resolved"]["config"]["head"] == "motion"


def test_relight_changes_luma_by_what_it_is_told():
    from vfgan.face.pixels import luma
    from vfgan.savedmodel.signatures import relight

    rgb = np.random.default_rng(1).uniform(0, 255, (2, 8, 8, 3)).astype(np.float32)
    change = np.random.default_rng(2).uniform(-120, 60, (2, 8, 8, 1)).astype(np.float32)
    made = np.asarray(relight(rgb, change))
    np.testing.assert_allclose(luma(made), np.maximum(luma(rgb) + change, 0), atol=1e-2)
    assert made.min() >= 0
    np.testing.assert_array_equal(relight(np.zeros_like(rgb), -np.abs(change)), np.zeros_like(rgb))


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


def test_windows_and_mfsc_signatures_agree_with_serving_default(exported, voice_samples):
    whole = call(exported, "extractor", waveform=tf.constant(voice_samples[None]))
    windows = call(exported, "vfgan", "windows", waveform=tf.constant(voice_samples[None]))
    from_mfsc = call(exported, "vfgan", "from_mfsc", mfsc=tf.constant(mfsc_of(voice_samples, exported)[None]))
    np.testing.assert_allclose(windows["z"], whole["z"][0], atol=1e-4)
    np.testing.assert_allclose(from_mfsc["z"], whole["z"][0], atol=1e-4)
    mean = (windows["window_z"] * windows["weights"][:, None]).sum(0)
    np.testing.assert_allclose(mean, whole["z"][0], atol=1e-3)
    np.testing.assert_array_equal(call(exported, "vfgan", "neutral_z")["z"], exported.neutral_z)


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
    expected = np.concatenate([model.change(crops[:5], z[:5]), model.change(crops[5:], z[5:])])
    assert out["generated_faces"].shape == crops.shape
    assert out["generated_faces"].dtype == np.uint8
    difference = np.abs(out["generated_faces"].astype(int) - expected)
    assert difference.max() <= 1  # grey levels: batches of another size round otherwise
    assert (difference > 0).mean() < 1e-3
    np.testing.assert_allclose(out["probabilities"].sum(axis=1), 1, atol=1e-5)
    whole = call(exported, "extractor", waveform=tf.constant(voice_samples[None]))
    np.testing.assert_allclose(out["utterance_z"], whole["z"][0], atol=1e-4)
    np.testing.assert_allclose(out["utterance_probabilities"], whole["probabilities"][0], atol=1e-5)


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


def all_operations(folder):
    from tensorflow.core.protobuf import saved_model_pb2

    model = saved_model_pb2.SavedModel.FromString((folder / "saved_model.pb").read_bytes())
    graph = model.meta_graphs[0].graph_def
    nodes = [*graph.node, *(node for function in graph.library.function for node in function.node_def)]
    return {node.op for node in nodes}


def test_only_core_operations(exported):
    """Every operation is registered by TensorFlow itself, and none calls back into Python."""
    operations = {name: all_operations(find_model(exported.folder / name)) for name in NAMES}
    code = (
        "import os,sys;os.environ['TF_CPP_MIN_LOG_LEVEL']='3'\n"
        "from tensorflow.python.framework import op_def_registry\n"
        "print([o for o in sys.argv[1:] if op_def_registry.get(o) is None])"
    )
    every = set().union(*operations.values())
    fresh = subprocess.run([sys.executable, "-c", code, *every], capture_output=True, text=True, check=True)
    functions = {op for op in every if op.startswith("__inference")}
    assert set(eval(fresh.stdout)) <= functions
    assert not every & {"PyFunc", "EagerPyFunc", "PyFuncStateless"}
    assert all("Conv2D" in found for found in operations.values())


def warmup_requests(folder):
    from tensorflow_serving.apis import prediction_log_pb2

    path = folder / "assets.extra" / "tf_serving_warmup_requests"
    records = list(tf.data.TFRecordDataset(str(path)).as_numpy_iterator())
    return [prediction_log_pb2.PredictionLog.FromString(record).predict_log.request for record in records]


def replay(folder, name):
    """TF Serving loads with the tag `serve` and replays the warm-up requests: of each signature that clients use."""
    requests = warmup_requests(folder)
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        meta = tf.compat.v1.saved_model.load(session, ["serve"], str(folder))
        used = {key for key in WARMUP_SIGNATURES if key in meta.signature_def}
        assert sorted(request.model_spec.signature_name for request in requests) == sorted(used)
        for request in requests:
            assert request.model_spec.name == name
            signature = meta.signature_def[request.model_spec.signature_name]
            feed = {signature.inputs[key].name: tf.make_ndarray(value) for key, value in request.inputs.items()}
            out = session.run({key: value.name for key, value in signature.outputs.items()}, feed)
            assert all(np.isfinite(value.astype(float)).all() for value in out.values())
    return used


@pytest.mark.parametrize(("name", "keys"), [
    ("extractor", {"serving_default", "padded", "windows"}), ("emotion_cnn", {"serving_default"}),
    ("vfgan", {"serving_default", "padded", "windows", "from_z"}), ("vfgan_video", {"serving_default"}),
])  # fmt: skip
def test_tf1_loader_and_warmup_requests(exported, name, keys):
    assert replay(find_model(exported.folder / name), name) == keys


@pytest.mark.parametrize("name", sorted(path.name for path in SHIPPED.iterdir() if path.is_dir()))
def test_tf1_loader_and_warmup_requests_of_what_ships(name):
    assert "serving_default" in replay(find_model(SHIPPED / name), name)


def saved_model_cli(*arguments):
    command = [sys.executable, "-m", "tensorflow.python.tools.saved_model_cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_saved_model_cli(exported, tmp_path, voice_samples):
    """`saved_model_cli show` and `run` work as documented, here with the unbatched one."""
    folder = find_model(exported.folder / "vfgan_video")
    chosen = ["--dir", folder, "--tag_set", "serve", "--signature_def", "serving_default"]
    shown = saved_model_cli("show", *chosen)
    assert all(f"inputs['{name}']" in shown for name in ("waveform", "faces", "times"))
    inputs = {"waveform": voice_samples, "faces": faces(3), "times": np.array([0, 1, 2], np.float32)}
    for name, value in inputs.items():
        np.save(tmp_path / f"{name}.npy", value)
    given = ";".join(f"{name}={tmp_path / name}.npy" for name in inputs)
    ran = saved_model_cli("run", *chosen, "--inputs", given)
    assert "generated_faces" in ran
    assert "utterance_probabilities" in ran


def test_versions_count_up_and_are_never_overwritten(exported, tmp_path):
    from vfgan.savedmodel.signatures import FaceClassifierServing
    from vfgan.savedmodel.write import export_model

    module = FaceClassifierServing(exported.network, 32, load_crop())
    assert export_model(module, "judge", tmp_path, {}).name == "1"
    assert export_model(module, "judge", tmp_path, {}).name == "2"
    assert find_model(tmp_path / "judge").name == "2"
    assert "2" in (tmp_path / "judge" / "README.md").read_text()


def load_crop():
    from vfgan.config.data import CropConfig

    return CropConfig()


def test_missing_models_are_named(exported, tmp_path, monkeypatch):
    monkeypatch.setenv("VFGAN_MODELS", str(exported.folder))
    assert find_model("vfgan") == exported.folder / "vfgan" / "1"
    with pytest.raises(SchemaError, match="emotion_cnn"):
        find_model("vfgn")
    with pytest.raises(SchemaError, match="does not exist"):
        find_model(tmp_path / "nothing")
