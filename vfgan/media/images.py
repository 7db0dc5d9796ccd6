"""Reads and writes pictures as uint8 RGB arrays."""

from pathlib import Path

import numpy as np

from vfgan.errors import MediaError
from vfgan.storage.files import atomic_path

IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"})
MAX_PIXELS = 8192 * 8192


def read_image(path: str | Path) -> np.ndarray:
    """Reads a picture as RGB. It is turned upright by its EXIF orientation; transparent parts become white.

    Returns:
        uint8 [height, width, 3] RGB.
    Raises:
        MediaError: the file does not exist, is not a picture, or has more than `MAX_PIXELS` (checked before decoding).
    """
    from PIL import Image, ImageOps

    path = Path(path)
    if not path.is_file():
        raise MediaError(f"{path} does not exist or is not a file: expected a picture")
    try:
        with Image.open(path) as image:
            if image.width * image.height > MAX_PIXELS:
                raise MediaError(f"{path} is {image.width}x{image.height}: at most {MAX_PIXELS} pixels are read")
            upright = ImageOps.exif_transpose(image)
            if upright.mode.startswith("I;16") or upright.mode in ("I", "F"):
                raise MediaError(f"{path} has {upright.mode} pixels: save it with 8 bits a channel")
            if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
                rgba = upright.convert("RGBA")
                upright = Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba)
            return np.asarray(upright.convert("RGB"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise MediaError(f"{path} cannot be read as a picture: {error}") from error


def write_image(path: str | Path, rgb: np.ndarray, *, comment: str = "") -> None:
    """Writes uint8 [height, width, 3] RGB as PNG or JPEG by the suffix, with a comment in its metadata."""
    from PIL import Image, PngImagePlugin

    image = Image.fromarray(rgb)
    with atomic_path(path) as temporary:
        if temporary.suffix.lower() == ".png":
            info = PngImagePlugin.PngInfo()
            info.add_text("Comment", comment)
            image.save(temporary, pnginfo=info)
        else:
            image.save(temporary, quality=95, comment=comment.encode())
