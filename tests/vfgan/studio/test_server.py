"""What happens when the button is pressed, without a browser."""

import types

import pytest

from vfgan.studio.config import StudioConfig
from vfgan.studio.gate import COOKIE
from vfgan.studio.job import Made
from vfgan.studio.visitors import Visitors

page = pytest.importorskip("vfgan.studio.page", exc_type=ImportError)


class Clock:
    """Seconds that a test moves on."""

    now = 0.0

    def __call__(self):
        return self.now


def test_a_job_ends_when_its_visitor_has_left(tmp_path):
    clock, done = Clock(), []
    visitors = Visitors(tmp_path, tmp_path / "examples", StudioConfig(), clock)
    secret = visitors.enter()

    def make(order, folder, progress):
        for picture in range(10):
            clock.now += 3.0
            progress(picture / 10, "Making the video")
            done.append(picture)
            yield Made()

    run = page._runner(types.SimpleNamespace(make=make), visitors)
    request = types.SimpleNamespace(cookies={COOKIE: secret})

    def press():
        done.clear()
        given = None, None, None, "photo", "vfgan", 1.0
        return [shown[0] for shown in run(*given, request, progress=lambda share, desc: None)]

    with visitors.page(secret):
        assert "Done." in press()[-1]
    assert len(done) == 10
    assert "was closed" in press()[-1]
    assert done == [0, 1, 2]
