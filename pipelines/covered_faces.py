"""Trains the network that sees which parts of a face are covered: `vfgan/face/covered.tflite`.

python -m pipelines.covered_faces FOLDER … --out vfgan/face/covered.tflite

The folders hold pictures of faces that are mostly uncovered. Things are drawn over their crops: glasses, masks, hands,
bars, pieces of other pictures. The network learns where. It says nothing of who a person is or what they show.
"""

import argparse
from pathlib import Path

import cv2
import numpy as np

from vfgan.config.data import CropConfig
from vfgan.face.covered import CELLS, SIDE_PX

_DRAWN_PX, _BATCH = 96, 32


def main() -> None:
    """Trains and writes the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=2500)
    args = parser.parse_args()
    crops = np.stack([crop for folder in args.folders for crop in face_crops(folder)])
    print(f"{len(crops)} faces")
    train(crops, args.steps, args.out)


def face_crops(folder: Path) -> list[np.ndarray]:
    """The largest face of each picture: uint8 [96, 96, 3]."""
    from vfgan.face.crop import crop_face
    from vfgan.face.finder import FaceFinder
    from vfgan.media.images import read_image

    crops = []
    with FaceFinder() as finder:
        for path in sorted(folder.rglob("*.jpg")):
            rgb = read_image(path)
            crops += [crop_face(rgb, face, CropConfig(), _DRAWN_PX) for face in finder.find(rgb)[:1]]
    return crops


def train(crops: np.ndarray, steps: int, out: Path) -> None:
    """Binary cross entropy of the share of each cell that is covered; Adam; learning rate to zero along a cosine."""
    import keras
    import tensorflow as tf

    rng = np.random.default_rng(1)
    model = build()
    rate = keras.optimizers.schedules.CosineDecay(2e-3, steps)
    model.compile(keras.optimizers.Adam(rate), keras.losses.BinaryCrossentropy(from_logits=True))
    for step in range(steps):
        pictures, covers = zip(*(example(crops, rng) for _ in range(_BATCH)))
        loss = model.train_on_batch(np.stack(pictures) / np.float32(127.5) - 1.0, np.stack(covers))
        if step % 100 == 0 or step == steps - 1:
            print(f"step {step}: loss {float(loss):.4f}", flush=True)
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations, converter.target_spec.supported_types = [tf.lite.Optimize.DEFAULT], [tf.float16]
    out.write_bytes(converter.convert())


def build():
    """A small U-net without its upper part: [48, 48, 3] in -1…1 to logits [12, 12]."""
    import keras
    from keras import layers

    def convolve(x, filters: int, strides: int = 1):
        return layers.ReLU()(layers.Conv2D(filters, 3, strides, padding="same")(x))

    inputs = keras.Input((SIDE_PX, SIDE_PX, 3))
    x = convolve(convolve(inputs, 8, 2), 16)
    fine = convolve(x, 24, 2)
    x = convolve(convolve(fine, 32, 2), 32)
    x = convolve(layers.Concatenate()([fine, layers.UpSampling2D(2)(x)]), 24)
    return keras.Model(inputs, layers.Reshape((CELLS, CELLS))(layers.Conv2D(1, 1)(x)))


def example(crops: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """(uint8 [48, 48, 3], float32 [12, 12]: the share of each cell that is covered)."""
    rgb = crops[rng.integers(len(crops))].copy()
    cover = np.zeros((_DRAWN_PX, _DRAWN_PX), np.float32)
    if rng.random() < 0.65:
        for _ in range(1 + (rng.random() < 0.2)):
            cover = np.maximum(cover, cover_up(rgb, crops, rng))
    rgb, cover = move(rgb, cover, rng)
    small = cv2.resize(rgb, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA)
    return relight(small, rng), cv2.resize(cover, (CELLS, CELLS), interpolation=cv2.INTER_AREA)


def cover_up(rgb: np.ndarray, crops: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draws one thing over a crop in place; float32 [96, 96], 1 where it is."""
    shape = np.zeros(rgb.shape[:2], np.uint8)
    draw = (_glasses, _glasses, _mask, _mask, _hand, _hand, _bar, _blob, _blob)[rng.integers(9)]
    draw(shape, rng)
    paint = _skin_paint(rgb, rng) if draw is _hand else _paint(crops, rng)
    soft = cv2.GaussianBlur(shape.astype(np.float32) / 255, (0, 0), rng.uniform(0.3, 1.5))
    opacity = rng.uniform(0.8, 1.0) if draw is _glasses else 1.0
    alpha = opacity * soft[..., None]
    rgb[:] = np.clip(rgb * (1 - alpha) + paint * alpha, 0, 255).astype(np.uint8)
    return (soft > 0.5).astype(np.float32)


def _glasses(shape: np.ndarray, rng: np.random.Generator) -> None:
    """Two lenses, round or square, and a bridge; sometimes one lens alone."""
    wide, high, y = rng.uniform(9, 18), rng.uniform(7, 15), rng.uniform(31, 37)
    for side in (-1, 1) if rng.random() < 0.85 else (rng.choice((-1, 1)),):
        x = 48 + side * rng.uniform(16, 20)
        if rng.random() < 0.5:
            cv2.ellipse(shape, (int(x), int(y)), (int(wide), int(high)), 0, 0, 360, 255, -1)
        else:
            cv2.rectangle(shape, (int(x - wide), int(y - high)), (int(x + wide), int(y + high * 1.1)), 255, -1)
    if rng.random() < 0.8:
        cv2.line(shape, (36, int(y - 2)), (60, int(y - 2)), 255, int(rng.integers(1, 5)))


def _mask(shape: np.ndarray, rng: np.random.Generator) -> None:
    """Over nose and mouth, or the mouth alone."""
    top, nose = rng.uniform(44, 62), rng.uniform(0, 8)
    half = [(-40, top), (-14, top - nose / 2), (0, top - nose), (14, top - nose / 2), (40, top), (36, 84), (16, 98)]
    points = np.array([*half, (-16, 98), (-36, 84)]) + rng.normal(0, 1.5, (9, 2)) + (48, 0)
    cv2.fillPoly(shape, [points.astype(np.int32)], 255)


def _hand(shape: np.ndarray, rng: np.random.Generator) -> None:
    """Fingers side by side, and a palm, from any side."""
    turn, x, y = rng.uniform(0, 2 * np.pi), rng.uniform(20, 76), rng.uniform(28, 90)
    along = np.array([np.cos(turn), np.sin(turn)])
    across = np.array([-along[1], along[0]])
    width = rng.uniform(6, 10)
    for finger in range(rng.integers(2, 6)):
        start = np.array([x, y]) + across * width * (finger - 1.5)
        end = start + along * rng.uniform(20, 36)
        cv2.line(shape, tuple(map(int, start)), tuple(map(int, end)), 255, int(width * rng.uniform(0.8, 1.1)))
    palm = tuple(map(int, np.array([x, y]) - along * width))
    cv2.ellipse(shape, palm, (int(2.4 * width), int(2 * width)), np.degrees(turn), 0, 360, 255, -1)


def _bar(shape: np.ndarray, rng: np.random.Generator) -> None:
    """A rectangle, turned: a censor's bar, a telephone, a book."""
    size = rng.uniform(16, 100), rng.uniform(14, 50)
    corners = cv2.boxPoints(((*rng.uniform(18, 78, 2),), size, rng.uniform(-90, 90) * (rng.random() < 0.5)))
    cv2.fillPoly(shape, [corners.astype(np.int32)], 255)


def _blob(shape: np.ndarray, rng: np.random.Generator) -> None:
    """Anything: a smooth closed outline."""
    angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    radius = rng.uniform(8, 26) * (
        1 + sum(rng.normal(0, 0.25) * np.cos(k * angles + rng.uniform(0, 6)) for k in (2, 3))
    )
    points = rng.uniform(16, 84, 2) + radius[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    cv2.fillPoly(shape, [points.astype(np.int32)], 255)


def _paint(crops: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """What a thing looks like: one colour with a gradient and grain, or a piece of another picture."""
    kind = rng.random()
    if kind < 0.3:
        other = crops[rng.integers(len(crops))]
        corner, side = rng.integers(0, 64, 2) * (1, 0), rng.integers(16, 32)
        piece = other[corner[1] : corner[1] + side, corner[0] : corner[0] + side]
        return cv2.resize(piece, (_DRAWN_PX, _DRAWN_PX)).astype(np.float32)
    grey = rng.uniform(0, 50) if kind < 0.6 else rng.uniform(0, 255)
    colour = np.clip(grey + rng.normal(0, 40 * (rng.random() < 0.6), 3), 0, 255)
    return _shaded(colour, rng)


def _skin_paint(rgb: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The skin of the same person, lighter or darker."""
    return _shaded(np.median(rgb[48:64, 30:66].reshape(-1, 3), axis=0) * rng.uniform(0.7, 1.2), rng)


def _shaded(colour: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    y, x = np.mgrid[-1 : 1 : _DRAWN_PX * 1j, -1 : 1 : _DRAWN_PX * 1j]
    light = 1 + rng.normal(0, 0.2) * x + rng.normal(0, 0.2) * y
    waves = rng.normal(0, 0.12) * np.sin((x * rng.normal(0, 1) + y * rng.normal(0, 1)) * rng.uniform(4, 25))
    return (colour * (light + waves)[..., None] + rng.normal(0, 3, (*x.shape, 1))).astype(np.float32)


def move(rgb: np.ndarray, cover: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Turned, scaled, shifted and mirrored a little: where something is covered, landmarks are less exact."""
    matrix = cv2.getRotationMatrix2D((48, 48), rng.normal(0, 4), rng.uniform(0.88, 1.12))
    matrix[:, 2] += rng.normal(0, 2, 2)
    size = rgb.shape[1], rgb.shape[0]
    rgb = cv2.warpAffine(rgb, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    cover = cv2.warpAffine(cover, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return (rgb[:, ::-1], cover[:, ::-1]) if rng.random() < 0.5 else (rgb, cover)


def relight(rgb: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Another exposure, contrast and tint, grey at times, with noise or blur: uint8, as given."""
    x = rgb.astype(np.float32)
    if rng.random() < 0.2:
        x = np.repeat(x.mean(axis=2, keepdims=True), 3, axis=2)
    x = (x - 128) * rng.uniform(0.6, 1.5) + 128 + rng.normal(0, 25)
    x = x * rng.normal(1, 0.06, 3) * (rng.uniform(1.5, 3.0) if rng.random() < 0.05 else 1.0)
    if rng.random() < 0.3:
        x = cv2.GaussianBlur(x, (0, 0), rng.uniform(0.4, 1.5))
    return np.clip(x + rng.normal(0, rng.uniform(0, 8), x.shape), 0, 255).astype(np.uint8)


if __name__ == "__main__":
    main()
