"""The first gate for a file from outside: what it is by its bytes (never by its name), whether it is encrypted, and
whether its end is missing. It reads headers only; whether the pictures can be decoded is probe.py's question."""

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from vidmsg.media.boxes import Part, ebml_elements, ebml_inside, mp4_boxes, mp4_inside
from vidmsg.media.refusals import refused

MP4_FIRST = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot", b"styp")
PHOTO_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"mif1", b"avif", b"avis", b"msf1", b"hevc")
PHOTOS = (b"\xff\xd8\xff", b"\x89PNG\r\n", b"GIF8", b"II*\x00", b"MM\x00*", b"BM")
SOUNDS = (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf1", b"fLaC", b"#!AMR")
STSD = (b"trak", b"mdia", b"minf", b"stbl", b"stsd")
PROTECTED = (b"encv", b"enca", b"drmi", b"drms")
EBML, SEGMENT, TRACKS, TRACK_ENTRY, DOC_TYPE = 0x1A45DFA3, 0x18538067, 0x1654AE6B, 0xAE, 0x4282
CONTENT_ENCRYPTION = (TRACK_ENTRY, 0x6D80, 0x6240, 0x5035)
HEADER_READ = 16 * 1024 * 1024
MOST_BOXES = 200_000
SANE_BOX = 16 * 1024**3


@dataclass(frozen=True)
class Container:
    """A file that may be a video. `kind` is "mp4" or "matroska"; `cut` says that a box goes on behind the file's
    end; `fragmented` that it was written piece by piece."""

    kind: str
    cut: bool = False
    fragmented: bool = False


def kind_of(head: bytes) -> str:
    """ "mp4" or "matroska" by the first bytes; Refused for everything else."""
    if not head:
        raise refused("empty")
    if head[4:8] == b"ftyp" and head[8:12] in PHOTO_BRANDS:
        raise refused("photo")
    if head[4:8] in MP4_FIRST:
        return "mp4"
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "matroska"
    if head.startswith(PHOTOS) or (head.startswith(b"RIFF") and head[8:12] == b"WEBP"):
        raise refused("photo")
    if head.startswith(SOUNDS) or (head.startswith(b"RIFF") and head[8:12] == b"WAVE"):
        raise refused("no_picture")
    raise refused("not_a_video")


def inspect(path: Path) -> Container:
    """Look at a file's headers; Refused when they show that it can't be used."""
    with path.open("rb") as file:
        if kind_of(file.read(16)) == "mp4":
            return _mp4(file, path.stat().st_size)
        file.seek(0)
        return _matroska(file.read(HEADER_READ // 16))


def _mp4(file: BinaryIO, length: int) -> Container:
    names, last_end, at = set(), 0, 0
    for _ in range(MOST_BOXES):
        if at + 8 > length:
            break
        file.seek(at)
        head = file.read(16)
        part = next(mp4_boxes(head), None)
        if part is None or not _is_box_name(part.name):
            break
        size = part.end if any(head[:4]) else length - at
        if part.name == b"moov":
            file.seek(at)
            _refuse_encrypted_mp4(file.read(min(size, HEADER_READ)))
        names.add(part.name)
        last_end = at + size
        at = last_end
    cut = last_end > length
    if b"moov" not in names:
        missing = b"mdat" in names and last_end < length + SANE_BOX and last_end >= length
        raise refused("incomplete" if missing else "damaged")
    return Container("mp4", cut=cut, fragmented=b"moof" in names)


def _is_box_name(name: bytes | int) -> bool:
    """Box names are four printable letters (phones invent some); noise is not."""
    return isinstance(name, bytes) and all(32 <= letter < 127 or letter == 0xA9 for letter in name)


def _refuse_encrypted_mp4(moov: bytes) -> None:
    for top in mp4_boxes(moov):
        for stsd in mp4_inside(moov, top, *STSD):
            entries = mp4_boxes(moov, stsd.start + 8, stsd.end)
            if any(entry.name in PROTECTED for entry in entries):
                raise refused("encrypted")


def _matroska(head: bytes) -> Container:
    top = list(ebml_elements(head))
    doc_types = [head[part.start : part.end] for one in top[:1] for part in ebml_inside(head, one, DOC_TYPE)]
    if doc_types and doc_types[0].rstrip(b"\x00") not in (b"webm", b"matroska"):
        raise refused("not_a_video")
    for segment in [part for part in top if part.name == SEGMENT]:
        if any(True for _ in _encryption(head, segment)):
            raise refused("encrypted")
    return Container("matroska")


def _encryption(head: bytes, segment: Part) -> list[Part]:
    return list(ebml_inside(head, segment, TRACKS, *CONTENT_ENCRYPTION))
