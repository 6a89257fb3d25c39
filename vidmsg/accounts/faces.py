"""A person's picture: taken in with limits, made small and plain, kept in storage. Nothing of the original file is
kept, so no place, no device and no hidden content can be in it."""

from __future__ import annotations

import io
from typing import BinaryIO

from flask_babel import lazy_gettext as _l
from PIL import Image, ImageOps

MAX_BYTES = 5 * 1024 * 1024
MAX_PIXELS = 40_000_000
SIDE = 512
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")


class NotAPicture(Exception):
    """The file can't be used; the message says why and what to do."""


def read(stream: BinaryIO) -> bytes:
    """A square JPEG of 512 pixels, upright, without metadata, from whatever picture the stream holds. Raises
    NotAPicture."""
    data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise NotAPicture(str(_l("This picture is larger than 5 MB. Pick a smaller one.")))
    try:
        return _square(data)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise NotAPicture(str(_l("We can't read this picture. Pick a JPEG or PNG."))) from None


def _square(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
        if opened.width * opened.height > MAX_PIXELS:
            raise ValueError("too many pixels")
        opened.draft("RGB", (2 * SIDE, 2 * SIDE))
        flat = _on_paper(ImageOps.exif_transpose(opened) or opened)
    small = ImageOps.fit(flat, (SIDE, SIDE), Image.Resampling.LANCZOS, centering=(0.5, 0.4))
    out = io.BytesIO()
    small.save(out, "JPEG", quality=85, optimize=True)
    return out.getvalue()


def _on_paper(picture: Image.Image) -> Image.Image:
    """Without transparency, which JPEG can't keep."""
    full = picture.convert("RGBA")
    paper = Image.new("RGB", full.size, "#fffaf5")
    paper.paste(full, mask=full.getchannel("A"))
    return paper
