"""One person's page: notes, consent, pause, what happened so far, and the wall around it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.cast import MARIA_PHONE, Cast
from vidmsg import clock
from vidmsg.accounts.models import Audit, Organisation
from vidmsg.database import reading, writing
from vidmsg.people import consent, keeping
from vidmsg.people.models import Consent, Person

ROUTES = [
    ("get", ""),
    ("get", "/edit"),
    ("post", "/edit"),
    ("post", "/notes"),
    ("post", "/consent"),
    ("post", "/pause"),
    ("post", "/resume"),
]


def says(app: Flask, cast: Cast) -> str | None:
    with app.app_context(), reading() as session:
        latest = consent.current(session, cast.organisation.id, MARIA_PHONE)
        return latest.action if latest else None


@pytest.mark.parametrize(("method", "what"), ROUTES)
def test_another_team_s_person_is_not_there(charlie: FlaskClient, cast: Cast, method: str, what: str) -> None:
    assert getattr(charlie, method)(f"/people/{cast.maria.id}{what}").status_code == 404


@pytest.mark.parametrize(("method", "what"), ROUTES)
def test_without_signing_in_there_is_only_the_door(client: FlaskClient, cast: Cast, method: str, what: str) -> None:
    answer = getattr(client, method)(f"/people/{cast.maria.id}{what}")
    assert answer.status_code == 302
    assert answer.location.startswith("/login")


def test_a_forged_form_changes_nothing(app: Flask, bob: FlaskClient, cast: Cast) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    assert bob.post(f"/people/{cast.maria.id}/consent", data={"action": "revoke"}).status_code == 400
    assert says(app, cast) == "granted"


@pytest.mark.parametrize(
    ("hours", "says"),
    [
        ((9, 20, 12), "Quiet from 20 to 9, Sundays to 12, Los Angeles time"),
        ((10, 18, 10), "Quiet from 18 to 10, Los Angeles time"),
        ((10, 18, 24), "Quiet from 18 to 10 and all Sunday, Los Angeles time"),
    ],
)
def test_her_page_says_the_quiet_hours_of_the_house(
    app: Flask, bob: FlaskClient, cast: Cast, hours: tuple[int, int, int], says: str
) -> None:
    with app.app_context(), writing() as session:
        home = session.get_one(Organisation, cast.organisation.id)
        home.opens, home.closes, home.opens_sunday = hours
    assert says in bob.get(f"/people/{cast.maria.id}").text


def test_a_note_stands_under_its_topic_with_author_and_day(bob: FlaskClient, cast: Cast) -> None:
    data = {"text": "Lucia starts college.\r\nIn Oregon.", "topic": "family"}
    page = bob.post(f"/people/{cast.maria.id}/notes", data=data, follow_redirects=True).text
    assert "Lucia starts college.\nIn Oregon.<time" in page
    assert ">Bob, " in page


def test_an_empty_note_is_not_kept(bob: FlaskClient, cast: Cast) -> None:
    answer = bob.post(f"/people/{cast.maria.id}/notes", data={"text": "  ", "topic": ""})
    assert answer.status_code == 422
    assert "Write it down first" in answer.text


def test_a_note_can_be_forgotten_by_its_own_team_only(bob: FlaskClient, charlie: FlaskClient, cast: Cast) -> None:
    bob.post(f"/people/{cast.maria.id}/notes", data={"text": "Swims outdoors.", "topic": "recreation"})
    address = f"/people/{cast.maria.id}/notes/1/remove"
    assert charlie.post(address).status_code == 404
    assert "Swims outdoors." not in bob.post(address, follow_redirects=True).text


def test_the_ledger_only_grows_and_its_latest_entry_decides(app: Flask, bob: FlaskClient, cast: Cast) -> None:
    address = f"/people/{cast.maria.id}/consent"
    page = bob.post(address, data={"action": "revoke", "words": "Please no more."}, follow_redirects=True).text
    assert says(app, cast) == "revoked"
    assert "Maria wants no more texts" in page
    bob.post(address, data={"words": "Now yes again.", "source": "paper form"})
    assert says(app, cast) == "granted"
    with app.app_context(), reading() as session:
        actions = session.execute(sa.select(Consent.action).where(Consent.phone == MARIA_PHONE)).scalars().all()
        assert actions == ["granted", "revoked", "granted"]
        written = session.execute(sa.select(Audit.action).where(Audit.action.like("consent.%"))).scalars().all()
        assert written == ["consent.granted", "consent.revoked", "consent.granted"]


def test_a_stop_by_text_is_not_undone_by_a_tick(app: Flask, bob: FlaskClient, cast: Cast) -> None:
    with app.app_context(), writing() as session:
        consent.revoke(
            session, organisation_id=cast.organisation.id, phone=MARIA_PHONE, words="Stop", source=consent.BY_TEXT
        )
    address = f"/people/{cast.maria.id}"
    assert "asked us to stop" in bob.get(address).text
    answer = bob.post(f"{address}/consent", data={"words": "She said yes", "source": "phone"}, follow_redirects=True)
    assert "Only a START from that phone" in answer.text
    assert says(app, cast) == "revoked"
    twin = {
        "first_name": "Anna",
        "phone": MARIA_PHONE,
        "same_number": "y",
        "agreed": "y",
        "words": "Yes",
        "source": "phone",
    }
    assert "until it texts START" in bob.post("/people/new", data=twin, follow_redirects=True).text
    assert says(app, cast) == "revoked"


def test_consent_belongs_to_the_number_within_one_organisation(app: Flask, cast: Cast) -> None:
    with app.app_context(), reading() as session:
        assert consent.is_granted(session, cast.organisation.id, MARIA_PHONE)
        assert not consent.is_granted(session, cast.organisation.id + 1, MARIA_PHONE)
        assert not consent.is_granted(session, cast.organisation.id, None)


def test_a_yes_needs_a_number(app: Flask, cast: Cast) -> None:
    with app.app_context(), writing() as session:
        maria = session.get_one(Person, cast.maria.id)
        with pytest.raises(consent.NoNumber):
            consent.grant(session, maria, number=None, words="Yes", source="phone", user_id=None)


@pytest.mark.parametrize("where", ["consent_views", "views"])
def test_a_stop_that_comes_while_a_yes_is_noted_stays_the_last_word(
    app: Flask, bob: FlaskClient, cast: Cast, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    @contextmanager
    def after_a_stop() -> Iterator[Session]:
        with writing() as session:
            consent.revoke(
                session, organisation_id=cast.organisation.id, phone=MARIA_PHONE, words="Stop", source=consent.BY_TEXT
            )
        with writing() as session:
            yield session

    monkeypatch.setattr(f"vidmsg.people.{where}.writing", after_a_stop)
    yes = {"words": "She said yes", "source": "phone"}
    twin = {"first_name": "Anna", "phone": MARIA_PHONE, "same_number": "y", "agreed": "y"}
    address = f"/people/{cast.maria.id}/consent" if where == "consent_views" else "/people/new"
    answer = bob.post(address, data=yes | twin, follow_redirects=True)
    assert "START" in answer.text
    assert says(app, cast) == "revoked"


def test_a_pause_holds_until_its_day_and_can_be_ended(app: Flask, bob: FlaskClient, cast: Cast) -> None:
    address = f"/people/{cast.maria.id}"
    day = (clock.now() + dt.timedelta(days=10)).date()
    page = bob.post(
        f"{address}/pause", data={"until": day.isoformat(), "reason": "A loss."}, follow_redirects=True
    ).text
    assert "is paused until" in page
    assert "A loss." in page
    with app.app_context(), reading() as session:
        until = session.get_one(Person, cast.maria.id).hold_until
        assert until is not None
        assert clock.local(until, "America/Los_Angeles").replace(tzinfo=None) == dt.datetime.combine(day, dt.time())
    assert "is paused" not in bob.post(f"{address}/resume", follow_redirects=True).text


def test_a_pause_without_a_day_holds_until_somebody_ends_it(app: Flask, bob: FlaskClient, cast: Cast) -> None:
    page = bob.post(f"/people/{cast.maria.id}/pause", data={}, follow_redirects=True).text
    assert "Everything to Maria is paused." in page
    with app.app_context(), reading() as session:
        assert keeping.is_paused(session.get_one(Person, cast.maria.id))


def test_a_pause_that_is_over_already_is_asked_again(bob: FlaskClient, cast: Cast) -> None:
    answer = bob.post(f"/people/{cast.maria.id}/pause", data={"until": "2020-02-29"})
    assert answer.status_code == 422
    assert "That day is over" in answer.text


def test_what_happened_stands_with_the_newest_first(bob: FlaskClient, cast: Cast) -> None:
    page = bob.get(f"/people/{cast.maria.id}").text
    assert page.index("Maria said yes to texts") < page.index("Maria is here")


def test_a_feature_above_tells_its_part(
    app: Flask, bob: FlaskClient, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vidmsg.people import timeline

    entry = timeline.TimelineEntry(clock.now(), "A hello went out", "Watched twice.", "I cried!")
    monkeypatch.setattr(timeline, "_tellers", [*timeline._tellers, lambda _session, _person: [entry]])
    page = bob.get(f"/people/{cast.maria.id}").text
    for words in ("A hello went out", "Watched twice.", '<p class="bubble">I cried!</p>'):
        assert words in page
