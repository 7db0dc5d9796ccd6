"""Cuts an aligned crop out of a picture and pastes its edit back. Crops have level eyes at one place and scale.

A crop is square. One for a generator that lets the jaw drop goes on below it, down to the shoulders.
"""

import math

import numpy as np

from vfgan.config.data import CropConfig
from vfgan.face.face import Face
from vfgan.face.networks import averaged
from vfgan.face.pixels import border_mask, luma_uint8

#: Height of a crop that goes on below its square, in widths: down to where a neck rests while the jaw drops.
CROP_HEIGHT = 1.5
#: Share of a crop's width over which a change falls to 0 at the edge of its picture.
_TO_EDGE = 0.06
#: Change in grey levels of which half of the picture's finer detail goes.
_MUCH = 40.0


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


def warp_crop(rgb: np.ndarray, matrix: np.ndarray, size_px: int, height: float = 1.0) -> np.ndarray:
    """Cuts a crop out of a picture. Beyond the picture its edge repeats.

    A picture that shrinks is averaged: first by a power of two, then by sampling more finely than the crop.

    Args:
        rgb: uint8 [height, width, 3].
        matrix: from `crop_matrix`.
        size_px: width of the crop.
        height: in widths; what is more than 1 goes on below the crop.
    Returns:
        uint8 [size_px * height, size_px, 3].
    """
    import cv2

    size = size_px, round(size_px * height)
    rgb, matrix = averaged(rgb, matrix, *size)
    factor = 2 if math.hypot(matrix[0, 0], matrix[0, 1]) < 0.75 else 1
    fine = cv2.warpAffine(
        rgb,
        _scaled(matrix, factor),
        (size[0] * factor, size[1] * factor),
        flags=cv2.INTER_LINEAR if factor > 1 else cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return fine if factor == 1 else cv2.resize(fine, size, interpolation=cv2.INTER_AREA)


def _scaled(matrix: np.ndarray, factor: float) -> np.ndarray:
    """`matrix` for a crop `factor` times larger, keeping pixel centres in place."""
    scaled = matrix * factor
    scaled[:, 2] += (factor - 1) / 2
    return scaled


def crop_face(
    rgb: np.ndarray, face: Face, crop: CropConfig, size_px: int | None = None, height: float = 1.0
) -> np.ndarray:
    """Cuts the aligned crop of a face, as of `warp_crop`: uint8 [size_px * height, size_px, 3]."""
    size_px = size_px or crop.size_px
    return warp_crop(rgb, crop_matrix(face, crop, size_px), size_px, height)


def going_on_below(crops: np.ndarray, height: float) -> np.ndarray:
    """Crops of which nothing is known below their edge, made higher: their lowest row repeats.

    Args:
        crops: uint8 [n, size, size, channels].
        height: in widths.
    Returns:
        uint8 [n, size * height, size, channels].
    """
    more = round(crops.shape[2] * height) - crops.shape[1]
    return np.concatenate([crops, np.repeat(crops[:, -1:], max(0, more), axis=1)], axis=1)


def paste_edit(rgb: np.ndarray, before: np.ndarray, after: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Adds the change of a crop to its picture, fading out towards the crop's border.

    A face that was bent is not faded in its middle: half of a moved chin over half of the old one is a ghost.
    Only the difference is pasted: where the crop did not change, the picture keeps its pixels. At the picture's own
    edge it does, too: what a face would take from beyond it are streaks. Where it changes much, what of the picture is
    finer than the crop goes: the grain of a lip is none of an open mouth's.

    Args:
        rgb: uint8 [height, width, 3], the whole picture.
        before: uint8 [crop's height, size, 3], the crop that `warp_crop` made with `matrix`.
        after: uint8 [crop's height, size, 3], the edited crop.
    Returns:
        uint8 [height, width, 3].
    """
    import cv2

    high, wide = before.shape[:2]
    mask = border_mask(high, wide)[:, :, None]
    source = before.astype(np.float32)
    both = np.concatenate([(after.astype(np.float32) - source) * mask, source], axis=2)
    corners = np.array([[0, wide, 0, wide], [0, 0, high, high]]) - matrix[:, 2:]
    in_picture = np.linalg.solve(matrix[:, :2], corners)  # [x and y, corners]
    limits = np.array([[rgb.shape[1]], [rgb.shape[0]]])
    left, top = np.clip(np.floor(in_picture.min(1, keepdims=True)) - 1, 0, limits).astype(int)[:, 0]
    right, bottom = np.clip(np.ceil(in_picture.max(1, keepdims=True)) + 1, 0, limits).astype(int)[:, 0]
    result = rgb.copy()
    if left < right and top < bottom:  # compute only this part: most faces are small
        here = np.hstack([matrix[:, :2], matrix[:, :2] @ [[left], [top]] + matrix[:, 2:]])
        carried = cv2.warpAffine(
            both,
            here,
            (int(right - left), int(bottom - top)),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_CONSTANT,
        )
        change, known = (np.ascontiguousarray(carried[..., at : at + 3]) for at in (0, 3))
        part = result[top:bottom, left:right]
        fade = _TO_EDGE * wide / math.hypot(matrix[0, 0], matrix[0, 1])
        rows, columns = (_from_ends(length, fade) for length in rgb.shape[:2])
        inside = np.minimum(rows[top:bottom, None], columns[None, left:right])[..., None]
        size = np.abs(change)
        much = np.square(np.maximum(np.maximum(size[..., 0], size[..., 1]), size[..., 2]) / _MUCH)[..., None]
        known -= part
        known *= much / (much + 1.0)  # what of the picture is finer goes; 0 where nothing changes
        known += change
        known *= inside
        known += part
        part[:] = np.clip(np.rint(known, out=known), 0, 255, out=known)
    return result


def _from_ends(length: int, fade: float) -> np.ndarray:
    """0 at either end of a line of pixels, 1 from so many pixels on, smooth between: float32 [length]."""
    place = np.arange(length) + 0.5
    ramp = np.clip(np.minimum(place, length - place) / max(fade, 1.0), 0.0, 1.0)
    return (ramp * ramp * (3.0 - 2.0 * ramp)).astype(np.float32)


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
