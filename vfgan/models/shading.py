"""What bending cannot make: furrows and folds, light on cheeks, the whites of wide eyes."""

import keras
import numpy as np
from keras import ops
from PIL import Image, ImageDraw

from vfgan.face.crop import CROP_HEIGHT
from vfgan.face.flow import GRID
from vfgan.face.pixels import luma
from vfgan.layers.warp import bicubic, upscale, warp
from vfgan.models.eyes import LIDS
from vfgan.models.lips import middles, middles_down
from vfgan.models.spread import spread

#: Width and height of the pictures, nodes of the flow that lays them on a face, and width to which they are smooth.
SIZE, _GRID, _SMOOTH = 128, GRID, 256
#: They are moved in a frame that goes on below them: a dropped jaw takes its folds along.
_ROWS, _HIGH = round(CROP_HEIGHT * GRID), round(CROP_HEIGHT * SIZE)
#: Changes of logit are at most so large.
_MOST = 1.0
#: What is darker gets darker and lighter by the same factor as skin of this brightness.
_MIDDLE = 0.5
#: A face is shaded in full by weights of emotions of this sum, about what a mean voice has: what is louder or
#: wilder bends a face further, but shaded further its skin would look stained.
_FULL = 1.0
#: Of the folds of a smile that goes so much are lit: more is a white beard.
_LIT = 0.6
#: Of the face mesh: the outline of the face, that of the lips, and those of the brows.
OUTLINE = (10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149,
            150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109)  # fmt: skip
_LIPS = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146)
_BROWS = ((70, 63, 105, 66, 107, 55, 65, 52, 53, 46), (336, 296, 334, 293, 300, 276, 283, 282, 295, 285))
#: Outlines are scaled so (x, y), and blurred by so much, pixels. Nothing is shaded near the edge of a face or on lips,
#: nor on brows and eyes: those of other people would be seen beside one's own. From so far below the lower lip on, crop
#: sides, so much is left: a chin that is raised is in shadow, but beards lie there, too.
_CHIN, _CHIN_LEFT = 0.04, 0.3
#: So much is left on the forehead, but for the middle, where it is furrowed: everyone's brows and wrinkles lie
#: elsewhere, and the mean of them is two stains. How soft its lower edge is, and deviation of the middle, crop sides.
_FOREHEAD_LEFT, _FOREHEAD_EDGE, _FURROWED = 0.1, 0.04, 0.09
_OUTLINE_AREA, _LIPS_AREA, _BROWS_AREA = ((0.92, 0.92), 3.0), ((1.3, 1.3), 1.5), ((1.15, 1.8), 1.5)
_EYES_AREA = ((1.0, 1.0), 0.8)
#: Of the face mesh: from between the eyes to the tip of the nose. This ridge gets no darker: nothing folds there. How
#: soft its ends and its sides are, crop sides.
_RIDGE, _RIDGE_ENDS, _RIDGE_SIDES = (168, 4), 0.03, 0.035
#: What is wider than this is no furrow or fold, but the light of a room, or a shadow that looks painted, and what is
#: finer is grain; pixels.
_WIDE, _FINE = 8.0, 1.2
#: No emotion is shaded less than this share of the strongest, but for what is lifted by more than that many times.
_SOFTEST, _MOST_LIFTED = 0.6, 3.0
#: A change is kept as far as its square is more than so many times that of its standard error, both of them blurred by
#: so many pixels: what people differ in is a stain on everybody.
_DOUBT, _DOUBT_BLUR = 2.0, 3.0
#: Pixels at least so far from black and white are measured.
_DARKEST = 0.05


@keras.saving.register_keras_serializable("vfgan")
class Shading(keras.layers.Layer):
    """logit y = logit x + a tanh(sum_k w_k s_k(p) / a)

    w_k: how much of each emotion, at most 1 in all; where all are 0, y is x. s_k: a picture of what emotion k does to
    the logit of luma. It is the mean over real faces, each warped to one shape by its landmarks (`places`). This is a
    ratio image (Liu, Shan & Zhang, 2001) of many people; in logits no skin is burnt out. It is warped to where the
    face's landmarks are moved. A fold takes the same share of the light from dark skin as from light skin; by logits it
    would take more. So what is darker than `_MIDDLE` is multiplied by what that is multiplied by, and keeps its hue.
    Where w_k is below 0 the emotion is taken from a face: its dark folds, not its light, are lit by a share of s_k.
    What is brighter and gets darker gets half as much redder as it would, were each colour a luma of its own, and what
    gets lighter half as much paler: shaded skin is neither grey nor red, and lit skin neither white nor yellow.

    Inputs:
        [face float32 [batch, height, width, 3], -1…1, which may go on below the crop (`vfgan.face.flow`);
        moved float32 [batch, 468, 2], crop sides; w float32 [batch, emotions]].
    Output:
        float32 of the face's shape.
    """

    def build(self, shapes):
        emotions = shapes[2][-1]
        self.pictures = self.add_weight(
            shape=(emotions, SIZE, SIZE), initializer="zeros", trainable=False, name="pictures"
        )
        self.places = self.add_weight(shape=(468, 2), initializer="zeros", trainable=False, name="places")

    def call(self, inputs):
        face, moved, w = inputs
        height, width = ops.shape(face)[1], ops.shape(face)[2]
        gone, w = ops.relu(-w), ops.relu(w)
        w = w * ops.minimum(1.0, _FULL / ops.maximum(ops.sum(w, axis=1, keepdims=True), 1e-6))
        lit = ops.tensordot(_LIT * gone, ops.relu(-self.pictures), axes=1)
        change = (ops.tensordot(w, self.pictures, axes=1) + lit)[..., None]
        there = ops.broadcast_to(self.places[None], ops.shape(moved))
        change = ops.pad(_MOST * ops.tanh(change / _MOST), ((0, 0), (0, _HIGH - SIZE), (0, 0), (0, 0)))
        change = warp(change, upscale(spread(there, moved, _GRID, _ROWS), _HIGH, SIZE))
        down, across = _enlarging(height, width)
        change = ops.matmul(ops.matmul(down, change[..., 0]), ops.transpose(across))[..., None]
        odds, bright = ops.exp(change), 0.5 * (face + 1.0)
        level = bright + ops.where(odds < 1.0, luma(bright), ops.max(bright, axis=-1, keepdims=True))  # twice the level
        level = ops.maximum(level, 2.0 * _MIDDLE)
        return bright * (2.0 * odds) / (1.0 + level * (0.5 * odds - 0.5)) - 1.0

    def load_own_variables(self, store):
        """Files of before shading have none: it stays as it is."""
        if store.keys():
            super().load_own_variables(store)

    def forget(self) -> None:
        """Shades nothing."""
        self.pictures.assign(np.zeros(self.pictures.shape))

    def texture(self, faces, landmarks):
        """Logits of luma, of faces laid on `places`: float32 [batch, SIZE, SIZE].

        Args:
            faces: float32 [batch, size, size, 3], -1…1.
            landmarks: float32 [batch, 468, 2], crop sides.
        """
        there = ops.broadcast_to(self.places[None], ops.shape(landmarks))
        size = faces.shape[1]
        faces = ops.concatenate([faces, ops.repeat(faces[:, -1:], round(CROP_HEIGHT * size) - size, axis=1)], axis=1)
        flow = upscale(spread(landmarks, there, _GRID, _ROWS), faces.shape[1], size)
        laid = warp(luma(faces), flow)[:, :size]
        bright = 0.5 * (ops.image.resize(laid, (SIZE, SIZE), interpolation="bilinear", antialias=True)[..., 0] + 1.0)
        bright = ops.clip(bright, _DARKEST, 1.0 - _DARKEST)
        return ops.log(bright / (1.0 - bright))

    def measure(self, changes: np.ndarray, errors: np.ndarray | None = None, one_person: bool = False) -> None:
        """Takes s from mean changes of logits: `folds` of them, as far as they are certain.

        Each is shrunk towards 0 by what of it is doubt (James & Stein, 1961). Soft emotions are lifted: people who
        smile do so alike, but everyone frowns in another place, so that the mean of frowns is soft.

        Args:
            changes: float [emotions, SIZE, SIZE].
            errors: standard errors of `folds(changes)`; None: there is no doubt.
            one_person: all faces are of one: eyes, nose, chin and forehead are their own, too.
        """
        where = _shaded(np.asarray(self.places), one_person)
        found = _really_there(folds(changes), changes, where)
        pictures = found * where
        if not one_person:
            pictures = np.where(pictures < 0.0, 1.0 - _ridge(np.asarray(self.places)), 1.0) * pictures
        if errors is not None:
            doubt, size = (blurred(np.square(one), _DOUBT_BLUR) for one in (errors, found))
            pictures *= np.clip(1.0 - _DOUBT * doubt / np.maximum(size, 1e-12), 0.0, 1.0)
        strength = np.sqrt(np.square(pictures).mean(axis=(1, 2)))
        if strength.any():
            lifted = _SOFTEST * strength.max() / np.maximum(strength, 1e-12)
            pictures *= np.clip(lifted, 1.0, _MOST_LIFTED)[:, None, None]
        self.pictures.assign(pictures)


def _enlarging(height, width):
    """What each row and each column of a face takes of those of a change: first bicubic to `_SMOOTH`, then bilinear.

    Returns:
        float32 [height, _HIGH] and [width, SIZE].
    """

    def along(places, size: int, smooth: int):
        places = ops.clip(smooth * places - 0.5, 0.0, smooth - 1.0)
        near = ops.maximum(0.0, 1.0 - ops.abs(places[:, None] - np.arange(smooth, dtype=np.float32)))
        return ops.matmul(near, ops.convert_to_tensor(bicubic(size, smooth)))

    down = along(middles_down(height, width) / CROP_HEIGHT, _HIGH, round(CROP_HEIGHT * _SMOOTH))
    return down, along(middles(width), SIZE, _SMOOTH)


def folds(textures: np.ndarray) -> np.ndarray:
    """What is no finer than grain and no wider than a fold, the same on the left as on the right.

    Args:
        textures: float [..., SIZE, SIZE].
    """
    even = _even(textures)
    return blurred(even, _FINE) - blurred(even, _WIDE)


def _even(textures: np.ndarray) -> np.ndarray:
    return 0.5 * (textures + textures[..., ::-1])


def _really_there(found: np.ndarray, changes: np.ndarray, where: np.ndarray) -> np.ndarray:
    """Folds as far as the change goes the same way: a band filter sees a dark band between any two bright ones, such as
    raised lids, and painted a wedge between surprised brows.

    Args:
        found: float [emotions, SIZE, SIZE], `folds` of the changes.
        where: float [SIZE, SIZE], the face: a change is measured from its median there.
    """
    changes = blurred(_even(changes), _FINE)
    changes -= np.median(changes[:, where >= 0.5 * where.max()], axis=1)[:, None, None]
    return np.clip(found, np.minimum(changes, 0.0), np.maximum(changes, 0.0))


def blurred(pictures: np.ndarray, deviation: float) -> np.ndarray:
    """Pictures, float [..., size, size], under a Gaussian of so many pixels; beyond the edge nothing counts."""
    places = np.arange(pictures.shape[-1])
    weight = np.exp(-0.5 * np.square((places[:, None] - places) / deviation))
    weight = (weight / weight.sum(axis=1, keepdims=True)).astype(pictures.dtype)
    return weight @ pictures @ weight.T


def _ridge(places: np.ndarray) -> np.ndarray:
    """The ridge of the nose: float [SIZE, SIZE], 0…1."""
    centres = (np.arange(SIZE) + 0.5) / SIZE
    ends = places[list(_RIDGE)]
    along = np.clip(np.minimum(centres - ends[0, 1], ends[1, 1] - centres) / _RIDGE_ENDS + 1.0, 0.0, 1.0)
    across = np.exp(-0.5 * np.square((centres - ends[:, 0].mean()) / _RIDGE_SIDES))
    return along[:, None] * across


def _shaded(places: np.ndarray, one_person: bool = False) -> np.ndarray:
    """Where faces are shaded: float [SIZE, SIZE], 0…1, soft at the outlines of face, lips, brows, eyes and chin."""

    def inside(outline: tuple, scale: tuple, blur: float) -> np.ndarray:
        points = places[list(outline)]
        middle = 0.5 * (points.min(axis=0) + points.max(axis=0))
        picture = Image.new("L", (SIZE, SIZE))
        ImageDraw.Draw(picture).polygon(list(map(tuple, SIZE * (middle + scale * (points - middle)))), fill=1)
        return blurred(np.asarray(picture, np.float64), blur)

    shaded = inside(OUTLINE, *_OUTLINE_AREA) * (1.0 - inside(_LIPS, *_LIPS_AREA))
    for brow in _BROWS:
        shaded *= 1.0 - inside(brow, *_BROWS_AREA)
    if one_person:
        return shaded
    for upper, lower in LIDS:
        shaded *= 1.0 - inside((*upper, *lower[-2:0:-1]), *_EYES_AREA)
    centres = (np.arange(SIZE) + 0.5) / SIZE
    below = np.clip((centres - places[list(_LIPS), 1].max()) / _CHIN, 0.0, 1.0)
    shaded = shaded * (1.0 - (1.0 - _CHIN_LEFT) * below * below * (3.0 - 2.0 * below))[:, None]
    brows = places[[landmark for brow in _BROWS for landmark in brow]].mean(axis=0)
    above = np.clip((brows[1] - centres) / _FOREHEAD_EDGE, 0.0, 1.0)[:, None]
    aside = 1.0 - np.exp(-0.5 * np.square((centres - brows[0]) / _FURROWED))
    return shaded * (1.0 - (1.0 - _FOREHEAD_LEFT) * above * aside)
