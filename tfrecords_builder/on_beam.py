"""Builds shards with Apache Beam: the function of the local workers, on as many machines as Beam's runner has.

The process that starts the build makes the plan before and writes the tables after. A worker only reads and writes
files. It gets a line of JSON that describes a shard, and writes the shard and its description into the data set's
folder. Finished shards there are kept, whoever made them.
"""

import contextlib
import dataclasses
import io
import json
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from tfrecords_builder.clip import Clip
from tfrecords_builder.shards import Shard, build_shard
from tfrecords_builder.workers import Progress
from vfgan import errors
from vfgan.config.data import BuildConfig
from vfgan.errors import ConfigError, OutputError, SchemaError, VfganError
from vfgan.storage.files import read_json, write_json, write_text
from vfgan.storage.remote import as_path

_TODO, _FAILED = ".todo.jsonl", ".failed.json"
_LOOK_EVERY_SECONDS = 5.0


class BeamRunner:
    """A runner of Apache Beam with its options.

    Args:
        name: DirectRunner, DataflowRunner, FlinkRunner, SparkRunner, …
        options: Beam's own options, `name=value` or `name` alone, such as region=europe-west4.
    Raises:
        ConfigError: Beam is not installed, or does not know the runner or an option.
    """

    def __init__(self, name: str, options: Sequence[str] = ()):
        try:
            from apache_beam.options.pipeline_options import PipelineOptions
            from apache_beam.runners import create_runner
        except ImportError as error:
            raise ConfigError(f"--runner {name} needs Apache Beam ({error}): pip install 'vfgan[beam]'") from error
        if name in ("DirectRunner", "direct"):
            name = "FnApiRunner"  # DirectRunner's fallback, which needs no download of Beam's Go runner
        said = io.StringIO()
        try:
            with contextlib.redirect_stderr(said):  # pages of options
                self._options = PipelineOptions([f"--runner={name}", *(f"--{option}" for option in options)])
                given = self._options.get_all_options(drop_default=True, retain_unknown_options=True)
            create_runner(name)
        except (ValueError, ImportError, AttributeError) as error:
            raise ConfigError(f"--runner {name}: {error}") from error
        except SystemExit as error:
            raise ConfigError(f"--runner-options: {said.getvalue().strip().rpartition('error: ')[2]}") from error
        unknown = sorted(set(given) - set(self._options.get_all_options(drop_default=True)))
        if unknown:
            raise ConfigError(f"--runner-options: Beam has no option {', '.join(unknown)}")
        self._name = name

    def run_shards(
        self, shards: list[Shard], config: BuildConfig, out: Path, *, strict: bool, progress: Progress
    ) -> list[dict]:
        """Does what `tfrecords_builder.workers.run_shards` does. With `strict`, started shards are finished.

        Raises:
            VfganError: a worker's error.
            OutputError: the runner gave up.
        """
        (out / _FAILED).unlink(missing_ok=True)
        write_text(out / _TODO, "".join(f"{json.dumps(dataclasses.asdict(shard))}\n" for shard in shards))
        with _watched(shards, out, progress):
            state = self._run(out, config, strict)
        if (out / _FAILED).exists():
            failed = read_json(out / _FAILED)
            raise getattr(errors, failed["error"])(failed["message"])
        if state != "DONE":
            raise OutputError(f"{self._name} ended as {state}: see its log; run the same command again to resume")
        (out / _TODO).unlink()
        return [read_json(out / "shards" / f"{shard.name}.json") for shard in shards]

    def _run(self, out: Path, config: BuildConfig, strict: bool) -> str:
        """Runs the pipeline; returns its final state."""
        import apache_beam as beam

        pipeline = beam.Pipeline(options=self._options)
        _ = (
            pipeline
            | "plan" >> beam.Create([str(out / _TODO)])
            | "shards" >> beam.FlatMap(_lines)
            | "share out" >> beam.Reshuffle()
            | "build" >> beam.Map(_work, config=config, out=str(out), strict=strict)
        )
        result = pipeline.run()
        try:
            return result.wait_until_finish()
        except BaseException:
            result.cancel()  # so that an interrupted build costs nothing
            raise


def _lines(path: str) -> list[str]:
    return as_path(path).read_text(encoding="utf-8").splitlines()


def _work(line: str, config: BuildConfig, out: str, strict: bool) -> None:
    """Builds one shard. The first error that a user can fix stops the others; the main process raises it.

    Beam would retry a shard with such an error again and again, and wrap the error in its own.
    """
    about, folder = json.loads(line), as_path(out)
    if (folder / _FAILED).exists():
        return
    shard = Shard(about["name"], about["split"], tuple(Clip(**clip) for clip in about["clips"]))
    try:
        build_shard(shard, config, folder, strict, lambda *_: None)
    except VfganError as error:
        write_json(folder / _FAILED, {"error": type(error).__name__, "message": str(error)})


@contextlib.contextmanager
def _watched(shards: list[Shard], out: Path, progress: Progress) -> Iterator[None]:
    """Reports progress from the descriptions of finished shards, the only progress that every runner shows."""
    over = threading.Event()
    thread = threading.Thread(target=_watch, args=(shards, out, progress, over), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _watch(shards: list[Shard], out: Path, progress: Progress, over: threading.Event) -> None:
    waiting = {f"{shard.name}.json": len(shard.clips) for shard in shards}
    total = sum(waiting.values())
    done = 0
    rejected = 0
    seconds = 0.0
    last = False
    while not last:
        last = over.wait(_LOOK_EVERY_SECONDS)
        folder = out / "shards"
        for path in [path for path in folder.iterdir() if path.name in waiting] if folder.is_dir() else []:
            try:
                rows = read_json(path)["rows"]
            except SchemaError:  # cut off by a power failure: its shard is built again
                continue
            clips = waiting.pop(path.name)
            done, rejected = done + clips, rejected + clips - len(rows)
            seconds += sum(row["seconds"] for row in rows)
            progress(done, total, rejected, seconds)
