"""A rep is asked by text at lead time and on the eve, once each, at her own decent hours, and only while it helps."""

from __future__ import annotations

import datetime as dt
import re
import threading
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from tests import cast
from tests.postgres import both_databases
from tests.unit.asking.conftest import World, agree, seattle
from tests.unit.messages.conftest import go
from vidmsg import clock
from vidmsg.accounts.models import Installation, User
from vidmsg.asking import asking
from vidmsg.asking.models import RecordLink
from vidmsg.calendar import moving
from vidmsg.database import reading, writing
from vidmsg.messages import reconcile, states
from vidmsg.messages.models import ASK
from vidmsg.milestones.models import Milestone, Occurrence
from vidmsg.people import ourselves
from vidmsg.sms.gateway import Listed, Unclear
from vidmsg.tokens import digest
from vidmsg.videos.models import COMPLETE, Upload, Video

pytestmark = both_databases
LINK = r"http://localhost/r/[\w-]{22}"


def test_the_first_text_names_the_house_and_the_way_out_and_ends_with_its_link(world: World) -> None:
    world.run()
    [text] = world.texts()
    words = r"Harbor Spa: Maria: 5 years on Friday\. Reply STOP to opt out\. Record 20 s: "
    assert re.fullmatch(words + LINK, text)


def test_on_the_eve_she_is_asked_once_more_in_few_words(world: World) -> None:
    world.run()
    world.time.at(seattle(5, 9, 1))
    world.run()
    assert re.fullmatch(r"Maria: 5 years tomorrow\. Record 20 s: " + LINK, world.texts()[1])


def test_each_stage_asks_once_however_often_the_clock_looks(world: World) -> None:
    for moment in (seattle(3, 9), seattle(3, 15), seattle(4, 9), seattle(5, 9), seattle(5, 18), seattle(6, 9)):
        world.time.at(moment)
        for _ in range(3):
            world.run()
    assert len(world.texts()) == 2


def test_two_workers_at_one_moment_ask_once(world: World, app: Flask) -> None:
    start, errors = threading.Barrier(2), []

    def work() -> None:
        try:
            with app.app_context():
                start.wait()
                asking.run()
        except Exception as error:  # it must fail the test, not vanish with its thread
            errors.append(error)

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert (errors, len(world.messages())) == ([], 1)


def test_a_crash_before_the_end_leaves_nothing_behind_and_she_is_asked_the_next_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = asking.texting.to_rep

    def dies(*given: Any, **more: Any) -> None:
        written(*given, **more)
        raise RuntimeError("power cut")

    with monkeypatch.context() as patched:
        patched.setattr(asking.texting, "to_rep", dies)
        with pytest.raises(RuntimeError):
            asking.run()
    assert (world.messages(), world.day().asked_at) == ([], None)
    world.run()
    world.run()
    assert len(world.texts()) == 1


def test_before_the_lead_time_nobody_is_asked(world: World) -> None:
    world.time.at(seattle(2, 12))
    assert world.run() == 0


def test_a_date_with_a_lead_of_its_own_follows_that(world: World) -> None:
    world.change(Milestone, world.day().milestone_id, lead_days=1)
    assert world.run() == 0
    world.time.at(seattle(5, 9, 1))
    assert world.run() == 1


def test_within_a_day_of_it_one_text_stands_for_both(world: World) -> None:
    world.time.at(seattle(5, 12))
    world.run()
    world.run()
    assert len(world.texts()) == 1


def test_her_quiet_hours_are_her_own(world: World) -> None:
    agree(world.people.bob.id, opens=11, closes=16)
    world.time.at(seattle(4, 10, 59))
    assert world.run() == 0
    world.time.at(seattle(4, 16, 0))
    assert world.run() == 0
    world.time.at(seattle(5, 11, 0))
    assert world.run() == 1


def test_what_was_written_at_the_end_of_her_hours_is_not_sent_after_them(world: World) -> None:
    agree(world.people.bob.id, opens=9, closes=16)
    world.time.at(seattle(4, 15, 58))
    asking.run()
    world.time.at(seattle(4, 16, 5))
    go()
    assert world.texts() == []


def test_whoever_did_not_choose_it_is_not_texted(world: World) -> None:
    with writing() as session:
        ourselves.end(session, session.get_one(User, world.people.bob.id))
    assert world.run() == 0


def test_stop_from_her_phone_ends_it_and_start_brings_it_back(world: World) -> None:
    world.run()
    world.answer("STOP")
    world.time.at(seattle(5, 9, 1))
    assert world.run() == 0
    world.answer("START")
    assert world.run() == 1


def test_a_kept_take_ends_the_asking(world: World) -> None:
    world.run()
    upload = world.take(offset=9)
    world.change(Video, upload.video_id, kept_at=clock.now())
    world.change(Upload, upload.id, state=COMPLETE)
    world.time.at(seattle(5, 9, 1))
    assert world.run() == 0


def test_a_customer_who_has_not_agreed_is_no_reason_to_record(world: World) -> None:
    world.answer("STOP", cast.MARIA_PHONE)
    assert world.run() == 0


def test_not_today_on_the_page_puts_the_text_off_too(world: World) -> None:
    world.run()
    world.change(Occurrence, world.day().id, snoozed_until=dt.date(2026, 3, 6))
    world.time.at(seattle(5, 9, 1))
    assert world.run() == 0
    world.time.at(seattle(6, 9, 1))
    world.run()
    assert "Maria: 5 years today." in world.texts()[-1]


def test_a_text_that_has_not_left_is_taken_back_when_somebody_else_gets_the_day(world: World) -> None:
    asking.run()
    with writing() as session:
        day = session.get_one(Occurrence, world.day().id)
        moving.assign(session, day, session.get_one(User, world.people.alice.id), day.assignee_id, day.assignee_id or 0)
    go()
    assert [message.state for message in world.messages()] == [states.CANCELED]
    assert world.texts() == []


def test_only_the_digest_of_the_token_is_kept_in_the_link(world: World) -> None:
    world.run()
    with reading() as session:
        link = session.scalars(sa.select(RecordLink)).one()
        assert link.token_digest == digest(world.token())
        assert link.message_id == world.messages()[0].id


def test_a_text_of_unknown_fate_is_found_by_the_token_in_its_words(world: World) -> None:
    world.gateway.outcomes = [Unclear("read timeout")]
    world.run()
    sid, body = "SM" + "f" * 32, world.texts()[0]
    trial = f"Sent from your Twilio trial account - {body}"
    found = Listed(sid, "delivered", None, trial, "outbound-api", clock.now())
    world.gateway.listings, world.gateway.fetched = [[found]], found
    world.time.forward(minutes=2)
    while reconcile.look():
        pass
    assert world.messages()[0].state == states.DELIVERED
    assert len(world.texts()) == 1


def test_while_sending_is_frozen_it_is_noted_and_nobody_is_texted(world: World) -> None:
    with writing() as session:
        session.scalars(sa.select(Installation)).one().frozen_reason = "A copy."
    assert world.run() == 0
    with writing() as session:
        session.scalars(sa.select(Installation)).one().frozen_reason = None
    assert world.run() == 0
    assert world.day().asked_at is not None


def test_the_texts_of_reps_are_no_messages_to_customers(world: World) -> None:
    world.run()
    [message] = world.messages()
    assert (message.purpose, message.occurrence_id, message.about_id) == (ASK, None, world.people.maria.id)


def test_ten_minutes_after_slices_stopped_she_hears_of_it_once(world: World) -> None:
    world.run()
    world.take(offset=4000)
    world.time.forward(minutes=9)
    assert world.run() == 0
    world.time.forward(minutes=2)
    world.run()
    world.time.forward(minutes=20)
    world.run()
    words = r"Your video for Maria is still on your phone\. Tap to finish: "
    assert re.fullmatch(words + LINK, world.texts()[1])
    assert len(world.texts()) == 2


def test_a_take_that_is_whole_or_let_go_needs_no_reminder(world: World) -> None:
    world.run()
    whole, gone = world.take(offset=9), world.take(offset=9)
    world.change(Upload, whole.id, state=COMPLETE)
    world.change(Video, gone.video_id, discarded_at=clock.now())
    world.time.forward(minutes=11)
    assert world.run() == 0
