"""Checks of configuration values; the unit of servers' limits."""

import typing

from vfgan.errors import ConfigError

MIB = 1024**2


def require(condition: bool, name: str, expected: str, received: object) -> None:
    """Checks the value of an option.

    Raises:
        ConfigError: the condition is false. The message has the name, the expected and the received value.
    """
    if not condition:
        raise ConfigError(f"{name}: expected {expected}, got {received!r}")


def in_address(host: str) -> str:
    """Writes a host as it stands before ":port"; IPv6 addresses get brackets.

    >>> in_address("127.0.0.1"), in_address("::1")
    ('127.0.0.1', '[::1]')
    """
    return f"[{host}]" if ":" in host else host


def require_positive(config: object, *names: str) -> None:
    """Raises a ConfigError for the first of these fields that is not more than 0."""
    for name in names:
        require(getattr(config, name) > 0, name, "more than 0", getattr(config, name))


def require_choices(config: object) -> None:
    """Raises a ConfigError for the first field that is none of the names it may be, a `Literal` or a tuple of them."""
    for name, kind in typing.get_type_hints(type(config)).items():
        of = typing.get_args(kind)[0] if typing.get_origin(kind) is tuple else kind
        if typing.get_origin(of) is typing.Literal:
            value, choices = getattr(config, name), typing.get_args(of)
            for one in value if of is not kind else [value]:
                require(one in choices, name, " or ".join(choices), one)


def require_port(config: object, *names: str) -> None:
    """Raises a ConfigError for the first of these fields that is not a port number; 0 takes a free port."""
    for name in names:
        require(0 <= getattr(config, name) < 65536, name, "0 to 65535", getattr(config, name))
