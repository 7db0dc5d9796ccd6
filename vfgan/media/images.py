"""Pictures <-> uint8 RGB arrays, as a browser shows them."""

import contextlib
import dataclasses
import functools
import io
from pathlib import Path
from typing import Any

import numpy as np

from vfgan.errors import ConfigError, MediaError
from vfgan.media.containers import no_file
from vfgan.storage.files import atomic_path

MAX_PIXELS = 8192 * 8192
#: Suffixes of pictures that are written -> Pillow's name of the format, and what it is to do.
_WRITTEN: dict[str, tuple[str, dict[str, Any]]] = {
    ".png": ("PNG", {}),
    ".jpg": ("JPEG", {"quality": 95}),
    ".jpeg": ("JPEG", {"quality": 95}),
    ".webp": ("WEBP", {"quality": 95, "exact": True}),
    ".bmp": ("BMP", {}),
    ".tif": ("TIFF", {"compression": "tiff_lzw"}),
    ".tiff": ("TIFF", {"compression": "tiff_lzw"}),
}
WRITTEN_SUFFIXES = tuple(_WRITTEN)
#: Of these, those that keep what is transparent.
ALPHA_SUFFIXES = frozenset({".png", ".webp", ".tif", ".tiff"})
#: Less is hardly seen: there a change of colour is not enlarged further.
_LEAST_ALPHA = 26
_IMAGE_DESCRIPTION = 0x010E  # EXIF
_SRGB_NAMES = ("srgb", "s-rgb", "gray gamma 2.2", "sgray", "c2")


@dataclasses.dataclass(frozen=True)
class Picture:
    """A picture and what of it is transparent."""

    rgb: np.ndarray  #: uint8 [height, width, 3]; what is transparent has its own colour, not that of a background
    alpha: np.ndarray | None = None  #: uint8 [height, width]; None: nothing is transparent

    def over_white(self) -> np.ndarray:
        """uint8 [height, width, 3]."""
        if self.alpha is None:
            return self.rgb
        share = self.alpha[..., None].astype(np.float32) / 255
        return np.rint(self.rgb * share + 255 * (1 - share)).astype(np.uint8)

    def with_change(self, shown: np.ndarray) -> "Picture":
        """The picture that over white is `shown` (of the same shape), as far as what is transparent lets it.

        c' = c + (shown - over_white) / alpha: what is half transparent keeps its own colour, not that of the white.
        """
        if self.alpha is None:
            return Picture(shown)
        change = shown.astype(np.float32) - self.over_white()
        share = np.maximum(self.alpha, _LEAST_ALPHA)[..., None].astype(np.float32) / 255
        return Picture(np.rint(np.clip(self.rgb + change / share, 0, 255)).astype(np.uint8), self.alpha)


def read_image(path: str | Path) -> np.ndarray:
    """Reads a picture as `read_picture` does, what is transparent over white.

    Returns:
        uint8 [height, width, 3] RGB.
    Raises:
        MediaError: see `read_picture`.
    """
    return read_picture(path).over_white()


def read_picture(path: str | Path) -> Picture:
    """Reads a picture of any format that Pillow knows, HEIC and AVIF among them.

    Upright by its EXIF orientation, in sRGB by its colour profile, grey as RGB.

    Raises:
        MediaError: no such file, no picture, or more than `MAX_PIXELS` (told by the header, before decoding).
    """
    from PIL import Image, UnidentifiedImageError

    path = Path(path)
    if not path.is_file():
        raise no_file(path, "a picture")
    know_heif()
    try:
        with Image.open(path) as image:
            return of_pillow(image, str(path))
    except UnidentifiedImageError as error:
        raise MediaError(f"{path} cannot be read as a picture: expected a photo, such as .jpg") from error
    except MediaError:
        raise
    except Exception as error:  # of a broken file Pillow's plug-ins raise whatever their parsers meet
        raise MediaError(f"{path} cannot be read as a picture: {' '.join(str(error).split())}") from error


def is_animated(path: str | Path) -> bool:
    """Whether a picture that can be read has several, to be shown one after the other."""
    from PIL import Image

    know_heif()
    with Image.open(path) as image:
        return image.format in ("WEBP", "PNG", "AVIF") and getattr(image, "is_animated", False)


def of_pillow(image: Any, name: str) -> Picture:
    """Pillow's image, upright and in sRGB.

    Args:
        image: PIL.Image.Image; of several pictures the one that it is at.
        name: of the picture, for errors.
    Raises:
        MediaError: more than `MAX_PIXELS`, or more than 8 bits a channel.
    """
    from PIL import ImageOps

    if image.width * image.height > MAX_PIXELS:
        raise MediaError(f"{name} is {image.width}x{image.height}: at most {MAX_PIXELS} pixels are read")
    upright = ImageOps.exif_transpose(image)
    if upright.mode.startswith("I;16") or upright.mode in ("I", "F"):
        raise MediaError(f"{name} has {upright.mode} pixels: save it with 8 bits a channel")
    alpha = None
    if upright.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in upright.info:
        alpha = np.asarray(upright.convert("RGBA"))[..., 3]
    rgb = np.asarray(_in_srgb(upright))
    return Picture(rgb, None if alpha is None or (alpha == 255).all() else alpha)


def _in_srgb(image: Any) -> Any:
    """Pillow's image as RGB in sRGB; a profile that cannot be used is passed over, as browsers do."""
    from PIL import ImageCms

    profile = image.info.get("icc_profile")
    with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
        if profile and image.mode not in ("P", "PA", "1"):
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            name = ImageCms.getProfileDescription(source).strip().lower()
            if not name.startswith(_SRGB_NAMES):
                opaque = {"RGBA": "RGB", "LA": "L"}.get(image.mode, image.mode)
                target = ImageCms.createProfile("sRGB")
                plain = image.convert(opaque) if opaque != image.mode else image
                return ImageCms.profileToProfile(
                    plain, source, target, renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC, outputMode="RGB",
                    flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
                )  # fmt: skip
    return image.convert("RGBA").convert("RGB") if "transparency" in image.info else image.convert("RGB")


@functools.cache
def know_heif() -> None:
    """Tells Pillow how to read HEIC; it knows AVIF by itself."""
    import pillow_heif

    pillow_heif.register_heif_opener()


def check_written(path: str | Path) -> None:
    """Checks that a picture of this name can be written.

    Raises:
        ConfigError: its suffix names no format that can be.
    """
    if Path(path).suffix.lower() not in _WRITTEN:
        raise ConfigError(f"{path}: expected a picture's name that ends in {', '.join(_WRITTEN)}")


def write_image(path: str | Path, rgb: np.ndarray, *, alpha: np.ndarray | None = None, comment: str = "") -> None:
    """Writes a picture in the format of its suffix, with a comment in its metadata.

    Args:
        path: one of `WRITTEN_SUFFIXES`.
        rgb: uint8 [height, width, 3].
        alpha: uint8 [height, width]; left out where the format is none of `ALPHA_SUFFIXES`, and white shows instead.
        comment: in EXIF, and in the format's own comment; behind the pixels of a .bmp, which has neither.
    Raises:
        ConfigError: the suffix names none of these formats.
        OutputError: it cannot be written.
    """
    from PIL import Image

    check_written(path)
    suffix = Path(path).suffix.lower()
    kind, options = _WRITTEN[suffix]
    if alpha is None or suffix not in ALPHA_SUFFIXES:
        image = Image.fromarray(Picture(rgb, alpha).over_white())
    else:
        image = Image.fromarray(np.concatenate([rgb, alpha[..., None]], axis=-1), "RGBA")
    with atomic_path(path) as temporary:
        image.save(temporary, kind, **options, **_commented(kind, comment))
        if kind == "BMP" and comment:
            _append_to_bmp(temporary, comment)


def _commented(kind: str, comment: str) -> dict[str, Any]:
    """Options with which Pillow writes a comment."""
    from PIL import Image, PngImagePlugin

    if not comment or kind == "BMP":
        return {}
    exif = Image.Exif()
    exif[_IMAGE_DESCRIPTION] = comment
    if kind == "TIFF":
        return {"tiffinfo": {_IMAGE_DESCRIPTION: comment}}
    if kind == "PNG":
        info = PngImagePlugin.PngInfo()
        info.add_text("Comment", comment)
        return {"pnginfo": info, "exif": exif}
    return {"exif": exif} | ({"comment": comment.encode()} if kind == "JPEG" else {})


def _append_to_bmp(path: Path, comment: str) -> None:
    """Text behind the pixels, which readers pass over; the header's length of the file says that it belongs to it."""
    with open(path, "r+b") as file:
        file.seek(0, io.SEEK_END)
        file.write(comment.encode())
        length = file.tell()
        file.seek(2)
        file.write(length.to_bytes(4, "little"))
