"""SavedModels: free of custom operations, loadable by what TF Serving uses, never overwritten."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from vfgan.savedmodel.load import find_model
from vfgan.savedmodel.write import WARMUP_SIGNATURES

pytestmark = pytest.mark.medium

NAMES = ("extractor", "emotion_cnn", "vfgan", "vfgan_video", "bends", "bends_video")
SHIPPED = Path(__file__).parents[3] / "saved_models"


def faces(count=2, height=40, width=40, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (count, height, width, 3)).astype(np.uint8)


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


@pytest.mark.parametrize(
    "name",
    [
        # the graph of actor01 is that of vfgan
        pytest.param(path.name, marks=pytest.mark.slow if path.name.startswith("actor01") else ())
        for path in sorted(SHIPPED.iterdir())
        if path.is_dir()
    ],
)
def test_tf1_loader_and_warmup_requests_of_what_ships(name):
    assert "serving_default" in replay(find_model(SHIPPED / name), name)


def saved_model_cli(*arguments):
    command = [sys.executable, "-m", "tensorflow.python.tools.saved_model_cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.slow
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
