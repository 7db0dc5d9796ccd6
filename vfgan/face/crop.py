"""Cuts an aligned crop out of a picture and pastes its edit back. Crops have level eyes at one place and scale."""

import math

import numpy as np

from vfgan.config.data import CropConfig
from vfgan.face.face import Face
from vfgan.face.networks import averaged
from vfgan.face.pixels import border_mask, luma_uint8


def crop_matrix(face: Face, crop: CropConfig, size_px: int) -> np.ndarray:
    """Similarity transform from picture to crop: float64 [2, 3]."""
    left, right = face.eye_centres.astype(np.float64)
    angle = math.atan2(right[1] - left[1], right[0] - left[0])
    scale = crop.eye_distance * size_px / face.eye_distance
    cos, sin = scale * math.cos(angle), scale * math.sin(angle)
    turn = np.array([[cos, sin], [-sin, cos]])
    target = np.array([0.5 * size_px, crop.eye_height * size_px])
    return np.hstack([turn, (target - turn @ ((left + right) / 2))[:, None]])


def whole_picture_matrix(height: int, width: int, size_px: int) -> np.ndarray:
    """Transform for a face without landmarks: the largest central square, scaled. float64 [2, 3]."""
    scale = size_px / min(height, width)
    return np.array([[scale, 0, (size_px - scale * width) / 2], [0, scale, (size_px - scale * height) / 2]])


def warp_crop(rgb: np.ndarray, matrix: np.ndarray, size_px: int) -> np.ndarray:
    """Cuts a crop out of a picture. Beyond the picture its edge repeats.

    A picture that shrinks is averaged: first by a power of two, then by sampling more finely than the crop.

    Returns:
        uint8 [size_px, size_px, 3].
    """
    import cv2

    rgb, matrix = averaged(rgb, matrix, size_px)
    factor = 2 if math.hypot(matrix[0, 0], matrix[0, 1]) < 0.75 else 1
    fine = cv2.warpAffine(
        rgb,
        _scaled(matrix, factor),
        (size_px * factor,) * 2,
        flags=cv2.INTER_LINEAR if factor > 1 else cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return fine if factor == 1 else cv2.resize(fine, (size_px, size_px), interpolation=cv2.INTER_AREA)


def _scaled(matrix: np.ndarray, factor: float) -> np.ndarray:
    """`matrix` for a crop `factor` times larger, keeping pixel centres in place."""
    scaled = matrix * factor
    scaled[:, 2] += (factor - 1) / 2
    return scaled


def crop_face(rgb: np.ndarray, face: Face, crop: CropConfig, size_px: int | None = None) -> np.ndarray:
    """Cuts the aligned crop of a face: uint8 [size_px, size_px, 3]."""
    size_px = size_px or crop.size_px
    return warp_crop(rgb, crop_matrix(face, crop, size_px), size_px)


def paste_edit(rgb: np.ndarray, before: np.ndarray, after: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Adds the change of a crop to its picture, fading out towards the crop's border.

    A face that was bent is not faded in its middle: half of a moved chin over half of the old one is a ghost.
    Only the difference is pasted: where the crop did not change, the picture keeps its pixels.

    Args:
        rgb: uint8 [height, width, 3], the whole picture.
        before: uint8 [size, size, 3], the crop that `warp_crop` made with `matrix`.
        after: uint8 [size, size, 3], the edited crop.
    Returns:
        uint8 [height, width, 3].
    """
    import cv2

    size = before.shape[0]
    change = (after.astype(np.float32) - before.astype(np.float32)) * border_mask(size)[:, :, None]
    corners = np.array([[0, size, 0, size], [0, 0, size, size]]) - matrix[:, 2:]
    in_picture = np.linalg.solve(matrix[:, :2], corners)  # [x and y, corners]
    limits = np.array([[rgb.shape[1]], [rgb.shape[0]]])
    left, top = np.clip(np.floor(in_picture.min(1, keepdims=True)) - 1, 0, limits).astype(int)[:, 0]
    right, bottom = np.clip(np.ceil(in_picture.max(1, keepdims=True)) + 1, 0, limits).astype(int)[:, 0]
    result = rgb.copy()
    if left < right and top < bottom:  # compute only this part: most faces are small
        here = np.hstack([matrix[:, :2], matrix[:, :2] @ [[left], [top]] + matrix[:, 2:]])
        carried = cv2.warpAffine(
            change,
            here,
            (int(right - left), int(bottom - top)),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_CONSTANT,
        )
        part = result[top:bottom, left:right]
        part[:] = np.clip(np.rint(part + carried), 0, 255)
    return result


def landmarks_in_crop(face: Face, crop: CropConfig) -> np.ndarray:
    """Where the landmarks of a face lie in its crop, whatever the crop's size.

    Returns:
        float64 [468, 2]: x and y in crop sides, 0 the left or upper edge, 1 the right or lower one.
    """
    matrix = crop_matrix(face, crop, 1)
    return face.landmarks.astype(np.float64) @ matrix[:, :2].T + matrix[:, 2]


def sharpness(rgb: np.ndarray) -> float:
    """Variance of the Laplacian of a crop's luma (0…255): about 20 if blurred, hundreds if sharp.

    It grows with contrast and with the resolution of the source, as noise does. An enlarged small face is not sharp.

    Args:
        rgb: uint8 [size, size, 3].
    """
    import cv2

    return float(cv2.Laplacian(luma_uint8(rgb)[:, :, 0], cv2.CV_32F, ksize=1).var())
