"""Talking heads under the names of CREMA-D, MEAD and GRID become whole records."""

import pytest
import soundfile

from tfrecords_builder.build import build
from vfgan.config.data import BuildConfig
from vfgan.data.dataset import DataSet
from vfgan.media.audio import load_waveform

pytestmark = pytest.mark.medium


@pytest.fixture(scope="module")
def renamed(tmp_path_factory, heads):
    """Angry, fearful and happy heads of three actors, as CREMA-D (videos and sounds) and as MEAD (both layouts)."""
    folder = tmp_path_factory.mktemp("renamed")
    places = {
        "cremad": "VideoFlash/100{a}_DFA_{c}_HI.flv",
        "nested": "M00{a}/video/front/{m}/level_3/001.mp4",
        "flat": "M00{a}_level_3_{m}_001.mp4",
    }
    for actor in (1, 2, 3):
        for code, cremad, mead in (("05", "ANG", "angry"), ("06", "FEA", "fear"), ("03", "HAP", "happy")):
            (head,) = (heads / f"Actor_0{actor}").glob(f"01-01-{code}-*.mp4")
            for corpus, place in places.items():
                path = folder / corpus / place.format(a=actor, c=cremad, m=mead)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.symlink_to(head)
            sound = folder / "cremad" / "AudioWAV" / f"100{actor}_DFA_{cremad}_HI.wav"
            sound.parent.mkdir(exist_ok=True)
            soundfile.write(sound, load_waveform(head), 16_000)
    return folder


@pytest.mark.parametrize(("source", "corpus"), [("cremad", "cremad"), ("mead", "nested"), ("mead", "flat")])
def test_heads_under_other_names_become_whole_records(tmp_path, renamed, source, corpus):
    manifest = build([f"{source}:{renamed / corpus}"], tmp_path, BuildConfig(face_fps=2.0), workers=1)
    assert (manifest["clips"], manifest["rejected"], manifest["split_by"]) == (9, 0, {source: "actor"})
    for record in DataSet(tmp_path).records(("train", "validation", "test")):
        assert record["modality"] == "full-av"
        assert record["intensity"] == 2
        assert len(record["faces"]) > 0
        assert len(record["mfsc"]) > 0
