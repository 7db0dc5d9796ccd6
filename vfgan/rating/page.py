"""The page's ASGI application: who is there, what they see, and their answers. It knows no truth."""

import json
import re
import secrets
from collections.abc import Callable
from pathlib import Path

from vfgan.errors import ConfigError, OutputError
from vfgan.rating.alike import MEDIA_TYPES
from vfgan.rating.answers import check_name
from vfgan.rating.config import RatingConfig
from vfgan.rating.rating import Rating
from vfgan.studio.requests import (
    ELSEWHERE,
    answer,
    answer_json,
    cookie,
    headers_of,
    names_this_machine,
    read_body,
    set_cookie,
    with_headers,
)

COOKIE = "vfgan_rater"
MAX_REQUEST_BYTES = 4096
MAX_BROWSERS = 1000  #: that are remembered; a further one replaces the oldest
#: Lets a browser load from this page only; items are shown from its memory (blob:).
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_FILES = {"/": ("page.html", "text/html; charset=utf-8"), "/page.js": ("page.js", "text/javascript; charset=utf-8"),
          "/style.css": ("style.css", "text/css; charset=utf-8")}  # fmt: skip
_NUMBER = re.compile(r"/(item|place)/([1-9]\d{0,5})")


class RatingPage:
    """An ASGI application.

    Args:
        rating: all raters' progress.
        config: address and rests.
        with_sound: whether videos have sound.
    """

    def __init__(self, rating: Rating, config: RatingConfig, *, with_sound: bool):
        self._rating, self._config, self._with_sound = rating, config, with_sound
        self._raters: dict[str, str | None] = {}  #: secret of a browser -> who sits before it
        folder = Path(__file__).parent
        self._files = {path: ((folder / name).read_bytes(), kind) for path, (name, kind) in _FILES.items()}

    async def __call__(self, scope: dict, receive: Callable, send: Callable) -> None:
        if scope["type"] != "http":
            return
        headers, path, is_post = headers_of(scope), scope["path"], scope["method"] == "POST"
        if self._config.is_loopback and not names_this_machine(headers.get("host", "")):
            await answer_json(send, *ELSEWHERE)
            return
        secret = cookie(headers, COOKIE)
        known = secret if secret in self._raters else None
        if path in self._files:
            body, kind = self._files[path]
            await answer(
                with_headers(send, POLICY, self._enter() if path == "/" and not known else None), 200, kind, body
            )
            return
        send = with_headers(send, POLICY)
        if known is None:
            await answer_json(send, 403, "Open the page first, or load it again.")
            return
        try:
            body, kind = self._answer(known, path, await read_body(receive, MAX_REQUEST_BYTES) if is_post else None)
        except (ConfigError, OutputError) as error:
            await answer_json(send, 400, str(error))
        except LookupError:
            await answer_json(send, 404, "There is nothing here.")
        else:
            await answer(send, 200, kind, body)

    def _enter(self) -> str:
        """The cookie of a new browser."""
        secret = secrets.token_urlsafe(32)
        self._raters[secret] = None
        if len(self._raters) > MAX_BROWSERS:
            del self._raters[next(iter(self._raters))]
        return set_cookie(COOKIE, secret)

    def _answer(self, secret: str, path: str, posted: bytes | None) -> tuple[bytes, str]:
        """(body, media type) of what is asked for.

        Args:
            posted: body of a POST; None for a GET.
        Raises:
            ConfigError: a value is out of range.
            OutputError: an answer cannot be kept.
            LookupError: there is nothing at this path.
        """
        rater = self._raters[secret]
        if posted is not None:
            state = self._post(secret, rater, path, _values(posted))
        elif path == "/state":
            state = self._rating.state(rater) if rater else {"rater": None}
        elif rater and (found := _NUMBER.fullmatch(path)):
            number = int(found[2])
            if found[1] == "item":
                shown = self._rating.shown[number]
                return shown.path.read_bytes(), MEDIA_TYPES[shown.kind]
            state = self._rating.state(rater, number)
        else:
            raise LookupError(path)
        state |= {"rest_every": self._config.rest_every, "sound": self._with_sound}
        return json.dumps(state).encode(), "application/json"

    def _post(self, secret: str, rater: str | None, path: str, values: dict) -> dict:
        if path == "/begin":
            name = check_name(values.get("name"))
            self._raters[secret] = name
            return self._rating.state(name)
        if path == "/leave":
            self._raters[secret] = None
            return {"rater": None}
        if path != "/answer" or rater is None:
            raise LookupError(path)
        names = ("place", "emotion", "strength", "real", "seconds")
        return self._rating.answer(rater, *(values.get(name) for name in names))  # type: ignore[arg-type]


def _values(body: bytes) -> dict:
    """The JSON object in a request.

    Raises:
        ConfigError: it is none.
    """
    try:
        values = json.loads(body)
    except ValueError:
        values = None
    if not isinstance(values, dict):
        raise ConfigError("request: expected a JSON object of at most 4 kB")
    return values
