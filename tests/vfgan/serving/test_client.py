"""The client: what a server computes is what is computed here, and what goes wrong is said in one line."""

import contextlib
import socket
import threading
import time
from concurrent import futures

import grpc
import numpy as np
import pytest
import soundfile
from tensorflow_serving.apis import get_model_metadata_pb2, predict_pb2, prediction_service_pb2_grpc

from vfgan.errors import SchemaError, ServerError
from vfgan.generate.image import generate_image
from vfgan.generate.video import generate_video
from vfgan.generate.voice_face import VoiceFace
from vfgan.media.images import read_image, write_image
from vfgan.media.video import read_frames
from vfgan.media.video_writer import write_video
from vfgan.serving.client import Client
from vfgan.serving.config import ClientConfig

pytestmark = pytest.mark.medium

QUICK = ClientConfig(attempts=3, first_pause_seconds=0.01, request_seconds=20)


@pytest.fixture(scope="module")
def server(exported, running):
    with running(exported.folder) as server:
        yield server


@pytest.fixture(scope="module")
def client(server):
    with Client(server.address, QUICK) as client:
        yield client


@pytest.fixture(scope="module")
def folder(tmp_path_factory, voice_samples):
    """voice.wav, person.png, person.mp4 (9 frames at 10 fps)."""
    from tfrecords_builder.synthetic.config import SyntheticConfig
    from tfrecords_builder.synthetic.corpus import synthesize

    folder = tmp_path_factory.mktemp("client")
    config = SyntheticConfig(actors=1, statements=1, intensities=(1,), seconds=0.5, workers=1)
    frames = [rgb for _, rgb in read_frames(synthesize(folder / "corpus", config)[0])][:9]
    write_image(folder / "person.png", frames[0])
    write_video(folder / "person.mp4", frames, 10)
    soundfile.write(folder / "voice.wav", voice_samples, 16_000)
    return folder


def test_a_picture_is_that_of_local_generate(exported, client, folder, tmp_path):
    for intensity in (1.0, 1.5):
        local = VoiceFace(exported.folder / "vfgan", intensity=intensity)
        remote = VoiceFace("vfgan", intensity=intensity, load=client.load)
        here = generate_image(local, folder / "voice.wav", folder / "person.png", tmp_path / "here.png")
        there = generate_image(remote, folder / "voice.wav", folder / "person.png", tmp_path / "there.png")
        np.testing.assert_allclose(there.heard.z, here.heard.z, atol=1e-5)
        difference = read_image(tmp_path / "here.png").astype(int) - read_image(tmp_path / "there.png")
        assert np.abs(difference).max() <= 1
        assert np.abs(read_image(tmp_path / "there.png").astype(int) - read_image(folder / "person.png")).max() > 1


def test_a_video_is_that_of_local_generate(exported, client, folder, tmp_path, monkeypatch):
    """Compared before it is encoded: frame by frame to 1/255."""
    from vfgan.generate import video as video_generation

    made = []

    def collect(path, frames, fps, **options):
        made.append(list(frames))

    monkeypatch.setattr(video_generation, "write_video", collect)
    for model in (VoiceFace(exported.folder / "vfgan"), VoiceFace("vfgan", load=client.load)):
        generate_video(model, folder / "voice.wav", folder / "person.mp4", tmp_path / "out.mp4")
    assert len(made[0]) == len(made[1]) == 19
    assert max(np.abs(a.astype(int) - b).max() for a, b in zip(*made)) <= 1


def test_what_a_server_tells(client):
    version, signatures = client.signatures("vfgan")
    assert version == 1
    assert {"serving_default", "padded", "from_z", "windows", "neutral_z", "contract"} <= set(signatures)
    assert client.states("vfgan") == {1: "AVAILABLE"}
    _, card = client.load("vfgan")
    assert card["crop"]["eye_distance"] == 0.36


@pytest.mark.parametrize(
    ("model", "error", "message"),
    [
        ("none", SchemaError, "does not have this model, version or signature: none: Servable not found"),
        ("extractor", SchemaError, "extractor is no generator"),
    ],
)
def test_models_that_cannot_be_used(client, model, error, message):
    with pytest.raises(error, match=message):
        VoiceFace(model, load=client.load)


def test_a_version_that_is_no_longer_served(client):
    loaded, _ = client.load("vfgan")
    loaded.version = 7
    with pytest.raises(SchemaError, match=r"does not have this .*: vfgan 7: .*Specific\(vfgan, 7\)"):
        loaded.signatures["neutral_z"]()


def test_a_model_of_an_older_contract(client):
    load = client.load
    with pytest.raises(SchemaError, match="has no 'crop'; export it again"):
        VoiceFace("vfgan", load=lambda name: (load(name)[0], {}))


def test_a_refused_input_is_said(client):
    with pytest.raises(SchemaError, match="extractor at .* refuses the request: .*at least 400 samples"):
        client.predict("extractor", {"waveform": np.zeros((1, 10), np.float32)})


def test_no_server(monkeypatch):
    from vfgan.serving import client as module

    pauses = []
    monkeypatch.setattr(module.time, "sleep", pauses.append)
    client = Client("127.0.0.1:1", ClientConfig(attempts=4, first_pause_seconds=1.0))
    with client, pytest.raises(ServerError, match=r"no server answers at 127\.0\.0\.1:1 \(4 attempts\): start one"):
        client.states("vfgan")
    assert len(pauses) == 3
    for pause, longest in zip(pauses, (1, 2, 4)):
        assert longest / 2 <= pause <= longest


def test_each_attempt_reaches_for_the_server():
    """gRPC's own pauses between two connections are no longer than the client's."""
    config, reached = ClientConfig(attempts=5, first_pause_seconds=0.15), []

    def close_all():
        with contextlib.suppress(OSError):  # the listener is closed
            while True:
                listener.accept()[0].close()
                reached.append(1)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=close_all)
        thread.start()
        with (
            Client(f"127.0.0.1:{listener.getsockname()[1]}", config) as client,
            pytest.raises(ServerError, match=r"no server answers at .* \(5 attempts\)"),
        ):
            client.states("half")
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(20)
    assert len(reached) >= 4


def test_the_attempts_outlast_a_restart():
    config = ClientConfig()
    pauses = [min(config.longest_pause_seconds, config.first_pause_seconds * 2**k) for k in range(config.attempts - 1)]
    assert 0.75 * sum(pauses) > 10  # on average


def test_the_port_of_rest(server):
    client = Client(server.url.removeprefix("http://"), ClientConfig(attempts=1))
    with client, pytest.raises(ServerError, match="give the port of gRPC"):
        client.states("vfgan")


def test_the_studio_shows_what_it_shows_without_a_server(client, exported, folder, tmp_path):
    """But for the video, which is the test above."""
    from vfgan.savedmodel.load import load_model
    from vfgan.studio.config import StudioConfig
    from vfgan.studio.inputs import GivenFile, Order
    from vfgan.studio.job import Studio

    voice, made = folder / "voice.wav", {}
    order = Order(GivenFile(voice, "voice.wav"), GivenFile(folder / "person.png", "person.png"), "vfgan", 1.2)
    for place, load in (("here", lambda name: load_model(exported.folder / name)), ("there", client.load)):
        (tmp_path / place).mkdir()
        studio = Studio(("vfgan",), {"happy": voice}, StudioConfig(), load)
        steps = studio.make(order, tmp_path / place, lambda share, what: None)
        made[place] = next(step for step in steps if step.emotions)
    for name in ("curve", "picture", "intensities", "emotions"):
        here, there = (read_image(getattr(made[place], name)).astype(int) for place in made)
        assert np.abs(here - there).max() <= 1, name


class Moody(prediction_service_pb2_grpc.PredictionServiceServicer):
    """Refuses so many requests, then answers; or sleeps."""

    def __init__(self, refusals=0, seconds=0.0):
        self.refusals, self.seconds, self.asked = refusals, seconds, 0

    def Predict(self, request, context):
        self.asked += 1
        time.sleep(self.seconds)
        if self.asked <= self.refusals:
            context.abort(grpc.StatusCode.UNAVAILABLE, "busy: 64 requests wait")
        return predict_pb2.PredictResponse()

    def GetModelMetadata(self, request, context):
        return get_model_metadata_pb2.GetModelMetadataResponse()


@pytest.fixture
def moody():
    """moody(**mood) -> (servicer, address)."""
    servers = []

    def start(**mood):
        servers.append(grpc.server(futures.ThreadPoolExecutor(2)))
        servicer = Moody(**mood)
        prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(servicer, servers[-1])
        port = servers[-1].add_insecure_port("127.0.0.1:0")
        servers[-1].start()
        return servicer, f"127.0.0.1:{port}"

    yield start
    for server in servers:
        server.stop(None)


def test_a_busy_server_is_asked_again(moody):
    servicer, address = moody(refusals=2)
    with Client(address, QUICK) as client:
        assert client.predict("vfgan", {}) == {}
    assert servicer.asked == 3


def test_a_server_that_stays_busy(moody):
    servicer, address = moody(refusals=9)
    with Client(address, QUICK) as client, pytest.raises(ServerError, match=r"is busy \(3 attempts\)"):
        client.predict("vfgan", {})
    assert servicer.asked == 3


def test_a_deadline(moody):
    _, address = moody(seconds=1.0)
    with (
        Client(address, ClientConfig(request_seconds=0.1)) as client,
        pytest.raises(ServerError, match=r"did not answer within 0\.1 s"),
    ):
        client.predict("vfgan", {})


def test_what_is_no_tf_serving(moody):
    _, address = moody()
    with Client(address, QUICK) as client, pytest.raises(ServerError, match="does not speak TF Serving's protocol"):
        client.states("vfgan")


def test_generate_with_a_server_on_the_command_line(server, folder, tmp_path, capsys):
    from pipelines.cli import main

    given = ["--voice", str(folder / "voice.wav"), "--face", str(folder / "person.png")]
    assert main(["client", *given, "--out", str(tmp_path / "a.png"), "--server", server.address]) == 0
    assert main(["generate", *given, "--out", str(tmp_path / "b.png"), "--server", server.address]) == 0
    np.testing.assert_array_equal(read_image(tmp_path / "a.png"), read_image(tmp_path / "b.png"))
    assert "heard:" in capsys.readouterr().out
    assert main(["generate", *given, "--out", str(tmp_path / "c.png"), "--server", "127.0.0.1:1"]) == 2
    assert "no server answers" in capsys.readouterr().err


def test_after_close_a_client_says_so(server):
    client = Client(server.address, QUICK)
    assert client.states("vfgan")
    client.close()
    client.close()  # once more is nothing
    with pytest.raises(ServerError, match="was closed: make another Client"):
        client.states("vfgan")
