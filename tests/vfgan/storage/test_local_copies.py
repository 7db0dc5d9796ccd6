"""Copies of remote files: of what is asked for, no more of it than is allowed."""

import threading

import pytest

from vfgan.errors import MediaError, OutputError
from vfgan.storage import local_copies
from vfgan.storage.files import atomic_path
from vfgan.storage.local_copies import local_copy
from vfgan.storage.remote import as_path


def remote(name, content=b"sound"):
    path = as_path(f"ram://copies/{name}")
    with atomic_path(path) as temporary:
        temporary.write_bytes(content)
    return path


def test_files_of_this_machine_are_not_copied(tmp_path):
    assert local_copy(str(tmp_path / "a.wav")) == tmp_path / "a.wav"


def test_a_copy_stays_until_its_file_changes():
    path = remote("a.wav")
    copy = local_copy(str(path))
    assert (copy.read_bytes(), copy.suffix) == (b"sound", ".wav")
    assert local_copy(path) == copy
    remote("a.wav", b"longer sound")
    assert local_copy(path).read_bytes() == b"longer sound"
    assert not local_copy(as_path("ram://copies/absent.wav")).exists()


def test_the_oldest_copies_go_where_they_are_too_many(monkeypatch):
    monkeypatch.setattr(local_copies, "KEPT_BYTES", 40)
    copies = [local_copy(remote(f"b{index}.wav", b"x" * 10)) for index in range(6)]
    assert [copy.exists() for copy in copies] == [False, False, True, True, True, True]
    assert local_copy(as_path("ram://copies/b0.wav")).read_bytes() == b"x" * 10


def test_threads_do_not_share_copies():
    path, copies = remote("c.wav"), [local_copy(remote("c.wav"))]
    thread = threading.Thread(target=lambda: copies.append(local_copy(path)))
    thread.start()
    thread.join()
    assert copies[0] != copies[1]


def test_what_is_too_large_or_out_of_reach_is_named(monkeypatch):
    monkeypatch.setattr(local_copies, "MAX_BYTES", 3)
    with pytest.raises(MediaError, match=r"ram://copies/d\.wav has .* GB: expected at most"):
        local_copy(remote("d.wav"))
    with pytest.raises(OutputError, match=r"nowhere://d\.wav cannot be copied to .*'nowhere' not implemented"):
        local_copy("nowhere://d.wav")
