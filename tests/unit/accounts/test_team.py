"""Who works here: inviting, new passwords, closing the door."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.cast import PASSWORD, Cast
from vidmsg import clock
from vidmsg.accounts import members
from vidmsg.accounts.models import Audit, Invitation, User
from vidmsg.database import reading, writing

NINA = {"name": "Nina Nold", "email": "nina@harborspa.example", "role": "rep"}
ACCEPT = {"name": "Nina Nold", "password": PASSWORD}


def invite(alice: FlaskClient, cast: Cast, **more: str) -> str:
    page = alice.post("/team/invite", data=NINA | {"team_id": str(cast.team.id)} | more).text
    found = re.search(r'value="http://localhost(/invite/[^"]+)"', page)
    assert found, page
    return found[1]


def test_an_invitation_lets_a_rep_in_once(app: Flask, alice: FlaskClient, client: FlaskClient, cast: Cast) -> None:
    address = invite(alice, cast)
    assert "Welcome, Nina" in client.get(address).text
    assert client.post(address, data=ACCEPT).location == "/"
    assert client.get("/people").status_code == 200
    assert "This invitation is over" in app.test_client().get(address).text
    assert app.test_client().post(address, data=ACCEPT).status_code == 404


def test_the_link_is_kept_as_a_digest_only(app: Flask, alice: FlaskClient, cast: Cast) -> None:
    token = invite(alice, cast).rsplit("/", maxsplit=1)[-1]
    with app.app_context(), reading() as session:
        kept = session.execute(sa.select(Invitation)).scalar_one()
        assert token not in repr(vars(kept))
    assert token not in alice.get("/team").text


def test_an_invitation_ends_after_a_week(
    app: Flask, alice: FlaskClient, client: FlaskClient, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = invite(alice, cast)
    later = clock.now() + dt.timedelta(days=7, seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert client.get(address).status_code == 404


def test_a_second_invitation_ends_the_first(alice: FlaskClient, client: FlaskClient, cast: Cast) -> None:
    first, second = invite(alice, cast), invite(alice, cast)
    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 200


def test_an_invitation_can_be_taken_back(app: Flask, alice: FlaskClient, client: FlaskClient, cast: Cast) -> None:
    address = invite(alice, cast)
    with app.app_context(), reading() as session:
        number = session.execute(sa.select(Invitation.id)).scalar_one()
    alice.post(f"/team/invitation/{number}/withdraw")
    assert client.get(address).status_code == 404


def test_an_address_is_one_account_however_it_is_written(alice: FlaskClient, cast: Cast) -> None:
    answer = alice.post("/team/invite", data=NINA | {"email": "BOB@harborspa.example", "team_id": str(cast.team.id)})
    assert "signs in with this email already" in answer.text


def test_a_reset_link_opens_once_and_ends_old_sessions(
    alice: FlaskClient, bob: FlaskClient, client: FlaskClient, cast: Cast
) -> None:
    page = alice.post(f"/team/{cast.bob.id}/reset").text
    found = re.search(r'value="http://localhost(/reset/[^"]+)"', page)
    assert found
    assert "Your new password" in client.get(found[1]).text
    new = {"password": "seven quiet herons", "password_confirm": "seven quiet herons"}
    assert client.post(found[1], data=new).location == "/login"
    assert bob.get("/account").status_code == 302
    assert client.get(found[1]).location == "/reset"
    assert "used already" in client.get("/reset").text
    assert client.post("/login", data={"email": cast.bob.email, "password": "seven quiet herons"}).location == "/"


def test_a_closed_door_ends_sessions_and_signing_in(
    alice: FlaskClient, bob: FlaskClient, client: FlaskClient, cast: Cast
) -> None:
    alice.post(f"/team/{cast.bob.id}/deactivate")
    assert bob.get("/account").status_code == 302
    client.post("/login", data={"email": cast.bob.email, "password": PASSWORD})
    assert client.get("/account").status_code == 302
    alice.post(f"/team/{cast.bob.id}/reactivate")
    client.post("/login", data={"email": cast.bob.email, "password": PASSWORD})
    assert client.get("/account").status_code == 200


def test_the_last_manager_stays(app: Flask, alice: FlaskClient, cast: Cast) -> None:
    with app.app_context(), pytest.raises(members.LastManager), writing() as session:
        members.deactivate(session, session.get_one(User, cast.alice.id), session.get_one(User, cast.alice.id))
    answer = alice.post(f"/team/{cast.alice.id}/role/rep", follow_redirects=True)
    assert "Somebody has to manage" in answer.text
    assert alice.get("/team").status_code == 200


def test_a_rep_made_manager_sees_the_team_page(alice: FlaskClient, bob: FlaskClient, cast: Cast) -> None:
    assert bob.get("/team").status_code == 403
    alice.post(f"/team/{cast.bob.id}/role/manager")
    assert bob.get("/team").status_code == 200


@pytest.mark.parametrize("path", ["/team/invite", "/team/1/reset", "/team/1/deactivate", "/team/teams", "/settings"])
def test_a_rep_may_not_manage(bob: FlaskClient, path: str) -> None:
    assert bob.post(path).status_code == 403


def test_another_team_is_added_and_offered_for_invitations(alice: FlaskClient) -> None:
    page = alice.post("/team/teams", data={"team_name": "Massage"}, follow_redirects=True).text
    assert re.search(r'<option value="\d+">Massage</option>', page)


def test_people_of_another_organisation_are_out_of_reach(
    app: Flask, alice: FlaskClient, sign_in: Callable[[Any], FlaskClient], cast: Cast
) -> None:
    from tests import cast as makers

    with app.app_context(), writing() as session:
        elsewhere = makers.organisation(session, "Other Spa")
        other = makers.user(session, makers.team(session, elsewhere, "Desk"), "Zoe Zorn")
    for what in ("reset", "deactivate", "role/manager"):
        assert alice.post(f"/team/{other.id}/{what}").status_code == 404
    assert alice.post("/team/invite", data=NINA | {"team_id": str(other.team_id)}).status_code == 422


def test_what_managers_do_is_written_down_without_names(app: Flask, alice: FlaskClient, cast: Cast) -> None:
    invite(alice, cast)
    alice.post(f"/team/{cast.bob.id}/deactivate")
    with app.app_context(), reading() as session:
        entries = session.execute(sa.select(Audit).where(Audit.user_id == cast.alice.id)).scalars().all()
    assert [entry.action for entry in entries] == ["team.invite", "member.deactivate"]
    assert "nina" not in repr([(entry.subject, entry.detail) for entry in entries]).lower()
