"""What a recorder's take is, from its first bytes alone, while the rest is still being recorded: container, codecs,
size and rotation. Reading headers, not trusting them: the finished take is probed."""

from dataclasses import dataclass

from vidmsg.media.boxes import Part, ebml_elements, ebml_inside, mp4_boxes, mp4_inside
from vidmsg.media.containers import SEGMENT, STSD, TRACK_ENTRY, TRACKS, kind_of
from vidmsg.media.refusals import Refused

ENOUGH = 2 * 1024 * 1024
"""When the headers are not complete by then, they never will be."""
TRACK_TYPE, CODEC_ID, VIDEO, WIDTH, HEIGHT = 0x83, 0x86, 0xE0, 0xB0, 0xBA
MATROSKA_CODECS = {
    "V_MPEG4/ISO/AVC": "h264",
    "V_MPEGH/ISO/HEVC": "hevc",
    "V_VP8": "vp8",
    "V_VP9": "vp9",
    "V_AV1": "av1",
    "A_OPUS": "opus",
    "A_AAC": "aac",
    "A_VORBIS": "vorbis",
}
MP4_CODECS = {
    b"avc1": "h264",
    b"avc3": "h264",
    b"hvc1": "hevc",
    b"hev1": "hevc",
    b"vp08": "vp8",
    b"vp09": "vp9",
    b"av01": "av1",
    b"mp4a": "aac",
    b"Opus": "opus",
}


@dataclass(frozen=True)
class Sniffed:
    """`container` as ffmpeg names it; codecs as ffprobe names them, "" for one we don't know, None for no such
    track; size in pixels as a viewer sees it."""

    container: str
    video: str | None
    audio: str | None
    width: int
    height: int


@dataclass(frozen=True)
class _Track:
    picture: bool
    codec: str
    width: int = 0
    height: int = 0


def sniff(head: bytes) -> Sniffed | None:
    """What begins with these bytes; None while more of it is needed. A file that is no video at all, or has no
    usable header within 2 MiB, has neither picture nor sound: Sniffed with both None."""
    nothing = Sniffed("", None, None, 0, 0)
    if len(head) < 16:
        return None
    try:
        kind = kind_of(head)
    except Refused:
        return nothing
    tracks = _mp4_tracks(head) if kind == "mp4" else _matroska_tracks(head)
    if tracks is None:
        return None if len(head) < ENOUGH else nothing
    picture = next((track for track in tracks if track.picture), None)
    sound = next((track for track in tracks if not track.picture), None)
    if picture is None:
        return Sniffed(kind, None, sound.codec if sound else None, 0, 0)
    return Sniffed(kind, picture.codec, sound.codec if sound else None, picture.width, picture.height)


def _matroska_tracks(head: bytes) -> list[_Track] | None:
    for segment in (part for part in ebml_elements(head) if part.name == SEGMENT):
        for tracks in ebml_inside(head, segment, TRACKS):
            if tracks.end <= len(head):
                return [_matroska_track(head, entry) for entry in ebml_inside(head, tracks, TRACK_ENTRY)]
    return None


def _matroska_track(head: bytes, entry: Part) -> _Track:
    def number(*path: int) -> int:
        return next((int.from_bytes(head[one.start : one.end]) for one in ebml_inside(head, entry, *path)), 0)

    names = [head[one.start : one.end] for one in ebml_inside(head, entry, CODEC_ID)]
    codec = MATROSKA_CODECS.get(names[0].decode("ascii", "replace") if names else "", "")
    return _Track(number(TRACK_TYPE) == 1, codec, number(VIDEO, WIDTH), number(VIDEO, HEIGHT))


def _mp4_tracks(head: bytes) -> list[_Track] | None:
    for moov in (box for box in mp4_boxes(head) if box.name == b"moov"):
        if moov.end <= len(head):
            found = [_mp4_track(head, trak) for trak in mp4_inside(head, moov, b"trak")]
            return [track for track in found if track is not None]
    return None


def _mp4_track(head: bytes, trak: Part) -> _Track | None:
    handlers = [head[box.start + 8 : box.start + 12] for box in mp4_inside(head, trak, b"mdia", b"hdlr")]
    if not handlers or handlers[0] not in (b"vide", b"soun"):
        return None
    for stsd in mp4_inside(head, trak, *STSD[1:]):
        for entry in mp4_boxes(head, stsd.start + 8, stsd.end):
            codec = MP4_CODECS.get(entry.name, "") if isinstance(entry.name, bytes) else ""
            if handlers[0] == b"soun":
                return _Track(False, codec)
            width = int.from_bytes(head[entry.start + 24 : entry.start + 26])
            height = int.from_bytes(head[entry.start + 26 : entry.start + 28])
            return _Track(True, codec, *((height, width) if _turned(head, trak) else (width, height)))
    return None


def _turned(head: bytes, trak: Part) -> bool:
    """Whether the track's matrix turns the picture by a quarter (ISO 14496-12, 8.3.2)."""
    for box in mp4_inside(head, trak, b"tkhd"):
        at = box.start + (52 if head[box.start] == 1 else 40)
        return not any(head[at : at + 4]) and any(head[at + 4 : at + 8])
    return False
