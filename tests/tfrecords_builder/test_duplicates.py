"""Near-duplicate pictures are found, and others are not taken for them."""

import cv2
import numpy as np
import pytest

from tfrecords_builder import duplicates
from tfrecords_builder.clip import Clip
from tfrecords_builder.duplicates import NearDuplicates, find_groups
from tfrecords_builder.sources import images


def scene(seed, size=48):
    """Smooth random patches: uint8 [size, size]."""
    noise = np.random.default_rng(seed).normal(size=(9, 9))
    smooth = cv2.resize(noise, (size, size), interpolation=cv2.INTER_CUBIC)
    return np.clip(127 + 60 * smooth, 0, 255).astype(np.uint8)


def moved(picture, degrees=0.0, scale=1.0, right=0, down=0):
    matrix = cv2.getRotationMatrix2D((23.5, 23.5), degrees, scale)
    matrix[:, 2] += right, down
    return cv2.warpAffine(picture, matrix, (48, 48), borderMode=cv2.BORDER_REPLICATE)


CHANGES = {
    "same": lambda p: p,
    "mirrored": lambda p: p[:, ::-1],
    "turned": lambda p: moved(p, 12),
    "mirrored and turned": lambda p: moved(p[:, ::-1], -9),
    "shifted": lambda p: moved(p, 0, 1.0, 5, -3),
    "scaled": lambda p: moved(p, 0, 1.12),
    "brighter": lambda p: np.clip(p * 1.3 + 20, 0, 255).astype(np.uint8),
    "larger file": lambda p: cv2.resize(p, (200, 200), interpolation=cv2.INTER_CUBIC),
    "colour": lambda p: cv2.cvtColor(p, cv2.COLOR_GRAY2BGR),
}


@pytest.fixture
def pictures(tmp_path):
    """pictures({name: array}): clips of pictures of disgust."""

    def make(arrays, emotion="disgust"):
        folder = tmp_path / "faces" / emotion
        folder.mkdir(parents=True, exist_ok=True)
        for name, array in arrays.items():
            cv2.imwrite(str(folder / f"{name}.jpg"), array)
        return list(images.find_clips(tmp_path / "faces"))

    return make


@pytest.mark.parametrize("change", CHANGES)
def test_changed_copies_are_found_among_others(pictures, change):
    others = {f"other{seed}": scene(seed) for seed in range(2, 10)}
    clips = pictures({"a": scene(1), "b": CHANGES[change](scene(1)), **others})
    assert find_groups(clips) == [["faces/disgust/a", "faces/disgust/b"]]


def test_copies_of_copies_are_one_group_and_emotions_are_apart(pictures):
    first, second = moved(scene(1), 18), moved(moved(scene(1), 18), 18)
    pictures({"x": scene(1)}, "happy")
    clips = pictures({"a": scene(1), "b": first, "c": second})
    assert find_groups(clips) == [["faces/disgust/a", "faces/disgust/b", "faces/disgust/c"]]


def test_what_was_found_is_kept_until_the_pictures_change(tmp_path, pictures, monkeypatch):
    clips, searched = pictures({"a": scene(1), "b": scene(1)[:, ::-1], "c": scene(2)}), []
    monkeypatch.setattr(duplicates, "find_groups", lambda c, _: (searched.append(len(c)), find_groups(c))[1])
    for _ in range(2):
        alike = NearDuplicates(tmp_path / "kept.json")
        assert set(alike(clips).values()) == {"faces/disgust/a"}
        assert alike.counts == {"faces": {"groups": 1, "pictures": 2}}
    assert searched == [3]
    clips = pictures({"d": scene(2)})
    assert len(NearDuplicates(tmp_path / "kept.json")(clips)) == 4
    assert searched == [3, 4]
    assert NearDuplicates(tmp_path / "none.json")([Clip("voices", "a", 1, audio="a.wav")]) == {}


def test_pictures_that_cannot_be_read_are_in_no_group(tmp_path, pictures):
    clips = pictures({"a": scene(1), "b": scene(1)})
    (tmp_path / "faces" / "disgust" / "b.jpg").write_bytes(b"no picture")
    assert find_groups(clips) == []


@pytest.mark.medium
@pytest.mark.real
def test_enlarged_disgust_of_fer2013_has_many_groups(real_data):
    clips = [clip for clip in images.find_clips(real_data / "fer2013") if clip.key.startswith("disgust/")][:300]
    assert len(find_groups(clips)) >= 10


def test_progress_counts_the_pictures_of_all_emotions(pictures):
    pictures({f"p{seed}": scene(seed) for seed in range(3)})
    clips = pictures({f"p{seed}": scene(seed) for seed in range(3, 5)}, "happy")
    said = []
    find_groups(clips, lambda done, total: said.append((done, total)))
    assert {total for _, total in said} == {5}
    assert [done for done, _ in said] == sorted(done for done, _ in said)
    assert said[0] == (0, 5)
    assert said[-1] == (5, 5)
    assert {0, 1, 2, 3, 4, 5} == {done for done, _ in said}
