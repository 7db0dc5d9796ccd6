"""A data set on disk: its manifest, configuration, records and digests."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vfgan.config.data import BuildConfig
from vfgan.config.serialise import from_dict
from vfgan.data import schema
from vfgan.data.record_index import RecordIndex, find_index, join_indices
from vfgan.errors import MediaError, SchemaError
from vfgan.storage.files import digest_file, read_json
from vfgan.storage.remote import AnyPath, RemotePath, as_path, first_line

if TYPE_CHECKING:
    import pandas

    from vfgan.data.split import Split


class DataSet:
    """A folder made by `tfrecords_builder`.

    Args:
        folder: holds manifest.json and the shards; also on another machine: gs://, s3://, az://, http://.
    Raises:
        SchemaError: it is no data set, not finished, or of another version.
        MediaError: its store cannot be reached.
    """

    def __init__(self, folder: AnyPath):
        self.folder = as_path(folder)
        if not _is_there(self.folder / "manifest.json"):
            away = " or cannot be reached" if isinstance(self.folder, RemotePath) else ""
            raise SchemaError(
                f"{self.folder} holds no finished data set (no manifest.json){away}: run `vfgan build` first"
            )
        self.manifest = read_json(self.folder / "manifest.json")
        version = self.manifest.get("schema_version")
        if version != schema.VERSION:
            raise SchemaError(
                f"{self.folder}/manifest.json: schema_version is {version}, this vfgan reads {schema.VERSION}; "
                f"build the data set again: vfgan build --in SOURCE:FOLDER --out {self.folder}-{schema.VERSION}"
            )
        self.config = from_dict(BuildConfig, self.manifest["config"], "manifest.config")
        self._indices: dict[str, RecordIndex] = {}
        self._splits: dict[str, Split] = {}

    def index(self, splits: Sequence[str]) -> RecordIndex:
        """What is light of every clip of some splits, and where the rest lies. Each index is read once.

        Raises:
            SchemaError: a shard is missing, damaged, or not the one that the manifest describes.
        """
        chosen = [shard for shard in self.manifest["shards"] if shard["split"] in splits]
        for shard in chosen:
            if shard["name"] not in self._indices:
                path = self._path(shard)
                self._indices[shard["name"]] = find_index(path, shard["digest"], self.config.mfsc)
        return join_indices([self._indices[shard["name"]] for shard in chosen], self.config.mfsc)

    def _path(self, shard: dict) -> Path | RemotePath:
        path = self.folder / shard["name"]
        if not _is_there(path):
            raise SchemaError(f"{path} is missing: build the data set again")
        return path

    def records(self, splits: Sequence[str]) -> Iterator[dict]:
        """The records of some splits, one dictionary a clip (`vfgan.data.schema`).

        Raises:
            SchemaError: a shard is missing, damaged, or a record is of another version.
        """
        import tensorflow as tf

        for shard in self.manifest["shards"]:
            if shard["split"] in splits:
                path = self._path(shard)
                try:
                    for serialized in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
                        yield schema.decode(serialized)
                except tf.errors.DataLossError as error:
                    raise SchemaError(f"{path} is damaged: {error.message}; build the data set again") from error
                except tf.errors.OpError as error:  # a store that has gone
                    raise MediaError(
                        f"{path} cannot be read: {first_line(error)}; run the same command again"
                    ) from error

    def verify(self) -> None:
        """Compares every shard with its digest.

        Raises:
            SchemaError: one is missing or differs.
        """
        for shard in self.manifest["shards"]:
            path = self.folder / shard["name"]
            if not path.is_file() or digest_file(path) != shard["digest"]:
                raise SchemaError(f"{path} is not what the manifest describes: build the data set again")

    @property
    def train(self) -> "Split":
        """What networks learn from."""
        return self._split("train")

    @property
    def validation(self) -> "Split":
        """What is looked at while they learn."""
        return self._split("validation")

    @property
    def test(self) -> "Split":
        """What they are measured on."""
        return self._split("test")

    def _split(self, name: str) -> "Split":
        from vfgan.data.split import Split

        return self._splits.setdefault(name, Split(self, name))

    def table(self) -> "pandas.DataFrame":
        """A row a clip: clip_id, split, corpus, actor, emotion, intensity, …, seconds, faces, notes, files.

        Raises:
            SchemaError: dataset.csv, which `vfgan build` writes, is missing.
        """
        import pandas

        path = self.folder / "dataset.csv"
        if not path.is_file():
            raise SchemaError(f"{path} is missing: build the data set again")
        texts = ("clip_id", "split", "corpus", "actor", "emotion", "channel", "modality", "notes", "files")
        table = pandas.read_csv(path, dtype=dict.fromkeys(texts, str), keep_default_na=False, na_values={
            "mean_mouth_opening": [""],
        })  # fmt: skip
        return table.astype({"mean_mouth_opening": float})


def load_dataset(folder: str | Path) -> DataSet:
    """Opens a data set that `vfgan build` has made.

    Returns:
        `DataSet`: `.train`, `.validation` and `.test` give batches for Keras (`vfgan.data.split.Split`), `.table()` a
        row a clip.
    Raises:
        SchemaError: it is no data set, not finished, or of another version.
    """
    return DataSet(folder)


def _is_there(path: Path | RemotePath) -> bool:
    """Whether there is such a file.

    Raises:
        MediaError: its store cannot be reached.
    """
    try:
        return path.is_file()
    except OSError as error:
        raise MediaError(f"{path} cannot be reached: {error}; run the same command again") from error
