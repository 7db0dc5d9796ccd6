"""Requests that wait are computed together, and nobody notices but by the time."""

import asyncio
import threading

import numpy as np
import pytest

from vfgan.serving import batcher as module
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
    assert found[2].message == "x: expected more than 0."


def test_a_bug_is_its_clients_error_and_the_worker_goes_on(half):
    found, _ = answers(half, ("both", floats(1)), ("serving_default", floats(2)))  # an input lacks, unchecked
    assert found[0].code.name == "INTERNAL"
    assert float(found[1]["y"][0]) == 4


def test_what_nobody_waits_for_is_not_computed(half):
    requests = [("serving_default", floats(value)) for value in range(4)]
    found, batches = answers(half, *requests, cancel=3)
    assert all(isinstance(answer, asyncio.CancelledError) for answer in found[:3])
    assert float(found[3]["y"][0]) == 4.5
    assert sum(requests for _, requests in batches) <= 2  # the first had been handed to the worker


class TwoWorkers:
    """Two workers, whose computing is done when it is told to be."""

    def __init__(self, half, monkeypatch):
        self.half, self.batches, self._open = half, [], []
        monkeypatch.setattr(module, "_results", self._results)
        self.batcher = Batcher(2, 32, lambda name, rows, requests: None)
        self.tasks = []

    def _results(self, batch):
        gate = threading.Event()
        self._open.append(gate)
        self.batches.append([each.signature.name + str(each.rows) for each in batch])
        assert gate.wait(60)
        return [{} for _ in batch]

    async def ask(self, name, inputs):
        """Asks; then every batch that is due is at work."""
        self.tasks.append(asyncio.create_task(self.batcher.run(self.half, self.half.signature(name), inputs)))
        await self._settle()

    async def finish(self, index):
        """The batch that was the `index`-th to begin is done."""
        self._open[index].set()
        await self._settle()

    async def _settle(self):
        await asyncio.sleep(0.05)

    async def close(self):
        while not all(task.done() for task in self.tasks):
            for gate in self._open:
                gate.set()
            await self._settle()
        self.batcher.close()


def at_two_workers(half, monkeypatch, steps):
    """The batches in the order in which they began, each as the signatures and rows of its requests."""

    async def run():
        workers = TwoWorkers(half, monkeypatch)
        await steps(workers)
        await workers.close()
        assert not workers.batcher._rows_at_work
        return workers.batches

    return asyncio.run(run())


def test_a_second_worker_takes_no_batch_to_pieces(half, monkeypatch):
    async def steps(workers):
        await workers.ask("serving_default", floats(1, 2, 3))
        await workers.ask("serving_default", floats(4))
        await workers.ask("serving_default", floats(5))
        assert len(workers.batches) == 1
        await workers.ask("serving_default", floats(6))  # as many rows wait as are at work
        assert len(workers.batches) == 2
        await workers.ask("serving_default", floats(7))
        await workers.finish(0)
        assert len(workers.batches) == 2  # three rows are still at work
        await workers.finish(1)
        assert len(workers.batches) == 3

    name = "serving_default"
    assert at_two_workers(half, monkeypatch, steps) == [[f"{name}3"], [f"{name}1"] * 3, [f"{name}1"]]


def test_nothing_waits_for_what_it_would_not_be_merged_with(half, monkeypatch):
    """Another signature, what is computed alone, and a request that is larger than a batch."""

    async def steps(workers):
        for begin in (("both", floats(*range(9)) | {"scale": np.ones(9, np.int32)}), ("constant", {})):
            begun = len(workers.batches)
            await workers.ask(*begin)
            await workers.ask("serving_default", floats(1))
            assert len(workers.batches) == begun + 2
            await workers.finish(begun)
            await workers.finish(begun + 1)
        await workers.ask("serving_default", floats(1))
        await workers.ask("constant", {})
        assert len(workers.batches) == 6
        await workers.finish(4)
        await workers.finish(5)
        await workers.ask("serving_default", floats(*range(33)))
        await workers.ask("serving_default", floats(1))
        assert len(workers.batches) == 8

    assert len(at_two_workers(half, monkeypatch, steps)) == 8


@pytest.mark.medium
def test_voices_of_unequal_length_are_merged_by_their_lengths(exported, voice_samples):
    from vfgan.savedmodel.load import find_model

    vfgan = Servable("vfgan", 1, find_model(exported.folder / "vfgan"))
    face = np.random.default_rng(3).integers(0, 256, (1, 40, 40, 3)).astype(np.uint8)

    def request(samples):
        waveform = voice_samples[None, :samples]
        return {"waveform": waveform, "num_samples": np.array([samples], np.int32), "face": face}

    lengths = (8_000, 5_000, 6_500)
    (_, *found), batches = answers(vfgan, *(("padded", request(count)) for count in (9_000, *lengths)))
    assert batches == [(1, 1), (3, 3)]
    for count, answer in zip(lengths, found):
        alone = vfgan.signature("serving_default")({"waveform": voice_samples[None, :count], "face": face})
        assert np.abs(alone["generated_face"].astype(int) - answer["generated_face"]).max() <= 1
        np.testing.assert_allclose(answer["z"], alone["z"], atol=1e-4)


@pytest.mark.medium
def test_merged_faces_are_those_of_each_alone(exported, voice_samples):
    from vfgan.savedmodel.load import find_model

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
