"""Draws what is behind a synthetic head: wall, neck, shoulders."""

import cv2
import numpy as np

from tfrecords_builder.synthetic.actor import Look
from tfrecords_builder.synthetic.paint import blend, paint_area, smooth_curve


def draw_scene(look: Look, size_px: int, unit_px: float, eyes_px: np.ndarray) -> np.ndarray:
    """uint8 [size_px, size_px, 3]: wall, clothes and neck, with the shadow of the head."""
    image = _draw_wall(look, size_px)

    def px(points) -> np.ndarray:
        return np.asarray(points) * unit_px + eyes_px

    wide = 1.1 if look.male else 0.95
    shoulder = [(0.42, 2.2), (0.9, 2.4), (1.75 * wide, 2.65), (2.15 * wide, 3.1), (2.3 * wide, 4.2)]
    clothes = smooth_curve(np.array([(-x, y) for x, y in shoulder[::-1]] + shoulder))
    paint_area(image, px(clothes), look.clothes, 1.0, 0.008 * unit_px)
    neck_width = 0.68 if look.male else 0.54
    neck = [(neck_width, 0.9), (neck_width, 1.9), (neck_width + 0.12, 2.3), (0.35, 2.62), (0.0, 2.75)]
    outline = np.array(neck + [(-x, y) for x, y in neck[-2::-1]])
    skin = np.array(look.skin) * (0.86, 0.8, 0.78)
    paint_area(image, px(smooth_curve(outline)), skin, 1.0, 0.012 * unit_px)
    shade = np.array([(-neck_width, 1.0), (neck_width, 1.0), (neck_width, 1.95), (0.0, 2.3), (-neck_width, 1.95)])
    paint_area(image, px(shade), np.array(look.skin) * (0.4, 0.3, 0.28), 0.65, 0.12 * unit_px)
    _shade_side(image, look)
    return image


def _draw_wall(look: Look, size_px: int) -> np.ndarray:
    across = np.linspace(-1, 1, size_px)
    x, y = np.meshgrid(across, across)
    side = np.sign(look.light[0])
    bright = 1.02 - 0.16 * np.hypot(x, y) ** 2 + 0.07 * side * x
    rng = np.random.default_rng(look.texture_seed + 1)
    spots = cv2.GaussianBlur(rng.normal(size=(size_px, size_px)), (0, 0), size_px / 10)
    bright = bright + 0.035 * spots / spots.std()
    return np.clip(np.array(look.background) * bright[..., None], 0, 255).astype(np.uint8)


def _shade_side(image: np.ndarray, look: Look) -> None:
    """Darkens the lower part of the picture on the side away from the light."""
    size = image.shape[0]
    x, y = np.meshgrid(np.linspace(-1, 1, size), np.linspace(-1, 1, size))
    away = np.clip(-np.sign(look.light[0]) * x, 0, 1) * np.clip(y + 0.2, 0, 1)
    blend(image, image * 0.6, (0.55 * away).astype(np.float32))
