"""Which signatures may be computed together."""

import pytest

from vfgan.serving.servable import Servable


@pytest.mark.medium
def test_which_signatures_may_be_merged(exported):
    """The first dimension of everything is the batch; a video and a voice's windows are not rows."""
    from vfgan.savedmodel.load import find_model

    batchable = {
        (name, key)
        for name in ("vfgan", "vfgan_video", "extractor", "emotion_cnn")
        for key, signature in Servable(name, 1, find_model(exported.folder / name)).signatures.items()
        if signature.batchable
    }
    assert batchable == {
        ("vfgan", "serving_default"), ("vfgan", "padded"), ("vfgan", "from_z"), ("extractor", "serving_default"),
        ("extractor", "padded"), ("emotion_cnn", "serving_default"),
    }  # fmt: skip
