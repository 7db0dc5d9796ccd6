"""The one family of errors that vfgan raises for what a user can mend.

A message says what was expected, what was received (file, field, value) and how to mend it. The command line
prints a `VfganError` as one line and ends with exit code 2; any other exception is a bug and shows its traceback.
"""


class VfganError(Exception):
    """Something outside the program is not as it should be; the message says what and how to mend it."""


class ConfigError(VfganError):
    """An option or a configuration has a value that cannot be used."""


class MediaError(VfganError):
    """A recording, video or picture cannot be read or does not hold what was expected."""


class NoFaceError(MediaError):
    """No face was found where one is needed."""


class SchemaError(VfganError):
    """A data set, checkpoint or SavedModel is of another version or configuration."""


class OutputError(VfganError):
    """An output cannot be written: no permission, no space, no such folder."""


class ServerError(VfganError):
    """A server is away, busy, too slow, or fails."""


class TrainingDiverged(VfganError):
    """Training produced values that are not finite or can no longer be mended."""


class WorkerLost(VfganError):
    """A training on several machines has lost one of its workers."""
