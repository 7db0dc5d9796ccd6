"""What reaches the page, and what does not: before any page."""

import asyncio
import json

import pytest

from vfgan.config.checks import MIB
from vfgan.studio.config import StudioConfig
from vfgan.studio.gate import COOKIE, Gate
from vfgan.studio.visitors import Visitors


class Page:
    """Notes what reaches it; an upload is stored under the name that it has."""

    def __init__(self, folder):
        self.folder, self.reached = folder, []

    async def __call__(self, scope, receive, send):
        body, more = b"", True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ConnectionError("gone")
            body, more = body + message["body"], message["more_body"]
        self.reached.append((scope["path"], body))
        answer = b"page"
        if scope["path"] == "/gradio_api/upload":
            answer = json.dumps([str(self.folder / body.decode())]).encode()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": answer[:2], "more_body": True})
        await send({"type": "http.response.body", "body": answer[2:]})


@pytest.fixture
def page(tmp_path):
    return Page(tmp_path)


@pytest.fixture
def gate(page, tmp_path):
    visitors = Visitors(tmp_path, tmp_path / "examples", StudioConfig())
    return Gate(page, visitors, max_upload_bytes=2 * MIB, max_uploads=1, only_loopback=True)


@pytest.fixture
def ask(gate):
    """ask(path, visitor's secret, body) -> (status, headers, body)."""

    def ask(path, visitor=None, body=b"", host="127.0.0.1:7860"):
        path, _, query = path.partition("?")
        headers = [(b"host", host.encode())]
        headers += [(b"cookie", f"other=1; {COOKIE}={visitor}".encode())] if visitor else []
        scope = {"type": "http", "path": path, "query_string": query.encode(), "headers": headers}
        sent, parts = [], [body[start : start + 2**16] for start in range(0, len(body), 2**16)] or [b""]

        async def receive():
            part = parts.pop(0)
            return {"type": "http.request", "body": part, "more_body": bool(parts)}

        async def send(message):
            sent.append(message)

        asyncio.run(gate(scope, receive, send))
        headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return sent[0]["status"], headers, b"".join(message.get("body", b"") for message in sent[1:])

    return ask


@pytest.fixture
def enter(ask):
    """enter() -> the secret of a new visitor."""

    def enter():
        _, headers, _ = ask("/")
        cookie = headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        return cookie.split(";")[0].removeprefix(f"{COOKIE}=")

    return enter


def join(session, *paths):
    data = [{"path": path, "meta": {"_type": "gradio.FileData"}} for path in paths]
    return json.dumps({"session_hash": session, "data": [data[:1], {"deeper": data[1:]}, "vfgan", 1.0]}).encode()


def test_the_browser_is_told_to_fetch_from_here_only(ask):
    _, headers, _ = ask("/")
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'self'")
    assert "http" not in policy
    assert "*" not in policy


def test_a_visitor_who_returns_stays_the_same(ask, enter):
    _, headers, _ = ask("/", enter())
    assert "set-cookie" not in headers
    assert "set-cookie" in ask("/", "forged")[1]


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/run/predict", "/gradio_api/call/run", "/gradio_api/proxy=http://elsewhere/", "/monitoring",
        "/gradio_api/stream/a/b/1/playlist.m3u8", "/gradio_api/process_recording", "/gradio_api/vibe-edit/",
        "/gradio_api/file/etc/passwd", "/config/../gradio_api/api/run", "/login", "//", "/gradio_api/info",
    ],
)  # fmt: skip
def test_what_the_page_does_not_need_does_not_exist(ask, enter, page, path):
    secret = enter()
    page.reached.clear()
    status, _, _ = ask(path, secret)
    assert (status, page.reached) == (404, [])


def test_files_need_their_visitor(ask, enter, page, tmp_path):
    anna, bert = enter(), enter()
    ask("/gradio_api/upload", anna, b"voice.wav")
    url = f"/gradio_api/file={tmp_path}/voice.wav"
    assert ask(url, anna)[0] == 200
    page.reached.clear()
    for visitor in (bert, None, "forged"):
        status, _, body = ask(url, visitor)
        assert status == 403
        assert b"detail" in body
    for other in (tmp_path, "/etc/passwd", f"{tmp_path}/x/../../etc/passwd", "http://elsewhere/a.png", "voice.wav"):
        assert ask(f"/gradio_api/file={other}", anna)[0] == 403
    assert not page.reached


def test_a_job_takes_its_visitor_s_files_only(ask, enter, page, tmp_path):
    anna, bert = enter(), enter()
    ask("/gradio_api/upload", anna, b"voice.wav")
    path = str(tmp_path / "voice.wav")
    body = join("s1", path, str(tmp_path / "examples" / "face.png"))
    assert ask("/gradio_api/queue/join", anna, body)[0] == 200
    assert page.reached[-1] == ("/gradio_api/queue/join", body)
    page.reached.clear()
    assert ask("/gradio_api/queue/join", bert, join("s2", path))[0] == 403
    assert ask("/gradio_api/queue/join", bert, join("s2", str(tmp_path / "examples" / "x"), path))[0] == 403
    assert ask("/gradio_api/queue/join", anna, join("s1", "http://elsewhere/a.png"))[0] == 403
    assert ask("/gradio_api/queue/join", bert, join("s1"))[0] == 403
    assert ask("/gradio_api/queue/data?session_hash=s1", bert)[0] == 403
    assert ask("/gradio_api/queue/join", anna, b"{")[0] == 400
    assert ask("/gradio_api/queue/join", anna, b" " * 2**21)[0] == 400
    assert not page.reached
    assert ask("/gradio_api/queue/data?session_hash=s1", anna)[0] == 200


def test_a_full_studio_takes_no_more(ask, enter, tmp_path, monkeypatch):
    secret = enter()
    monkeypatch.setattr(Visitors, "is_full", True)
    status, _, body = ask("/gradio_api/upload", secret, b"voice.wav")
    assert status == 503
    assert b"full" in body


def test_only_so_many_files_are_on_their_way_at_a_time(gate, enter):
    headers = [(b"host", b"localhost"), (b"cookie", f"{COOKIE}={enter()}".encode())]
    scope = {"type": "http", "path": "/gradio_api/upload", "query_string": b"", "headers": headers}

    async def uploads():
        come = asyncio.Event()

        async def receive():
            await come.wait()
            return {"type": "http.request", "body": b"voice.wav", "more_body": False}

        async def upload():
            sent = []

            async def send(message):
                sent.append(message)

            await gate(scope, receive, send)
            return sent[0]["status"]

        first = asyncio.create_task(upload())
        await asyncio.sleep(0)
        second = await upload()
        come.set()
        return [await first, second, await upload()]

    assert asyncio.run(uploads()) == [200, 503, 200]


def test_a_studio_that_becomes_full_takes_no_more(ask, enter, page, monkeypatch):
    secret, answers = enter(), [False, False, True]
    page.reached.clear()
    monkeypatch.setattr(Visitors, "is_full", property(lambda self: answers.pop(0)))
    status, _, body = ask("/gradio_api/upload", secret, bytes(3 * MIB))
    assert (status, answers, page.reached) == (503, [], [])
    assert b"full" in body


@pytest.mark.parametrize(
    ("path", "most"), [("/gradio_api/upload", 3 * MIB), ("/gradio_api/cancel", MIB), ("/gradio_api/reset", MIB)]
)
def test_no_more_than_a_request_may_have_is_read(ask, enter, page, monkeypatch, path, most):
    secret = enter()
    monkeypatch.setattr(Visitors, "is_full", False)
    assert ask(path, secret, b"a" * most)[0] == 200
    page.reached.clear()
    status, _, body = ask(path, secret, b"a" * (most + 1))
    assert (status, page.reached) == (413, [])
    assert b"too large" in body


@pytest.mark.parametrize("host", ["elsewhere", "127.0.0.1.elsewhere:7860", "localhost.elsewhere", ""])
def test_no_other_name_leads_to_a_page_on_loopback(ask, page, host):
    assert ask("/", host=host)[0] == 403
    assert not page.reached
    assert ask("/", host="localhost")[0] == 200
