"""`vfgan listen` writes a picture and a table."""

import csv

import numpy as np
import pytest

from pipelines.commands.listen import Listen, line
from tests.vfgan.generate.swelling_tones import write
from vfgan.emotions import EMOTIONS, UNLIKE
from vfgan.errors import ConfigError
from vfgan.generate.listener import UtteranceEmotion

pytestmark = pytest.mark.medium


def test_the_command_writes_a_picture_and_a_table(exported, tmp_path, capsys):
    voice = write(tmp_path / "v.wav", (1, 0.2), (1, 0), (2, 0.2))
    Listen(voice, tmp_path / "out" / "heard.png", str(exported.folder / "extractor")).main()
    with open(tmp_path / "out" / "heard.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["kind"] for row in rows].count("utterance") == 2
    assert all(sum(float(row[name]) for name in EMOTIONS) == pytest.approx(1, abs=1e-3) for row in rows)
    assert all(row["heard"] == max(EMOTIONS, key=lambda name, row=row: float(row[name])) for row in rows)
    assert (tmp_path / "out" / "heard.png").stat().st_size > 5_000
    assert capsys.readouterr().out.count(" s  ") == 2
    silent = write(tmp_path / "silent.wav", (1, 0))
    Listen(silent, tmp_path / "out" / "none.png", str(exported.folder / "extractor")).main()
    assert "no voice found" in capsys.readouterr().out
    with pytest.raises(ConfigError, match=r"ends in \.png"):
        Listen(voice, tmp_path / "x.jpg").main()


@pytest.mark.parametrize(("strangeness", "guess"), [(UNLIKE + 0.1, True), (UNLIKE - 0.1, False)])
def test_a_voice_unlike_any_heard_is_said_to_be_a_guess(strangeness, guess):
    sure = np.eye(8, dtype=np.float32)[4]
    utterance = UtteranceEmotion(0.0, 1.0, np.zeros(2), sure, np.zeros(1), sure[None], strangeness)
    assert ("a guess" in line(utterance)) == guess


def test_long_recordings_are_drawn_without_their_map(tmp_path, monkeypatch):
    from pipelines.commands import listen
    from vfgan.config.data import MfscConfig

    voice = write(tmp_path / "v.wav", (1, 0.2), (1, 0))
    drawn = listen.voice_map(voice, MfscConfig(), None)
    assert drawn.energy.shape == (len(drawn.times), 40)
    assert drawn.times[-1] == pytest.approx(2.0, abs=0.05)
    monkeypatch.setattr(listen, "LONGEST_MAP_SECONDS", 1.5)
    assert listen.voice_map(voice, MfscConfig(), None) is None
