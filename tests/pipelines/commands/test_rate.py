"""`vfgan rate` in headless Chromium: scripted raters whose answers are known give the table that they must."""

import csv
import os
import re
import shutil
import signal
import subprocess
import sys

import pytest

from tests.pipelines.running import run
from vfgan.rating.answers import key_path, read_answers
from vfgan.storage.files import read_json

CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.medium,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on PATH: `make browser` installs it"),
]
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
KEYS = {"neutral": "1", "happy": "2", "sad": "3", "angry": "4"}


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


class Served:
    """A `vfgan rate` in a process of its own."""

    def __init__(self, *arguments):
        temporary = arguments[arguments.index("--out") + 1].parent  # a page that is killed leaves its copies
        command = [sys.executable, "-m", "pipelines.cli", "rate", "--port", "0", *map(str, arguments)]
        environment = {**os.environ, "PYTHONUNBUFFERED": "1", "TMPDIR": str(temporary)}
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)

    def __enter__(self):
        found = (re.search(r"open (http://\S+)", line) for line in self.process.stdout)
        self.address = next((match[1] for match in found if match), None)
        assert self.address, f"ended with code {self.process.wait()}"
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)


def opened(browser, address):
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.requests, page.complaints = [], []
    page.on("request", lambda request: page.requests.append(request.url))
    page.on("console", lambda line: page.complaints.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.goto(address)
    return page


def begin(page, name):
    page.wait_for_selector("#start:not([hidden])")
    page.fill("#name", name)
    page.check("#consent")
    page.keyboard.press("Enter")


def place(page):
    """The place of the item that is shown."""
    page.wait_for_selector("#item:not([hidden]) #shown :is(img, video)")
    return int(page.inner_text("#progress").split()[0])


def rate(page, emotion, strength, real):
    """Answers the item that is shown, by keyboard; the next one, a rest or the end is there afterwards."""
    at = place(page)
    page.wait_for_selector("#emotion.asked")
    page.keyboard.press(KEYS[emotion])
    if emotion != "neutral":
        page.keyboard.press(str(strength))
    page.keyboard.press("1" if real else "2")
    page.wait_for_selector("#next:enabled")
    page.keyboard.press("Enter")
    page.wait_for_selector(f":is(#rest, #end):not([hidden]), #progress:has-text('{at + 1} of')")


def rate_rest(page, key, say):
    """Answers all items from the one that is shown on, as `say` of the truth of each says."""
    order = []
    while not page.locator("#end:not([hidden])").count():
        if page.locator("#rest:not([hidden])").count():
            page.keyboard.press("Tab")
            page.keyboard.press("Enter")
        place(page)
        number = page.evaluate("state.item")
        order.append(number)
        rate(page, *say(key["items"][str(number)]))
    return order


def honest(truth):
    """Sees everything as it is; of strengths 1 and 2 the second as 4."""
    return truth["emotion"], int(2 * truth["strength"]), not truth["made"]


def fooled(truth):
    """Takes all for real, and what is made and sad for neutral."""
    return ("neutral" if truth["made"] and truth["emotion"] == "sad" else truth["emotion"]), 3, True


@pytest.fixture(scope="module")
def answered(rated_faces, browser, tmp_path_factory):
    """(file of the answers, what the browsers asked for): two raters, one after the other, on one page."""
    path = tmp_path_factory.mktemp("rated") / "answers.csv"
    with Served("--items", rated_faces, "--out", path, "--rest-every", "3") as served:
        key = read_json(key_path(path))
        page = opened(browser, served.address)
        begin(page, "Anna")
        first = rate_rest(page, key, honest)
        page.click("#leave")
        begin(page, "Bert")
        second = rate_rest(page, key, fooled)
        assert sorted(first) == sorted(second) == list(range(1, 9))
        assert first != second
        assert page.complaints == []
        return path, page.requests


def test_each_answer_is_in_the_file(answered):
    path, _ = answered
    key, answers = read_json(key_path(path)), read_answers(path)
    assert [answer.order for answer in answers] == [*range(1, 9)] * 2
    for answer in answers:
        say = honest if answer.rater == "Anna" else fooled
        emotion, strength, real = say(key["items"][str(answer.item)])
        assert (answer.emotion, answer.real) == (emotion, real)
        assert answer.strength == (0 if emotion == "neutral" else strength)
        assert 0 < answer.seconds < 60
    assert "made" not in path.read_text()


def test_the_table_is_what_the_answers_must_give(answered, capsys, tmp_path):
    path, _ = answered
    code, out, _ = run(capsys, "rate", "--report", str(path), "--out", str(tmp_path))
    assert code == 0
    assert "faces: 2 raters, 8 items (4 made, 4 real), 16 answers" in out
    with open(tmp_path / "ratings.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    found = {(row["term"], row["of"], row["what"]): float(row["value"]) for row in rows}
    expected = {
        ("accuracy", "made", "all emotions"): 0.75,  # happy 1, sad 1 of 2 raters
        ("accuracy", "made", "happy"): 1.0,
        ("accuracy", "made", "sad"): 0.5,
        ("accuracy", "real", "all emotions"): 1.0,
        ("dynamics", "made", "the stronger seen as stronger"): 0.75,  # Anna always, Bert never tells them apart
        ("dynamics", "real", "the stronger seen as stronger"): 0.75,
        ("authenticity", "made", "taken for real"): 0.5,
        ("authenticity", "real", "taken for real"): 1.0,
        ("authenticity", "both", "told apart"): 0.75,
        ("agreement", "both", "emotion"): 1 - 15 * 4 / (2 * (8 * 6 + 8 * 2 + 6 * 2)),
        ("agreement", "both", "real or made"): 1 - 15 * 8 / (2 * 4 * 12),
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected, abs=1e-4)
    assert all(float(row["low"]) <= float(row["value"]) <= float(row["high"]) for row in rows)
    text = (tmp_path / "ratings.md").read_text()
    assert "| accuracy: sad | 0.500 (" in text
    assert "| made: shown, seen as | neutral | happy | sad |" in text
    assert "| sad | 2 | 0 | 2 | 0 | 0 | 0 | 0 |" in text  # made ones, by the two raters
    assert "| sad | 0 | 0 | 4 | 0 | 0 | 0 | 0 |" in text  # real ones
    assert "Krippendorff" in text


def test_addresses_are_opaque_numbers(answered):
    _, requests = answered
    paths = {re.sub(r"http://[^/]+", "", url) for url in requests if not url.startswith(("data:", "blob:"))}
    assert paths == {
        "/", "/page.js", "/style.css", "/state", "/begin", "/answer", "/leave", *(f"/item/{n}" for n in range(1, 9))
    }  # fmt: skip


def test_a_killed_page_goes_on_and_answers_are_corrected(rated_faces, browser, tmp_path):
    path = tmp_path / "answers.csv"
    with Served("--items", rated_faces, "--out", path) as served:
        page = opened(browser, served.address)
        begin(page, "7")
        for _ in range(3):
            rate(page, "happy", 3, real=True)
        page.reload()  # as a rater may
        assert place(page) == 4
        served.process.kill()
    with Served("--items", rated_faces, "--out", path) as served:
        page = opened(browser, served.address)
        begin(page, "7")
        assert place(page) == 4
        page.keyboard.press("Backspace")
        page.wait_for_selector("#progress:has-text('3 of')")
        page.wait_for_selector("#next:enabled")
        assert page.locator("#item input:checked").evaluate_all("all => all.map(one => one.value)") == [
            "happy",
            "3",
            "real",
        ]
        page.click("label:has-text('sad')")
        page.click("label:has-text('made')")
        page.click("#next")
        assert place(page) == 4
        assert page.complaints == []
    assert [(one.order, one.emotion, one.real) for one in read_answers(path)] == [
        (1, "happy", True), (2, "happy", True), (3, "sad", False)
    ]  # fmt: skip


def test_videos_play_with_sound_until_it_is_muted(rated_videos, browser, tmp_path):
    with Served("--items", rated_videos, "--out", tmp_path / "answers.csv") as served:
        page = opened(browser, served.address)
        begin(page, "Anna")
        place(page)
        page.wait_for_selector("#mute:has-text('Sound is on')")
        video = page.locator("#shown video")
        state = "one => [one.muted, one.paused, one.videoWidth, one.loop, one.webkitAudioDecodedByteCount > 0]"
        page.wait_for_timeout(500)
        assert video.evaluate(state) == [False, False, 64, True, True]
        page.keyboard.press("m")
        page.keyboard.press("p")
        assert video.evaluate(state)[:2] == [True, True]
        rate(page, "angry", 5, real=False)
        place(page)
        assert video.evaluate(state)[:2] == [True, False]
        assert page.complaints == []


def test_without_consent_or_name_nothing_begins(rated_faces, browser, tmp_path):
    with Served("--items", rated_faces, "--out", tmp_path / "answers.csv") as served:
        page = opened(browser, served.address)
        page.fill("#name", "Anna")
        page.click("#begin")
        assert page.locator("#start:not([hidden])").count()
        page.check("#consent")
        page.fill("#name", "<b>")
        page.click("#begin")
        page.wait_for_selector("#error:has-text('name: expected 1 to 40 letters')")
        served.process.kill()
        served.process.wait()
        page.fill("#name", "Anna")
        page.click("#begin")
        page.wait_for_selector("#error:has-text('The program does not answer')")


def test_everything_has_a_name_and_a_phone_is_enough(rated_faces, browser, tmp_path):
    with Served("--items", rated_faces, "--out", tmp_path / "answers.csv") as served:
        page = opened(browser, served.address)
        page.set_viewport_size({"width": 390, "height": 844})
        begin(page, "Anna")
        place(page)
        assert page.get_by_role("img", name="Face 1 of 8").count() == 1
        for question, choices in (("1. Which emotion?", 7), ("2. How strong is it?", 5), ("3. Real, or made", 2)):
            group = page.get_by_role("group", name=question)
            assert group.get_by_role("radio").count() == choices
        assert page.get_by_role("status").inner_text() == "1 of 8"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        heights = page.eval_on_selector_all(".choices label", "all => all.map(one => one.offsetHeight)")
        assert min(heights) >= 44  # a thumb
