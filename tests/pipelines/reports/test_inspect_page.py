"""The page of `vfgan inspect`: whole, bounded, escaped."""

import base64
import html.parser
import io
import re

import cv2
import numpy as np
import pytest
import soundfile

from pipelines.reports.inspect_page import write_page
from vfgan.data.dataset import DataSet
from vfgan.data.survey import survey

pytestmark = pytest.mark.medium


@pytest.fixture(scope="module")
def surveyed(dataset):
    return survey(DataSet(dataset), worst=5, examples=9)


@pytest.fixture(scope="module")
def page(dataset, surveyed, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "inspect.html"
    write_page(path, DataSet(dataset), surveyed)
    return path.read_text(encoding="utf-8")


class Tags(html.parser.HTMLParser):
    """Every tag with its attributes, and whether tags are closed in order."""

    def __init__(self, text):
        super().__init__()
        self.found, self._open = [], []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        if tag not in ("meta", "img", "br"):
            self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag


def test_page_is_whole_and_refers_to_nothing_outside(page):
    tags = Tags(page).found
    targets = [attrs["id"] for _, attrs in tags if "id" in attrs]
    for _, attrs in tags:
        for name in ("src", "href"):
            value = attrs.get(name, "data:")
            assert value.startswith("data:") or value.removeprefix("#") in targets
    assert not {"script", "link", "iframe"} & {tag for tag, _ in tags}
    assert "url(" not in page
    assert "http" not in page
    assert "holds no sound" not in page


def test_cards_show_faces_map_and_sound(page, surveyed):
    cards = sum(len(clips) for clips in surveyed.worst.values()) + len(surveyed.examples)
    assert page.count("<div class=card>") == cards
    kinds = re.findall(r"src='data:([a-z/]+);base64,([^']+)'", page)
    assert [kind for kind, _ in kinds] == ["image/jpeg", "image/png", "audio/mpeg"] * cards
    strip, energy, sound = (base64.b64decode(content) for _, content in kinds[:3])
    assert cv2.imdecode(np.frombuffer(strip, np.uint8), cv2.IMREAD_COLOR).shape == (72, 432, 3)
    record = surveyed.worst["sharpness"][0][1]
    assert cv2.imdecode(np.frombuffer(energy, np.uint8), cv2.IMREAD_COLOR).shape == (150, 432, 3)
    heard, rate_hz = soundfile.read(io.BytesIO(sound))
    assert rate_hz == 16_000
    assert len(heard) == pytest.approx(record["num_samples"], abs=2500)


def test_page_of_many_odd_clips_is_bounded_and_escaped(dataset, surveyed, tmp_path):
    import copy

    found = copy.deepcopy(surveyed)
    found.counts["actor"] = {f"<b>{number}": found.counts["actor"]["01"] for number in range(500)}
    long = found.examples[0]
    long |= {
        "clip_id": "own/<script>alert(1)</script>", "mfsc": np.tile(long["mfsc"], (900, 1, 1)),
        "waveform": np.tile(long["waveform"], 100), "faces": long["faces"] * 200,
        "mfsc_times": 0.03 * np.arange(900 * len(long["mfsc"])),
    }  # fmt: skip
    found.examples[1] |= {"faces": [], "frames_seen": 0, "waveform": np.zeros(0, np.float32)}
    found.examples[2] |= {"mfsc": np.zeros((0, 40, 3), np.float32), "waveform": np.zeros(0, np.float32)}
    write_page(tmp_path / "a.html", DataSet(dataset), found)
    text = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert "<script>" not in text
    assert "&lt;script&gt;" in text
    assert "… and 440 more" in text
    assert "<details><summary>By actor: 500</summary>" in text
    assert "no faces" in text
    assert len(text) < 4_000_000
    Tags(text)


def test_a_data_set_without_sound_says_so(dataset, surveyed, tmp_path):
    import copy

    found = copy.deepcopy(surveyed)
    for total in found.totals.values():
        total["waveforms"] = 0
    write_page(tmp_path / "a.html", DataSet(dataset), found)
    assert "holds no sound: build it with --keep-waveform" in (tmp_path / "a.html").read_text(encoding="utf-8")
