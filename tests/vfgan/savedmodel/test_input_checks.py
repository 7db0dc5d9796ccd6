"""Every signature of every SavedModel answers bad input with a readable error from inside its graph."""

import numpy as np
import pytest
import tensorflow as tf

from vfgan.savedmodel.load import load_model

RATE_HZ = 16_000


@pytest.fixture(scope="module")
def signatures(exported):
    """(model, signature) -> function."""
    loaded = {
        name: load_model(exported.folder / name)[0] for name in ("extractor", "emotion_cnn", "vfgan", "vfgan_video")
    }
    table = {(name, key): function for name, model in loaded.items() for key, function in model.signatures.items()}
    return loaded, table  # the models keep the variables that the functions use


def voice(batch=1, samples=4_000):
    return 0.1 * np.sin(np.arange(samples, dtype=np.float32) / 9)[None].repeat(batch, axis=0)


def face(batch=1, height=40, width=40):
    return np.broadcast_to(np.uint8(0), (batch, height, width, 3))  # takes no memory until it is sent


def silence(batch, samples):
    return np.broadcast_to(np.float32(0), (batch, samples))


def broken():
    values = voice()
    values[0, 100] = np.nan
    return values


BAD_VOICES = {
    "none": (voice(0), "at least one"),
    "empty": (voice(samples=0), "at least 400 samples"),
    "too short": (voice(samples=399), "at least 400 samples"),
    "too long": (silence(1, 120 * RATE_HZ + 1), "at most 120 s"),
    "too many": (silence(21, 30 * RATE_HZ), "at most 600 s in a batch"),
    "not finite": (broken(), "expected finite values"),
    "beyond all": (1e11 + voice(), "waveform: expected values of"),
}
BAD_FACES = {
    "none": (face(0), "at least one"),
    "empty": (face(1, 0, 40), "at least 16 pixels"),
    "tiny": (face(1, 40, 15), "at least 16 pixels"),
    "huge": (face(1, 1025, 20), "at most 1024 pixels a side"),
    "too many": (face(1025, 128, 128), "send fewer or smaller"),
}


def bad_requests():
    """(model, signature, inputs, expected message)."""
    for what, (waveform, message) in BAD_VOICES.items():
        count = len(waveform)
        lengths = np.full(count, waveform.shape[1], np.int32)
        yield "extractor", "serving_default", what, {"waveform": waveform}, message
        yield "extractor", "padded", what, {"waveform": waveform, "num_samples": lengths}, message
        yield "vfgan", "serving_default", what, {"waveform": waveform, "face": face(max(1, count))}, message
        if count == 1:
            yield "vfgan", "windows", what, {"waveform": waveform}, message
            yield "extractor", "windows", what, {"waveform": waveform}, message
            video = {"waveform": waveform[0], "faces": face(2), "times": np.zeros(2, np.float32)}
            yield "vfgan_video", "serving_default", what, video, message
    for what, (faces, message) in BAD_FACES.items():
        count = len(faces)
        yield "emotion_cnn", "serving_default", what, {"face": faces}, message
        yield "vfgan", "from_z", what, {"face": faces, "z": np.zeros((count, 6), np.float32)}, message
        times = np.zeros(count, np.float32)
        yield "vfgan_video", "serving_default", what, {"waveform": voice()[0], "faces": faces, "times": times}, message
        if count == 1:
            yield "vfgan", "serving_default", what, {"waveform": voice(), "face": faces}, message
    lengths = np.array([4_000], np.int32)
    padded = {"waveform": voice(), "face": face(), "num_samples": lengths}
    yield (
        "vfgan",
        "padded",
        "past the end",
        padded | {"num_samples": lengths + 1},
        "at most as many as the waveform has",
    )
    yield "vfgan", "padded", "none", padded | {"num_samples": lengths[:0]}, "one for each waveform"
    yield "vfgan", "serving_default", "unequal", {"waveform": voice(), "face": face(2)}, "as many of each"
    z = np.zeros((1, 6), np.float32)
    yield "vfgan", "from_z", "unequal", {"face": face(2), "z": z}, "as many of each"
    yield "vfgan", "from_z", "other z", {"face": face(), "z": z[:, :5]}, "z: expected 6 numbers"
    yield "vfgan", "from_z", "z beyond all", {"face": face(), "z": z - 1001}, "z: expected values of"
    yield "vfgan", "from_z", "z not finite", {"face": face(), "z": z * np.nan}, "z: expected finite"
    planes = np.zeros((1, 50, 40, 3), np.float32)
    yield "vfgan", "from_mfsc", "empty", {"mfsc": planes[:, :0]}, "at least one frame"
    yield "vfgan", "from_mfsc", "too long", {"mfsc": np.zeros((1, 4001, 40, 3), np.float32)}, "at most 4000 frames"
    yield "vfgan", "from_mfsc", "other bands", {"mfsc": planes[:, :, :39]}, "expected 40 bands"
    yield "vfgan", "from_mfsc", "beyond all", {"mfsc": planes + 1001}, "mfsc: expected values of"
    yield "vfgan", "from_mfsc", "not finite", {"mfsc": planes + np.inf}, "mfsc: expected finite"
    video = {"waveform": voice()[0], "faces": face(2), "times": np.zeros(2, np.float32)}
    yield "vfgan_video", "serving_default", "unequal", video | {"times": np.zeros(3, np.float32)}, "as many of each"
    times = np.array([0, np.nan], np.float32)
    yield "vfgan_video", "serving_default", "times not finite", video | {"times": times}, "times: expected finite"


CASES = {f"{model} {signature}: {what}": (model, signature, inputs, message)
         for model, signature, what, inputs, message in bad_requests()}  # fmt: skip


@pytest.mark.parametrize("case", list(CASES))
def test_bad_request(signatures, case):
    model, signature, inputs, message = CASES[case]
    function = signatures[1][model, signature]
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        function(**{name: tf.constant(value) for name, value in inputs.items()})


def test_every_signature_with_inputs_is_among_the_cases(signatures):
    there = {key for key, function in signatures[1].items() if function.structured_input_signature[1]}
    assert there == {(model, signature) for model, signature, _, _ in CASES.values()}


def test_what_is_just_inside_is_served(signatures):
    whole = signatures[1]["vfgan", "serving_default"]
    out = whole(waveform=tf.constant(voice(samples=400)), face=tf.constant(face(1, 16, 1024)))
    assert out["generated_face"].shape == (1, 16, 1024, 3)
