"""Requests that wait are computed together, and nobody notices but by the time."""

import asyncio
import threading

import numpy as np
import pytest

from vfgan.serving.batcher import Batcher
from vfgan.serving.failures import RequestFailed
from vfgan.serving.servable import Servable


@pytest.fixture(scope="module")
def half(toy_models):
    return Servable("half", 2, toy_models / "half" / "2")


def floats(*values):
    return {"x": np.array(values, np.float32)}


class Gate:
    """Holds the only worker until all requests have come, so that what is merged does not depend on time."""

    def __init__(self, half, count, max_rows=32):
        self.batches, self._open, self._half, self._count = [], threading.Event(), half, count
        self.batcher = Batcher(1, max_rows, lambda name, rows, requests: self.batches.append((rows, requests)))

    async def run(self, *requests):
        """The answers (or errors) of (signature name, inputs)."""
        self.batcher._threads.submit(self._open.wait)
        waiting = [
            asyncio.create_task(self.batcher.run(self._half, self._half.signature(name), inputs))
            for name, inputs in requests
        ]
        await asyncio.sleep(0)
        for task in waiting[: self._count]:
            task.cancel()
        self._open.set()
        answers = await asyncio.gather(*waiting, return_exceptions=True)
        self.batcher.close()
        return answers


def answers(half, *requests, cancel=0, max_rows=32):
    gate = Gate(half, cancel, max_rows)
    return asyncio.run(gate.run(*requests)), gate.batches


def test_what_waits_for_one_signature_is_computed_together(half):
    requests = [("serving_default", floats(value, -value)) for value in range(5)]
    found, batches = answers(half, *requests)
    for value, answer in enumerate(found):
        np.testing.assert_array_equal(answer["y"], [value / 2 + 3, -value / 2 + 3])
    assert batches == [(2, 1), (8, 4)]  # the first does not wait for others


def test_no_batch_is_larger_than_allowed(half):
    _, batches = answers(half, *[("serving_default", floats(1, 2, 3))] * 5, max_rows=7)
    assert batches == [(3, 1), (6, 2), (6, 2)]


def test_one_row_at_most_is_no_batching(half):
    _, batches = answers(half, *[("serving_default", floats(1))] * 4, max_rows=1)
    assert batches == [(1, 1)] * 4


def test_signatures_are_not_mixed(half):
    both = floats(5) | {"scale": np.array([2], np.int32)}
    requests = [("serving_default", floats(1)), ("both", both), ("serving_default", floats(2)), ("both", both)]
    found, batches = answers(half, ("constant", {}), *requests)
    assert [float(answer["y"][0]) for answer in (found[1], found[3])] == [3.5, 4.0]
    assert [float(answer["product"][0]) for answer in (found[2], found[4])] == [10.0, 10.0]
    assert sorted(batches) == [(1, 1), (2, 2), (2, 2)]


def test_what_one_request_does_wrong_is_its_own(half):
    """Together they fail; then each is computed alone."""
    requests = [("positive", floats(value)) for value in (1, 2, -1, 4)]
    found, batches = answers(half, *requests)
    assert batches == [(1, 1), (3, 3)]
    assert [float(found[index]["y"][0]) for index in (0, 1, 3)] == [1, 2, 4]
    assert isinstance(found[2], RequestFailed)
    assert found[2].code.name == "INVALID_ARGUMENT"
    assert found[2].message.startswith("assertion failed: [x: expected more than 0")


def test_a_bug_is_an_error_for_its_client_and_the_worker_goes_on(half):
    found, _ = answers(half, ("both", floats(1)), ("serving_default", floats(2)))  # an input lacks, unchecked
    assert found[0].code.name == "INTERNAL"
    assert float(found[1]["y"][0]) == 4


def test_what_nobody_waits_for_is_not_computed(half):
    requests = [("serving_default", floats(value)) for value in range(4)]
    found, batches = answers(half, *requests, cancel=3)
    assert all(isinstance(answer, asyncio.CancelledError) for answer in found[:3])
    assert float(found[3]["y"][0]) == 4.5
    assert sum(requests for _, requests in batches) <= 2  # the first had been handed to the worker


def test_which_signatures_may_be_merged(exported):
    """The first dimension of everything is the batch; a video and a voice's windows are not rows."""
    from vfgan.saved import find_model

    batchable = {
        (name, key)
        for name in ("vfgan", "vfgan_video", "extractor", "emotion_cnn")
        for key, signature in Servable(name, 1, find_model(exported.folder / name)).signatures.items()
        if signature.batchable
    }
    assert batchable == {
        ("vfgan", "serving_default"), ("vfgan", "padded"), ("vfgan", "from_z"), ("extractor", "serving_default"),
        ("extractor", "padded"), ("emotion_cnn", "serving_default"),
    }  # fmt: skip


def test_merged_faces_are_those_of_each_alone(exported, voice_samples):
    from vfgan.saved import find_model

    servable = Servable("vfgan", 1, find_model(exported.folder / "vfgan"))
    signature, random = servable.signature(""), np.random.default_rng(5)
    requests = [
        {
            "waveform": voice_samples[None, 1_000 * index : 1_000 * index + 20_000],
            "face": random.integers(0, 256, (1, 40, 48, 3)).astype(np.uint8),
        }
        for index in range(4)
    ]

    async def together():
        batches = []
        batcher = Batcher(1, 32, lambda name, rows, requests: batches.append(requests))
        found = await asyncio.gather(*(batcher.run(servable, signature, inputs) for inputs in requests))
        batcher.close()
        return found, batches

    found, batches = asyncio.run(together())
    assert batches == [1, 3]
    for inputs, answer in zip(requests, found):
        alone = signature(inputs)
        difference = answer["generated_face"].astype(int) - alone["generated_face"]
        assert np.abs(difference).max() <= 1
        np.testing.assert_allclose(answer["z"], alone["z"], atol=1e-4)
