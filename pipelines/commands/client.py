"""`vfgan client`: does what `vfgan generate` does, computed by a server."""

import dataclasses

from pipelines.commands.generate import Generate
from vfgan.serving.config import ServeConfig


@dataclasses.dataclass(frozen=True)
class AskServer(Generate):
    """Does what `vfgan generate` does, computed by a server.

    This machine reads the files and writes the result. Only the sound of the voice and the aligned face crops are sent.
    """

    server: str = f"{ServeConfig.host}:{ServeConfig.port}"
    """host:port of the server's gRPC (`vfgan serve`, TF Serving)."""
