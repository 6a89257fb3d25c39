"""The invented people of the demo team. Their numbers are from the range that is kept free for fiction
(+1 206 555 0100 to 0199), so no text can ever reach anybody."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class SampleNote:
    """Something an invented person told us, so many days ago."""

    topic: str
    text: str
    days_ago: int


@dataclass(frozen=True)
class SampleDay:
    """A day in an invented life, so many days from today; `years` ago it began, if that is known."""

    kind: str
    title: str
    in_days: int
    years: int | None = None


@dataclass(frozen=True)
class SamplePerson:
    """One invented person. `agreed` is where she said yes, empty if nobody asked yet."""

    first_name: str
    last_name: str
    phone: str
    time_zone: str
    agreed: str
    days_here: int
    notes: tuple[SampleNote, ...] = ()
    days: tuple[SampleDay, ...] = field(default=())


CAST = (
    SamplePerson(
        "Maria",
        "Alvarez",
        "+12065550142",
        "America/Chicago",
        "paper form",
        1640,
        (
            SampleNote("family", "Lucia starts college in Oregon this fall. The house will be too quiet.", 40),
            SampleNote("occupation", "Runs the bakery on Wells Street with her brother. Up at four.", 110),
            SampleNote("recreation", "Swims before work, and only outdoors.", 150),
            SampleNote("dreams", "Lisbon by train, next spring.", 40),
        ),
        (SampleDay("customer_since", "", 1, 5), SampleDay("birthday", "", 120, None)),
    ),
    SamplePerson(
        "Tom",
        "Weber",
        "+12065550117",
        "America/New_York",
        "in person",
        700,
        (
            SampleNote("family", "Twin boys in second grade. One of them wants to be a lighthouse.", 21),
            SampleNote("recreation", "Building a canoe in the garage since two winters.", 60),
        ),
        (SampleDay("birthday", "", 3, 41), SampleDay("customer_since", "", 9, 2)),
    ),
    SamplePerson(
        "Joan",
        "Baker",
        "+12065550163",
        "America/Los_Angeles",
        "phone",
        2200,
        (
            SampleNote("occupation", "Taught the second grade for thirty years. Retires in June.", 14),
            SampleNote("dreams", "A dog, at last.", 14),
        ),
        (SampleDay("once", "Last day at school", 9, None),),
    ),
    SamplePerson(
        "Grace",
        "Wong",
        "+12065550128",
        "America/Los_Angeles",
        "web form",
        420,
        (SampleNote("family", "Her mother moved in with them in spring. They cook together on Sundays.", 33),),
        (SampleDay("birthday", "", 6, None), SampleDay("check_in", "", 13)),
    ),
    SamplePerson(
        "Amir",
        "Haddad",
        "+12065550185",
        "America/Denver",
        "in person",
        180,
        (
            SampleNote("recreation", "First half marathon in September, in memory of his uncle.", 8),
            SampleNote("occupation", "New job at the county hospital, nights for now.", 8),
        ),
        (SampleDay("once", "The half marathon", 16, None),),
    ),
    SamplePerson(
        "Ruth",
        "Lindqvist",
        "+12065550109",
        "America/Los_Angeles",
        "",
        12,
        (SampleNote("", "Came by Tom. Asked about Thursdays.", 12),),
        (SampleDay("birthday", "", 30, 66), SampleDay("once", "First visit to the sauna", 2)),
    ),
)
