"""Versions come and go while requests are answered."""

import asyncio
import json
import shutil
import threading
import time
import urllib.request

import numpy as np
import pytest
import tensorflow as tf

from tests.vfgan.serving.toy_models import Half, save
from vfgan.errors import SchemaError
from vfgan.serving.failures import RequestFailed
from vfgan.serving.model_list import ServedModel, models_of_folder
from vfgan.serving.models import Models


@pytest.fixture
def base(toy_models, tmp_path):
    """half/1 in a folder of its own."""
    shutil.copytree(toy_models / "half" / "1", tmp_path / "half" / "1")
    return tmp_path / "half"


def loop(models, *steps):
    """Starts, then does each step and looks at the folder again; what the newest version adds, after each."""

    async def run():
        await models.start()
        found = [added(models)]
        for step in steps:
            step()
            await models.refresh()
            found.append(added(models))
        return found

    found = asyncio.run(run())
    models.close()
    return found


def added(models):
    servable = models.find("half")
    return servable.version, float(servable.signature("")({"x": np.zeros(1, np.float32)})["y"][0])


def test_a_new_version_takes_over_and_goes_back(base, toy_models):
    models = Models(models_of_folder(base.parent))
    found = loop(
        models,
        lambda: shutil.copytree(toy_models / "half" / "2", base / "2"),
        lambda: shutil.rmtree(base / "2"),
    )
    assert found == [(1, 2.0), (2, 3.0), (1, 2.0)]
    assert {version: state.state for version, state in models.states("half").items()} == {2: "END", 1: "AVAILABLE"}


def test_a_version_that_is_half_copied_waits_until_it_is_whole(base, toy_models):
    whole, half = toy_models / "half" / "2", base / "2"

    def begin():
        (half / "variables").mkdir(parents=True)
        shutil.copy(whole / "saved_model.pb", half)

    models = Models(models_of_folder(base.parent))
    seen = []
    found = loop(
        models,
        begin,
        lambda: seen.append((models.states("half")[2].state, models.states("half")[2].error)),
        lambda: shutil.copytree(whole / "variables", half / "variables", dirs_exist_ok=True),
    )
    assert found == [(1, 2.0), (1, 2.0), (1, 2.0), (2, 3.0)]
    assert seen[0][0] == "END"
    assert "cannot be loaded" in seen[0][1]


def test_a_version_that_stays_broken_is_tried_once(base, monkeypatch):
    from vfgan.serving import models as module

    tried, load = [], module.Servable
    monkeypatch.setattr(
        module, "Servable", lambda name, version, folder: tried.append(version) or load(name, version, folder)
    )

    def broken():
        (base / "2").mkdir()
        (base / "2" / "saved_model.pb").write_bytes(b"garbage")

    assert loop(Models(models_of_folder(base.parent)), broken, lambda: None, lambda: None)[-1] == (1, 2.0)
    assert tried == [1, 2]


def test_a_version_that_could_not_be_loaded_is_tried_again(base, toy_models, monkeypatch):
    """Its files are the same: memory may have been short, or a disc away."""
    from vfgan.serving import models as module

    load, short = module.Servable, [True]

    def try_to_load(name, version, folder):
        if version == 2 and short:
            raise SchemaError("no memory")
        return load(name, version, folder)

    monkeypatch.setattr(module, "Servable", try_to_load)
    models = Models(models_of_folder(base.parent))
    found = loop(
        models,
        lambda: shutil.copytree(toy_models / "half" / "2", base / "2"),
        short.clear,
        lambda: monkeypatch.setattr(module, "_RETRY_SECONDS", 0.0),
    )
    assert found == [(1, 2.0), (1, 2.0), (1, 2.0), (2, 3.0)]
    assert models.states("half")[2].error == ""


def test_a_folder_that_has_gone_leaves_what_is_served(base):
    assert loop(Models(models_of_folder(base.parent)), lambda: shutil.rmtree(base)) == [(1, 2.0), (1, 2.0)]


def test_a_warm_up_request_that_fails_keeps_a_version_out(base):
    warmup = base / "1" / "assets.extra" / "tf_serving_warmup_requests"
    warmup.parent.mkdir(exist_ok=True)
    with tf.io.TFRecordWriter(str(warmup)) as writer:
        writer.write(b"no PredictionLog")
    with pytest.raises(SchemaError, match="a warm-up request fails"):
        loop(Models(models_of_folder(base.parent)))


def test_nothing_to_serve(tmp_path):
    with pytest.raises(SchemaError, match="holds no models"):
        models_of_folder(tmp_path)
    with pytest.raises(SchemaError, match="holds no version of half"):
        loop(Models((ServedModel("half", tmp_path),)))


def test_a_label_follows_its_version(base):
    models = Models((ServedModel("half", base, labels={"stable": 1}),))

    async def run():
        await models.start()
        assert models.find("half", label="stable").version == 1
        with pytest.raises(RequestFailed, match="Unrecognized servable version label: x"):
            models.find("half", label="x")

    asyncio.run(run())
    models.close()


@pytest.mark.medium
def test_no_request_is_dropped_while_versions_change(base, toy_models, running):
    """Eight clients ask without a pause while a version comes and goes."""
    with running(base.parent, poll_seconds=0.05) as server:
        stop, answers, failures = threading.Event(), set(), []

        def ask():
            while not stop.is_set():
                try:
                    request = urllib.request.Request(f"{server.url}/v1/models/half:predict", b'{"instances": [0.0]}')
                    with urllib.request.urlopen(request, timeout=10) as response:
                        answers.add(json.loads(response.read())["predictions"][0])
                except OSError as error:
                    failures.append(error)

        clients = [threading.Thread(target=ask) for _ in range(8)]
        for client in clients:
            client.start()

        def wait_for(version):
            for _ in range(400):
                if server.server.models.find("half").version == version:
                    return
                time.sleep(0.02)
            pytest.fail(f"version {version} is not served")

        wait_for(1)
        save(Half(5), base / ".2")
        (base / ".2").rename(base / "2")
        wait_for(2)
        shutil.rmtree(base / "2")
        wait_for(1)
        stop.set()
        for client in clients:
            client.join()
    assert not failures
    assert answers == {2.0, 5.0}


@pytest.mark.medium
def test_an_old_version_leaves_memory(base, toy_models):
    import gc
    import weakref

    models = Models(models_of_folder(base.parent))
    seen = []

    async def run():
        await models.start()
        seen.append(weakref.ref(models.find("half")))
        shutil.copytree(toy_models / "half" / "2", base / "2")
        await models.refresh()

    asyncio.run(run())
    models.close()
    gc.collect()
    assert seen[0]() is None
