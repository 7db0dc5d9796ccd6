"""What is said of the footage of a person."""

import dataclasses

from pipelines.reports import footage_table
from vfgan.data.footage_report import Findings, by_face

GOOD = Findings(40, 900, 0.98, 90.0, 120.0, 200.0, 150.0, 10.0, {"neutral": 60.0, "happy": 30.0})


def test_what_is_too_little_is_said():
    assert GOOD.too_little() == ""
    assert "seen for 12 s of speech: expected at least 20" in dataclasses.replace(GOOD, face_seconds=12.0).too_little()
    assert "neutral alone" in dataclasses.replace(GOOD, emotions={"neutral": 90.0}).too_little()
    never_neutral = dataclasses.replace(GOOD, emotions={"happy": 60.0, "angry": 30.0})
    assert never_neutral.too_little() == ""
    assert "no neutral speech" in never_neutral.too_little(bends=True)
    assert GOOD.too_little(bends=True) == ""
    assert GOOD.weak() == ["not in it, so not learnt of this person: sad, angry, fearful, disgust, surprised"]
    poor = dataclasses.replace(GOOD, face_px=40.0, sharpness=5.0, share_with_face=0.5, head_turn_degrees=45.0)
    assert [text.split(":")[0] for text in poor.weak()[:4]] == [
        "the face is 40 px wide", "the face is blurred", "50% of the frames have no face",
        "the head is often turned aside",
    ]  # fmt: skip
    assert any("neutral 60 s, happy 30 s" in line for line in GOOD.lines())


def test_calm_and_neutral_have_one_face():
    assert by_face({"calm": 1.0, "neutral": 2.0, "sad": 0.0}) == {"neutral": 3.0}
    assert footage_table.COLUMNS == ("file", "emotion", "speaker", "start", "end")
