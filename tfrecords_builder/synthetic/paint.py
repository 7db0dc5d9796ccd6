"""Draws soft, anti-aliased strokes and areas: the only tools of the synthetic faces."""

import cv2
import numpy as np

SUBPIXEL_BITS = 4
#: Share of a fading stroke's length -> share of its opacity that this much of its middle has at least.
_FADING = ((1.0, 0.35), (0.72, 0.7), (0.45, 1.0))


def smooth_curve(points: np.ndarray, per_segment: int = 8, *, closed: bool = False) -> np.ndarray:
    """Computes a Catmull-Rom curve through `points`.

    Args:
        points: float [n, 2], n >= 2.
        per_segment: number of points on each segment.
        closed: join the last point to the first.
    Returns:
        float [m, 2], the curve.
    """
    points = np.asarray(points, np.float64)
    if closed:
        padded = np.concatenate([points[-1:], points, points[:2]])
    else:
        padded = np.concatenate([2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]])
    p0, p1, p2, p3 = (padded[i : len(padded) - 3 + i, None] for i in range(4))
    t = np.linspace(0.0, 1.0, per_segment, endpoint=False)[None, :, None]
    curve = 0.5 * (2 * p1 + (p2 - p0) * t + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2 + (3 * p1 - p0 - 3 * p2 + p3) * t**3)
    curve = curve.reshape(-1, 2)
    return curve if closed else np.concatenate([curve, points[-1:]])


def moved(points: np.ndarray, x: float, y: float) -> np.ndarray:
    """float [..., 2]: `points`, each moved by (x, y)."""
    return np.asarray(points) + np.array((x, y))


def mask_area(shape: tuple[int, int], points_px: np.ndarray) -> np.ndarray:
    """uint8 [height, width]: 255 inside the polygon `points_px` (float [n, 2], x and y), anti-aliased."""
    mask = np.zeros(shape, np.uint8)
    cv2.fillPoly(mask, [_fixed(points_px)], 255, cv2.LINE_AA, SUBPIXEL_BITS)
    return mask


def paint_area(image: np.ndarray, points_px: np.ndarray, rgb, alpha: float = 1.0, blur_px: float = 0.0) -> None:
    """Lays a polygon of one colour over `image`, in place.

    Args:
        image: uint8 [height, width, 3] RGB.
        points_px: float [n, 2], x and y.
        rgb: colour, 0…255.
        alpha: opacity, 0…1.
        blur_px: deviation of the Gaussian that softens the edge.
    """
    _paint(image, points_px, rgb, alpha, blur_px, 0.0)


def paint_stroke(
    image: np.ndarray, points_px: np.ndarray, rgb, width_px: float, alpha: float = 1.0, blur_px: float = 0.0,
    fading: bool = False,
) -> None:  # fmt: skip
    """Lays a line of `width_px` through `points_px` over `image`, in place; see `paint_area`.

    Args:
        fading: the line vanishes towards its ends.
    """
    _paint(image, points_px, rgb, alpha, blur_px, width_px, _FADING if fading else _FADING[-1:])


def blend(image: np.ndarray, rgb, mask: np.ndarray) -> None:
    """image + (rgb - image) mask, in place.

    Args:
        image: uint8 [height, width, 3].
        rgb: one colour, or a picture of the same shape, 0…255.
        mask: float32 [height, width], 0…1.
    """
    colour = np.empty(image.shape, np.uint8)
    colour[:] = np.asarray(rgb, np.float32) + 0.5
    image[:] = cv2.blendLinear(colour, np.ascontiguousarray(image), mask, 1.0 - mask)


def _paint(image, points_px, rgb, alpha, blur_px, width_px, fading=_FADING[-1:]) -> None:
    if alpha <= 0.004:
        return
    margin = 3.0 * blur_px + width_px + 2.0
    low = np.maximum(np.floor(points_px.min(axis=0) - margin), 0).astype(int)
    high = np.ceil(points_px.max(axis=0) + margin).astype(int) + 1
    part = image[low[1] : max(high[1], 0), low[0] : max(high[0], 0)]
    if part.size == 0:
        return
    mask = np.zeros(part.shape[:2], np.uint8)
    points = _fixed(points_px - low)
    if width_px:
        # cv2 draws whole pixels only: a line thinner than one pixel becomes fainter
        whole, opaque = max(1, round(width_px)), 255 * min(1.0, width_px)
        for share, strength in fading:
            cut = round(0.5 * (1.0 - share) * len(points)) if len(fading) > 1 else 0
            middle = points[cut : len(points) - cut]
            cv2.polylines(mask, [middle], False, int(opaque * strength), whole, cv2.LINE_AA, SUBPIXEL_BITS)
    else:
        cv2.fillPoly(mask, [points], 255, cv2.LINE_AA, SUBPIXEL_BITS)
    if blur_px > 0.3:
        mask = cv2.GaussianBlur(mask, (0, 0), blur_px)
    blend(part, rgb, mask * np.float32(min(alpha, 1.0) / 255.0))


def _fixed(points_px: np.ndarray) -> np.ndarray:
    return np.round(np.asarray(points_px) * (1 << SUBPIXEL_BITS)).astype(np.int32)
