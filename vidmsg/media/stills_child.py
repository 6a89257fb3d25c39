"""Composes the link-preview picture with moviepy, in a limited child: arguments are our own poster, the output file,
the ground and the play mark's colour. It imports nothing of this project and reads nothing but that poster."""

import sys
from pathlib import Path
from typing import Any

# moviepy would look for a .env file upwards from its own folder and take its settings into this process.
sys.modules["dotenv"] = None  # type: ignore[assignment]

import numpy as np  # noqa: E402
from moviepy.video.compositing.CompositeVideoClip import CompositeVideoClip  # noqa: E402
from moviepy.video.VideoClip import ColorClip, ImageClip  # noqa: E402
from PIL import Image, ImageColor, ImageDraw  # noqa: E402

WIDTH, HEIGHT = 1200, 630
MARGIN, RADIUS = 36, 24
MARK, INSET, FINE = 104, 28, 4
MOST_BYTES = 300_000


def rounded(poster: str) -> Any:
    """The whole poster, as large as it fits inside the margins, with round corners."""
    with Image.open(poster) as file:
        image = file.convert("RGB")
    factor = min((WIDTH - 2 * MARGIN) / image.width, (HEIGHT - 2 * MARGIN) / image.height)
    image = image.resize((max(1, round(image.width * factor)), max(1, round(image.height * factor))))
    mask = Image.new("L", (image.width * FINE, image.height * FINE), 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, mask.width - 1, mask.height - 1), RADIUS * FINE, fill=255)
    image.putalpha(mask.resize(image.size, Image.Resampling.LANCZOS))
    return np.asarray(image)


def play_mark(colour: str) -> Any:
    """A round play mark with a paper-white triangle."""
    side = MARK * FINE
    mark = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    draw = ImageDraw.Draw(mark)
    draw.ellipse((0, 0, side - 1, side - 1), fill=colour)
    points = ((0.39, 0.29), (0.39, 0.71), (0.74, 0.5))
    draw.polygon([(across * side, down * side) for across, down in points], fill="#fffaf5")
    return np.asarray(mark.resize((MARK, MARK), Image.Resampling.LANCZOS))


def compose(poster: str, ground: str, accent: str) -> Image.Image:
    """Poster in the middle of a calm ground; the mark low and left on it, where no face is."""
    picture = rounded(poster)
    height, width = picture.shape[:2]
    left, top = (WIDTH - width) // 2, (HEIGHT - height) // 2
    clips = [
        ColorClip((WIDTH, HEIGHT), color=ImageColor.getrgb(ground)),
        ImageClip(picture).with_position((left, top)),
        ImageClip(play_mark(accent)).with_position((left + INSET, top + height - INSET - MARK)),
    ]
    frame = CompositeVideoClip([clip.with_duration(1) for clip in clips], size=(WIDTH, HEIGHT)).get_frame(0)
    return Image.fromarray(np.asarray(frame, dtype=np.uint8))


def main() -> None:
    poster, out, ground, accent = sys.argv[1:]
    image = compose(poster, ground, accent)
    with Path(out).open("wb") as file:
        for quality in (85, 75, 60, 45, 30):
            file.seek(0)
            file.truncate()
            image.save(file, "JPEG", quality=quality, optimize=True, progressive=True)
            if file.tell() < MOST_BYTES:
                break


if __name__ == "__main__":
    main()
