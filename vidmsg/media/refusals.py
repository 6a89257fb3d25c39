"""Why a file can't be used: one code for programs and one sentence for the person who picked it, with what to do
next. It knows nothing about how the reason was found."""

from typing import Final

MESSAGES: Final = {
    "empty": "This file is empty. Pick it again, or record the video here.",
    "not_a_video": "This is not a video that phones can play. Pick an MP4, MOV or WebM file, or record one here.",
    "photo": "This is a photo. Pick a video, or record one here.",
    "no_picture": "This file has sound but no picture. Pick a video, or record one here.",
    "too_large": "This file is too large. Up to {megabytes} MB fit; save it in a smaller size, or record it here.",
    "too_many_pixels": "The picture is larger than 4096 × 4096 points. Save the video in 1080p and pick that one.",
    "too_heavy": "This video has far more pictures than its length needs. Save it at 30 per second, or record it here.",
    "too_long": "This video is {length} long; up to {limit} fit. Cut it shorter, or record a shorter one here.",
    "incomplete": "The end of this file is missing, and with it the part needed to play it. Copy it again and retry.",
    "damaged": "This file is damaged and can't be played. Copy it again from the phone, or record it here.",
    "encrypted": "This video is copy-protected, so nobody else could play it. Pick another, or record one here.",
}
"""The sentence for each reason. The two further reasons for "too_large" have a sentence of their own."""


class Refused(Exception):
    """A file that can't be used. `code` is one of: empty, not_a_video, photo, no_picture, too_large, too_long,
    incomplete, damaged, encrypted; `message` is a sentence for the rep."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def refused(reason: str, **values: object) -> Refused:
    """The refusal for a reason of MESSAGES, with its blanks filled."""
    code = "too_large" if reason in ("too_many_pixels", "too_heavy") else reason
    return Refused(code, MESSAGES[reason].format(**values))


def clock_length(seconds: float) -> str:
    """Seconds as people say a length: 3:05, or 1:02:03."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
