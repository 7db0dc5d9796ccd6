"""`vfgan serve`: serves SavedModels with TF Serving's gRPC and REST."""

import dataclasses
from pathlib import Path
from typing import Annotated, Literal

import tyro

from vfgan.serving.config import ServeConfig


@dataclasses.dataclass(frozen=True)
class Serve:
    """Serves models until you stop it with Ctrl-C or SIGTERM. Running requests are answered first.

    It starts tensorflow_model_server if that is installed, else an embedded server with the same protocol. gRPC offers
    PredictionService, ModelService and health. REST offers /v1/models/NAME:predict, /metadata and status, and /metrics
    for Prometheus. A new version in a model's folder is served as soon as it is complete. The limits below are those of
    the embedded server; tensorflow_model_server takes only the ports, --request-seconds and --poll-seconds.
    """

    models: Path | None = None
    """Folder of models, such as saved_models. By default the folder that `vfgan generate` uses."""
    models_config: Path | None = None
    """TF Serving's models.config, instead of --models; it may name versions and labels."""
    server: Literal["auto", "embedded", "tensorflow"] = "auto"
    """auto: tensorflow_model_server if it is on PATH, else the embedded server."""
    config: Annotated[ServeConfig, tyro.conf.arg(name="")] = ServeConfig()

    def main(self) -> None:
        """Serves until it is stopped."""
        import logging

        from vfgan.serving.native import find_native

        logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s")
        logging.getLogger("vfgan").setLevel(logging.INFO)
        logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)  # it logs a traceback for each malformed request
        models = self._models()
        if self.server == "tensorflow" or (self.server == "auto" and find_native()):
            self._native(models)
        else:
            import asyncio

            asyncio.run(self._embedded(models))

    def _models(self) -> tuple:
        """Lists the models to serve.

        Raises:
            ConfigError: both --models and --models-config are given, or the list of models cannot be used.
            SchemaError: there is no model.
        """
        from vfgan.errors import ConfigError
        from vfgan.savedmodel.load import models_dir
        from vfgan.serving.model_list import models_of_config, models_of_folder

        if self.models and self.models_config:
            raise ConfigError("--models and --models-config: expected only one of them")
        if self.models_config:
            return models_of_config(self.models_config)
        return models_of_folder(self.models or models_dir())

    def _native(self, models: tuple) -> None:
        from pipelines.console import console
        from vfgan.errors import ConfigError
        from vfgan.serving.native import PROGRAM, not_taken, run_native

        if self.config.host not in ("0.0.0.0", "::"):
            console.print(
                f"{PROGRAM} listens on every network, not only on {self.config.host}; "
                "use --server embedded to restrict it",
                style="yellow",
                highlight=False,
            )
        if options := not_taken(self.config):
            console.print(
                f"{PROGRAM} ignores {', '.join(options)} and has limits of its own; use --server embedded for these",
                style="yellow",
                highlight=False,
            )
        code = run_native(models, self.config)
        if code > 0:
            raise ConfigError(f"{PROGRAM} ended with code {code}; read its last lines above")

    async def _embedded(self, models: tuple) -> None:
        import asyncio
        import signal

        from pipelines.console import console
        from vfgan.config.checks import in_address
        from vfgan.serving.server import serving

        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        async with serving(models, self.config) as server:
            host = in_address(self.config.host)
            names = ", ".join(model.name for model in models)
            console.print(f"serving {names}", highlight=False)
            console.print(f"gRPC {host}:{server.grpc_port}   REST http://{host}:{server.rest_port}", highlight=False)
            await stop.wait()
            console.print("stopping: running requests are answered first", highlight=False)
