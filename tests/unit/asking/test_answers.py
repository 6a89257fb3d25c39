"""What a rep texts back is done: LATER, PASS, a note; and what comes back to her."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from tests import cast, watched
from tests.postgres import both_databases
from tests.unit.asking.conftest import World, agree, seattle
from tests.unit.calendar import asking as make
from vidmsg import clock
from vidmsg.accounts.models import User
from vidmsg.asking.models import RecordLink
from vidmsg.database import reading, writing
from vidmsg.messages import replies
from vidmsg.messages.models import Attempt, Inbound, Link, Message
from vidmsg.milestones.models import Occurrence
from vidmsg.people.models import Note, Person
from vidmsg.tokens import new_token
from vidmsg.watching import visits
from vidmsg.watching.visits import Report

pytestmark = both_databases


def notes() -> list[tuple[int, str]]:
    with reading() as session:
        return [(note.person_id, note.text) for note in session.scalars(sa.select(Note))]


def test_later_puts_it_off_until_tomorrow_and_says_so(world: World) -> None:
    world.run()
    world.answer("Later!")
    world.run()
    assert world.day().snoozed_until == dt.date(2026, 3, 5)
    assert world.texts()[1] == "Maria: we ask you again on Thursday."
    world.time.at(seattle(5, 9, 1))
    world.run()
    assert world.texts()[2].startswith("Maria: 5 years tomorrow.")


def test_later_never_goes_past_the_day(world: World) -> None:
    world.time.at(seattle(6, 9, 1))
    world.run()
    world.answer("LATER")
    world.run()
    assert world.day().snoozed_until is None
    assert world.texts()[1] == "Maria's day is here, so it can't wait. Reply PASS to hand it over."


def test_pass_hands_it_to_the_colleague_of_the_team_with_least_to_do(world: World) -> None:
    with writing() as session:
        team = session.get_one(User, world.people.bob.id).team
        assert team is not None
        dora = cast.user(session, team, "Dora Diaz")
        busy = session.get_one(Occurrence, world.day().id)
        session.add(
            Occurrence(
                milestone_id=busy.milestone_id, organisation_id=busy.organisation_id, team_id=busy.team_id,
                person_id=busy.person_id, kind=busy.kind, cycle="other", natural_on=busy.natural_on,
                planned_on=busy.planned_on, assignee_id=world.people.alice.id, created_at=clock.now(),
            )
        )  # fmt: skip
    world.run()
    world.answer("pass")
    world.run()
    assert world.day().assignee_id == dora.id
    assert world.texts()[1] == "Dora looks after Maria's day now."
    with reading() as session:
        assert session.scalars(sa.select(RecordLink)).one().ended_at is not None


def test_whoever_gets_it_that_way_is_asked_in_her_turn(world: World) -> None:
    agree(world.people.alice.id, "+12065550178")
    world.run()
    world.answer("PASS")
    world.run()
    assert "Maria: 5 years on Friday." in world.texts("+12065550178")[0]


def test_pass_goes_back_to_the_managers_when_nobody_else_is_there(world: World) -> None:
    world.change(User, world.people.alice.id, active=False)
    world.run()
    world.answer("PASS")
    world.run()
    assert world.day().assignee_id is None
    assert world.texts()[1] == "Maria's day goes back to your managers."


@pytest.mark.parametrize(("body", "state", "sender"), [("Hi", "planned", "alice"), ("It's Bob", "held", "bob")])
def test_pass_hands_over_the_text_that_waits_unless_its_words_name_who_passed(
    world: World, body: str, state: str, sender: str
) -> None:
    world.run()
    with writing() as session:
        maria, bob = session.get_one(Person, world.people.maria.id), session.get_one(User, world.people.bob.id)
        more = {"occurrence_id": world.day().id, "no_video": "ask", "body": body}
        text = make.message(session, maria, bob, "planned", **more).id
    world.answer("PASS")
    with reading() as session:
        left = session.get_one(Message, text)
    assert (left.state, left.sender_id) == (state, getattr(world.people, sender).id)


def test_whoever_passed_it_on_does_not_get_it_back_the_same_way(world: World) -> None:
    world.run()
    world.answer("PASS")
    assert world.day().assignee_id == world.people.alice.id
    world.change(Occurrence, world.day().id, assignee_id=world.people.bob.id)
    world.time.at(seattle(5, 9, 1))
    world.run()
    world.change(User, world.people.alice.id, active=False)
    world.answer("PASS")
    assert world.day().assignee_id is None


def test_other_words_are_a_note_on_the_customer_and_are_not_answered(world: World) -> None:
    world.run()
    world.answer("She moved to Tacoma, ask about the new garden")
    world.run()
    assert notes() == [(world.people.maria.id, "She moved to Tacoma, ask about the new garden")]
    assert len(world.texts()) == 1


def test_what_a_rep_answers_waits_on_nobodys_today(world: World) -> None:
    world.run()
    world.answer("LATER")
    world.answer("Her dog is called Rex")
    with reading() as session:
        for user in (world.people.bob, world.people.alice):
            assert replies.unseen(session, session.get_one(User, user.id)) == []


def test_stop_is_no_note_and_is_not_answered_by_us(world: World) -> None:
    world.run()
    world.answer("Please stop texting me")
    world.run()
    assert (notes(), len(world.texts())) == ([], 1)


def test_later_when_nothing_waits_is_said_kindly(world: World) -> None:
    world.run()
    world.answer("PASS")
    world.answer("LATER")
    world.run()
    assert world.texts()[-1] == "Nothing waits for you just now."


def test_a_customer_who_writes_later_moves_nothing(world: World) -> None:
    world.run()
    world.answer("LATER", cast.MARIA_PHONE)
    assert world.day().snoozed_until is None
    assert notes() == []


def sent(world: World) -> watched.Sent:
    with writing() as session:
        people = cast.Cast(**{**world.people.__dict__, "maria": session.get_one(Person, world.people.maria.id)})
        made = watched.arrived(session, people, at=clock.now())
        session.get_one(Message, made.message_id).tries = 1
        session.execute(sa.update(Attempt).where(Attempt.message_id == made.message_id).values(sid="SM" + "1" * 32))
        return made


def play(made: watched.Sent) -> None:
    with writing() as session:
        said = Report(page=new_token(), visitor=None, event=visits.PLAYED, parts=())
        visits.report(session, session.get_one(Link, made.link_id), said, robot=False)


def test_the_first_play_comes_back_as_a_text_once(world: World) -> None:
    world.time.at(seattle(2, 12))  # before Maria's day asks for anything
    made = sent(world)
    for _ in range(3):
        play(made)
    world.run()
    assert world.texts() == ["Harbor Spa: Maria watched your video. Reply STOP to opt out."]


def test_a_reply_comes_back_with_its_words(world: World) -> None:
    world.time.at(seattle(2, 12))
    sent(world)
    world.answer("Oh thank you Bob! " + "x" * 300, cast.MARIA_PHONE)
    world.run()
    [text] = world.texts()
    assert "Maria wrote: Oh thank you Bob! xxx" in text
    assert len(text) < 280


def test_words_in_answer_to_news_go_to_the_customer_it_was_about(world: World) -> None:
    world.time.at(seattle(2, 12))
    play(sent(world))
    world.run()
    world.answer("Call her next week")
    assert notes() == [(world.people.maria.id, "Call her next week")]


def test_without_her_choice_nothing_comes_back(world: World) -> None:
    world.change(User, world.people.bob.id, text_to_record=False)
    made = sent(world)
    play(made)
    world.answer("Thanks", cast.MARIA_PHONE)
    assert world.messages() == []
    with reading() as session:
        assert session.scalars(sa.select(Inbound.body)).all() == ["Thanks"]
