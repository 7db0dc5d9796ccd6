"""What a container's header says."""

import numpy as np
import pytest
import soundfile

from vfgan.errors import MediaError
from vfgan.media.containers import Media, probe


def test_header_tells_length_sound_and_pictures(tmp_path, talking_mp4):
    soundfile.write(tmp_path / "a.wav", np.zeros(8_000), 16_000)
    assert probe(tmp_path / "a.wav") == Media(0.5, has_audio=True, has_video=False)
    film = probe(talking_mp4)
    assert (film.has_audio, film.has_video) == (True, True)
    assert film.seconds == pytest.approx(3.0, abs=0.1)


def test_what_is_no_container_is_refused(tmp_path):
    with pytest.raises(MediaError, match=r"none\.mp4 does not exist or is not a file"):
        probe(tmp_path / "none.mp4")
    (tmp_path / "text.mp4").write_text("This is no film.")
    with pytest.raises(MediaError, match=r"text\.mp4 cannot be read"):
        probe(tmp_path / "text.mp4")
