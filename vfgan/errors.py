"""The errors that vfgan raises for mistakes that a user can fix.

A message says what was expected, what was received (file, field, value) and how to fix it. The command line prints a
`VfganError` as one line and ends with exit code 2. Any other exception is a bug and shows its traceback.
"""


class VfganError(Exception):
    """A problem outside the program; the message says what it is and how to fix it."""


class ConfigError(VfganError):
    """An option or a configuration has an invalid value."""


class MediaError(VfganError):
    """A recording, video or picture cannot be read, or lacks what was expected."""


class NoFaceError(MediaError):
    """No face was found where one is needed."""


class SchemaError(VfganError):
    """A data set, checkpoint or SavedModel is of another version or configuration."""


class OutputError(VfganError):
    """An output cannot be written: no permission, no space, no such folder."""


class ServerError(VfganError):
    """A server is down, busy, too slow, or fails."""


class TrainingDiverged(VfganError):
    """A training produced NaN or infinite values, or a fault that the guard cannot repair."""


class WorkerLost(VfganError):
    """A training on several machines has lost one of its workers."""
