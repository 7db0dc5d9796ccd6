"""An embedded server in a thread, for tests that ask it as a client does."""

import asyncio
import contextlib
import http.client
import json
import threading
import time

import pytest

from vfgan.serving.config import ServeConfig
from vfgan.serving.model_list import models_of_folder


class Running:
    """A server that runs in a thread of its own."""

    def __init__(self, models, config):
        self.models, self.config = models, config
        self._ready, self.error = threading.Event(), None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main()), daemon=True)

    async def _main(self):
        from vfgan.serving.server import serving

        self.loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        try:
            async with serving(self.models, self.config) as self.server:
                self._ready.set()
                await self._stop.wait()
        except Exception as error:  # handed to the test
            self.error = error
        finally:
            self._ready.set()

    def __enter__(self):
        self._thread.start()
        assert self._ready.wait(600)
        if self.error:
            raise self.error
        self.address = f"127.0.0.1:{self.server.grpc_port}"
        self.url = f"http://127.0.0.1:{self.server.rest_port}"
        return self

    def post(self, body, path="/v1/models/half:predict", **headers):
        """Status, and the JSON of the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.rest_port, timeout=20)
        connection.request("POST", path, body, headers)
        response = connection.getresponse()
        status, text = response.status, response.read()
        connection.close()
        return status, json.loads(text)

    def wait_for_pending(self, count, which="requests"):
        """Until so many requests have arrived and wait or are at work; with "_claims" those that arrive count, too."""
        for _ in range(500):
            if getattr(self.server.admission, which) == count:
                return
            time.sleep(0.02)
        pytest.fail(f"{which} of the admission: {getattr(self.server.admission, which)}, expected {count}")

    def stop(self):
        """Tells it to stop, as SIGTERM does."""
        self.loop.call_soon_threadsafe(self._stop.set)

    def call(self, coroutine):
        """Runs a coroutine in the server's loop."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(60)

    def __exit__(self, *_):
        with contextlib.suppress(RuntimeError):  # it has stopped already
            self.stop()
        self._thread.join(60)
        assert not self._thread.is_alive()


@pytest.fixture(scope="session")
def running():
    """running(folder or models, **options of ServeConfig): a context manager."""

    def start(models, **options):
        models = models if isinstance(models, tuple) else models_of_folder(models)
        return Running(models, ServeConfig(**{"port": 0, "rest_api_port": 0, "stop_seconds": 5.0, **options}))

    return start


@pytest.fixture(scope="session")
def toy_models(tmp_path_factory):
    """A folder of models whose answers are known without computing."""
    from tests.vfgan.serving.toy_models import save_all

    return save_all(tmp_path_factory.mktemp("toys"))
