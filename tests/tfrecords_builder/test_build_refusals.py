"""What a build refuses: another plan, another build, a folder that cannot be written, nothing usable."""

import dataclasses
import fcntl
import shutil

import pytest

from tfrecords_builder.build import build
from vfgan.config.data import BuildConfig
from vfgan.errors import ConfigError, OutputError, SchemaError

pytestmark = pytest.mark.medium

VOICES = BuildConfig(clips_per_shard=4)


def test_another_configuration_is_refused_by_its_field(tmp_path, dataset, heads, build_config, contents):
    out = tmp_path / "copy"
    shutil.copytree(dataset, out)
    before = contents(out)
    config = dataclasses.replace(build_config, mfsc=dataclasses.replace(build_config.mfsc, mel_bands=32))
    with pytest.raises(SchemaError, match=r"another plan: config\.mfsc\.mel_bands is 32 here and 40 there"):
        build([f"ravdess:{heads}"], out, config)
    assert contents(out) == before


def test_a_changed_added_or_removed_input_is_refused_by_name(tmp_path, voices):
    out = tmp_path / "out"
    build([str(voices)], out, VOICES, workers=1)
    added = voices / "03-02-01-01-01-01-01.wav"
    added.write_bytes(b"")
    with pytest.raises(SchemaError, match=rf"another plan: files\.{added} is .* and None there"):
        build([str(voices)], out, VOICES, workers=1)
    added.unlink()
    path = sorted(voices.iterdir())[3]
    target = path.resolve()
    path.unlink()
    with pytest.raises(SchemaError, match=rf"files\.{path} is None here"):
        build([str(voices)], out, VOICES, workers=1)
    path.write_bytes(target.read_bytes() + b"x")
    with pytest.raises(SchemaError, match=rf"files\.{path} is"):
        build([str(voices)], out, VOICES, workers=1)


def test_a_second_build_at_once_is_refused(tmp_path, voices):
    out = tmp_path / "out"
    out.mkdir()
    with open(out / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(OutputError, match="another build is writing there"):
            build([str(voices)], out, VOICES, workers=1)
    assert build([str(voices)], out, VOICES, workers=1)["clips"] == 24


def test_folder_is_locked_while_a_build_runs(tmp_path, voices):
    out, refusals = tmp_path / "out", []

    def progress(done, total, rejected, seconds):
        if done == 3:
            with pytest.raises(OutputError, match="another build is writing there") as caught:
                build([str(voices)], out, VOICES, workers=1)
            refusals.append(caught)

    build([str(voices)], out, VOICES, workers=1, progress=progress)
    assert len(refusals) == 1


@pytest.mark.parametrize("folder", ["file", "file/inside", "/proc/vfgan"])
def test_unwritable_folder_is_refused_before_work(tmp_path, voices, folder):
    (tmp_path / "file").touch()
    ticks = []
    with pytest.raises(OutputError, match="cannot write"):
        build([str(voices)], tmp_path / folder, VOICES, workers=1, progress=lambda *tick: ticks.append(tick))
    assert not ticks


def test_nothing_usable_at_all_is_a_clear_error(tmp_path, corpus_of, rows_of):
    folder = corpus_of({"03-01-01-01-01-01-01.wav": b"", "03-01-02-01-01-01-01.wav": b""})
    with pytest.raises(ConfigError, match=r"not one clip could be used; the first: .*0 bytes.*see rejected\.csv"):
        build([str(folder)], tmp_path / "out", BuildConfig(), workers=1)
    assert len(rows_of(tmp_path / "out" / "rejected.csv")) == 2
    assert not (tmp_path / "out" / "manifest.json").exists()
