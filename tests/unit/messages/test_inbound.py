"""Texts that come back: kept once, tied to the right person, obeyed where they say stop or start, harmless whatever
they contain."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import cast
from tests.postgres import both_databases
from tests.unit.messages.conftest import FakeGateway
from vidmsg import clock
from vidmsg.database import reading, writing
from vidmsg.messages import inbound, keywords, replies, sending
from vidmsg.messages.inbound import Received
from vidmsg.messages.models import Inbound, Message
from vidmsg.people import consent
from vidmsg.people.models import Person

pytestmark = both_databases

Write = Callable[..., Message]
numbers = iter(range(10**6))


def come(
    body: str, *, sender: str = cast.MARIA_PHONE, sid: str = "", opt_out_type: str = "", media: int = 0
) -> Inbound | None:
    sid = sid or f"SM{next(numbers):032x}"
    with writing() as session:
        return inbound.receive(session, Received(sid, sender, "+12065550199", body, opt_out_type, media))


def ledger(home: cast.Cast) -> list[tuple[str, str, str]]:
    with reading() as session:
        entries = consent.of_person(session, session.get_one(Person, home.maria.id))
        return [(entry.action, entry.source, entry.words) for entry in reversed(entries)][1:]


@pytest.mark.parametrize(
    "word",
    [
        "STOP",
        "stop",
        " Stop. ",
        "STOP!",
        "stop all",
        "StopAll",
        "UNSUBSCRIBE",
        "unsubscribe!!",
        "Cancel",
        "END",
        "quit",
        "opt out",
        "opt-out",
        "OPTOUT",
        "Revoke",
        "ＳＴＯＰ",
        "stop\n",
        "“Stop”",
        "stop 🙏",
        "S T O P",
    ],
)
def test_stop_in_any_dress_ends_texts_at_once(home: cast.Cast, word: str) -> None:
    come(word)
    assert [entry[0] for entry in ledger(home)] == ["revoked"]


@pytest.mark.parametrize(
    "body",
    [
        "yes",
        "YES",
        "ok",
        "Please don't stop!",
        "The end of summer",
        "I had to cancel my trip",
        "",
        "Startled!",
        "stopping by later",
    ],
)
def test_other_words_are_for_a_person(home: cast.Cast, body: str) -> None:
    kept = come(body)
    assert kept is not None
    assert kept.kind == keywords.TEXT
    assert ledger(home) == []


@pytest.mark.parametrize("word", ["START", "unstop", " Start! "])
def test_start_returns_and_keeps_the_words(home: cast.Cast, word: str) -> None:
    come("STOP")
    come(word)
    assert ledger(home)[1:] == [("granted", "text", word)]


@pytest.mark.parametrize("word", ["yes", "YES", "please start again", "ok start"])
def test_a_yes_does_not_return(home: cast.Cast, word: str) -> None:
    come("STOP")
    come(word, opt_out_type="START" if word == "YES" else "")
    assert [entry[0] for entry in ledger(home)] == ["revoked"]


def test_start_returns_for_a_number_that_nobody_here_knows_any_more(home: cast.Cast) -> None:
    come("STOP")
    with writing() as session:
        session.get_one(Person, home.maria.id).phone = "+12065550177"
    come("START")
    with reading() as session:
        assert consent.is_granted(session, home.organisation.id, cast.MARIA_PHONE)
        entry = consent.current(session, home.organisation.id, cast.MARIA_PHONE)
        assert entry is not None
        assert (entry.words, entry.source, entry.person_id) == ("START", consent.BY_TEXT, None)


def test_start_never_begins_what_nobody_agreed_to(home: cast.Cast) -> None:
    with writing() as session:
        tom = cast.customer(session, session.merge(home.bob), "Tom", "", "+12065550143", agreed=False)
    come("START", sender="+12065550143")
    with reading() as session:
        assert consent.of_person(session, session.get_one(Person, tom.id)) == []


def test_start_from_an_old_number_says_nothing_about_the_new_one(
    gateway: FakeGateway, write: Write, home: cast.Cast
) -> None:
    write()
    sending.send_due(threading.Event())
    new = "+12065550177"
    with writing() as session:
        session.get_one(Person, home.maria.id).phone = new
    come("STOP")
    come("STOP", sender=new)
    come("START")
    with reading() as session:
        assert consent.is_granted(session, home.organisation.id, cast.MARIA_PHONE)
        assert not consent.is_granted(session, home.organisation.id, new)


def test_start_from_somebody_whose_number_was_removed_since_is_taken(
    gateway: FakeGateway, write: Write, home: cast.Cast
) -> None:
    write()
    sending.send_due(threading.Event())
    with writing() as session:
        session.get_one(Person, home.maria.id).phone = None
    come("STOP")
    assert come("START") is not None
    with reading() as session:
        assert consent.is_granted(session, home.organisation.id, cast.MARIA_PHONE)


def test_twilios_own_verdict_comes_first(home: cast.Cast) -> None:
    kept = come("basta ya", opt_out_type="STOP")
    assert kept is not None
    assert kept.kind == keywords.STOP
    assert [entry[0] for entry in ledger(home)] == ["revoked"]


def test_help_is_noted_and_changes_nothing(home: cast.Cast) -> None:
    kept = come("help")
    assert kept is not None
    assert kept.kind == keywords.HELP
    assert ledger(home) == []


def test_the_same_text_twice_is_one(home: cast.Cast) -> None:
    assert come("Hello", sid="SM" + "1" * 32) is not None
    assert come("Hello", sid="SM" + "1" * 32) is None


def test_the_same_text_at_one_moment_is_one(app: Flask, home: cast.Cast) -> None:
    start = threading.Barrier(3)

    def call() -> None:
        with app.app_context():
            start.wait()
            come("Hello", sid="SM" + "2" * 32)

    callers = [threading.Thread(target=call) for _ in range(3)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    with reading() as session:
        assert session.query(Inbound).count() == 1


def test_it_belongs_to_the_latest_message(gateway: FakeGateway, write: Write, home: cast.Cast) -> None:
    write()
    sending.send_due(threading.Event())
    second = write(body="Me again!")
    sending.send_due(threading.Event())
    write(body="Not sent yet")
    kept = come("Thank you!")
    assert kept is not None
    assert (kept.message_id, kept.person_id) == (second.id, home.maria.id)


def test_without_a_message_it_belongs_to_the_person(home: cast.Cast) -> None:
    kept = come("Hello?")
    assert kept is not None
    assert (kept.message_id, kept.person_id) == (None, home.maria.id)


def test_a_stranger_is_kept_too_and_a_strangers_stop_counts(home: cast.Cast) -> None:
    kept = come("STOP", sender="+12065550188")
    assert kept is not None
    assert kept.person_id is None
    with reading() as session:
        latest = consent.current(session, home.organisation.id, "+12065550188")
        assert latest is not None
        assert latest.action == "revoked"


def test_stop_holds_for_everybody_with_the_number(home: cast.Cast) -> None:
    with writing() as session:
        carl = cast.customer(session, session.merge(home.charlie), "Carlos", "Alvarez", cast.MARIA_PHONE)
    come("STOP")
    with reading() as session:
        assert not consent.is_granted(session, home.organisation.id, session.get_one(Person, carl.id).phone)


@pytest.mark.parametrize(
    "body",
    [
        "\x00\x01",
        "x" * 10_000,
        "<script>alert(1)</script>",
        "'; DROP TABLE inbound;--",
        "\u202egnirts",
        "👩‍👩‍👧‍👦" * 50,
        "%s %(name)s {}",
    ],
)
def test_hostile_words_are_kept_and_shown_harmlessly(
    home: cast.Cast, sign_in: Callable[[object], FlaskClient], body: str
) -> None:
    kept = come(body)
    assert kept is not None
    assert len(kept.body) <= inbound.MAX_BODY
    assert "\x00" not in kept.body
    shown = sign_in(home.bob).get(f"/people/{home.maria.id}/write?reply={kept.id}")
    assert shown.status_code == 200
    assert "<script>alert" not in shown.text


def test_a_picture_is_told_of(home: cast.Cast) -> None:
    kept = come("Look!", media=2)
    assert kept is not None
    assert kept.body == "Look!\n[2 pictures]"


def test_replies_wait_for_the_rep_whose_message_they_answer(
    gateway: FakeGateway, write: Write, home: cast.Cast
) -> None:
    write()
    sending.send_due(threading.Event())
    come("Oh Bob!")
    come("HELP")
    with reading() as session:
        waiting = {
            user.first_name: [reply.body for reply in replies.unseen(session, session.merge(user))]
            for user in (home.alice, home.bob, home.charlie)
        }
    assert waiting == {"Alice": [], "Bob": ["Oh Bob!"], "Charlie": []}


def test_a_reply_that_was_seen_waits_no_more(home: cast.Cast, sign_in: Callable[[object], FlaskClient]) -> None:
    kept = come("Hello Bob")
    assert kept is not None
    assert sign_in(home.charlie).post(f"/replies/{kept.id}/seen").status_code == 404
    assert sign_in(home.bob).post(f"/replies/{kept.id}/seen").status_code == 302
    with reading() as session:
        assert replies.unseen(session, session.merge(home.bob)) == []


def test_the_hook_answers_with_an_empty_response(app: Flask, home: cast.Cast, client: FlaskClient) -> None:
    form = {"MessageSid": "SM" + "3" * 32, "From": cast.MARIA_PHONE, "To": "+12065550199", "Body": "Hi"}
    signature = app.extensions["simulator"].sign("http://localhost/hooks/twilio/inbound", form)
    answer = client.post("/hooks/twilio/inbound", data=form, headers={"X-Twilio-Signature": signature})
    assert (answer.status_code, answer.mimetype) == (200, "text/xml")
    assert answer.text.endswith("<Response/>")
    for _ in range(2):
        client.post("/hooks/twilio/inbound", data=form, headers={"X-Twilio-Signature": signature})
    with reading() as session:
        assert session.query(Inbound).count() == 1


@pytest.mark.parametrize("missing", ["MessageSid", "From"])
def test_a_hook_without_a_sender_or_an_id_is_refused(
    app: Flask, home: cast.Cast, client: FlaskClient, missing: str
) -> None:
    form = {"MessageSid": "SM" + "4" * 32, "From": cast.MARIA_PHONE, "Body": "Hi"}
    del form[missing]
    signature = app.extensions["simulator"].sign("http://localhost/hooks/twilio/inbound", form)
    answer = client.post("/hooks/twilio/inbound", data=form, headers={"X-Twilio-Signature": signature})
    assert answer.status_code == 400


def test_a_stop_counts_too_where_only_the_ledger_knows_the_number(home: cast.Cast) -> None:
    with writing() as session:
        other = cast.organisation(session, "Second Spa")
        desk = cast.team(session, other, "Team")
        maria = cast.customer(session, cast.user(session, desk, "Dora Dean"), phone=cast.MARIA_PHONE)
        maria.phone = "+12065550177"  # she is written down with another number now; her yes was for this one
        third = cast.organisation(session, "Third Spa").id
    come("STOP")
    with reading() as session:
        assert not consent.is_granted(session, other.id, cast.MARIA_PHONE)
        assert consent.current(session, third, cast.MARIA_PHONE) is None  # who never heard of her keeps nothing


def test_start_returns_everywhere_that_the_stop_reached(home: cast.Cast) -> None:
    with writing() as session:
        other = cast.organisation(session, "Second Spa")
        maria = Person(
            organisation_id=other.id, team_id=cast.team(session, other, "Team").id, first_name="Maria",
            phone=cast.MARIA_PHONE, time_zone="America/New_York", created_at=clock.now(),
        )  # fmt: skip
        session.add(maria)
        session.flush()
        consent.grant(session, maria, number=maria.phone, words="Yes", source="in person", user_id=None)
    come("STOP")
    with reading() as session:
        assert not consent.is_granted(session, other.id, cast.MARIA_PHONE)
    come("START")
    with reading() as session:
        assert consent.is_granted(session, other.id, cast.MARIA_PHONE)
        assert consent.is_granted(session, home.organisation.id, cast.MARIA_PHONE)
