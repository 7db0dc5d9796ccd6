"""Voice attributes on disk."""

import zipfile

import numpy as np
import pytest

from vfgan.data.attributes import Attributes, load_attributes, save_attributes
from vfgan.errors import SchemaError


@pytest.fixture
def some() -> Attributes:
    rng = np.random.default_rng(3)
    return Attributes(
        rng.normal(size=(5, 4)).astype(np.float32), np.array([0, 1, 2, 6, 6], np.int32),
        np.array([0, 1, 2, 2, 1], np.int32),
    )  # fmt: skip


def test_they_come_back(some, tmp_path):
    for name in ("one.npz", "two.npz"):
        save_attributes(some, tmp_path / name)
    read = load_attributes(tmp_path / "one.npz", 4)
    for name in ("z", "emotion", "intensity"):
        np.testing.assert_array_equal(getattr(read, name), getattr(some, name))
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()


def test_bad_files_are_refused(some, tmp_path):
    good = {"z": some.z, "emotion": some.emotion, "intensity": some.intensity}
    bad = {
        r"z is float32 \[5, 4\], expected float32 \[attributes, 8\]": (good, 8),
        r"emotion is not int32 \[5\] of 0 to 6": (good | {"emotion": np.array([0, 1, 2, 6, 7], np.int32)}, 4),
        r"intensity is not int32": (good | {"intensity": some.intensity[:4]}, 4),
        r"not finite": (good | {"z": np.full_like(some.z, np.nan)}, 4),
        r"holds no voice attributes: .*intensity": ({"z": some.z, "emotion": some.emotion}, 4),
        r"holds no voice attributes: Object arrays": (good | {"z": np.array([{}], object)}, 4),
        r"expected float32": (good | {"z": some.z[:0]}, 4),
    }
    for message, (arrays, z_size) in bad.items():
        np.savez(tmp_path / "bad.npz", **arrays)
        with pytest.raises(SchemaError, match=message):
            load_attributes(tmp_path / "bad.npz", z_size)
    (tmp_path / "text.npz").write_text("hello")
    with pytest.raises(SchemaError, match="holds no voice attributes"):
        load_attributes(tmp_path / "text.npz", 4)
    with pytest.raises(SchemaError, match="holds no voice attributes"):
        load_attributes(tmp_path / "absent.npz", 4)
    with zipfile.ZipFile(tmp_path / "large.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("z.npy", bytes(20_000_000))
    with pytest.raises(SchemaError, match="unpacks to 20,000,000 bytes"):
        load_attributes(tmp_path / "large.npz", 4)
