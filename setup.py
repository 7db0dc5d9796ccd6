"""What ships beside the packages: every file of saved_models, in folders of the same names."""

from pathlib import Path

from setuptools import setup


def data_files(root: Path) -> list[tuple[str, list[str]]]:
    """(folder below the environment's prefix, files relative to `root`) for each folder of saved_models."""
    found: dict[str, list[str]] = {}
    for path in sorted((root / "saved_models").rglob("*")):
        if path.is_file() and not path.name.startswith("."):
            name = path.relative_to(root)
            found.setdefault(f"share/vfgan/{name.parent.as_posix()}", []).append(name.as_posix())
    return list(found.items())


if __name__ == "__main__":
    setup(data_files=data_files(Path(__file__).resolve().parent))
