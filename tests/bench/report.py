"""One table for all figures: what was measured, the figure, what the issue wants to reach. Nothing is asserted."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One figure. `reach` is the limit as a number where there is one: at most so much, or with `at_least` no less."""

    what: str
    figure: float
    unit: str
    reach: float | None = None
    note: str = ""
    at_least: bool = False

    def line(self) -> str:
        """The row as text: figure beside its limit."""
        if self.reach is None:
            wanted, verdict = "", ""
        else:
            held = self.figure >= self.reach if self.at_least else self.figure <= self.reach
            wanted = f"{'≥' if self.at_least else '≤'} {self.reach:g}"
            verdict = "" if held else "  ← short of it"
        return f"{self.what:<62} {self.figure:>10.3f} {self.unit:<4} {wanted:<10}{self.note}{verdict}"


def median(values: list[float]) -> float:
    """The middle one."""
    ordered = sorted(values)
    return ordered[len(ordered) // 2]


def percentile(values: list[float], share: float) -> float:
    """The value below which `share` of them lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
