"""Loads the served models. A new version is loaded beside the old one, which is dropped when no request uses it."""

import asyncio
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from vfgan.errors import SchemaError
from vfgan.serving.failures import RequestFailed
from vfgan.serving.model_list import ServedModel
from vfgan.serving.servable import Servable

_log = logging.getLogger(__name__)
#: A version that could not be loaded is tried again after this time, even if its files have not changed.
_RETRY_SECONDS = 60.0


class VersionState:
    """The state of a version: START, LOADING, AVAILABLE or END, and the error that it ended with."""

    def __init__(self):
        self.state = "START"
        self.error = ""
        self.files: tuple = ()  #: files in the folder when loading failed
        self.tried = 0.0  #: time of that failure, seconds of `time.monotonic`


class Models:
    """Maps name and version to a servable.

    Only the event loop changes the tables, by replacing them. So threads can read without a lock.

    Args:
        served: the models to serve.
    """

    def __init__(self, served: tuple[ServedModel, ...]):
        self._served = {model.name: model for model in served}
        self._servables: dict[str, dict[int, Servable]] = {name: {} for name in self._served}
        self._states: dict[str, dict[int, VersionState]] = {name: {} for name in self._served}
        self._loader = ThreadPoolExecutor(1, "load")

    async def start(self) -> None:
        """Loads the models.

        Raises:
            SchemaError: a model has no version that can be loaded.
        """
        await self.refresh()
        for name, versions in self._servables.items():
            if not versions:
                errors = [state.error for state in self._states[name].values() if state.error]
                raise SchemaError(errors[0] if errors else f"{self._served[name].base} holds no version of {name}")

    async def watch(self, seconds: float) -> None:
        """Looks for new and removed versions every so many seconds."""
        while True:
            await asyncio.sleep(seconds)
            try:
                await self.refresh()
            except OSError as error:  # a folder was removed while it was read; the next look sees that
                _log.warning("looking for new versions: %s", error)
            except Exception:  # a server that serves does not stop looking
                _log.exception("looking for new versions")

    async def refresh(self) -> None:
        """Loads new versions, then drops those that are no longer wanted.

        The last working version stays until another one works, even if its folder was removed.
        """
        for name, model in self._served.items():
            wanted = await self._in_thread(model.wanted)
            for version, folder in wanted.items():
                if version not in self._servables[name]:
                    await self._load(name, version, folder)
            if any(version in self._servables[name] for version in wanted):
                there = self._servables[name]
                self._servables[name] = {version: there[version] for version in there if version in wanted}
                for version in set(there) - set(wanted):  # running requests hold it until they are done
                    self._states[name][version].state = "END"
                    _log.info("%s: version %d is no longer served", name, version)

    async def _load(self, name: str, version: int, folder: Path) -> None:
        state = self._states[name].setdefault(version, VersionState())
        files = await self._in_thread(lambda: _listing(folder))
        if state.error and state.files == files and time.monotonic() - state.tried < _RETRY_SECONDS:
            return  # changed files are tried at once (half copied before?), others later (was memory short?)
        state.state = "LOADING"
        try:
            servable = await self._in_thread(lambda: Servable(name, version, folder))
        except SchemaError as error:
            state.state = "END"
            state.error = str(error)
            state.files = files
            state.tried = time.monotonic()
            _log.warning("%s", error)
        else:
            self._servables[name] = {**self._servables[name], version: servable}
            state.state, state.error = "AVAILABLE", ""
            _log.info("%s: version %d is served", name, version)

    async def _in_thread(self, function):
        return await asyncio.get_running_loop().run_in_executor(self._loader, function)

    def find(self, name: str, version: int | None = None, label: str = "") -> Servable:
        """Finds the servable of a version, of a label, or of the newest version.

        Raises:
            RequestFailed: NOT_FOUND, or INVALID_ARGUMENT for an unknown label, in TF Serving's words.
        """
        if not name:
            raise RequestFailed("INVALID_ARGUMENT", "ModelSpec has no name specified.")
        there = self._servables.get(name, {})
        version = self._version(name, version, label)
        if version is None and there:
            version = max(there)
        if version not in there:
            asked = f"Latest({name})" if version is None else f"Specific({name}, {version})"
            raise RequestFailed("NOT_FOUND", f"Servable not found for request: {asked}")
        return there[version]

    def states(self, name: str, version: int | None = None, label: str = "") -> dict[int, VersionState]:
        """Version -> state, newest first.

        Raises:
            RequestFailed: NOT_FOUND.
        """
        states, version = self._states.get(name, {}), self._version(name, version, label)
        if version is None:
            if not states:
                raise RequestFailed("NOT_FOUND", f"Could not find any versions of model {name}")
            return dict(sorted(states.items(), reverse=True))
        if version not in states:
            raise RequestFailed("NOT_FOUND", f"Could not find version {version} of model {name}")
        return {version: states[version]}

    def _version(self, name: str, version: int | None, label: str) -> int | None:
        if not label:
            return version
        labels = self._served[name].labels if name in self._served else {}
        if label not in labels:
            raise RequestFailed("INVALID_ARGUMENT", f"Unrecognized servable version label: {label}")
        return labels[label]

    def knows(self, name: str) -> bool:
        """Whether there is a model of this name."""
        return name in self._served

    def close(self) -> None:
        """Waits for a version that is being loaded."""
        self._loader.shutdown(cancel_futures=True)


def _listing(folder: Path) -> tuple:
    """Names, sizes and times of a version's files."""
    return tuple(
        (str(path), path.stat().st_size, path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    )
