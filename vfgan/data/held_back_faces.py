"""Test faces that no network has learnt from."""

from collections.abc import Sequence
from pathlib import Path

from vfgan.data.dataset import DataSet
from vfgan.data.face_set import Faces, load_faces, merge_faces
from vfgan.data.provenance import check_held_back, check_same_crop, open_face_sets
from vfgan.errors import ConfigError


def load_test_faces(
    folders: Sequence[Path], size_px: int, crops: dict[str, dict], seen: Sequence[dict], channels: int = 1
) -> tuple[Faces, list[DataSet]]:
    """Test faces that are new to all networks: (those of all data sets, the data sets).

    Args:
        crops: whose geometry it is -> the geometry that the faces must have.
        channels: 1 gives luma, 3 gives RGB.
        seen: origins (`vfgan.data.provenance.data_origin` by name) of what the networks have learnt from.
    Raises:
        SchemaError: some faces may have been in a training, or are cut out otherwise.
        ConfigError: there are no test faces.
    """
    sets, parts = list(open_face_sets(folders).values()), []
    for one in sets:
        for whose, crop in crops.items():
            check_same_crop(crop, one, whose)
        if one.manifest["counts"]["test"]["faces"]:
            parts.append(load_faces(one, ["test"], size_px, channels).aligned)
            for origins in seen:
                check_held_back(origins, one, set(parts[-1].actor.tolist()))
    if not parts:
        raise ConfigError("--faces: none of these data sets has test faces to measure with")
    return merge_faces(parts), sets
