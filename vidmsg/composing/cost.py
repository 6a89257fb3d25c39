"""About what a text costs, for the line under the text box. A rough figure on purpose: prices differ by network and
change; it is given only where it is known, in the United States and Canada."""

from __future__ import annotations

from vidmsg import phone

CENTS_A_SEGMENT = 1.3  # Twilio's list price of 0.83 cents and about half a cent for the network, in 2026


def cents(number: str | None, segments: int) -> int | None:
    """US cents for that many segments to `number` (E.164), rounded, at least one; None where the price is unknown."""
    if number is None or phone.region(number) not in {"US", "CA"}:
        return None
    return max(1, round(CENTS_A_SEGMENT * segments))
