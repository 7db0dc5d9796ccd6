"""The builder on Apache Beam: the same data set as the local workers', resumed alike,
also from and to other machines."""

import dataclasses

import pytest

from tfrecords_builder.build import build
from vfgan.config.data import BuildConfig
from vfgan.data import schema
from vfgan.errors import ConfigError, MediaError, SchemaError
from vfgan.storage.files import read_json
from vfgan.storage.remote import as_path

beam = pytest.importorskip("apache_beam", reason="Apache Beam is not installed: pip install 'vfgan[beam]'")

from tfrecords_builder.on_beam import BeamRunner  # noqa: E402

pytestmark = pytest.mark.medium

VOICES = BuildConfig(clips_per_shard=4)


def records(folder) -> dict[str, dict]:
    """{clip id: everything in its record} of a data set, wherever it lies."""
    import tensorflow as tf

    found = {}
    for shard in read_json(folder / "manifest.json")["shards"]:
        for serialized in tf.data.TFRecordDataset(str(folder / shard["name"])).as_numpy_iterator():
            record = schema.decode(serialized)
            found[record["clip_id"]] = {
                name: value.tobytes() if hasattr(value, "tobytes") else value for name, value in record.items()
            }
    return found


def test_beam_gives_the_bytes_of_local_workers(tmp_path, dataset, heads, build_config, contents):
    ticks = []
    manifest = build(
        [f"ravdess:{heads}"], tmp_path, build_config, runner=BeamRunner("DirectRunner"),
        progress=lambda *tick: ticks.append(tick),
    )  # fmt: skip
    assert contents(tmp_path) == contents(dataset)
    assert ticks[-1][:3] == (24, 24, 0)
    assert ticks[-1][3] == pytest.approx(manifest["seconds_of_sound"], abs=0.1)


def test_finished_shards_are_kept_whoever_made_them(tmp_path, voices, contents):
    out = tmp_path / "out"
    build([str(voices)], out, VOICES, workers=1)
    whole = contents(out)
    shards = sorted(out.glob("*.tfrecord"))
    before = {path.name: path.stat().st_mtime_ns for path in shards}
    shards[0].unlink()
    shards[1].write_bytes(b"damaged")
    build([str(voices)], out, VOICES, runner=BeamRunner("DirectRunner"))
    assert contents(out) == whole
    after = {path.name: path.stat().st_mtime_ns for path in shards}
    assert [name for name in before if after[name] == before[name]] == sorted(before)[2:]


def test_from_and_to_other_machines(corpus_of, heads, build_config, dataset):
    """With copies of inputs, uploads, and errors that name the files which were given."""
    folder = corpus_of({path.name: path for path in heads.rglob("*.mp4")} | {"03-01-05-01-02-01-01.wav": b"RIFF"})
    out = as_path("ram://data/set")
    build([f"ravdess:file://{folder}"], out, build_config, runner=BeamRunner("DirectRunner"))
    assert records(out) == records(dataset)
    rejected = (out / "rejected.csv").read_text()
    assert f"file://{folder}/03-01-05-01-02-01-01.wav cannot be read as audio" in rejected
    assert not list(out.rglob(".part-*"))
    assert not list(out.glob(".todo*"))
    with pytest.raises(SchemaError, match=r"ram://data/set holds .*config\.face_fps is 5.0 here and 4.0 there"):
        build([f"ravdess:file://{folder}"], out, dataclasses.replace(build_config, face_fps=5.0))


def test_strict_stops_with_the_workers_own_error(tmp_path, corpus_of, heads):
    files = {f"03{path.name[2:]}": path for path in heads.rglob("*.mp4")} | {"03-01-01-01-02-01-01.wav": b""}
    folder, out = corpus_of(files), tmp_path / "out"
    with pytest.raises(MediaError, match=r"03-01-01-01-02-01-01\.wav is empty"):
        build([str(folder)], out, VOICES, strict=True, runner=BeamRunner("DirectRunner"))
    assert not (out / "manifest.json").exists()
    assert build([str(folder)], out, VOICES, runner=BeamRunner("DirectRunner"))["rejected"] == 1
    assert not (out / ".failed.json").exists()


@pytest.mark.parametrize(
    ("name", "options", "says"),
    [
        ("CloudRunner", (), "--runner CloudRunner: Unexpected pipeline runner.*DataflowRunner"),
        ("DirectRunner", ("regoin=europe-west4",), "--runner-options: Beam has no option regoin"),
        (
            "DirectRunner",
            ("direct_num_workers=two",),
            "--runner-options: .*_num_workers: invalid int value: 'two'",
        ),
    ],
)
def test_what_beam_does_not_know_is_named(name, options, says):
    with pytest.raises(ConfigError, match=says):
        BeamRunner(name, options)


@pytest.mark.slow
def test_beam_processes_and_local_workers_give_the_same_records(tmp_path, contents):
    """A larger corpus, with bad files in it, by worker processes of Beam's."""
    from tfrecords_builder.synthetic.corpus import SyntheticConfig, synthesize

    corpus = tmp_path / "corpus"
    synthesize(corpus, SyntheticConfig(actors=6, statements=2, size_px=160, seconds=1.0, silence_seconds=0.2))
    paths = sorted(corpus.rglob("*.mp4"))
    paths[5].write_bytes(paths[5].read_bytes()[:2000])
    paths[9].write_bytes(b"")
    config = BuildConfig(clips_per_shard=8)
    build([f"ravdess:{corpus}"], tmp_path / "local", config, workers=2)
    many = BeamRunner("DirectRunner", ("direct_running_mode=multi_processing", "direct_num_workers=2"))
    build([f"ravdess:{corpus}"], tmp_path / "beam", config, runner=many)
    assert contents(tmp_path / "beam") == contents(tmp_path / "local")
    assert len(records(tmp_path / "beam")) == len(paths) - 2
