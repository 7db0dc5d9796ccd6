"""Checks of configuration values, and the units of servers' limits."""

from vfgan.errors import ConfigError

MIB = 1024**2


def require(condition: bool, name: str, expected: str, received: object) -> None:
    """Checks a value of a configuration.

    Raises:
        ConfigError: it cannot be used; the message has its name, what was expected and what was received.
    """
    if not condition:
        raise ConfigError(f"{name}: expected {expected}, got {received!r}")


def in_address(host: str) -> str:
    """A host as it stands before ":port".

    >>> in_address("127.0.0.1"), in_address("::1")
    ('127.0.0.1', '[::1]')
    """
    return f"[{host}]" if ":" in host else host


def require_positive(config: object, *names: str) -> None:
    """Raises a ConfigError for the first of some fields that is not more than 0."""
    for name in names:
        require(getattr(config, name) > 0, name, "more than 0", getattr(config, name))


def require_port(config: object, *names: str) -> None:
    """Raises a ConfigError for the first of some fields that is no port; 0 is any free one."""
    for name in names:
        require(0 <= getattr(config, name) < 65536, name, "0 to 65535", getattr(config, name))
