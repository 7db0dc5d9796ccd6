"""What the page answers to whom, without a browser."""

import pytest

from tests.vfgan.rating.asking import Browser
from vfgan.rating.answers import Answers
from vfgan.rating.config import RatingConfig
from vfgan.rating.page import MAX_BROWSERS, RatingPage
from vfgan.rating.rating import Rating, Shown

ANSWER = {"place": 1, "emotion": "happy", "strength": 3, "real": True, "seconds": 1.5}


@pytest.fixture
def page(tmp_path):
    for number in (1, 2, 3):
        (tmp_path / f"{number}.jpg").write_bytes(b"item %d" % number)
    shown = {number: Shown("face", tmp_path / f"{number}.jpg") for number in (1, 2, 3)}
    return RatingPage(Rating(shown, Answers(tmp_path / "a.csv"), seed=1), RatingConfig(rest_every=2), with_sound=False)


@pytest.fixture
def anna(page):
    browser = Browser(page)
    browser.ask("/")
    browser.said("/begin", {"name": " Anna "})
    return browser


def test_the_page_loads_from_itself_alone(page):
    status, headers, body = Browser(page).ask("/")
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "HttpOnly" in headers["set-cookie"]
    assert "SameSite=Strict" in headers["set-cookie"]
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert "unsafe" not in headers["content-security-policy"]
    assert b"http" not in body
    for path in ("/page.js", "/style.css"):
        status, headers, body = Browser(page).ask(path)
        assert status == 200
        assert "set-cookie" not in headers
        assert b"://" not in body


def test_a_rater_s_way_through_the_items(anna, tmp_path):
    status, state = anna.said("/state")
    assert (status, state["rater"], state["place"], state["rest_every"], state["sound"]) == (200, "Anna", 1, 2, False)
    status, headers, body = anna.ask(f"/item/{state['item']}")
    assert (status, headers["content-type"], body) == (200, "image/jpeg", b"item %d" % state["item"])
    assert anna.said("/answer", ANSWER)[1]["place"] == 2
    assert anna.said("/place/1")[1]["answer"] == {"emotion": "happy", "strength": 3, "real": True}
    assert f"Anna,{state['item']},face,happy,3,yes,1.50,1,1" in (tmp_path / "a.csv").read_text()
    assert anna.said("/leave", {}) == (200, {"rater": None, "rest_every": 2, "sound": False})
    assert anna.said("/state")[1]["rater"] is None
    assert anna.ask("/item/1")[0] == 404


def test_two_raters_at_once_do_not_meet(page, anna):
    bert = Browser(page)
    bert.ask("/")
    bert.said("/begin", {"name": "Bert"})
    anna.said("/answer", ANSWER)
    assert (anna.said("/state")[1]["place"], bert.said("/state")[1]["place"]) == (2, 1)


def test_answers_to_items_have_no_headers_that_tell(anna):
    found = [anna.ask(f"/item/{number}")[1] for number in (1, 2, 3)]
    assert found[0] == found[1] == found[2]
    assert not {"last-modified", "etag", "content-disposition"} & set(found[0])


@pytest.mark.parametrize(
    ("path", "values", "status", "said"),
    [
        ("/begin", {"name": "<b>"}, 400, "name: expected 1 to 40 letters"),
        ("/begin", {"name": 7}, 400, "name: expected"),
        ("/begin", {"name": "A" * 5000}, 400, "request: expected a JSON object of at most 4 kB"),
        ("/begin", [1], 400, "request: expected a JSON object"),
        ("/answer", ANSWER | {"place": 2}, 400, "place: expected 1 to 1, got 2"),
        ("/answer", ANSWER | {"emotion": ["happy"]}, 400, "emotion: expected one of"),
        ("/answer", ANSWER | {"real": None}, 400, "real: expected true or false"),
        ("/answer", {}, 400, "place: expected"),
        ("/place/2", None, 400, "place: expected 1 to 1, got 2"),
        ("/item/4", None, 404, "There is nothing here."),
        ("/item/../a.csv", None, 404, "There is nothing here."),
        ("/item/1.jpg", None, 404, "There is nothing here."),
        ("/a.key.json", None, 404, "There is nothing here."),
        ("/state", {}, 404, "There is nothing here."),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(anna, path, values, status, said):
    found, answer = anna.said(path, values)
    assert found == status
    assert answer["detail"].startswith(said)


@pytest.mark.parametrize("path", ["/state", "/item/1", "/place/1"])
def test_without_the_page_s_cookie_there_is_nothing(page, anna, path):
    stranger = Browser(page)
    stranger.cookie = "vfgan_rater=guessed"
    assert stranger.said(path) == (403, {"detail": "Open the page first, or load it again."})
    assert anna.ask(path)[0] == 200


@pytest.mark.parametrize("host", ["elsewhere", "127.0.0.1.elsewhere:7861", ""])
def test_no_other_name_leads_to_the_page(page, host):
    assert Browser(page, host).ask("/")[0] == 403
    page._config = RatingConfig(host="0.0.0.0")
    assert Browser(page, host).ask("/")[0] == 200


def test_old_browsers_are_forgotten(page, anna):
    for _ in range(MAX_BROWSERS):
        Browser(page).ask("/")
    assert anna.ask("/state")[0] == 403
