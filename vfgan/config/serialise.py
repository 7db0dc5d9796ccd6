"""Configurations as plain JSON values, and back; comparing them and telling them apart."""

import dataclasses
import hashlib
import json
from typing import Any, TypeVar

from vfgan.errors import SchemaError

T = TypeVar("T")


def to_dict(config: Any) -> dict:
    """A configuration as plain JSON values."""
    return json.loads(json.dumps(dataclasses.asdict(config)))


def from_dict(cls: type[T], values: dict, where: str = "") -> T:
    """A configuration from what `to_dict` gave.

    Raises:
        SchemaError: a field is unknown (another version wrote it); a missing one gets its default.
    """
    fields = {field.name: field for field in dataclasses.fields(cls)}
    unknown = sorted(set(values) - set(fields))
    if unknown:
        raise SchemaError(f"{where or cls.__name__}: unknown field {unknown[0]!r}; it was written by another version")
    arguments = {}
    for name, value in values.items():
        kind = fields[name].type
        if dataclasses.is_dataclass(kind):
            value = from_dict(kind, value, f"{where}.{name}" if where else name)
        arguments[name] = tuple(value) if isinstance(value, list) else value
    return cls(**arguments)


def first_difference(mine: dict, other: dict, prefix: str = "") -> str | None:
    """Names the first field in which two configurations differ, with both values, or None.

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
    """Short SHA-256 of plain JSON values, for telling configurations apart."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]
