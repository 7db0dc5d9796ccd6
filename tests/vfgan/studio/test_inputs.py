"""What a visitor gives that cannot be used."""

import pytest

from tests.vfgan.studio.orders import order_of
from vfgan.errors import VfganError
from vfgan.studio.inputs import in_own_words


@pytest.mark.parametrize(
    ("voice", "face", "others", "expected"),
    [
        (None, "photo", {}, "There is no voice yet: drop or record one under 1."),
        ("voice", None, {}, "There is no face yet: drop a photo or footage, or use the camera, under 2."),
        ("voice", "photo", {"model": "../judge"}, "There is no model '../judge': expected one of vfgan."),
        ("voice", "photo", {"intensity": 9}, "Strength: expected 0 to 2, got 9."),
        ("voice", "photo", {"intensity": "1"}, "Strength: expected 0 to 2, got '1'."),
        ("silence", "photo", {}, "my silence.wav is silent: expected a voice"),
        ("text", "photo", {}, "my text.wav cannot be read as audio"),
        ("long", "photo", {}, "my long.wav is 9 s long: expected at most 8 s"),
        ("voice", "wall", {}, "my wall.png: no face found"),
        ("voice", "text", {}, "my text.wav is neither a photo nor footage: expected a picture"),
        ("voice", "footage", {}, "my person.mp4 is 0 s long: expected at most 0.3 s"),
    ],
)
def test_what_cannot_be_used_is_said_in_the_visitor_s_words(studio, media, tmp_path, voice, face, others, expected):
    order = order_of(voice and getattr(media, voice), face and getattr(media, face), **others)
    with pytest.raises(VfganError) as caught:
        list(studio.make(order, tmp_path, lambda share, what: None))
    assert in_own_words(caught.value, order).startswith(expected)
    assert not list(tmp_path.iterdir())
