"""The states of a message and who may move them, as one table that code and tests read. It knows no rows: `move`
does the moving, the verbs know the conditions.

planned: no video yet · scheduled: leaves when due · claimed: in a sender's hands, nothing has gone · submitting: the
call to Twilio may have begun · accepted: Twilio has it · sent: the network has it · delivered, undelivered, failed:
the end · suppressed: no consent · missed: too late for the day · held: a person must look · canceled · unknown: a
crash or an unclear answer, it may have gone · unconfirmed: looked for and not found, or Twilio knows nothing of it any
more, a person decides."""

from __future__ import annotations

PLANNED, SCHEDULED, CLAIMED, SUBMITTING = "planned", "scheduled", "claimed", "submitting"
ACCEPTED, SENT, DELIVERED, UNDELIVERED, FAILED = "accepted", "sent", "delivered", "undelivered", "failed"
SUPPRESSED, MISSED, HELD, CANCELED = "suppressed", "missed", "held", "canceled"
UNKNOWN, UNCONFIRMED = "unknown", "unconfirmed"

STATES = frozenset(
    {
        PLANNED,
        SCHEDULED,
        CLAIMED,
        SUBMITTING,
        ACCEPTED,
        SENT,
        DELIVERED,
        UNDELIVERED,
        FAILED,
        SUPPRESSED,
        MISSED,
        HELD,
        CANCELED,
        UNKNOWN,
        UNCONFIRMED,
    }
)

PERSON = "person"  # a rep or manager, by a button
SENDER = "sender"  # the worker that claims and sends
SWEEPER = "sweeper"  # the clock, after a worker's death
RECONCILER = "reconciler"  # the worker that looks into Twilio's list
RECEIPTS = "receipts"  # Twilio's status callback, or our question by SID

# How far a text has come, by Twilio's receipts; a receipt moves a message forward only. `delivered` beats the two
# failures, because it can't be wrong: the phone has it. So every order of the same receipts ends in the same state.
RANK = {ACCEPTED: 1, SENT: 2, UNDELIVERED: 3, FAILED: 3, DELIVERED: 4}

# States in which Twilio may have the text although we have not seen its answer; a receipt settles that. From the fourth
# on they are a resend that has not begun, or was put aside: the first attempt did arrive, so there is nothing to send
# any more, and nobody shall let it go by a button.
_OPEN = (SUBMITTING, UNKNOWN, UNCONFIRMED, SCHEDULED, CLAIMED, HELD, MISSED)


def _table() -> dict[tuple[str, str], frozenset[str]]:
    moves: dict[tuple[str, str], set[str]] = {
        (PLANNED, SCHEDULED): {PERSON, SENDER},
        (PLANNED, CANCELED): {PERSON},
        (PLANNED, HELD): {PERSON, SENDER, RECONCILER},
        (PLANNED, MISSED): {SENDER},
        (PLANNED, SUPPRESSED): {SENDER},
        (SCHEDULED, CANCELED): {PERSON},
        (SCHEDULED, HELD): {PERSON, RECONCILER},
        (SCHEDULED, ACCEPTED): {RECONCILER},
        (SCHEDULED, CLAIMED): {SENDER},
        (CLAIMED, SCHEDULED): {SENDER, SWEEPER},
        (CLAIMED, SUPPRESSED): {SENDER},
        (CLAIMED, HELD): {SENDER},
        (CLAIMED, MISSED): {SENDER},
        (CLAIMED, SUBMITTING): {SENDER},
        (SUBMITTING, ACCEPTED): {SENDER},
        (SUBMITTING, SCHEDULED): {SENDER},
        (SUBMITTING, FAILED): {SENDER},
        (SUBMITTING, UNKNOWN): {SENDER, SWEEPER},
        (UNKNOWN, ACCEPTED): {RECONCILER},
        (UNKNOWN, SCHEDULED): {RECONCILER},
        (UNKNOWN, UNCONFIRMED): {RECONCILER},
        (ACCEPTED, UNCONFIRMED): {RECONCILER},
        (UNCONFIRMED, ACCEPTED): {RECONCILER},
        (UNCONFIRMED, DELIVERED): {PERSON},
        (UNCONFIRMED, SCHEDULED): {PERSON},
        (UNCONFIRMED, MISSED): {PERSON},
        (HELD, SCHEDULED): {PERSON},
        (HELD, PLANNED): {PERSON},
        (HELD, MISSED): {SENDER},
        (HELD, ACCEPTED): {RECONCILER},
        (HELD, CANCELED): {PERSON},
        (MISSED, SCHEDULED): {PERSON},
        (MISSED, CANCELED): {PERSON},
        (MISSED, ACCEPTED): {RECONCILER},
    }
    for state, rank in RANK.items():
        earlier = (*_OPEN, *(other for other, lower in RANK.items() if lower < rank))
        for before in earlier:
            moves.setdefault((before, state), set()).add(RECEIPTS)
    return {move: frozenset(movers) for move, movers in moves.items()}


TABLE = _table()


def allowed(before: str, after: str, mover: str) -> bool:
    """Whether `mover` may move a message from `before` to `after`."""
    return mover in TABLE.get((before, after), frozenset())
