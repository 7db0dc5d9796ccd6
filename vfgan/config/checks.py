"""Checks of configuration values; the unit of servers' limits."""

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


def require_port(config: object, *names: str) -> None:
    """Raises a ConfigError for the first of these fields that is not a port number; 0 takes a free port."""
    for name in names:
        require(0 <= getattr(config, name) < 65536, name, "0 to 65535", getattr(config, name))
