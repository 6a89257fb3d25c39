"""The part of the probe that opens an untrusted file: PyAV reads every packet and decodes the first picture, in a
limited child (sandbox.py) that may be started before there is anything to read. It imports nothing of this project.
One line of JSON per question comes in by stdin: {"path", "formats", "codecs", "most_pixels", "most_packets"}; one
line of JSON goes out: the measured facts, or {"refused": reason}.
"""

import json
import sys
from typing import Any

import av
import av.logging
from av.stream import Disposition

CUT_SAYINGS = ("ended prematurely", "partial file", "invalid as first byte", "Truncating packet")
TRIED_PACKETS = 90
KEPT_KEY_TIMES = 400
LATEST = 1 << 62


class Reject(Exception):
    """The file can't be used; the argument is the reason."""


class Track:
    """What the packets of one stream say. Counted in the stream's own ticks, because this runs for every packet
    between Stop and the link that plays; `measured` turns them into seconds."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.video = stream.type == "video"
        self.codec = stream.codec_context.name if stream.codec_context is not None else ""
        self.base = float(stream.time_base or 0.001)
        self.packets = 0
        self.low: int = LATEST
        self.high: int = -LATEST
        self.over: int = -LATEST
        self.keys: list[int] = []
        self.headers: set[bytes] = set()

    def take(self, packet: Any) -> None:
        pts = packet.pts
        if pts is None or packet.is_discard:
            return
        self.packets += 1
        if pts < self.low:
            self.low = pts
        if pts > self.high:
            self.high = pts
        over = pts + (packet.duration or 0)
        if over > self.over:
            self.over = over
        if self.video and packet.is_keyframe:
            if len(self.keys) < KEPT_KEY_TIMES:
                self.keys.append(pts)
            if self.codec == "h264":
                self.headers |= parameter_sets(bytes(packet))

    def measured(self) -> None:
        """Live WebM gives the last picture no length: take the mean distance, half a second at most."""
        self.first, self.last, self.end = self.low * self.base, self.high * self.base, self.over * self.base
        if self.packets > 1 and self.end <= self.last:
            self.end = self.last + min(0.5, (self.last - self.first) / (self.packets - 1))


def parameter_sets(packet: bytes) -> set[bytes]:
    """The sequence parameter sets inside one H.264 packet (length-prefixed); two different ones in a take mean
    that the picture's size changed on the way."""
    found, at = set(), 0
    while at + 5 <= len(packet):
        size = int.from_bytes(packet[at : at + 4])
        kind = packet[at + 4] & 0x1F
        if kind in (1, 5) or size == 0:
            break
        if kind == 7:
            found.add(packet[at + 4 : at + 4 + size])
        at += 4 + size
    return found


def usable(stream: Any) -> bool:
    return stream.type in ("video", "audio") and not stream.disposition & Disposition.attached_pic


def read_packets(container: Any, most_packets: int) -> list[Track]:
    tracks = {stream.index: Track(stream) for stream in container.streams if usable(stream)}
    videos = 0
    for packet in container.demux():
        track = tracks.get(packet.stream.index)
        if track is None:
            continue
        track.take(packet)
        videos += track.video
        if videos > most_packets:
            raise Reject("too_heavy")
    for track in tracks.values():
        track.measured()
    return list(tracks.values())


def choose(tracks: list[Track]) -> tuple[Track, Track | None]:
    """The picture that moves most (a motion photo has a still beside its clip), and the first sound there is."""
    videos = [track for track in tracks if track.video]
    if not videos:
        raise Reject("no_picture" if tracks else "damaged")
    video = max(videos, key=lambda track: track.packets)
    if not video.packets or not video.codec:
        raise Reject("damaged")
    sounds = [track for track in tracks if not track.video and track.packets and track.codec]
    return video, next(iter(sounds), None)


def first_picture(question: dict[str, Any], index: int) -> Any:
    """Decode until one picture comes out; at most the first packets are tried."""
    with open_video(question) as container:
        stream = container.streams[index]
        stream.codec_context.options = {"max_pixels": str(question["most_pixels"])}
        stream.codec_context.thread_count = 1
        for tried, packet in enumerate(container.demux(stream)):
            try:
                for frame in packet.decode():
                    return frame
            except av.InvalidDataError:
                pass
            if tried > TRIED_PACKETS:
                break
    raise Reject("damaged")


def open_video(question: dict[str, Any]) -> Any:
    options = {"protocol_whitelist": "file", "format_whitelist": question["formats"]}
    return av.open("file:" + question["path"], options=options)


def measure(question: dict[str, Any]) -> dict[str, Any]:
    with av.logging.Capture(local=False) as said:
        with open_video(question) as container:
            tracks = read_packets(container, question["most_packets"])
            video, audio = choose(tracks)
            context = video.stream.codec_context
            if context.name not in question["codecs"]:
                raise Reject("not_a_video")
            if context.width * context.height > question["most_pixels"]:
                raise Reject("too_many_pixels")
            facts = describe(video, audio)
        frame = first_picture(question, facts["video_index"])
    facts |= picture(frame, facts.pop("aspect"))
    facts["cut"] = any(saying in text for _, _, text in said for saying in CUT_SAYINGS)
    return facts


def describe(video: Track, audio: Track | None) -> dict[str, Any]:
    chosen = [track for track in (video, audio) if track is not None]
    start = min(max(0.0, track.first) for track in chosen)
    stream = video.stream
    rate = stream.average_rate or stream.guessed_rate
    return {
        "start_s": start,
        "video_end_s": video.end - start,
        "video_last_s": video.last - start,
        "audio_end_s": audio.end - start if audio else None,
        "packets": video.packets,
        "audio_packets": audio.packets if audio else 0,
        "announced": stream.frames,
        "key_times": [max(0.0, at * video.base - start) for at in video.keys],
        "video_index": stream.index,
        "audio_index": audio.stream.index if audio else None,
        "video_codec": video.codec,
        "audio_codec": audio.codec if audio else None,
        "frame_rate": float(rate) if rate else 0.0,
        "sizes_change": len(video.headers) > 1,
        "aspect": float(stream.sample_aspect_ratio or 1),
    }


def picture(frame: Any, aspect: float) -> dict[str, Any]:
    """Size as a viewer sees it: pixel aspect and rotation applied."""
    width, height = round(frame.width * aspect), frame.height
    rotation = round(frame.rotation) % 360
    if rotation in (90, 270):
        width, height = height, width
    return {"width": width, "height": height, "rotation": rotation, "transfer": int(frame.color_trc)}


def main() -> None:
    av.logging.set_level(av.logging.ERROR)
    for line in sys.stdin:
        try:
            answer = measure(json.loads(line))
        except Reject as reason:
            answer = {"refused": str(reason)}
        except MemoryError:
            answer = {"refused": "too_heavy"}
        except (av.FFmpegError, ValueError, IndexError, KeyError, OverflowError) as error:
            sys.stderr.write(f"{type(error).__name__}\n")
            answer = {"refused": "damaged"}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
