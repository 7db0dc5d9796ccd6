"""What the page shows of a job."""

import dataclasses
import shutil

from vfgan.errors import VfganError
from vfgan.studio.inputs import GivenFile, Order, in_own_words
from vfgan.studio.job import Made
from vfgan.studio.results import message, sections


def test_names_cannot_be_markup(made, tmp_path):
    bad = GivenFile(tmp_path / "x.wav", "<img src=x onerror=alert(1)>.wav")
    text = in_own_words(VfganError(f"{bad.path} is silent"), Order(bad, None, "vfgan", 1.0))
    assert "<img" not in message(text)
    step = made[0][0]
    odd = tmp_path / 'a"><b'
    odd.mkdir()
    shutil.copy(step.curve, odd / "curve.png")
    assert "<b/" not in "".join(sections(dataclasses.replace(step, curve=odd / "curve.png")))


def test_sections_are_empty_until_there_is_something(made):
    assert sections(Made()) == ("", "", "", "")
    first, last = sections(made[0][0]), sections(made[0][-1])
    assert [bool(part) for part in first] == [True, False, False, False]
    assert all(last)
    assert "".join(last).count(" download=") == 6
