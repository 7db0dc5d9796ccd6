"""Mouth and sound of clips: who is measured, against what, and why nobody is."""

import cv2
import numpy as np
import pytest

from vfgan.evaluation.dynamics import (
    LEAST_FPS,
    mean_interval,
    measure_dynamics,
    measure_kept_mouth,
    mouth_sound_correlation,
)


class Finder:
    """A face's mouth opening is its grey level; black is no face."""

    def close(self):
        pass

    def find(self, face):
        level = float(face.mean())
        return [type("Face", (), {"mouth_opening": level / 255})] if level > 1 else []


def record(fps=25.0, seconds=2.0, seed=0, voice=True, real=1.0):
    """A clip whose real mouth follows its energy by `real` (1: always, -1: against it)."""
    times = np.arange(round(seconds * fps)) / fps
    mfsc_times = 0.02 + 0.04 * np.arange(round(seconds / 0.04))
    energy = np.random.default_rng(seed).normal(size=len(mfsc_times))
    planes = np.repeat(energy[:, None, None], 40, axis=1) * [[[1.0, 0.0, 0.0]]] if voice else np.zeros((0, 40, 3))
    still = cv2.imencode(".png", np.full((8, 8, 3), 100, np.uint8))[1].tobytes()
    opening = 0.3 + 0.05 * real * np.interp(times, mfsc_times, energy)
    return {
        "face_times": times, "mfsc_times": mfsc_times[: len(planes)], "mfsc": planes, "faces": [still] * len(times),
        "mouth_opening": opening, "energy": energy, "energy_times": mfsc_times,
    }  # fmt: skip


def follow(record, face):
    """A generator whose mouth follows the energy."""
    assert face.shape == (8, 8, 3)
    level = 100 + 20 * np.interp(record["face_times"], record["energy_times"], record["energy"])
    return np.repeat(np.clip(level, 2, 250).astype(np.uint8)[:, None], 8 * 8 * 3, axis=1).reshape(-1, 8, 8, 3)


def test_rows():
    found = measure_dynamics(follow, [record(seed=seed, real=-1) for seed in range(4)], Finder(), 24)
    assert found.absent == ""
    assert found.rows["generated"] > 0.98
    assert found.rows["real faces"] == pytest.approx(-1, abs=0.01)
    assert abs(found.rows["shuffled voice"]) < 0.4
    for row, mean in found.rows.items():
        low, high = found.intervals[row]
        assert low <= mean <= high
    low, high = found.intervals["shuffled voice"]
    assert 0.02 < high - low < 1
    low, high = found.intervals["generated - shuffled voice"]
    assert low < found.rows["generated"] - found.rows["shuffled voice"] < high


def test_shuffled_is_the_mean_over_all_other_clips():
    clips = [record(seed=seed) for seed in range(3)]
    levels = [follow(clip, np.zeros((8, 8, 3), np.uint8)).mean(axis=(1, 2, 3)) for clip in clips]
    heard = [np.interp(clip["face_times"], clip["energy_times"], clip["energy"]) for clip in clips]
    of_others = [np.corrcoef(levels[one], heard[other])[0, 1] for one in range(3) for other in range(3) if one != other]
    found = measure_dynamics(follow, clips, Finder(), 24)
    # frames before and after the energy's times are left out, hence not quite
    assert found.rows["shuffled voice"] == pytest.approx(np.mean(of_others), abs=0.03)


def test_the_interval_of_a_mean():
    """Of many draws from a normal distribution it is 1.96 standard errors to both sides."""
    values = np.random.default_rng(0).normal(0.3, 1.0, 400)
    low, high = mean_interval(values)
    assert (low, high) == pytest.approx(values.mean() + np.array([-1.96, 1.96]) * values.std() / 20, abs=0.01)
    assert mean_interval(np.array([0.2, 0.2])) == (0.2, 0.2)


def test_one_clip_has_no_interval():
    assert measure_dynamics(follow, [record()], Finder(), 24).intervals == {}


@pytest.mark.parametrize(("fps", "used"), [(23.976, False), (24, False), (25, True), (24.9, True), (29.97, True)])
def test_frame_rates(fps, used):
    assert bool(measure_dynamics(follow, [record(fps)], Finder(), 24).rows) == used


def test_at_most_24_clips_are_driven():
    driven = []
    measure_dynamics(
        lambda clip, face: driven.append(1) or follow(clip, face), [record(seconds=0.5)] * 30, Finder(), 24
    )
    assert len(driven) == 24


def test_why_there_is_nothing():
    for records, message in (
        ([record(fps=12.5), record(fps=6.0)], f"at most 12.5 times a second, expected {LEAST_FPS:g}"),
        ([record(voice=False), record(seconds=0.2)], "none of 2 test clips has both"),
        ([], "none of 0 test clips"),
    ):
        found = measure_dynamics(follow, records, Finder(), 24)
        assert found.rows == {}
        assert message in found.absent
    found = measure_dynamics(lambda clip, face: 0 * follow(clip, face), [record(real=0)], Finder(), 24)
    assert "no face was found, or nothing moves" in found.absent


def footage(fps=25.0):
    """A clip whose mouth opens as its faces become lighter."""
    made = record(fps, voice=False)
    levels = (120 + 60 * np.sin(np.arange(len(made["face_times"])))).astype(np.uint8)
    faces = [cv2.imencode(".png", np.full((8, 8, 3), level, np.uint8))[1].tobytes() for level in levels]
    return made | {"faces": faces, "mouth_opening": levels / 255}


def test_driven_footage_keeps_its_mouth_or_not():
    clips = [footage(), footage(12.5), footage()]
    numbers = []

    def keeps(number, faces):
        numbers.append(number)
        return faces // 2 + 40

    assert measure_kept_mouth(keeps, clips, Finder(), 24) > 0.99
    assert numbers == [0, 1]
    assert measure_kept_mouth(lambda number, faces: 255 - faces, clips, Finder(), 24) < -0.99
    assert np.isnan(measure_kept_mouth(lambda number, faces: np.full_like(faces, 90), clips, Finder(), 24))
    assert np.isnan(measure_kept_mouth(keeps, clips[1:2], Finder(), 24))


def test_mouth_follows_the_sound():
    times = np.arange(40) / 25
    energy = np.sin(times * 9)
    assert mouth_sound_correlation(0.3 + 0.1 * energy, times, energy, times) == pytest.approx(1)
    assert mouth_sound_correlation(-energy, times, energy, times) == pytest.approx(-1)
    assert np.isnan(mouth_sound_correlation(np.zeros(40), times, energy, times))
    gaps = np.where(np.arange(40) % 2, np.nan, energy)
    assert mouth_sound_correlation(gaps, times, energy, times) == pytest.approx(1)
