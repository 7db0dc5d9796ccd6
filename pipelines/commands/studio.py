"""`vfgan studio`: serves the page in the browser."""

import dataclasses
from collections.abc import Callable
from typing import Annotated

import tyro

from vfgan.studio.config import StudioConfig


@dataclasses.dataclass(frozen=True)
class OpenStudio:
    """Serves one page: give a voice and a face, press one button, see the results.

    The results are the emotion over time, the face, strips over strength and emotions, and the video. The studio needs
    an extra: pip install '.[studio]'. The page loads nothing from elsewhere. Only this machine can reach it, unless
    --host says otherwise. Visitors see only their own files, which are removed later.
    """

    models: tuple[str, ...] = ()
    """Generators on offer: names in saved_models, or folders of SavedModels. The first one is preselected. By default
    all."""
    server: str = ""
    """host:port of a server's gRPC (`vfgan serve`, TF Serving), which computes instead of this machine."""
    config: Annotated[StudioConfig, tyro.conf.arg(name="")] = StudioConfig()

    def main(self) -> None:
        """Makes the examples, loads the models and serves the page."""
        import logging

        from pipelines.console import console
        from pipelines.studio_examples import make_examples
        from vfgan.studio.job import Studio
        from vfgan.studio.listening import check_installed, listening
        from vfgan.studio.server import serve
        from vfgan.studio.visitors import folder_of_visitors

        logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s")
        check_installed()
        models = self._models()
        with (
            listening(self.config.host, self.config.port) as listener,
            folder_of_visitors() as folder,
        ):
            console.print("drawing the examples, loading the models", highlight=False)
            examples = make_examples(folder / "examples")
            studio = Studio(models, examples.voices, self.config, self._load())
            serve(
                studio,
                examples,
                folder,
                self.config,
                listener,
                lambda address: console.print(f"open {address}   (Ctrl-C ends it)", highlight=False),
            )

    def _models(self) -> tuple[str, ...]:
        """Names of the models on offer.

        Raises:
            SchemaError: a model does not exist.
        """
        from vfgan.savedmodel.load import find_generators, find_model

        if self.models:
            if not self.server:
                for name in self.models:
                    find_model(name)
            return self.models
        return ("vfgan",) if self.server else find_generators()

    def _load(self) -> Callable:
        """A function that loads a model and its card."""
        import functools

        from vfgan.savedmodel.load import load_model

        if not self.server:
            return functools.cache(load_model)
        from vfgan.serving import Client

        return Client(self.server).load
