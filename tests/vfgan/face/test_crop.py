"""Faces cut out in the one geometry, their sharpness, and changes pasted back."""

import cv2
import numpy as np
import pytest

from vfgan.config.data import CropConfig
from vfgan.face.crop import (
    CROP_HEIGHT,
    crop_face,
    crop_matrix,
    going_on_below,
    paste_edit,
    sharpness,
    warp_crop,
    whole_picture_matrix,
)
from vfgan.face.face import Face
from vfgan.face.finder import find_face
from vfgan.face.pixels import border_mask

CROP = CropConfig(size_px=128)


def face_with_eyes(left, right, nose_ratio=0.6):
    """A face of which only eyes and nose are known; the nose lies `nose_ratio` eye distances below the eyes."""
    left, right = np.asarray(left, float), np.asarray(right, float)
    landmarks = np.zeros((468, 2), np.float32)
    landmarks[[33, 133]] = left + np.array([[-4, 1], [4, -1]])
    landmarks[[263, 362]] = right + np.array([[5, 2], [-5, -2]])
    across = right - left
    landmarks[2] = (left + right) / 2 + nose_ratio * np.array([-across[1], across[0]])
    return Face(landmarks)


def moved(rgb, matrix, size):
    return cv2.warpAffine(rgb, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


def at(matrix, points):
    return np.asarray(points) @ matrix[:, :2].T + matrix[:, 2]


@pytest.mark.parametrize("degrees", [-40, -15, 0, 10, 33])
@pytest.mark.parametrize("size_px", [64, 128])
def test_crop_matrix_is_the_similarity_that_places_the_eyes(degrees, size_px):
    turn = np.exp(1j * np.radians(degrees))
    left, right = 220 + 130j - 37 * turn, 220 + 130j + 37 * turn
    face = face_with_eyes([left.real, left.imag], [right.real, right.imag])
    matrix = crop_matrix(face, CROP, size_px)
    # z' = a z + b through the two eyes, in complex numbers
    half = 0.5 * CROP.eye_distance * size_px
    target = 0.5 * size_px + 1j * CROP.eye_height * size_px
    a = 2 * half / (right - left)
    b = target - a * (left + right) / 2
    np.testing.assert_allclose(matrix, [[a.real, -a.imag, b.real], [a.imag, a.real, b.imag]], atol=1e-4)
    np.testing.assert_allclose(
        at(matrix, [[left.real, left.imag], [right.real, right.imag]]),
        [[target.real - half, target.imag], [target.real + half, target.imag]],
        atol=1e-3,
    )


def test_a_turned_head_is_not_enlarged():
    straight = face_with_eyes([100, 100], [160, 100], nose_ratio=0.8)
    turned = face_with_eyes([110, 100], [140, 100], nose_ratio=1.6)  # the eyes half as far apart, the nose as low
    assert straight.eye_distance == pytest.approx(60, abs=1e-3)
    assert turned.eye_distance == pytest.approx(60, abs=1e-3)
    scales = [np.hypot(*crop_matrix(face, CROP, 128)[0, :2]) for face in (straight, turned)]
    assert scales[0] == pytest.approx(scales[1], rel=1e-4)


@pytest.mark.parametrize(
    ("degrees", "scale", "shift"),
    [(0, 1.0, (0, 0)), (25, 1.0, (0, 0)), (-25, 0.8, (60, 20)), (12, 1.5, (-40, 30)), (-8, 0.55, (-90, -60))],
)
def test_eyes_of_turned_scaled_shifted_faces_come_to_one_place(finder, portrait, degrees, scale, shift):
    rgb, eyes = portrait(256, 1)
    moving = cv2.getRotationMatrix2D((128, 128), degrees, scale)
    moving[:, 2] += [72 + shift[0], 72 + shift[1]]
    picture, true_eyes = moved(rgb, moving, (400, 400)), at(moving, eyes)
    face = find_face(finder, picture, "moved")
    matrix = crop_matrix(face, CROP, 128)
    placed = at(matrix, true_eyes)
    straight = at(crop_matrix(find_face(finder, rgb, "straight"), CROP, 128), eyes)
    np.testing.assert_allclose(placed, straight, atol=2.0)
    assert placed.mean(axis=0) == pytest.approx([64, CROP.eye_height * 128], abs=3)
    assert abs(placed[0, 1] - placed[1, 1]) < 2  # level
    # and the pixels follow the matrix
    again = find_face(finder, cv2.resize(crop_face(picture, face, CROP), (256, 256)), "crop").eye_centres / 2
    assert again.mean(axis=0) == pytest.approx([64, CROP.eye_height * 128], abs=2)
    assert abs(again[0, 1] - again[1, 1]) < 2


def test_face_at_the_edge_is_cropped_with_the_edge_repeated(finder, portrait):
    rgb, eyes = portrait(256, 1)
    cut = np.ascontiguousarray(rgb[:, int(eyes[0, 0]) - 30 :])  # the picture ends beside the eye
    face = find_face(finder, cut, "edge")
    matrix = crop_matrix(face, CROP, 128)
    outside = at(cv2.invertAffineTransform(matrix), [[2.0, 64.0]])[0]
    assert outside[0] < -3
    crop = crop_face(cut, face, CROP)
    assert crop.shape == (128, 128, 3)
    row = cut[round(outside[1]), 0].astype(int)
    assert np.abs(crop[64, 2].astype(int) - row).max() < 25
    assert crop.min(axis=-1).max() > 0  # not black
    whole = crop_face(rgb, find_face(finder, rgb, "whole"), CROP)
    assert np.abs(crop[20:100, 60:110].astype(int) - whole[20:100, 60:110]).mean() < 12


def test_beyond_the_picture_its_edge_repeats_exactly():
    rgb = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    crop = warp_crop(rgb, np.array([[1.0, 0, 10], [0, 1.0, 15]]), 64)
    np.testing.assert_array_equal(crop[15:35, 10:40], rgb)
    np.testing.assert_array_equal(crop[15:35, :10], np.repeat(rgb[:, :1], 10, axis=1))
    np.testing.assert_array_equal(crop[:15, 10:40], np.repeat(rgb[:1], 15, axis=0))
    np.testing.assert_array_equal(crop[35:, 40:], np.broadcast_to(rgb[-1, -1], (29, 24, 3)))


def test_shrinking_averages_instead_of_picking_pixels():
    checks = (np.indices((512, 512)).sum(axis=0) % 2 * 255).astype(np.uint8)
    rgb = np.stack([checks] * 3, axis=-1)
    crop = warp_crop(rgb, whole_picture_matrix(512, 512, 64), 64)
    assert np.abs(crop[2:-2, 2:-2].astype(int) - 127).max() < 30


@pytest.mark.parametrize("shape", [(48, 48), (60, 100), (100, 60), (300, 200)])
def test_whole_picture_takes_the_largest_central_square(shape):
    height, width = shape
    matrix, side = whole_picture_matrix(height, width, 128), min(shape)
    corner = np.array([(width - side) / 2, (height - side) / 2])
    np.testing.assert_allclose(at(matrix, [corner, corner + side]), [[0, 0], [128, 128]], atol=1e-9)
    y, x = np.mgrid[:height, :width]
    rgb = np.stack([x * 200 / width, y * 200 / height, x * 0], axis=-1).astype(np.uint8)
    left, top = corner.astype(int)
    expected = cv2.resize(rgb[top : top + side, left : left + side], (128, 128), interpolation=cv2.INTER_AREA)
    assert np.abs(warp_crop(rgb, matrix, 128).astype(int) - expected).mean() < 4


@pytest.fixture(params=[(0, 1.0), (17, 0.6), (-30, 1.7)])
def placed(request):
    """A picture of 240 x 320 and the matrix of a crop of 64 px inside it."""
    degrees, scale = request.param
    rgb = cv2.GaussianBlur(np.random.default_rng(5).integers(0, 256, (240, 320, 3), dtype=np.uint8), (0, 0), 3)
    matrix = cv2.getRotationMatrix2D((160, 120), degrees, scale)
    matrix[:, 2] += [32 - 160, 32 - 120]
    return rgb, matrix


def test_unchanged_crop_leaves_the_picture_bit_identical(placed):
    rgb, matrix = placed
    crop = warp_crop(rgb, matrix, 64)
    np.testing.assert_array_equal(paste_edit(rgb, crop, crop.copy(), matrix), rgb)


def test_change_is_carried_into_the_crop_and_nowhere_else(placed):
    rgb, matrix = placed
    rgb = rgb // 2 + 40  # room for the change
    crop = warp_crop(rgb, matrix, 64)
    pasted = paste_edit(rgb, crop, crop + np.uint8(30), matrix)
    corners = at(cv2.invertAffineTransform(matrix), [[0, 0], [63, 0], [63, 63], [0, 63]])
    inside = np.zeros(rgb.shape[:2], np.uint8)
    cv2.fillConvexPoly(inside, np.round(corners).astype(np.int32), 1)
    outside = cv2.dilate(inside, np.ones((3, 3), np.uint8)) == 0
    np.testing.assert_array_equal(pasted[outside], rgb[outside])
    back = warp_crop(pasted, matrix, 64).astype(int) - crop
    assert np.abs(back[16:-16, 16:-16] - 30).max() <= 3
    assert (pasted.astype(int) - rgb).min() >= 0


def test_pasting_does_not_wrap_around():
    rgb, matrix = np.full((64, 64, 3), 250, np.uint8), np.eye(2, 3)
    pasted = paste_edit(rgb, np.full_like(rgb, 240), np.full_like(rgb, 255), matrix)
    assert pasted.min() == 250
    assert pasted[32, 32].tolist() == [255, 255, 255]
    assert paste_edit(rgb - 245, np.full_like(rgb, 20), np.zeros_like(rgb), matrix)[32, 32].tolist() == [0, 0, 0]


def test_of_what_changes_much_nothing_finer_is_left():
    """A crop that is coarser than its picture: grain goes where a mouth opens, and stays where a cheek turns red."""
    random = np.random.default_rng(6)
    rgb = random.integers(100, 140, (256, 256, 3)).astype(np.uint8)
    matrix = np.array([[0.25, 0.0, -0.375], [0.0, 0.25, -0.375]])
    before = warp_crop(rgb, matrix, 64)
    after = before.copy()
    after[20:30, 20:44], after[40:50, 20:44] = 10, before[40:50, 20:44] + 5
    made = paste_edit(rgb, before, after, matrix)
    opened, cheek, there = made[88:112, 88:168], made[168:192, 88:168], rgb[168:192, 88:168]
    assert opened.std() < 0.3 * rgb.std()
    assert cheek.std() > 0.9 * there.std()


def test_at_the_edge_of_its_picture_nothing_changes():
    """Of what lies beyond it a crop knows nothing."""
    rgb = np.full((128, 128, 3), 90, np.uint8)
    matrix = np.array([[1.0, 0.0, -32.0], [0.0, 1.0, -96.0]])  # the lower half of the crop is beyond the picture
    made = paste_edit(rgb, np.full((64, 64, 3), 90, np.uint8), np.full((64, 64, 3), 150, np.uint8), matrix)
    assert made[-1].max() < 95
    assert made[-3:].max() < 150
    assert made[110, 64].tolist() == [150, 150, 150]


def test_a_pasted_change_fades_at_the_border_only():
    mask = border_mask(100, 100)
    assert (mask[[0, -1]] == 0).all()
    assert (mask[:, [0, -1]] == 0).all()
    assert (mask[5:-5, 5:-5] == 1).all()
    assert 0 < mask[2, 50] < mask[3, 50] < 1
    np.testing.assert_array_equal(mask, mask[::-1, ::-1])
    np.testing.assert_array_equal(border_mask(150, 100)[:75], mask[:75])
    np.testing.assert_array_equal(border_mask(150, 100)[75:], mask[25:])


def test_a_crop_goes_on_below(placed):
    rgb, matrix = placed
    crop = warp_crop(rgb, matrix, 64, CROP_HEIGHT)
    assert crop.shape == (96, 64, 3)
    np.testing.assert_array_equal(crop[:64], warp_crop(rgb, matrix, 64))
    further = matrix - np.array([[0, 0, 0], [0, 0, 32]])
    np.testing.assert_array_equal(crop[32:], warp_crop(rgb, further, 64))
    np.testing.assert_array_equal(paste_edit(rgb, crop, crop.copy(), matrix), rgb)
    changed = crop.copy()
    changed[70:80, 20:40] = 255 - changed[70:80, 20:40]
    back = warp_crop(paste_edit(rgb, crop, changed, matrix), matrix, 64, CROP_HEIGHT).astype(int)
    assert np.abs(back[:60] - crop[:60]).max() <= 1
    assert np.abs(back[72:78, 25:35] - changed[72:78, 25:35]).mean() < 12


def test_what_is_not_known_below_a_crop_repeats_its_edge():
    crops = np.random.default_rng(1).integers(0, 256, (2, 8, 8, 3)).astype(np.uint8)
    higher = going_on_below(crops, 1.5)
    assert higher.shape == (2, 12, 8, 3)
    np.testing.assert_array_equal(higher[:, :8], crops)
    np.testing.assert_array_equal(higher[:, 8:], np.repeat(crops[:, -1:], 4, axis=1))
    np.testing.assert_array_equal(going_on_below(crops, 1.0), crops)


@pytest.mark.real
def test_real_photographs_come_to_one_geometry(finder, real_data):
    from vfgan.media.images import read_image

    for path in sorted((real_data / "london" / "smiling").glob("*.jpg"))[:8]:
        rgb = read_image(path)
        crop = crop_face(rgb, find_face(finder, rgb, path.name), CROP)
        eyes = find_face(finder, cv2.resize(crop, (384, 384)), f"crop of {path.name}").eye_centres / 3
        assert eyes.mean(axis=0) == pytest.approx([64, CROP.eye_height * 128], abs=2), path.name
        assert abs(eyes[0, 1] - eyes[1, 1]) < 2
        assert eyes[1, 0] - eyes[0, 0] == pytest.approx(CROP.eye_distance * 128, abs=4)


def test_sharpness_is_the_variance_of_the_laplacian():
    rng = np.random.default_rng(2)
    grey = rng.integers(0, 256, (32, 32)).astype(np.uint8)
    padded = np.pad(grey.astype(float), 1, mode="reflect")
    laplacian = padded[:-2, 1:-1] + padded[2:, 1:-1] + padded[1:-1, :-2] + padded[1:-1, 2:] - 4.0 * grey
    assert sharpness(np.repeat(grey[:, :, None], 3, axis=2)) == pytest.approx(laplacian.var(), rel=1e-4)


def test_blurred_and_enlarged_faces_are_less_sharp(portrait):
    rgb = cv2.resize(portrait(512, 1)[0][100:420, 100:420], (128, 128), interpolation=cv2.INTER_AREA)
    enlarged = cv2.resize(cv2.resize(rgb, (40, 40), interpolation=cv2.INTER_AREA), (128, 128))
    values = [sharpness(picture) for picture in (rgb, cv2.GaussianBlur(rgb, (0, 0), 1.0), enlarged)]
    assert values[0] > 2 * values[1] > 2 * values[2] > 0
