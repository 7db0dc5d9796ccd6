"""`vfgan doctor` names what lacks."""

from tests.pipelines.running import run


def test_doctor_names_what_lacks(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("VFGAN_MODELS", str(tmp_path))
    code, out, err = run(capsys, "doctor", "--folder", str(tmp_path))
    assert code == 2
    assert "1 of 8 checks failed: models" in err
    for name in ("tensorflow 2.17", "tensorflow-io 0.37", "keras-cv 0.9", "pandas ", "librosa "):
        assert name in out
    assert "can be written" in out
