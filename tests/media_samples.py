"""Small videos and false videos of every kind, made by the tests themselves with ffmpeg, once a session. A sample is
a Path that must not be written to; `sample("rotated")` makes it when it is first asked for. Names: see VIDEOS (can be
used), BROKEN (damaged or cut), HOSTILE (must be refused, each with its code)."""

from __future__ import annotations

import atexit
import io
import re
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from PIL import Image

from vidmsg.media import sandbox

KEY = "00112233445566778899aabbccddeeff"
TONE = "sine=frequency=300:beep_factor=4:sample_rate=48000"
X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-g", "30", "-pix_fmt", "yuv420p")
VP8 = ("-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "400k", "-g", "30")
AAC = ("-c:a", "aac", "-b:a", "64k")
OPUS = ("-c:a", "libopus", "-b:a", "48k")
RED_LEFT_BLUE_RIGHT = "color=red:size=160x240:rate=30:d={s}[l];color=blue:size=160x240:rate=30:d={s}[r];[l][r]hstack"
SDR_TO_HLG = (
    "format=yuv420p,setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709,"
    "zscale=t=linear:npl=203,format=gbrpf32le,"
    "zscale=p=bt2020:t=arib-std-b67:m=bt2020nc:r=tv,format=yuv420p10le"
)


@cache
def folder() -> Path:
    """Where the samples lie; goes away with the session."""
    path = Path(tempfile.mkdtemp(prefix="vidmsg-samples-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


def ffmpeg(*arguments: str) -> str:
    """Run ffmpeg on our own input; what it said."""
    command = [sandbox.ffmpeg_binary(), "-nostdin", "-hide_banner", "-loglevel", "info", "-y", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stderr


@cache
def sample(name: str) -> Path:
    """The sample of this name."""
    return {**VIDEOS, **BROKEN, **{hostile: make for hostile, (make, _) in HOSTILE.items()}}[name]()


def made(
    name: str, *output: str, seconds: float = 2, picture: str = "testsrc2=size=320x240:rate=30:d={s}",
    sound: str | None = TONE,
) -> Path:  # fmt: skip
    """A video from a drawn picture and a tone."""
    path = folder() / name
    heard = ["-f", "lavfi", "-i", sound] if sound else []
    ffmpeg("-f", "lavfi", "-i", picture.replace("{s}", str(seconds)), *heard, *output, "-t", str(seconds), str(path))
    return path


def remade(name: str, source: str, *output: str, before: tuple[str, ...] = ()) -> Path:
    """A sample copied into another shape."""
    path = folder() / name
    ffmpeg(*before, "-i", str(sample(source)), "-c", "copy", *output, str(path))
    return path


def written(name: str, data: bytes) -> Path:
    """A file of these bytes."""
    path = folder() / name
    path.write_bytes(data)
    return path


def vfr() -> Path:
    """Frame distances from 33 ms to 0.5 s."""
    uneven = "select='not(mod(n,7))+lt(mod(n,30),4)'"
    return made("vfr.mp4", *X264, "-vf", uneven, "-fps_mode", "vfr", *AAC, seconds=3)


def sound_longer() -> Path:
    """The picture stops after a second, the sound goes on for two more."""
    path = folder() / "sound_longer.webm"
    picture = ("-f", "lavfi", "-i", "testsrc2=size=320x240:rate=30:d=1")
    ffmpeg(*picture, "-f", "lavfi", "-i", f"{TONE}:d=3", *VP8, *OPUS, str(path))
    return path


def size_change() -> Path:
    """H.264 that turns from 320 × 240 to 240 × 320 after a second."""
    parts = []
    for size in ("320x240", "240x320"):
        picture = f"testsrc2=size={size}:rate=30:d={{s}}"
        parts.append(made(f"{size}.h264", *X264, "-f", "h264", seconds=1, sound=None, picture=picture))
    both = written("both.h264", b"".join(part.read_bytes() for part in parts))
    path = folder() / "size_change.mkv"
    ffmpeg("-r", "30", "-f", "h264", "-i", str(both), "-c", "copy", "-live", "1", str(path))
    return path


def hlg() -> Path:
    """The plain picture graded as HLG, as an iPhone does."""
    tags = ("-color_trc", "arib-std-b67", "-color_primaries", "bt2020", "-colorspace", "bt2020nc")
    return made("hlg.mp4", "-vf", SDR_TO_HLG, "-c:v", "libx264", "-preset", "ultrafast", *tags, *AAC)


def located() -> Path:
    """Carries place, device and chapter title, as phones write them."""
    words = ("location=+48.2082+016.3738/", "com.apple.quicktime.make=Phonemaker", "title=Kitchen", "comment=secret")
    said = [part for word in words for part in ("-metadata", word)]
    return made("located.mov", *X264, *AAC, *said, "-movflags", "use_metadata_tags")


VIDEOS: dict[str, Callable[[], Path]] = {
    "plain": lambda: made("plain.mp4", *X264, *AAC, "-movflags", "+faststart"),
    "large": lambda: made("large.mp4", *X264, *AAC, seconds=1, picture="testsrc2=size=1920x1080:rate=30:d={s}"),
    "tall": lambda: made("tall.mp4", *X264, *AAC, seconds=1, picture="testsrc2=size=1080x1920:rate=30:d={s}"),
    "upright": lambda: made("upright.mp4", *X264, *AAC, picture=RED_LEFT_BLUE_RIGHT),
    "rotated": lambda: remade("rotated.mov", "upright", before=("-display_rotation", "90")),
    "upside_down": lambda: remade("upside_down.mov", "upright", before=("-display_rotation", "180")),
    "anamorphic": lambda: made("anamorphic.mp4", *X264, *AAC, "-vf", "setsar=3/2"),
    "odd": lambda: made("odd.webm", *VP8, *OPUS, picture="testsrc=size=321x241:rate=30:d={s}"),
    "hlg": hlg,
    "vfr": vfr,
    "sixty": lambda: made("sixty.mp4", *X264, *AAC, picture="testsrc2=size=320x240:rate=60:d={s}"),
    "no_sound": lambda: made("no_sound.mp4", *X264, sound=None),
    "sound_longer": sound_longer,
    "quiet": lambda: made("quiet.mp4", *X264, *AAC, "-af", "volume=-20dB", seconds=4),
    "silent": lambda: made("silent.mp4", *X264, *AAC, sound="anullsrc=r=48000:cl=mono"),
    "black": lambda: made("black.mp4", *X264, *AAC, picture="color=black:size=320x240:rate=30:d={s}"),
    "located": located,
    "fragmented": lambda: remade("fragmented.mp4", "plain", "-movflags", "frag_keyframe+empty_moov+default_base_moof"),
    "live_fragmented": lambda: made("live.mp4", *X264, *AAC, "-movflags", "frag_keyframe+empty_moov", seconds=3),
    "live_h264": lambda: made("live.mkv", *X264, *OPUS, "-live", "1", "-cluster_time_limit", "1000", seconds=3),
    "live_vp8": lambda: made("live.webm", *VP8, *OPUS, "-live", "1", "-cluster_time_limit", "1000", seconds=3),
    "live_vp8_mute": lambda: made("live_mute.webm", *VP8, "-live", "1", seconds=2, sound=None),
    "size_change": size_change,
}


def cut(source: str, name: str, part: float) -> Path:
    """The first part of a sample, as after a broken copy."""
    data = sample(source).read_bytes()
    return written(name, data[: int(len(data) * part)])


def nothing_decodes() -> Path:
    """Right tables, but the media box holds zeros."""
    data = bytearray(sample("plain").read_bytes())
    start = data.index(b"mdat") + 4
    data[start:] = bytes(len(data) - start)
    return written("nothing_decodes.mp4", bytes(data))


def index_at_end() -> Path:
    path = folder() / "index_at_end.mp4"
    ffmpeg("-i", str(sample("plain")), "-c", "copy", str(path))
    return written("index_lost.mp4", path.read_bytes()[:-20_000])


BROKEN: dict[str, Callable[[], Path]] = {
    "cut_faststart": lambda: cut("plain", "cut_faststart.mp4", 0.6),
    "cut_live": lambda: cut("live_vp8", "cut_live.webm", 0.6),
    "cut_fragmented": lambda: cut("live_fragmented", "cut_fragmented.mp4", 0.6),
}


def photo(kind: str, size: tuple[int, int] = (64, 48)) -> bytes:
    """A picture file of this kind."""
    buffer = io.BytesIO()
    Image.new("RGB", size, "red").save(buffer, kind)
    return buffer.getvalue()


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("../../outside.txt", "x")
    return buffer.getvalue()


def playlists(target: str) -> dict[str, bytes]:
    """Files that make a careless reader open something else."""
    return {
        "hls": f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{target}\n#EXT-X-ENDLIST\n".encode(),
        "hls_bom": b"\xef\xbb\xbf" + f"#EXTM3U\r\n#EXTINF:10,\r\n{target}\r\n".encode(),
        "ffconcat": f"ffconcat version 1.0\nfile '{target}'\n".encode(),
        "dash": f'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period>'
        f'<AdaptationSet mimeType="video/mp4"><Representation id="1"><BaseURL>{target}</BaseURL></Representation>'
        f"</AdaptationSet></Period></MPD>".encode(),
    }


def text(name: str, data: bytes) -> Callable[[], Path]:
    return lambda: written(name, data)


def _cover() -> Path:
    """Sound with a cover picture, as music files have it."""
    path, image = folder() / "cover.mp4", written("cover.jpg", photo("JPEG"))
    tone = ("-f", "lavfi", "-i", f"{TONE}:d=2")
    ffmpeg(*tone, "-i", str(image), "-map", "0", "-map", "1", *AAC, "-c:v", "copy", "-disposition:v", "attached_pic",
           str(path))  # fmt: skip
    return path


def _encrypted() -> Path:
    key = ("-encryption_scheme", "cenc-aes-ctr", "-encryption_key", KEY, "-encryption_kid", KEY)
    return made("encrypted.mp4", *X264, *key, seconds=1, sound=None)


def _colour(name: str, size: str, rate: int, seconds: float) -> Callable[[], Path]:
    picture = f"color=gray:size={size}:rate={rate}:d={{s}}"
    return lambda: made(name, *X264, seconds=seconds, sound=None, picture=picture)


FTYP = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp41"
HOSTILE: dict[str, tuple[Callable[[], Path], str]] = {
    "empty": (text("empty.mp4", b""), "empty"),
    "words": (text("words.mp4", b"Dear Maria, happy birthday. " * 9), "not_a_video"),
    "html": (text("html.webm", b"<!doctype html><script>alert(1)</script>"), "not_a_video"),
    "svg": (text("svg.mp4", b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>'), "not_a_video"),
    "zip": (text("zip.mp4", zipped()), "not_a_video"),
    "hls": (text("hls.mp4", playlists("file:///etc/hostname")["hls"]), "not_a_video"),
    "hls_bom": (text("hls_bom.mov", playlists("../../other.mp4")["hls_bom"]), "not_a_video"),
    "ffconcat": (text("ffconcat.mp4", playlists("/etc/hostname")["ffconcat"]), "not_a_video"),
    "dash": (text("dash.mp4", playlists("file:///etc/hostname")["dash"]), "not_a_video"),
    "avi": (lambda: made("avi.avi", "-c:v", "mjpeg", seconds=1, sound=None), "not_a_video"),
    "jpeg": (text("jpeg.mp4", photo("JPEG")), "photo"),
    "png_bomb": (text("png.mp4", photo("PNG", (6000, 6000))), "photo"),
    "heic": (text("heic.mov", b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(99)), "photo"),
    "sound_only": (lambda: made("sound.mp4", "-vn", *AAC), "no_picture"),
    "mp3": (lambda: made("sound.mp3", "-vn", "-c:a", "libmp3lame"), "no_picture"),
    "cover": (_cover, "no_picture"),
    "pixel_bomb": (_colour("pixel_bomb.mp4", "8192x2304", 2, 1), "too_large"),
    "frame_bomb": (_colour("frame_bomb.mp4", "16x16", 1000, 60), "too_large"),
    "four_minutes": (_colour("four_minutes.mp4", "64x48", 2, 240), "too_long"),
    "index_lost": (index_at_end, "incomplete"),
    "only_a_header": (text("header.mp4", FTYP), "damaged"),
    "noise": (text("noise.mp4", FTYP + bytes(range(256)) * 99), "damaged"),
    "empty_webm": (text("empty.webm", b"\x1a\x45\xdf\xa3\x87\x42\x82\x84webm\x18\x53\x80\x67\x80"), "damaged"),
    "nothing_decodes": (nothing_decodes, "damaged"),
    "encrypted": (_encrypted, "encrypted"),
}


def decode_errors(path: Path) -> str:
    """What a full decode of picture and sound complains about; empty when it plays to the end."""
    command = [sandbox.ffmpeg_binary(), "-nostdin", "-v", "error", "-i", str(path), "-f", "null", "-"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stderr


def lufs(path: Path) -> float:
    """Integrated loudness of a file's sound."""
    said = ffmpeg("-i", str(path), "-vn", "-af", "ebur128=framelog=quiet", "-f", "null", "-")
    return float(re.findall(r"I:\s+(-?[\d.]+) LUFS", said)[-1])


def slices(path: Path, count: int) -> list[bytes]:
    """A file in about equal pieces, as a recorder delivers it."""
    data = path.read_bytes()
    step = max(1, -(-len(data) // count))
    return [data[at : at + step] for at in range(0, len(data), step)]
