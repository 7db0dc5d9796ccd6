"""Lists which models and versions are served: from a folder of models, or from TF Serving's models.config."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path

from google.protobuf import text_format
from tensorflow_serving.config import model_server_config_pb2

from vfgan.errors import ConfigError, SchemaError


@dataclasses.dataclass(frozen=True)
class ServedModel:
    """A model's name, the folder of its versions, and which of them are served."""

    name: str
    base: Path
    latest: int = 1  #: number of newest versions that are served; 0 serves all
    specific: tuple[int, ...] = ()  #: serve exactly these versions instead
    labels: Mapping[str, int] = dataclasses.field(default_factory=dict)  #: label -> version

    def wanted(self) -> dict[int, Path]:
        """Version -> folder of the versions to serve now, oldest first. Only folders named by numbers count."""
        there = {
            int(path.name): path
            for path in sorted(self.base.glob("*"))
            if path.name.isdecimal() and path.name.isascii() and path.is_dir()
        }
        if self.specific:
            return {version: there[version] for version in sorted(self.specific) if version in there}
        return {version: there[version] for version in sorted(there)[-self.latest :]}  # [-0:] is all


def models_of_folder(folder: Path) -> tuple[ServedModel, ...]:
    """Lists every model in a folder such as saved_models, with its newest version.

    Raises:
        SchemaError: there is none.
    """
    found = [ServedModel(base.name, base) for base in sorted(folder.glob("*")) if base.is_dir()]
    found = [model for model in found if model.wanted()]
    if not found:
        raise SchemaError(f"{folder} holds no models: expected folders such as vfgan/1 with a saved_model.pb")
    return tuple(found)


def models_of_config(path: Path) -> tuple[ServedModel, ...]:
    """Lists the models of a text proto `ModelServerConfig`. Relative paths are relative to its folder.

    Raises:
        ConfigError: it cannot be read, or asks for something that cannot be served.
    """
    try:
        text = path.read_text(encoding="utf-8")
        config = text_format.Parse(text, model_server_config_pb2.ModelServerConfig())
    except (OSError, UnicodeDecodeError, text_format.ParseError) as error:
        raise ConfigError(f"{path} cannot be read as a ModelServerConfig: {error}") from error
    models = tuple(_served(path, entry) for entry in config.model_config_list.config)
    names = [model.name for model in models]
    if not models or len(set(names)) < len(names):
        raise ConfigError(f"{path}: expected model_config_list with models of different names, got {names}")
    return models


def _served(path: Path, entry) -> ServedModel:
    if not entry.name or not entry.base_path:
        raise ConfigError(f"{path}: expected a name and a base_path for every model")
    if entry.model_platform not in ("", "tensorflow"):
        raise ConfigError(f"{path}: {entry.name}: expected model_platform tensorflow, got {entry.model_platform!r}")
    policy, base = entry.model_version_policy, path.parent / entry.base_path
    labels = dict(entry.version_labels)
    if policy.HasField("specific"):
        return ServedModel(entry.name, base, specific=tuple(policy.specific.versions), labels=labels)
    latest = 0 if policy.HasField("all") else policy.latest.num_versions or 1
    return ServedModel(entry.name, base, latest=latest, labels=labels)


def write_models_config(path: Path, models: tuple[ServedModel, ...]) -> None:
    """Writes the list as a file for `tensorflow_model_server --model_config_file`."""
    config = model_server_config_pb2.ModelServerConfig()
    for model in models:
        entry = config.model_config_list.config.add(
            name=model.name, base_path=str(model.base.resolve()), model_platform="tensorflow"
        )
        entry.version_labels.update(model.labels)
        if model.specific:
            entry.model_version_policy.specific.versions.extend(model.specific)
        elif model.latest == 0:
            entry.model_version_policy.all.SetInParent()
        else:
            entry.model_version_policy.latest.num_versions = model.latest
    path.write_text(text_format.MessageToString(config), encoding="utf-8")
