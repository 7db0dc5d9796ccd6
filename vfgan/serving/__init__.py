"""Serves SavedModels over gRPC and REST as TF Serving does; a client for both servers.

vfgan.serving.Client    asks a server (vfgan.serving.client)
vfgan.serving.Server    the embedded server (vfgan.serving.server)
"""

import importlib

_HOME = {"Client": "vfgan.serving.client", "Server": "vfgan.serving.server"}

__all__ = ["Client", "Server"]


def __getattr__(name: str):
    if name in _HOME:
        return getattr(importlib.import_module(_HOME[name]), name)
    raise AttributeError(f"module 'vfgan.serving' has no attribute {name!r}")
