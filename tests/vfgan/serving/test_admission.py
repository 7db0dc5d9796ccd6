"""How much is taken on at a time."""

import json
import time

import numpy as np
import pytest

from tests.vfgan.serving.blocking import blocked, in_thread
from vfgan.serving.client import Client
from vfgan.serving.config import ClientConfig

ONCE = ClientConfig(attempts=1, request_seconds=20)
ROW = json.dumps({"instances": [1.0]})


def test_what_is_too_many_is_told_so_at_once(toy_models, running):
    with running(toy_models, max_pending=2) as server, Client(server.address, ONCE) as client:
        with blocked(server):
            threads = [in_thread(server.post, ROW) for _ in range(2)]
            server.wait_for_pending(2)
            assert server.post(ROW)[0] == 503
            with pytest.raises(Exception, match=r"is busy \(1 attempts\)"):
                client.predict("half", {"x": np.ones(1, np.float32)})
        for thread, results in threads:
            thread.join()
            assert results == [(200, {"predictions": [3.5]})]
        server.wait_for_pending(0)
        assert server.post(ROW)[0] == 200


def test_all_bodies_together_are_bounded(toy_models, running):
    with running(toy_models, max_pending_mb=0.03) as server:
        body = json.dumps({"instances": [1.0] * 4_000})  # 20 kB
        with blocked(server):
            thread, results = in_thread(server.post, body)
            server.wait_for_pending(1)
            for _ in range(100):
                if server.server.admission.bytes == len(body):
                    break
                time.sleep(0.02)
            assert server.post(body)[0] == 503
        thread.join()
        assert results[0][0] == 200
