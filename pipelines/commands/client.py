"""`vfgan client`: what `vfgan generate` does, computed by a server."""

import dataclasses

from pipelines.commands.generate import Generate
from vfgan.serving.config import ServeConfig


@dataclasses.dataclass(frozen=True)
class AskServer(Generate):
    """Shows the emotion of a voice on a face, as `vfgan generate` does, with the model of a server.

    Recording and face are read, and the result is written, on this machine; only the voice's sound and aligned crops of
    the face are sent.
    """

    server: str = f"{ServeConfig.host}:{ServeConfig.port}"
    """host:port of the server's gRPC (`vfgan serve`, TF Serving)."""
