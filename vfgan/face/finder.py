"""Finding faces: pyramid of detectors, mesh, and tracking from frame to frame."""

import math
from collections.abc import Sequence

import numpy as np

from vfgan.errors import NoFaceError
from vfgan.face.face import Face
from vfgan.face.networks import ROOM, SAME_FACE, FaceMesh, Region, check_opencv, region_of_mesh, sigmoid
from vfgan.face.pyramid import LEAST_FACE_PX, FacePyramid

#: While faces are followed, near ones are looked for once in so many pictures, and far ones once in so many of those.
_LOOK_EVERY, _SEARCH_EVERY = 12, 25
#: Faces that are followed: the largest, and the one that is meant.
_MOST_FOLLOWED = 24
_MOST_REFINED = 3  #: measurements of a mesh until its region stays
_TURNS = (0.0, math.pi, math.pi / 2, -math.pi / 2)
#: Log odds of a mesh that no face on its head or side reaches: other turns need not be tried.
_UPRIGHT = 18.0
_CLEAR = 12.0  #: of a face beside or in which no other is looked for
#: In the best of four turns none of 1,140 faces of 20 px and more reached less, and of 5,448 places in noise 8 % more.
_HOPELESS = -3.0
#: A face of less than this share of the picture's longer side is to be clear: there are many places for it.
_FAR_SHARE, _FAR_LEAST = 1 / 9, 4.0
#: Beside a face, what overlaps it by more than this is to be clear: a neck or an ear may look a little like a face.
_BESIDE = 0.05
#: A face of less than this share of `LEAST_FACE_PX` is none.
_LEAST_SHARE = 0.75


class FaceFinder:
    """Finds faces of `LEAST_FACE_PX` and more, however turned, largest first.

    One instance a video: with `tracking` it follows faces from picture to picture, which is quicker and steadier than
    looking for them anew in each, and looks for more of them now and then. Without, each picture is searched.
    """

    def __init__(self, *, tracking: bool = False, min_confidence: float = 0.5):
        check_opencv()
        self._tracking, self._least = tracking, math.log(min_confidence / (1.0 - min_confidence))
        self._pyramid, self._mesh = FacePyramid(), FaceMesh()
        self.close()

    def __enter__(self) -> "FaceFinder":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        """Forgets the faces that it followed; the next picture may be another video's first."""
        self._followed: list[Region] = []
        self._since_look, self._since_search = 0, _LOOK_EVERY * _SEARCH_EVERY

    def find(self, rgb: np.ndarray, meant: Face | None = None) -> list[Face]:
        """All faces of a picture, largest first.

        Args:
            rgb: uint8 [height, width, 3].
            meant: a face of the picture before that is followed however many there are.
        """
        if meant is not None:
            self._follow_first(region_of_mesh(meant.landmarks))
        found = self._measure(rgb, self._followed)
        lost = len(found) < len(self._followed) or not found
        found += self._new(rgb, found, lost)
        found = sorted(found, key=lambda face: -face.eye_distance)
        places = [region_of_mesh(face.landmarks) for face in found]
        self._followed = places if self._tracking else []
        return found

    def find_in_crop(self, rgb: np.ndarray) -> Face | None:
        """The face that fills a picture and is upright, as in a face crop: what `find` says, in half of its time.

        Args:
            rgb: uint8 [height, width, 3].
        """
        for region in self._pyramid.glance(rgb)[:1]:
            upright = self._refined(rgb, self._best_turn(rgb, region, _TURNS[:1]))
            detected = region_of_mesh(upright[0]) if upright[1] >= self._least else self._mesh_region(rgb, region)
            for face in self._measure(rgb, [detected] if detected else []):
                return face
        self.close()
        return next(iter(self.find(rgb)), None)

    def _follow_first(self, place: Region) -> None:
        """Keeps the largest faces, and the one at a place before them."""
        others = [region for region in self._followed if region.overlap(place) < SAME_FACE]
        self._followed = [place, *others][:_MOST_FOLLOWED]

    def _new(self, rgb: np.ndarray, found: list[Face], lost: bool) -> list[Face]:
        """Faces that were not followed, where it is time to look for some.

        Near ones are looked for at once where a face is lost; far ones, which takes longer, once in `_LOOK_EVERY`
        pictures then.
        """
        self._since_look, self._since_search = self._since_look + 1, self._since_search + 1
        search = self._since_search >= _LOOK_EVERY * (1 if lost else _SEARCH_EVERY) or not self._tracking
        if not (search or not found or self._since_look >= _LOOK_EVERY):
            return []
        self._since_look = 0
        self._since_search = 0 if search else self._since_search
        new: list[Face] = []
        for region in self._pyramid.search(rgb) if search else self._pyramid.glance(rgb):
            clear = [*found, *(face for face in new if face.log_odds >= _CLEAR)]
            if not any(region_of_mesh(face.landmarks).covers(region) for face in clear):
                # where a face was only detected, its mesh is measured again: the second region fits better
                detected = self._mesh_region(rgb, region)
                far = region.side / ROOM < _FAR_SHARE * max(rgb.shape[:2])
                measured = self._measure(rgb, [detected] if detected else [])
                new += [face for face in measured if not far or face.log_odds >= _FAR_LEAST]
        return _distinct(found, new)

    def _mesh_region(self, rgb: np.ndarray, detected: Region) -> Region | None:
        """The region of a detected face; detectors say little about how it is turned, the mesh knows."""
        best = self._best_turn(rgb, detected, _TURNS)
        if best[1] < _HOPELESS:
            return None
        if best[1] < _UPRIGHT:  # perhaps a face that is turned by a half of a right angle
            best = max(best, self._best_turn(rgb, detected.turned(math.pi / 4), _TURNS), key=_log_odds)
        best = self._refined(rgb, best)
        if self._least <= best[1] < _UPRIGHT:
            turned = self._best_turn(rgb, region_of_mesh(best[0]), _TURNS[1:])
            best = self._refined(rgb, turned) if turned[1] > best[1] else best
        return region_of_mesh(best[0]) if best[1] >= self._least else None

    def _best_turn(self, rgb: np.ndarray, region: Region, turns: Sequence[float]) -> tuple[np.ndarray, float]:
        """The mesh of the turn of which it is surest; the first that is beyond doubt."""
        measured = []
        for turn in turns:
            measured.append(self._mesh.measure(rgb, region.turned(turn)))
            if measured[-1][1] >= _UPRIGHT:
                break
        return max(measured, key=_log_odds)

    def _refined(self, rgb: np.ndarray, best: tuple[np.ndarray, float]) -> tuple[np.ndarray, float]:
        """The mesh, measured anew in its own region until that stays."""
        region = region_of_mesh(best[0])
        for _ in range(_MOST_REFINED):
            best = self._mesh.measure(rgb, region)
            region, before = region_of_mesh(best[0]), region
            if best[1] < self._least or region.close_to(before):
                break
        return best

    def _measure(self, rgb: np.ndarray, regions: list[Region]) -> list[Face]:
        """The faces in some regions, without those that were in an earlier region."""
        faces: list[Face] = []
        taken: list[Region] = []
        for region in regions:
            points, log_odds = self._mesh.measure(rgb, region)
            place = region_of_mesh(points)
            large = place.side / ROOM >= _LEAST_SHARE * LEAST_FACE_PX
            if large and log_odds >= self._least and all(place.overlap(other) < SAME_FACE for other in taken):
                faces.append(Face(points, float(sigmoid(log_odds))))
                taken.append(place)
        return faces


def _distinct(known: list[Face], new: list[Face]) -> list[Face]:
    """Of new faces those that are not known, each once: the surest of those that lie in each other."""
    places, kept = [region_of_mesh(face.landmarks) for face in known], []
    for face in sorted(new, key=lambda face: -face.log_odds):
        place = region_of_mesh(face.landmarks)
        shared = SAME_FACE if face.log_odds >= _UPRIGHT / 2 else _BESIDE
        if not any(place.covers(other) or other.covers(place) or place.overlap(other) > shared for other in places):
            places.append(place)
            kept.append(face)
    return kept


def _log_odds(measured: tuple[np.ndarray, float]) -> float:
    return measured[1]


def find_face(finder: FaceFinder, rgb: np.ndarray, name: str) -> Face:
    """The largest face of a picture.

    Raises:
        NoFaceError: there is none; `name` says where.
    """
    faces = finder.find(rgb)
    if not faces:
        raise no_face(rgb, name)
    return faces[0]


def no_face(rgb: np.ndarray, name: str) -> NoFaceError:
    """Says that a picture has no face, and what is expected."""
    return NoFaceError(
        f"{name}: no face found in {rgb.shape[1]}x{rgb.shape[0]} pixels: expected a face that looks at the "
        f"camera, lit, and at least {LEAST_FACE_PX} pixels wide"
    )
