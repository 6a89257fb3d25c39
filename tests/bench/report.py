"""One table for all figures: what was measured, the figure, what the issue wants to reach. Nothing is asserted."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One figure. `reach` is the limit as a number where there is one."""

    what: str
    figure: float
    unit: str
    reach: float | None = None
    note: str = ""

    def line(self) -> str:
        """The row as text: figure beside its limit."""
        if self.reach is None:
            wanted, verdict = "", ""
        else:
            wanted, verdict = f"≤ {self.reach:g}", "" if self.figure <= self.reach else "  ← short of it"
        return f"{self.what:<58} {self.figure:>10.3f} {self.unit:<4} {wanted:<10}{self.note}{verdict}"


def median(values: list[float]) -> float:
    """The middle one."""
    ordered = sorted(values)
    return ordered[len(ordered) // 2]


def percentile(values: list[float], share: float) -> float:
    """The value below which `share` of them lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
