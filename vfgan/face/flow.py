"""Where a face's pixels come from when its landmarks move: a backward flow on a coarse grid.

    flow(p) = K(2 d - K d)(p) b(p),   d_i = x_i - y_i
    (K v)(p) = sum_i w_i(p) v_i / (sum_i w_i(p) + e)
    w_i(p)   = exp(-|p - y_i|^2 / 2 s^2) + a exp(-|p - y_i|^2 / 2 t^2)

x are the landmarks of the source, y where they are to be, b falls to 0 at the crop's border. K is kernel regression
(Nadaraya, 1964; Watson, 1964) of values at y. A mean makes displacements smaller (of emotions by 15 to 28 %): what it
leaves out is given to it once more ("twicing", Tukey, 1977). The narrow kernel s keeps lips and lids apart, the wide
one t lets what is around the face follow it a little way, so that the flow has no folds. Where landmarks lie far apart,
s is larger: a kernel narrower than what is between them moves pixels in steps. What is moved is then

    picture_y(p) = picture_x(p + flow(p))

Between the lips there are no landmarks, and a kernel is steep there: pixels would be turned over, a second pair of
lips. So a mouth that opens is filled with points whose source lies about the line where the lips met. Nor are there any
below the jaw: points on the neck follow it, the less the further down.

A picture may go on below the crop. It is as wide as the crop, and the crop is its upper square; only there a jaw can
drop, since in most crops the chin is where b falls to 0.

All places and displacements are in crop sides: 0 the left or upper edge, 1 the other.
"""

import numpy as np

#: Nodes of the grid either way.
GRID = 32
#: s and t in crop sides, a, and e: what makes the flow vanish far from every landmark.
NARROW, WIDE, WIDE_SHARE, FAR = 6 / 256, 18 / 256, 0.05, 0.5
#: Of the face mesh, landmarks whose third neighbour is at least 15 / 256 and 20 / 256 away, and s there: those of
#: cheeks and the sides of a face, and those of the forehead. Chin and jaw are narrow: they drop.
_APART = (
    ((8, 21, 34, 54, 66, 68, 93, 101, 104, 123, 127, 137, 162, 187, 201, 205, 207, 208, 214, 227, 234, 251, 264, 284,
      296, 298, 301, 323, 330, 333, 334, 352, 356, 366, 411, 367, 389, 421, 425, 427, 428, 434, 447, 454), 10 / 256),
    ((9, 10, 50, 67, 69, 103, 107, 108, 109, 151, 280, 297, 299, 332, 336, 337, 338), 14 / 256),
)  # fmt: skip
#: Of the face mesh, from the corner at the left of the picture to the one at its right: edges of the inner lips.
UPPER_LIP = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
LOWER_LIP = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
#: Where the points between two lips lie, and how much of what opens is left in the source: more than 0 is no fold.
BETWEEN, LEFT = (0.1, 0.3, 0.5, 0.7, 0.9), 0.15
#: Of a flow that would fold, how much is kept of what just does not.
SAFE = 0.95
#: Of the face mesh: the edge of the jaw. Points of the neck lie so far below it, and what is REACH below rests; their
#: kernel in place of s. All in crop sides.
JAW = (58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288)
NECK, REACH, NECK_WIDTH = (0.03, 0.08, 0.14, 0.20, 0.27, 0.34), 0.42, 0.06
#: Share of the crop's side over which the flow falls to 0 at the border.
BORDER = 0.08


def grid_points(grid: int = GRID, rows: int | None = None) -> np.ndarray:
    """Middles of a grid's nodes, row by row: float32 [rows * grid, 2], x and y in crop sides."""
    x, y = np.meshgrid((np.arange(grid) + 0.5) / grid, (np.arange(rows or grid) + 0.5) / grid)
    return np.stack([x.ravel(), y.ravel()], axis=1).astype(np.float32)


def border_fade(points: np.ndarray, height: float = 1.0) -> np.ndarray:
    """b: 1 inside, 0 at the border of a picture of this height, and beyond, smooth between: float32 [points]."""
    ramp = np.clip(np.minimum(points, np.array([1.0, height]) - points).min(axis=1) / BORDER, 0.0, 1.0)
    return (ramp * ramp * (3.0 - 2.0 * ramp)).astype(np.float32)


def flow_of_landmarks(source: np.ndarray, moved: np.ndarray, grid: int = GRID, rows: int | None = None) -> np.ndarray:
    """The flow that takes a picture's landmarks from where they are to where they are to be.

    Args:
        source: float [468, 2], x.
        moved: float [468, 2], y.
        grid: nodes across.
        rows: nodes down; None: as many. More are of a picture that goes on below the crop.
    Returns:
        float32 [rows, grid, 2], displacements in x and y.
    """
    rows = rows or grid
    points = grid_points(grid, rows)
    source, moved = _with_mouth_and_neck(np.asarray(source, np.float64), np.asarray(moved, np.float64))
    wanted = source - moved
    flow = _regress(points, moved, 2.0 * wanted - _regress(moved, moved, wanted))
    flow = (flow * border_fade(points, rows / grid)[:, None]).reshape(rows, grid, 2)
    return (flow * without_folds(flow)).astype(np.float32)


def kernel_widths() -> np.ndarray:
    """s of each landmark and point between lips, and of points of the neck: float32 [603]."""
    between = len(BETWEEN) * (len(UPPER_LIP) - 2)
    widths = np.repeat([NARROW, NECK_WIDTH], [468 + between, len(NECK) * len(JAW)]).astype(np.float32)
    for landmarks, width in _APART:
        widths[list(landmarks)] = width
    return widths


def _regress(places: np.ndarray, landmarks: np.ndarray, values: np.ndarray) -> np.ndarray:
    """K: values at landmarks, float [n, 2], at places, float [m, 2]: float64 [m, 2]."""
    square = np.square(places[:, None].astype(np.float64) - landmarks[None]).sum(axis=2)  # [places, landmarks]
    weight = np.exp(-square / (2 * kernel_widths() ** 2)) + WIDE_SHARE * np.exp(-square / (2 * WIDE**2))
    return weight @ values / (weight.sum(axis=1, keepdims=True) + FAR)


def _with_mouth_and_neck(source: np.ndarray, moved: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Landmarks, points between the lips, and on the neck: float64 [603, 2] each."""
    upper, lower, share = list(UPPER_LIP[1:-1]), list(LOWER_LIP[1:-1]), np.array(BETWEEN)[:, None, None]
    there = moved[upper] + share * (moved[lower] - moved[upper])  # [5, 9, 2]
    here = source[upper] + share * (source[lower] - source[upper])
    opened = (moved[lower] - moved[upper]) - (source[lower] - source[upper])
    here = here + LEFT * (share - 0.5) * opened  # nothing for lips that stay as they are
    down = np.array(NECK)[:, None, None]
    below = source[list(JAW)] + down * [0.0, 1.0]  # [6, 15, 2]
    follows = below + (1.0 - down / REACH) * (moved - source)[list(JAW)]
    return (
        np.concatenate([source, here.reshape(-1, 2), below.reshape(-1, 2)]),
        np.concatenate([moved, there.reshape(-1, 2), follows.reshape(-1, 2)]),
    )


def without_folds(flow: np.ndarray) -> float:
    """By how much a flow is multiplied so that none of its cells is turned over: 1 for most.

    With the flow times s a cell's Jacobian is 1 + s p + s^2 q (`_trace_and_determinant`); 1 / r is its least positive
    root, r = (-p + (p^2 - 4 q)^(1/2)) / 2.
    """
    p, q = _trace_and_determinant(flow)
    under = p * p - 4.0 * q
    r = np.where(under >= 0.0, (np.sqrt(np.maximum(under, 0.0)) - p) / 2.0, 0.0).max()
    return float(min(1.0, SAFE / max(r, 1e-6)))


def _trace_and_determinant(flow: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of each cell's displacement gradient: float [rows - 1, grid - 1]."""
    grid = flow.shape[1]
    across, down = np.diff(flow, axis=1)[:-1] * grid, np.diff(flow, axis=0)[:, :-1] * grid  # [rows - 1, grid - 1, 2]
    return across[..., 0] + down[..., 1], across[..., 0] * down[..., 1] - across[..., 1] * down[..., 0]


def fold_share(flow: np.ndarray) -> float:
    """Share of a flow's cells that are turned over: 0 where p + flow(p) has a positive Jacobian everywhere.

    Args:
        flow: float [rows, grid, 2], displacements of nodes 1 / grid apart.
    """
    p, q = _trace_and_determinant(flow)
    return float((1.0 + p + q <= 0.0).mean())
