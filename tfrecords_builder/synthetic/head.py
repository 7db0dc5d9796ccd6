"""Draws the resting head without eyes, brows and mouth: skin shaded from a height map, hair, ears, nostrils."""

import cv2
import numpy as np

from tfrecords_builder.synthetic.actor import Look
from tfrecords_builder.synthetic.paint import blend, mask_area, moved, paint_area, paint_stroke, smooth_curve

#: The canvas in eye distances: x from -EXTENT_X to EXTENT_X, y from TOP to BOTTOM.
EXTENT_X, TOP, BOTTOM = 1.76, -2.05, 2.35


class Canvas:
    """Maps the face's coordinates (eye distances) to pixels of a canvas of `unit_px` pixels an eye distance."""

    def __init__(self, unit_px: float):
        self.unit_px = unit_px
        self.width, self.height = round(2 * EXTENT_X * unit_px), round((BOTTOM - TOP) * unit_px)

    def px(self, points: np.ndarray) -> np.ndarray:
        """Pixels float [..., 2] of points in eye distances float [..., 2]."""
        return moved(points, EXTENT_X, -TOP) * self.unit_px - 0.5

    def grid(self, step_px: int = 1) -> tuple[np.ndarray, np.ndarray]:
        """x and y, eye distances, float [height / step, width / step], at the centre of each step's square."""
        columns = (np.arange(-(-self.width // step_px)) + 0.5) * step_px / self.unit_px - EXTENT_X
        rows = (np.arange(-(-self.height // step_px)) + 0.5) * step_px / self.unit_px + TOP
        return np.meshgrid(columns, rows)

    def mask(self, points: np.ndarray) -> np.ndarray:
        """float32 [height, width], 0…1: the area inside `points`."""
        return mask_area((self.height, self.width), self.px(points)).astype(np.float32) / 255.0


def draw_head(look: Look, canvas: Canvas) -> np.ndarray:
    """uint8 [height, width, 4] RGB and opacity of the head at rest."""
    rng = np.random.default_rng(look.texture_seed)
    x, y = canvas.grid()
    skin, hair = _shade_skin(look, x, y, rng), _shade_hair(look, x, y, rng)
    face = canvas.mask(smooth_curve(head_outline(look), closed=True))
    ears = np.maximum(canvas.mask(_ear(look, 1.0)), canvas.mask(_ear(look, -1.0)))
    back = _back_hair(look, canvas)
    front = _front_hair(look, canvas)
    image = np.empty((canvas.height, canvas.width, 3), np.uint8)
    # background of the head's soft edge: hair above, skin below
    image[:] = np.where((y > 0.0)[..., None], skin * 0.8, np.array(look.hair) * 0.6)
    blend(image, hair * 0.7, back)
    blend(image, skin * 0.86, ears)
    blend(image, skin, face)
    _draw_nose(image, look, canvas)
    # the hair throws a soft shadow on the forehead
    blend(image, skin * 0.55, 0.5 * cv2.GaussianBlur(front, (0, 0), 0.06 * canvas.unit_px) * face)
    blend(image, hair, front)
    opacity = np.maximum.reduce([face, ears, back, front])
    return np.dstack([image, np.round(opacity * 255).astype(np.uint8)])


def head_outline(look: Look) -> np.ndarray:
    """float [n, 2]: the head's outline at rest, without hair."""
    w, j, c = look.face_width, look.jaw_width, look.chin_y
    right = [(0.6 * w, -1.36), (0.95 * w, -0.85), (1.08 * w, -0.2), (1.06 * w, 0.4), (0.97 * w * j, 0.95),
             (0.8 * j, c - 0.5), (0.5 * j, c - 0.15), (0.22 * j, c - 0.01)]  # fmt: skip
    return np.array([(0.0, -1.55), *right, (0.0, c), *[(-a, b) for a, b in right[::-1]]])


def _height(look: Look, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """How far the skin stands out, eye distances: an ellipsoid and bumps for what is on it."""

    def bump(cx, cy, sx, sy):
        return np.exp(-(((np.abs(x) - cx) / sx) ** 2) - ((y - cy) / sy) ** 2)

    w, nw, nl = look.face_width, look.nose_width, look.nose_length
    z = 0.95 * np.sqrt(np.clip(1 - (x / (1.16 * w)) ** 2 - ((y - 0.15) / 1.95) ** 2, 0.02, 1))
    bridge = np.clip((y + 0.25) / (nl + 0.1), 0, 1) * (1 / (1 + np.exp((y - nl) / 0.035)))
    z += 0.24 * bridge * np.exp(-((x / (0.12 * nw + 0.05 * bridge)) ** 2))
    z += 0.13 * bump(0, nl - 0.1, 0.14 * nw, 0.13) + 0.09 * bump(0.19 * nw, nl - 0.04, 0.085, 0.085)
    z += -0.15 * bump(0.48, 0.0, 0.30, 0.19) - 0.05 * bump(0.17, -0.05, 0.1, 0.14)
    z += 0.06 * bump(0.42, -0.36, 0.36, 0.12) + 0.07 * bump(0.62, 0.5, 0.34, 0.28)
    z += 0.08 * bump(0, 1.15, 0.42, 0.24) - 0.03 * bump(0, 1.4, 0.25, 0.07) - 0.04 * bump(0.8, 1.0, 0.25, 0.4)
    return z + 0.09 * bump(0, look.chin_y - 0.2, 0.24, 0.16) - 0.02 * bump(0, 0.93, 0.05, 0.1)


def _shade_skin(look: Look, x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """float32 [height, width, 3]: Lambert's law with a wide terminator, reddish in the shade, a little shine."""
    step = float(x[0, 1] - x[0, 0])
    z = cv2.GaussianBlur(_height(look, x, y), (0, 0), 0.018 / step)
    gy, gx = np.gradient(z, step)
    normal = np.stack([-gx, -gy, np.ones_like(z)], axis=-1)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    light = np.array(look.light) / np.linalg.norm(look.light)
    lambert = np.einsum("...c,c->...", normal, light)
    diffuse = np.clip((lambert + 0.35) / 1.35, 0, 1)[..., None]
    shine = np.clip(np.einsum("...c,c->...", normal, _half_way(light)), 0, 1)[..., None] ** 28
    lit = np.array([0.50, 0.41, 0.38]) + diffuse * np.array([0.60, 0.68, 0.71])
    mottle = cv2.GaussianBlur(rng.normal(size=z.shape), (0, 0), 0.05 / step)
    mottle = 1 + 0.012 * mottle[..., None] / mottle.std()
    colour = np.array(look.skin) * lit * mottle + 26.0 * shine
    blush = np.exp(-(((np.abs(x) - 0.66) / 0.3) ** 2) - ((y - 0.55) / 0.25) ** 2)[..., None]
    colour = colour * (1 - blush * np.array([0.0, 0.07, 0.06]))
    if look.stubble:
        colour = colour * (1 - 0.55 * look.stubble * _beard(look, x, y)[..., None] * np.array([1.0, 0.95, 0.88]))
    return np.clip(colour, 0, 255).astype(np.float32)


def _half_way(light: np.ndarray) -> np.ndarray:
    half = light + np.array((0.0, 0.0, 1.0))
    return half / np.linalg.norm(half)


def _beard(look: Look, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """0…1: where a beard grows."""
    jaw = 1 / (1 + np.exp(-(y - 1.5 + 0.75 * np.abs(x)) / 0.06))
    upper = np.exp(-((x / 0.42) ** 4) - ((y - 0.98) / 0.12) ** 4)
    bare = np.exp(-((x / 0.42) ** 4) - ((y - 0.78) / 0.12) ** 4)
    return np.clip(np.clip((x / 0.9) ** 2 * 1.4, 0, 1) * jaw * (y > 0.2) + jaw * (y > 1.25) + upper, 0, 1) * (1 - bare)


def _shade_hair(look: Look, x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """float32 [height, width, 3]: strands from noise smeared along their course, with a band of shine."""
    step = float(x[0, 1] - x[0, 0])
    curly = look.hair_style in ("curly", "curls")
    along = 0.05 if curly else 0.4
    strands = cv2.GaussianBlur(rng.normal(size=x.shape), (0, 0), sigmaX=0.012 / step, sigmaY=along / step)
    # strands run from the crown down and outwards
    source_x = x / (1.0 + 0.35 * np.clip(y + 1.6, 0, 2)) * 1.4
    strands = cv2.remap(
        strands.astype(np.float32), ((source_x + EXTENT_X) / step).astype(np.float32),
        ((y - TOP) / step).astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT,
    )  # fmt: skip
    strands /= strands.std()
    ball = np.sqrt(np.clip(1 - (x / 1.5) ** 2 - ((y + 0.3) / 2.0) ** 2, 0, 1))
    side = np.clip(0.75 + 0.4 * ball + 0.25 * np.sign(look.light[0]) * x, 0.4, 1.5)
    band = np.exp(-(((y + 1.25 - 0.2 * x**2) / 0.18) ** 2))
    bright = side * (1 + 0.13 * strands) + 0.3 * band * (1 + 0.3 * strands)
    return np.clip(np.array(look.hair) * bright[..., None] + 14 * band[..., None], 0, 255).astype(np.float32)


def _ear(look: Look, side: float) -> np.ndarray:
    angle = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    return np.stack([side * 1.09 * look.face_width + 0.13 * np.cos(angle), 0.22 + 0.3 * np.sin(angle)], axis=1)


def _back_hair(look: Look, canvas: Canvas) -> np.ndarray:
    """float32 [height, width]: hair behind face and ears."""
    w, v = look.face_width, look.hair_volume
    ends = {"long": 2.45, "fringe": 2.1, "bob": 1.45, "curls": 1.5}
    if look.hair_style not in ends:
        mask = np.zeros((canvas.height, canvas.width), np.float32)
        if look.hair_style == "bun":
            angle = np.linspace(0, 2 * np.pi, 32)
            mask = canvas.mask(np.stack([0.42 * np.cos(angle), -1.72 + 0.3 * np.sin(angle)], axis=1))
        return mask
    end = ends[look.hair_style]
    half = [(0.0, -1.62 - v), (0.62, -1.46 - 0.9 * v), (1.06 * w + v, -0.8), (1.2 * w + v, 0.2),
            (1.24 * w + v, 0.8 * end), (1.05 * w + v, end), (0.55, end + 0.03)]  # fmt: skip
    points = smooth_curve(np.array([*half, *[(-a, b) for a, b in half[:0:-1]]]), closed=True)
    neck = canvas.mask(np.array([(-0.5, 0.8), (0.5, 0.8), (0.53, 1.9), (0.7, 2.6), (-0.7, 2.6), (-0.53, 1.9)]))
    mask = canvas.mask(_ripple(points, 0.05 if look.hair_style == "curls" else 0.0))
    return mask * (1 - cv2.GaussianBlur(neck, (0, 0), 0.02 * canvas.unit_px))


def _front_hair(look: Look, canvas: Canvas) -> np.ndarray:
    """float32 [height, width]: hair over the skull, less the open face."""
    w, style = look.face_width, look.hair_style
    v = look.hair_volume * (0.5 if style in ("crop", "receding") else 1.0)
    down = 0.0 if look.male else 0.35
    cap = [(0.0, -1.58 - v), (0.56 * w, -1.44 - 0.9 * v), (0.93 * w + 0.6 * v, -1.0), (1.1 * w + 0.5 * v, -0.3),
           (1.1 * w + 0.3 * v, down), (0.6 * w, 0.2)]  # fmt: skip
    cap = smooth_curve(np.array([*cap, *[(-a, b) for a, b in cap[:0:-1]]]), closed=True)
    mask = canvas.mask(_ripple(cap, 0.04 if style.startswith("cur") else 0.012))
    top, corner, temple = {
        "receding": (-1.28, -1.15, -0.72), "fringe": (-0.62, -0.6, -0.52), "crop": (-1.1, -1.02, -0.62),
    }.get(style, (-1.02, -0.92, -0.55))  # fmt: skip
    side = 0.3 if style in ("side", "bob", "long") else 0.0
    right = [(0.5 * w, top + 0.03 + side * 0.3), (0.82 * w, corner + 0.25 + side * 0.4), (0.95 * w, temple + 0.25),
             (1.0 * w, 0.0), (1.25 * w, 0.3)]  # fmt: skip
    left = [(-1.25 * w, 0.3), (-1.0 * w, 0.0), (-0.95 * w, temple + 0.25), (-0.82 * w, corner + 0.15),
            (-0.5 * w, top - side * 0.25)]  # fmt: skip
    face = np.array([*left, (-0.1 * w, top), *right])
    face = np.concatenate([smooth_curve(face), [(1.3, 2.6), (-1.3, 2.6)]])
    open_face = cv2.GaussianBlur(canvas.mask(face), (0, 0), 0.014 * canvas.unit_px)
    return mask * (1 - open_face)


def _ripple(points: np.ndarray, size: float) -> np.ndarray:
    """The outline with locks that stand out by `size`."""
    centre = np.array([0.0, -0.3])
    angle = np.arctan2(*(points - centre).T)
    return points + (points - centre) * (size * np.abs(np.sin(9 * angle + np.sin(4 * angle))))[:, None]


def _draw_nose(image: np.ndarray, look: Look, canvas: Canvas) -> None:
    unit, dark = canvas.unit_px, np.array(look.skin) * (0.34, 0.24, 0.22)
    nw, nl = look.nose_width, look.nose_length
    angle = np.linspace(0, 2 * np.pi, 20)
    under = np.stack([0.2 * nw * np.cos(angle), nl + 0.055 + 0.035 * np.sin(angle)], axis=1)
    paint_area(image, canvas.px(under), dark, 0.35, 0.03 * unit)
    for side in (-1.0, 1.0):
        hole = np.stack([side * 0.1 * nw + 0.055 * nw * np.cos(angle), nl + 0.03 + 0.024 * np.sin(angle)], axis=1)
        paint_area(image, canvas.px(hole), dark * 0.7, 0.85, 0.012 * unit)
        wing = np.array([(0.24, -0.13), (0.275, -0.04), (0.25, 0.04), (0.19, 0.055)]) * (side * nw, 1) + (0, nl)
        paint_stroke(image, canvas.px(smooth_curve(wing)), dark, 0.02 * unit, 0.45, 0.018 * unit)
