"""Training from a data set that is larger than memory: start, memory, a step, and the input pipeline alone.

python -m benchmarks.streaming DATASET … --gigabytes 20 [--out FOLDER] [--steps 30] [--cache-mib 1024] [--only KIND]

The large data set is made of the records of the given ones: once under other names, then in copies of these shards.
Each training runs in a process of its own, once on the large one and once on the given ones: the extractor on voices,
the emotion CNN at 64 px, the CycleGAN that paints at 64 px and the one that bends at 128 px. Figures: seconds until the
first batch is there, most memory of the process, seconds of a step, and batches a second without a network.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

KINDS = ("extractor", "emotion-cnn", "paint-64", "motion-128")


def main() -> None:
    """Prints a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, default=Path("large"), help="where the large data set is, or is made")
    parser.add_argument("--gigabytes", type=float, default=20.0)
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--cache-mib", type=int, default=1024)
    parser.add_argument("--only", choices=KINDS)
    parser.add_argument("--inside", action="store_true", help="measure here; used by the script itself")
    args = parser.parse_args()
    if args.inside:
        print(json.dumps(measure(args.data, args.only, args.steps, args.cache_mib)))
        return
    if not (args.out / "manifest.json").exists():
        repeat_records(args.data, args.out, args.gigabytes * 1e9)
    print(f"{'':12} {'data':6} {'start s':>8} {'MiB':>7} {'step ms':>8} {'batches/s':>10}  faces, voices")
    for kind in [args.only] if args.only else KINDS:
        for name, folders in (("given", args.data), ("large", [args.out])):
            command = [sys.executable, "-m", "benchmarks.streaming", *map(str, folders), "--inside", "--only", kind]
            command += ["--steps", str(args.steps), "--cache-mib", str(args.cache_mib)]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            row = json.loads(done.stdout.splitlines()[-1])
            print(
                f"{kind:12} {name:6} {row['start']:8.1f} {row['mib']:7.0f} {1000 * row['step']:8.1f} "
                f"{row['batches']:10.1f}  {row['faces']}, {row['voices']}",
                flush=True,
            )


def repeat_records(folders: list[Path], out: Path, size: float) -> None:
    """Writes a data set of at least `size` bytes whose training records are those of others, again and again."""
    import tensorflow as tf

    from vfgan.data.dataset import DataSet
    from vfgan.data.record_index import derive_index, index_path, write_index
    from vfgan.storage.files import digest_file, write_json

    sets, shards, written = [DataSet(folder) for folder in folders], [], 0
    out.mkdir(parents=True, exist_ok=True)
    for number, one in enumerate(sets):
        name = f"train-{number:05d}.tfrecord"
        with tf.io.TFRecordWriter(str(out / name)) as writer:
            for serialized in _serialized(one):
                writer.write(_renamed(serialized, number))
        digest = digest_file(out / name)
        write_index(derive_index(out / name, one.config.mfsc), out / name, digest)
        shards.append({"name": name, "split": "train", "digest": digest})
        written += (out / name).stat().st_size
    while written < size:
        like = shards[len(shards) % len(sets)]
        name = f"train-{len(shards):05d}.tfrecord"
        shutil.copyfile(out / like["name"], out / name)
        shutil.copyfile(index_path(out / like["name"]), index_path(out / name))
        shards.append(like | {"name": name})
        written += (out / name).stat().st_size
    nothing = {"clips": 0, "faces": 0, "actor": {}, "emotion": {}}
    manifest = sets[0].manifest | {"shards": shards, "split_by": {"repeated": "actor"}}
    manifest["counts"] = {"train": nothing | {"clips": 1, "faces": 1}, "validation": nothing, "test": nothing}
    write_json(out / "manifest.json", manifest)


def _serialized(dataset):
    import tensorflow as tf

    for shard in dataset.manifest["shards"]:
        if shard["split"] == "train":
            yield from tf.data.TFRecordDataset(str(dataset.folder / shard["name"])).as_numpy_iterator()


def _renamed(serialized: bytes, number: int) -> bytes:
    import tensorflow as tf

    example = tf.train.Example.FromString(serialized)
    for name in ("clip_id", "actor"):
        value = example.features.feature[name].bytes_list.value
        value[0] = value[0] + f"-{number}".encode() if value[0] else b""
    return example.SerializeToString(deterministic=True)


def measure(folders: list[Path], kind: str, steps: int, cache_mib: int) -> dict:
    """Trains some steps as the commands do, then draws batches alone."""
    import tensorflow as tf

    from vfgan.data.rows import Memory

    tf.zeros(1)  # TensorFlow is loaded before the clock starts
    begin = time.perf_counter()
    make_dataset, make_model, counts = {"extractor": _extractor, "emotion-cnn": _emotion_cnn}.get(kind, _gan)(
        folders, kind, Memory(cache_mib)
    )
    next(iter(make_dataset(0, 1)))
    start = time.perf_counter() - begin
    model = make_model()
    step, seconds = tf.function(model.train_step, reduce_retracing=True), []
    for batch in make_dataset(0, steps):
        begin = time.perf_counter()
        float(next(iter(step(batch).values())))
        seconds.append(time.perf_counter() - begin)
    alone = make_dataset(steps, 5 * steps)
    begin = time.perf_counter()
    count = sum(1 for _ in alone)
    batches = count / (time.perf_counter() - begin)
    mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"start": start, "mib": mib, "step": float(np.median(seconds)), "batches": batches} | counts


def _extractor(folders, _, memory):
    import functools

    import keras

    from vfgan.config.networks import ExtractorConfig
    from vfgan.data.dataset import DataSet
    from vfgan.data.voice_examples import window_dataset
    from vfgan.data.voice_set import load_voices
    from vfgan.models.build import make_extractor
    from vfgan.models.losses import masked_cross_entropy

    dataset, config = DataSet(folders[0]), ExtractorConfig()
    voices, mfsc = load_voices(dataset, ["train"], memory=memory), dataset.config.mfsc

    def model():
        extractor = make_extractor(config, mfsc, config.precision)
        loss = functools.partial(masked_cross_entropy, smoothing=config.label_smoothing)
        extractor.compile(keras.optimizers.AdamW(), loss)
        return extractor

    counts = {"faces": 0, "voices": len(voices)}
    return lambda start, stop: window_dataset(voices, mfsc, config, start, stop), model, counts


def _emotion_cnn(folders, _, memory):
    import keras

    from vfgan.config.networks import FaceClassifierConfig
    from vfgan.data.face_examples import face_dataset
    from vfgan.data.face_set import take_half
    from vfgan.models.build import make_face_classifier

    config = FaceClassifierConfig()
    faces = take_half(_faces(folders, config.size_px, 1, memory).showing, config.half)

    def model():
        network = make_face_classifier(config)
        network.compile(keras.optimizers.AdamW(), keras.losses.CategoricalCrossentropy(from_logits=True))
        return network

    counts = {"faces": len(faces), "voices": 0}
    return lambda start, stop: face_dataset(faces, config, start, stop), model, counts


def _gan(folders, kind, memory):
    from vfgan.config.presets import PRESETS
    from vfgan.config.serialise import with_options
    from vfgan.data.attributes import Attributes
    from vfgan.data.face_set import spread_faces
    from vfgan.data.gan_examples import pair_dataset
    from vfgan.data.motion_examples import displacements, emotion_displacements, motion_dataset, paired_faces
    from vfgan.data.recipes import choose_faces
    from vfgan.models.build import compile_cyclegan, make_cyclegan

    bends = kind == "motion-128"
    config = PRESETS["anyone"] if bends else with_options(PRESETS["small"], projection=False)
    emotion = np.repeat(np.arange(7), 30).astype(np.int32)
    z = np.random.default_rng(0).normal(size=(len(emotion), 32)).astype(np.float32)
    attributes = Attributes(z, emotion, np.ones_like(emotion))
    faces = _faces(folders, config.networks.size_px, config.channels, memory).aligned
    x, y = choose_faces(faces, config)

    def dataset(start, stop):
        if bends:
            return motion_dataset(faces, attributes, config, start, stop)
        return pair_dataset(x, y, attributes, config, start, stop)

    def model():
        network = make_cyclegan(config, z.shape[1], None)
        if bends:
            shapes = np.asarray(spread_faces(faces).landmarks)
            network.g.measure(shapes, emotion_displacements(faces))
            network.f.measure(shapes, displacements(paired_faces(faces)))
        compile_cyclegan(network, config)
        return network

    return dataset, model, {"faces": len(faces), "voices": 0}


def _faces(folders, size_px, channels, memory):
    from vfgan.data.dataset import DataSet
    from vfgan.data.face_set import load_faces, merge_faces

    return merge_faces([load_faces(DataSet(folder), ["train"], size_px, channels, memory) for folder in folders])


if __name__ == "__main__":
    main()
