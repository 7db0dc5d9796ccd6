"""What bending cannot make: the inside of a mouth that opens, with its teeth, tongue and dark."""

import keras
import numpy as np
from keras import layers, ops

from vfgan.face.pixels import luma
from vfgan.layers.warp import sample
from vfgan.models.lips import in_mouth, lip_gap, middles, mouth_grid, mouth_shape
from vfgan.models.teeth import pale, tooth_columns, whiteness

#: Of the picture between the lips, from lip to lip and from corner to corner.
ROWS, COLUMNS = 24, 48
#: Of the face mesh: cheeks below the eyes, whose colour tells the light; and how far around each is looked, crop sides.
_CHEEKS, _AROUND = (50, 101, 280, 330), 3 / 256
#: Skin is at least so bright, of 0…2: what is painted is a multiple of its root.
_DARKEST = 0.1
#: Skin of at least this saturation, (most - least) / mean of its colours, is a colour picture's in full.
_COLOURED = 0.2
#: Beside green, the dark of a mouth is at most so many times as blue as the skin: the upper quartile of 521 real ones.
_BLUEST = 1.25
#: A mouth as open as this share of its width counts in full.
_OPEN = 0.15
#: Which quantile of real mouths' colours is painted.
_QUANTILE = 0.42


class _Added(layers.Dense):
    """What emotions add: nothing at the start, nor in files of before there was any."""

    def load_own_variables(self, store):
        if store.keys():
            super().load_own_variables(store)


@keras.saving.register_keras_serializable("vfgan")
class MouthInterior(keras.layers.Layer):
    """T(u, v; shape, skin, w): the picture between open lips, in coordinates of the mouth.

    u goes from corner to corner, v from the upper lip to the lower one. There teeth of all people lie upon each other,
    so that a mean of them has an edge; in coordinates of the face it is a grey smudge. Each point's colour is a
    multiple of the light, from two layers on where it is (from the middle, and from each lip in widths of the mouth)
    and what the mouth looks like: the shape of the lips, and how much there is of each emotion, tell whether teeth are
    seen. A mouth in fear has the shape of one that speaks, but is dark. The left half mirrors the right.
    The light is taken to be white, the root of the skin's luma: dark skin is half dark by itself and half in the
    shade. Of the skin the layers see the hue alone, so that teeth are as bright in faces darker than they learnt from.

    Teeth have gaps, and an edge of their own (`vfgan.models.teeth`), once they are laid between lips.

    Args:
        units: of the hidden layers.
        emotions: how many w; 0: it is the same in all.
    Inputs:
        [landmarks float32 [batch, 468, 2], crop sides; skin float32 [batch, 3], 0 is black, 2 is white;
        w float32 [batch, emotions], how much of each emotion, 0 to 1 in all count; may be left out: neutral].
    Output:
        float32 [batch, ROWS, COLUMNS, 3], multiples of the light.
    """

    def __init__(self, units: int = 64, emotions: int = 0, **kwargs):
        super().__init__(**kwargs)
        self.settings = {"units": units, "emotions": emotions}
        self.code = [layers.Dense(units, activation="relu", name=f"code_{index}") for index in range(2)]
        self.place = [layers.Dense(units, name=f"place_{index}") for index in range(2)]
        self.told = [layers.Dense(units, use_bias=False, name=f"told_{index}") for index in range(2)]
        self.felt = _Added(units, use_bias=False, kernel_initializer="zeros", name="felt") if emotions else None
        self.last = layers.Dense(units, activation="relu", name="last")
        self.colour = layers.Dense(3, bias_initializer=keras.initializers.Constant(-1.0), name="colour")

    def build(self, shapes):
        skin = shapes[1]
        units = self.settings["units"]
        self.code[0].build((None, 11 + skin[-1]))
        self.code[1].build((None, units))
        self.place[0].build((None, ROWS, COLUMNS, _PLACE))
        self.place[1].build((None, ROWS, COLUMNS, units))
        for layer in self.told:
            layer.build((None, units))
        if self.felt:
            self.felt.build((None, self.settings["emotions"]))
        self.last.build((None, ROWS, COLUMNS, units))
        self.colour.build((None, ROWS, COLUMNS, units))

    def call(self, inputs):
        landmarks, skin, *w = inputs
        hue = skin / ops.maximum(ops.mean(skin, axis=1, keepdims=True), _DARKEST) - 1.0
        code = ops.concatenate([mouth_shape(landmarks), hue], axis=1)
        for layer in self.code:
            code = layer(code)
        if self.felt and w:
            felt = ops.relu(w[0])
            code = code + self.felt(felt / ops.maximum(ops.sum(felt, axis=1, keepdims=True), 1.0))
        h = _places(landmarks)
        for place, told in zip(self.place, self.told):
            h = ops.relu(place(h) + told(code)[:, None, None])
        return ops.softplus(self.colour(self.last(h)))

    def picture(self, landmarks, skin, height, width, emotions=None, part: slice = slice(None)):
        """The inside of mouths where the face has them; beyond the lips their edges repeat.

        Args:
            height, width: of the face, pixels.
            emotions: w.
            part: rows of the face that are asked for.
        Returns:
            float32 [batch, rows, width, 3], -1…1.
        """
        light = _light(skin)
        texture = pale(self([landmarks, skin] if emotions is None else [landmarks, skin, emotions]))
        u, v = in_mouth(landmarks, height, width, part)
        dark, further = tooth_columns(landmarks, width)
        below = v + further[:, None] * ops.sin(np.pi * ops.clip(v, 0.0, 1.0))  # lips stay where they are
        inside, behind = (sample(texture, u * COLUMNS - 0.5, down * ROWS - 0.5) for down in (v, below))
        inside = inside + whiteness(inside) * (behind - inside)  # where teeth end, what is behind them is seen
        inside = inside * (1.0 - whiteness(inside) * dark[:, None, :, None])
        return ops.clip(_as_coloured(_as_lit(inside, skin) * light, skin) - 1.0, -1.0, 1.0)

    def distance(self, face, landmarks, emotions=None):
        """2 E w rho(T' - T), T' what is between the lips of real faces; w grows as a mouth opens, to 1. A loss.

        rho(e) = max(q e, (q - 1) e) has the q-quantile as its optimum (Koenker & Bassett, 1978), here one below the
        median: where half of the mouths show a lip, since a mesh has its errors, and half the dark, it is dark.

        Args:
            face: float32 [batch, height, width, 3], -1…1.
            landmarks: float32 [batch, 468, 2], crop sides.
            emotions: w.
        """
        skin = skin_of(face, landmarks)
        _, height, width, _ = ops.shape(face)
        x, y = mouth_grid(landmarks, ROWS, COLUMNS)
        real = sample(face + 1.0, x * width - 0.5, y * height - 0.5) / _light(skin)
        gap = lip_gap(landmarks, COLUMNS)[:, None]
        weight = ops.clip(gap, 0.0, _OPEN) / _OPEN
        left = real - self([landmarks, skin] if emotions is None else [landmarks, skin, emotions])
        return 2.0 * ops.mean(weight[..., None] * ops.maximum(_QUANTILE * left, (_QUANTILE - 1.0) * left))

    def get_config(self) -> dict:
        return {**super().get_config(), **self.settings}


def skin_of(face, landmarks):
    """The colour of cheeks: float32 [batch, channels], 0 is black, 2 is white.

    Args:
        face: float32 [batch, height, width, channels], -1…1.
        landmarks: float32 [batch, 468, 2], crop sides.
    """
    _, height, width, _ = ops.shape(face)
    rows = ops.cast(ops.minimum(height, width), "float32")  # of the crop: a face may go on below it
    step = np.array([-_AROUND, 0.0, _AROUND], np.float32)
    around = np.stack(np.meshgrid(step, step), axis=2).reshape(1, 1, 9, 2)
    cheeks = ops.take(landmarks, np.array(_CHEEKS), axis=1)[:, :, None]
    points = cheeks + ops.convert_to_tensor(around)  # [batch, 4, 9, 2]
    x, y = points[..., 0] * ops.cast(width, "float32") - 0.5, points[..., 1] * rows - 0.5
    return ops.mean(sample(face + 1.0, x, y), axis=(1, 2))


def _light(skin):
    """float32 [batch, 1, 1, 1]; see `MouthInterior`."""
    return ops.sqrt(ops.maximum(luma(skin), _DARKEST))[:, None, None]


def _as_lit(texture, skin):
    """No bluer than the light on the skin makes a mouth: in yellow light its dark was purple. Teeth stay."""
    skin = skin[:, None, None]
    bluest = _BLUEST * skin[..., 2:] / ops.maximum(skin[..., 1:2], _DARKEST) * texture[..., 1:2]
    blue = texture[..., 2:]
    blue = blue + (1.0 - whiteness(texture)) * (ops.minimum(blue, bluest) - blue)
    return ops.concatenate([texture[..., :2], blue], axis=-1)


def _as_coloured(texture, skin):
    """Grey where the skin is grey, as in black-and-white photos."""
    mean = ops.maximum(ops.mean(skin, axis=1), _DARKEST)
    share = ops.clip((ops.max(skin, axis=1) - ops.min(skin, axis=1)) / mean / _COLOURED, 0.0, 1.0)
    grey = luma(texture)
    return grey + share[:, None, None, None] * (texture - grey)


#: Numbers that `_places` has of each point.
_PLACE = 20


def _places(landmarks):
    """Where each point of the picture is: float32 [batch, ROWS, COLUMNS, _PLACE]."""
    gap = lip_gap(landmarks, COLUMNS)[:, None]
    from_middle = ops.abs(2.0 * middles(COLUMNS) - 1.0)[None, None]
    down = middles(ROWS)[None, :, None]
    below_upper, above_lower = down * gap, (1.0 - down) * gap
    pi = float(np.pi)
    values = [from_middle, ops.square(from_middle), 2.0 * down - 1.0, 4.0 * below_upper, 4.0 * above_lower, 2.0 * gap]
    for k in (1, 2, 4):
        values += [ops.cos(k * pi * from_middle), ops.sin(k * pi * down), ops.cos(k * pi * down)]
    values.append(ops.cos(8 * pi * from_middle))
    for distance in (below_upper, above_lower):
        values += [ops.sin(4 * pi * distance), ops.cos(4 * pi * distance)]
    like = ops.zeros_like(below_upper)
    return ops.stack([value + like for value in values], axis=-1)
