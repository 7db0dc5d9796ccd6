"""Whose files are whose, and that they are removed."""

import os
import subprocess
import sys

import pytest

from vfgan.studio.config import StudioConfig
from vfgan.studio.visitors import MAX_SESSIONS, Visitors


class Clock:
    """Seconds that a test moves on."""

    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def visitors(tmp_path, clock):
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples" / "face.png").write_bytes(b"face")
    return Visitors(tmp_path, tmp_path / "examples", StudioConfig(leave_minutes=5, keep_minutes=60), clock)


def give(visitors, secret, name="a/voice.wav"):
    path = visitors.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"voice")
    visitors.own(secret, path)
    return path


def test_a_file_is_seen_by_its_visitor_only(visitors):
    anna, bert = visitors.enter(), visitors.enter()
    path = give(visitors, anna)
    assert visitors.may_see(anna, path)
    assert not visitors.may_see(bert, path)
    assert not visitors.may_see("nobody", path)
    assert visitors.may_see(anna, path.parent / ".." / "a" / path.name)
    assert not visitors.may_see(anna, "/etc/passwd")
    assert not visitors.may_see(anna, "http://elsewhere/voice.wav")


def test_examples_are_everyone_s(visitors):
    assert visitors.may_see("nobody", visitors.folder / "examples" / "face.png")
    assert not visitors.may_see("nobody", visitors.folder / "examples" / ".." / "a" / "voice.wav")


def test_a_session_belongs_to_who_names_it_first(visitors):
    anna, bert = visitors.enter(), visitors.enter()
    assert visitors.claim(anna, "s1")
    assert visitors.claim(anna, "s1")
    assert not visitors.claim(bert, "s1")


def test_sessions_are_short_and_few(visitors):
    anna, bert = visitors.enter(), visitors.enter()
    assert visitors.claim(anna, "s" * 64)
    assert not visitors.claim(anna, "s" * 65)
    assert visitors.claim(anna, "first")
    for index in range(MAX_SESSIONS - 1):
        assert visitors.claim(anna, "used")  # what is in use is not forgotten
        assert visitors.claim(anna, f"s{index}")
    assert not visitors.claim(bert, "used")
    assert not visitors.claim(bert, f"s{index}")
    assert visitors.claim(bert, "first")


def test_files_go_when_the_visitor_has_left(visitors, clock):
    anna, bert = visitors.enter(), visitors.enter()
    path, other = give(visitors, anna), give(visitors, bert, "b/voice.wav")
    with visitors.page(anna), visitors.page(bert):
        clock.now = 20 * 60
        visitors.sweep()
        assert path.exists()  # the page is open
    clock.now += 4 * 60
    visitors.greet(bert)
    visitors.sweep()
    assert path.exists()  # perhaps the page is loaded again
    clock.now += 2 * 60
    visitors.sweep()
    assert not path.parent.exists()
    assert not visitors.greet(anna)
    assert other.exists()
    assert (visitors.folder / "examples" / "face.png").exists()


def test_a_visitor_is_here_while_a_page_is_open(visitors, clock):
    anna = visitors.enter()
    with visitors.page(anna), visitors.page(anna):
        clock.now = 60
        assert visitors.is_here(anna)
    clock.now = 69
    assert visitors.is_here(anna)  # perhaps the page is loaded again
    clock.now = 71
    assert not visitors.is_here(anna)
    assert not visitors.is_here("nobody")


def test_files_go_after_an_hour_even_while_the_page_is_open(visitors, clock):
    anna = visitors.enter()
    old = give(visitors, anna)
    with visitors.page(anna):
        clock.now = 50 * 60
        young = give(visitors, anna, "b/voice.wav")
        clock.now = 61 * 60
        with visitors.job(anna):
            visitors.sweep()
            assert old.exists()  # something is being made of it
        visitors.sweep()
    assert not old.exists()
    assert not visitors.may_see(anna, old)
    assert young.exists()


def test_what_two_have_sent_stays_until_both_have_left(visitors, clock):
    anna, bert = visitors.enter(), visitors.enter()
    path = give(visitors, anna)
    visitors.own(bert, path)
    clock.now = 6 * 60
    visitors.greet(bert)
    visitors.sweep()
    assert path.exists()
    clock.now = 12 * 60
    visitors.sweep()
    assert not path.exists()


def test_what_nobody_has_owned_goes_when_it_is_old(visitors):
    half = visitors.folder / "tmp1234"
    half.write_bytes(b"half an upload")
    visitors.sweep()
    assert half.exists()
    os.utime(half, (1, 1))
    with visitors.job(visitors.enter()) as folder:
        slow = folder / ".part-1.video.mp4"
        slow.write_bytes(b"half a video")
        os.utime(slow, (1, 1))
        visitors.sweep()
        assert slow.exists()
        assert not half.exists()
    visitors.sweep()
    assert not folder.exists()


def test_full(tmp_path):
    visitors = Visitors(tmp_path, tmp_path / "examples", StudioConfig(max_stored_mb=0.001))
    assert not visitors.is_full
    (tmp_path / "voice.wav").write_bytes(bytes(2000))
    assert visitors.is_full


def test_a_folder_goes_though_somebody_still_writes(tmp_path):
    """A thread writes while the page ends, and after it."""
    script = (
        "import threading, time\n"
        "from vfgan.studio.visitors import folder_of_visitors\n"
        "def write():\n"
        "    end = time.monotonic() + 1.0\n"
        "    while time.monotonic() < end:\n"
        "        try:\n"
        "            (folder / 'late').mkdir(parents=True, exist_ok=True)\n"
        "            (folder / 'late' / f'{time.monotonic()}.txt').write_text('late')\n"
        "        except FileNotFoundError:  # it went in between\n"
        "            pass\n"
        "with folder_of_visitors() as folder:\n"
        "    threading.Thread(target=write).start()\n"
        "    time.sleep(0.3)\n"
    )
    subprocess.run([sys.executable, "-c", script], env={**os.environ, "TMPDIR": str(tmp_path)}, check=True)
    assert not list(tmp_path.iterdir())
