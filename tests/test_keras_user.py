"""What a Keras user does who has read the README alone: data set, extractor, emotion CNN, CycleGAN, SavedModel."""

import warnings
from pathlib import Path

import keras
import numpy as np
import pytest

import vfgan
from pipelines.commands.export import Export, export
from vfgan.errors import ConfigError

EXTRACTOR = {"widths": (4, 4, 4, 4), "dense": 8, "z_size": 4}
GAN = {"size_px": 32, "filters": 4, "blocks": 1, "discriminator_filters": 4, "discriminator_layers": 2}


@pytest.mark.slow
def test_from_a_data_set_to_a_changed_face(dataset, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    callbacks = keras.callbacks
    data = vfgan.load_dataset(dataset)
    table = data.table()
    assert len(table) == 24
    assert set(table["split"]) == {"train", "validation", "test"}
    assert table["actor"].tolist()[0] == "01"  # names, not numbers

    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        extractor = vfgan.Extractor(**EXTRACTOR)
        extractor.adapt(data.train)
        extractor.compile("adam")
        extractor.fit(
            data.train.windows(8), validation_data=data.validation.windows(8), epochs=2, verbose=0,
            callbacks=[
                callbacks.EarlyStopping(patience=5),
                callbacks.ModelCheckpoint("x.keras"),
                callbacks.TensorBoard("logs"),
            ],
        )  # fmt: skip

        emotion_cnn = vfgan.FaceClassifier(width=4, features=8, size_px=32)
        emotion_cnn.compile("adam")
        emotion_cnn.fit(data.train.faces(8, size_px=32, half="all"), verbose=0)

        gan = vfgan.CycleGan(extractor=keras.saving.load_model("x.keras"), emotion_cnn=emotion_cnn, **GAN)
        gan.compile()
        history = gan.fit(
            data.train.pairs(8), validation_data=data.validation.pairs(8, steps=1), epochs=2, verbose=0,
            callbacks=[
                vfgan.Monitor(data.validation.pairs(8), "watched"),
                vfgan.Guard(),
                callbacks.BackupAndRestore("backup"),
                callbacks.ModelCheckpoint("best.keras", monitor="monitor", mode="max", save_best_only=True),
            ],
        ).history  # fmt: skip
        gan.save("gan.keras")
        loaded = keras.saving.load_model("gan.keras")
        written = vfgan.export(loaded, "models/mine")

    assert {"d_y", "verification", "val_cycle_x", "monitor", "agreement"} <= set(history)
    assert [path.parent.name for path in written] == ["mine", "mine_video"]
    assert (tmp_path / "watched" / "curves.png").is_file()
    faces, z = np.zeros((2, 32, 32, 1), np.float32), np.ones((2, 4), np.float32)
    np.testing.assert_array_equal(loaded.predict([faces, z], verbose=0), gan.predict([faces, z], verbose=0))

    export(Export(out=Path("models"), gan=Path("gan.keras"), extractor=Path("x.keras"), name="by_command", video=False))
    by_command = vfgan.VoiceFace("models/by_command").edit(np.full((1, 64, 64, 3), 90, np.uint8), z[:1])
    mine = vfgan.VoiceFace("models/mine").edit(np.full((1, 64, 64, 3), 90, np.uint8), z[:1])
    np.testing.assert_array_equal(by_command, mine)
    with pytest.raises(ConfigError, match="--judge x.keras holds a model of the kind extractor: expected judge"):
        export(Export(out=Path("models"), judge=Path("x.keras")))

    model = vfgan.VoiceFace("models/mine", intensity=2.0)
    assert model.edit(np.full((1, 160, 160, 3), 90, np.uint8), z[:1]).shape == (1, 160, 160, 3)
    assert model.card["resolved"]["extractor"]["train_actors"] == ["01"]
