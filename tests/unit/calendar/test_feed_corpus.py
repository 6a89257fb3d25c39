"""What ../shared/corpus/ics says of calendars: how one is written, on which days a yearly date falls, and that the
program which reads our feeds in tests reads other people's as they are meant."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from pathlib import Path
from typing import Any

import icalendar
import pytest
import recurring_ical_events

from tests.conftest import CORPUS
from vidmsg.accounts.models import User
from vidmsg.calendar import agenda
from vidmsg.calendar.models import Feed
from vidmsg.milestones import cycles, kinds
from vidmsg.milestones.cycles import Pattern
from vidmsg.milestones.rules import FEB_28, Rules

pytestmark = pytest.mark.corpus
FOLDER = CORPUS / "ics"
ON = dt.date(2026, 12, 1)


def table(name: str) -> list[dict[str, Any]]:
    path = FOLDER / name
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []
    return found


def written(summary: str) -> bytes:
    """Our feed with one day of these words."""
    feed = Feed(organisation_id=1, created_at=dt.datetime(2026, 11, 1, tzinfo=dt.UTC))
    return agenda.render(feed, User(name="Bob Baker"), [agenda.Day("a@b", ON, summary)])


def feb29_last_day(rule: dict[str, Any]) -> None:
    """A birthday on 29 February is kept on the last day of February, every year."""
    pattern = Pattern(kinds.YEARLY, month=2, day=29)
    found = cycles.between(pattern, Rules(leap=FEB_28), dt.date(2024, 1, 1), dt.date(2028, 12, 31))
    assert ", ".join(cycle.kept.isoformat() for cycle in found) == rule["correct_output"]


def all_day(_rule: dict[str, Any]) -> None:
    """A date without a zone, one day long."""
    body = written("Closing day")
    assert b"DTSTART;VALUE=DATE:20261201\r\n" in body
    assert b"TZID" not in body
    (event,) = recurring_ical_events.of(icalendar.Calendar.from_ical(body)).between((2026, 11, 1), (2027, 1, 1))
    assert event["DTEND"].dt - event["DTSTART"].dt == dt.timedelta(days=1)


def fold(_rule: dict[str, Any]) -> None:
    """However the letters fall, no line is longer than 75 octets and no letter is torn."""
    for length in range(50, 90):
        words = "a" * length + "ü€🎂" * 12
        lines = written(words).split(b"\r\n")
        assert max(len(line) for line in lines) <= 75
        assert all(line.decode("utf-8") is not None for line in lines)
        assert f"SUMMARY:{words}".encode() in b"\r\n".join(lines).replace(b"\r\n ", b"")


def escape(_rule: dict[str, Any]) -> None:
    """Commas, semicolons, backslashes and new lines, and nothing else."""
    words = 'One, two; three\\four\nfive: "six"'
    body = written(words)
    assert b'SUMMARY:One\\, two\\; three\\\\four\\nfive: "six"\r\n' in body
    (event,) = icalendar.Calendar.from_ical(body).walk("VEVENT")
    assert str(event["SUMMARY"]) == words


def headers(_rule: dict[str, Any]) -> None:
    """It begins as a calendar, without a mark before it."""
    lines = written("Closing day").split(b"\r\n")
    assert lines[0] == b"BEGIN:VCALENDAR"
    assert b"VERSION:2.0" in lines[1:3]
    assert any(line.startswith(b"PRODID:") for line in lines[1:3])


RULES = {check.__name__: check for check in (feb29_last_day, all_day, fold, escape, headers)}


def test_every_rule_of_writing_is_checked_here() -> None:
    assert {rule["id"] for rule in table("producer_rules.json")} == set(RULES)


@pytest.mark.parametrize("name", RULES)
def test_our_feed_is_written_as_the_rule_says(name: str) -> None:
    RULES[name](next(rule for rule in table("producer_rules.json") if rule["id"] == name))


@pytest.mark.parametrize("name", ["plain", "last_day_of_february"])
def test_a_yearly_date_falls_on_the_days_of_its_rule(name: str) -> None:
    case = next(rule for rule in table("yearly_rules.json") if rule["id"] == name)
    first, *wanted = (dt.date.fromisoformat(day) for day in case["first_occurrences"])
    pattern = Pattern(kinds.YEARLY, month=first.month, day=first.day, year=first.year)
    found = cycles.between(pattern, Rules(leap=FEB_28), first, dt.date(first.year + 20, 12, 31))
    assert [cycle.kept for cycle in itertools.islice(found, len(wanted))] == wanted


def _read(path: Path) -> list[dict[str, str]]:
    calendar = icalendar.Calendar.from_ical(path.read_bytes())
    found = recurring_ical_events.of(calendar).between((2024, 1, 1), (2029, 1, 1))
    return [{"start": str(event["DTSTART"].dt), "summary": str(event.get("SUMMARY", ""))} for event in found]


@pytest.mark.parametrize(
    "name",
    [
        "event_all_day",
        "same_day_dtend",
        "office365_timezone",
        "vcalendar_emoji",
        "tzid_not_quoted",
        "bom",
        "until_timezone",
        "categories_with_commas",
    ],
)
def test_the_reader_of_our_feeds_reads_others_as_they_are_meant(name: str) -> None:
    case = next(one for one in table("cases.json") if one["id"] == name)
    read = _read(FOLDER / case["file"])
    if case["occurrences_2024_2028"] is not None:
        assert len(read) == case["occurrences_2024_2028"]
    wanted = case["occurrences"]
    assert read[: len(wanted)] == wanted
