"""Converts configurations to plain JSON values and back, and compares them."""

import dataclasses
import hashlib
import json
from typing import TYPE_CHECKING, Any, TypeVar

from vfgan.errors import ConfigError, SchemaError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")


def to_dict(config: Any) -> dict:
    """Converts a configuration to plain JSON values."""
    return json.loads(json.dumps(dataclasses.asdict(config)))


def from_dict(cls: type[T], values: dict, where: str = "") -> T:
    """Restores a configuration from what `to_dict` gave.

    It also reads older versions: those without groups, and those with fields that have been removed. A missing field
    gets its default.

    Raises:
        SchemaError: a field is unknown, because another version wrote it.
    """
    fields = {field.name: field for field in dataclasses.fields(cls)}
    values = getattr(cls, "BEFORE", {}) | _grouped(cls, _without_retired(cls, values, where))
    unknown = sorted(set(values) - set(fields))
    if unknown:
        raise SchemaError(f"{where or cls.__name__}: unknown field {unknown[0]!r}; it was written by another version")
    arguments = {}
    for name, value in values.items():
        kind = _kind(fields[name])
        if isinstance(kind, type) and dataclasses.is_dataclass(kind):
            value = from_dict(kind, value, f"{where}.{name}" if where else name)
        arguments[name] = tuple(value) if isinstance(value, list) else value
    return cls(**arguments)


def with_options(config: T, **options: Any) -> T:
    """Copies a configuration with some fields changed. Fields are named without their group.

    Raises:
        ConfigError: there is no such field.
    """
    groups: dict[str, dict] = {}
    own = {field.name for field in dataclasses.fields(config)}
    home = _homes(type(config))
    for name, value in options.items():
        if name not in own and name not in home:
            raise ConfigError(f"{type(config).__name__} has no option {name!r}")
        groups.setdefault("" if name in own else home[name], {})[name] = value
    changed = groups.pop("", {})
    changed |= {group: dataclasses.replace(getattr(config, group), **values) for group, values in groups.items()}
    return dataclasses.replace(config, **changed)


def _kind(field: dataclasses.Field) -> Any:
    """The type of a field, without its annotations."""
    return getattr(field.type, "__origin__", field.type)


def _homes(cls: type) -> dict[str, str]:
    """Maps the name of each grouped field to its group. Groups are the annotated fields."""
    groups = {field.name: _kind(field) for field in dataclasses.fields(cls) if hasattr(field.type, "__metadata__")}
    return {field.name: group for group, kind in groups.items() for field in dataclasses.fields(kind)}


def _grouped(cls: type, values: dict) -> dict:
    """Puts values of a version without groups into their groups."""
    own = {field.name for field in dataclasses.fields(cls)}
    home = _homes(cls)
    out: dict[str, Any] = {}
    for name, value in values.items():
        if name in own or name not in home:
            out[name] = value
    for name, value in values.items():
        if name not in own and name in home:
            out[home[name]] = {**out.get(home[name], {}), name: value}
    return out


def _without_retired(cls: type, values: dict, where: str) -> dict:
    """Drops fields that have been removed, if they had no effect.

    Raises:
        SchemaError: a removed field had an effect.
    """
    retired: dict[str, Any] = getattr(cls, "RETIRED", {})
    for name, harmless in retired.items():
        if harmless is not None and values.get(name, harmless) != harmless:
            raise SchemaError(
                f"{where or cls.__name__}: {name} is {values[name]!r}, which this version no longer supports; "
                f"use the version of vfgan that wrote it"
            )
    return {name: value for name, value in values.items() if name not in retired}


def first_difference(mine: dict, other: dict, prefix: str = "") -> str | None:
    """Names the first field in which two configurations differ, with both values; None if they are equal.

    >>> first_difference({"a": {"b": 1}}, {"a": {"b": 2}})
    'a.b is 1 here and 2 there'
    """
    for key in sorted(set(mine) | set(other)):
        a, b = mine.get(key), other.get(key)
        if isinstance(a, dict) and isinstance(b, dict):
            found = first_difference(a, b, f"{prefix}{key}.")
            if found:
                return found
        elif a != b:
            return f"{prefix}{key} is {a!r} here and {b!r} there"
    return None


def digest(value: dict) -> str:
    """First 16 hex digits of the SHA-256 of plain JSON values; tells configurations apart."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]
