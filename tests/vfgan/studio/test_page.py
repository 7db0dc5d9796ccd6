"""The page in headless Chromium: a voice and a photo in, a picture and a playing video out."""

import contextlib
import dataclasses
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import unquote, urlparse

import numpy as np
import pytest
import soundfile

CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.medium,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on PATH: `make browser` installs it"),
]
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run", "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
)  # fmt: skip
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
DONE_MS = 120_000


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    """(address, folder of its files) of `vfgan studio` with the shipped models, in a process of its own."""
    temporary = tmp_path_factory.mktemp("tmp")
    limits = ("--max-voice-seconds", "8", "--max-upload-mb", "1", "--leave-minutes", "0.05")
    command = [sys.executable, "-m", "pipelines.cli", "studio", "--port", "0", *limits]
    environment = {**os.environ, "TMPDIR": str(temporary), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    address = next((found[0] for line in process.stdout if (found := re.findall(r"http://\S+", line))), None)
    assert address, f"the studio ended with code {process.wait()}"
    yield address, next(temporary.glob("vfgan-studio-*"))
    process.send_signal(signal.SIGTERM)
    process.wait(30)
    assert not list(temporary.glob("vfgan-studio-*")), "files of visitors have outlived the studio"


@pytest.fixture(scope="module")
def browser(media, tmp_path_factory):
    """Its microphone hears the voice, its camera sees the photo."""
    from playwright.sync_api import sync_playwright

    seen = camera_file(tmp_path_factory.mktemp("camera") / "person.y4m", media.photo)
    devices = (f"--use-file-for-fake-audio-capture={media.voice}", f"--use-file-for-fake-video-capture={seen}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *devices])
        yield browser
        browser.close()


def camera_file(path, photo):
    """The photo as what Chromium plays for a camera: raw video, 4:2:0."""
    import cv2

    yuv = cv2.cvtColor(cv2.imread(str(photo)), cv2.COLOR_BGR2YUV_I420)  # [height x 3 / 2, width]
    height, width = yuv.shape[0] * 2 // 3, yuv.shape[1]
    head = f"YUV4MPEG2 W{width} H{height} F25:1 Ip A1:1 C420\n".encode()
    path.write_bytes(head + 5 * (b"FRAME\n" + yuv.tobytes()))
    return path


@pytest.fixture
def visit(browser, studio):
    """visit(**options of a context) -> a visitor's page, ready to use."""
    with contextlib.ExitStack() as stack:
        yield lambda **options: stack.enter_context(opened(browser, studio[0], **options))


@contextlib.contextmanager
def opened(browser, address, **options):
    context = browser.new_context(**options)
    page = context.new_page()
    page.requests, page.complaints = [], []
    context.on("request", lambda request: page.requests.append(request.url))
    page.on("console", lambda line: page.complaints.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.goto(address)
    page.wait_for_selector("#go")
    yield page
    context.close()


def give(page, voice=None, photo=None):
    """Chooses files as a visitor does, and waits until they are there."""
    if voice:
        page.set_input_files("#voice input[type=file]", voice)
        page.wait_for_selector("#voice [aria-label=Clear]")
    if photo:
        page.set_input_files("#photo input[type=file]", photo)
        page.wait_for_selector("#photo img")


def refused(page, text):
    """Presses the button; the message that appears has this text."""
    page.click("#go")
    page.wait_for_selector(f"#status [role=alert]:has-text('{text}')", timeout=DONE_MS)


def sources(page, selector):
    return page.eval_on_selector_all(selector, "all => all.map(one => one.src || one.href)")


@dataclasses.dataclass
class Finished:
    """A visitor's page on which all is done, and what its browser asked for."""

    page: object
    files: list[str]


@pytest.fixture(scope="module")
def finished(browser, studio, media):
    with opened(browser, studio[0], viewport={"width": 1280, "height": 900}) as page:
        give(page, media.voice, media.photo)
        page.click("#go")
        page.wait_for_selector("#video video", timeout=DONE_MS)
        page.wait_for_selector("#status [role=status]:has-text('Done.')")
        yield Finished(page, sources(page, "section img, section video"))


def test_curve_faces_strips_and_video_are_shown(finished):
    page = finished.page
    assert page.inner_text("#heard .studio-lead").split()[0] in page.inner_text("#heard .studio-bars")
    names = [Path(urlparse(url).path).name for url in finished.files]
    assert names == ["emotion-over-time.png", "source.png", "face.png", "strength.png", "emotions.png", "video.mp4"]
    widths = page.eval_on_selector_all("section img", "all => all.map(one => one.complete && one.naturalWidth)")
    assert widths == [880, 256, 256, 160 * 8, 160 * 9]
    assert page.complaints == []


def test_the_video_plays_with_sound(finished):
    video = finished.page.locator("#video video")
    video.evaluate("one => { one.muted = true; return one.play() }")
    finished.page.wait_for_function("document.querySelector('#video video').currentTime > 0.4")
    state = video.evaluate("one => [one.videoWidth, one.webkitAudioDecodedByteCount > 0, one.error]")
    assert state == [256, True, None]


def test_each_result_can_be_downloaded(finished, tmp_path):
    from vfgan.media.images import read_image
    from vfgan.media.video import probe_video

    links = finished.page.locator("section a[download]")
    assert links.count() == 6
    for index in range(6):
        with finished.page.expect_download() as download:
            links.nth(index).click()
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        assert probe_video(path).has_audio if path.suffix == ".mp4" else read_image(path).size


def test_nothing_is_fetched_from_elsewhere(finished, studio):
    hosts = {
        urlparse(url.removeprefix("blob:")).netloc for url in finished.page.requests if not url.startswith("data:")
    }
    assert hosts == {urlparse(studio[0]).netloc}
    assert len(finished.page.requests) > 20
    page = finished.page
    for code in ("fetch('http://192.0.2.1/')", "import('http://192.0.2.1/a.js')"):
        assert page.evaluate(f"{code}.then(() => 'fetched', () => 'refused')") == "refused"


def test_nobody_else_sees_the_files(finished, visit, studio):
    other = visit()
    own = [url for url in finished.page.requests if "/gradio_api/file=" in url and "/examples/" not in url]
    assert len({Path(url).name for url in own}) >= 8  # voice and photo are among them
    guessed = [f"{studio[0]}/gradio_api/file={path}" for path in ("/etc/passwd", studio[1], studio[1] / "results")]
    for url in {*own, *guessed}:
        assert other.request.get(url).status == 403, url
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(url)
    assert finished.page.request.get(own[0]).status == 200
    assert finished.page.request.get(guessed[0]).status == 403


def test_files_go_when_the_page_is_closed(browser, studio, tmp_path):
    """Three seconds after: the fixture's --leave-minutes."""
    from vfgan.media.images import write_image

    write_image(tmp_path / "own.png", np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8))
    with opened(browser, studio[0]) as page:
        give(page, photo=tmp_path / "own.png")
        (url,) = {url for url in page.requests if url.endswith("own.png")}
        path = Path(unquote(urlparse(url).path).partition("file=")[2])
        assert path.is_file()
    assert path.is_relative_to(studio[1])
    deadline = time.monotonic() + 30
    while path.parent.exists() and time.monotonic() < deadline:
        time.sleep(0.5)
    assert not path.parent.exists()


def test_bad_input_is_named(visit, media):
    page = visit()
    refused(page, "There is no voice yet")
    give(page, voice=media.silence)
    refused(page, "There is no face yet")
    give(page, photo=media.wall)
    refused(page, "silence.wav is silent: expected a voice")
    for voice, text in ((media.text, "text.wav cannot be read as audio"), (media.long, "expected at most 8 s")):
        page.click("#voice [aria-label=Clear]")
        give(page, voice=voice)
        refused(page, text)
    page.click("#voice [aria-label=Clear]")
    give(page, voice=media.voice)
    refused(page, "wall.png: no face found")
    assert page.locator("section").count() == 0
    assert "/" not in page.inner_text("#status")


def test_microphone_and_camera(visit):
    page = visit(permissions=["microphone", "camera"])
    page.click("#voice [aria-label='Record audio']")
    page.click("#voice button:text-is('Record')")
    page.wait_for_timeout(2_000)
    page.click("#voice button:text-is('Stop')")
    page.wait_for_selector("#voice [aria-label='Trim audio to selection']")
    page.click("#photo [aria-label='Capture from camera']")
    page.click("#photo button:has-text('Click to Access Webcam')")
    page.click("#photo [aria-label='capture photo']")
    page.wait_for_selector("#photo [aria-label='Remove Image']")
    page.click("#go")
    page.wait_for_selector("#faces img", timeout=DONE_MS)
    assert page.complaints == []


def test_a_file_that_is_too_large_is_refused(visit, tmp_path):
    soundfile.write(tmp_path / "large.wav", np.zeros(700_000), 48_000)
    page = visit()
    page.set_input_files("#voice input[type=file]", tmp_path / "large.wav")
    page.wait_for_selector("text=/exceeds|too large|maximum/i")


def test_on_a_phone(visit):
    page = visit(**PHONE)
    fits = "document.documentElement.scrollWidth <= 390 && innerWidth == 390"
    assert page.evaluate(fits)
    page.locator("#go").scroll_into_view_if_needed()
    box = page.locator("#go").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert box["height"] >= 44  # a thumb
    page.locator(".studio-examples button").nth(0).tap()
    page.wait_for_selector("#strips img", timeout=DONE_MS)
    assert page.evaluate(fits)
    page.wait_for_selector("#video video", timeout=DONE_MS)
    assert page.evaluate(fits)
    assert page.locator("#video").bounding_box()["width"] <= 390
    assert page.complaints == []


@pytest.mark.slow
@pytest.mark.parametrize("number", [1, 2])
def test_each_example_works_with_one_click(visit, number):
    page = visit()
    page.locator(".studio-examples button").nth(number).click()
    page.wait_for_selector("#video video", timeout=2 * DONE_MS)
    page.locator("#video video").evaluate("one => { one.muted = true; return one.play() }")
    page.wait_for_function("document.querySelector('#video video').currentTime > 0.4")
    assert page.complaints == []


@pytest.mark.slow
def test_footage_of_the_camera(visit, media):
    page = visit(permissions=["microphone", "camera"])
    give(page, voice=media.voice)
    page.click("button[role=tab]:has-text('Footage')")
    page.click("#footage [aria-label='Capture from camera']")
    page.click("#footage button:has-text('Click to Access Webcam')")
    page.click("#footage button:has-text('Record')")
    page.wait_for_timeout(2_000)
    page.click("#footage button:has-text('Stop')")
    page.wait_for_selector("#footage [aria-label=Clear]")
    page.click("#go")
    page.wait_for_selector("#video video", timeout=2 * DONE_MS)
    assert page.complaints == []


@contextlib.contextmanager
def started(pattern, *arguments):
    """What a pattern finds in the first lines of a vfgan command, which runs for as long as the block lasts."""
    command = [sys.executable, "-m", "pipelines.cli", *arguments]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        found = next((match[1] for line in process.stdout if (match := re.search(pattern, line))), None)
        assert found, f"{arguments[0]} ended with code {process.wait()}"
        yield found
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


@pytest.mark.slow
def test_a_server_computes_for_the_page(browser, media):
    """The README's path: serve, then the page with --server."""
    server = ("serve", "--server", "embedded", "--port", "0", "--rest-api-port", "0")
    with (
        started(r"gRPC (\S+)", *server) as grpc_address,
        started(r"(http://\S+)", "studio", "--server", grpc_address, "--port", "0") as address,
        opened(browser, address) as page,
    ):
        give(page, media.voice, media.photo)
        page.click("#go")
        page.wait_for_selector("#video video", timeout=2 * DONE_MS)
        page.wait_for_selector("#status [role=status]:has-text('Done.')")
        assert page.complaints == []
